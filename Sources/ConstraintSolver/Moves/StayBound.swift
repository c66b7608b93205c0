import ConstraintModel

/// What leaving costs at least: where what runs in a bin is more than fits, the fewest that bring it down have to leave.
///
/// Bins of one candidate are looked at one by one; what runs on different candidates is apart, so that their bounds add up.
enum StayBound {
  /// A lower bound of an objective whose terms speak of single decisions; nil for others.
  static func bound(_ model: ConstraintModel, _ objective: Objective) -> Int? {
    var total = objective.constant
    /// What each decision pays at least when it leaves; the term of decisions with one.
    var leaving: [Int: Int] = [:]
    var seen: Set<Int> = []
    for term in objective.terms {
      guard case .literal(let literal) = term.term, term.coefficient != 0 else { return nil }
      let decision = Int(literal.decision.index)
      guard !model.decisions[decision].isAuxiliary else { return nil }
      if term.coefficient < 0 { total += term.coefficient }
      // A second term of the same decision only adds to what it costs.
      guard seen.insert(decision).inserted else { leaving[decision] = nil; continue }
      let mask = model[literal.mask]
      let isDearInside = (term.coefficient > 0) != literal.isNegated
      let cheap = isDearInside ? mask.count - mask.memberCount : mask.memberCount
      guard cheap == 1, let home = model.decisions[decision].preferred, home >= 0, home < mask.count,
        mask.contains(home) != isDearInside
      else { continue }
      leaving[decision] = abs(term.coefficient)
    }
    var limits: [Int: [Int: Int]] = [:]
    for constraint in model.constraints where constraint.enforcedBy.isEmpty {
      guard case .linear(let terms, _, let upper?) = constraint.form, terms.count == 1,
        terms[0].coefficient > 0, case .load(let load, let bin) = terms[0].term
      else { continue }
      let limit = upper >= 0 ? upper / terms[0].coefficient : -1
      let known = limits[Int(load.index)]?[Int(bin)] ?? .max
      limits[Int(load.index), default: [:]][Int(bin)] = min(known, limit)
    }
    var least: [Int: Int] = [:]
    for number in limits.keys.sorted() {
      struct Crowd {
        var home: Int
        var weights: [Int] = []
        var cheapest = Int.max
        var sum = 0
      }
      var crowds: [Int: Crowd?] = [:]
      for item in model.loads[number].items {
        let decision = Int(item.view.decision.index)
        guard let cost = leaving[decision], let home = model.decisions[decision].preferred else { continue }
        let bin = model[item.view.column][home]
        guard limits[number]?[bin] != nil else { continue }
        guard var crowd = crowds[bin] ?? Crowd(home: home) else { continue }
        if crowd.home != home {
          crowds[bin] = .some(nil)
          continue
        }
        crowd.weights.append(item.weight)
        crowd.cheapest = min(crowd.cheapest, cost)
        crowd.sum += item.weight
        crowds[bin] = crowd
      }
      for (bin, crowd) in crowds {
        guard let crowd, let limit = limits[number]?[bin], crowd.sum > limit else { continue }
        var rest = crowd.sum
        var count = 0
        for weight in crowd.weights.sorted(by: >) where rest > limit {
          rest -= weight
          count += 1
        }
        least[crowd.home] = max(least[crowd.home] ?? 0, count * crowd.cheapest)
      }
    }
    // ORDER: a sum does not depend on it.
    return least.values.reduce(total, +)
  }
}
