import Foundation
import NFVModel
import Testing
import VIMPlugin
import VIMProtocol

/// Crash, hang, garbage on the wire: what the caller learns, and that the next call finds a plug-in.
@Suite(.enabled(if: FakePlugin.isRunnable, "python3 is not there"))
struct SupervisionTests {
  @Test func `a crash in a changing call leaves it open what happened, and looking afterwards tells`()
    async throws
  {
    let fake = FakePlugin()
    let vim = try await fake.connect()
    let token = EffectToken("t")
    let error = await refusal { _ = try await vim.create(instance("crash-1"), as: token) }
    #expect(error == .unknownOutcome("vim edge (plug-in fake), create: it ended with status 3"))
    let found = try #require(try await vim.find(token))
    #expect(try await vim.create(instance("crash-1"), as: token) == found)
    #expect(try fake.held == 1)
  }

  @Test func `a plug-in that breaks again and again is started a bounded number of times`() async throws {
    let vim = try await FakePlugin().connect()
    for number in 0..<3 {
      let error = await refusal {
        _ = try await vim.create(instance("crash-9"), as: EffectToken("t\(number)"))
      }
      guard case .unknownOutcome = error else { Issue.record("\(String(describing: error))"); return }
    }
    let error = await refusal { try await vim.probe() }
    #expect(
      error
        == .unavailable(
          .unreachable, "vim edge (plug-in fake): it broke 3 times in a row (it ended with status 3)",
          retryAfter: nil))
    // Whoever asks once more gets one more.
    try await vim.probe()
  }

  @Test func `a hang is a time-out; what was said to change something may have`() async throws {
    let fake = FakePlugin()
    let vim = try await fake.connect(changing: 1500)
    async let other = refusal { _ = try await vim.create(instance("hang"), as: EffectToken("h")) }
    try await fake.logged()
    fake.expire(1500)
    let first = await other
    #expect(first == .unknownOutcome("vim edge (plug-in fake), create: no answer in 1500 ms"))
    // The silent one was ended, and a new one answers.
    #expect(try await vim.find(EffectToken("h")) != nil)
  }

  @Test func `one late answer among others in time costs only its own request`() async throws {
    let fake = FakePlugin()
    let vim = try await fake.connect(changing: 700)
    async let late = refusal { _ = try await vim.create(instance("slow"), as: EffectToken("s")) }
    try await fake.logged()
    for number in 0..<5 { _ = try await vim.find(EffectToken("\(number)")) }
    fake.expire(700)
    #expect(await late == .unknownOutcome("vim edge (plug-in fake), create: no answer in 700 ms"))
    // The late answer comes, before this one.
    _ = try await vim.create(instance("release"), as: EffectToken("r"))
    #expect(try await vim.find(EffectToken("s")) != nil)
    #expect(try fake.held == 2)
  }

  @Test(arguments: ["garbage", "foreign", "secret"])
  func `garbage on the wire is an error that names the plug-in, short and without secrets`(_ kind: String)
    async throws
  {
    let vim = try await FakePlugin().connect()
    let error = await refusal { _ = try await vim.create(instance(kind), as: EffectToken("g")) }
    guard case .unknownOutcome(let text) = error else { Issue.record("\(String(describing: error))"); return }
    #expect(text.hasPrefix("vim edge (plug-in fake), create: it wrote "))
    #expect(text.utf8.count < 400 && !text.contains("pl4nted"))
    switch kind {
    case "foreign": #expect(text.contains("an answer to nothing that was asked"))
    case "secret": #expect(text.hasSuffix("Traceback (most recent call last): ••••"))
    default:
      #expect(
        text.contains("what is no JSON (expected a value, found 'T'): Traceback") && text.hasSuffix("xx…"))
    }
    #expect(try await vim.find(EffectToken("g")) != nil)
  }

  @Test func `a plug-in of another time, a mute one, a dead one and none at all are told apart`() async throws
  {
    let future = await refusal { _ = try await FakePlugin().connect(mode: "future") }
    #expect(
      future
        == .rejected(
          .unsupported,
          "vim edge (plug-in fake): it speaks version 9 of the protocol, and 1 is the one known here"))
    let mute = await refusal {
      _ = try await FakePlugin().connect(mode: "mute", handshake: 800, isPatient: false)
    }
    #expect(
      mute
        == .unavailable(
          .unreachable, "vim edge (plug-in fake), describe: no answer in 800 ms", retryAfter: nil))
    let dead = await refusal { _ = try await FakePlugin().connect(mode: "dead") }
    #expect(
      dead
        == .unavailable(
          .unreachable, "vim edge (plug-in fake), describe: it ended with status 7", retryAfter: nil))
    let none = await refusal { _ = try await PluginVIM.connect("edge", plugin: "nowhere", environment: [:]) }
    #expect(
      none
        == .rejected(
          .notFound, "plug-in nowhere: no program placet-vim-nowhere in PLACET_PLUGIN_PATH or PATH"))
    for name in ["", "../sh", "-x", "Fake"] {
      let error = await refusal { _ = try await PluginVIM.connect("edge", plugin: name, environment: [:]) }
      guard case .rejected(.invalid("plugin"), _) = error else { Issue.record("\(name)"); return }
    }
  }
}
