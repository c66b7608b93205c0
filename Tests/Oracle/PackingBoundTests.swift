import ConstraintModel
import Testing

@testable import ConstraintSolver

/// Bounds, fixing and branch and price are judged by trying everything: no kernel takes part.
@Suite struct PackingBoundTests {
  private struct Case {
    var model: ConstraintModel
    var packing: HostPacking
    /// Bins of items and the cost of each solution.
    var solutions: [(bins: [Int], cost: Int)] = []
    var optimum: Int? { solutions.map(\.cost).min() }
  }

  private static func make(_ seed: UInt64) -> Case? {
    let made = PackingModel(seed: seed)
    guard let packing = PackingReader.read(made.model, objective: made.model.objectives[0]) else {
      return nil
    }
    var result = Case(model: made.model, packing: packing)
    made.forEachSolution { values, cost in result.solutions.append((packing.bins(of: values), cost)) }
    return result
  }

  private static func multipliers(_ safe: SafeBound, _ random: inout SplitMix) -> Multipliers {
    var made = safe.firstGuess()
    for row in made.rewards.indices {
      made.rewards[row] = max(0, made.rewards[row] * random.within(0...20) / 10 + random.within(-4000...4000))
    }
    for group in made.atLeast.indices {
      if random.chance(20) { made.atLeast[group] = random.below(9000) }
      if random.chance(20) { made.atMost[group] = -random.below(9000) }
    }
    return made
  }

  @Test func `no bound exceeds the optimum, whatever the multipliers, and some come close`() {
    var close = 0
    for seed: UInt64 in 1...400 {
      guard let made = Self.make(seed), let optimum = made.optimum else { continue }
      var random = SplitMix(seed: seed)
      let safe = SafeBound(made.packing)
      for round in 0..<6 {
        let multipliers = round == 0 ? safe.firstGuess() : Self.multipliers(safe, &random)
        let answer = safe.evaluate(multipliers, safe.wholeScope(), record: { _ in 0 })
        guard let bound = answer.bound else {
          Issue.record("seed \(seed): feasible, and said not to be\n\(made.model.summary)")
          return
        }
        #expect(bound <= optimum * SafeBound.scale, "seed \(seed)\n\(made.model.summary)")
        if bound > optimum * SafeBound.scale { return }
        if (optimum * SafeBound.scale - bound) * 10 < abs(optimum) * SafeBound.scale { close += 1 }
      }
    }
    #expect(close > 100, "only \(close) bounds are within a tenth")
  }

  @Test func `fixing keeps every solution that is better than a weak incumbent`() {
    var removed = 0
    for seed: UInt64 in 1...400 {
      guard let made = Self.make(seed), let optimum = made.optimum else { continue }
      var random = SplitMix(seed: seed)
      let safe = SafeBound(made.packing)
      var classOf: [Int: Int] = [:]
      for (number, bins) in made.packing.bins.enumerated() { for bin in bins { classOf[bin] = number } }
      for round in 0..<4 {
        let multipliers = round == 0 ? safe.firstGuess() : Self.multipliers(safe, &random)
        var scope = safe.wholeScope()
        // Limits on openings that hold of some solutions, as branches set them.
        if round > 1 {
          let group = random.below(safe.groups.count)
          if random.chance(50) { scope.least[group] = 1 } else { scope.most[group] = 1 }
        }
        let answer = safe.evaluate(multipliers, scope, record: { _ in 0 })
        let upper = optimum + random.within(1...30)
        let before = scope.branch.isAllowed.count { $0 }
        safe.fix(&scope, multipliers, answer, upper: upper)
        removed += before - scope.branch.isAllowed.count { $0 }
        for solution in made.solutions where solution.cost < upper {
          let used = Set(solution.bins)
          let isInScope = safe.groups.indices.allSatisfy { group in
            let count = used.count { safe.groups[group].classes.contains(classOf[$0] ?? -1) }
            return scope.least[group] <= count && count <= scope.most[group]
          }
          guard isInScope else { continue }
          let isKept = solution.bins.enumerated().allSatisfy { item, bin in
            let number = classOf[bin] ?? -1
            return number >= 0 && scope.branch.isAllowed[item * made.packing.classes.count + number]
              && scope.isAtSite[item * made.packing.siteCount + made.packing.classes[number].site]
          }
          let holds = isKept && (answer.bound ?? .max) <= solution.cost * SafeBound.scale
          #expect(holds, "seed \(seed) round \(round): \(solution)\n\(made.model.summary)")
          if !holds { return }
        }
      }
    }
    #expect(removed > 300, "\(removed)")
  }

  @Test func `branch and price alone proves the optimum from any solution`() {
    var proven = 0
    var open: [UInt64] = []
    for seed: UInt64 in 1...400 {
      guard let made = Self.make(seed), let optimum = made.optimum else { continue }
      var random = SplitMix(seed: seed)
      let start = made.solutions[random.below(made.solutions.count)]
      let engine = BranchAndPrice(made.packing, upper: start.cost, shouldStop: { false })
      engine.note(bins: start.bins, cost: start.cost)
      var turns = 0
      while !engine.isDone && turns < 300 {
        turns += 1
        engine.run(work: [400, 5000, 1_000_000][Int(seed % 3)])
        while let bins = engine.takeProposal() {
          if let cost = made.solutions.filter({ $0.bins == bins }).map(\.cost).min(), cost < engine.upper {
            engine.note(bins: bins, cost: cost)
          }
        }
        let holds = engine.lowerBound <= optimum && engine.upper >= optimum
        #expect(holds, "seed \(seed): \(engine.lowerBound) > \(optimum)\n\(made.model.summary)")
        if !holds { return }
      }
      if engine.lowerBound == optimum && engine.upper == optimum { proven += 1 } else { open.append(seed) }
    }
    #expect(proven > 150 && open.count * 5 < proven, "\(proven) proven; open: \(open)")
  }

  @Test func `placements are solved to the optimum with branch and price in turns`() {
    for seed: UInt64 in 1...250 {
      guard let made = Self.make(seed) else { continue }
      var minimiser = Minimiser(
        made.model, constraints: made.model.constraints, options: SolverOptions(seed: seed), firstTurn: 1)
      var found: Int?
      if case .optimal(let solution) = minimiser.run() { found = solution.objectives[0] }
      #expect(found == made.optimum, "seed \(seed)\n\(made.model.summary)")
      if found != made.optimum { return }
    }
  }
}
