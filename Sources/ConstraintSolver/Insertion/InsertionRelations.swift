import ConstraintModel

/// What items ask of each other.
extension InsertionReader {
  mutating func readRelations() {
    for constraint in model.constraints { readRelation(constraint) }
  }

  mutating func readRelation(_ constraint: Constraint) {
    var cost = -1
    if let enforcer = constraint.enforcedBy.first {
      // "Unless it is paid for": enforced where the boolean has the value that costs nothing.
      guard constraint.enforcedBy.count == 1, let price = price(enforcer: enforcer) else { return }
      cost = price
    }
    switch constraint.form {
    case .equal(let a, let b): addPair(a, b, .equal, cost: cost)
    case .allowed(let table, let a, let b):
      addPair(a, b, .table, cost: cost, table: flatTable(TableKey(table: table)) { $0 != 0 })
    case .linear(let terms, let lower, let upper):
      guard terms.count == 1, case .table(let table, let a, let b) = terms[0].term else { return }
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
        addGroup(views, except, of: constraint.origin)
      }
    default: return
    }
  }

  private mutating func addGroup(_ views: [View], _ except: Int?, of origin: Origin) {
    let groupBase = result.groupValues
    let members = views.compactMap { view in itemOf[Int(view.decision.index)].map { ($0, view) } }
    var (width, least) = (0, 0)
    for column in Set(members.map(\.1.column)) {
      width = max(width, (model[column].max() ?? 0) + 1)
      least = min(least, model[column].min() ?? 0)
    }
    guard members.count == views.count, least >= 0, width < 1 << 24, groupBase < 1 << 30 else { return }
    for (item, view) in members {
      let isUniform = !isSingle(view.column)
      groupsOf[item].append(
        InsertionModel.GroupEntry(
          column: column(view.column), base: Int32(groupBase), isUniform: isUniform,
          except: except.map { Int32($0) } ?? .min))
      if isUniform { uniformUse[Int(view.column.index), default: 0] += 1 }
    }
    related.append(members.map(\.0))
    groupBases.append((origin, Int32(groupBase)))
    result.groupValues += width
  }

  private mutating func addPair(
    _ a: View, _ b: View, _ relation: InsertionModel.Relation, cost: Int,
    table: (base: Int32, width: Int32) = (0, 0)
  ) {
    guard let x = itemOf[Int(a.decision.index)], let y = itemOf[Int(b.decision.index)], x != y else { return }
    let (base, width) = table
    let isUniform = !isSingle(a.column) && !isSingle(b.column)
    let (mine, others) = (column(a.column), column(b.column))
    pairsOf[x].append(
      InsertionModel.PairEntry(
        other: Int32(y), column: mine, otherColumn: others, relation: relation, isUniform: isUniform,
        cost: cost, table: base, step: width, otherStep: 1))
    pairsOf[y].append(
      InsertionModel.PairEntry(
        other: Int32(x), column: others, otherColumn: mine, relation: relation, isUniform: isUniform,
        cost: cost, table: base, step: 1, otherStep: width))
    for view in [a, b] where isUniform { uniformUse[Int(view.column.index), default: 0] += 1 }
    related.append([x, y])
  }

  /// A table of truth, stored once for all constraints that say the same of it.
  private mutating func flatTable(_ key: TableKey, _ holds: (Int) -> Bool) -> (Int32, Int32) {
    if let known = tableBase[key] { return known }
    let rows = model[key.table]
    let place = (Int32(result.tables.count), Int32(rows.first?.count ?? 0))
    for row in rows { for value in row { result.tables.append(holds(value) ? 1 : 0) } }
    tableBase[key] = place
    return place
  }

  mutating func flattenRelations() {
    func kind(_ pair: InsertionModel.PairEntry) -> Int {
      pair.isUniform ? (pair.cost < 0 ? 0 : 1) : (pair.cost < 0 ? 3 : 2)
    }
    for item in 0..<result.itemCount {
      var marks: [Int32] = []
      for wanted in 0..<4 {
        marks.append(Int32(result.pairs.count))
        for pair in pairsOf[item] where kind(pair) == wanted { result.pairs.append(pair) }
      }
      result.pairStart.append(
        InsertionModel.PairRange(
          start: marks[0], soft: marks[1], single: marks[2], softEnd: marks[3],
          end: Int32(result.pairs.count)))
      let start = Int32(result.groups.count)
      for group in groupsOf[item] where group.isUniform { result.groups.append(group) }
      let single = Int32(result.groups.count)
      for group in groupsOf[item] where !group.isUniform { result.groups.append(group) }
      result.groupStart.append(
        InsertionModel.GroupRange(start: start, single: single, end: Int32(result.groups.count)))
    }
  }

  mutating func makeComponents() {
    var parent = Array(0..<result.itemCount)
    func root(_ item: Int) -> Int {
      var item = item
      while parent[item] != item { parent[item] = parent[parent[item]]; item = parent[item] }
      return item
    }
    var related = related
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
    var members: [[Int32]] = Array(repeating: [], count: result.itemCount)
    for item in 0..<result.itemCount { members[root(item)].append(Int32(item)) }
    result.componentOf = Buffer(repeating: 0, count: result.itemCount)
    var number: Int32 = 0
    for items in members where !items.isEmpty {
      result.componentStart.append(Int32(result.componentItems.count))
      for item in items {
        result.componentOf[Int(item)] = number
        result.componentItems.append(item)
      }
      number += 1
    }
    result.componentStart.append(Int32(result.componentItems.count))
  }
}
