import ConstraintModel
import Testing

@testable import ConstraintSolver

/// Bounds from prices are judged by enumeration, on packings where opening a bin costs.
@Suite struct OpeningBoundTests {
  @Test func `no priced bound exceeds the optimum, and some come close`() {
    var close = 0
    for seed: UInt64 in 1...400 {
      let model = Self.packing(seed: seed)
      guard let optimum = Enumeration(model: model).optimum() else { continue }
      var compiler = Compiler(model, constraints: model.constraints, retractable: [])
      let tier = compiler.addTier(model.objectives[0])
      compiler.addGuides(model.objectives[0])
      var kernel = compiler.finish()
      guard kernel.settle() else {
        Issue.record("seed \(seed): feasible, and refuted at once")
        return
      }
      let lower = kernel.linears[tier.linear].lower
      let opening = OpeningBound(kernel, lower: lower)
      if opening.isEmpty { continue }

      let bound = opening.bound(upper: optimum[0] + 5, effort: 60_000)

      #expect(bound <= optimum[0], "seed \(seed)\n\(model.summary)")
      if bound > optimum[0] { return }
      if bound > lower && (optimum[0] - bound) * 10 <= optimum[0] { close += 1 }
    }
    #expect(close > 50, "only \(close) bounds are within a tenth and better than the trivial one")
  }

  /// A few items over a few bins with two resources, scores, and a price for opening.
  static func packing(seed: UInt64) -> ConstraintModel {
    var random = SplitMix(seed: seed)
    var model = ConstraintModel()
    let bins = random.within(2...4)
    let hasOutside = random.chance(20)
    let candidates = bins + (hasOutside ? 1 : 0)
    let column = model.column((0..<candidates).map { $0 < bins ? $0 : -1 })
    let items = (0..<random.within(2...5)).map {
      model.addDecision(candidates: candidates, name: "item \($0)")
    }
    var goal = Objective()
    func add(_ coefficient: Int, _ term: Term) {
      goal.terms.append(LinearTerm(coefficient, term))
      goal.origins.append(Origin(0))
    }
    for item in items {
      let scores = (0..<candidates).map { _ in random.below(9) }
      add(random.within(1...3), .view(View(item, model.column(scores))))
    }
    let yes = model.mask(Bitset(count: 2) { $0 == 1 })
    let count = model.addLoad(
      Load(items: items.map { .init(View($0, column), weight: 1) }, binCount: bins))
    for bin in 0..<bins where random.chance(85) {
      let used = Literal(model.addDecision(candidates: 2, name: "used \(bin)", isAuxiliary: true), in: yes)
      add(random.within(1...40), .literal(used))
      model.post(
        Constraint(
          .linear([LinearTerm(1, .load(count, bin: Int32(bin)))], lower: nil, upper: 0), enforcedBy: [!used],
          origin: Origin(bin)))
    }
    for _ in 0..<random.within(1...2) {
      let load = model.addLoad(
        Load(items: items.map { .init(View($0, column), weight: random.below(7)) }, binCount: bins))
      for bin in 0..<bins where random.chance(90) {
        model.post(
          Constraint(
            .linear([LinearTerm(1, .load(load, bin: Int32(bin)))], lower: nil, upper: random.within(3...14)),
            origin: Origin(100 + bin)))
      }
    }
    goal.constant = random.within(-5...5)
    model.objectives = [goal]
    return model
  }

  @Test func `packings are solved to the optimum of enumeration with every engine at work`() {
    for seed: UInt64 in 1...120 {
      let model = Self.packing(seed: seed)
      var minimiser = Minimiser(
        model, constraints: model.constraints, options: SolverOptions(seed: seed), firstTurn: 1)
      var found: [Int]?
      if case .optimal(let solution) = minimiser.run() { found = solution.objectives }
      let expected = Enumeration(model: model).optimum()
      #expect(found == expected, "seed \(seed)\n\(model.summary)")
      if found != expected { return }
    }
  }
}
