import NFVModel
import VIMProtocol

/// Checks of what a VIM may declare beyond making and deleting.
extension Workbench {
  func stopStart() async throws {
    guard let able = vim as? any StartingVIM else { throw Untried("it does not start and stop") }
    let shared = try theShared()
    let stop = newToken()
    do { _ = try await patiently { try await able.stop(shared.handle, as: stop) } } catch VIMError.rejected(
      .unsupported, let why)
    {
      // A back end in another process says what it can do when it is asked.
      throw Untried(why)
    }
    try await expect(shared.handle, is: .stopped, after: "stop")
    let start = newToken()
    let outcome = try await patiently { try await able.start(shared.handle, as: start) }
    try await expect(shared.handle, is: .running, after: "start")
    try expect(outcome.undo == .stop(shared.handle), "a start is not taken back by a stop")
    let again = try await patiently { try await able.start(shared.handle, as: start) }
    try expect(again.handle == shared.handle, "asked again, it speaks of \(again.handle)")
    try await expect(shared.handle, is: .running, after: "a second start")
  }

  func migrate() async throws {
    guard let able = vim as? any MigratingVIM, vim.describe().capabilities.offers(.liveMigration) else {
      throw Untried("it does not declare liveMigration")
    }
    let shared = try theShared()
    guard let target = try hosts().first(where: { $0 != shared.spec.host }) else {
      throw Untried("it has one host only")
    }
    var moved = shared.spec
    moved.host = target
    let token = newToken()
    let outcome = try await patiently {
      try await able.migrate(shared.handle, from: shared.spec, to: moved, as: token)
    }
    try expect(outcome.handle == shared.handle, "it is called \(outcome.handle) afterwards")
    try await expect(shared.handle, is: .running, after: "migrate")
    let there = try await look(shared.handle)
    try expect(
      there.host == target, "it was sent to \(target), and is on \(there.host ?? "no host that it names")")
    let again = try await patiently {
      try await able.migrate(shared.handle, from: shared.spec, to: moved, as: token)
    }
    try expect(again.undo == outcome.undo, "asked again, it has another undo record")
    guard case .restore(let handle, let old) = outcome.undo else {
      throw Breach("there is no undo record that brings it back")
    }
    try expect(
      handle == shared.handle && old.host == shared.spec.host, "the undo record brings it to \(old.host)")
    _ = try await patiently { try await able.migrate(handle, from: moved, to: old, as: newToken()) }
    try await expect(shared.handle, is: .running, after: "it was brought back")
    let back = try await look(shared.handle)
    try expect(
      back.host == shared.spec.host, "it was brought back to \(old.host), and is on \(back.host ?? "none")")
  }

  func resize() async throws {
    guard let able = vim as? any ResizingVIM else { throw Untried("it does not resize") }
    let shared = try theShared()
    var larger = shared.spec
    larger.demand["memory"] = options.memory * 2
    larger.attributes["vnf.memory"] = .amount("\(options.memory >> 19) MiB")
    let token = newToken()
    let outcome: EffectOutcome
    do {
      outcome = try await patiently {
        try await able.resize(shared.handle, from: shared.spec, to: larger, as: token)
      }
    } catch VIMError.rejected(.unsupported, let why) {
      throw Untried(why)
    }
    made[outcome.handle] = larger
    try await expect(outcome.handle, is: .running, after: "resize")
    try await expect(outcome.handle, isOn: shared.spec.host)
    let again = try await patiently {
      try await able.resize(shared.handle, from: shared.spec, to: larger, as: token)
    }
    try expect(again.undo == outcome.undo, "asked again, it has another undo record")
    guard case .restore(let handle, let old) = outcome.undo else {
      throw Breach("there is no undo record that brings it back")
    }
    try expect(old.demand == shared.spec.demand, "the undo record brings it back to \(old.demand)")
    _ = try await patiently { try await able.resize(handle, from: larger, to: old, as: newToken()) }
    made[outcome.handle] = shared.spec
    try await expect(outcome.handle, is: .running, after: "it was brought back")
  }
}
