import ConstraintModel
import Diagnostics
import PlacetSemantics
import PlacetVM
import Testing

/// What is stated of a change alone, judged by every placement and by a world that is made and stated as a whole.
@Suite struct GrowthTests {
  /// What may be said after the vocabulary and its rules; each is a change of its own.
  static let additions = [
    "vnf x { service: s, cpu: 3, instance i4 { } }",
    "instance i4 { vnf: v, spare: true }\ninstance i5 { vnf: w }",
    "for each n in 0..<2 { instance \"j\\(n)\" { vnf: v } }",
    "rule third { for each instance i { forbid i.host == h1 and i.cpu > 1 } }",
    "let dear = count(i for each instance i where i.host.price > 2)\nrule third { require dear <= 1 }",
    "fun heft(i: instance): int = i.cpu * 2\nrule third { require sum(heft(i) for each instance i where i.host == h2) <= 3 }",
    "waive second because \"so\"",
    "waive first for i1 because \"so\"",
    "rule many(n: int) { for each host h { require count(i for each instance i where i.host == h) <= n } }\nuse many(2)",
    "vnf x { service: s, instance i4 { } }\nwaive first for x because \"new\"\nrule third { require i4.host != h3 }",
  ]

  struct Grown {
    var judge: StatingJudge
    var fresh: StatingJudge
  }

  /// The policy with an addition, stated both ways; nil where it is not for growing.
  static func grown(_ text: String, _ added: [String]) throws -> Grown? {
    let policy = StatingTests.vocabulary + StatingTests.helpers + text
    var session = Checker.Session(
      main: Source(name: "policy.placet", text: policy), modules: StatingJudge.module)
    #expect(!session.diagnostics.contains { $0.severity == .error })
    let world = World(program: session.program)
    try world.build()
    var stater = try Stater.stating(world)
    for addition in added {
      let before = stater.world.program
      guard case .declarations = session.read(Source(name: "<repl>", text: addition + "\n")) else {
        Issue.record("not taken: \(addition)")
        return nil
      }
      let delta = try #require(WorldDelta(from: before, to: session.program), "\(addition)")
      guard let next = try Stater.grown(from: stater, by: delta) else { return nil }
      try expectDelta(from: stater.result.model, to: next)
      stater = next
    }
    let whole = World(program: session.program)
    try whole.build()
    return Grown(
      judge: StatingJudge(world: stater.world, stated: stater.result), fresh: try StatingJudge(world: whole))
  }

  /// The model that was there becomes the one that is by its delta, but for loads of which nothing speaks any more.
  static func expectDelta(from old: ConstraintModel, to next: Stater) throws {
    var model = old
    let delta = try #require(next.delta)
    let left = model.apply(delta)
    let wanted = next.result.model
    #expect(model.decisions == wanted.decisions && model.constraints == wanted.constraints)
    #expect(left.allSatisfy { delta.removed.contains($0.origin) })
    #expect(model.columns == wanted.columns && model.masks == wanted.masks && model.tables == wanted.tables)
    #expect(model.sums == wanted.sums && model.loads.count == wanted.loads.count)
    for (mine, other) in zip(model.loads, wanted.loads) where !other.items.isEmpty { #expect(mine == other) }
    for (mine, other) in zip(model.objectives, wanted.objectives) {
      #expect(Set(mine.terms) == Set(other.terms) && mine.terms.count == other.terms.count)
    }
  }

  /// Both worlds, and what is stated of them, say the same of every placement. False where nothing was grown.
  static func agree(_ text: String, _ added: [String]) throws -> Bool {
    let note = "\(text)\n\(added)"
    let both: Grown
    do {
      guard let grown = try grown(text, added) else { return false }
      both = grown
    } catch let error as EvaluationError {
      // What is wrong with an addition is wrong with the whole, too.
      let policy =
        StatingTests.vocabulary + StatingTests.helpers + text + "\n" + added.joined(separator: "\n")
      let (program, _) = Checker.check(main: Source(name: "p", text: policy), modules: StatingJudge.module)
      let world = World(program: program)
      let codes = (error.diagnostics).map(\.code)
      #expect(throws: EvaluationError.self, "\(note)\n\(codes)") {
        try world.build()
        let stater = Stater(world: world)
        try stater.stateRules()
        if !stater.uselessWaivers.isEmpty { throw EvaluationError.mistakes(stater.uselessWaivers) }
        try stater.stateObjective(program.objective, frame: program.objectiveFrame)
      }
      return false
    }
    guard both.judge.stated.model.decisions.count < 40 else { return false }
    let outcome = try both.judge.agree(note)
    #expect(try outcome == both.fresh.agree(note), "\(note)")
    #expect(try both.judge.saysTheSame(as: both.fresh), "\(note)")
    return true
  }

  @Test(arguments: StatingTests.rules.indices)
  func `a rule holds of what is added as if it had always been there`(_ index: Int) throws {
    let text =
      "rule first { \(StatingTests.rules[index].1) }\nlet price = sum(i.host.price * i.cpu for each instance i)"
    var grown = 0
    for addition in Self.additions where !addition.contains("second") {
      if try Self.agree(text + "\nminimize preferences then price", [addition]) { grown += 1 }
    }
    #expect(grown >= 4)
  }

  @Test(arguments: 0..<8)
  func `random rules and additions, one after the other`(_ part: Int) throws {
    var grown = 0
    for seed in part * 15..<part * 15 + 15 {
      var writer = RandomPolicy(seed: UInt64(seed))
      let rules = writer.rules()
      let text = rules + "\nlet worth = \(writer.number(2, []))\nminimize preferences then worth"
      let first = Self.additions[(seed * 7) % Self.additions.count]
      let second = Self.additions[(seed * 3 + 1) % Self.additions.count]
      let clash = ["rule third", "i4", "first"].contains { first.contains($0) && second.contains($0) }
      if try Self.agree(text, clash || seed % 2 == 0 ? [first] : [first, second]) { grown += 1 }
    }
    #expect(grown > 5)
  }

  @Test func `a rule that is typed again is another rule`() throws {
    let both = try #require(
      try Self.grown(
        "rule r { for each instance i { require i.host != h1 } }",
        ["rule third { require i1.host == h2 }", "rule third { require i1.host == h3 }"]))

    try both.judge.agree()
    #expect(try both.judge.saysTheSame(as: both.fresh))
  }

  @Test func `what was there stays as it was`() throws {
    let text = "rule r { for each host h { require count(i for each instance i where i.host == h) <= 1 } }"
    var session = Checker.Session(
      main: Source(name: "policy.placet", text: StatingTests.vocabulary + text), modules: StatingJudge.module)
    let world = World(program: session.program)
    try world.build()
    let stater = Stater(world: world)
    try stater.stateRules()
    let before = stater.result
    _ = session.read(Source(name: "<repl>", text: "instance i4 { vnf: v }\n"))
    let delta = try #require(WorldDelta(from: world.program, to: session.program))
    let grown = try #require(try Stater.grown(from: stater, by: delta))

    #expect(grown.result.model.decisions.count == before.model.decisions.count + 1)
    #expect(stater.result.model.constraints == before.model.constraints)
    #expect(stater.result.model.loads == before.model.loads)
    try StatingJudge(world: world, stated: stater.result).agree()
  }

  /// What a test changes, on its own, judged as additions are.
  @Test(arguments: StatingTests.rules.indices)
  func `a value that changes is another value wherever it is read`(_ index: Int) throws {
    let changes = [
      "h1.cores = 1", "h2.price = 7; h3.price = 0", "v.cpu = 3", "north.country = \"DE\"", "i1.spare = true",
      "w.ready = true; limit = 1", "instance k { vnf: w }; limit = 0", "for each host h { h.cores = 3 }",
    ]
    var grown = 0
    for change in changes {
      let text =
        StatingTests.vocabulary + StatingTests.helpers + """
          param limit: int = 2
          rule first { \(StatingTests.rules[index].1) }
          rule limited { for each vim v { require count(i for each instance i where i.host.vim == v) <= limit } }
          let price = sum(i.host.price * i.cpu for each instance i)
          minimize preferences then price
          test "t" { solve with { \(change) } }
          """
      let (program, diagnostics) = Checker.check(
        main: Source(name: "policy.placet", text: text), modules: StatingJudge.module)
      try #require(!diagnostics.contains { $0.severity == .error }, "\(change) \(diagnostics)")
      let test = try #require(program.tests.first)
      guard case .solve(let solve)? = test.steps.first else { continue }
      let world = World(program: program)
      try world.build()
      let stater = try Stater.stating(world)
      var delta = WorldDelta(program: program)
      (delta.changes, delta.frame) = (solve.changes, test.frame)
      delta.values = Array(repeating: .none, count: test.frame.count)
      guard let next = try Stater.grown(from: stater, by: delta) else { continue }
      try Self.expectDelta(from: stater.result.model, to: next)
      var additions = WorldAdditions()
      (additions.changes, additions.frame) = (solve.changes, test.frame)
      additions.values = delta.values
      let whole = World(program: program)
      try whole.build(additions)
      let judge = StatingJudge(world: next.world, stated: next.result)
      let fresh = try StatingJudge(world: whole)
      guard judge.stated.model.decisions.count < 40 else { continue }
      grown += 1
      let outcome = try judge.agree(change)
      #expect(try outcome == fresh.agree(change), "\(change)")
      #expect(try judge.saysTheSame(as: fresh), "\(change)")
    }
    #expect(grown >= 6)
  }

  @Test(arguments: [
    // A scenario gives each function of the kind that grows an instance, or a value that changes.
    ("for each vnf y { instance \"k\" { vnf: y } }", "vnf x { service: s }"),
    ("vnf z { service: s, cpu: v.cpu }", "v.cpu = 3"),
    ("vnf z { service: s, cpu: limit }", "limit = 5"),
  ])
  func `what a scenario has made of what changes is made anew`(_ scenario: String, _ change: String) throws {
    let text =
      StatingTests.vocabulary + """
        param limit: int = 2
        scenario lab { \(scenario) }
        test "t" { scenario lab; solve with { \(change) } }
        """
    let (program, diagnostics) = Checker.check(
      main: Source(name: "policy.placet", text: text), modules: StatingJudge.module)
    try #require(!diagnostics.contains { $0.severity == .error }, "\(diagnostics)")
    let test = try #require(program.tests.first)
    var additions = WorldAdditions()
    (additions.facts, additions.frame) = (Array(test.steps.prefix(1)), test.frame)
    let world = World(program: program)
    try world.build(additions)
    let stater = Stater(world: world)
    try stater.stateRules()
    guard case .solve(let solve)? = test.steps.last else { return }
    var delta = WorldDelta(program: program)
    (delta.changes, delta.frame) = (solve.changes, test.frame)

    #expect(try Stater.grown(from: stater, by: delta) == nil)
  }

  @Test func `what would have come out otherwise is made anew`() throws {
    for addition in [
      // Candidates of what is there.
      "host h4 { vim: a }",
      // A statement ranges over the kind.
      "vnf x { service: s }",
    ] {
      let text = "for each vnf v { instance \"k\" { vnf: v } }"
      #expect(try Self.grown(text, [addition]) == nil, "\(addition)")
    }
  }
}

extension StatingJudge {
  /// Whether the model admits just what another does, with the same instances of the same rules.
  func saysTheSame(as other: StatingJudge) throws -> Bool {
    func lines(_ judge: StatingJudge) -> [String] {
      judge.stated.instances.map { instance in
        let program = judge.world.program
        let names = (instance.arguments + instance.variables).map { binding in
          "\(binding.name)=\(judge.world.heap.describe(binding.value, type: binding.type))"
        }
        return program[instance.rule].name + " " + names.joined(separator: ",")
      }.sorted()
    }
    func posted(_ judge: StatingJudge) -> Int {
      judge.stated.model.constraints.count { judge.stated.instance(of: $0.origin) != nil }
    }
    let (mine, others) = (lines(self), lines(other))
    if mine != others || posted(self) != posted(other) {
      Issue.record("\(mine) \(posted(self)), fresh \(others) \(posted(other))")
      return false
    }
    return true
  }
}
