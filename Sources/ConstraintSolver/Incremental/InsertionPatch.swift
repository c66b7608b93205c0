import ConstraintModel

/// Keeps an insertion model up with its constraint model, so that a change costs what it touches.
///
/// A patched model says the same as one that is read anew of each item, row and relation. Its classes may be finer:
/// candidates that a change made alike stay apart. What is not patched is read anew.
extension InsertionReader {
  /// Takes a delta into the constraint model and brings `result` up to it; false where that has to be read anew, and
  /// `result` is only good to be deallocated.
  ///
  /// - Precondition: no search uses `result`.
  mutating func patch(_ delta: ModelDelta) -> Bool {
    let tier = model.objectives.firstIndex { !$0.terms.isEmpty }
    var patch = Patch(delta, tier: tier ?? -1, of: self)
    let left = model.apply(delta)
    guard let tier, tier == model.objectives.firstIndex(where: { !$0.terms.isEmpty }),
      delta.storage.loads.isEmpty, delta.storage.sums.isEmpty
    else { return false }
    objective = model.objectives[tier]
    guard !isWorn, findChangedColumns(delta, &patch), findPrices(&patch) else { return false }
    let repriced = constraints(enforcedBy: Set(patch.prices.keys), besides: delta)
    for constraint in left + repriced {
      guard undo(constraint, &patch) else { return false }
    }
    takePrices(patch)
    guard remove(delta.retired, &patch), add(delta, &patch), join(delta) else { return false }
    let uniform = uniformUse
    for constraint in delta.constraints + repriced {
      guard redo(constraint, &patch) else { return false }
    }
    guard fitRows(&patch) else { return false }
    // ORDER: which of two columns splits classes first is of no matter to what they are.
    for column in uniformUse.keys.sorted() where uniform[column] == nil { split(byColumn: column, &patch) }
    guard chooseAnew(&patch) else { return false }
    if patch.changesRelations { relateAnew() }
    result.areaOf.count = 0
    findAreas()
    result.regionOf.count = 0
    if uniformUse.isEmpty {
      result.regionOf.deallocate()
      result.regionOf = Buffer()
    }
    findRegions()
    return true
  }

  /// What one patch is about.
  struct Patch {
    /// Terms of the objective that is searched for, coming and going.
    var terms: [LinearTerm]
    var leavingTerms: [LinearTerm]
    var retired: Set<Decision>
    /// Columns of prices that have changed.
    var columns: Set<ColumnID> = []
    /// New prices of auxiliary booleans; nil where one has none any more.
    var prices: [Int: (dear: Int, price: Int)?] = [:]
    /// Decisions of items whose domain or prices have changed.
    var touched: Set<Int> = []
    /// The first decision that is new.
    var firstNew: Int
    var changesRelations = false
    /// Rows that leave and come, by what is added up in them.
    var leavingRows: [(terms: [LinearTerm], upper: Int)] = []
    var comingRows: [(terms: [LinearTerm], upper: Int)] = []
    /// What has changed about a candidate: those of a class with the same changes stay together.
    var marks: [Int: [Int]] = [:]
    /// The class that each new class was split from.
    var parents: [Int32] = []

    init(_ delta: ModelDelta, tier: Int, of reader: InsertionReader) {
      retired = delta.retired
      firstNew = reader.model.decisions.count
      terms = delta.terms.filter { $0.tier == tier }.map(\.term)
      leavingTerms = delta.removedTerms.filter { $0.tier == tier }.map(\.term)
      if retired.isEmpty { return }
      leavingTerms += reader.objective.terms.filter {
        delta.retired.contains(Decision(InsertionReader.decision(of: $0)))
      }
    }
  }

  /// Patches leave some room unused, and classes apart: a fresh reading is worth its while now and then.
  private var isWorn: Bool {
    result.classCount > max(16, 2 * classesRead) || lists.count > max(64, 2 * listsRead)
      || result.groupValues > max(1 << 16, 2 * groupValuesRead)
  }

  // MARK: constraints

  /// Takes back what a constraint has said; false where that cannot be done.
  private mutating func undo(_ constraint: Constraint, _ patch: inout Patch) -> Bool {
    switch constraint.form {
    case .clause(let literals): touch(literals, constraint, &patch)
    case .equal(let a, let b) where constraint.enforcedBy.isEmpty && isTie(a, b):
      // A guest goes with its item.
      return patch.retired.contains(a.decision) && patch.retired.contains(b.decision)
    case .linear(let terms, nil, let upper?) where Self.areLoads(terms):
      if constraint.enforcedBy.isEmpty {
        patch.leavingRows.append((terms, upper))
      } else {
        return open(constraint, terms, upper, by: -1, &patch)
      }
    default: undoRelation(constraint, &patch)
    }
    return true
  }

  private mutating func redo(_ constraint: Constraint, _ patch: inout Patch) -> Bool {
    switch constraint.form {
    case .clause(let literals): touch(literals, constraint, &patch)
    case .equal(let a, let b) where constraint.enforcedBy.isEmpty && isTie(a, b):
      return Int(a.decision.index) >= patch.firstNew && Int(b.decision.index) >= patch.firstNew
    case .linear(let terms, nil, let upper?) where Self.areLoads(terms):
      if constraint.enforcedBy.isEmpty {
        patch.comingRows.append((terms, upper))
      } else {
        return open(constraint, terms, upper, by: 1, &patch)
      }
    default:
      let before = related.count
      readRelation(constraint)
      if related.count > before { patch.changesRelations = true }
    }
    return true
  }

  private func touch(_ literals: [Literal], _ constraint: Constraint, _ patch: inout Patch) {
    guard constraint.enforcedBy.isEmpty, literals.count == 1, !patch.retired.contains(literals[0].decision)
    else { return }
    patch.touched.insert(Int(literals[0].decision.index))
  }

  private static func areLoads(_ terms: [LinearTerm]) -> Bool {
    terms.allSatisfy { if case .load = $0.term { $0.coefficient > 0 } else { false } }
  }

  /// Whether an equality makes one of its decisions the guest of the other.
  private mutating func isTie(_ a: View, _ b: View) -> Bool {
    ties(GuestMap(mine: Int(a.column.index), hosts: Int(b.column.index)))
      || ties(GuestMap(mine: Int(b.column.index), hosts: Int(a.column.index)))
  }

  /// Takes back what a relation has added: it is added once more, so that what it adds is known, and both are removed.
  private mutating func undoRelation(_ constraint: Constraint, _ patch: inout Patch) {
    let before = related.count
    let uses = uniformUse
    let groups = groupBases.count
    readRelation(constraint)
    guard related.count > before else { return }
    patch.changesRelations = true
    let members = related.removeLast()
    if let known = related.firstIndex(of: members) {
      related.swapAt(known, related.count - 1)
      related.removeLast()
    }
    for (column, use) in uniformUse {
      let old = uses[column] ?? 0
      // ORDER: each column is counted by itself.
      if use > old { uniformUse[column] = old + old - use > 0 ? old + old - use : nil }
    }
    if groupBases.count > groups {
      let last = groupBases.removeLast()
      let known = groupBases.firstIndex { number in
        number.origin == constraint.origin
          && members.allSatisfy { groupsOf[$0].contains { $0.base == number.base } }
      }
      let base = known.map { groupBases.remove(at: $0).base }
      for member in Set(members) {
        groupsOf[member].removeAll { $0.base == last.base || $0.base == base }
      }
    } else {
      for member in members {
        let last = pairsOf[member].removeLast()
        if let known = pairsOf[member].firstIndex(where: { $0.says(last) }) {
          pairsOf[member].remove(at: known)
        }
      }
    }
  }

  private mutating func relateAnew() {
    result.pairs.count = 0
    result.pairStart.count = 0
    result.groups.count = 0
    result.groupStart.count = 0
    flattenRelations()
    result.componentOf.deallocate()
    result.componentStart.count = 0
    result.componentItems.count = 0
    makeComponents()
  }

  // MARK: prices

  /// What booleans cost from now on; false where that is no price.
  private mutating func findPrices(_ patch: inout Patch) -> Bool {
    for (terms, sign) in [(patch.leavingTerms, -1), (patch.terms, 1)] {
      for term in terms {
        switch term.term {
        case .view(let view): touch(view.decision, &patch)
        case .literal(let literal) where !isAuxiliary(literal.decision): touch(literal.decision, &patch)
        case .literal(let literal):
          let decision = Int(literal.decision.index)
          let mask = model[literal.mask]
          guard mask.count == 2, mask.contains(0) != mask.contains(1), term.coefficient != 0 else {
            return false
          }
          let value = mask.contains(1) != literal.isNegated ? 1 : 0
          let dear = term.coefficient >= 0 ? value : 1 - value
          if term.coefficient < 0 { result.constant += sign * term.coefficient }
          let known = (patch.prices[decision] ?? priceOf[decision]) ?? (dear, 0)
          guard known.dear == dear else { return false }
          let price = known.price + sign * abs(term.coefficient)
          patch.prices[decision] = .some(price == 0 ? nil : (dear, price))
        case .table, .load, .ramp: return false
        }
      }
    }
    return true
  }

  /// Those that leave are auxiliaries by now, but were none.
  private func isAuxiliary(_ decision: Decision) -> Bool {
    let number = Int(decision.index)
    return itemOf[number] == nil && guestOf[number] == nil && model.decisions[number].isAuxiliary
  }

  private func touch(_ decision: Decision, _ patch: inout Patch) {
    if !patch.retired.contains(decision) { patch.touched.insert(Int(decision.index)) }
  }

  private mutating func takePrices(_ patch: Patch) {
    if patch.prices.isEmpty { return }
    for (decision, price) in patch.prices { priceOf[decision] = price }
    result.cheapWhenTrue.count = 0
    for (decision, price) in priceOf.sorted(by: { $0.key < $1.key }) where price.dear == 0 {
      result.cheapWhenTrue.append(Int32(decision))
    }
  }

  /// Constraints that stay, but are enforced by booleans that have another price.
  private func constraints(enforcedBy decisions: Set<Int>, besides delta: ModelDelta) -> [Constraint] {
    if decisions.isEmpty { return [] }
    return model.constraints.dropLast(delta.constraints.count).filter { constraint in
      constraint.enforcedBy.contains { decisions.contains(Int($0.decision.index)) }
    }
  }
}

extension InsertionModel.PairEntry {
  func says(_ other: Self) -> Bool {
    self.other == other.other && column == other.column && otherColumn == other.otherColumn
      && relation == other.relation && isUniform == other.isUniform && cost == other.cost
      && table == other.table && step == other.step && otherStep == other.otherStep
  }
}
