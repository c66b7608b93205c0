import ConstraintModel

/// A tier of the objective inside the kernel: a linear whose bound holds under an assumption.
struct Tier {
  var linear: Int
  var bound: Lit
}

extension Compiler {
  /// Far above any sum the overflow check lets through, far below overflow.
  static var unbounded: Int { Int.max / 2 }

  mutating func addTier(_ objective: Objective) -> Tier {
    let (parts, constant) = chains(objective.terms, negated: false)
    return addTier(parts, objective.constant + constant, ramps(objective.terms, negated: false))
  }

  /// How many decisions leave their preferred candidate.
  mutating func addPreferredTier() -> Tier {
    var parts: [[Step]] = []
    var constant = 0
    for (decision, info) in model.decisions.enumerated() {
      guard let preferred = info.preferred else { continue }
      var column = [Int](repeating: 1, count: info.candidateCount)
      if preferred >= 0 && preferred < column.count { column[preferred] = 0 }
      let part = chain(decision, column)
      if part.count == 1 { constant += part[0].contribution } else if part.count > 1 { parts.append(part) }
    }
    return addTier(parts, constant)
  }

  private mutating func addTier(_ parts: [[Step]], _ constant: Int, _ ramps: [Ramp] = []) -> Tier {
    let bound = Lit(variable: kernel.makeVariable(.plain))
    let linear = kernel.addLinear(
      parts, constant: constant, upper: Self.unbounded, enforcement: bound, ramps: ramps)
    return Tier(linear: linear, bound: bound)
  }

  /// Tells the search what candidates cost in the objective: by themselves, and by the bins they open.
  mutating func addGuides(_ objective: Objective) {
    var costs: [Lit: Int] = [:]
    var onDecision: [Int: [Int]] = [:]
    for term in objective.terms {
      switch term.term {
      case .view(let view):
        let decision = Int(view.decision.index)
        let values = model[view.column]
        var column = onDecision[decision] ?? [Int](repeating: 0, count: values.count)
        for candidate in column.indices { column[candidate] += term.coefficient * values[candidate] }
        onDecision[decision] = column
      case .literal(let literal):
        let decision = Int(literal.decision.index)
        let mask = model[literal.mask]
        var column = onDecision[decision] ?? [Int](repeating: 0, count: mask.count)
        for candidate in column.indices where mask.contains(candidate) != literal.isNegated {
          column[candidate] += term.coefficient
        }
        onDecision[decision] = column
        let made = self.literal(literal)
        costs[made, default: 0] += term.coefficient
        costs[!made, default: 0] -= term.coefficient
      case .table, .load, .ramp: continue
      }
    }
    for decision in onDecision.keys.sorted() {
      guard let column = onDecision[decision] else { continue }
      kernel.guides.base[decision].scores = addColumn(column)
    }
    addOpenings(costs)
  }

  /// A capacity below every weight says that the bin is closed; where closing is what an objective rewards,
  /// opening has that price.
  private mutating func addOpenings(_ costs: [Lit: Int]) {
    var openingsOf: [Int: [Opening]] = [:]
    for load in kernel.loads.array {
      var prices = [OpeningBin](repeating: OpeningBin(literal: .yes, cost: 0), count: load.binCount)
      var hasPrice = false
      for bin in 0..<load.binCount {
        var index = kernel.bins[load.bins + bin].firstCapacity
        while index >= 0 {
          let capacity = kernel.capacities[Int(index)]
          if capacity.limit <= 0, let cost = costs[!capacity.enforcement], cost > 0 {
            prices[bin] = OpeningBin(literal: !capacity.enforcement, cost: cost)
            hasPrice = true
          }
          index = capacity.next
        }
      }
      guard hasPrice else { continue }
      let first = kernel.openingBins.count
      for price in prices { kernel.openingBins.append(price) }
      for index in load.items..<load.items + load.itemCount {
        let item = kernel.items[index]
        let opening = Opening(column: item.column, bins: first, binCount: load.binCount)
        openingsOf[Int(item.decision), default: []].append(opening)
      }
    }
    for decision in openingsOf.keys.sorted() {
      let list = openingsOf[decision] ?? []
      kernel.guides.base[decision].openings = kernel.openings.count
      kernel.guides.base[decision].openingCount = list.count
      for opening in list { kernel.openings.append(opening) }
    }
  }

  /// Hardest first: the activity a decision starts with is the largest share of a capacity that it takes,
  /// over the number of its candidates.
  mutating func addInitialOrder() {
    for (decision, hardness) in hardness().enumerated() {
      let choices = Double(kernel.domains[decision].size)
      let isPrincipal = decision < model.decisions.count && !model.decisions[decision].isAuxiliary
      kernel.activity[decision] = (isPrincipal ? 1e-3 : 0) + hardness / (1 + choices) * 1e-2
    }
    kernel.rebuildHeap()
  }

  /// How much of the capacities each decision takes, summed over its loads.
  func hardness() -> [Double] {
    var hardness = [Double](repeating: 0, count: kernel.domains.count)
    for load in kernel.loads.array {
      var most = 0
      for bin in load.bins..<load.bins + load.binCount {
        var index = kernel.bins[bin].firstCapacity
        while index >= 0 {
          most = max(most, kernel.capacities[Int(index)].limit)
          index = kernel.capacities[Int(index)].next
        }
      }
      guard most > 0 else { continue }
      for index in load.items..<load.items + load.itemCount {
        let item = kernel.items[index]
        hardness[Int(item.decision)] += Double(item.weight) / Double(most)
      }
    }
    return hardness
  }
}
