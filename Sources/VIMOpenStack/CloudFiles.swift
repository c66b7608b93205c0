import Foundation
package import VIMProtocol
import VIMTransport
import Yams

/// Finds a cloud in `clouds.yaml` and its secrets in `secure.yaml`, where OpenStack's own clients look: the file that
/// `OS_CLIENT_CONFIG_FILE` names, else the present directory, `~/.config/openstack`, `/etc/openstack`.
package struct CloudFiles: Sendable {
  private let environment: [String: String]
  private let directories: [String]

  package init(environment: [String: String], directories: [String]) {
    self.environment = environment
    self.directories = directories
  }

  /// Of this process.
  package static var standard: CloudFiles {
    let environment = ProcessInfo.processInfo.environment
    let home = environment["HOME"] ?? NSHomeDirectory()
    let configuration = environment["XDG_CONFIG_HOME"] ?? "\(home)/.config"
    return CloudFiles(
      environment: environment, directories: [".", "\(configuration)/openstack", "/etc/openstack"])
  }

  /// The names of all clouds, sorted; empty where there is no file.
  package func names() throws(VIMError) -> [String] {
    guard let file = try file("clouds", variable: "OS_CLIENT_CONFIG_FILE") else { return [] }
    return file.clouds.keys.sorted()
  }

  package func cloud(_ name: String) throws(VIMError) -> OpenStackCloud {
    guard let file = try file("clouds", variable: "OS_CLIENT_CONFIG_FILE") else {
      let places = directories.map { "\($0)/clouds.yaml" }.joined(separator: ", ")
      throw .rejected(.notFound, "vim \(name): there is no clouds.yaml; looked for \(places)")
    }
    guard var fields = file.clouds[name] else {
      let known = file.clouds.keys.sorted().joined(separator: ", ")
      throw .rejected(.notFound, "vim \(name): \(file.path) has no cloud '\(name)'; it has \(known)")
    }
    if let secure = try self.file("secure", variable: "OS_CLIENT_SECURE_FILE")?.clouds[name] {
      fields = Self.merged(fields, with: secure)
    }
    return try CloudReader(name: name, path: file.path, fields: fields).cloud()
  }

  private func file(_ stem: String, variable: String) throws(VIMError)
    -> (path: String, clouds: [String: [String: Any]])?
  {
    var candidates = directories.flatMap { ["\($0)/\(stem).yaml", "\($0)/\(stem).yml"] }
    if let named = environment[variable], !named.isEmpty { candidates = [named] }
    guard let path = candidates.first(where: { FileManager.default.isReadableFile(atPath: $0) }) else {
      return nil
    }
    let document: Any?
    do {
      document = try Yams.load(yaml: try String(contentsOfFile: path, encoding: .utf8))
    } catch {
      // The parser's message may quote a line that holds a secret.
      throw .rejected(.invalid("file"), "\(path) is no YAML that can be read")
    }
    guard let clouds = (document as? [String: Any])?["clouds"] as? [String: Any] else {
      throw .rejected(.invalid("file"), "\(path) has no 'clouds'")
    }
    return (path, clouds.compactMapValues { $0 as? [String: Any] })
  }

  private static func merged(_ base: [String: Any], with over: [String: Any]) -> [String: Any] {
    base.merging(over) { old, new in
      guard let old = old as? [String: Any], let new = new as? [String: Any] else { return new }
      return merged(old, with: new)
    }
  }
}

/// Reads one entry of `clouds`.
private struct CloudReader {
  let name: String
  let path: String
  let fields: [String: Any]

  private var auth: [String: Any] { fields["auth"] as? [String: Any] ?? [:] }

  /// Yams reads `password: 1234` as a number.
  private func text(_ value: Any?) -> String? {
    switch value {
    case let text as String: text
    case let flag as Bool: flag ? "true" : "false"
    case let number as Int: String(number)
    default: nil
    }
  }

  private func wrong(_ what: String) -> VIMError {
    .rejected(.invalid(what), "\(path): cloud '\(name)' \(what)")
  }

  private func secret(_ key: String) throws(VIMError) -> Secret {
    guard let value = text(auth[key]) else { throw wrong("has no \(key)") }
    return Secret(value)
  }

  func cloud() throws(VIMError) -> OpenStackCloud {
    guard var identity = text(auth["auth_url"]) else { throw wrong("has no auth_url") }
    while identity.hasSuffix("/") { identity.removeLast() }
    if identity.hasSuffix("/v2.0") { throw wrong("has an auth_url of Keystone v2; v3 is needed") }
    if !identity.hasSuffix("/v3") { identity += "/v3" }
    var cloud = OpenStackCloud(name: name, identity: identity, credential: try credential())
    cloud.region =
      text(fields["region_name"])
      ?? ((fields["regions"] as? [Any])?.first).flatMap {
        text($0) ?? text(($0 as? [String: Any])?["name"])
      }
    let interface = text(fields["interface"]) ?? text(fields["endpoint_type"]) ?? "public"
    cloud.interface = interface.hasSuffix("URL") ? String(interface.dropLast(3)) : interface
    for type in ["compute", "placement", "image", "network"] {
      cloud.endpoints[type] = text(fields["\(type)_endpoint_override"])
    }
    cloud.tls.authorities = text(fields["cacert"])
    cloud.tls.certificate = text(fields["cert"])
    cloud.tls.key = text(fields["key"])
    cloud.tls.insecure = (fields["verify"] as? Bool) == false
    let own = fields["placet"] as? [String: Any]
    cloud.image = text(own?["image"])
    cloud.physicalNetwork = text(own?["physical_network"])
    return cloud
  }

  private func credential() throws(VIMError) -> OpenStackCloud.Credential {
    let kind =
      text(fields["auth_type"]) ?? (auth["application_credential_secret"] == nil ? "password" : "app")
    switch kind {
    case "password", "v3password":
      let user = named("user", name: text(auth["username"]) ?? text(auth["user_name"]))
      guard let user else { throw wrong("has no username") }
      let project = named("project", name: text(auth["project_name"]) ?? text(auth["tenant_name"]))
      guard let project else { throw wrong("has no project_name") }
      return .password(user: user, password: try secret("password"), project: project)
    case "v3applicationcredential", "app":
      let secret = try secret("application_credential_secret")
      let (id, name) = (text(auth["application_credential_id"]), text(auth["application_credential_name"]))
      guard id != nil || name != nil else { throw wrong("has no application_credential_id") }
      return .application(
        id: id, name: name, user: named("user", name: text(auth["username"])), secret: secret)
    default: throw wrong("has auth_type '\(kind)'; password and v3applicationcredential are known")
    }
  }

  private func named(_ what: String, name: String?) -> OpenStackCloud.Named? {
    let id = text(auth["\(what)_id"])
    guard id != nil || name != nil else { return nil }
    return OpenStackCloud.Named(
      id: id, name: name, domainID: text(auth["\(what)_domain_id"]) ?? text(auth["domain_id"]),
      domainName: text(auth["\(what)_domain_name"]) ?? text(auth["domain_name"]))
  }
}
