import ConstraintModel

/// What items cost and take, bin by bin.
extension PackingReader {
  /// What an item costs for a candidate: a column, or a mask, times a coefficient.
  struct ItemCost: Hashable {
    var column: ColumnID?
    var mask: Literal?
    var coefficient: Int
  }

  /// What each item costs by itself; what is not understood adds its least to the constant.
  mutating func readItemCosts(_ objective: Objective) -> [[ItemCost]] {
    var costs = [[ItemCost]](repeating: [], count: packing.itemCount)
    for term in objective.terms {
      switch term.term {
      case .view(let view):
        let decision = Int(view.decision.index)
        if let item = itemOf[decision] {
          costs[item].append(ItemCost(column: view.column, coefficient: term.coefficient))
        } else {
          let least = domains[decision].members.map { model[view.column][$0] * term.coefficient }.min()
          packing.constant += least ?? 0
        }
      case .literal(let literal):
        let decision = Int(literal.decision.index)
        if isBoolean(decision) && self.costs[decision] != nil { continue }
        if let item = itemOf[decision] {
          costs[item].append(ItemCost(mask: literal, coefficient: term.coefficient))
        } else {
          packing.constant += min(0, term.coefficient)
        }
      case .table(let table, let a, let b):
        let matrix = model[table]
        if let i = itemOf[Int(a.decision.index)], let j = itemOf[Int(b.decision.index)], i != j,
          let x = onSites(a.column), let y = onSites(b.column)
        {
          // Costs of pairs are not negative, so that a forbidden pair stays one.
          let least = matrix.reduce(0) { min($0, $1.reduce(0) { min($0, $1 * term.coefficient) }) }
          packing.constant += least
          addPair(i, j) { matrix[x[$0]][y[$1]] * term.coefficient - least }
        } else {
          var least = Int.max
          for row in matrix { for value in row { least = min(least, value * term.coefficient) } }
          packing.constant += least == .max ? 0 : least
        }
      case .load(let load, _):
        let most = model[load].items.reduce(0) { $0 + $1.weight }
        packing.constant += min(0, term.coefficient * most)
      case .ramp:
        if term.coefficient < 0 { packing.constant -= OverflowCheck(model).peak(term) }
      }
    }
    return costs
  }

  func cost(_ terms: [ItemCost], at candidate: Int) -> Int {
    var cost = 0
    for term in terms {
      if let column = term.column { cost += term.coefficient * model[column][candidate] }
      if let literal = term.mask, model[literal.mask].contains(candidate) != literal.isNegated {
        cost += term.coefficient
      }
    }
    return cost
  }

  /// A limit on what is in one bin or in a part of it.
  struct Row {
    var kind: [Int]
    var limit: Int
    var hits: [Hit]
  }

  /// Whoever looks at a load through a column is counted by a row at these candidates, times the coefficient.
  struct Hit {
    var sight: Sight
    var coefficient: Int
    var candidates: [Int]
  }

  /// A column of a load, and how its candidates lie in bins: -1 for items, else the map of guests.
  struct Sight: Hashable {
    var load: Int
    var column: ColumnID
    var map: Int
  }

  /// The rows of each bin, in the order of the model.
  func readRows() -> [[Row]] {
    var rows = [[Row]](repeating: [], count: binCount)
    var candidatesOf: [ColumnID: [Int: [Int]]] = [:]
    var sightsOf: [Int: [Sight]] = [:]
    for constraint in model.constraints where constraint.enforcedBy.isEmpty {
      guard case .linear(let terms, let lower, let upper) = constraint.form else { continue }
      for (sign, bound) in [(1, upper), (-1, lower.map { -$0 })] {
        guard var limit = bound else { continue }
        var row = Row(kind: [], limit: 0, hits: [])
        var place: Int?
        var isRow = true
        for term in terms where isRow {
          let coefficient = sign * term.coefficient
          switch term.term {
          case .load(let load, let wanted):
            guard coefficient > 0 else {
              isRow = false
              break
            }
            row.kind += [Int(load.index), coefficient]
            let sights = sightsOf[Int(load.index)] ?? sights(load)
            sightsOf[Int(load.index)] = sights
            for sight in sights {
              if candidatesOf[sight.column] == nil {
                var lists: [Int: [Int]] = [:]
                for (candidate, value) in model[sight.column].enumerated() {
                  lists[value, default: []].append(candidate)
                }
                candidatesOf[sight.column] = lists
              }
              var hit = Hit(sight: sight, coefficient: coefficient, candidates: [])
              for candidate in candidatesOf[sight.column]?[Int(wanted)] ?? [] {
                let bin = sight.map < 0 ? binOf[candidate] : maps[sight.map].binOf[candidate]
                if bin < 0 { continue }
                if place == nil { place = bin }
                if place != bin { isRow = false }
                hit.candidates.append(candidate)
              }
              if !hit.candidates.isEmpty { row.hits.append(hit) }
            }
          case .literal: limit -= min(0, coefficient)
          case .view, .table, .ramp: isRow = false
          }
        }
        guard isRow, let place else { continue }
        row.limit = limit
        rows[place].append(row)
      }
    }
    return rows
  }

  /// The ways in which items and guests are counted by a load.
  private func sights(_ load: LoadID) -> [Sight] {
    var seen = Set<Sight>()
    var sights: [Sight] = []
    for item in model[load].items where item.weight > 0 {
      let decision = Int(item.view.decision.index)
      guard let map = itemOf[decision] != nil ? -1 : mapOfGuest[decision] else { continue }
      let sight = Sight(load: Int(load.index), column: item.view.column, map: map)
      if seen.insert(sight).inserted { sights.append(sight) }
    }
    return sights
  }

  /// What a decision adds to the loads that it is seen by.
  struct Weight: Hashable {
    var sight: Sight
    var weight: Int
  }

  func readWeights() -> [Int: [Weight]] {
    var weights: [Int: [Weight]] = [:]
    for (number, load) in model.loads.enumerated() {
      for item in load.items where item.weight > 0 {
        let decision = Int(item.view.decision.index)
        guard let map = itemOf[decision] != nil ? -1 : mapOfGuest[decision] else { continue }
        let sight = Sight(load: number, column: item.view.column, map: map)
        weights[decision, default: []].append(Weight(sight: sight, weight: item.weight))
      }
    }
    return weights
  }

  static func undominated(_ ways: [[Int]]) -> [[Int]] {
    var kept: [[Int]] = []
    for (index, way) in ways.enumerated() {
      let isWorse = ways.enumerated().contains { other, rival in
        other != index && zip(rival, way).allSatisfy { $0 <= $1 } && (rival != way || other < index)
      }
      if !isWorse { kept.append(way) }
    }
    return kept
  }

  /// Rows of a kind that comes twice are exchanged with each other, where every item is as well off.
  static func mirror(_ made: BinClass) -> [Int] {
    var mirror = Array(made.kinds.indices)
    for kind in Set(made.kinds) {
      let places = made.kinds.indices.filter { made.kinds[$0] == kind }
      guard places.count == 2 else { continue }
      guard made.limits[places[0]] == made.limits[places[1]] else { return [] }
      mirror[places[0]] = places[1]
      mirror[places[1]] = places[0]
    }
    guard mirror != Array(made.kinds.indices) else { return [] }
    for choice in made.choices {
      guard let choice else { continue }
      let turned = Set(choice.ways.map { way in mirror.map { way[$0] } })
      if turned != Set(choice.ways) { return [] }
    }
    return mirror
  }
}
