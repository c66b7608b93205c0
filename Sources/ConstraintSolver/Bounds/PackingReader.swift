import ConstraintModel

/// Reads a model as a packing where it is one.
///
/// BOUND: whatever is skipped here only makes the packing looser. What is taken must hold in every solution.
struct PackingReader {
  private let model: ConstraintModel
  private var packing = HostPacking()
  private var domains: [Bitset]
  private var itemOf: [Int: Int] = [:]
  private var binOf: [Int] = []
  private var binCount = 0
  /// What an auxiliary boolean costs where it is false and where it is true.
  private var costs: [Int: (no: Int, yes: Int)] = [:]
  private var isSpent = Set<Int>()
  /// Other decisions whose candidates lie in bins, by the item that they lie with.
  private var guests: [[Guest]] = []
  private var hostOfGuest: [Int: (item: Int, place: Int)] = [:]
  private var siteColumns: [[Int]] = []
  private var siteOfBin: [Int] = []
  private var pairCosts: [PairKey: [Int]] = [:]
  private var counts: [(members: [(item: Int, weight: Int, sites: UInt64)], limit: Int)] = []

  private struct Guest {
    var decision: Int
    var binOf: [Int]
  }
  private struct PairKey: Hashable {
    var a: Int
    var b: Int
  }
  private struct Opening {
    var load: Int
    var bin: Int
    var decision: Int
    var cost: Int
  }

  /// The packing in a model for one of its objectives, or nil where there is none worth the name.
  static func read(_ model: ConstraintModel, objective: Objective) -> HostPacking? {
    var reader = PackingReader(model)
    return reader.read(objective)
  }

  private init(_ model: ConstraintModel) {
    self.model = model
    domains = model.decisions.map { Bitset(count: $0.candidateCount, filled: true) }
  }

  private mutating func read(_ objective: Objective) -> HostPacking? {
    readDomains()
    readAuxiliaryCosts(objective)
    guard let openings = readOpenings(), readItems(openings) else { return nil }
    readGuests()
    guard readSites(objective) else { return nil }
    readRelations()
    let itemCosts = readItemCosts(objective)
    readClasses(openings, itemCosts)
    // What auxiliary booleans cost at least, beyond openings and pairs that are told apart.
    for (_, cost) in costs { packing.constant += min(cost.no, cost.yes) }
    packing.constant += objective.constant
    makeComponents()
    return packing.classes.isEmpty ? nil : packing
  }

  private func isBoolean(_ decision: Int) -> Bool {
    model.decisions[decision].candidateCount == 2 && model.decisions[decision].isAuxiliary
  }

  // MARK: domains and costs

  private mutating func readDomains() {
    for constraint in model.constraints where constraint.enforcedBy.isEmpty {
      guard case .clause(let literals) = constraint.form, literals.count == 1 else { continue }
      let decision = Int(literals[0].decision.index)
      let mask = model[literals[0].mask]
      domains[decision] =
        literals[0].isNegated ? domains[decision].subtracting(mask) : domains[decision].intersection(mask)
    }
  }

  private mutating func readAuxiliaryCosts(_ objective: Objective) {
    for term in objective.terms {
      guard case .literal(let literal) = term.term, isBoolean(Int(literal.decision.index)) else { continue }
      let mask = model[literal.mask]
      var cost = costs[Int(literal.decision.index)] ?? (0, 0)
      if mask.contains(0) != literal.isNegated { cost.no += term.coefficient }
      if mask.contains(1) != literal.isNegated { cost.yes += term.coefficient }
      costs[Int(literal.decision.index)] = cost
    }
  }

  /// What it costs that a literal is false rather than as one likes, or nil where nothing.
  private func price(ofFailing literal: Literal) -> Int? {
    let decision = Int(literal.decision.index)
    guard isBoolean(decision), !isSpent.contains(decision), let cost = costs[decision] else { return nil }
    let mask = model[literal.mask]
    let holds = (mask.contains(0) != literal.isNegated, mask.contains(1) != literal.isNegated)
    guard holds.0 != holds.1 else { return nil }
    let failing = holds.0 ? cost.yes : cost.no
    let price = failing - min(cost.no, cost.yes)
    return price > 0 ? price : nil
  }

  // MARK: items and bins

  /// Bins that are empty unless a literal fails which is dear to fail, of the load that most items are in.
  private mutating func readOpenings() -> [Opening]? {
    var byLoad: [Int: [Opening]] = [:]
    for constraint in model.constraints {
      guard constraint.enforcedBy.count == 1, case .linear(let terms, _, let upper?) = constraint.form,
        terms.count == 1, upper >= 0, case .load(let load, let bin) = terms[0].term,
        terms[0].coefficient > 0, upper / terms[0].coefficient == 0,
        bin >= 0, Int(bin) < model[load].binCount,
        let price = price(ofFailing: constraint.enforcedBy[0])
      else { continue }
      let decision = Int(constraint.enforcedBy[0].decision.index)
      byLoad[Int(load.index), default: []]
        .append(Opening(load: Int(load.index), bin: Int(bin), decision: decision, cost: price))
    }
    let best = byLoad.max { a, b in
      let (x, y) = (
        model.loads[a.key].items.count * a.value.count, model.loads[b.key].items.count * b.value.count
      )
      return x != y ? x < y : a.key > b.key
    }
    return best?.value
  }

  private mutating func readItems(_ openings: [Opening]) -> Bool {
    let load = model.loads[openings[0].load]
    guard let first = load.items.first?.view.column else { return false }
    binOf = model[first]
    binCount = load.binCount
    guard load.items.count * binCount <= 200_000 else { return false }
    packing.candidateOfBin = Array(repeating: -1, count: binCount)
    for (candidate, bin) in binOf.enumerated() {
      guard bin >= 0, bin < binCount, packing.candidateOfBin[bin] < 0 else { return false }
      packing.candidateOfBin[bin] = candidate
    }
    for item in load.items where item.weight > 0 {
      let decision = Int(item.view.decision.index)
      guard item.view.column == first, itemOf[decision] == nil else { return false }
      itemOf[decision] = packing.decisions.count
      packing.decisions.append(decision)
    }
    guests = Array(repeating: [], count: packing.itemCount)
    packing.bundles = Array(0..<packing.itemCount)
    packing.conflicts = Array(repeating: [], count: packing.itemCount)
    packing.cliqueOf = Array(repeating: -1, count: packing.itemCount)
    packing.componentOf = Array(repeating: -1, count: packing.itemCount)
    return packing.itemCount > 1
  }

  /// Decisions that an equality ties to the bin of an item, such as its cells.
  private mutating func readGuests() {
    for constraint in model.constraints where constraint.enforcedBy.isEmpty {
      guard case .equal(let a, let b) = constraint.form else { continue }
      for (own, other) in [(a, b), (b, a)] {
        guard let item = itemOf[Int(own.decision.index)] else { continue }
        let decision = Int(other.decision.index)
        guard itemOf[decision] == nil, hostOfGuest[decision] == nil else { continue }
        var binOfValue: [Int: Int] = [:]
        var isUnique = true
        for (candidate, value) in model[own.column].enumerated() {
          if binOfValue.updateValue(binOf[candidate], forKey: value) != nil { isUnique = false }
        }
        guard isUnique else { continue }
        hostOfGuest[decision] = (item, guests[item].count)
        guests[item].append(
          Guest(decision: decision, binOf: model[other.column].map { binOfValue[$0] ?? -1 }))
      }
    }
  }

  // MARK: sites

  private func isOneToOne(_ column: ColumnID) -> Bool {
    Set(model[column]).count == model[column].count
  }

  /// Pairs of views that a constraint or a part of it is about, where both are of items.
  private func pairsOfViews(_ form: Constraint.Form) -> [(View, View)] {
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
  private mutating func readSites(_ objective: Objective) -> Bool {
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

  private struct Part {
    var item: Int
    var weight: Int
    var column: ColumnID
    var value: Int
  }

  /// `Σ weight · [column(item) = value] <= limit` for constraints that say so of items, whose bins are not ours.
  private func weightedParts(_ constraint: Constraint) -> [[Part]] {
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
  private func onSites(_ column: ColumnID) -> [Int]? {
    var values = [Int?](repeating: nil, count: packing.siteCount)
    for (candidate, value) in model[column].enumerated() {
      let site = siteOfBin[binOf[candidate]]
      if let known = values[site], known != value { return nil }
      values[site] = value
    }
    return values.map { $0 ?? 0 }
  }

  private mutating func addPair(_ a: Int, _ b: Int, _ cost: (Int, Int) -> Int) {
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

  private mutating func readRelations() {
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

  private mutating func addConflict(_ a: Int, _ b: Int, _ sites: UInt64) {
    for (own, other) in [(a, b), (b, a)] {
      if let known = packing.conflicts[own].firstIndex(where: { $0.other == other }) {
        packing.conflicts[own][known].sites |= sites
      } else {
        packing.conflicts[own].append(.init(other: other, sites: sites))
      }
    }
  }

  /// Same bin, or never the same bin; only where both views number candidates alike.
  private mutating func readBinRelation(_ form: Constraint.Form, _ a: View, _ b: View, _ i: Int, _ j: Int) {
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

  private mutating func readClique(_ constraint: Constraint) {
    guard constraint.enforcedBy.isEmpty, case .allDifferent(let views, nil) = constraint.form,
      let column = views.first?.column, views.allSatisfy({ $0.column == column })
    else { return }
    let members = views.compactMap { itemOf[Int($0.decision.index)] }.filter { packing.cliqueOf[$0] < 0 }
    if let first = members.first { for member in members { packing.cliqueOf[member] = first } }
  }

  private mutating func makeComponents() {
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

  // MARK: what items cost and take

  /// Cost of each item for each candidate; what is not understood adds its least to the constant.
  private mutating func readItemCosts(_ objective: Objective) -> [[Int]] {
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
      }
    }
    return costs
  }

  private mutating func add(_ column: [Int], _ decision: Int, _ costs: inout [[Int]]) {
    if let item = itemOf[decision] {
      for (candidate, cost) in column.enumerated() { costs[item][candidate] += cost }
    } else {
      let least = domains[decision].members.map { column[$0] }.min() ?? 0
      packing.constant += least
    }
  }

  /// A limit on what is in one bin or in a part of it.
  private struct Row {
    var kind: [Int]
    var limit: Int
    /// Weight by decision and candidate that adds it.
    var entries: [(decision: Int, candidate: Int, weight: Int)]
  }

  private func bin(_ decision: Int, _ candidate: Int) -> Int? {
    if itemOf[decision] != nil { return binOf[candidate] }
    guard let (item, place) = hostOfGuest[decision] else { return nil }
    return guests[item][place].binOf[candidate]
  }

  /// The rows of each bin, in the order of the model.
  private func readRows() -> [[Row]] {
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
          case .view, .table: isRow = false
          }
        }
        guard isRow, let place else { continue }
        row.limit = limit
        rows[place].append(row)
      }
    }
    return rows
  }

  private mutating func readClasses(_ openings: [Opening], _ itemCosts: [[Int]]) {
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

  private static func undominated(_ ways: [[Int]]) -> [[Int]] {
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
  private static func mirror(_ made: BinClass) -> [Int] {
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
