import Foundation
package import VIMTransport
package import VIMProtocol
import Yams

/// One context of a kubeconfig, ready to connect with: files are named, secrets are kept as such.
package struct Kubeconfig: Sendable {
  /// The context's name.
  package let context: String
  /// `https://10.0.0.1:6443`, no slash at the end.
  package let server: String
  /// What the context says; nil where it says none.
  package let namespace: String?
  package var tls: TLSOptions
  package let credential: Credential

  package enum Credential: Sendable {
    /// A client certificate alone, or nothing.
    case none
    case token(Secret)
    /// Read anew for each request: whoever writes the file renews it.
    case tokenFile(String)
  }

  package init(context: String, server: String, namespace: String?, tls: TLSOptions, credential: Credential) {
    self.context = context
    self.server = server
    self.namespace = namespace
    self.tls = tls
    self.credential = credential
  }

  /// The files that `KUBECONFIG` names, else `~/.kube/config`.
  package static func paths(environment: [String: String]) -> [String] {
    let named = environment["KUBECONFIG"]?.split(separator: ":").map(String.init) ?? []
    return named.isEmpty ? ["\(environment["HOME"] ?? "~")/.kube/config"] : named
  }

  /// Reads a context as kubectl does: of several files the first that has a name defines it, relative paths start at
  /// the file that they stand in, a file of several that is not there is passed over.
  ///
  /// - Parameter context: nil takes the current context.
  /// - Throws: a rejection that names the file and what is wrong with it; it holds no secret.
  package static func load(context: String?, paths: [String]) throws(VIMError) -> Kubeconfig {
    var merged = Merged()
    var read = 0
    for path in paths {
      guard let data = FileManager.default.contents(atPath: path) else {
        if paths.count > 1 { continue }
        throw .rejected(.notFound, "kubeconfig \(path): there is no such file, or it cannot be read")
      }
      read += 1
      try merged.add(String(decoding: data, as: UTF8.self), path: path)
    }
    guard read > 0 else {
      throw .rejected(.notFound, "kubeconfig: none of \(paths.joined(separator: ", ")) can be read")
    }
    return try merged.context(context)
  }
}

/// Clusters, users and contexts of all files.
private struct Merged {
  struct Entry {
    let fields: KubeconfigFields
    let file: String
  }

  var clusters: [String: Entry] = [:]
  var users: [String: Entry] = [:]
  var contexts: [String: Entry] = [:]
  var current: String?
  var files: [String] = []

  mutating func add(_ text: String, path: String) throws(VIMError) {
    files.append(path)
    let root: Node?
    do { root = try Yams.compose(yaml: text) } catch {
      // The library quotes the line, which may hold a token.
      var place = ""
      if case .parser(_, _, let mark, _)? = error as? YamlError { place = ", line \(mark.line)" }
      throw .rejected(.invalid("kubeconfig"), "kubeconfig \(path)\(place): this is not YAML")
    }
    guard let root else { return }
    guard root.mapping != nil else {
      throw .rejected(.invalid("kubeconfig"), "kubeconfig \(path): expected clusters, users and contexts")
    }
    if current == nil, let name = root["current-context"]?.string, !name.isEmpty { current = name }
    try add(root["clusters"], of: "cluster", to: &clusters, path)
    try add(root["users"], of: "user", to: &users, path)
    try add(root["contexts"], of: "context", to: &contexts, path)
  }

  private func add(
    _ list: Node?, of kind: String, to entries: inout [String: Entry], _ path: String
  ) throws(VIMError) {
    for item in list?.sequence ?? [] {
      guard let name = item["name"]?.string else {
        throw .rejected(.invalid("kubeconfig"), "kubeconfig \(path): a \(kind) has no name")
      }
      if entries[name] == nil {
        entries[name] = Entry(fields: KubeconfigFields(item[kind]), file: path)
      }
    }
  }

  func context(_ wanted: String?) throws(VIMError) -> Kubeconfig {
    let place = "kubeconfig \(files.joined(separator: ", "))"
    guard let name = wanted ?? current else {
      throw .rejected(.invalid("context"), "\(place): no current context; name one")
    }
    guard let context = contexts[name] else {
      let known = contexts.keys.sorted().joined(separator: ", ")
      throw .rejected(
        .invalid("context"),
        "\(place): no context is called '\(name)'; there is \(known.isEmpty ? "none" : known)")
    }
    guard let clusterName = context.fields["cluster"], let cluster = clusters[clusterName] else {
      throw .rejected(.invalid("cluster"), "\(place): context '\(name)' names no cluster that is there")
    }
    let user = context.fields["user"].flatMap { users[$0] }
    if let userName = context.fields["user"], user == nil {
      throw .rejected(
        .invalid("user"), "\(place): context '\(name)' names user '\(userName)', who is not there")
    }
    guard let server = cluster.fields["server"], server.hasPrefix("https://") || server.hasPrefix("http://")
    else {
      throw .rejected(.invalid("server"), "\(place): cluster '\(clusterName)' has no server address")
    }
    try refuse(cluster, ["proxy-url", "tls-server-name"], "cluster '\(clusterName)'")
    if let user {
      try refuse(
        user, ["exec", "auth-provider", "username", "as", "as-groups", "as-uid", "as-user-extra"],
        "user '\(context.fields["user"] ?? "")'")
    }
    return Kubeconfig(
      context: name, server: server.hasSuffix("/") ? String(server.dropLast()) : server,
      namespace: context.fields["namespace"], tls: try tls(cluster, user), credential: credential(user))
  }

  /// What would be silently left out is refused.
  private func refuse(_ entry: Entry, _ keys: [String], _ owner: String) throws(VIMError) {
    for key in keys where entry.fields.has(key) {
      let why =
        switch key {
        case "exec":
          "its credentials come from a program (exec), which is not run here; use a token, a token file or a client"
            + " certificate"
        case "auth-provider":
          "auth-provider is gone from Kubernetes since 1.26; use a token or a client certificate"
        case "username":
          "Kubernetes takes no user name and password since 1.19; use a token or a client certificate"
        default: "'\(key)' is not known here"
        }
      throw .rejected(.unsupported, "kubeconfig \(entry.file), \(owner): \(why)")
    }
  }

  private func credential(_ user: Entry?) -> Kubeconfig.Credential {
    guard let user else { return .none }
    // The file goes before the text, as kubectl has it.
    if let file = user.fields["tokenFile"] { return .tokenFile(absolute(file, user.file)) }
    if let token = user.fields["token"] { return .token(Secret(token)) }
    return .none
  }

  private func tls(_ cluster: Entry, _ user: Entry?) throws(VIMError) -> TLSOptions {
    var options = TLSOptions(insecure: cluster.fields["insecure-skip-tls-verify"] == "true")
    if let data = cluster.fields["certificate-authority-data"] {
      options.authoritiesPEM = try pem(data, "certificate-authority-data", cluster.file)
    } else {
      options.authorities = try file("certificate-authority", of: cluster)
    }
    guard let user else { return options }
    options.certificate = try text("client-certificate", of: user)
    options.key = try text("client-key", of: user)
    if (options.certificate == nil) != (options.key == nil) {
      throw .rejected(
        .invalid("client-certificate"), "kubeconfig \(user.file): a client certificate goes with its key")
    }
    return options
  }

  /// The text of `KEY-data`, or the path that `KEY` gives.
  private func text(_ key: String, of entry: Entry) throws(VIMError) -> String? {
    if let data = entry.fields["\(key)-data"] { return try pem(data, "\(key)-data", entry.file) }
    return try file(key, of: entry)
  }

  private func file(_ key: String, of entry: Entry) throws(VIMError) -> String? {
    guard let given = entry.fields[key] else { return nil }
    let path = absolute(given, entry.file)
    guard FileManager.default.isReadableFile(atPath: path) else {
      throw .rejected(.invalid(key), "kubeconfig \(entry.file): \(key) \(path) cannot be read")
    }
    return path
  }

  private func pem(_ base64: String, _ key: String, _ path: String) throws(VIMError) -> String {
    guard let data = Data(base64Encoded: base64, options: .ignoreUnknownCharacters),
      data.starts(with: Data("-----BEGIN".utf8))
    else { throw .rejected(.invalid(key), "kubeconfig \(path): \(key) is no PEM in base64") }
    return String(decoding: data, as: UTF8.self)
  }

  private func absolute(_ file: String, _ config: String) -> String {
    if file.hasPrefix("/") { return file }
    let folder = (config as NSString).deletingLastPathComponent
    return folder.isEmpty ? file : "\(folder)/\(file)"
  }
}

/// The fields of one cluster, user or context: text, less what is empty.
private struct KubeconfigFields {
  private var texts: [String: String] = [:]
  private var keys: Set<String> = []

  init(_ node: Node?) {
    guard let pairs = node?.mapping else { return }
    for (key, value) in pairs {
      guard let key = key.string else { continue }
      if let text = value.scalar?.string {
        if text.isEmpty || text == "null" || text == "~" { continue }
        texts[key] = text
      }
      keys.insert(key)
    }
  }

  subscript(_ key: String) -> String? { texts[key] }
  func has(_ key: String) -> Bool { keys.contains(key) }
}
