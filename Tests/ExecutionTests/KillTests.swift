import Foundation
import NFVModel
import Planning
import Synchronization
import Testing
import VIMProtocol
import VIMSimulated

@testable import Execution

@Suite struct KillTests {
  private static let before = [
    placed("far", "h1"), placed("near", "h1"), placed("grow", "h1"), placed("gone", "h1"),
    placed("mac", "h1", overlap: false), placed("lost", "h1"), placed("still", "h1"),
  ]
  private static let after = [
    placed("far", "h2", vim: "fra"), placed("grow", "h1", cores: 3), placed("lost", "h1"),
    placed("mac", "h3", vim: "fra", overlap: false), placed("near", "h2"), placed("new", "h2"),
    placed("still", "h1"),
  ]
  /// What is made again on the way: once more than once.
  private static let made = [
    "far": 2, "near": 1, "grow": 1, "gone": 1, "mac": 2, "lost": 2, "still": 1, "new": 1,
  ]

  private func world(onDisk: Bool = false, directory: String? = nil) async throws -> World {
    let world = try World(onDisk: onDisk, directory: directory)
    try await world.executor().apply(try await world.plan(Self.before))
    try await world.sto.tamper(with: "lost", status: .missing)
    try await world.sto.tamper(with: "still", status: .stopped)
    return world
  }

  @Test(arguments: [1, 3])
  func `killed at any step and run again, it loses nothing and does nothing twice`(_ parallel: Int)
    async throws
  {
    var step = 0
    while true {
      step += 1
      let world = try await world()
      let plan = try await world.plan(Self.after)
      #expect(
        Set(plan.actions.map(\.verb)) == [
          "move", "migrate", "update", "delete", "create", "forget", "start",
        ])
      let kill = KillSwitch(at: step)

      _ = try? await world.executor(parallel: parallel, boundary: kill.pass).apply(plan)
      guard kill.hasKilled else { break }
      // Killed before the run was on record, the same plan begins; after, it is resumed; after its last
      // step there is nothing left to do.
      if try world.store().openRun() != nil {
        #expect(try await world.executor(parallel: parallel).resume()?.isComplete == true, "step \(step)")
      }
      #expect(try await world.holdings() == Self.after, "step \(step)")
      #expect(try await world.timesMade() == Self.made, "step \(step)")
      #expect(try await world.plan(Self.after).isEmpty, "step \(step)")
    }
    #expect(step > 40)
  }

  @Test func `killed again and again at every few steps, it still gets there`() async throws {
    let world = try await world(onDisk: true)
    let plan = try await world.plan(Self.after)
    var lives = 0
    while lives < 200 {
      lives += 1
      let kill = KillSwitch(at: 2 + lives % 3)
      if (try? await world.executor(parallel: 2, boundary: kill.pass).apply(plan)) != nil { break }
    }

    #expect(lives > 5 && lives < 200)
    #expect(try await world.holdings() == Self.after)
    #expect(try await world.timesMade() == Self.made)
  }

  @Test func `killed at any step it can be rolled back, itself killed and resumed`() async throws {
    var step = 0
    while true {
      step += 1
      let world = try World()
      try await world.executor().apply(try await world.plan(Self.before))
      let was = try await world.holdings()
      let plan = try await world.plan(Self.after)
      let kill = KillSwitch(at: step)
      _ = try? await world.executor(boundary: kill.pass).apply(plan)
      guard kill.hasKilled, try world.store().openRun() != nil else { break }

      let back = try await world.executor().rollbackPlan(options: world.plannerOptions())
      let second = KillSwitch(at: 1 + step % 7)
      _ = try? await world.executor(boundary: second.pass).rollBack(back)
      if second.hasKilled { _ = try await world.executor().resume() }

      #expect(try await world.holdings() == was, "step \(step)")
      await #expect(throws: ExecutionError.nothingToRollBack) {
        _ = try await world.executor().rollbackPlan(options: world.plannerOptions())
      }
    }
    #expect(step > 30)
  }

  @Test func `the undo records are followed from the newest back`() async throws {
    let world = try World()
    await world.sto.setFaults(FaultScript([.init(.create, .partial(["port 2"]))]))
    let plan = try await world.plan([placed("a", "h1"), placed("b", "h1")])
    // 1 begun, 2 to 5 made in part, 6 to 9 that removed.
    let kill = KillSwitch(at: 9)
    _ = try? await world.executor(boundary: kill.pass).apply(plan)
    #expect(kill.hasKilled)

    let back = try await world.executor().rollbackPlan(options: world.plannerOptions())
    try await world.executor().rollBack(back)

    #expect(back.isEmpty)
    #expect(try await world.holdings().isEmpty)
    #expect(try world.store().recordedState().resources.isEmpty)
  }

  @Test func `the new one is not judged again once the old one's removal was begun`() async throws {
    let world = try World()
    try await world.executor().apply(try await world.plan([placed("a", "h1")]))
    let plan = try await world.plan([placed("a", "h1", vim: "fra")])
    // 1 begun, 2 to 5 the new one made, 6 to 8 the old one removed, and no answer on record.
    let kill = KillSwitch(at: 8)
    _ = try? await world.executor(boundary: kill.pass).apply(plan)
    #expect(try await world.map() == ["a fra/h1 2"])
    try await world.fra.tamper(with: "a", status: .stopped)

    #expect(try await world.executor().resume()?.isComplete == true)

    #expect(try await world.map() == ["a fra/h1 2"])
    #expect(try world.store().recordedState().resources.map(\.spec.vim) == ["fra"])
  }

  /// A real process, really killed: no destructor, no flush, no handler runs.
  @Test(arguments: [2, 3, 4, 5, 9, 14, 20, 26])
  func `killed for good in a process of its own, the next process goes on`(_ step: Int) async throws {
    let directory = NSTemporaryDirectory() + "placet-kill-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let world = try await world(onDisk: true, directory: directory)
    let plan = try await world.plan(Self.after)
    try plan.fileText.write(toFile: directory + "/plan.json", atomically: true, encoding: .utf8)

    await #expect(processExitsWith: .signal(SIGKILL)) {
      [directory = directory as String, step = step as Int] in
      let world = try World(onDisk: true, directory: directory)
      let plan = try Plan.parse(Array(Data(contentsOf: URL(fileURLWithPath: directory + "/plan.json"))))
      let killSwitch = KillSwitch(at: step)
      _ = try await world.executor(parallel: 2) { boundary in
        do { try killSwitch.pass(boundary) } catch { kill(getpid(), SIGKILL) }
      }.apply(plan)
    }

    #expect(try await world.executor().resume()?.isComplete == true)
    #expect(try await world.holdings() == Self.after)
    #expect(try await world.timesMade() == Self.made)
    let tookOver = world.events.withLock { $0.contains { if case .tookOver = $0 { true } else { false } } }
    #expect(tookOver)
  }
}
