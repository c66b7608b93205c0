import ConstraintModel
import Testing

@testable import ConstraintSolver

/// Enumeration judges placements with linked decisions, rows over several loads and hosts that are alike, both
/// written out and propagated lazily.
@Suite struct HostingAgreesTests {
  static let seeds: ClosedRange<UInt64> = 1...2500
  static let lazily = Expansion(candidates: 0, pairs: 0, entries: 0)

  @Test(arguments: [false, true])
  func `placements reach the status and the optimum of enumeration`(_ isLazy: Bool) {
    for seed in Self.seeds {
      let model = HostingModel.make(seed: seed, withPreferred: seed % 4 == 0)
      func disagrees(_ model: ConstraintModel) -> Bool {
        Self.disagrees(model, isLazy ? Self.lazily : Expansion(), firstTurn: [1, 30, nil][Int(seed % 3)])
      }
      guard disagrees(model) else { continue }
      let small = model.shrunk(while: disagrees)
      Issue.record(
        "seed \(seed):\n\(small.summary)\nenumeration \(String(describing: Enumeration(model: small).optimum()))"
      )
      return
    }
  }

  @Test func `the generator makes placements that can be exchanged, and some that cannot be placed`() {
    var withClasses = 0
    var placed = 0
    for seed in Self.seeds {
      let model = HostingModel.make(seed: seed)
      if !Symmetry.find(model, effort: 1_000_000).classes.isEmpty { withClasses += 1 }
      if Enumeration(model: model).isSatisfiable { placed += 1 }
    }
    #expect(withClasses > 300, "\(withClasses)")
    #expect(placed > 1000 && placed < 2400, "\(placed)")
  }

  @Test func `what may be exchanged may be exchanged in every solution`() {
    for seed in Self.seeds.lowerBound...Self.seeds.upperBound / 2 {
      let model = HostingModel.make(seed: seed)
      let symmetry = Symmetry.find(model, effort: 1_000_000)
      if symmetry.classes.isEmpty { continue }
      var objectives: [[Int]: Set<[Int]>] = [:]
      Enumeration(model: model).forEachSolution { checker, values in
        objectives[symmetry.decisions.map { values[$0] }, default: []]
          .insert(model.objectives.map { checker.value(of: $0) })
        return true
      }
      for members in symmetry.classes {
        for (a, b) in zip(members, members.dropFirst()) {
          var exchanged = Array(0..<model.decisions[symmetry.decisions[0]].candidateCount)
          for (x, y) in zip(a, b) { exchanged.swapAt(x, y) }
          for (placement, found) in objectives {
            let other = objectives[placement.map { exchanged[$0] }]
            #expect(other == found, "seed \(seed) \(placement)\n\(model.summary)")
            if other != found { return }
          }
        }
      }
    }
  }

  static func disagrees(_ model: ConstraintModel, _ expansion: Expansion, firstTurn: Int?) -> Bool {
    let expected = Enumeration(model: model).optimum()
    var minimiser = Minimiser(
      model, constraints: model.constraints, options: SolverOptions(), firstTurn: firstTurn,
      expansion: expansion)
    switch minimiser.run() {
    case .optimal(let solution):
      return solution.objectives != expected || solution.bounds != expected
        || !ModelChecker(model, values: solution.values).violated.isEmpty
    case .unsatisfiable: return expected != nil
    case .feasible, .unknown: return true
    }
  }

  @Test func `random models of every form agree when nothing is written out`() {
    for seed: UInt64 in 1...2500 {
      let model = RandomModel.make(seed: seed)
      func disagrees(_ model: ConstraintModel) -> Bool { Self.disagrees(model, Self.lazily, firstTurn: nil) }
      guard disagrees(model) else { continue }
      let small = model.shrunk(while: disagrees)
      Issue.record(
        "seed \(seed):\n\(small.summary)\nenumeration \(String(describing: Enumeration(model: small).optimum()))"
      )
      return
    }
  }

  @Test(.enabled(if: Kernel.canCheck, "a release build checks nothing"), arguments: [false, true])
  func `no step towards a placement rules out a known solution`(_ isLazy: Bool) {
    for seed in Self.seeds.lowerBound...Self.seeds.upperBound / 2 {
      let model = HostingModel.make(seed: seed)
      var solutions: [[Int]] = []
      Enumeration(model: model).forEachSolution { _, values in
        solutions.append(values)
        return true
      }
      let stride = max(1, solutions.count / 5)
      for known in solutions.enumerated().filter({ $0.offset % stride == 0 }).map(\.element) {
        var minimiser = Minimiser(
          model, constraints: model.constraints, options: SolverOptions(), known: known, firstTurn: 60,
          expansion: isLazy ? Self.lazily : Expansion())
        _ = minimiser.run()
        let wrong = minimiser.wrongStep
        #expect(wrong == nil, "seed \(seed): \(wrong ?? "") against \(known)\n\(model.summary)")
        if wrong != nil { return }
      }
    }
  }

  @Test(arguments: [false, true])
  func `what is asked of some origins is answered as by enumeration`(_ isLazy: Bool) {
    for seed in Self.seeds.lowerBound...Self.seeds.upperBound / 2 {
      let model = HostingModel.make(seed: seed)
      let origins = Set(model.constraints.map(\.origin)).sorted()
      let query = Query(
        model, constraints: model.constraints, retractable: Set(origins),
        expansion: isLazy ? Self.lazily : Expansion())
      var random = SplitMix(seed: seed)
      for round in 0..<4 {
        let asked = round == 0 ? origins : origins.filter { _ in random.chance(70) }
        func part(_ kept: [Origin]) -> ConstraintModel {
          model.keeping { kept.contains(model.constraints[$0].origin) }
        }
        var agrees: Bool
        switch query.ask(asked, Budget(SolverOptions())) {
        case .satisfied(let values): agrees = ModelChecker(part(asked), values: values).violated.isEmpty
        case .refuted(let core):
          agrees = Set(core).isSubset(of: asked) && !Enumeration(model: part(core)).isSatisfiable
        case .unknown: agrees = false
        }
        #expect(agrees, "seed \(seed) round \(round)\n\(part(asked).summary)")
        if !agrees { return }
      }
    }
  }
}
