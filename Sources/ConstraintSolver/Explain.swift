package import ConstraintModel

/// Why there is no placement: a minimal set of origins.
package enum CoreOutcome: Hashable, Sendable {
  /// Together with all that is not retractable these have no solution; without any one of them they have.
  /// Empty where what is not retractable has none by itself.
  case core([Origin])
  case satisfiable
  case unknown
}

extension Solver {
  /// A minimal set of retractable origins that cannot hold together with everything else.
  ///
  /// - Parameter retractable: in order of dropping; what stands last is kept in the core where that costs nothing.
  package func minimalCore(
    retractable: [Origin], _ options: SolverOptions = SolverOptions()
  ) -> CoreOutcome {
    minimalCore(ranked: [retractable], options)
  }

  /// The same with ranks, what is to go first before what is to be kept: a member of a rank is in the core only
  /// where no core does without it, given all of the ranks above. At size that is said of the conflicts that are seen
  /// without search: to know all of the others takes the whole model.
  package func minimalCore(
    ranked: [[Origin]], _ options: SolverOptions = SolverOptions()
  ) -> CoreOutcome {
    let budget = Budget(options)
    if let core = quickCore(ranked, budget) { return .core(core) }
    let outcome = shrink(ranked, budget)
    guard case .core(let core) = outcome else { return outcome }
    recheck(core, retractable: Set(ranked.joined()), budget)
    return outcome
  }

  /// The sets of retractable origins whose removal makes the whole model satisfiable: smallest first, each
  /// minimal, at most `count` of them. "Any one of these would do."
  package func relaxations(
    retractable: [Origin], count: Int, _ options: SolverOptions = SolverOptions()
  ) -> [[Origin]] {
    let budget = Budget(options)
    let (hard, soft) = split(retractable)
    let order = Array(soft.reversed())
    var found: [[Origin]] = []
    var frontier: [[Origin]] = [[]]
    var visited: Set<[Origin]> = [[]]
    // A hitting-set tree by size: whatever repairs the model takes one member of every core.
    while !frontier.isEmpty {
      var next: [[Origin]] = []
      for removed in frontier {
        if found.contains(where: { Set($0).isSubset(of: removed) }) { continue }
        let gone = Set(removed)
        switch tracked.ask(hard + order.filter { !gone.contains($0) }, budget) {
        case .unknown: return found
        case .satisfied:
          found.append(removed.sorted())
          if found.count >= count { return found }
        case .refuted(let core):
          for origin in order.reversed() where core.contains(origin) {
            let child = (removed + [origin]).sorted()
            if visited.insert(child).inserted { next.append(child) }
          }
        }
      }
      frontier = next
    }
    return found
  }

  /// What always holds, and what may be dropped in the order of dropping.
  private func split(_ retractable: [Origin]) -> (hard: [Origin], soft: [Origin]) {
    let present = Set(tracked.origins)
    let droppable = Set(retractable)
    return (
      tracked.origins.filter { !droppable.contains($0) }, retractable.filter(present.contains)
    )
  }

  func shrink(_ ranked: [[Origin]], _ budget: Budget) -> CoreOutcome {
    let (hard, _) = split(Array(ranked.joined()))
    var kept: [Origin] = []
    for (rank, origins) in ranked.enumerated() {
      // What is to be kept longest is assumed first.
      let above = ranked[(rank + 1)...].reversed().flatMap { split($0).1.reversed() }
      let order = split(origins).1
      if rank > 0 && order.isEmpty { continue }
      switch shrink(order, given: hard + above + kept, budget) {
      case .core(let members): kept += members
      case let other: return other
      }
    }
    return .core(kept.sorted())
  }

  /// A minimal part of `order` that cannot hold together with what is given.
  private func shrink(_ order: [Origin], given: [Origin], _ budget: Budget) -> CoreOutcome {
    let droppable = Set(order)
    var core: Set<Origin>
    switch tracked.ask(given + order.reversed(), budget) {
    case .satisfied: return .satisfiable
    case .unknown: return .unknown
    case .refuted(let members): core = Set(members).intersection(droppable)
    }
    for candidate in order where core.contains(candidate) {
      let rest = order.reversed().filter { core.contains($0) && $0 != candidate }
      switch tracked.ask(given + rest, budget) {
      case .satisfied: continue
      case .unknown: return .unknown
      case .refuted(let members): core = Set(members).intersection(droppable)
      }
    }
    return .core(order.filter(core.contains))
  }

  /// A core is shown only when a fresh kernel refutes it too.
  func recheck(_ core: [Origin], retractable: Set<Origin>, _ budget: Budget) {
    let dropped = retractable.subtracting(core)
    let constraints = model.constraints.filter { !dropped.contains($0.origin) }
    let query = Query(model, constraints: constraints, retractable: [])
    if case .satisfied = query.ask([], budget) {
      preconditionFailure("a core was not a core: please send the capture bundle")
    }
  }
}
