import ConstraintModel

/// Classes that a change tells apart, and lists of choices by them.
extension InsertionReader {
  /// Columns of prices that hold other numbers; false where one is looked through for something else, too.
  mutating func findChangedColumns(_ delta: ModelDelta, _ patch: inout Patch) -> Bool {
    for column in delta.columns.keys {
      // ORDER: each is looked at by itself.
      let number = Int(column.index)
      guard uniformUse[number] == nil, injective[column] == nil, tellsApart[number] == nil,
        !roomColumns.contains(where: { $0.column == number }),
        !columnBase.keys.contains(where: { $0.column == column })
      else { return false }
      patch.columns.insert(column)
    }
    return true
  }

  /// Domains, prices and lists of what is touched; false where an item has no choice left.
  mutating func chooseAnew(_ patch: inout Patch) -> Bool {
    for (candidate, _) in patch.marks {
      precondition(candidate < result.candidateCount, "marks are of candidates")
    }
    if !patch.marks.isEmpty { split(&patch) { patch in { patch.marks[$0] ?? [] } } }
    for column in patch.columns.sorted(by: { $0.index < $1.index }) {
      split(byColumn: Int(column.index), &patch)
    }
    let touched = patch.touched.compactMap { decision in
      itemOf[decision].map { (item: $0, decision: decision) }
    }
    .sorted { $0.item < $1.item }
    findDomains(touched, &patch)
    let terms = unaryTerms(touched)
    for term in Set(terms.values.joined()).sorted(by: Self.precedes) {
      switch term.term {
      case .view(let view): split(byColumn: Int(view.column.index), &patch)
      case .literal(let literal): split(byMask: model[literal.mask], &patch)
      case .table, .load, .ramp: return false
      }
    }
    let representatives = representatives
    var members = Array(repeating: Int32(0), count: result.classCount)
    for candidate in 0..<result.candidateCount { members[Int(result.classOf[candidate])] += 1 }
    guard patch.parents.isEmpty && patch.columns.isEmpty || renewLists(patch, representatives, members) else {
      return false
    }
    for (item, _) in touched {
      let key = ChoiceKey(domain: domainOf[item], terms: terms[item] ?? [])
      if let known = lists.firstIndex(where: { $0.key == key }) {
        listOf[item] = Int32(known)
        continue
      }
      guard let list = makeList(key, representatives, members) else { return false }
      listOf[item] = Int32(lists.count)
      lists.append(list)
    }
    result.choiceStart.count = 0
    result.choiceEnd.count = 0
    result.choiceWidth.count = 0
    assignLists()
    return true
  }

  /// An order of terms that says nothing, so that classes have the same numbers each time.
  private static func precedes(_ a: LinearTerm, _ b: LinearTerm) -> Bool { key(a) < key(b) }

  private static func key(_ term: LinearTerm) -> (Int, Int, Int) {
    switch term.term {
    case .view(let view): (0, Int(view.column.index), term.coefficient)
    case .literal(let literal): (literal.isNegated ? 1 : 2, Int(literal.mask.index), term.coefficient)
    case .table, .load, .ramp: (3, 0, 0)
    }
  }

  private mutating func findDomains(_ touched: [(item: Int, decision: Int)], _ patch: inout Patch) {
    if touched.isEmpty { return }
    var masks: [Int: Bitset] = [:]
    let all = Bitset(count: result.candidateCount, filled: true)
    var isTouched = Array(repeating: false, count: model.decisions.count)
    for (_, decision) in touched { isTouched[decision] = true }
    for constraint in model.constraints where constraint.enforcedBy.isEmpty {
      guard case .clause(let literals) = constraint.form, literals.count == 1,
        case let decision = Int(literals[0].decision.index), isTouched[decision]
      else { continue }
      let (old, mask) = (masks[decision] ?? all, model[literals[0].mask])
      masks[decision] = literals[0].isNegated ? old.subtracting(mask) : old.intersection(mask)
    }
    for (item, decision) in touched {
      guard let mask = masks[decision] else {
        domainOf[item] = -1
        continue
      }
      if let known = domains.firstIndex(of: mask) {
        domainOf[item] = known
        continue
      }
      domainOf[item] = domains.count
      domains.append(mask)
      split(byMask: mask, &patch)
    }
  }

  private func unaryTerms(_ touched: [(item: Int, decision: Int)]) -> [Int: [LinearTerm]] {
    var found: [Int: [LinearTerm]] = [:]
    if touched.isEmpty { return found }
    var itemOf = Array(repeating: -1, count: model.decisions.count)
    for (item, decision) in touched { itemOf[decision] = item }
    for term in objective.terms {
      let item = itemOf[Self.decision(of: term)]
      if item >= 0 { found[item, default: []].append(detached(term)) }
    }
    return found
  }

  // MARK: classes

  mutating func split(byColumn column: Int, _ patch: inout Patch) {
    let values = model.columns[column]
    if values.count == result.candidateCount { split(&patch) { _ in { values[$0] } } }
  }

  private mutating func split(byMask mask: Bitset, _ patch: inout Patch) {
    split(&patch) { _ in { mask.contains($0) } }
  }

  /// Candidates of one class that are told apart get classes of their own; what the first of a class has, keeps it.
  private mutating func split<Value: Hashable>(_ patch: inout Patch, by value: (Patch) -> (Int) -> Value) {
    let value = value(patch)
    var first: [Value?] = Array(repeating: nil, count: result.classCount)
    var parts: [ClassPart<Value>: Int32] = [:]
    for candidate in 0..<result.candidateCount {
      let number = result.classOf[candidate]
      let mine = value(candidate)
      guard let kept = first[Int(number)] else {
        first[Int(number)] = mine
        continue
      }
      if kept == mine { continue }
      let part = ClassPart(number: number, value: mine)
      let new = parts[part] ?? Int32(result.classCount)
      if parts[part] == nil {
        parts[part] = new
        result.classCount += 1
        patch.parents.append(number)
      }
      result.classOf[candidate] = new
    }
  }

  // MARK: lists

  /// Writes all lists again: with the classes that were split, and with prices that have changed.
  private mutating func renewLists(_ patch: Patch, _ representatives: [Int], _ members: [Int32]) -> Bool {
    let before = result.classCount - patch.parents.count
    var roots = Array(0..<before)
    var descendants: [[Int32]] = Array(repeating: [], count: before)
    for (index, parent) in patch.parents.enumerated() {
      let root = roots[Int(parent)]
      roots.append(root)
      descendants[root].append(Int32(before + index))
    }
    let (classes, costs) = (result.choiceClass, result.choiceCost)
    result.choiceClass = Buffer(capacity: classes.count)
    result.choiceCost = Buffer(capacity: costs.count)
    defer { classes.deallocate(); costs.deallocate() }
    for number in lists.indices {
      let list = lists[number]
      let isRepriced = list.key.terms.contains { term in
        if case .view(let view) = term.term { patch.columns.contains(view.column) } else { false }
      }
      if isRepriced {
        guard let renewed = makeList(list.key, representatives, members) else { return false }
        lists[number] = renewed
        continue
      }
      lists[number].start = Int32(result.choiceClass.count)
      for index in Int(list.start)..<Int(list.end) {
        let (choice, cost) = (classes[index], costs[index])
        result.choiceClass.append(choice)
        result.choiceCost.append(cost)
        for other in descendants[Int(choice)] {
          result.choiceClass.append(other)
          result.choiceCost.append(cost)
        }
      }
      lists[number].end = Int32(result.choiceClass.count)
    }
    return true
  }
}

/// The candidates of a class that have one value.
private struct ClassPart<Value: Hashable>: Hashable {
  var number: Int32
  var value: Value
}
