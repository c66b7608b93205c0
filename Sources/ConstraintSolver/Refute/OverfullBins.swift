import ConstraintModel

/// More than fits: items that can only lie in a few bins, and together take more than these hold.
extension StaticRefutation {
  /// What a bin holds of a load, and the constraint that says so.
  private struct Limit {
    var most: Int
    var index: Int
  }

  private struct Resident {
    var decision: Decision
    var weight: Int
    var column: ColumnID
  }

  /// Items that can lie in the same few bins and nowhere else.
  private struct Household {
    /// Ascending.
    var bins: [Int]
    var residents: [Resident] = []
    var sum = 0
    var largest = 0
    /// Numbers of the households whose bins are among these, its own with them.
    var inside: [Int] = []

    mutating func add(_ resident: Resident) {
      residents.append(resident)
      sum += resident.weight
      largest = max(largest, resident.weight)
    }
  }

  /// Beyond this many bins a set is no mistake of one rule.
  private static let mostBins = 64
  /// Sets that are looked at, the smallest first.
  private static let mostSets = 400

  mutating func findFull() -> [Int]? {
    let limits = readLimits()
    let loads = limits.indices.filter { !limits[$0].isEmpty }
    var households: [Int: [Household]] = [:]
    for load in loads {
      let own = self.households(model.loads[load], limits[load])
      households[load] = own
      if let suspects = full(own, limits[load]) { return suspects }
    }
    for (place, first) in loads.enumerated() {
      guard let own = households[first], !own.isEmpty else { continue }
      var householdOf = Array(repeating: Int32(-1), count: domains.count)
      for (number, household) in own.enumerated() {
        for resident in household.residents { householdOf[Int(resident.decision.index)] = Int32(number) }
      }
      for second in loads[(place + 1)...]
      where model.loads[first].binCount == model.loads[second].binCount {
        if let suspects = full(own, households[second] ?? [], limits[first], limits[second], householdOf) {
          return suspects
        }
      }
    }
    return nil
  }

  /// By load and bin: the least that a constraint says it holds, with no constraint where none does; empty where a load
  /// has no limits at all.
  private func readLimits() -> [[Limit]] {
    var limits: [[Limit]] = Array(repeating: [], count: model.loads.count)
    for index in active {
      guard case .linear(let terms, _, let upper?) = model.constraints[index].form else { continue }
      var room = upper
      var isRow = true
      for term in terms {
        switch term.term {
        case .load(let load, let bin) where term.coefficient > 0:
          if bin < 0 || bin >= model.loads[Int(load.index)].binCount { isRow = false }
        case .literal: room -= min(0, term.coefficient)
        default: isRow = false
        }
      }
      guard isRow else { continue }
      for term in terms {
        guard case .load(let id, let bin) = term.term else { continue }
        let (load, place) = (Int(id.index), Int(bin))
        if limits[load].isEmpty {
          limits[load] = Array(repeating: Limit(most: .max, index: -1), count: model.loads[load].binCount)
        }
        let most = room >= 0 ? room / term.coefficient : -1
        if most < limits[load][place].most { limits[load][place] = Limit(most: most, index: index) }
      }
    }
    return limits
  }

  /// The smallest sets of bins first.
  private mutating func households(_ load: Load, _ limits: [Limit]) -> [Household] {
    var result: [Household] = []
    var placeOf: [[Int]: Int] = [:]
    var known: [InternedDomains.ColumnOfDomain: Int?] = [:]
    for item in load.items where item.weight > 0 {
      let domain = domains[Int(item.view.decision.index)]
      let key = InternedDomains.ColumnOfDomain(column: item.view.column, domain: domain)
      let place: Int?
      if let found = known[key] {
        place = found
      } else {
        let bins = values(item.view)
        if bins.count <= Self.mostBins
          && bins.allSatisfy({ limits.indices.contains($0) && limits[$0].index >= 0 })
        {
          let own = placeOf[bins] ?? result.count
          if own == result.count { result.append(Household(bins: bins)) }
          placeOf[bins] = own
          place = own
        } else {
          place = nil
        }
        known[key] = .some(place)
      }
      guard let place else { continue }
      result[place].add(
        Resident(decision: item.view.decision, weight: item.weight, column: item.view.column))
    }
    var smallest = Array(
      result.sorted {
        $0.bins.count != $1.bins.count
          ? $0.bins.count < $1.bins.count : $0.bins.lexicographicallyPrecedes($1.bins)
      }.prefix(Self.mostSets))
    for place in smallest.indices {
      smallest[place].inside = (0...place).filter { isSubset(smallest[$0].bins, smallest[place].bins) }
    }
    return smallest
  }

  /// The same of two amounts at once, each as a share of what a bin has: where bins are alike, a bin holds two wholes.
  private func full(
    _ some: [Household], _ others: [Household], _ limits: [Limit], _ otherLimits: [Limit],
    _ householdOf: [Int32]
  ) -> [Int]? {
    if others.isEmpty { return nil }
    var otherSums = Array(repeating: 0, count: some.count)
    for household in others {
      for resident in household.residents {
        let number = Int(householdOf[Int(resident.decision.index)])
        if number >= 0 { otherSums[number] += resident.weight }
      }
    }
    var weights: [Decision: Resident] = [:]
    for set in some {
      let own = set.bins.map { limits[$0] }
      let more = set.bins.map { otherLimits[$0] }.filter { $0.index >= 0 }
      guard let a = own.first?.most, let b = more.first?.most, more.count == set.bins.count, a > 0, b > 0,
        a < 1 << 22, b < 1 << 22, own.allSatisfy({ $0.most == a }), more.allSatisfy({ $0.most == b })
      else { continue }
      // As below, where each bin takes the largest: no item is more than a whole of both.
      let most = set.inside.reduce(0.0) {
        $0 + Double(some[$1].sum) * Double(b) + Double(otherSums[$1]) * Double(a)
      }
      if most * 1.001 <= Double(a * b) * Double(set.bins.count) { continue }
      if weights.isEmpty {
        for resident in others.lazy.flatMap(\.residents) { weights[resident.decision] = resident }
      }
      var both = Household(bins: set.bins)
      for place in set.inside {
        for item in some[place].residents {
          guard let other = weights[item.decision], other.column == item.column, item.weight <= a,
            other.weight <= b
          else { continue }
          both.add(
            Resident(
              decision: item.decision, weight: item.weight * b + other.weight * a, column: item.column))
        }
      }
      let rows = own.map { Limit(most: 2 * a * b, index: $0.index) }
      if let found = tooMany([both], rows) { return reasons(found, and: (rows + more).map(\.index)) }
    }
    return nil
  }

  private func full(_ households: [Household], _ limits: [Limit]) -> [Int]? {
    for set in households {
      let rows = set.bins.map { limits[$0] }
      let inside = set.inside.map { households[$0] }
      if let found = tooMany(inside, rows) { return reasons(found, and: rows.map(\.index)) }
    }
    return nil
  }

  /// The largest that are already more than there is room for, or more than the bins take of that size.
  private func tooMany(_ inside: [Household], _ rows: [Limit]) -> [Decision]? {
    let room = rows.reduce(0) { $0 + max(0, $1.most) }
    let sum = inside.reduce(0) { $0 + $1.sum }
    let largest = inside.reduce(0) { max($0, $1.largest) }
    // Where each bin takes the largest, it takes at least half of what it holds of any size.
    if 2 * sum <= room && rows.allSatisfy({ $0.most >= largest }) { return nil }
    let residents = inside.flatMap(\.residents).sorted {
      $0.weight != $1.weight ? $0.weight > $1.weight : $0.decision < $1.decision
    }
    var taken = 0
    var places = 0
    var size = -1
    for (place, item) in residents.enumerated() {
      taken += item.weight
      if item.weight != size {
        size = item.weight
        places = rows.reduce(0) { $0 + max(0, $1.most) / size }
      }
      if taken > room || place + 1 > places { return residents[...place].map(\.decision) }
    }
    return nil
  }

  /// Of ascending numbers.
  private func isSubset(_ some: [Int], _ all: [Int]) -> Bool {
    var place = 0
    for value in some {
      while place < all.count && all[place] < value { place += 1 }
      if place == all.count || all[place] != value { return false }
    }
    return true
  }
}
