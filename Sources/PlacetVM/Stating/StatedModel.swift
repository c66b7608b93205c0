package import ConstraintModel
package import Diagnostics
package import PlacetSemantics
package import Quantities

/// One tier of the objective: `value = offset + unit · (constant + Σ terms)` in base units, negated where the
/// author maximises.
package struct StatedObjective: Sendable {
  package var name: String
  package var type: Type
  package var isMaximized: Bool
  package var offset: Rational
  /// Positive.
  package var unit: Rational

  /// What the author's expression is worth where the model's tier has this value.
  package func value(of tier: Int) -> Rational? {
    let value = unit.multiplied(by: Rational(tier))?.adding(offset)
    return isMaximized ? value?.negated() : value
  }
}

/// A policy's rules and objective as a constraint model, with what is needed to speak of it in the author's words.
package struct StatedModel {
  package var model: ConstraintModel
  /// In order of the model's principal decisions.
  package var decisions: [StatedDecision]
  /// By number of `Origin`.
  package var origins: [OriginInfo]
  package var objectives: [StatedObjective]
  package var instances: [RuleInstance]
  /// Instances that waivers dropped.
  package var waived: [RuleInstance]

  package subscript(origin: Origin) -> OriginInfo { origins[Int(origin.index)] }

  /// The rule instance behind an origin, if a rule is.
  package func instance(of origin: Origin) -> RuleInstance? {
    if case .rule(let index) = self[origin].subject { return instances[index] }
    return nil
  }

  /// What a solution says of the world; `values[d]` is the candidate number of decision d.
  package func decisions(of values: [Int]) -> Decisions {
    var result = Decisions()
    for each in decisions where each.candidates.indices.contains(values[each.decision]) {
      result[each.entity, each.field] = each.candidates[values[each.decision]]
    }
    return result
  }
}

extension Stater {
  /// States all rules of a built world, its own statements, and an objective.
  package static func state(_ world: World) throws(EvaluationError) -> StatedModel {
    try stating(world).result
  }

  /// The stater that has stated all of it, for what grows from there.
  package static func stating(_ world: World) throws(EvaluationError) -> Stater {
    let stater = Stater(world: world)
    try stater.stateRules()
    try stater.stateObjective(world.program.objective, frame: world.program.objectiveFrame)
    return stater
  }

  /// Declares the decisions, then states the rules in force (less the waived instances) and a test's own
  /// constraints.
  package func stateRules() throws(EvaluationError) {
    try declareDecisions()
    for number in world.uses.indices { try stateUse(number) }
    try state(world.localStatements[...])
  }

  /// States a rule in force, by number.
  func stateUse(_ number: Int) throws(EvaluationError) {
    let rule = program[world.uses[number].rule]
    try withinUse(number) { (frame: inout [Value]) throws(EvaluationError) in
      try self.state(rule.body, &frame, .always)
    }
  }

  /// Calls `body` in the scope and frame of a rule in force, unless it is waived as a whole.
  func withinUse(
    _ number: Int, _ body: (inout [Value]) throws(EvaluationError) -> Void
  ) throws(EvaluationError) {
    use = number
    defer { use = nil }
    try within(world.uses[number], world.waivers, body)
  }

  /// Waivers in force that dropped no instance of their rule. What is stated goes through every instance that some
  /// choice of decisions has, so that these would waive nothing whatever is chosen.
  package var uselessWaivers: [Diagnostic] {
    world.waivers.filter { !matchedWaivers.contains($0) }
      .map { .waiverMatchesNothing(program[$0.rule].name, at: $0.range) }
  }

  /// States the tiers of an objective. After the rules: `preferences` are theirs.
  package func stateObjective(_ goals: [TypedGoal], frame info: FrameInfo) throws(EvaluationError) {
    for (number, goal) in goals.enumerated() {
      let range = goal.value.range
      let origin = addOrigin(OriginInfo(subject: .objective(number), range: range))
      var frame = emptyFrame(info, [])
      let value = try linear(try walk(goal.value, &frame, .always), at: range)
      let signed = try unwrap(builder.multiplied(value, by: Rational(goal.isMaximized ? -1 : 1)), at: range)
      let collected = try unwrap(builder.collected(signed), at: range)
      let scaled = try unwrap(builder.scaled(collected), at: range)
      let divisor = max(
        scaled.terms.reduce(0) { ModelBuilder.greatestCommonDivisor($0, $1.coefficient) }, 1)
      builder.model.objectives.append(
        Objective(
          terms: scaled.terms.map { LinearTerm($0.coefficient / divisor, $0.term) },
          origins: collected.parts.map { preferenceOrigins[$0.base] ?? origin }))
      objectives.append(
        StatedObjective(
          name: goal.name, type: goal.value.type, isMaximized: goal.isMaximized,
          offset: collected.constant, unit: try unwrap(Rational(divisor, over: scaled.scale), at: range)))
      let refused = refusals
      refusals = []
      for refusal in refused { postRefusal(refusal, like: origin) }
    }
  }

  /// What is stated so far.
  package var result: StatedModel {
    StatedModel(
      model: builder.model, decisions: principals.sorted { $0.decision < $1.decision }, origins: origins,
      objectives: objectives, instances: instances, waived: waived)
  }

  // MARK: What if

  /// The model with a claim added, or its negation (for `always(e)`), as an assumption of its own.
  package func assuming(
    _ claim: TypedExpression, holds: Bool, frame: [Value]
  ) throws(EvaluationError) -> StatedModel {
    var reader = ExpressionReader(program: program)
    reader.read(claim)
    let slots = (reader.used.union(reader.bound).max() ?? -1) + 1
    var frame = frame + Array(repeating: .none, count: max(0, slots - frame.count))
    let outer = refusals
    refusals = []
    defer { refusals = outer }
    let formula = try formula(claim, &frame, .always)
    let origin = addOrigin(
      OriginInfo(subject: .assumption(claim.range.text), range: claim.range, frame: frame))
    // Where the claim refuses, it does not hold: a counterexample for `always`, none for `possible`.
    let refused = builder.or(refusals.map(\.condition))
    let holdsFully = builder.and(formula, builder.negated(refused))
    return extended {
      self.builder.post(holds ? holdsFully : self.builder.negated(holdsFully), origin: origin)
    }
  }

  /// The model with decisions pinned to values, each by an assumption of its own.
  package func pinning(_ pins: [Decisions.Key: Value]) -> StatedModel {
    let ordered = principals.filter { pins[Decisions.Key($0.entity, $0.field)] != nil }
    return extended {
      for each in ordered {
        guard let value = pins[Decisions.Key(each.entity, each.field)] else { continue }
        let decision = Decision(each.decision)
        let domain = self.builder.domain(of: decision)
        let identity = self.builder.domains[Int(domain.index)].identity
        let wanted = self.builder.canonical(value, each.type)
        let mask = self.builder.mask(identity) { $0 == wanted }
        let name = self.builder.model[decision].name
        let origin = self.addOrigin(OriginInfo(subject: .assumption(name)))
        self.builder.post(self.builder.member(decision, mask), origin: origin)
      }
    }
  }

  /// The model with what `body` posts; what is stated stays as it was, but for auxiliary decisions.
  private func extended(_ body: () -> Void) -> StatedModel {
    builder.extras = []
    body()
    let extras = builder.extras ?? []
    builder.extras = nil
    var stated = result
    for constraint in extras { stated.model.post(constraint) }
    return stated
  }

  // MARK: Objective forms

  /// The weighted sum of unmet `prefer`s.
  func preferenceSum(at range: SourceRange) throws(EvaluationError) -> Value {
    var total = Linear()
    for preference in preferences {
      if preference.violation == .always {
        total.constant = try unwrap(total.constant.adding(preference.weight), at: range)
        continue
      }
      let literal = builder.equalling(preference.violation)
      let base = Linear.Base.literal(literal)
      preferenceOrigins[base] = preferenceOrigins[base] ?? preference.origin
      total.parts.append(.init(coefficient: preference.weight, base: base))
    }
    return sumValue(total)
  }

  /// Number of entities that some decision puts elsewhere than in the solution that runs.
  func moveCount(at range: SourceRange) throws(EvaluationError) -> Value {
    guard let previous else { return Value(0) }
    var moved: [EntityID: [FormulaID]] = [:]
    var order: [EntityID] = []
    for each in principals {
      guard case .entity = each.type.wrapped, let value = previous[each.entity, each.field], !value.isNone
      else {
        continue
      }
      let decision = Decision(each.decision)
      let identity = builder.domains[Int(builder.domain(of: decision).index)].identity
      let was = builder.canonical(value, each.type)
      let stays = builder.member(decision, builder.mask(identity) { $0 == was })
      if moved[each.entity] == nil { order.append(each.entity) }
      moved[each.entity, default: []].append(builder.negated(stays))
    }
    var total = Linear()
    for entity in order {
      let part = try product(
        builder.or(moved[entity] ?? []), Linear(constant: Rational(1)), at: range)
      total = try unwrap(builder.sum(total, part), at: range)
    }
    return sumValue(total)
  }
}
