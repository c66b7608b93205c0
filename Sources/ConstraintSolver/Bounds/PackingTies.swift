import ConstraintModel

/// What items ask of each other.
extension PackingReader {
  func isOneToOne(_ column: ColumnID) -> Bool {
    if let known = memory.isOneToOne[column] { return known }
    let answer = Set(model[column]).count == model[column].count
    memory.isOneToOne[column] = answer
    return answer
  }

  /// Pairs of views that a constraint or a part of it is about, where both are of items.
  func pairsOfViews(_ form: Constraint.Form) -> [(View, View)] {
    switch form {
    case .equal(let a, let b), .allowed(_, let a, let b): return [(a, b)]
    case .linear(let terms, _, _):
      if terms.count == 1, case .table(_, let a, let b) = terms[0].term { return [(a, b)] }
      return []
    case .allDifferent(let views, _):
      var pairs: [(View, View)] = []
      for (index, a) in views.enumerated() { for b in views[(index + 1)...] { pairs.append((a, b)) } }
      return pairs
    default: return []
    }
  }

  /// The coarsest partition of bins that every relation between items can be told by.
  mutating func readSites(_ objective: Objective) -> Bool {
    var columns = Set<ColumnID>()
    func see(_ a: View, _ b: View) {
      guard itemOf[Int(a.decision.index)] != nil, itemOf[Int(b.decision.index)] != nil else { return }
      if a.decision == b.decision || (isOneToOne(a.column) && isOneToOne(b.column)) { return }
      columns.insert(a.column)
      columns.insert(b.column)
    }
    for constraint in model.constraints where constraint.enforcedBy.count < 2 {
      for (a, b) in pairsOfViews(constraint.form) { see(a, b) }
      for part in weightedParts(constraint) {
        for item in part where item.column.index >= 0 { columns.insert(item.column) }
      }
    }
    for term in objective.terms { if case .table(_, let a, let b) = term.term { see(a, b) } }
    siteColumns = columns.filter { !isOneToOne($0) }.sorted { $0.index < $1.index }.map { model[$0] }
    var numbers: [[Int]: Int] = [:]
    siteOfBin = Array(repeating: -1, count: binCount)
    for (candidate, bin) in binOf.enumerated() {
      let key = siteColumns.map { $0[candidate] }
      let site = numbers[key] ?? numbers.count
      numbers[key] = site
      siteOfBin[bin] = site
    }
    packing.siteCount = numbers.count
    return numbers.count <= 63
  }

  struct Part {
    var item: Int
    var weight: Int
    var column: ColumnID
    var value: Int
  }

  /// `Σ weight · [column(item) = value] <= limit` for constraints that say so of items, whose bins are not ours.
  func weightedParts(_ constraint: Constraint) -> [[Part]] {
    guard constraint.enforcedBy.isEmpty, case .linear(let terms, _, let upper?) = constraint.form, upper >= 0
    else { return [] }
    var parts: [Part] = []
    for term in terms {
      guard term.coefficient > 0, case .load(let load, let bin) = term.term else { return [] }
      for item in model[load].items where item.weight > 0 {
        guard let number = itemOf[Int(item.view.decision.index)], !isOneToOne(item.view.column) else {
          return []
        }
        parts.append(
          Part(
            item: number, weight: term.coefficient * item.weight, column: item.view.column, value: Int(bin)))
      }
    }
    return parts.isEmpty ? [] : [parts]
  }

  /// One number for each site, or nil where bins of a site differ.
  func onSites(_ column: ColumnID) -> [Int]? {
    if let known = memory.onSites[column] { return known }
    let answer = valuesOnSites(column)
    memory.onSites[column] = .some(answer)
    return answer
  }

  private func valuesOnSites(_ column: ColumnID) -> [Int]? {
    var values = [Int?](repeating: nil, count: packing.siteCount)
    for (candidate, value) in model[column].enumerated() {
      let site = siteOfBin[binOf[candidate]]
      if let known = values[site], known != value { return nil }
      values[site] = value
    }
    return values.map { $0 ?? 0 }
  }

  mutating func addPair(_ a: Int, _ b: Int, _ cost: (Int, Int) -> Int) {
    let sites = packing.siteCount
    let key = PairKey(a: min(a, b), b: max(a, b))
    var costs = pairCosts[key] ?? [Int](repeating: 0, count: sites * sites)
    for x in 0..<sites {
      for y in 0..<sites {
        let place = a < b ? x * sites + y : y * sites + x
        costs[place] = min(SiteComponent.Pair.forbidden, costs[place] + cost(x, y))
      }
    }
    pairCosts[key] = costs
  }

  mutating func readRelations() {
    for constraint in model.constraints where constraint.enforcedBy.count < 2 {
      for part in weightedParts(constraint) {
        guard case .linear(_, _, let upper?) = constraint.form else { continue }
        var members: [(item: Int, weight: Int, sites: UInt64)] = []
        for entry in part {
          guard let values = onSites(entry.column) else { continue }
          var mask: UInt64 = 0
          for (site, value) in values.enumerated() where value == entry.value { mask |= 1 << UInt64(site) }
          if mask != 0 { members.append((entry.item, entry.weight, mask)) }
        }
        if members.reduce(0, { $0 + $1.weight }) > upper { counts.append((members, upper)) }
      }
      var price = SiteComponent.Pair.forbidden
      if let literal = constraint.enforcedBy.first {
        // BOUND: an auxiliary boolean is paid once, so it prices one constraint about one pair.
        guard pairsOfViews(constraint.form).count == 1, let known = self.price(ofFailing: literal) else {
          continue
        }
        price = known
      }
      readClique(constraint)
      for (a, b) in pairsOfViews(constraint.form) {
        guard let i = itemOf[Int(a.decision.index)], let j = itemOf[Int(b.decision.index)], i != j else {
          continue
        }
        if isOneToOne(a.column) && isOneToOne(b.column) {
          if constraint.enforcedBy.isEmpty { readBinRelation(constraint.form, a, b, i, j) }
          continue
        }
        guard let x = onSites(a.column), let y = onSites(b.column) else { continue }
        let isAllowed: (Int, Int) -> Bool
        switch constraint.form {
        case .equal: isAllowed = { $0 == $1 }
        case .allDifferent(_, let except): isAllowed = { $0 != $1 || $0 == except }
        case .allowed(let table, _, _):
          let matrix = model[table]
          isAllowed = { matrix[$0][$1] != 0 }
        case .linear(let terms, let lower, let upper):
          guard case .table(let table, _, _) = terms[0].term else { continue }
          let matrix = model[table]
          let factor = terms[0].coefficient
          isAllowed = {
            let sum = factor * matrix[$0][$1]
            return (lower.map { $0 <= sum } ?? true) && (upper.map { sum <= $0 } ?? true)
          }
        default: continue
        }
        addPair(i, j) { isAllowed(x[$0], y[$1]) ? 0 : price }
        if let literal = constraint.enforcedBy.first { isSpent.insert(Int(literal.decision.index)) }
      }
    }
    for (key, costs) in pairCosts {
      var mask: UInt64 = 0
      for site in 0..<packing.siteCount
      where costs[site * packing.siteCount + site] >= SiteComponent.Pair.forbidden {
        mask |= 1 << UInt64(site)
      }
      if mask != 0 { addConflict(key.a, key.b, mask) }
    }
    for item in packing.conflicts.indices { packing.conflicts[item].sort { $0.other < $1.other } }
  }

  mutating func addConflict(_ a: Int, _ b: Int, _ sites: UInt64) {
    for (own, other) in [(a, b), (b, a)] {
      if let known = packing.conflicts[own].firstIndex(where: { $0.other == other }) {
        packing.conflicts[own][known].sites |= sites
      } else {
        packing.conflicts[own].append(.init(other: other, sites: sites))
      }
    }
  }

  /// Same bin, or never the same bin; only where both views number candidates alike.
  mutating func readBinRelation(_ form: Constraint.Form, _ a: View, _ b: View, _ i: Int, _ j: Int) {
    guard a.column == b.column else { return }
    switch form {
    case .allDifferent(_, nil): addConflict(i, j, ~0)
    case .equal:
      let (x, y) = (packing.bundles[i], packing.bundles[j])
      for item in packing.bundles.indices where packing.bundles[item] == max(x, y) {
        packing.bundles[item] = min(x, y)
      }
      addPair(i, j) { $0 == $1 ? 0 : SiteComponent.Pair.forbidden }
    default: return
    }
  }

  mutating func readClique(_ constraint: Constraint) {
    guard constraint.enforcedBy.isEmpty, case .allDifferent(let views, nil) = constraint.form,
      let column = views.first?.column, views.allSatisfy({ $0.column == column })
    else { return }
    let members = views.compactMap { itemOf[Int($0.decision.index)] }.filter { packing.cliqueOf[$0] < 0 }
    if let first = members.first { for member in members { packing.cliqueOf[member] = first } }
  }

  mutating func makeComponents() {
    var parent = Array(0..<packing.itemCount)
    func root(_ item: Int) -> Int {
      var item = item
      while parent[item] != item { item = parent[item] }
      return item
    }
    let pairs = pairCosts.filter { $0.value.contains { $0 != 0 } }.sorted {
      ($0.key.a, $0.key.b) < ($1.key.a, $1.key.b)
    }
    var isTied = [Bool](repeating: false, count: packing.itemCount)
    func join(_ items: [Int]) {
      for item in items {
        isTied[item] = true
        let (x, y) = (root(items[0]), root(item))
        parent[max(x, y)] = min(x, y)
      }
    }
    for (key, _) in pairs { join([key.a, key.b]) }
    for count in counts { join(count.members.map(\.item)) }
    var numbers: [Int: Int] = [:]
    var position = [Int](repeating: 0, count: packing.itemCount)
    for item in 0..<packing.itemCount where isTied[item] {
      let top = root(item)
      let number = numbers[top] ?? packing.components.count
      if number == packing.components.count {
        numbers[top] = number
        packing.components.append(SiteComponent())
      }
      position[item] = packing.components[number].items.count
      packing.components[number].items.append(item)
      packing.componentOf[item] = number
    }
    for (key, costs) in pairs {
      packing.components[packing.componentOf[key.a]].pairs
        .append(.init(a: position[key.a], b: position[key.b], costs: costs))
    }
    for count in counts {
      packing.components[packing.componentOf[count.members[0].item]].counts
        .append(
          .init(members: count.members.map { (position[$0.item], $0.weight, $0.sites) }, limit: count.limit))
    }
  }
}
