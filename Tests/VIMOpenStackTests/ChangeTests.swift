import NFVModel
import Testing
import VIMProtocol
import VIMTransport

@testable import VIMOpenStack

struct ChangeTests {
  private let web = PlacedInstance(
    "svc.web[0]", vim: "sto", host: "h1", demand: ["memory": 1 << 30], attributes: ["vnf.cpu": .int(2)])

  /// Moves a server from h1 to h2, where Nova breaks off, and tells how that was refused.
  /// - Parameter body: what Nova answers with status 500, after it did what it did.
  private func refusal(
    of nova: FakeNova, _ body: JSONValue, after edit: @escaping @Sendable (inout FakeNova.World) -> Void
  ) async throws -> VIMError? {
    let vim = nova.vim
    let made = try await vim.create(web, as: EffectToken("c"))
    nova.fake.on("POST", "/v2.1/servers/\(made.handle)/metadata", 200, [:])
    nova.fake.on { request in
      guard request.method == "POST", FakeCloud.path(request).hasSuffix("/action") else { return nil }
      nova.edit(edit)
      return FakeCloud.answer(500, body)
    }
    var there = web
    there.host = "h2"
    do throws(VIMError) {
      _ = try await vim.migrate(made.handle, from: web, to: there, as: EffectToken("m"))
      return nil
    } catch {
      return error
    }
  }

  @Test func `a live move that nova breaks off is refused by name, and the server is where it was`()
    async throws
  {
    let nova = FakeNova()
    let error = try await refusal(
      of: nova, ["computeFault": ["code": 500, "message": "Unexpected API Error.\nTraceback"]]
    ) { _ in }
    #expect(
      error
        == .rejected(
          .conflict,
          "vim sto, POST /servers/s1/action: it was not moved live to h2, it is still on h1: Unexpected API Error."
        ))
    #expect(nova.fake.calls("POST", "/v2.1/servers/s1/metadata").isEmpty)
  }

  @Test func `a move that nova broke off and did all the same is done`() async throws {
    let nova = FakeNova()
    let error = try await refusal(of: nova, [:]) { $0.servers["s1"]?["OS-EXT-SRV-ATTR:host"] = "h2" }
    #expect(error == nil)
    #expect(nova.fake.calls("POST", "/v2.1/servers/s1/action").count == 1)
    #expect(nova.fake.calls("POST", "/v2.1/servers/s1/metadata").count == 1)
  }
}
