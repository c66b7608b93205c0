import Diagnostics
import PlacetSyntax

/// Tests: steps in order, and what can be asked of solutions.
extension TypeChecker {
  /// Tests of the main policy; those of imported modules run where they are the main policy.
  func checkTests() {
    for item in graph.modules[graph.main].tree.items {
      if case .test(let item) = item { checkTest(item) }
    }
  }

  private func checkTest(_ item: TestItem) {
    let inner = Frame(module: graph.main, place: .test)
    within(inner) {
      let own = StaticWorld()
      inner.worlds = [own] + collectNames(in: item.steps, own, isRepeated: false)
      let title = infer(item.title)
      var text = ""
      if case .text(let written) = title.form {
        text = written
      } else if title.type != .error {
        report(.outOfPlace("the title of a test is a plain text", at: title.range))
      }
      let steps = checkSteps(item.steps)
      program.tests.append(
        TestDeclaration(title: text, module: graph.main, frame: inner.info, steps: steps, range: item.range))
    }
  }

  /// Entities that the steps make go to `own`; the worlds of the scenarios that they use come back.
  private func collectNames(in steps: [Step], _ own: StaticWorld, isRepeated: Bool) -> [StaticWorld] {
    steps.flatMap { step -> [StaticWorld] in
      switch step {
      case .statement(.make(let make)):
        collect(make, in: own, module: graph.main, under: nil, parentKind: nil, isRepeated)
        return []
      case .statement(.load(let load)):
        if let kind = kindIfPresent(named: load.name.text) { own.openKinds.insert(kind) }
        return []
      case .scenario(let expression, _): return worlds(of: expression, seen: [])
      case .letSolve(_, let solve), .solve(let solve):
        // Two solves may each add an entity of one name.
        let added = StaticWorld()
        collect(solve.with, in: added, module: graph.main, isRepeated: isRepeated)
        return [added] + worlds(usedIn: solve.with)
      case .forEach(_, let body, _): return collectNames(in: body, own, isRepeated: true)
      default: return []
      }
    }
  }

  private func checkSteps(_ steps: [Step]) -> [TypedStatement] { steps.compactMap(checkStep) }

  private func checkStep(_ step: Step) -> TypedStatement? {
    depth += 1
    defer { depth -= 1 }
    guard depth < 200 else { return nil }
    switch step {
    case .letBinding(let item):
      let (target, value) = checkLet(item)
      return .bind(target, value)
    case .letSolve(let pattern, let solve):
      var typed = checkSolve(solve)
      switch pattern {
      case .name(let name) where name.text != "_": typed.result = bind(name, .solution)
      case .name: break
      case .tuple(_, let range): report(.wrongPattern("a solution has one name", at: range))
      }
      return .solve(typed)
    case .statement(.objective(let goals, let range)): return .objective(checkGoals(goals), range: range)
    case .statement(let statement): return checkStatement(statement)
    case .scenario(let expression, let range): return checkScenarioUse(expression, range)
    case .solve(let solve): return .solve(checkSolve(solve))
    case .expect(let item): return checkExpect(item)
    case .forEach(let sources, let body, let range):
      return inScope {
        let sources = checkSources(sources, .rule)
        for case let condition? in sources.map(\.condition) {
          judgeKnown("what a test goes through", condition)
        }
        return .forEach(sources, checkSteps(body), range: range)
      }
    case .invalid: return nil
    }
  }

  private func checkSolve(_ solve: SolveSyntax) -> TypedSolve {
    var from: LocalID?
    if let name = solve.from {
      if let binding = frame.local(name.text) {
        if binding.type == .solution {
          from = binding.id
        } else if binding.type != .error {
          report(.mismatch(expected: "a solution", found: describe(binding.type), at: name.range))
        }
      } else {
        report(.unknownName(name, known: frame.localNames, what: "no solution"))
      }
    }
    let changes = inScope { checkFacts(solve.with) }
    frame.decisionsAreKnown = true
    return TypedSolve(from: from, changes: changes, result: nil, range: solve.range)
  }

  private func checkExpect(_ item: ExpectStatement) -> TypedStatement? {
    func rules(_ names: [DottedName]) -> [RuleID] { names.compactMap(rule) }
    let claim: TypedExpect.Claim
    switch item.claim {
    case .condition(let expression):
      let condition = check(expression, as: .bool)
      judgeKnown("what is expected", condition)
      claim = .condition(condition)
    case .infeasible(let names): claim = .infeasible(because: rules(names))
    case .relax(let names): claim = .relax(rules(names))
    case .ruleBinding(let name):
      guard let id = rule(named: name) else { return nil }
      claim = .ruleBinding(id)
    case .ruleActive(let name):
      guard let id = rule(named: name) else { return nil }
      claim = .ruleActive(id)
    case .ruleInactive(let name):
      guard let id = rule(named: name) else { return nil }
      claim = .ruleInactive(id)
    }
    return .expect(TypedExpect(claim: claim, range: item.range))
  }

  /// Decisions are known after `solve`; before, `always`, `possible` and `never` ask about them.
  private func judgeKnown(_ what: String, _ value: TypedExpression) {
    guard raisesDecided, value.isDecided else { return }
    var diagnostic = Diagnostic.decidedWhereKnown(what, value.decidedBy, at: value.range)
    diagnostic.notes = ["help: `solve` first, or ask `always(…)`, `possible(…)` or `never(…)`"]
    report(diagnostic)
  }

  // MARK: Questions

  /// `always(p)`, `possible(p)`, `never(p)`, `why(x, not: h)`; nil where the name is none of them.
  func testCall(
    _ name: Name, _ arguments: [ArgumentSyntax], _ range: SourceRange
  ) -> TypedExpression? {
    switch name.text {
    case "always", "possible", "never": return quantified(name, arguments, range)
    case "why": return why(name, arguments, range)
    default: return nil
    }
  }

  private func quantified(
    _ name: Name, _ arguments: [ArgumentSyntax], _ range: SourceRange
  ) -> TypedExpression {
    guard frame.place == .test else { return failed(.onlyInTests("'\(name.text)'", at: name.range), range) }
    let given = match(
      arguments, to: [Parameter(name: "of", type: .bool, isOptional: false)], of: "'\(name.text)'", at: range)
    guard case .given(let expression) = given[0] else { return failed(range) }
    let outer = frame.isQuantified
    frame.isQuantified = true
    defer { frame.isQuantified = outer }
    let claim = check(expression, as: .bool)
    let form: TypedExpression.Form =
      switch name.text {
      case "always": .always(claim)
      case "possible": .possible(claim)
      default: .never(claim)
      }
    return TypedExpression(form, type: .bool, range: range)
  }

  private func why(_ name: Name, _ arguments: [ArgumentSyntax], _ range: SourceRange) -> TypedExpression {
    guard frame.place == .test else { return failed(.onlyInTests("'why'", at: name.range), range) }
    let parameters = [
      Parameter(name: "of", type: .error, isOptional: false),
      Parameter(name: "not", type: .error, isOptional: true),
    ]
    let given = match(arguments, to: parameters, of: "'why'", at: range)
    guard case .given(let subject) = given[0] else { return failed(range) }
    let value = infer(subject)
    var other: TypedExpression?
    if case .given(let candidate) = given[1] { other = infer(candidate) }
    if value.type == .error || other?.type == .error { return failed(range) }
    let answer = Type.list(
      .anonymous([Self.ruleLabel, Type.Labelled(label: "text", type: .text)]))
    return TypedExpression(.why(value, not: other), type: answer, range: range)
  }
}
