import Foundation
import GRDB
import NFVModel
import Planning
import Synchronization
import Testing
import VIMProtocol
import VIMSimulated

@testable import Execution

@Suite struct ExecutorTests {
  @Test func `makes what is planned, once, and has nothing left to do`() async throws {
    let world = try World()
    let wanted = (0..<6).map { placed("a[\($0)]", "h\($0 % 3 + 1)", vim: $0 < 3 ? "sto" : "fra") }

    let report = try await world.executor(parallel: 4).apply(try await world.plan(wanted))

    #expect(report.isComplete && report.done == [1, 2, 3, 4, 5, 6])
    #expect(try await world.holdings() == wanted)
    #expect(try await world.plan(wanted).isEmpty)
    #expect(try world.store().openRun() == nil)
  }

  @Test func `moves, rebuilds, migrates, updates and deletes`() async throws {
    let world = try World()
    try await world.executor().apply(
      try await world.plan([
        placed("far", "h1"), placed("near", "h1"), placed("grow", "h1"), placed("gone", "h1"),
        placed("mac", "h1", overlap: false),
      ]))
    let wanted = [
      placed("far", "h2", vim: "fra"), placed("grow", "h1", cores: 3),
      placed("mac", "h3", vim: "fra", overlap: false),
      placed("near", "h2"),
    ]

    let plan = try await world.plan(wanted)
    #expect(Set(plan.actions.map(\.verb)) == ["move", "update", "delete", "create", "migrate"])
    #expect(try await world.executor(parallel: 3).apply(plan).isComplete)

    #expect(try await world.holdings() == wanted)
    #expect(try await world.timesMade() == ["far": 2, "near": 1, "grow": 1, "gone": 1, "mac": 2])
  }

  @Test func `what is rejected stops what waits for it, and nothing else`() async throws {
    let world = try World(capacity: 4)
    try await world.executor().apply(try await world.plan([placed("old", "h1", cores: 4)]))
    await world.sto.setFaults(FaultScript([.init(.delete, .rejected(.conflict))]))
    let plan = try await world.plan([placed("new", "h1", cores: 4), placed("other", "h2")])
    #expect(plan.actions.map(\.after) == [[], [], [2]])

    let report = try await world.executor().apply(plan)

    #expect(report.done == [1])
    #expect(report.failed == [2: "vim sto, delete: conflict: as the fault script says"])
    #expect(report.skipped == [3: 2])
    #expect(try await world.map() == ["old sto/h1 4", "other sto/h2 2"])
  }

  @Test
  func `what is not to be had now is asked for again, later each time, as long as the VIM says at least`()
    async throws
  {
    let world = try World()
    await world.sto.setFaults(
      FaultScript([
        .init(.create, call: 1, .unavailable(retryAfter: nil)),
        .init(.create, call: 2, .unavailable(retryAfter: 7000)),
      ]))

    let report = try await world.executor().apply(try await world.plan([placed("a", "h1")]))

    #expect(report.isComplete)
    #expect(world.pauses.withLock { $0 } == [500, 7000])
    #expect(try await world.timesMade() == ["a": 1])
  }

  @Test func `patience ends`() async throws {
    let world = try World()
    await world.sto.setFaults(
      FaultScript((1...9).map { .init(.create, call: $0, .unavailable(retryAfter: nil)) }))

    let report = try await world.executor().apply(try await world.plan([placed("a", "h1")]))

    #expect(report.failed == [1: "vim sto, create: unreachable: as the fault script says"])
    #expect(world.pauses.withLock { $0 } == [500, 1000, 2000])
  }

  @Test(arguments: [(FaultScript.Fault.unknownAfterEffect, 1), (.unknownBeforeEffect, 2)])
  func `when no answer came it reads before it asks again`(_ fault: FaultScript.Fault, _ asked: Int)
    async throws
  {
    let world = try World()
    await world.sto.setFaults(FaultScript([.init(.create, fault)]))

    let report = try await world.executor().apply(try await world.plan([placed("a", "h1")]))

    #expect(report.isComplete)
    #expect(try await world.sto.timesAsked()["create"] == asked)
    #expect(try await world.timesMade() == ["a": 1])
  }

  @Test func `what nobody can say stays in doubt, and is settled before the next plan`() async throws {
    let world = try World()
    await world.sto.setFaults(
      FaultScript(
        [.init(.create, .unknownAfterEffect)]
          + (1...3).map { .init(.find, call: $0, .unavailable(retryAfter: nil)) }))
    let plan = try await world.plan([placed("a", "h1")])

    let report = try await world.executor().apply(plan)

    #expect(report.failed[1]?.contains("does not say what became of the create") == true)
    #expect(try world.store().recordedState().resources.isEmpty)
    try await world.executor().settle()
    #expect(try world.store().recordedState().resources.map(\.spec.id) == ["a"])
    #expect(try await world.plan([placed("a", "h1")]).isEmpty)
    #expect(try await world.timesMade() == ["a": 1])
  }

  @Test func `what was made in part is removed and made again`() async throws {
    let world = try World()
    await world.sto.setFaults(FaultScript([.init(.create, .partial(["port 2"]))]))

    let report = try await world.executor().apply(try await world.plan([placed("a", "h1")]))

    #expect(report.isComplete)
    #expect(try await world.holdings().count == 1)
    #expect(try await world.timesMade() == ["a": 2])
    #expect(try await world.plan([placed("a", "h1")]).isEmpty)
  }

  @Test func `the old one stays when the new one does not come to run`() async throws {
    let world = try World()
    try await world.executor().apply(try await world.plan([placed("a", "h1")]))
    await world.fra.setFaults(FaultScript([.init(.create, .lose)]))

    let report = try await world.executor().apply(try await world.plan([placed("a", "h1", vim: "fra")]))

    #expect(report.failed == [1: "vim fra, observe: it was made, and is gone"])
    #expect(try await world.map() == ["a sto/h1 2"])
    #expect(try world.store().recordedState().resources.map(\.spec.vim) == ["sto"])
  }

  @Test func `never more at once than allowed, and as many as allowed`() async throws {
    let world = try World()
    let plan = try await world.plan((0..<8).map { placed("a[\($0)]", "h1") })
    try await world.executor(parallel: 3).apply(plan)

    var (working, most) = (0, 0)
    for event in world.events.withLock({ $0 }) {
      if case .started = event { working += 1 }
      if case .done = event { working -= 1 }
      most = max(most, working)
    }

    #expect(most == 3)
  }

  @Test func `a plan is refused when state, inventory or policy is not what it was made from`() async throws {
    let world = try World()
    let plan = try await world.plan([placed("a", "h1")])

    await #expect(throws: ExecutionError.stale(.inventory)) {
      try await world.executor().apply(plan, policyDigest: "p", inventoryDigest: "other")
    }
    await #expect(throws: ExecutionError.stale(.policy)) {
      try await world.executor().apply(plan, policyDigest: "other")
    }
    try await world.executor().apply(plan, policyDigest: "p", inventoryDigest: "i")
    await #expect(throws: ExecutionError.stale(.state)) { try await world.executor().apply(plan) }
    #expect(try await world.timesMade() == ["a": 1])
  }

  @Test func `what a VIM would not take is refused before anything is made`() async throws {
    let world = try World()
    let plan = try await world.plan([placed("a", "h1"), placed("b", "h9"), placed("c", "h1", cores: 99)])

    await #expect(
      throws: ExecutionError.invalid(["sto has no host h9", "h1 has 16 cores in all, c needs 99"])
    ) { try await world.executor().apply(plan) }
    await #expect(throws: ExecutionError.noVIM("nowhere")) {
      try await world.executor().apply(try await world.plan([placed("a", "h1", vim: "nowhere")]))
    }
    #expect(try await world.holdings().isEmpty)
  }

  @Test func `of two applies at once the second is refused, and the first goes on`() async throws {
    let world = try World()
    let plan = try await world.plan([placed("a", "h1")])
    let second = try world.executor()
    let refusal = Mutex<(any Error)?>(nil)
    let sto = try SimulatedVIM(
      "sto", hosts: [SimulatedHost("h1")], faults: FaultScript([.init(.create, .slow(1))]),
      sleep: { _ in do { try await second.apply(plan) } catch { refusal.withLock { $0 = error } } })

    let report = try await Executor(store: try world.store(), vims: [sto], options: second.options).apply(
      plan)

    #expect(report.isComplete)
    guard case .locked(let holder?) = refusal.withLock({ $0 }) as? StateError else {
      Issue.record("the second was not refused")
      return
    }
    #expect(holder.process == Int(getpid()) && holder.since == "2026-11-22T14:00:00Z")
    #expect(try await sto.timesMade() == ["a": 1])
  }

  @Test func `an unfinished apply keeps out another plan, until it is resumed or settled`() async throws {
    let world = try World()
    let plan = try await world.plan([placed("a", "h1"), placed("b", "h1")])
    let other = try await world.plan([placed("c", "h1")])
    let kill = KillSwitch(at: 9)
    await #expect(throws: KillSwitch.Killed.self) {
      try await world.executor(boundary: kill.pass).apply(plan)
    }

    await #expect(throws: ExecutionError.unfinished(plan.digest)) { try await world.executor().apply(other) }
    #expect(try await world.executor().resume()?.isComplete == true)
    #expect(try await world.map() == ["a sto/h1 2", "b sto/h1 2"])
    #expect(try await world.executor().resume() == nil)
  }

  @Test func `interrupted while it waits it stops at once, and is resumed`() async throws {
    let world = try World()
    await world.sto.setFaults(FaultScript([.init(.create, .unavailable(retryAfter: nil))]))
    let plan = try await world.plan([placed("a", "h1"), placed("b", "h1")])
    let usual = try world.executor(parallel: 2)
    var options = usual.options
    options.clock = ExecutionClock(now: { "" }, sleep: { _ in try await Task.sleep(for: .seconds(600)) })
    let (waiting, gate) = AsyncStream.makeStream(of: Void.self)
    options.observer = { if case .waiting = $0 { gate.finish() } }
    let patient = Executor(store: usual.store, vims: [world.sto], options: options)

    let apply = Task { try await patient.apply(plan) }
    for await _ in waiting {}
    apply.cancel()

    await #expect(throws: CancellationError.self) { try await apply.value }
    #expect(try await usual.resume()?.isComplete == true)
    #expect(try await world.timesMade() == ["a": 1, "b": 1])
  }

  @Test func `an empty plan leaves no trace`() async throws {
    let world = try World()
    await world.sto.setFaults(FaultScript([.init(.create, .rejected(.quota))]))
    try await world.executor().apply(try await world.plan([placed("a", "h1")]))
    let stopped = try world.store().lastRun()

    let report = try await world.executor().apply(try await world.plan([]))

    #expect(report.isComplete)
    #expect(try world.store().lastRun() == stopped)
  }

  @Test func `status says what runs, what drifted and who does not answer`() async throws {
    let world = try World()
    try await world.executor().apply(
      try await world.plan([
        placed("a", "h1"), placed("b", "h1"), placed("c", "h1"), placed("d", "h1", vim: "fra"),
      ]))
    try await world.sto.tamper(with: "b", host: "h3")
    try await world.sto.tamper(with: "c", status: .missing)
    await world.fra.setFaults(FaultScript([.init(.observe, .unavailable(retryAfter: nil))]))

    let rows = try await world.executor().status()

    #expect(rows.map(\.resource.spec.id) == ["a", "b", "c", "d"])
    #expect(rows.map(\.hasDrifted) == [false, true, true, false])
    #expect(rows.map { $0.trouble != nil } == [false, false, false, true])
  }

  @Test func `destroy leaves nothing`() async throws {
    let world = try World()
    try await world.executor().apply(
      try await world.plan([placed("a", "h1"), placed("b", "h1", vim: "fra")]))

    try await world.executor().apply(try await world.executor().destroyPlan())

    #expect(try await world.holdings().isEmpty)
    #expect(try world.store().recordedState().resources.isEmpty)
  }

  @Test func `of two hundred creates fifty and more are in flight`() async throws {
    let most = Mutex((now: 0, most: 0))
    let ids = (0..<200).map { "a[\($0)]" }
    let vim = try SimulatedVIM(
      "sto", hosts: [SimulatedHost("h1")],
      faults: FaultScript(ids.map { .init(.create, instance: $0, .slow(1000)) }),
      sleep: { _ in
        most.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
        // A call lasts until fifty are there, or until nobody else comes.
        for _ in 0..<5000 where most.withLock({ $0.most < 50 }) { await Task.yield() }
        most.withLock { $0.now -= 1 }
      })
    let world = try World()
    var options = Executor.Options()
    options.clock = ExecutionClock(now: { "2026-11-22T14:00:00Z" }, sleep: { _ in })
    let executor = Executor(store: try world.store(), vims: [vim], options: options)
    let plan = Planner(Planner.Options(vims: [vim])).plan(
      desired: Assignment(instances: ids.map { placed($0, "h1", cores: 1) }),
      recorded: try world.store().recordedState(), policyDigest: "p", inventoryDigest: "i")

    let report = try await executor.apply(plan)

    #expect(report.done.count == 200)
    #expect(most.withLock { $0.most } >= 50)
  }

  @Test func `a VIM that asks to be left alone is left alone by all`() async throws {
    let asked = Mutex<[Int]>([])
    let vim = try SimulatedVIM(
      "sto", hosts: [SimulatedHost("h1")],
      faults: FaultScript([.init(.create, call: 3, .unavailable(retryAfter: 7000))]), sleep: { _ in })
    let world = try World()
    var options = Executor.Options()
    options.parallel = 2
    options.clock = ExecutionClock(
      now: { "2026-11-22T14:00:00Z" },
      sleep: { pause in
        guard pause >= 7000 else { return }
        for _ in 0..<3000 { await Task.yield() }
        let count = (try? await vim.timesAsked())?["create"] ?? 0
        asked.withLock { $0.append(count) }
      })
    let executor = Executor(store: try world.store(), vims: [vim], options: options)
    let wanted = (0..<30).map { placed("a[\($0)]", "h1", cores: 1) }
    let plan = Planner(Planner.Options(vims: [vim])).plan(
      desired: Assignment(instances: wanted), recorded: try world.store().recordedState(), policyDigest: "p",
      inventoryDigest: "i")

    let report = try await executor.apply(plan)

    #expect(report.done.count == 30)
    // One other was under way when the VIM said it.
    #expect(asked.withLock { $0.count } == 1)
    #expect(asked.withLock { $0[0] } <= 4)
  }

  @Test func `runs that ended long ago are forgotten, what can be taken back is not`() async throws {
    let world = try World()
    for number in 0..<(StateStore.keptRuns + 8) {
      let wanted = number.isMultiple(of: 2) ? [placed("a", "h1")] : [placed("a", "h2")]
      #expect(try await world.executor().apply(try await world.plan(wanted)).isComplete)
    }
    let store = try world.store()
    let counts = try store.read { db in
      try ["run", "action", "effect"].map { try Int.fetchOne(db, sql: "SELECT count(*) FROM \($0)") ?? 0 }
    }
    #expect(counts == [StateStore.keptRuns + 1, StateStore.keptRuns + 1, StateStore.keptRuns + 1])

    await world.sto.setFaults(FaultScript([.init(.create, instance: "b", .rejected(.quota))]))
    let last = try await world.plan([placed("a", "h3"), placed("b", "h1")])
    #expect(try await !world.executor().apply(last).isComplete)
    let back = try await world.executor().rollbackPlan()
    #expect(back.actions.map(\.verb) == ["move"])
    #expect(try await world.executor().rollBack(back).isComplete)
    #expect(try await world.map() == ["a sto/h2 2"])
  }
}
