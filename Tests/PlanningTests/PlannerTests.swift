import NFVModel
import Planning
import Testing

@Suite struct PlannerTests {
  @Test func `an unchanged world needs no action`() {
    let plan = Planner().plan(
      [placed("a", "h1"), placed("b", "h2")], from: recorded(placed("a", "h1"), placed("b", "h2")))

    #expect(plan.isEmpty)
    #expect(plan.unchanged == 2)
  }

  @Test func `an amount read back from a file is no change`() throws {
    let wanted = placed("a", "h1")
    let readBack = try PlacedInstance(JSONCursor(try JSONValue.parse(wanted.json.canonicalBytes)))
    #expect(readBack != wanted)

    #expect(Planner().plan([wanted], from: recorded(readBack)).isEmpty)
  }

  @Test func `creates, deletes and moves one action each, in natural order of instance`() {
    let plan = Planner().plan(
      [placed("v[2]", "h1"), placed("v[10]", "h2"), placed("stay", "h1")],
      from: recorded(placed("v[10]", "h3"), placed("old", "h1"), placed("stay", "h1")))

    #expect(plan.outline == ["1 create v[2]", "2 move v[10]", "3 delete old"])
    #expect(plan.moves == 1)
    #expect(
      plan.actions.map(\.reason) == [
        "the policy places it on h1", "the policy places it on h2, it is on h3",
        "no policy places it any more",
      ])
  }

  @Test func `migrates where the VIM can, and only what has not changed besides`() {
    var options = Planner.Options()
    options.migrating = ["sto"]

    let plan = Planner(options).plan(
      [placed("a", "h2"), placed("b", "h2", cores: 8)], from: recorded(placed("a", "h1"), placed("b", "h1")))

    #expect(plan.outline == ["1 migrate a", "2 move b"])
  }

  @Test func `migrates to whatever cells the new host has, and rebuilds for other cells of the same`() {
    var options = Planner.Options()
    options.migrating = ["sto"]
    var (away, here) = (placed("a", "h2"), placed("b", "h1"))
    away.cells = [1]
    here.cells = [1]

    let plan = Planner(options).plan([away, here], from: recorded(placed("a", "h1"), placed("b", "h1")))

    #expect(plan.outline == ["1 migrate a", "2 rebuild b"])
  }

  @Test func `what was decided anew and no VIM sees is only put on record`() {
    var wanted = placed("a", "h1")
    wanted.decisions = ["wave": .int(2)]

    let plan = Planner().plan([wanted], from: recorded(placed("a", "h1")))

    #expect(plan.outline == ["1 record a"])
    #expect(plan.actions.first?.reason == "decided anew: wave")
    #expect(Planner().plan([wanted], from: recorded(wanted)).isEmpty)
  }

  @Test func `changes demand in place where the VIM can, else rebuilds on the same host`() {
    var options = Planner.Options()
    options.resizing = ["sto"]
    let (wanted, was) = ([placed("a", "h1", cores: 8)], recorded(placed("a", "h1")))

    #expect(Planner(options).plan(wanted, from: was).outline == ["1 update a"])
    #expect(Planner().plan(wanted, from: was).outline == ["1 rebuild a"])
    #expect(Planner().plan(wanted, from: was).moves == 0)
  }

  @Test func `deletes come first only where their room is needed`() {
    let planner = Planner(options(["h1": 8, "h2": 8]))

    let plan = planner.plan(
      [placed("new1", "h1", cores: 8), placed("new2", "h2", cores: 4)],
      from: recorded(placed("old1", "h1", cores: 4), placed("old2", "h2", cores: 4)))

    #expect(plan.outline == ["1 create new2", "2 delete old1", "3 create new1 after 2", "4 delete old2"])
  }

  @Test func `waits for no more than it needs`() {
    let planner = Planner(options(["h1": 8]))

    let plan = planner.plan(
      [placed("new", "h1", cores: 4)], from: recorded(placed("x", "h1"), placed("y", "h1")))

    #expect(plan.outline == ["1 delete x", "2 create new after 1", "3 delete y"])
  }

  @Test func `two that swap full hosts cost one stop`() {
    let planner = Planner(options(["h1": 4, "h2": 4]))

    let plan = planner.plan(
      [placed("a", "h2"), placed("b", "h1")], from: recorded(placed("a", "h1"), placed("b", "h2")))

    #expect(plan.outline == ["1 delete a", "2 move b after 1", "3 create a after 1,2"])
    #expect(plan.moves == 2)
    #expect(plan.actions[0].reason.contains("it is down until it is created again"))
  }

  @Test func `what may not run twice is stopped before it is made again`() {
    let plan = Planner().plan(
      [placed("a", "h2", overlap: false)], from: recorded(placed("a", "h1", overlap: false)))

    #expect(plan.outline == ["1 delete a", "2 create a after 1"])
  }

  @Test func `what the VIM lost is forgotten and made again`() {
    let live = [ObservedResource(vim: "sto", handle: ResourceHandle("sto-1"), status: .missing, host: nil)]

    let plan = Planner().plan(
      [placed("a", "h1")], from: recorded(placed("a", "h1"), placed("b", "h1")), live: live)

    #expect(plan.outline == ["1 create a", "2 forget a", "3 delete b"])
  }

  @Test func `what moved behind our back to where it belongs is only put on record`() {
    let live = [ObservedResource(vim: "sto", handle: ResourceHandle("sto-1"), status: .running, host: "h2")]

    let plan = Planner().plan([placed("a", "h2")], from: recorded(placed("a", "h1")), live: live)

    #expect(plan.outline == ["1 record a"])
    #expect(plan.moves == 0)
  }

  @Test func `what moved behind our back elsewhere is moved from where it is`() {
    let live = [ObservedResource(vim: "sto", handle: ResourceHandle("sto-1"), status: .running, host: "h9")]

    let plan = Planner().plan([placed("a", "h1")], from: recorded(placed("a", "h1")), live: live)

    #expect(plan.outline == ["1 move a"])
    #expect(plan.actions.first?.existing?.spec.host == "h9")
  }

  @Test func `starts what stands still where the VIM can, rebuilds what failed`() {
    var options = Planner.Options()
    options.starting = ["sto"]
    let live = [
      ObservedResource(vim: "sto", handle: ResourceHandle("sto-1"), status: .stopped, host: "h1"),
      ObservedResource(vim: "sto", handle: ResourceHandle("sto-2"), status: .failed, host: "h1"),
    ]

    let plan = Planner(options).plan(
      [placed("a", "h1"), placed("b", "h1")], from: recorded(placed("a", "h1"), placed("b", "h1")), live: live
    )

    #expect(plan.outline == ["1 rebuild b", "2 start a"])
  }

  @Test func `of two of one instance it keeps the one that is right`() {
    let plan = Planner().plan([placed("a", "h2")], from: recorded(placed("a", "h1"), placed("a", "h2")))

    #expect(plan.outline == ["1 delete a"])
    #expect(plan.actions.first?.existing?.spec.host == "h1")
  }

  @Test func `members of a group are disturbed one after the other`() {
    var options = Planner.Options()
    options.oneAtATime = [["a", "b", "c"]]

    let plan = Planner(options).plan(
      [placed("a", "h2"), placed("b", "h2"), placed("c", "h1"), placed("d", "h2")],
      from: recorded(placed("a", "h1"), placed("b", "h1"), placed("c", "h1"), placed("d", "h1")))

    #expect(plan.outline == ["1 move a", "2 move b after 1", "3 move d"])
  }

  @Test func `strangers are named and left alone`() {
    let live = [ObservedResource(vim: "sto", handle: ResourceHandle("x-9"), status: .running, host: "h1")]

    let plan = Planner().plan([], from: recorded(), live: live)

    #expect(plan.isEmpty)
    #expect(plan.notes == ["vim sto has x-9, which no record here knows: it is left alone"])
  }

  @Test func `followed one by one, a plan shows what there is at every step`() {
    let was = recorded(placed("a", "h1"), placed("old", "h1"))
    let plan = Planner().plan([placed("a", "h2")], from: was)
    var seen: [String] = []

    PlanReplay.follow(plan, from: was) { action, isDone, present in
      let names = present.map { "\($0.id)@\($0.host)" }.sorted().joined(separator: " ")
      seen.append("\(action.verb) \(action.instance)\(isDone ? " done" : ""): \(names)")
    }

    #expect(
      seen == [
        "move a: a@h1 a@h2 old@h1", "move a done: a@h2 old@h1", "delete old: a@h2 old@h1",
        "delete old done: a@h2",
      ])
  }

  /// The judge: a replay on paper, with as many actions at work at once as may be, in random order.
  @Test(arguments: 1...300 as ClosedRange<UInt64>)
  func `no host is ever overbooked, in any interleaving, and the end is what was wanted`(_ seed: UInt64) {
    var random = SeededGenerator(seed)
    let world = RandomWorld(&random)
    let was = state(world.assignment(&random))
    let wanted = world.assignment(&random)
    let plan = Planner(options(world.capacity)).plan(wanted, from: was)

    for _ in 0..<5 { check(plan, from: was, wanted: wanted, capacity: world.capacity, &random) }
    #expect(plan == Planner(options(world.capacity)).plan(wanted, from: was))
  }

  private func check(
    _ plan: Plan, from was: RecordedState, wanted: [PlacedInstance], capacity: [String: Int],
    _ random: inout SeededGenerator
  ) {
    var replay = PlanReplay(from: was)
    var working: [Action] = []
    var begun: Set<Int> = []
    while replay.done.count < plan.actions.count {
      let ready = plan.actions.filter { !begun.contains($0.id) && replay.isReady($0) }
      if let action = ready.randomElement(using: &random), working.isEmpty || Bool.random(using: &random) {
        replay.begin(action)
        begun.insert(action.id)
        working.append(action)
      } else {
        guard !working.isEmpty else {
          Issue.record("nothing can go on")
          return
        }
        replay.finish(working.remove(at: Int.random(in: working.indices, using: &random)))
      }
      for (host, load) in replay.load {
        #expect(load["cores", default: 0] <= capacity[host.host, default: 0])
      }
    }
    let end = replay.resources.sorted { $0.id < $1.id }
    #expect(end == wanted.sorted { $0.id < $1.id })
  }
}

/// A few hosts, and assignments that fit on them, often just so.
struct RandomWorld {
  var capacity: [String: Int] = [:]

  init(_ random: inout SeededGenerator) {
    for host in 1...Int.random(in: 1...4, using: &random) {
      capacity["h\(host)"] = Int.random(in: 4...16, using: &random)
    }
  }

  func assignment(_ random: inout SeededGenerator) -> [PlacedInstance] {
    var free = capacity
    var result: [PlacedInstance] = []
    for number in 0..<14 {
      let cores = Int.random(in: 1...5, using: &random)
      let hosts = free.filter { $0.value >= cores }.keys.sorted()
      guard let host = hosts.randomElement(using: &random) else { continue }
      free[host, default: 0] -= cores
      result.append(placed("i[\(number)]", host, cores: cores, overlap: number % 5 != 0))
    }
    return result
  }
}
