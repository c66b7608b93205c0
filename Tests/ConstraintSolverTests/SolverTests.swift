import ConstraintModel
import Synchronization
import Testing

@testable import ConstraintSolver

@Suite struct SolverTests {
  /// `items` decisions over `bins` bins, all different.
  static func pigeons(_ items: Int, _ bins: Int) -> ConstraintModel {
    var model = ConstraintModel()
    let decisions = (0..<items).map { model.addDecision(candidates: bins, name: "item \($0)") }
    let identity = model.column(Array(0..<bins))
    model.post(
      Constraint(
        .allDifferent(decisions.map { View($0, identity) }, except: nil), origin: Origin(0)))
    return model
  }

  /// Items of weight 1 on hosts with room for `room` each; using host h costs `costs[h]`.
  static func packing(items: Int, room: Int, costs: [Int], preferred: [Int] = []) -> ConstraintModel {
    var model = ConstraintModel()
    let identity = model.column(Array(costs.indices))
    let decisions = (0..<items).map {
      model.addDecision(
        candidates: costs.count, name: "item \($0)", preferred: $0 < preferred.count ? preferred[$0] : nil)
    }
    let load = model.addLoad(
      Load(items: decisions.map { .init(View($0, identity), weight: 1) }, binCount: costs.count))
    let yes = model.mask(Bitset(count: 2) { $0 == 1 })
    var goal = Objective()
    for (host, cost) in costs.enumerated() {
      let term = LinearTerm(1, .load(load, bin: Int32(host)))
      model.post(Constraint(.linear([term], lower: nil, upper: room), origin: Origin(host)))
      let used = Literal(model.addDecision(candidates: 2, name: "used \(host)", isAuxiliary: true), in: yes)
      model.post(
        Constraint(.linear([term], lower: nil, upper: 0), enforcedBy: [!used], origin: Origin(100 + host)))
      goal.terms.append(LinearTerm(cost, .literal(used)))
      goal.origins.append(Origin(100 + host))
    }
    model.objectives = [goal]
    return model
  }

  static func solution(_ outcome: Outcome) -> Solution? {
    switch outcome {
    case .optimal(let solution), .feasible(let solution): solution
    case .unsatisfiable, .unknown: nil
    }
  }

  @Test func `more items than bins are refuted by counting, not by trying`() throws {
    let (outcome, statistics) = try Solver(Self.pigeons(30, 29)).solve()

    guard case .unsatisfiable(let core) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(core == [Origin(0)])
    #expect(statistics.conflicts < 10)
  }

  @Test func `heavy items are counted by how many a bin takes`() throws {
    var model = ConstraintModel()
    let identity = model.column(Array(0..<8))
    let decisions = (0..<9).map { model.addDecision(candidates: 8, name: "item \($0)") }
    let load = model.addLoad(
      Load(items: decisions.map { .init(View($0, identity), weight: 6) }, binCount: 8))
    for bin in 0..<8 {
      model.post(
        Constraint(
          .linear([LinearTerm(1, .load(load, bin: Int32(bin)))], lower: nil, upper: 10),
          origin: Origin(bin)))
    }

    let (outcome, statistics) = try Solver(model).solve()

    guard case .unsatisfiable = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(statistics.conflicts < 10)
  }

  @Test func `a sum that could leave 64 bits is refused with its origin`() {
    var model = ConstraintModel()
    let decision = model.addDecision(candidates: 2, name: "d")
    let column = model.column([0, Int.max / 4])
    model.post(
      Constraint(
        .linear([LinearTerm(1000, .view(View(decision, column)))], lower: nil, upper: 5),
        origin: Origin(7)))

    #expect(throws: ModelError.overflow(Origin(7))) { try Solver(model) }
  }

  @Test func `no candidate left names the constraints that took them`() throws {
    var model = ConstraintModel()
    let decision = model.addDecision(candidates: 4, name: "d")
    for index in 0..<3 {
      let mask = model.mask(Bitset(count: 4) { $0 == index })
      model.post(
        Constraint(.clause([Literal(decision, in: mask, isNegated: index == 2)]), origin: Origin(index)))
    }

    let solver = try Solver(model)

    guard case .unsatisfiable(let core) = solver.solve().0 else {
      Issue.record("expected no solution")
      return
    }
    #expect(Set(core).isSubset(of: [Origin(0), Origin(1), Origin(2)]))
    #expect(
      solver.minimalCore(retractable: [Origin(0), Origin(1), Origin(2)]) == .core([Origin(0), Origin(1)]))
  }

  @Test func `a decision without candidates has no solution`() throws {
    var model = ConstraintModel()
    _ = model.addDecision(candidates: 0, name: "d")

    guard case .unsatisfiable(let core) = try Solver(model).solve().0 else {
      Issue.record("expected no solution")
      return
    }
    #expect(core.isEmpty)
  }

  @Test func `the cheapest hosts are opened and no more than needed`() throws {
    let model = Self.packing(items: 7, room: 3, costs: [9, 4, 5, 30, 4])

    let (outcome, _) = try Solver(model).solve()

    guard case .optimal(let solution) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(solution.objectives == [13])
    #expect(solution.bounds == [13])
    #expect(ModelChecker(model, values: solution.values).violated.isEmpty)
  }

  @Test func `what runs stays where it is when nothing speaks against it`() throws {
    let costs = [5, 5, 5, 5]
    let first = try #require(
      Self.solution(try Solver(Self.packing(items: 6, room: 3, costs: costs)).solve().0))
    let running = Array(first.values.prefix(6)).map { 3 - $0 }

    let again = try #require(
      Self.solution(
        try Solver(Self.packing(items: 6, room: 3, costs: costs, preferred: running)).solve().0))

    #expect(Array(again.values.prefix(6)) == running)
  }

  @Test func `progress tells of strictly better placements`() throws {
    let seen = Mutex<[[Int]]>([])
    let options = SolverOptions(progress: { step in seen.withLock { $0.append(step.objectives) } })

    _ = try Solver(Self.packing(items: 12, room: 4, costs: [7, 6, 5, 4, 3])).solve(options)

    let told = seen.withLock { $0 }
    #expect(!told.isEmpty)
    for (before, after) in zip(told, told.dropFirst()) {
      #expect(after.lexicographicallyPrecedes(before))
    }
  }

  @Test func `a limit of work ends the search, at the same place each time`() throws {
    var model = Self.packing(items: 40, room: 5, costs: (0..<16).map { 20 + $0 * 7 % 11 })
    let sites = model.column((0..<16).map { $0 % 3 })
    for item in 0..<12 {
      model.objectives[0].terms.append(LinearTerm(item % 5, .view(View(Decision(item), sites))))
    }
    let options = SolverOptions(workLimit: 20_000)

    let first = try Solver(model).solve(options)
    let second = try Solver(model).solve(options)

    #expect(first.1.work < 200_000)
    #expect("\(first)" == "\(second)")
  }

  @Test func `a caller may stop the search and keep what was found`() throws {
    let calls = Mutex(0)
    let options = SolverOptions(
      shouldStop: {
        calls.withLock {
          $0 += 1
          return $0 > 3
        }
      })

    let (outcome, _) = try Solver(
      Self.packing(items: 60, room: 4, costs: (0..<24).map { 20 + $0 * 7 % 11 })
    ).solve(options)

    if case .unsatisfiable = outcome { Issue.record("stopping is no proof") }
  }

  @Test func `a core keeps what stands last in the order`() throws {
    var model = ConstraintModel()
    let decision = model.addDecision(candidates: 3, name: "d")
    func forbid(_ candidates: Set<Int>, _ origin: Int) {
      let mask = model.mask(Bitset(count: 3) { candidates.contains($0) })
      model.post(
        Constraint(.clause([Literal(decision, in: mask, isNegated: true)]), origin: Origin(origin)))
    }
    forbid([0, 1], 0)
    forbid([2], 1)
    forbid([1, 2], 2)
    forbid([0], 3)
    let solver = try Solver(model)

    #expect(solver.minimalCore(retractable: [0, 1, 2, 3].map(Origin.init)) == .core([Origin(2), Origin(3)]))
    #expect(solver.minimalCore(retractable: [2, 3, 0, 1].map(Origin.init)) == .core([Origin(0), Origin(1)]))
  }

  @Test func `repairs name single members before pairs`() throws {
    var model = Self.pigeons(3, 2)
    let first = model.mask(Bitset(count: 2) { $0 == 0 })
    for item in 0..<2 {
      model.post(
        Constraint(.clause([Literal(Decision(item), in: first)]), origin: Origin(1 + item)))
    }
    let solver = try Solver(model)

    #expect(solver.relaxations(retractable: [0, 1, 2].map(Origin.init), count: 5) == [[Origin(0)]])
  }

  @Test func `what-if takes constraints away and adds others`() throws {
    let model = Self.pigeons(3, 2)
    let solver = try Solver(model)
    var asking = model
    let first = asking.mask(Bitset(count: 2) { $0 == 0 })
    let wish = Constraint(.clause([Literal(Decision(2), in: first)]), origin: Origin(5))

    guard case .solution(let solution) = try Solver(asking).satisfiable(without: [Origin(0)], adding: [wish])
    else {
      Issue.record("expected a solution")
      return
    }
    guard case .unsatisfiable(let core) = try solver.satisfiable() else {
      Issue.record("expected none")
      return
    }

    #expect(solution.values[2] == 0)
    #expect(core == [Origin(0)])
  }
}
