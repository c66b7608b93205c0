import ConstraintModel

/// What items cost and take, bin by bin.
extension PackingReader {
  /// Cost of each item for each candidate; what is not understood adds its least to the constant.
  mutating func readItemCosts(_ objective: Objective) -> [[Int]] {
    var costs = packing.decisions.map { [Int](repeating: 0, count: model.decisions[$0].candidateCount) }
    for term in objective.terms {
      switch term.term {
      case .view(let view):
        add(model[view.column].map { $0 * term.coefficient }, Int(view.decision.index), &costs)
      case .literal(let literal):
        let decision = Int(literal.decision.index)
        if isBoolean(decision) && self.costs[decision] != nil { continue }
        let mask = model[literal.mask]
        add(
          (0..<mask.count).map { mask.contains($0) != literal.isNegated ? term.coefficient : 0 }, decision,
          &costs)
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

  mutating func add(_ column: [Int], _ decision: Int, _ costs: inout [[Int]]) {
    if let item = itemOf[decision] {
      for (candidate, cost) in column.enumerated() { costs[item][candidate] += cost }
    } else {
      let least = domains[decision].members.map { column[$0] }.min() ?? 0
      packing.constant += least
    }
  }

  /// A limit on what is in one bin or in a part of it.
  struct Row {
    var kind: [Int]
    var limit: Int
    /// Weight by decision and candidate that adds it.
    var entries: [(decision: Int, candidate: Int, weight: Int)]
  }

  func bin(_ decision: Int, _ candidate: Int) -> Int? {
    if itemOf[decision] != nil { return binOf[candidate] }
    guard let (item, place) = hostOfGuest[decision] else { return nil }
    return guests[item][place].binOf[candidate]
  }

  /// The rows of each bin, in the order of the model.
  func readRows() -> [[Row]] {
    var rows = [[Row]](repeating: [], count: binCount)
    var candidatesOf: [ColumnID: [Int: [Int]]] = [:]
    for constraint in model.constraints where constraint.enforcedBy.isEmpty {
      guard case .linear(let terms, let lower, let upper) = constraint.form else { continue }
      for (sign, bound) in [(1, upper), (-1, lower.map { -$0 })] {
        guard var limit = bound else { continue }
        var row = Row(kind: [], limit: 0, entries: [])
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
            for item in model[load].items where item.weight > 0 {
              if candidatesOf[item.view.column] == nil {
                var lists: [Int: [Int]] = [:]
                for (candidate, value) in model[item.view.column].enumerated() {
                  lists[value, default: []].append(candidate)
                }
                candidatesOf[item.view.column] = lists
              }
              let decision = Int(item.view.decision.index)
              for candidate in candidatesOf[item.view.column]?[Int(wanted)] ?? []
              where domains[decision].contains(candidate) {
                guard let bin = bin(decision, candidate), bin >= 0 else { continue }
                if place == nil { place = bin }
                if place != bin {
                  isRow = false
                  break
                }
                row.entries.append((decision, candidate, coefficient * item.weight))
              }
              if !isRow { break }
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

  mutating func readClasses(_ openings: [Opening], _ itemCosts: [[Int]]) {
    var prices = [Int](repeating: 0, count: binCount)
    for opening in openings where prices[opening.bin] == 0 && !isSpent.contains(opening.decision) {
      prices[opening.bin] = opening.cost
      isSpent.insert(opening.decision)
    }
    let rows = readRows()
    var guestCandidates: [Int: [[Int]]] = [:]
    for list in guests {
      for guest in list {
        var lists = [[Int]](repeating: [], count: binCount)
        for candidate in domains[guest.decision].members where guest.binOf[candidate] >= 0 {
          lists[guest.binOf[candidate]].append(candidate)
        }
        guestCandidates[guest.decision] = lists
      }
    }
    var numberOf: [BinClass: Int] = [:]
    for bin in 0..<binCount where packing.candidateOfBin[bin] >= 0 {
      var made = BinClass(site: siteOfBin[bin], opening: prices[bin])
      let own = rows[bin]
      made.limits = own.map(\.limit)
      var kindNumbers: [[Int]: Int] = [:]
      var weights: [Int: [Int: [(row: Int, weight: Int)]]] = [:]
      for (number, row) in own.enumerated() {
        let kind = kindNumbers[row.kind] ?? kindNumbers.count
        kindNumbers[row.kind] = kind
        made.kinds.append(kind)
        for entry in row.entries {
          weights[entry.decision, default: [:]][entry.candidate, default: []].append((number, entry.weight))
        }
      }
      let candidate = packing.candidateOfBin[bin]
      for item in 0..<packing.itemCount {
        guard domains[packing.decisions[item]].contains(candidate) else {
          made.choices.append(nil)
          continue
        }
        var base = [Int](repeating: 0, count: own.count)
        for (row, weight) in weights[packing.decisions[item]]?[candidate] ?? [] { base[row] += weight }
        var ways = [base]
        for guest in guests[item] {
          let options = guestCandidates[guest.decision]?[bin] ?? []
          guard ways.count * options.count <= 64 else { continue }
          var next: [[Int]] = []
          for way in ways {
            for option in options {
              var more = way
              for (row, weight) in weights[guest.decision]?[option] ?? [] { more[row] += weight }
              next.append(more)
            }
          }
          ways = next
        }
        ways = Self.undominated(ways.filter { way in zip(way, made.limits).allSatisfy { $0 <= $1 } })
        made.choices.append(ways.isEmpty ? nil : .init(cost: itemCosts[item][candidate], ways: ways))
      }
      made.mirror = Self.mirror(made)
      if let known = numberOf[made] {
        packing.bins[known].append(bin)
      } else {
        numberOf[made] = packing.classes.count
        packing.classes.append(made)
        packing.bins.append([bin])
      }
    }
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
