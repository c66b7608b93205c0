/// What changes from one constraint model to the next, keyed by rule instance: the rest of the model stays as it is, and
/// costs nothing.
///
/// Decisions keep their numbers: new ones come after those that are there, and one that leaves stays as an auxiliary of
/// one value that nothing speaks of. A rule instance that changes is removed and stated again with the same origin.
package struct ModelDelta: Sendable {
  /// A term of an objective, by number of its tier.
  package struct TierTerm: Hashable, Sendable {
    package var tier: Int
    package var term: LinearTerm
    package var origin: Origin
    package init(tier: Int = 0, _ term: LinearTerm, origin: Origin) {
      self.tier = tier
      self.term = term
      self.origin = origin
    }
  }

  package var newDecisions: [ConstraintModel.DecisionInfo] = []
  /// Decisions that leave, with their share of loads and objectives. Rule instances that speak of them are among
  /// `removed`.
  package var retired: Set<Decision> = []
  /// Rule instances of which all constraints leave.
  package var removed: Set<Origin> = []
  package var constraints: [Constraint] = []
  /// What joins loads that are there.
  package var joining: [LoadID: [Load.Item]] = [:]
  package var removedTerms: [TierTerm] = []
  package var terms: [TierTerm] = []
  /// Columns that hold other integers from now on, for all that look through them.
  package var columns: [ColumnID: [Int]] = [:]
  /// What is stored beyond what the model has, for those who state the next model as a whole.
  package var storage = Storage()

  package struct Storage: Sendable {
    package var columns: [[Int]] = []
    package var masks: [Bitset] = []
    package var tables: [[[Int]]] = []
    package var loads: [Load] = []
    package var sums: [Sum] = []
    package init() {}
    package var isEmpty: Bool {
      columns.isEmpty && masks.isEmpty && tables.isEmpty && loads.isEmpty && sums.isEmpty
    }
  }

  package init() {}

  /// From a model to one that goes on from it: with what it stores in the same places, the constraints that it keeps in
  /// the same order, and more.
  ///
  /// - Parameters:
  ///   - removed: origins of which the next model has none of the old constraints.
  ///   - kept: how many constraints of the old model there are at the beginning of the next.
  package init(
    from old: ConstraintModel, to next: ConstraintModel, removed: Set<Origin>, keeping kept: Int,
    joining: [LoadID: [Load.Item]]
  ) {
    newDecisions = Array(next.decisions[old.decisions.count...])
    self.removed = removed
    constraints = Array(next.constraints[kept...])
    self.joining = joining
    storage.columns = Array(next.columns[old.columns.count...])
    storage.masks = Array(next.masks[old.masks.count...])
    storage.tables = Array(next.tables[old.tables.count...])
    storage.loads = Array(next.loads[old.loads.count...])
    storage.sums = Array(next.sums[old.sums.count...])
    for tier in next.objectives.indices {
      let (before, now) = (old.objectives[tier], next.objectives[tier])
      let had = Set(before.terms)
      let has = Set(now.terms)
      for (term, origin) in zip(before.terms, before.origins) where !has.contains(term) {
        removedTerms.append(TierTerm(tier: tier, term, origin: origin))
      }
      for (term, origin) in zip(now.terms, now.origins) where !had.contains(term) {
        terms.append(TierTerm(tier: tier, term, origin: origin))
      }
    }
  }
}

extension ConstraintModel {
  /// Takes a delta.
  ///
  /// - Returns: the constraints that left.
  package mutating func apply(_ delta: ModelDelta) -> [Constraint] {
    decisions += delta.newDecisions
    store(delta.storage)
    var left: [Constraint] = []
    if !delta.removed.isEmpty {
      constraints.removeAll { constraint in
        guard delta.removed.contains(constraint.origin) else { return false }
        left.append(constraint)
        return true
      }
    }
    constraints += delta.constraints
    removeTerms(delta)
    for added in delta.terms {
      objectives[added.tier].terms.append(added.term)
      objectives[added.tier].origins.append(added.origin)
    }
    retire(delta.retired)
    // ORDER: each load has items of its own, and each column values of its own.
    for (load, items) in delta.joining { loads[Int(load.index)].items += items }
    for (column, values) in delta.columns {
      let old = columns[Int(column.index)]
      precondition(values.count == old.count, "a column keeps its candidates")
      if columnIDs[old] == column { columnIDs[old] = nil }
      columns[Int(column.index)] = values
      if columnIDs[values] == nil { columnIDs[values] = column }
    }
    return left
  }

  private mutating func store(_ storage: ModelDelta.Storage) {
    if storage.isEmpty { return }
    for each in storage.columns {
      columns.append(each)
      if columnIDs[each] == nil { columnIDs[each] = ColumnID(columns.count - 1) }
    }
    for each in storage.masks { _ = mask(each) }
    for each in storage.tables { _ = table(each) }
    for each in storage.loads { _ = addLoad(each) }
    for each in storage.sums { _ = sum(each) }
  }

  private mutating func removeTerms(_ delta: ModelDelta) {
    guard !delta.removedTerms.isEmpty else { return }
    var waiting: [ModelDelta.TierTerm: Int] = [:]
    for term in delta.removedTerms { waiting[term, default: 0] += 1 }
    for tier in objectives.indices {
      keepTerms(tier) { term, origin in
        let key = ModelDelta.TierTerm(tier: tier, term, origin: origin)
        guard let count = waiting[key] else { return true }
        waiting[key] = count > 1 ? count - 1 : nil
        return false
      }
    }
    precondition(waiting.isEmpty, "a term that leaves is there")
  }

  private mutating func keepTerms(_ tier: Int, where isKept: (LinearTerm, Origin) -> Bool) {
    var end = 0
    for index in objectives[tier].terms.indices
    where isKept(objectives[tier].terms[index], objectives[tier].origins[index]) {
      if end < index {
        objectives[tier].terms[end] = objectives[tier].terms[index]
        objectives[tier].origins[end] = objectives[tier].origins[index]
      }
      end += 1
    }
    objectives[tier].terms.removeSubrange(end...)
    objectives[tier].origins.removeSubrange(end...)
  }

  private mutating func retire(_ retired: Set<Decision>) {
    if retired.isEmpty { return }
    var leaves = Array(repeating: false, count: decisions.count)
    for decision in retired { leaves[Int(decision.index)] = true }
    for index in loads.indices { loads[index].items.removeAll { leaves[Int($0.view.decision.index)] } }
    for tier in objectives.indices {
      keepTerms(tier) { term, _ in
        switch term.term {
        case .view(let view): !leaves[Int(view.decision.index)]
        case .literal(let literal): !leaves[Int(literal.decision.index)]
        case .table(_, let row, let column):
          !leaves[Int(row.decision.index)] && !leaves[Int(column.decision.index)]
        case .load, .ramp: true
        }
      }
    }
    for decision in retired {
      let name = decisions[Int(decision.index)].name
      decisions[Int(decision.index)] = DecisionInfo(
        candidateCount: 1, name: name, isAuxiliary: true, preferred: nil)
    }
  }
}
