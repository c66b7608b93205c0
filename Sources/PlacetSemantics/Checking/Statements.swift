import Diagnostics
import PlacetSyntax

/// Statements of rules and of the top of a module.
extension TypeChecker {
  // MARK: Rules

  func checkRules() {
    for id in program.rules.indices.map({ RuleID($0) }) where checkedRules.insert(id).inserted {
      checkRule(id)
    }
  }

  private func checkRule(_ id: RuleID) {
    let (item, module) = ruleSyntax[id.index]
    let inner = Frame(module: module, place: .rule)
    within(inner) {
      bindParameters(item.parameters ?? [], program[id].parameterTypes)
      let body = checkBlock(item.body)
      program.rules[id.index].body = body
      program.rules[id.index].frame = inner.info
    }
    preferOfRule[id] = firstPrefer(in: item.body)
  }

  private func firstPrefer(in body: [Statement]) -> SourceRange? {
    for statement in body {
      switch statement {
      case .constraint(let item): if case .prefer = item.verb { return item.verbRange }
      case .forEach(_, let inner, _): if let found = firstPrefer(in: inner) { return found }
      case .ifElse(_, let yes, let no, _):
        if let found = firstPrefer(in: yes + (no ?? [])) { return found }
      case .match(_, let choices, _):
        if let found = firstPrefer(in: choices.flatMap(\.body)) { return found }
      default: continue
      }
    }
    return nil
  }

  // MARK: Blocks

  func checkBlock(_ statements: [Statement]) -> [TypedStatement] {
    statements.compactMap(checkStatement)
  }

  func checkStatement(_ statement: Statement) -> TypedStatement? {
    depth += 1
    defer { depth -= 1 }
    guard depth < 200 else { return nil }
    let isMaking = frame.place != .rule
    switch statement {
    case .letBinding(let item):
      let (target, value) = checkLet(item)
      return .bind(target, value)
    case .constraint(let item): return checkConstraint(item)
    case .forEach(let sources, let body, let range):
      return inScope {
        let sources = checkSources(sources, isMaking ? .making : .rule)
        return .forEach(sources, checkBlock(body), range: range)
      }
    case .ifElse(let condition, let yes, let no, let range):
      return checkIf(condition, yes, no, range) { self.checkBlock($0) }
    case .match(let subject, let choices, let range): return checkMatch(subject, choices, range)
    case .make(let item):
      if frame.place == .rule {
        report(
          .outOfPlace("a rule makes no entities", at: item.kind.range, help: "make them outside of rules"))
        return nil
      }
      return checkMake(item, nested: nil).map { .make($0) }
    case .load(let item): return checkLoadStatement(item)
    case .use(let expression, let range): return checkUse(expression, range)
    case .waive(let item): return checkWaive(item)
    case .param(let item):
      report(.outOfPlace("a param stands at the top of a file", at: item.name.range))
    case .objective(_, let range):
      report(.outOfPlace("the objective stands at the top of the policy, or in a test", at: range))
    case .invalid: break
    }
    return nil
  }

  func checkIf(
    _ condition: Expression, _ yes: [Statement], _ no: [Statement]?, _ range: SourceRange,
    _ block: ([Statement]) -> [TypedStatement]
  ) -> TypedStatement {
    let condition = check(condition, as: .bool)
    guardMaking(condition)
    let yes = inScope {
      frame.narrowed.formUnion(pathsPresent(condition, when: true))
      return block(yes)
    }
    let no = inScope {
      frame.narrowed.formUnion(pathsPresent(condition, when: false))
      return block(no ?? [])
    }
    return .ifElse(condition, then: yes, otherwise: no, range: range)
  }

  /// Outside of rules a decided condition would decide what there is.
  func guardMaking(_ condition: TypedExpression) {
    guard condition.isDecided, frame.place != .rule, raisesDecided else { return }
    if frame.place == .test { return }
    report(.madeByDecision(condition.decidedBy, at: condition.range))
  }

  private func checkMatch(
    _ subject: Expression, _ choices: [Choice], _ range: SourceRange
  ) -> TypedStatement {
    let subject = infer(subject)
    guardMaking(subject)
    var coverage = Coverage(subject: subject.type, program: program)
    let typed = choices.map { choice in
      inScope {
        let patterns = self.patterns(choice.patterns, of: subject, &coverage, at: choice.range)
        return TypedChoice(patterns: patterns, body: checkBlock(choice.body), range: choice.range)
      }
    }
    judge(coverage, of: subject, at: range)
    return .match(subject, typed, range: range)
  }

  func checkConstraint(_ item: ConstraintStatement) -> TypedStatement? {
    guard frame.place == .rule || frame.place == .test else {
      report(
        .outOfPlace("'\(item.verbRange.text)' stands in a rule", at: item.verbRange, help: "rule NAME { … }"))
      return nil
    }
    let known = frame.decisionsAreKnown
    frame.decisionsAreKnown = false
    defer { frame.decisionsAreKnown = known }
    let condition = check(item.condition, as: .bool)
    let verb: TypedConstraint.Verb
    switch item.verb {
    case .require: verb = .require
    case .forbid: verb = .forbid
    case .prefer(let weight): verb = .prefer(weight: checkWeight(weight))
    }
    return .constraint(
      TypedConstraint(verb: verb, condition: condition, verbRange: item.verbRange, range: item.range))
  }

  private func checkWeight(_ weight: Expression) -> TypedExpression {
    let value = infer(weight, hint: .int)
    switch value.type {
    case .int, .quantity:
      weights.append((value.type, value.range))
    case .error: break
    default:
      report(
        .wrongWeight(
          "a weight is an int or an amount of money, not \(describe(value.type))", at: value.range))
    }
    if value.isDecided { report(.decidedWhereKnown("a weight", value.decidedBy, at: value.range)) }
    return value
  }

  /// Weights are integers or money of one currency, not both.
  func judgeWeights() {
    guard let first = weights.first else { return }
    for weight in weights.dropFirst() where weight.type != first.type {
      report(
        .wrongWeight(
          "weights are integers or money, not both", at: weight.range,
          other: .init(first.range, "this is \(describe(first.type))")))
      return
    }
  }

  // MARK: Loads

  func checkLoadStatement(_ item: LoadStatement) -> TypedStatement? {
    if frame.place == .rule {
      report(.outOfPlace("a rule loads nothing", at: item.range))
      return nil
    }
    if let type = item.type {
      let type = resolve(type)
      for symbol in find(item.name.text, in: \.values, from: frame.module) {
        guard case .global(let id) = symbol, frame.place == .scenario || frame.place == .test else {
          continue
        }
        if globalProgress[id.index] == .waiting { checkGlobal(id) }
        if !program[id].type.matches(type) {
          report(
            .mismatch(
              expected: describe(program[id].type), found: describe(type), at: item.range,
              because: .init(program[id].range, "")))
        }
        return .load(checkLoad(item, target: .global(id), type: type))
      }
      return .load(checkLoad(item, target: .local(bind(item.name, type)), type: type))
    }
    if let kind = kindIfPresent(named: item.name.text) {
      return .load(checkLoad(item, target: .entities(kind), type: .list(.entity(kind))))
    }
    for symbol in find(item.name.text, in: \.values, from: frame.module) {
      if case .global(let id) = symbol, frame.place == .scenario || frame.place == .test {
        checkGlobal(id)
        return .load(checkLoad(item, target: .global(id), type: program[id].type))
      }
    }
    report(.unknownKind(item.name, known: kindNames()))
    return nil
  }

  func checkLoad(_ item: LoadStatement, target: TypedLoad.Target, type: Type) -> TypedLoad {
    let file = check(item.file, as: .text)
    let path = item.path.map { check($0, as: .text) }
    for part in [file] + (path.map { [$0] } ?? []) where part.isDecided {
      report(.decidedWhereKnown("the name of a file", part.decidedBy, at: part.range))
    }
    if case .entity(let kind)? = memberType(of: type), case .global = target {
      report(
        .outOfPlace(
          "entities are not loaded as values", at: item.range, help: "`load \(program[kind].name) from …`"))
    }
    return TypedLoad(target: target, type: type, file: file, path: path, range: item.range)
  }

  // MARK: Rules by name

  private func checkUse(_ expression: Expression, _ range: SourceRange) -> TypedStatement? {
    if frame.place == .rule || frame.place == .scenario {
      report(.outOfPlace("'use' stands at the top of a file, or in a test", at: range))
      return nil
    }
    var arguments: [ArgumentSyntax] = []
    var callee = expression
    if case .call(let inner, let given, _) = expression { (callee, arguments) = (inner, given) }
    guard let name = dotted(callee) else {
      report(.outOfPlace("'use' names a rule with parameters", at: expression.range, help: "use RULE(…)"))
      return nil
    }
    guard let id = rule(named: name) else { return nil }
    guard let syntax = ruleSyntax[id.index].item.parameters else {
      report(
        .outOfPlace(
          "'\(program[id].name)' has no parameters and holds without 'use'", at: expression.range))
      return nil
    }
    usedRules.insert(id)
    let values = checkArguments(
      arguments, syntax, program[id].parameterTypes, module: program[id].module,
      of: "'\(program[id].name)'", at: expression.range)
    for value in values where value.isDecided && raisesDecided {
      report(.decidedWhereKnown("what a rule is used for", value.decidedBy, at: value.range))
    }
    return .use(id, values, range: range)
  }

  func checkWaive(_ item: WaiveStatement) -> TypedStatement? {
    if frame.place == .rule || frame.place == .scenario {
      report(.outOfPlace("'waive' stands at the top of a file, or in a test", at: item.range))
      return nil
    }
    let reason = check(item.reason, as: .text)
    guard let id = rule(named: item.rule) else { return nil }
    let own = program.modules[frame.module].layer
    // A test may ask what were if: nothing of it is ever carried out.
    if frame.place != .test, program[id].layer > own {
      report(
        .waivesHigherLayer(
          Name(item.rule.text, item.rule.range), own: own, other: program[id].layer,
          declared: program[id].nameRange))
    }
    return inScope {
      let scope: TypedWaiver.Scope
      switch item.scope {
      case .all: scope = .all
      case .entities(let expressions): scope = .entities(expressions.map(waivedEntity))
      case .each(let sources):
        let typed = checkSources(sources, .making)
        guard case .local(let variable)? = typed.last?.target else {
          report(.outOfPlace("'waive … for each' names what is waived", at: item.range))
          return nil
        }
        scope = .each(typed, variable: variable)
      }
      return .waive(TypedWaiver(rule: id, scope: scope, reason: reason, range: item.range))
    }
  }

  private func waivedEntity(_ expression: Expression) -> TypedExpression {
    let value = infer(expression)
    switch value.type {
    case .entity, .error: break
    default: report(.mismatch(expected: "an entity", found: describe(value.type), at: value.range))
    }
    if value.isDecided {
      report(.decidedWhereKnown("what is waived", value.decidedBy, at: value.range))
    }
    return value
  }

  // MARK: Top level

  func checkTopLevel() {
    for (statement, module) in topLevel {
      let inner = Frame(module: module, place: .topLevel)
      within(inner) {
        guard let typed = checkStatement(statement) else { return }
        program.statements.append(TypedTopLevel(module: module, frame: inner.info, statement: typed))
      }
    }
  }

  // MARK: Objective

  func checkObjectives() {
    for (rule, range) in preferOfRule.sorted(by: { $0.key.index < $1.key.index })
    where firstActivePrefer == nil && (program[rule].parameterNames == nil || usedRules.contains(rule)) {
      firstActivePrefer = range
    }
    var first: SourceRange?
    for (goals, range, module) in objectives {
      if let first {
        report(.secondObjective(at: range, first: first))
        continue
      }
      let isMain = module == graph.main
      if isMain { first = range }
      let inner = Frame(module: module, place: .objective)
      within(inner) {
        let typed = checkGoals(goals)
        guard isMain else { return }
        program.objective = typed
        program.objectiveFrame = inner.info
        if let prefer = firstActivePrefer, !namesPreferences(typed) {
          report(.preferencesLeftOut(at: range, prefer: prefer))
        }
      }
    }
  }

  func checkGoals(_ goals: [Goal]) -> [TypedGoal] {
    goals.map { goal in
      let value = infer(goal.value)
      switch value.type {
      case .int, .quantity, .error: break
      case .float:
        report(.decidedFloat(value.isDecided ? value.decidedBy : ["nothing"], at: value.range))
      case .optional: report(optionalUsed(value, wanted: "a number"))
      default: report(.mismatch(expected: "a number", found: describe(value.type), at: value.range))
      }
      let name = value.range.text
      return TypedGoal(isMaximized: goal.sense == .maximize, value: value, name: name)
    }
  }

  private func namesPreferences(_ goals: [TypedGoal]) -> Bool {
    var seen: Set<GlobalID> = []
    func names(_ e: TypedExpression) -> Bool {
      if case .preferences = e.form { return true }
      if case .global(let id) = e.form, seen.insert(id).inserted,
        case .derived(let body) = program[id].form, names(body.expression)
      {
        return true
      }
      return e.children.contains(where: names)
    }
    return goals.contains { names($0.value) || $0.value.type == .error }
  }
}
