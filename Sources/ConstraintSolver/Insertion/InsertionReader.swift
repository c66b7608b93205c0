import ConstraintModel

/// Reads a constraint model as one of items that are inserted, where it is one.
struct InsertionReader {
  private let model: ConstraintModel
  private let objective: Objective
  private var result = InsertionModel()
  private var itemOf: [Int: Int] = [:]
  private var guestOf: [Int: (item: Int, map: GuestMap)] = [:]
  private var domains: [Int: Bitset] = [:]
  private var columnBase: [ColumnKey: Int32] = [:]
  private var isInjective: [Int: Bool] = [:]
  /// What an auxiliary boolean costs at one of its values, where it does.
  private var priceOf: [Int: (dear: Int, price: Int)] = [:]
  private var pairsOf: [[InsertionModel.PairEntry]] = []
  private var groupsOf: [[InsertionModel.GroupEntry]] = []
  private var pairUse: [Int: Int] = [:]

  private struct GuestMap: Hashable {
    var mine: Int
    var hosts: Int
  }

  /// Nil where the model is not one of items over one set of candidates.
  static func read(_ model: ConstraintModel) -> InsertionModel? {
    guard let objective = model.objectives.first(where: { !$0.terms.isEmpty }) ?? model.objectives.first
    else { return nil }
    var reader = InsertionReader(model: model, objective: objective)
    if reader.read() { return reader.result }
    reader.result.deallocate()
    return nil
  }

  private init(model: ConstraintModel, objective: Objective) {
    self.model = model
    self.objective = objective
  }

  private mutating func read() -> Bool {
    guard findItems(), readObjectivePrices() else { return false }
    pairsOf = Array(repeating: [], count: result.itemCount)
    groupsOf = Array(repeating: [], count: result.itemCount)
    readDomains()
    readRelations()
    let rows = readRows()
    let opens = readOpenings()
    flattenLoads(rows, opens)
    findClasses(rows, opens)
    guard makeChoices() else { return false }
    flattenRelations()
    makeComponents()
    for (decision, price) in priceOf.sorted(by: { $0.key < $1.key }) where price.dear == 0 {
      result.cheapWhenTrue.append(Int32(decision))
    }
    result.constant += objective.constant
    return true
  }

  // MARK: items and guests

  private func isInjective(_ column: ColumnID) -> Bool {
    let values = model[column]
    return Set(values).count == values.count
  }

  /// Items are the principal decisions with most candidates to share a load; every other principal decision is tied
  /// to one of them.
  private mutating func findItems() -> Bool {
    let principal = model.principalDecisions.map { Int($0.index) }
    guard !principal.isEmpty else { return false }
    var hostOf: [Int: (host: Int, map: GuestMap)] = [:]
    var injective: [ColumnID: Bool] = [:]
    func injects(_ column: ColumnID) -> Bool {
      if let known = injective[column] { return known }
      let answer = isInjective(column)
      injective[column] = answer
      return answer
    }
    for constraint in model.constraints where constraint.enforcedBy.isEmpty {
      guard case .equal(let a, let b) = constraint.form else { continue }
      for (host, guest) in [(a, b), (b, a)]
      where injects(host.column) && !injects(guest.column)
        && Set(model[guest.column]).isSubset(of: Set(model[host.column]))
      {
        let decision = Int(guest.decision.index)
        if hostOf[decision] != nil { return false }
        hostOf[decision] = (
          Int(host.decision.index), GuestMap(mine: Int(guest.column.index), hosts: Int(host.column.index))
        )
      }
    }
    let items = principal.filter { hostOf[$0] == nil }
    guard let first = items.first else { return false }
    result.candidateCount = model.decisions[first].candidateCount
    guard result.candidateCount > 1,
      items.allSatisfy({ model.decisions[$0].candidateCount == result.candidateCount })
    else { return false }
    result.decisions = Buffer(items)
    for (number, decision) in items.enumerated() { itemOf[decision] = number }
    for decision in principal {
      guard let found = hostOf[decision] else { continue }
      guard let item = itemOf[found.host] else { return false }
      guestOf[decision] = (item, found.map)
    }
    return true
  }

  // MARK: objective

  /// Unary terms are read where choices are made; here the prices of auxiliary booleans.
  private mutating func readObjectivePrices() -> Bool {
    for term in objective.terms {
      switch term.term {
      case .view(let view): guard itemOf[Int(view.decision.index)] != nil else { return false }
      case .literal(let literal):
        let decision = Int(literal.decision.index)
        guard model.decisions[decision].isAuxiliary else {
          guard itemOf[decision] != nil else { return false }
          continue
        }
        let mask = model[literal.mask]
        guard mask.count == 2, mask.contains(0) != mask.contains(1) else { return false }
        // What is earned at one value is a price of the other.
        let value = mask.contains(1) != literal.isNegated ? 1 : 0
        let dear = term.coefficient >= 0 ? value : 1 - value
        if term.coefficient < 0 { result.constant += term.coefficient }
        let known = priceOf[decision] ?? (dear, 0)
        guard known.dear == dear else { return false }
        priceOf[decision] = (dear, known.price + abs(term.coefficient))
      case .table, .load, .ramp: return false
      }
    }
    return true
  }

  // MARK: what restricts one item

  private mutating func readDomains() {
    for constraint in model.constraints where constraint.enforcedBy.isEmpty {
      guard case .clause(let literals) = constraint.form, literals.count == 1,
        itemOf[Int(literals[0].decision.index)] != nil
      else { continue }
      let decision = Int(literals[0].decision.index)
      let mask = model[literals[0].mask]
      let known = domains[decision] ?? Bitset(count: result.candidateCount, filled: true)
      domains[decision] = literals[0].isNegated ? known.subtracting(mask) : known.intersection(mask)
    }
  }

  // MARK: what items ask of each other

  /// What it costs that a constraint which the literal enforces does not hold; nil where that has no price.
  private func price(enforcer literal: Literal) -> Int? {
    let decision = Int(literal.decision.index)
    let mask = model[literal.mask]
    guard model.decisions[decision].isAuxiliary, mask.count == 2, mask.contains(0) != mask.contains(1),
      let known = priceOf[decision]
    else { return nil }
    let value = mask.contains(1) != literal.isNegated ? 1 : 0
    return value == known.dear ? nil : known.price
  }

  private mutating func readRelations() {
    var groupBase = 0
    for constraint in model.constraints {
      var cost = -1
      if let enforcer = constraint.enforcedBy.first {
        // "Unless it is paid for": enforced where the boolean has the value that costs nothing.
        guard constraint.enforcedBy.count == 1, let price = price(enforcer: enforcer) else { continue }
        cost = price
      }
      switch constraint.form {
      case .equal(let a, let b): addPair(a, b, .equal, cost: cost)
      case .allowed(let table, let a, let b):
        addPair(a, b, .table, cost: cost, table: flatTable(TableKey(table: table)) { $0 != 0 })
      case .linear(let terms, let lower, let upper):
        guard terms.count == 1, case .table(let table, let a, let b) = terms[0].term else { continue }
        let coefficient = terms[0].coefficient
        let key = TableKey(table: table, coefficient: coefficient, lower: lower, upper: upper)
        let flat = flatTable(key) {
          coefficient * $0 >= lower ?? .min && coefficient * $0 <= upper ?? .max
        }
        addPair(a, b, .table, cost: cost, table: flat)
      case .allDifferent(let views, let except):
        if views.count == 2, except == nil {
          addPair(views[0], views[1], .different, cost: cost)
        } else if cost < 0 {
          let members = views.compactMap { view in itemOf[Int(view.decision.index)].map { ($0, view) } }
          var (width, least) = (0, 0)
          for (_, view) in members {
            width = max(width, (model[view.column].max() ?? 0) + 1)
            least = min(least, model[view.column].min() ?? 0)
          }
          guard members.count == views.count, least >= 0, width < 1 << 24, groupBase < 1 << 30 else {
            continue
          }
          for (item, view) in members {
            groupsOf[item].append(
              InsertionModel.GroupEntry(
                column: column(view.column), base: Int32(groupBase),
                isUniform: !isInjectiveColumn(view.column),
                except: except.map { Int32($0) } ?? .min))
            pairUse[Int(view.column.index), default: 0] += 1
          }
          relate(members.map(\.0))
          groupBase += width
        }
      default: continue
      }
    }
    result.groupValues = groupBase
  }

  private var related: [[Int]] = []
  private mutating func relate(_ items: [Int]) { related.append(items) }

  private mutating func isInjectiveColumn(_ column: ColumnID) -> Bool {
    if let known = isInjective[Int(column.index)] { return known }
    // What tells more than half of the candidates apart is a matter of the single candidate.
    let answer = Set(model[column]).count * 2 > model[column].count
    isInjective[Int(column.index)] = answer
    return answer
  }

  private mutating func addPair(
    _ a: View, _ b: View, _ relation: InsertionModel.Relation, cost: Int,
    table: (base: Int32, width: Int32) = (0, 0)
  ) {
    guard let x = itemOf[Int(a.decision.index)], let y = itemOf[Int(b.decision.index)], x != y else { return }
    let (base, width) = table
    let isUniform = !isInjectiveColumn(a.column) && !isInjectiveColumn(b.column)
    let (mine, others) = (column(a.column), column(b.column))
    pairsOf[x].append(
      InsertionModel.PairEntry(
        other: Int32(y), column: mine, otherColumn: others, relation: relation, isUniform: isUniform,
        cost: cost,
        table: base, step: width, otherStep: 1))
    pairsOf[y].append(
      InsertionModel.PairEntry(
        other: Int32(x), column: others, otherColumn: mine, relation: relation, isUniform: isUniform,
        cost: cost,
        table: base, step: 1, otherStep: width))
    for view in [a, b] where isUniform { pairUse[Int(view.column.index), default: 0] += 1 }
    relate([x, y])
  }

  private struct TableKey: Hashable {
    var table: TableID
    var coefficient, lower, upper: Int?
  }

  private var tableBase: [TableKey: (Int32, Int32)] = [:]

  /// A table of truth, stored once for all constraints that say the same of it.
  private mutating func flatTable(_ key: TableKey, _ holds: (Int) -> Bool) -> (Int32, Int32) {
    if let known = tableBase[key] { return known }
    let rows = model[key.table]
    let place = (Int32(result.tables.count), Int32(rows.first?.count ?? 0))
    for row in rows { for value in row { result.tables.append(holds(value) ? 1 : 0) } }
    tableBase[key] = place
    return place
  }

  private mutating func column(_ id: ColumnID, bins: Int = .max) -> Int32 {
    // A number beyond the last bin is no bin.
    let limit = bins < .max && model[id].contains { $0 >= bins } ? bins : .max
    if let known = columnBase[ColumnKey(column: id, limit: limit)] { return known }
    let base = Int32(result.columns.count)
    for value in model[id] { result.columns.append(value < limit ? Int32(truncatingIfNeeded: value) : -1) }
    columnBase[ColumnKey(column: id, limit: limit)] = base
    return base
  }

  private struct ColumnKey: Hashable {
    var column: ColumnID
    var limit: Int
  }

  // MARK: rows and openings

  private struct Row {
    var upper: Int
    var terms: [(load: Int, bin: Int, coefficient: Int)]
  }

  private func loadTerms(_ terms: [LinearTerm]) -> [(load: Int, bin: Int, coefficient: Int)]? {
    var found: [(load: Int, bin: Int, coefficient: Int)] = []
    for term in terms {
      guard case .load(let load, let bin) = term.term, term.coefficient > 0, bin >= 0,
        bin < model[load].binCount
      else { return nil }
      found.append((Int(load.index), Int(bin), term.coefficient))
    }
    return found
  }

  private func readRows() -> [Row] {
    model.constraints.compactMap { constraint in
      guard constraint.enforcedBy.isEmpty, case .linear(let terms, nil, let upper?) = constraint.form,
        let found = loadTerms(terms)
      else { return nil }
      return Row(upper: upper, terms: found)
    }
  }

  /// Bins that cost something when anything is in them.
  private func readOpenings() -> [(load: Int, bin: Int, price: Int)] {
    model.constraints.compactMap { constraint in
      guard constraint.enforcedBy.count == 1, let price = price(enforcer: constraint.enforcedBy[0]),
        case .linear(let terms, nil, let upper?) = constraint.form, let found = loadTerms(terms),
        found.count == 1, upper >= 0, upper < found[0].coefficient
      else { return nil }
      return (found[0].load, found[0].bin, price)
    }
  }

  private mutating func flattenLoads(_ rows: [Row], _ opens: [(load: Int, bin: Int, price: Int)]) {
    // Rows by load and bin.
    var loadBase: [Int: Int32] = [:]
    var refs: [Int: [Int: [InsertionModel.RowRef]]] = [:]
    var bounds: [Int: (sum: Double, count: Double)] = [:]
    for (number, row) in rows.enumerated() {
      result.upper.append(row.upper)
      for term in row.terms {
        refs[term.load, default: [:]][term.bin, default: []]
          .append(InsertionModel.RowRef(row: Int32(number), coefficient: term.coefficient))
        let old = bounds[term.load] ?? (0, 0)
        bounds[term.load] = (old.sum + Double(row.upper) / Double(term.coefficient), old.count + 1)
      }
    }
    for load in refs.keys.sorted() {
      loadBase[load] = Int32(result.rowStart.count)
      for bin in 0..<model.loads[load].binCount {
        result.rowStart.append(Int32(result.rowRefs.count))
        for ref in refs[load]?[bin] ?? [] { result.rowRefs.append(ref) }
      }
      result.rowStart.append(Int32(result.rowRefs.count))
    }
    var openBase: [Int: Int32] = [:]
    for open in opens {
      if openBase[open.load] == nil {
        openBase[open.load] = Int32(result.prices.count)
        result.prices.append(repeating: 0, count: model.loads[open.load].binCount)
      }
      result.prices[Int(openBase[open.load] ?? 0) + open.bin] += open.price
    }

    // Entries by decision.
    var entriesOf: [Int: [InsertionModel.LoadEntry]] = [:]
    var opensOf: [Int: [InsertionModel.OpenEntry]] = [:]
    var size = Array(repeating: 0.0, count: result.itemCount)
    for (number, load) in model.loads.enumerated() {
      let base = loadBase[number]
      let open = openBase[number]
      guard base != nil || open != nil else { continue }
      let mean = bounds[number].map { $0.sum / max($0.count, 1) } ?? 0
      var columns: [ColumnID: Int32] = [:]
      for item in load.items where item.weight > 0 {
        let decision = Int(item.view.decision.index)
        let column = columns[item.view.column] ?? column(item.view.column, bins: load.binCount)
        columns[item.view.column] = column
        if let base {
          entriesOf[decision, default: []]
            .append(InsertionModel.LoadEntry(column: column, load: base, weight: item.weight))
          let owner = itemOf[decision] ?? guestOf[decision]?.item
          if let owner, mean > 0 { size[owner] += Double(item.weight) / mean }
        }
        if let open {
          opensOf[decision, default: []].append(InsertionModel.OpenEntry(column: column, base: open))
        }
      }
    }
    result.size = Buffer(size)

    var guestsOf: [[Int]] = Array(repeating: [], count: result.itemCount)
    for (decision, guest) in guestOf.sorted(by: { $0.key < $1.key }) { guestsOf[guest.item].append(decision) }
    var lists: [GuestMap: Int32] = [:]
    for (item, decision) in result.decisions.array.enumerated() {
      result.entryStart.append(Int32(result.entries.count))
      for entry in entriesOf[decision] ?? [] { result.entries.append(entry) }
      result.openStart.append(Int32(result.opens.count))
      for entry in opensOf[decision] ?? [] { result.opens.append(entry) }
      result.guestStart.append(Int32(result.guests.count))
      for guest in guestsOf[item] {
        guard let map = guestOf[guest]?.map else { continue }
        let start = Int32(result.guestEntries.count)
        for entry in entriesOf[guest] ?? [] { result.guestEntries.append(entry) }
        let list = lists[map] ?? guestList(map)
        lists[map] = list
        result.guests.append(
          InsertionModel.Guest(
            decision: Int32(guest), lists: list, entryStart: start, entryEnd: Int32(result.guestEntries.count)
          ))
        result.guestDecisions.append(guest)
      }
    }
    result.entryStart.append(Int32(result.entries.count))
    result.openStart.append(Int32(result.opens.count))
    result.guestStart.append(Int32(result.guests.count))
  }

  /// Candidates of a guest for each candidate of its item.
  private mutating func guestList(_ map: GuestMap) -> Int32 {
    let base = result.guestLists.count
    var byValue: [Int: [Int32]] = [:]
    for (candidate, value) in model.columns[map.mine].enumerated() {
      byValue[value, default: []].append(Int32(candidate))
    }
    let hosts = model.columns[map.hosts]
    var start = base + hosts.count + 1
    for value in hosts {
      result.guestLists.append(Int32(start))
      start += byValue[value]?.count ?? 0
    }
    result.guestLists.append(Int32(start))
    for value in hosts { for candidate in byValue[value] ?? [] { result.guestLists.append(candidate) } }
    return Int32(base)
  }

  // MARK: classes

  /// Splits candidates by everything that is said of them but which one they are.
  private mutating func findClasses(_ rows: [Row], _ opens: [(load: Int, bin: Int, price: Int)]) {
    let count = result.candidateCount
    var marks = Array(repeating: (UInt64(1), UInt64(2)), count: count)
    func mix(_ candidate: Int, _ value: Int) {
      let bits = UInt64(bitPattern: Int64(value))
      marks[candidate].0 = (marks[candidate].0 ^ bits) &* 0x9E37_79B9_7F4A_7C15
      marks[candidate].0 ^= marks[candidate].0 >> 29
      marks[candidate].1 = (marks[candidate].1 &+ bits) &* 0xC2B2_AE3D_27D4_EB4F
      marks[candidate].1 ^= marks[candidate].1 >> 31
    }
    var seenColumns = Set<Int>()
    func mixColumn(_ id: Int) {
      guard seenColumns.insert(id).inserted, model.columns[id].count == count else { return }
      for (candidate, value) in model.columns[id].enumerated() { mix(candidate, value) }
    }
    for term in objective.terms { if case .view(let view) = term.term { mixColumn(Int(view.column.index)) } }
    for column in pairUse.keys.sorted() where isInjective[column] == false { mixColumn(column) }
    var masks = Set<Bitset>()
    for domain in domains.values { masks.insert(domain) }
    for term in objective.terms {
      guard case .literal(let literal) = term.term, itemOf[Int(literal.decision.index)] != nil else {
        continue
      }
      masks.insert(model[literal.mask])
    }
    // ORDER: sums do not depend on the order of masks.
    var sums = Array(repeating: (UInt64(0), UInt64(0)), count: count)
    for mask in masks {
      var word = UInt64(0x51_7C_C1B7_2722_0A95)
      for bits in mask.words { word = (word ^ bits) &* 0x9E37_79B9_7F4A_7C15; word ^= word >> 32 }
      for candidate in mask.members {
        sums[candidate].0 &+= word
        sums[candidate].1 &+= (word &* 0xC2B2_AE3D_27D4_EB4F) ^ (word >> 17)
      }
    }
    for candidate in 0..<count {
      mix(candidate, Int(truncatingIfNeeded: sums[candidate].0))
      mix(candidate, Int(truncatingIfNeeded: sums[candidate].1))
    }
    // Room and price of the bins that a candidate names, its guests' bins among them.
    var byBin: [Int: [Int: [(Int, Int)]]] = [:]
    for row in rows {
      for term in row.terms {
        byBin[term.load, default: [:]][term.bin, default: []].append((row.upper, term.coefficient))
      }
    }
    for open in opens { byBin[open.load, default: [:]][open.bin, default: []].append((open.price, -1)) }
    var seen = Set<[Int]>()
    for load in byBin.keys.sorted() {
      guard let bins = byBin[load] else { continue }
      for item in model.loads[load].items {
        let decision = Int(item.view.decision.index)
        let column = Int(item.view.column.index)
        if itemOf[decision] != nil {
          guard seen.insert([load, column]).inserted else { continue }
          for (candidate, bin) in model.columns[column].enumerated() {
            mix(candidate, 77)
            for (upper, coefficient) in bins[bin] ?? [] { mix(candidate, upper); mix(candidate, coefficient) }
          }
        } else if let map = guestOf[decision]?.map {
          guard seen.insert([load, column, map.mine, map.hosts]).inserted else { continue }
          var byHost: [Int: [Int]] = [:]
          for (candidate, value) in model.columns[map.mine].enumerated() {
            byHost[value, default: []].append(candidate)
          }
          for (candidate, value) in model.columns[map.hosts].enumerated() {
            for guest in byHost[value] ?? [] {
              mix(candidate, 78)
              for (upper, coefficient) in bins[model.columns[column][guest]] ?? [] {
                mix(candidate, upper)
                mix(candidate, coefficient)
              }
            }
          }
        }
      }
    }
    var numbers: [Mark: Int32] = [:]
    for candidate in 0..<count {
      let mark = Mark(a: marks[candidate].0, b: marks[candidate].1)
      let number = numbers[mark] ?? Int32(numbers.count)
      numbers[mark] = number
      result.classOf.append(number)
    }
    result.classCount = numbers.count
    findRegions()
  }

  private struct Mark: Hashable {
    var a: UInt64
    var b: UInt64
  }

  /// Regions are the values of the column that most relations look through; classes where there is none.
  private mutating func findRegions() {
    let best = pairUse.filter {
      isInjective[$0.key] == false && model.columns[$0.key].count == result.candidateCount
    }
    .max { $0.value != $1.value ? $0.value < $1.value : $0.key > $1.key }
    guard let best else {
      result.regionOf = Buffer(result.classOf.array)
      result.regionCount = result.classCount
      return
    }
    var numbers: [Int: Int32] = [:]
    for value in model.columns[best.key] {
      let number = numbers[value] ?? Int32(numbers.count)
      numbers[value] = number
      result.regionOf.append(number)
    }
    result.regionCount = numbers.count
  }

  // MARK: choices

  /// For each item its classes by cost; false where an item has none.
  private mutating func makeChoices() -> Bool {
    var representative = Array(repeating: -1, count: result.classCount)
    for candidate in (0..<result.candidateCount).reversed() {
      representative[Int(result.classOf[candidate])] = candidate
    }
    var unary: [Int: [LinearTerm]] = [:]
    for term in objective.terms {
      switch term.term {
      case .view(let view): unary[Int(view.decision.index), default: []].append(term)
      case .literal(let literal) where itemOf[Int(literal.decision.index)] != nil:
        unary[Int(literal.decision.index), default: []].append(term)
      default: break
      }
    }
    var dearest = 0
    for (item, decision) in result.decisions.array.enumerated() {
      result.choiceStart.append(Int32(result.choiceClass.count))
      let domain = domains[decision]
      let terms = unary[decision] ?? []
      var choices: [(cost: Int, number: Int32)] = []
      for (number, candidate) in representative.enumerated() where domain?.contains(candidate) ?? true {
        var cost = 0
        for term in terms {
          switch term.term {
          case .view(let view): cost += term.coefficient * model[view.column][candidate]
          case .literal(let literal):
            if model[literal.mask].contains(candidate) != literal.isNegated { cost += term.coefficient }
          default: break
          }
        }
        choices.append((cost, Int32(number)))
      }
      guard let last = choices.map(\.cost).max() else { return false }
      choices.sort { $0.cost != $1.cost ? $0.cost < $1.cost : $0.number < $1.number }
      for choice in choices {
        result.choiceClass.append(choice.number)
        result.choiceCost.append(choice.cost)
      }
      let soft = pairsOf[item].reduce(0) { $0 + max(0, $1.cost) }
      dearest = max(dearest, last - (choices.first?.cost ?? 0) + soft)
    }
    result.choiceStart.append(Int32(result.choiceClass.count))
    let price = (0..<result.prices.count).map { result.prices[$0] }.max() ?? 0
    result.penalty = 2 * (dearest + price) + 1
    return true
  }

  private mutating func flattenRelations() {
    for item in 0..<result.itemCount {
      result.pairStart.append(Int32(result.pairs.count))
      for pair in pairsOf[item] { result.pairs.append(pair) }
      result.groupStart.append(Int32(result.groups.count))
      for group in groupsOf[item] { result.groups.append(group) }
    }
    result.pairStart.append(Int32(result.pairs.count))
    result.groupStart.append(Int32(result.groups.count))
  }

  private mutating func makeComponents() {
    var parent = Array(0..<result.itemCount)
    func root(_ item: Int) -> Int {
      var item = item
      while parent[item] != item { parent[item] = parent[parent[item]]; item = parent[item] }
      return item
    }
    // Counts over few items tie them too.
    for load in model.loads where load.items.count <= 32 {
      let items = load.items.compactMap { itemOf[Int($0.view.decision.index)] }
      if items.count > 1 { related.append(items) }
    }
    for items in related where items.count <= 32 {
      for other in items.dropFirst() {
        let (a, b) = (root(items[0]), root(other))
        if a != b { parent[max(a, b)] = min(a, b) }
      }
    }
    var members: [Int: [Int]] = [:]
    for item in 0..<result.itemCount { members[root(item), default: []].append(item) }
    result.componentOf = Buffer(repeating: 0, count: result.itemCount)
    for (number, key) in members.keys.sorted().enumerated() {
      result.componentStart.append(Int32(result.componentItems.count))
      for item in members[key] ?? [] {
        result.componentOf[item] = Int32(number)
        result.componentItems.append(Int32(item))
      }
    }
    result.componentStart.append(Int32(result.componentItems.count))
  }
}
