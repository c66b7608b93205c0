import Descriptors
import NFVModel
import Testing
import VIMKubernetes
import VIMProtocol

/// Against a real API server, scheduler and controller manager.
@Suite(.enabled(if: Bed.isUp, Bed.why), .serialized) struct LiveTests {
  @Test func `the cluster lets us in and shows its nodes`() async throws {
    let vim = try Bed.vim("t-look")
    try await vim.probe()
    #expect(vim.describe().version.hasPrefix("v1."))
    let hosts = try await vim.inventory().entities.filter { $0.id.kind == "host" }
    let n0 = try #require(hosts.first { $0.id.name == "n0" })
    #expect(n0["cores"] == .int(16))
    #expect(n0["memory"] == .amount("80 GiB"))
  }

  @Test func `an instance is made once for its token, on its node, and leaves nothing behind`() async throws {
    let vim = try Bed.vim("t-once")
    let (spec, token) = (Sample.small("web.front[0]", on: "n1"), EffectToken("r1-1-create-1"))
    #expect(try await vim.validate(spec) == [])
    let made = try await vim.create(spec, as: token)
    let again = try await vim.create(spec, as: token)
    #expect(made == again)
    #expect(try await vim.find(token) == made)
    #expect(try await vim.find(EffectToken("r1-1-create-2")) == nil)
    let pod = try await Bed.ask("GET", "/api/v1/namespaces/t-once/pods")
    let pods = try #require(pod.body["items"]?.arrayValue)
    #expect(pods.count == 1)
    #expect(pods.first?["status"]?["qosClass"] == "Guaranteed")
    #expect(pods.first?["spec"]?["nodeName"] == "n1")
    try await running(vim, made.handle, on: "n1")
    let gone = try await vim.delete(made.handle, spec: spec, as: EffectToken("r1-2-delete-1"))
    #expect(gone.undo == .create(spec))
    let twice = try await vim.delete(made.handle, spec: spec, as: EffectToken("r1-2-delete-1"))
    #expect(twice.undo == .none)
    #expect(try await vim.observe([made.handle]).map(\.status) == [.missing])
    let space = try await Bed.ask("GET", "/api/v1/namespaces/t-once")
    #expect(space.status == 404 || space.body["metadata"]?["deletionTimestamp"] != nil)
  }

  private func running(_ vim: KubernetesVIM, _ handle: ResourceHandle, on host: String) async throws {
    for _ in 0..<50 {
      let seen = try await vim.observe([handle])
      if seen.first?.status == .running {
        #expect(seen.first?.host == host)
        return
      }
      try await Task.sleep(for: .milliseconds(100))
    }
    Issue.record("\(handle) does not run")
  }
}
