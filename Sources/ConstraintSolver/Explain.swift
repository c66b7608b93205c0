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
  /// - Parameter retractable: in order of dropping; what stands last is kept in the core where possible.
  package func minimalCore(
    retractable: [Origin], _ options: SolverOptions = SolverOptions()
  ) -> CoreOutcome {
    var query = Query(
      model, constraints: model.constraints, retractable: Set(retractable), options: options)
    let outcome = Self.shrink(&query, retractable)
    guard case .core(let core) = outcome else { return outcome }
    recheck(core, retractable: Set(retractable), options)
    return outcome
  }

  /// The sets of retractable origins whose removal makes the whole model satisfiable: smallest first, each
  /// minimal, at most `count` of them. "Any one of these would do."
  package func relaxations(
    retractable: [Origin], count: Int, _ options: SolverOptions = SolverOptions()
  ) -> [[Origin]] {
    var query = Query(
      model, constraints: model.constraints, retractable: Set(retractable), options: options)
    let order = Array(retractable.filter(Set(query.origins).contains).reversed())
    var found: [[Origin]] = []
    var frontier: [[Origin]] = [[]]
    var visited: Set<[Origin]> = [[]]
    // A hitting-set tree by size: whatever repairs the model takes one member of every core.
    while !frontier.isEmpty {
      var next: [[Origin]] = []
      for removed in frontier {
        if found.contains(where: { Set($0).isSubset(of: removed) }) { continue }
        let gone = Set(removed)
        switch query.ask(order.filter { !gone.contains($0) }) {
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

  private static func shrink(_ query: inout Query, _ retractable: [Origin]) -> CoreOutcome {
    let present = Set(query.origins)
    let order = retractable.filter(present.contains)
    var core: Set<Origin>
    switch query.ask(order.reversed()) {
    case .satisfied: return .satisfiable
    case .unknown: return .unknown
    case .refuted(let members): core = Set(members)
    }
    for candidate in order where core.contains(candidate) {
      let rest = order.reversed().filter { core.contains($0) && $0 != candidate }
      switch query.ask(rest) {
      case .satisfied: continue
      case .unknown: return .unknown
      case .refuted(let members): core = Set(members)
      }
    }
    return .core(order.filter(core.contains).sorted())
  }

  /// A core is shown only when a fresh kernel refutes it too.
  private func recheck(_ core: [Origin], retractable: Set<Origin>, _ options: SolverOptions) {
    let dropped = retractable.subtracting(core)
    let constraints = model.constraints.filter { !dropped.contains($0.origin) }
    var query = Query(model, constraints: constraints, retractable: [], options: options)
    if case .satisfied = query.ask([]) {
      preconditionFailure("a core was not a core: please send the capture bundle")
    }
  }
}
