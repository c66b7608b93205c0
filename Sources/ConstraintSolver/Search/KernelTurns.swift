import ConstraintModel

/// The kernel's own turns: complete search, and neighbourhoods of the best placement.
extension Minimiser {
  /// Once, when a proof does not come at once: complete search is told which placements are alike.
  mutating func breakSymmetry() {
    looksForSymmetry = false
    guard kernel.settle() else { return }
    symmetry = kernel.addPrecedence(Symmetry.find(model, effort: 4_000_000), hardness: hardness)
  }

  mutating func searchCompletely(_ tier: Int, until last: Int) -> Turn {
    restorePhases()
    while true {
      kernel.backtrack(to: 0)
      if bestObjectives[tier] <= bounds[tier] { return .proven }
      bound(tier, to: bestObjectives[tier] - 1, forGood: false)
      var limits = limits
      limits.work = min(limits.work, last)
      switch kernel.search(assuming: [tiers[tier].bound] + (symmetry.map { [$0] } ?? []), limits: limits) {
      case .satisfied:
        let before = bestObjectives[tier]
        accept()
        precondition(bestObjectives[tier] < before, "a placement missed its bound: please report it")
        restorePhases()
      case .unsatisfiable, .refuted: return .proven
      case .limit: return isOver ? .stopped : .tired
      }
    }
  }

  /// Simulated annealing whose moves are sub-searches of the kernel.
  ///
  /// A region stays open over several moves, so that what lies outside is propagated once for all of them.
  mutating func searchNeighbourhoods(_ tier: Int, until turn: Int) {
    let probe = probes[tier]
    var current = best
    var cost = bestObjectives[tier]
    while kernel.work < turn {
      if isOver { return }
      // Contradiction is the proof that the complete search is about to repeat.
      guard kernel.settle() else { return }
      if bestObjectives[tier] <= bounds[tier] { return }
      if annealing.isReheating {
        current = best
        cost = bestObjectives[tier]
      }
      let region = neighbourhoods.chooseRegion(around: current)
      var outside = [probe.bound]
      for decision in neighbourhoods.decisions {
        if !region.contains(decision) {
          outside.append(kernel.valueLiteral(decision, current[decision]))
        }
      }
      kernel.setUpper(ofLinear: probe.linear, to: Compiler.unbounded)
      guard kernel.freeze(outside) else { continue }
      for _ in 0..<24 where kernel.work < turn {
        let freed = neighbourhoods.choose(around: current, within: region)
        var inside: [Lit] = []
        for decision in region.members where !freed.contains(decision) {
          inside.append(kernel.valueLiteral(decision, current[decision]))
        }
        for decision in freed.members { kernel.saved[decision] = -1 }
        for decision in neighbourhoods.others { kernel.saved[decision] = -1 }
        kernel.order(freed.members, by: neighbourhoods.key())
        let allowance = annealing.allowance()
        kernel.setUpper(ofLinear: probe.linear, to: cost + allowance)
        guard kernel.freeze(inside) else {
          kernel.backtrack(to: 1)
          neighbourhoods.note(.exhausted)
          continue
        }
        switch kernel.explore(conflictLimit: neighbourhoods.conflictLimit) {
        case .satisfied:
          for decision in current.indices { current[decision] = Int(kernel.solution[decision]) }
          cost = kernel.solutionLower
          neighbourhoods.note(.improved)
          if cost < bestObjectives[tier] { accept() }
        case .unsatisfiable: return
        case .refuted: neighbourhoods.note(.exhausted)
        case .limit: neighbourhoods.note(.tooLarge)
        }
      }
    }
  }
}
