import ConstraintModel

/// A lower bound of an objective of positive parts: each is no less than its sum and no less than 0, so that for any choice
/// between the two the rest is linear, and each decision's least stands for itself.
///
/// The choice is made for all sums over a load at once, where it raises the bound. In integers, for objectives whose
/// terms and sums speak of principal decisions and of loads.
enum RampBound {
  static func bound(_ model: ConstraintModel, _ objective: Objective) -> Int? {
    var plain = Costs(model)
    plain.constant = objective.constant
    /// Ramps by the loads that they are about.
    var groups: [[Int]: [(factor: Int, sum: Sum)]] = [:]
    for term in objective.terms {
      guard case .ramp(let id) = term.term else {
        guard plain.add(term) else { return nil }
        continue
      }
      // What is earned has no bound here; nothing is lost by saying so.
      guard term.coefficient > 0 else { return nil }
      var key: [Int] = []
      for inner in model[id].terms {
        if case .load(let load, _) = inner.term {
          key.append(Int(load.index) * 4 + (inner.coefficient < 0 ? 1 : 0))
        }
      }
      groups[key.sorted(), default: []].append((term.coefficient, model[id]))
    }
    var best = plain.least
    for key in groups.keys.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      var tried = plain
      var isLinear = true
      for (factor, sum) in groups[key] ?? [] {
        tried.constant += factor * sum.constant
        for inner in sum.terms {
          isLinear = isLinear && tried.add(LinearTerm(factor * inner.coefficient, inner.term))
        }
      }
      guard isLinear, case let bound = tried.least, bound > best else { continue }
      best = bound
      plain = tried
    }
    return best
  }

  /// What each candidate of each decision costs, and what each unit in a bin does.
  private struct Costs {
    let model: ConstraintModel
    var constant = 0
    /// Booleans that say something of others: no less than their cheaper value.
    var unary: [Int: [Int]] = [:]
    var bins: [Int: [Int]] = [:]

    init(_ model: ConstraintModel) { self.model = model }

    mutating func add(_ term: LinearTerm) -> Bool {
      switch term.term {
      case .view(let view):
        let column = model[view.column]
        for candidate in column.indices {
          add(term.coefficient * column[candidate], view.decision, candidate)
        }
      case .literal(let literal):
        let mask = model[literal.mask]
        for candidate in 0..<mask.count where mask.contains(candidate) != literal.isNegated {
          add(term.coefficient, literal.decision, candidate)
        }
      case .load(let load, let bin):
        guard bin >= 0, Int(bin) < model[load].binCount else { return true }
        bins[Int(load.index), default: Array(repeating: 0, count: model[load].binCount)][Int(bin)] +=
          term.coefficient
      case .table, .ramp: return false
      }
      return true
    }

    private mutating func add(_ cost: Int, _ decision: Decision, _ candidate: Int) {
      unary[
        Int(decision.index), default: Array(repeating: 0, count: model[decision].candidateCount)][
          candidate] += cost
    }

    /// Each decision at its cheapest.
    var least: Int {
      var costs = unary
      for (load, factors) in bins {
        for item in model.loads[load].items where item.weight > 0 {
          let column = model[item.view.column]
          let decision = Int(item.view.decision.index)
          var own = costs[decision] ?? Array(repeating: 0, count: column.count)
          for candidate in column.indices {
            let bin = column[candidate]
            if bin >= 0 && bin < factors.count { own[candidate] += factors[bin] * item.weight }
          }
          costs[decision] = own
        }
      }
      // ORDER: a sum does not depend on it.
      return costs.values.reduce(constant) { $0 + ($1.min() ?? 0) }
    }
  }
}
