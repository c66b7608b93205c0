import Foundation
import Testing
import VIMKubernetes
import VIMProtocol
import VIMTransport

/// Kubeconfig files, read as kubectl reads them.
@Suite struct KubeconfigTests {
  private func load(_ texts: [String], context: String? = nil) throws -> Kubeconfig {
    let folder = FileManager.default.temporaryDirectory.appending(path: "placet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data("-----BEGIN CERTIFICATE-----\n".utf8).write(to: folder.appending(path: "ca.pem"))
    var paths: [String] = []
    for (index, text) in texts.enumerated() {
      let file = folder.appending(path: "config-\(index)")
      try Data(text.utf8).write(to: file)
      paths.append(file.path)
    }
    return try Kubeconfig.load(context: context, paths: paths)
  }

  private static func file(user: String = "token: s3cret", cluster: String = "", context: String = "")
    -> String
  {
    """
    apiVersion: v1
    kind: Config
    current-context: lab
    clusters: [{name: c, cluster: {server: "https://10.0.0.1:6443/"\(cluster)}}]
    users: [{name: u, user: {\(user)}}]
    contexts: [{name: lab, context: {cluster: c, user: u\(context)}}, {name: broken, context: {cluster: nowhere}}]
    """
  }

  @Test func `a context says where, who and in which namespace`() throws {
    let config = try load([
      Self.file(cluster: ", certificate-authority: ca.pem", context: ", namespace: core")
    ])
    #expect(config.context == "lab" && config.server == "https://10.0.0.1:6443" && config.namespace == "core")
    #expect(config.tls.authorities?.hasSuffix("/ca.pem") == true && !config.tls.insecure)
    guard case .token(let token) = config.credential else { Issue.record("no token"); return }
    #expect(token.reveal() == "s3cret")
    #expect(!"\(config)".contains("s3cret"))
  }

  @Test func `certificates may stand in the file`() throws {
    let pem = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"
    let data = Data(pem.utf8).base64EncodedString()
    let config = try load([
      Self.file(
        user: "client-certificate-data: \(data), client-key-data: \(data)",
        cluster: ", certificate-authority-data: \(data)")
    ])
    #expect(config.tls.authoritiesPEM == pem && config.tls.certificate == pem && config.tls.key == pem)
  }

  @Test func `of several files the first that has a name defines it`() throws {
    let second = Self.file(user: "token: other").replacing("10.0.0.1", with: "10.0.0.2").replacing(
      "lab", with: "lab2")
    let config = try load([Self.file(), second], context: "lab2")
    #expect(config.server == "https://10.0.0.1:6443")
    #expect(try load([Self.file(), second]).context == "lab")
  }

  @Test func `insecure is what was said`() throws {
    #expect(try load([Self.file(cluster: ", insecure-skip-tls-verify: true")]).tls.insecure)
    #expect(try !load([Self.file(cluster: ", insecure-skip-tls-verify: false")]).tls.insecure)
  }

  @Test(arguments: [
    ("exec: {command: aws, args: [s3cret]}", "not run here"),
    ("auth-provider: {name: gcp}", "gone from Kubernetes"),
    ("username: u, password: s3cret", "no user name and password"), ("as: root", "'as' is not known"),
    ("client-certificate: ca.pem", "goes with its key"), ("client-key: nothing.pem", "cannot be read"),
    ("client-certificate-data: s3cret!", "no PEM"),
  ])
  func `credentials that are not known here are refused in words`(_ user: String, _ words: String) async {
    let error = await refused { _ = try load([Self.file(user: user)]) }
    let text = "\(error.map(String.init(describing:)) ?? "")"
    #expect(text.contains(words) && text.contains("config-0") && !text.contains("s3cret"), "\(text)")
  }

  @Test(arguments: [
    ("clusters: [s3cret: {", "not YAML"), ("[]", "expected clusters"), ("kind: Config", "no current context"),
    ("current-context: x", "no context is called 'x'; there is none"),
    ("users: [{user: {token: s3cret}}]", "has no name"),
  ])
  func `files that make no sense are named`(_ text: String, _ words: String) async {
    let error = await refused { _ = try load([text]) }
    let said = "\(error.map(String.init(describing:)) ?? "")"
    #expect(said.contains(words) && said.contains("config-0") && !said.contains("s3cret"), "\(said)")
  }

  @Test func `contexts that lead nowhere are named`() async {
    let broken = await refused { _ = try load([Self.file()], context: "broken") }
    #expect("\(broken.map(String.init(describing:)) ?? "")".contains("names no cluster"))
    let absent = await refused { _ = try load([Self.file()], context: "prod") }
    #expect(
      "\(absent.map(String.init(describing:)) ?? "")".contains(
        "no context is called 'prod'; there is broken, lab"))
    let gone = await refused { _ = try Kubeconfig.load(context: nil, paths: ["/nowhere/config"]) }
    #expect(gone?.reason == .notFound)
  }

  @Test func `KUBECONFIG names files, and the home folder has one`() {
    #expect(Kubeconfig.paths(environment: ["KUBECONFIG": "/a:/b", "HOME": "/root"]) == ["/a", "/b"])
    #expect(Kubeconfig.paths(environment: ["HOME": "/h"]) == ["/h/.kube/config"])
  }
}
