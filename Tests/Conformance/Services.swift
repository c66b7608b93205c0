import FakeVIMs
import Foundation
import NFVModel

/// Fake services of the kinds that speak HTTP, and a folder with files that know them as people write these: a
/// `clouds.yaml` (cloud `lab`), a kubeconfig (context `lab`), and what the environment says of a vCenter.
final class Services {
  static let passwords = Passwords()

  /// Texts that must be seen nowhere.
  struct Passwords {
    let openstack = "planted-openstack-3141"
    let openstackToken = "gAAAA-planted-token-8128"
    let kubernetes = "planted-kubernetes-2718"
    let vsphere = "planted-vsphere-1618"
    let vsphereCookie = "planted-cookie-5150"
    let plugin = "planted-plugin-1414"

    var all: [String] { [openstack, openstackToken, kubernetes, vsphere, vsphereCookie, plugin] }
  }

  let openstack = FakeOpenStack(password: passwords.openstack)
  let kubernetes = FakeKubernetes(token: passwords.kubernetes)
  let vsphere: FakeVCenter
  private var servers: [String: LoopbackServer] = [:]

  /// - Parameter identity: the certificate that all of them show; nil for plain HTTP.
  init(as identity: String? = nil) async throws {
    vsphere = try FakeVCenter(
      password: Self.passwords.vsphere,
      recordings: try ["inventory", "life"].map {
        try JSONValue.parse(Array(Cases.text("Tests/VIMVSphereTests/recordings/\($0).json").utf8))
      })
    let shown = identity.map {
      LoopbackServer.Identity(certificate: Self.certificate($0), key: Self.certificate($0, "key"))
    }
    servers["openstack"] = try await LoopbackServer.start(openstack, as: shown)
    servers["kubernetes"] = try await LoopbackServer.start(kubernetes, as: shown)
    servers["vsphere"] = try await LoopbackServer.start(vsphere, as: shown)
  }

  deinit { for server in servers.values { server.stop() } }

  func server(_ kind: String) throws -> LoopbackServer {
    guard let server = servers[kind] else { throw CocoaError(.featureUnsupported) }
    return server
  }

  /// `http://127.0.0.1:49152`.
  func origin(_ kind: String) -> String { servers[kind]?.origin ?? "" }

  static func certificate(_ name: String, _ kind: String = "pem") -> String {
    Cases.root.appendingPathComponent("Tests/FakeVIMs/certificates/\(name).\(kind)").path
  }

  /// How a VIM of each kind is told whom to trust.
  struct Trust {
    /// `cacert`, `certificate-authority`, `VSPHERE_CA`.
    var authority: String?
    /// `verify: false`, `insecure-skip-tls-verify: true`.
    var isWaived = false
  }

  /// Writes the files that name the services.
  func write(to folder: URL, trusting trust: Trust = Trust()) throws {
    let cacert = trust.authority.map { "\n    cacert: \($0)" } ?? ""
    let verify = trust.isWaived ? "\n    verify: false" : ""
    try """
    clouds:
      lab:
        auth:
          auth_url: \(origin("openstack"))/identity/v3
          username: ops
          project_name: nfv
          user_domain_name: Default
          project_domain_name: Default
        region_name: lab
        placet: {image: guest}\(cacert)\(verify)

    """.write(to: folder.appendingPathComponent("clouds.yaml"), atomically: true, encoding: .utf8)
    try "clouds: {lab: {auth: {password: \(Self.passwords.openstack)}}}\n"
      .write(to: folder.appendingPathComponent("secure.yaml"), atomically: true, encoding: .utf8)
    let authority = trust.authority.map { ", certificate-authority: \"\($0)\"" } ?? ""
    let skip = trust.isWaived ? ", insecure-skip-tls-verify: true" : ""
    try """
    apiVersion: v1
    kind: Config
    current-context: lab
    clusters: [{name: c, cluster: {server: "\(origin("kubernetes"))"\(authority)\(skip)}}]
    users: [{name: u, user: {token: \(Self.passwords.kubernetes)}}]
    contexts: [{name: lab, context: {cluster: c, user: u}}]

    """.write(to: folder.appendingPathComponent("kubeconfig"), atomically: true, encoding: .utf8)
  }

  /// What a shell knows of the services, beside the files.
  func environment(trusting trust: Trust = Trust()) -> [String: String] {
    var environment = [
      "KUBECONFIG": "kubeconfig", "VSPHERE_USER": "placet", "VSPHERE_PASSWORD": Self.passwords.vsphere,
      "VCENTER": origin("vsphere"), "PLACET_PLUGIN_FAKE_PASSWORD": Self.passwords.plugin,
      "PLACET_PLUGIN_PATH": Cases.root.appendingPathComponent("Tests/VIMPluginTests/plugins").path,
    ]
    environment["VSPHERE_CA"] = trust.authority
    return environment
  }

  /// Lets a session change the services: each looks before each answer into a file of the folder, `openstack.does` or
  /// `kubernetes.does`, for a line of words: `full`, `lost`, `version 2.60`.
  func obey(_ folder: URL) {
    @Sendable func words(_ kind: String) -> [String] {
      let file = folder.appendingPathComponent("\(kind).does")
      let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
      return text.split { $0 == " " || $0 == "\n" }.map(String.init)
    }
    let (openstack, kubernetes) = (openstack, kubernetes)
    openstack.change { behaviour in
      behaviour.onRequest = { [unowned openstack] in
        let words = words("openstack")
        if words.first == "lost" { openstack.loseServers() }
        openstack.change { behaviour in
          behaviour.isFull = words.first == "full"
          behaviour.compute = words.first == "version" ? words[1] : "2.93"
        }
      }
    }
    kubernetes.change { behaviour in
      behaviour.onRequest = { [unowned kubernetes] in
        let words = words("kubernetes")
        if words.first == "lost" { kubernetes.losePods() }
        kubernetes.change { behaviour in
          behaviour.isFull = words.first == "full"
          behaviour.version = words.first == "version" ? words[1] : "v1.27.3"
        }
      }
    }
  }

  /// As `placet vim` names the one of a kind.
  func address(_ kind: String) -> String { kind == "vsphere" ? "vsphere:\(origin(kind))" : "\(kind):lab" }
}
