import Foundation
import NFVModel
import Testing
import VIMPlugin
import VIMProtocol

@Suite(.enabled(if: FakePlugin.isRunnable, "python3 is not there"))
struct PluginVIMTests {
  @Test func `a plug-in says who it is, what it has, and what it can do`() async throws {
    let vim = try await FakePlugin().connect()
    let description = vim.describe()
    #expect(description.kind == "fake" && description.capabilities.offers(.pinning))
    #expect(!description.capabilities.offers(.liveMigration))
    let part = try await vim.inventory()
    #expect(part.source == "vim edge" && part.date == "2026-11-22T14:00:00Z")
    #expect(part.entities.map(\.id.description) == ["cell h1.c0", "host h1"])
    #expect(part.entities[1]["vim"]?.json == "edge" && part.entities[1]["memory"]?.json == "8 GiB")
    #expect(part.entities[0].parent == EntityReference(kind: "host", name: "h1"))
    let complaints = try await vim.validate(
      PlacedInstance("a", vim: "edge", host: "h9", requires: [CapabilityRequirement("sriov", rule: "fast")]))
    #expect(complaints == ["edge does not offer sriov, which rule fast asks for", "h9 is no host of mine"])
  }

  @Test func `what is made is found, observed, stopped, started, resized and removed, each once`()
    async throws
  {
    let fake = FakePlugin()
    let vim = try await fake.connect()
    let (one, token) = (instance("a"), EffectToken("t1"))
    #expect(try await vim.find(token) == nil)
    let made = try await vim.create(one, as: token)
    #expect(made == EffectOutcome(made.handle, undo: .delete(made.handle)))
    #expect(try await vim.create(one, as: token) == made)
    #expect(try await vim.find(token) == made)
    #expect(try fake.held == 1)
    #expect(try await vim.stop(made.handle, as: EffectToken("t2")).undo == .none)
    let gone = ResourceHandle("gone")
    let seen = try await vim.observe([gone, made.handle])
    #expect(seen.map(\.status) == [.missing, .stopped] && seen.map(\.host) == [nil, "h1"])
    #expect(try await vim.start(made.handle, as: EffectToken("t3")).undo == .stop(made.handle))
    #expect(try await vim.start(made.handle, as: EffectToken("t3")).undo == .none)
    let larger = instance("a")
    let resized = try await vim.resize(made.handle, from: one, to: larger, as: EffectToken("t4"))
    #expect(resized.undo == .restore(made.handle, to: one))
    let removed = try await vim.delete(made.handle, spec: one, as: EffectToken("t5"))
    #expect(removed.undo == .create(one))
    #expect(try await vim.delete(made.handle, spec: one, as: EffectToken("t5")).undo == .none)
    #expect(try await vim.strangers(besides: []).isEmpty)
  }

  @Test func `what a plug-in does not declare is refused before it is asked`() async throws {
    let fake = FakePlugin()
    let vim = try await fake.connect()
    let error = await refusal {
      _ = try await vim.create(instance("a", requires: ["sriov"]), as: EffectToken("t"))
    }
    guard case .rejected(.unsupported, let text) = error else {
      Issue.record("\(String(describing: error))"); return
    }
    #expect(text == "vim edge (plug-in fake) does not offer sriov")
    let moved = await refusal {
      _ = try await vim.migrate(
        ResourceHandle("x"), from: instance("a"), to: instance("a"), as: EffectToken("t"))
    }
    #expect(moved == .rejected(.unsupported, "vim edge (plug-in fake) has no way to migrate"))
    #expect(!FileManager.default.fileExists(atPath: fake.file))
  }

  @Test
  func
    `refusals keep their class and reason, and an error outside of the protocol leaves it open what happened`()
    async throws
  {
    let vim = try await FakePlugin().connect()
    let full = await refusal { _ = try await vim.create(instance("full"), as: EffectToken("1")) }
    #expect(full == .rejected(.noCapacity("cores"), "vim edge (plug-in fake), create: no core is free"))
    let busy = await refusal { _ = try await vim.create(instance("busy"), as: EffectToken("2")) }
    #expect(
      busy
        == .unavailable(.unreachable, "vim edge (plug-in fake), create: come back later", retryAfter: 1234))
    let odd = await refusal { _ = try await vim.create(instance("odd"), as: EffectToken("3")) }
    #expect(odd == .unknownOutcome("vim edge (plug-in fake), create: an error of its own making ••••"))
    let quiet = await refusal { _ = try await vim.create(instance("quiet"), as: EffectToken("4")) }
    guard case .unknownOutcome(let text) = quiet else { Issue.record("\(String(describing: quiet))"); return }
    #expect(text.hasSuffix("its answer does not keep to the protocol: create: 'handle' is missing"))
    let part = try await vim.create(instance("part"), as: EffectToken("5"))
    #expect(part.missing == ["port"])
  }

  @Test func `many requests are under way at once, and a slow one holds nobody up`() async throws {
    let fake = FakePlugin()
    let vim = try await fake.connect()
    async let slow = vim.create(instance("slow"), as: EffectToken("slow"))
    try await fake.logged()
    var handles: Set<ResourceHandle> = []
    try await withThrowingTaskGroup(of: EffectOutcome.self) { group in
      for number in 0..<50 {
        group.addTask { try await vim.create(instance("n\(number)"), as: EffectToken("t\(number)")) }
      }
      for try await outcome in group { handles.insert(outcome.handle) }
    }
    #expect(handles.count == 50)
    // All of them were answered before the slow one was allowed to be.
    _ = try await vim.create(instance("release"), as: EffectToken("release"))
    _ = try await slow
  }

  @Test func `a plug-in sees only what it needs, and its secrets are shown to nobody`() async throws {
    let fake = FakePlugin()
    var vim: PluginVIM? = try await fake.connect()
    try await vim?.probe()
    try await vim?.probe()
    vim = nil
    try await fake.logged(6)
    let log = fake.log
    #expect(log.first == "fake: looked at the world with ••••")
    let variables =
      log.first { $0.hasPrefix("fake: environment: ") }?.dropFirst(19).split(separator: " ") ?? []
    #expect(variables.contains("PLACET_PLUGIN_FAKE_PASSWORD") && variables.contains("PATH"))
    // What a version manager's shim sets is not ours; of ours it has nothing else.
    let ours = ProcessInfo.processInfo.environment.keys.filter { !["PATH", "HOME", "LANG"].contains($0) }
    for hidden in ours + ["OS_PASSWORD", "PLACET_PLUGIN_OTHER_PASSWORD", "PLACET_PLUGIN_PATH"]
    where !["PWD", "SHLVL", "_", "OLDPWD"].contains(hidden) && !hidden.hasPrefix("PYENV") {
      #expect(!variables.contains(Substring(hidden)))
    }
    #expect(log.contains { $0.hasPrefix("fake: files: 0 1 2") })
  }
}
