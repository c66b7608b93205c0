import Foundation
import Testing
import VIMProtocol
import VIMTransport

@testable import VIMOpenStack

final class CloudFilesTests {
  private let base = NSTemporaryDirectory() + "placet-clouds-\(UUID().uuidString)"

  deinit { try? FileManager.default.removeItem(atPath: base) }

  private func folder(_ files: [String: String]) throws -> String {
    let path = base + "/\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for (name, text) in files { try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8) }
    return path
  }

  private let lab = """
    clouds:
      lab:
        auth:
          auth_url: https://keystone.lab:5000/
          username: ops
          project_name: nfv
          user_domain_name: Corp
          project_domain_id: d1
        region_name: north
        interface: internalURL
        cacert: /etc/ssl/lab.pem
        verify: false
        network_endpoint_override: https://neutron.lab
        placet: {image: guest, physical_network: physnet1}
      robot:
        auth_type: v3applicationcredential
        auth: {auth_url: "https://keystone.lab:5000/v3", application_credential_id: a1, application_credential_secret: 1234}
      bare: {auth: {auth_url: "https://x"}}
    """

  @Test func `clouds yaml is read, with its secrets from secure yaml`() throws {
    let path = try folder([
      "clouds.yaml": lab, "secure.yaml": "clouds: {lab: {auth: {password: planted-secret}}}",
    ])
    let files = CloudFiles(environment: [:], directories: ["/nowhere", path])
    #expect(try files.names() == ["bare", "lab", "robot"])
    let cloud = try files.cloud("lab")
    #expect(cloud.identity == "https://keystone.lab:5000/v3" && cloud.region == "north")
    #expect(cloud.interface == "internal" && cloud.endpoints == ["network": "https://neutron.lab"])
    #expect(cloud.tls == TLSOptions(authorities: "/etc/ssl/lab.pem", insecure: true))
    #expect(cloud.image == "guest" && cloud.physicalNetwork == "physnet1")
    guard case .password(let user, let password, let project) = cloud.credential else {
      Issue.record("\(cloud.credential)")
      return
    }
    #expect(user == OpenStackCloud.Named(name: "ops", domainName: "Corp"))
    #expect(project == OpenStackCloud.Named(name: "nfv", domainID: "d1"))
    #expect(password.reveal() == "planted-secret" && !"\(cloud)".contains("planted-secret"))

    let robot = try files.cloud("robot")
    guard case .application("a1", nil, nil, let secret) = robot.credential else {
      Issue.record("\(robot.credential)")
      return
    }
    #expect(secret.reveal() == "1234" && !robot.tls.insecure && robot.interface == "public")
  }

  @Test func `the file that the environment names goes before all others`() throws {
    let path = try folder(["mine.yaml": lab])
    let files = CloudFiles(environment: ["OS_CLIENT_CONFIG_FILE": "\(path)/mine.yaml"], directories: [])
    #expect(try files.names().count == 3)
  }

  @Test func `what is wrong is said with the file, and without a secret`() throws {
    let path = try folder(["clouds.yaml": lab])
    let files = CloudFiles(environment: [:], directories: [path])
    for (name, words) in [
      ("oslo", "has no cloud 'oslo'; it has bare, lab, robot"), ("bare", "cloud 'bare' has no username"),
      ("lab", "cloud 'lab' has no password"),
    ] {
      do {
        _ = try files.cloud(name)
        Issue.record("\(name) was read")
      } catch { #expect("\(error)".contains("\(path)/clouds.yaml") && "\(error)".hasSuffix(words)) }
    }
    let broken = try folder(["clouds.yaml": "clouds: {lab: {auth: {password: planted-secret"])
    do {
      _ = try CloudFiles(environment: [:], directories: [broken]).cloud("lab")
      Issue.record("it was read")
    } catch { #expect(!"\(error)".contains("planted-secret")) }
    #expect(throws: VIMError.self) {
      try CloudFiles(environment: [:], directories: ["/nowhere"]).cloud("lab")
    }
  }
}
