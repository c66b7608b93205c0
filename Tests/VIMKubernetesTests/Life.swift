import NFVModel
import Testing
import VIMKubernetes
import VIMProtocol

/// One whole life of two instances on a real cluster, as it is recorded and replayed.
enum Life {
  static func play(_ vim: KubernetesVIM) async throws {
    try await vim.probe()
    #expect(vim.describe().version == "v1.20.2")
    #expect(vim.describe().capabilities.offers(.fixedMAC))

    let before = try await vim.inventory()
    let nodes = before.entities.filter { $0.id.kind == "host" }
    #expect(nodes.count == 6)
    #expect(before.entities.filter { $0.id.kind == "cell" && $0.parent?.name == "n0" }.count == 2)

    let (front, plane) = (Sample.small("web.front[0]", on: "n1"), Sample.dataPlane("core.upf[0]", on: "n0"))
    #expect(try await vim.validate(plane) == [])
    let first = try await vim.create(front, as: EffectToken("life-1"))
    let second = try await vim.create(plane, as: EffectToken("life-2"))
    #expect(try await vim.create(plane, as: EffectToken("life-2")) == second)
    #expect(try await vim.find(EffectToken("life-1")) == first)

    var statuses: [ObservedResource] = []
    for _ in 0..<30_000 {
      statuses = try await vim.observe([first.handle, second.handle])
      if statuses.allSatisfy({ $0.status == .running }) { break }
      try await Task.sleep(for: .milliseconds(20))
    }
    #expect(statuses.map(\.status) == [.running, .running])
    #expect(statuses.map(\.host) == ["n1", "n0"])
    // What is ours is free for us.
    #expect(try await vim.inventory().entities == before.entities)
    let strangers = try await vim.strangers(besides: [first.handle])
    #expect(
      strangers.contains { $0.handle == second.handle } && !strangers.contains { $0.handle == first.handle })

    // A second one of the group finds no room beside the first, and is withdrawn.
    let twin = Sample.dataPlane("core.upf[1]", on: "n0")
    let crowded = await refused { _ = try await vim.create(twin, as: EffectToken("life-3")) }
    #expect(
      crowded?.isRejection == true && crowded?.reason == .noCapacity("node"),
      "\(crowded.map(String.init(describing:)) ?? "")")
    #expect(try await vim.find(EffectToken("life-3")) == nil)

    #expect(try await vim.delete(first.handle, spec: front, as: EffectToken("life-4")).undo == .create(front))
    #expect(
      try await vim.delete(second.handle, spec: plane, as: EffectToken("life-5")).undo == .create(plane))
    #expect(try await vim.observe([first.handle, second.handle]).map(\.status) == [.missing, .missing])
  }
}
