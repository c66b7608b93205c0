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
    try within(use, waivers) { (frame: inout [Value]) throws(EvaluationError) in
      try self.state(self.program[use.rule].body, &frame, .always)
    }
  }

  /// Calls `body` in the scope and frame of a use of a rule, unless it is waived as a whole.
  func within(
    _ use: RuleUse, _ waivers: [WaiverInForce], _ body: (inout [Value]) throws(EvaluationError) -> Void
  ) throws(EvaluationError) {
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
      waived.append(RuleInstance(rule: use.rule, arguments: scope.arguments, variables: [], use: self.use))
      return
    }
    var frame = emptyFrame(rule.frame, use.arguments)
    try body(&frame)
  }

  /// A test's own constraints; a `let` reaches those after it that see the same frame.
  func state(_ statements: ArraySlice<LocalStatement>) throws(EvaluationError) {
    let outer = scope
    defer { scope = outer }
    var given: [Value]?
    var frame: [Value] = []
    for (number, statement) in zip(statements.indices, statements) {
      if given != statement.frame {
        given = statement.frame
        frame = emptyFrame(statement.info, statement.frame)
      }
      scope = Scope(local: number, names: statement.info)
      try state([statement.statement], &frame, .always)
    }
  }

  /// Whether a waiver drops the instance: one of all instances, or of an entity that is bound or lies above.
  private func isWaived(_ bindings: [RuleInstance.Binding], bare: Bool = false) -> Bool {
    for waiver in scope.waivers {
      guard let entities = waiver.entities else {
        if bare {
          matchedWaivers.insert(waiver)
          return true
        }
        continue
      }
      for binding in bindings {
        guard case .entity = binding.type.wrapped, !binding.value.isDecided, binding.value.aux > 0 else {
          continue
        }
        let entity = binding.value.entity
        if entities.contains(entity) || entities.contains(where: { world.lies(entity, under: $0) }) {
          matchedWaivers.insert(waiver)
          return true
        }
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
      flushRefusals(nil, e.range, frame)
    case .constraint(let constraint): try state(constraint, &frame, path)
    case .forEach(let sources, let body, _):
      try forEach(sources, body, &frame, path)
    case .ifElse(let condition, let then, let otherwise, _):
      let holds = try formula(condition, &frame, path)
      flushRefusals(nil, condition.range, frame)
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
    flushRefusals(nil, subject.range, frame)
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

  /// - Parameter extents: as for `enumerate`.
  func forEach(
    _ sources: [TypedSource], _ body: [TypedStatement], _ frame: inout [Value], _ path: FormulaID,
    extents: [Range<Int>?] = []
  ) throws(EvaluationError) {
    let outer = scope
    defer { scope = outer }
    let depths = depths(of: sources)
    let hooks = StatingHooks(
      isWanted: { source, frame in
        let depth = outer.variables.count + (depths[source.target.first] ?? 0)
        self.scope.variables.removeLast(max(0, self.scope.variables.count - depth))
        let new = self.bindings(source.target, frame)
        self.scope.variables += new
        self.scope.instance = nil
        guard self.isWaived(new) else { return true }
        if let rule = self.scope.rule {
          self.waived.append(
            RuleInstance(
              rule: rule, arguments: self.scope.arguments, variables: self.scope.variables, use: self.use))
        }
        return false
      },
      walked: { source, frame in
        if !self.refusals.isEmpty { self.flushRefusals(nil, source.condition?.range ?? source.range, frame) }
      })
    try enumerate(sources, &frame, path, extents: extents, hooks: hooks) {
      (frame: inout [Value], condition) throws(EvaluationError) in
      self.scope.guards = outer.guards
      if condition != .always { self.scope.guards += sources.compactMap { $0.condition?.range } }
      try self.state(body, &frame, self.builder.and(path, condition))
    }
  }

  /// How many variables the sources before each bind, by its first slot.
  private func depths(of sources: [TypedSource]) -> [LocalID?: Int] {
    var depth = 0
    var result: [LocalID?: Int] = [:]
    for source in sources {
      result[source.target.first] = depth
      depth += slots(source.target).count
    }
    return result
  }

  private func bindings(_ target: BindTarget, _ frame: [Value]) -> [RuleInstance.Binding] {
    slots(target).map { slot in
      let info = scope.names
      return RuleInstance.Binding(
        name: info.localNames.indices.contains(slot.index) ? info.localNames[slot.index] : "",
        value: frame[slot.index],
        type: info.localTypes.indices.contains(slot.index) ? info.localTypes[slot.index] : .error)
    }
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
    // What is refused is posted with its reason; the statement itself need not say it again.
    let refused = builder.or(refusals.map(\.condition))
    switch constraint.verb {
    case .require: postConstraint(builder.or(holds, refused), constraint, path, frame)
    case .forbid: postConstraint(builder.or(builder.negated(holds), refused), constraint, path, frame)
    case .prefer(let weight):
      let amount = try walk(weight, &frame, path)
      guard !amount.isDecided else {
        throw EvaluationError(.notStatable("a weight", decidedBy([amount]), at: weight.range))
      }
      if !amount.isVoid, exactNumber(amount) < Rational(0) {
        throw EvaluationError(.negativeWeight(exactNumber(amount).description, at: weight.range))
      }
      let violation = builder.and(path, builder.negated(holds))
      if violation != .never, !amount.isVoid {
        preferences.append(
          Preference(
            weight: exactNumber(amount), violation: violation,
            origin: addOrigin(info(constraint, constraint.range, frame))))
      }
    }
    flushRefusals(constraint, constraint.range, frame)
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
    origins[origins.count - 1].use = use
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
      RuleInstance(rule: rule, arguments: scope.arguments, variables: scope.variables, use: use))
    scope.instance = instances.count - 1
    return .rule(instances.count - 1)
  }

  /// Posts that what was refused is not the case.
  private func flushRefusals(
    _ constraint: TypedConstraint?, _ range: SourceRange, _ frame: [Value]
  ) {
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

extension BindTarget {
  /// The first slot that it binds.
  var first: LocalID? {
    switch self {
    case .local(let id): id
    case .ignore: nil
    case .tuple(let parts): parts.lazy.compactMap(\.first).first
    }
  }
}
