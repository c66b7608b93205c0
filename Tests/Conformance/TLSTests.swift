import FakeVIMs
import Foundation
import Testing

/// Whom the back ends that speak HTTP trust: real sockets, real certificates, the executable as people call it.
@Suite struct TLSTests {
  static let kinds = ["openstack", "kubernetes", "vsphere"]

  private struct Probe {
    var run: Executable.Run
    /// What the service was asked.
    var calls: [String]
  }

  /// Probes the VIM of a kind whose service shows a certificate.
  private func probe(
    _ kind: String, showing identity: String, trusting trust: Services.Trust = Services.Trust(),
    _ options: String = ""
  ) async throws -> Probe {
    let services = try await Services(as: identity)
    let folder = try Executable.folder(with: [])
    defer { try? FileManager.default.removeItem(at: folder) }
    try services.write(to: folder, trusting: trust)
    let run = try await Executable.session(
      "placet vim probe '\(services.address(kind))' \(options)", in: folder,
      environment: services.environment(trusting: trust))
    return Probe(run: run, calls: try services.server(kind).calls)
  }

  private static let trusted = Services.Trust(authority: Services.certificate("ca"))

  /// Refused with the VIM, the call, the place and what to do; nothing was said to whoever is there.
  private func expectRefused(_ probe: Probe, _ kind: String, _ because: String) {
    let (vim, call) =
      switch kind {
      case "openstack": ("lab", "POST /v3/auth/tokens")
      case "kubernetes": ("lab", "GET /version")
      default: ("127.0.0.1", "RetrieveServiceContent")
      }
    #expect(probe.run.status == 5)
    #expect(probe.run.text.hasPrefix("error[V0401]: vim \(vim), \(call): unauthorised: https://127.0.0.1:"))
    #expect(probe.run.text.contains(because))
    #expect(probe.run.text.split(separator: "\n").count == 1)
    #expect(probe.calls == [])
  }

  @Test(arguments: kinds)
  func `who signs for himself is refused before anything is said to him`(_ kind: String) async throws {
    let probe = try await probe(kind, showing: "alone")
    expectRefused(probe, kind, "the certificate is not trusted")
  }

  @Test(arguments: kinds)
  func `an authority that only others trust is refused`(_ kind: String) async throws {
    expectRefused(try await probe(kind, showing: "good"), kind, "the certificate is not trusted")
  }

  @Test(arguments: kinds)
  func `a private authority is trusted where the VIM's own file or variable names it`(_ kind: String)
    async throws
  {
    let probe = try await probe(kind, showing: "good", trusting: Self.trusted)
    #expect(probe.run.status == 0, "\(probe.run.text)")
    #expect(!probe.calls.isEmpty)
  }

  @Test(arguments: kinds)
  func `a certificate of another name is refused, and says so`(_ kind: String) async throws {
    let probe = try await probe(kind, showing: "elsewhere", trusting: Self.trusted)
    expectRefused(probe, kind, "the certificate is of another name")
  }

  @Test(arguments: kinds)
  func `a certificate that has expired is refused`(_ kind: String) async throws {
    let probe = try await probe(kind, showing: "expired", trusting: Self.trusted)
    expectRefused(probe, kind, "the certificate is not trusted")
  }

  @Test(arguments: kinds, ["alone", "elsewhere", "expired"])
  func `only who says insecure in so many words goes without`(_ kind: String, _ identity: String) async throws
  {
    let probe = try await probe(kind, showing: identity, "--insecure")
    #expect(probe.run.status == 0, "\(probe.run.text)")
  }

  @Test(arguments: ["openstack", "kubernetes"])
  func `a file of the VIM's own world may say insecure too`(_ kind: String) async throws {
    let probe = try await probe(kind, showing: "alone", trusting: Services.Trust(isWaived: true))
    #expect(probe.run.status == 0, "\(probe.run.text)")
  }

  @Test(arguments: kinds)
  func `an authority that is not there is told, and nobody else is trusted for it`(_ kind: String)
    async throws
  {
    let probe = try await probe(
      kind, showing: "good", trusting: Services.Trust(authority: "/nowhere/ca.pem"))
    #expect(probe.run.status == 5)
    #expect(probe.run.text.contains("/nowhere/ca.pem"), "\(probe.run.text)")
    #expect(probe.calls == [])
  }
}
