import ConstraintModel
package import PlacetSemantics
import Quantities

/// Stating what a change of the world touches, and nothing else.
///
/// | what | where a kind grows | where it depends on what changed otherwise |
/// |---|---|---|
/// | a load, a sum that reads no local | the new items join | it is built again |
/// | a statement of a rule | its new instances are stated | the rule is stated again |
/// | a value that was remembered | | it is forgotten |
///
/// The judge is a world that is made and stated anew: both models say the same.
extension Stater {
  /// Goes on from what another stater has stated, in a world that the other's has grown into.
  package static func grown(
    from other: Stater, by delta: WorldDelta, objective: [TypedGoal]? = nil, previous: Decisions? = nil
  ) throws(EvaluationError) -> Stater? {
    guard let (world, change) = try other.world.grown(by: delta) else { return nil }
    let stater = Stater(copying: other, world: world)
    stater.previous = previous
    var growth = Growth()
    guard try stater.take(change, &growth) else { return nil }
    if delta.waiversHaveToMatch, !stater.uselessWaivers.isEmpty { throw .mistakes(stater.uselessWaivers) }
    stater.builder.model.objectives = []
    stater.objectives = []
    stater.preferenceOrigins = [:]
    try stater.stateObjective(
      objective ?? world.program.objective,
      frame: objective == nil ? world.program.objectiveFrame : delta.frame)
    if stater.builder.model.objectives.count == other.builder.model.objectives.count {
      stater.delta = ModelDelta(
        from: other.builder.model, to: stater.builder.model, removed: growth.removed, keeping: growth.kept,
        joining: growth.joining)
    }
    return stater
  }

  /// What a delta of the model is made of.
  private struct Growth {
    var removed: Set<Origin> = []
    var kept = 0
    var joining: [LoadID: [Load.Item]] = [:]
  }

  /// False where what a test states itself would have to be stated again.
  private func take(_ change: WorldChange, _ growth: inout Growth) throws(EvaluationError) -> Bool {
    var dependence = dependence(on: change)
    forgetOperations(&dependence)
    growth.kept = builder.model.constraints.count
    try declareDecisions()
    dependence = self.dependence(on: change, settled: try growLoads(&dependence, &growth))
    let sums = try grownSums(&dependence)
    // Sums are other ones now: whoever remembers them forgets.
    closedSums = closedSums.filter { key, _ in
      guard let expression = facts[key]?.expression else { return false }
      return !dependence.reaches(expression)
    }
    closedSums.merge(sums) { $1 }
    forgetValues(&dependence)
    for local in world.localStatements[..<change.oldLocals] where dependence.reaches(local.statement) {
      return false
    }
    try stateAgain(change, &dependence, &growth)
    for number in change.oldUses..<world.uses.count { try stateUse(number) }
    try state(world.localStatements[change.oldLocals...])
    return true
  }

  private func dependence(on change: WorldChange, settled: Set<ObjectIdentifier> = []) -> Dependence {
    Dependence(program, change, firstColumn: world.store.firstColumn, settled: settled)
  }

  // MARK: What is remembered

  /// Operations on known values, before anything is asked for again.
  private func forgetOperations(_ dependence: inout Dependence) {
    let isOther = operations.map { operation in
      switch operation.key {
      case .field(let type, let index):
        if case .entity(let kind) = type.unwrapped { dependence.reaches(kind, index) } else { false }
      case .call(let function): dependence.reaches(function)
      default: operation.template.map { dependence.reaches($0) } ?? false
      }
    }
    guard isOther.contains(true) else { return }
    builder.pointwise = builder.pointwise.filter { !isOther[Int($0.key.operation)] }
  }

  private func forgetValues(_ dependence: inout Dependence) {
    let isOther = world.columnOwner.map { dependence.reaches(KindID($0.kind), $0.field) }
    fieldMemo = fieldMemo.filter { key, _ in
      !isOther[world.store.firstColumn[Int(key.entity.kind)] + key.field]
    }
    globalMemo = globalMemo.filter { !dependence.reaches($0.key) }
    callMemo = callMemo.filter { !dependence.reaches($0.key.function) }
  }

  // MARK: Loads and sums

  /// What is new joins the loads that it falls into; those that cannot be had in this way are forgotten.
  ///
  /// - Returns: the aggregates of which all loads have grown: what was stated of them stands.
  private func growLoads(
    _ dependence: inout Dependence, _ growth: inout Growth
  ) throws(EvaluationError) -> Set<ObjectIdentifier> {
    var settled: Set<ObjectIdentifier> = []
    var lost: Set<ObjectIdentifier> = []
    let ordered = loads.sorted { ($0.value?.load?.index ?? -1) < ($1.value?.load?.index ?? -1) }
    for (key, built) in ordered {
      guard let expression = facts[key.aggregate]?.expression, dependence.reaches(expression) else {
        continue
      }
      if !lost.contains(key.aggregate), let load = built?.load,
        let items = try newItems(of: load, built, key, expression, &dependence)
      {
        builder.join(items, to: load)
        growth.joining[load] = items
        settled.insert(key.aggregate)
      } else {
        lost.insert(key.aggregate)
      }
    }
    for (key, built) in ordered where lost.contains(key.aggregate) {
      loads[key] = nil
      if let load = built?.load { builder.model.empty(load) }
    }
    return settled.subtracting(lost)
  }

  /// nil where the load would have been built otherwise with them.
  private func newItems(
    of load: LoadID, _ built: BuiltLoad?, _ key: LoadKey, _ e: TypedExpression,
    _ dependence: inout Dependence
  ) throws(EvaluationError) -> [Load.Item]? {
    guard let built, !builder.loadsJudgedByTotal.contains(load),
      !summedUp.contains(key.aggregate),
      case .aggregate(let aggregate, let element, let sources) = e.form, let plan = facts(e).loadPlan ?? nil,
      dependence.onlyRangesGrow(sources, plan.conditions.joined() + [element, plan.item])
    else { return nil }
    var items: [Load.Item] = []
    var bins = built.bins
    var total = builder.loadTotals[Int(load.index)]
    for extents in dependence.growth(of: sources, count: world.count) {
      var frame = Array(repeating: Value.none, count: slots(of: e))
      for (slot, value) in zip(plan.captured, key.captured) { frame[slot] = value }
      guard let packing = try packing(plan, aggregate, element, sources, &frame, extents: extents),
        packing.fixed.isEmpty
      else { return nil }
      for item in packing.items {
        let column = binColumn(item.mapping, item.mask, &bins)
        guard let weight = item.weight.divided(by: built.unit), weight.isInteger,
          weight.numerator < Self.plainTotal, total < Self.plainTotal
        else { return nil }
        total += weight.numerator
        items.append(Load.Item(View(item.decision, column), weight: weight.numerator))
      }
    }
    // What was stated of a bin that had nothing in it speaks of no load.
    guard bins.count == built.bins.count else { return nil }
    return items
  }

  /// Beyond it sums are checked against overflow again.
  private static let plainTotal = 1 << 40

  private func grownSums(
    _ dependence: inout Dependence
  ) throws(EvaluationError) -> [ObjectIdentifier: Linear] {
    var result: [ObjectIdentifier: Linear] = [:]
    for (key, known) in closedSums {
      guard let e = facts[key]?.expression, case .aggregate(let aggregate, let element, let sources) = e.form,
        dependence.reaches(e), dependence.onlyRangesGrow(sources, aggregate == .sum ? [element] : [])
      else { continue }
      var total = known
      let refused = refusals.count
      for extents in dependence.growth(of: sources, count: world.count) {
        var frame = Array(repeating: Value.none, count: slots(of: e))
        try addTerms(
          of: aggregate == .sum ? element : nil, sources, e, &frame, .always, extents: extents, to: &total)
      }
      if refusals.count == refused { result[key] = total }
      refusals.removeSubrange(refused...)
    }
    return result
  }

  private func slots(of e: TypedExpression) -> Int {
    var reader = ExpressionReader(program: program)
    reader.read(e)
    return (reader.used.union(reader.bound).max() ?? -1) + 1
  }

  // MARK: Rules

  private func stateAgain(
    _ change: WorldChange, _ dependence: inout Dependence, _ growth: inout Growth
  ) throws(EvaluationError) {
    let otherRules = change.waived.union(change.rewritten)
    var again: Set<Int> = []
    var growing: [Int] = []
    for (number, use) in world.uses[..<change.oldUses].enumerated() {
      let body = program[use.rule].body
      if otherRules.contains(use.rule) || usesAny(of: otherRules, body) {
        again.insert(number)
      } else if body.contains(where: { dependence.reaches($0) }) {
        if onlyInstancesGrow(body, &dependence) { growing.append(number) } else { again.insert(number) }
      }
    }
    growth.removed = remove(again)
    growth.kept -= builder.model.removeConstraints(of: growth.removed)
    for number in again.sorted() { try stateUse(number) }
    for number in growing {
      let rule = program[world.uses[number].rule]
      try withinUse(number) { (frame: inout [Value]) throws(EvaluationError) in
        for case .forEach(let sources, let body, _) in rule.body {
          for extents in dependence.growth(of: sources, count: self.world.count) {
            try self.forEach(sources, body, &frame, .always, extents: extents)
          }
        }
      }
    }
  }

  private func usesAny(of rules: Set<RuleID>, _ body: [TypedStatement]) -> Bool {
    if rules.isEmpty { return false }
    return body.contains { statement in
      if case .use(let rule, _, _) = statement, rules.contains(rule) || usesAny(of: rules, program[rule].body)
      {
        return true
      }
      return usesAny(of: rules, statement.inner)
    }
  }

  /// Whether every statement of a rule is as it was but for instances with new entities.
  private func onlyInstancesGrow(_ body: [TypedStatement], _ dependence: inout Dependence) -> Bool {
    body.allSatisfy { statement in
      switch statement {
      case .forEach(let sources, let inner, _): dependence.onlyRangesGrow(sources, around: inner)
      case .constraint: !dependence.reaches(statement)
      // What a `let` binds is seen by what comes after it.
      default: false
      }
    }
  }

  /// Takes back all that uses of rules have stated, but for their constraints: the origins of these are the result.
  private func remove(_ uses: Set<Int>) -> Set<Origin> {
    if uses.isEmpty { return [] }
    func isGone(_ use: Int?) -> Bool { use.map { uses.contains($0) } ?? false }
    var numbers: [Int] = []
    var kept: [RuleInstance] = []
    for instance in instances {
      numbers.append(kept.count)
      if !isGone(instance.use) { kept.append(instance) }
    }
    instances = kept
    var gone: Set<Origin> = []
    for index in origins.indices {
      guard case .rule(let instance) = origins[index].subject else { continue }
      if isGone(origins[index].use) {
        gone.insert(Origin(index))
        origins[index] = OriginInfo(subject: .definition)
      } else {
        origins[index].subject = .rule(numbers[instance])
      }
    }
    waived.removeAll { isGone($0.use) }
    preferences.removeAll { gone.contains($0.origin) }
    return gone
  }
}
