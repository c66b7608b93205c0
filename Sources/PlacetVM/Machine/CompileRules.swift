import Diagnostics
import PlacetSemantics

/// Bodies of rules: statements that report whether they hold.
extension Compiler {
  typealias Variables = [(name: String, register: Int, type: Type)]

  func ruleBody(
    _ body: [TypedStatement], variables: Variables, rule: RuleID?, end: Label
  ) {
    if let rule, world.hasWaivers(rule) { skipWaived(variables, to: end, everywhere: true) }
    block(body, variables: variables, rule: rule, end: end)
  }

  /// `everywhere`: also asks for waivers of the whole rule.
  private func skipWaived(_ variables: Variables, to label: Label, everywhere: Bool = false) {
    if everywhere { scoped { emit(.jumpIfWaived, x: 1, a: temporary(), to: label) } }
    for variable in variables {
      if case .entity = variable.type.unwrapped {
        emit(.jumpIfWaived, a: variable.register, to: label)
      }
    }
  }

  private func block(_ body: [TypedStatement], variables: Variables, rule: RuleID?, end: Label) {
    for each in body { statement(each, variables: variables, rule: rule, end: end) }
  }

  private func statement(_ statement: TypedStatement, variables: Variables, rule: RuleID?, end: Label) {
    switch statement {
    case .bind(let target, let value):
      range = value.range
      guarded(value, variables, end) { bind(target, to: value) }
    case .constraint(let constraint):
      self.constraint(constraint, variables: variables)
    case .ifElse(let condition, let then, let otherwise, let range):
      self.range = range
      let (other, done) = (makeLabel(), makeLabel())
      guardedBranch(condition, variables, otherwise: other, refused: done)
      block(then, variables: variables, rule: rule, end: done)
      emit(.jump, to: done)
      place(other)
      block(otherwise, variables: variables, rule: rule, end: done)
      place(done)
    case .match(let subject, let choices, let range):
      self.range = range
      scoped {
        let done = makeLabel()
        let held = temporary()
        guarded(subject, variables, done) { value(subject, into: held) }
        for choice in choices {
          let next = makeLabel()
          self.range = choice.range
          arm(choice.patterns, of: held, type: subject.type, otherwise: next)
          block(choice.body, variables: variables, rule: rule, end: done)
          emit(.jump, to: done)
          place(next)
        }
        place(done)
      }
    case .forEach(let sources, let body, let range):
      self.range = range
      var inner = variables
      let isWaived = rule.map { world.hasWaivers($0) } ?? false
      let hooks = LoopHooks(
        guarded: { [self] in guarded($0, inner, $1, $2) },
        bound: { [self] source, next in
          let new = loopVariables(of: source)
          inner += new
          if isWaived { skipWaived(new, to: next) }
        })
      each(sources[...], hooks: hooks, releases: true) {
        let next = makeLabel()
        block(body, variables: inner, rule: rule, end: next)
        place(next)
      }
    case .make, .setField, .load, .use, .waive, .scenario, .change, .objective, .solve, .expect:
      preconditionFailure("the checker lets no such statement into a rule")
    }
  }

  private func constraint(_ constraint: TypedConstraint, variables: Variables) {
    range = constraint.condition.range
    countCoverage()
    let number = statements.count
    statements.append(RuleStatement(constraint: constraint, variables: variables))
    let done = makeLabel()
    scoped {
      let held = temporary()
      var verb = 0
      var weight = held
      switch constraint.verb {
      case .require: verb = 0
      case .forbid: verb = 1
      case .prefer: verb = 2
      }
      let code = { [self] in
        if case .prefer(let expression) = constraint.verb { weight = operand(expression) }
        value(constraint.condition, into: held)
      }
      var refuses = world.mayRefuse(constraint.condition)
      if case .prefer(let expression) = constraint.verb { refuses = refuses || world.mayRefuse(expression) }
      if refuses { guarded(number, to: done, code) } else { code() }
      emit(.report, x: verb, a: held, b: weight, e: number)
    }
    place(done)
  }

  private func loopVariables(of source: TypedSource) -> Variables {
    let type: Type =
      switch source.form {
      case .allOf(let kind): .entity(kind)
      case .elements(let elements):
        switch elements.type.unwrapped {
        case .list(let element), .set(let element), .range(let element): element
        case .map(let key, let value): .tuple([key, value])
        default: .error
        }
      }
    return variables(source.target, type)
  }

  private func variables(_ target: BindTarget, _ type: Type) -> Variables {
    switch target {
    case .ignore: return []
    case .local(let id): return [(nameOfSlot(id), register(of: id), type)]
    case .tuple(let parts):
      let types: [Type] =
        switch type.unwrapped {
        case .tuple(let all): all
        case .anonymous(let all): all.map(\.type)
        default: []
        }
      return zip(parts, types).flatMap { variables($0, $1) }
    }
  }

  // MARK: Refusals

  /// What stands around the constraints of a rule may refuse too; the statement is then the expression.
  private func guarded(
    _ expression: TypedExpression, _ variables: Variables, _ label: Label, _ code: () -> Void
  ) {
    guard world.mayRefuse(expression) else { return code() }
    let number = statements.count
    statements.append(
      RuleStatement(
        constraint: TypedConstraint(
          verb: .require, condition: expression, verbRange: expression.range, range: expression.range),
        variables: variables))
    guarded(number, to: label, code)
  }

  private func guarded(_ number: Int, to label: Label, _ code: () -> Void) {
    let handler = makeLabel()
    let reason = temporary()
    let here = range
    emit(.guardRefusal, a: reason, to: handler)
    code()
    emit(.unguard)
    tail.append { [self] in
      range = here
      place(handler)
      emit(.reportRefusal, a: reason, e: number)
      emit(.jump, to: label)
    }
  }

  private func guardedBranch(
    _ condition: TypedExpression, _ variables: Variables, otherwise: Label, refused: Label
  ) {
    guard world.mayRefuse(condition) else { return branch(condition, when: false, to: otherwise) }
    scoped {
      let held = temporary()
      guarded(condition, variables, refused) { value(condition, into: held) }
      emit(.jumpUnless, a: held, to: otherwise)
    }
  }
}
