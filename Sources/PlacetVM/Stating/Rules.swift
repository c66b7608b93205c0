import ConstraintModel
import Diagnostics
import PlacetSemantics
import Quantities

/// Where in which rule the walk is.
struct Scope {
  var rule: RuleID?
  /// Number of a test's own statement.
  var local = 0
  var arguments: [RuleInstance.Binding] = []
  var variables: [RuleInstance.Binding] = []
  var names = FrameInfo()
  var guards: [SourceRange] = []
  /// The instance of these variables, once something was posted.
  var instance: Int?
  var waivers: [WaiverInForce] = []
}

/// Statements of rules: what holds is posted, each with its origin.
extension Stater {
  func state(_ use: RuleUse, waivers: [WaiverInForce]) throws(EvaluationError) {
    let rule = program[use.rule]
    let outer = scope
    defer { scope = outer }
    scope = Scope(rule: use.rule, names: rule.frame)
    scope.waivers = waivers.filter { $0.rule == use.rule }
    for (index, value) in use.arguments.enumerated() {
      scope.arguments.append(
        .init(name: rule.parameterNames?[index] ?? "", value: value, type: rule.parameterTypes[index]))
    }
    if isWaived(scope.arguments, bare: true) {
      waived.append(RuleInstance(rule: use.rule, arguments: scope.arguments, variables: []))
      return
    }
    var frame = emptyFrame(rule.frame, use.arguments)
    try state(rule.body, &frame, .always)
  }

  func state(_ statement: LocalStatement, number: Int) throws(EvaluationError) {
    let outer = scope
    defer { scope = outer }
    scope = Scope(local: number)
    var frame = statement.frame
    try state([statement.statement], &frame, .always)
  }

  /// Whether a waiver drops the instance: one of all instances, or of an entity that is bound or lies above.
  private func isWaived(_ bindings: [RuleInstance.Binding], bare: Bool = false) -> Bool {
    for waiver in scope.waivers {
      guard let entities = waiver.entities else {
        if bare { return true }
        continue
      }
      for binding in bindings {
        guard case .entity = binding.type.wrapped, !binding.value.isDecided, binding.value.aux > 0 else { continue }
        let entity = binding.value.entity
        if entities.contains(entity) || entities.contains(where: { world.lies(entity, under: $0) }) { return true }
      }
    }
    return false
  }

  func state(
    _ statements: [TypedStatement], _ frame: inout [Value], _ path: FormulaID
  ) throws(EvaluationError) {
    if path == .never { return }
    for statement in statements { try state(statement, &frame, path) }
  }

  private func state(
    _ statement: TypedStatement, _ frame: inout [Value], _ path: FormulaID
  ) throws(EvaluationError) {
    switch statement {
    case .bind(let target, let e):
      let value = try walk(e, &frame, path)
      try bind(target, value, e.type, &frame, path, at: e.range)
      try flushRefusals(nil, e.range, frame)
    case .constraint(let constraint): try state(constraint, &frame, path)
    case .forEach(let sources, let body, let range):
      try forEach(sources, body, range, &frame, path)
    case .ifElse(let condition, let then, let otherwise, _):
      let holds = try formula(condition, &frame, path)
      try flushRefusals(nil, condition.range, frame)
      try guarded(by: holds, condition.range, then, &frame, path)
      try guarded(by: builder.negated(holds), condition.range, otherwise, &frame, path)
    case .match(let subject, let choices, let range):
      try state(subject, choices, range, &frame, path)
    case .use(let rule, let arguments, let range):
      var values: [Value] = []
      for argument in arguments { values.append(try walk(argument, &frame, path)) }
      try state(RuleUse(rule: rule, arguments: values, range: range), waivers: scope.waivers)
    case .make, .setField, .load, .waive, .scenario, .change, .objective, .solve, .expect:
      preconditionFailure("a statement that no rule has")
    }
  }

  private func guarded(
    by condition: FormulaID, _ range: SourceRange, _ body: [TypedStatement], _ frame: inout [Value],
    _ path: FormulaID
  ) throws(EvaluationError) {
    if condition == .never || body.isEmpty { return }
    if condition != .always { scope.guards.append(range) }
    defer { if condition != .always { scope.guards.removeLast() } }
    try state(body, &frame, builder.and(path, condition))
  }

  private func state(
    _ subject: TypedExpression, _ choices: [TypedChoice], _ range: SourceRange, _ frame: inout [Value],
    _ path: FormulaID
  ) throws(EvaluationError) {
    let value = try walk(subject, &frame, path)
    try flushRefusals(nil, subject.range, frame)
    if value.isVoid { return }
    var rest = FormulaID.always
    for choice in choices {
      let inside = builder.and(path, rest)
      let matches = try matches(choice.patterns, value, subject.type, &frame, inside, at: choice.range)
      try guarded(by: builder.and(rest, matches), choice.range, choice.body, &frame, path)
      rest = builder.and(rest, builder.negated(matches))
      if rest == .never { break }
    }
  }

  private func forEach(
    _ sources: [TypedSource], _ body: [TypedStatement], _ range: SourceRange, _ frame: inout [Value],
    _ path: FormulaID
  ) throws(EvaluationError) {
    let slots = sources.flatMap { self.slots($0.target) }
    let outer = scope
    defer { scope = outer }
    try enumerate(sources, &frame, path) { (frame: inout [Value], condition) throws(EvaluationError) in
      self.scope.variables = outer.variables
      for slot in slots {
        let info = outer.names
        self.scope.variables.append(
          .init(
            name: info.localNames.indices.contains(slot.index) ? info.localNames[slot.index] : "",
            value: frame[slot.index],
            type: info.localTypes.indices.contains(slot.index) ? info.localTypes[slot.index] : .error))
      }
      self.scope.instance = nil
      try self.flushRefusals(nil, range, frame)
      if self.isWaived(self.scope.variables) {
        if let rule = self.scope.rule {
          self.waived.append(
            RuleInstance(rule: rule, arguments: self.scope.arguments, variables: self.scope.variables))
        }
        return
      }
      self.scope.guards = outer.guards
      if condition != .always {
        self.scope.guards += sources.compactMap { $0.condition?.range }
      }
      try self.state(body, &frame, self.builder.and(path, condition))
    }
    // Of conditions that nothing came of.
    scope.variables = outer.variables
    scope.instance = nil
    try flushRefusals(nil, range, frame)
  }

  private func slots(_ target: BindTarget) -> [LocalID] {
    switch target {
    case .local(let id): [id]
    case .ignore: []
    case .tuple(let parts): parts.flatMap { slots($0) }
    }
  }

  private func state(
    _ constraint: TypedConstraint, _ frame: inout [Value], _ path: FormulaID
  ) throws(EvaluationError) {
    let holds = try formula(constraint.condition, &frame, path)
    switch constraint.verb {
    case .require: postConstraint(holds, constraint, path, frame)
    case .forbid: postConstraint(builder.negated(holds), constraint, path, frame)
    case .prefer(let weight):
      let amount = try walk(weight, &frame, path)
      guard !amount.isDecided else {
        throw EvaluationError(.notStatable("a weight", decidedBy([amount]), at: weight.range))
      }
      let violation = builder.and(path, builder.negated(holds))
      if violation != .never, !amount.isVoid {
        preferences.append(
          Preference(
            weight: exactNumber(amount), violation: violation,
            origin: addOrigin(info(constraint, constraint.range, frame))))
      }
    }
    try flushRefusals(constraint, constraint.range, frame)
  }

  private func postConstraint(
    _ formula: FormulaID, _ constraint: TypedConstraint, _ path: FormulaID, _ frame: [Value]
  ) {
    if formula == .always { return }
    builder.post(formula, where: path, origin: addOrigin(info(constraint, constraint.range, frame)))
  }

  // MARK: Origins

  func addOrigin(_ info: OriginInfo) -> Origin {
    origins.append(info)
    return Origin(origins.count - 1)
  }

  private func info(
    _ constraint: TypedConstraint?, _ range: SourceRange, _ frame: [Value]
  ) -> OriginInfo {
    OriginInfo(
      subject: subject(), constraint: constraint, range: range, guards: scope.guards, frame: frame)
  }

  private func subject() -> OriginInfo.Subject {
    guard let rule = scope.rule else { return .local(scope.local) }
    if let known = scope.instance { return .rule(known) }
    instances.append(
      RuleInstance(rule: rule, arguments: scope.arguments, variables: scope.variables))
    scope.instance = instances.count - 1
    return .rule(instances.count - 1)
  }

  /// Posts that what was refused is not the case.
  private func flushRefusals(
    _ constraint: TypedConstraint?, _ range: SourceRange, _ frame: [Value]
  ) throws(EvaluationError) {
    if refusals.isEmpty { return }
    let all = refusals
    refusals = []
    let info = info(constraint, range, frame)
    var seen: Set<Refusal> = []
    for refusal in all where seen.insert(refusal).inserted {
      var info = info
      info.refusal = .init(reason: refusal.reason, range: refusal.range)
      builder.post(builder.negated(refusal.condition), origin: addOrigin(info))
    }
  }

  func postRefusal(_ refusal: Refusal, like origin: Origin) {
    var info = origins[Int(origin.index)]
    info.refusal = .init(reason: refusal.reason, range: refusal.range)
    builder.post(builder.negated(refusal.condition), origin: addOrigin(info))
  }
}
