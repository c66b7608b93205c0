import ConstraintSolver
import Diagnostics
import PlacetSemantics
import PlacetVM
import Placement

/// Runs the steps of one test: facts build a world, a solve places it, expectations are asked of it.
///
/// A world is built when something asks for it, from all facts so far, so that every solve sees the same world as
/// a policy with those facts would.
final class TestRun {
  let program: TypedProgram
  let test: TestDeclaration
  let inputs: () -> WorldInputs
  let options: SolverOptions

  private(set) var failures: [TestFailure] = []
  private(set) var notes: [Diagnostic] = []
  private(set) var expectations = 0
  private(set) var isUndecided = false

  /// Solutions that `let a = solve` named, by number: the value of type `solution`.
  private var solutions: [PlacementProblem] = []
  /// The problem that `solve` left; nil before the first.
  private var solved: PlacementProblem?
  /// A world with the facts so far, unsolved.
  private var unsolved: PlacementProblem?
  private var unsolvedFacts = -1
  /// The world of the facts so far without any change: what a `with` changes is all that is made and stated then.
  private var unchanged: Unchanged?

  private struct Unchanged {
    var problem: PlacementProblem
    var factsMark: Int
  }

  /// What the steps so far amount to. Loop bodies work on a copy.
  struct Scope {
    var facts: [TypedStatement] = []
    var factsMark = 0
    var objective: [TypedGoal]?
    /// Values of the frame, in the heap of `world`.
    var values: [Value]
    var world: World?
  }

  init(
    program: TypedProgram, test: TestDeclaration, options: SolverOptions,
    inputs: @escaping () -> WorldInputs
  ) {
    self.program = program
    self.test = test
    self.options = options
    self.inputs = inputs
  }

  func run() {
    var scope = Scope(values: Array(repeating: .none, count: test.frame.count))
    do {
      try run(test.steps, &scope)
    } catch {
      failures += error.diagnostics.map { TestFailure($0) }
    }
  }

  private func run(_ steps: [TypedStatement], _ scope: inout Scope) throws(EvaluationError) {
    for step in steps { try run(step, &scope) }
  }

  private func run(_ step: TypedStatement, _ scope: inout Scope) throws(EvaluationError) {
    switch step {
    case .solve(let solve): try run(solve, &scope)
    case .expect(let expect): try check(expect, &scope)
    case .objective(let goals, _): scope.objective = goals
    case .forEach(let sources, let body, _) where body.contains(where: Self.acts):
      try loop(sources[...], body, &scope)
    case .bind(let target, let value) where solved != nil && value.isDecided:
      let bound = try evaluate(value, &scope)
      bind(target, bound, type: value.type, &scope)
    default:
      scope.facts.append(step)
      scope.factsMark += 1
      solved = nil
    }
  }

  /// Whether a statement does more than add a fact.
  private static func acts(_ statement: TypedStatement) -> Bool {
    switch statement {
    case .solve, .expect, .objective: true
    case .forEach(_, let body, _): body.contains(where: acts)
    case .scenario, .load: true
    default: false
    }
  }

  // MARK: Worlds

  /// The world of the facts so far, not solved (or the solved one, where nothing was added since).
  private func problem(_ scope: inout Scope) throws(EvaluationError) -> PlacementProblem {
    if let solved { return solved }
    if let unsolved, unsolvedFacts == scope.factsMark, scope.world === unsolved.world { return unsolved }
    let problem = try build(&scope, changes: [])
    unsolved = problem
    unsolvedFacts = scope.factsMark
    return problem
  }

  private func build(
    _ scope: inout Scope, changes: [TypedStatement], from: PlacementProblem? = nil
  ) throws(EvaluationError) -> PlacementProblem {
    var additions = WorldAdditions()
    additions.runsLoads = false
    additions.facts = scope.facts
    additions.changes = changes
    additions.frame = test.frame
    let problem: PlacementProblem
    if let grown = grown(scope, changes: changes, from: from) {
      problem = grown
    } else {
      problem = try whole(&additions, scope, from: from)
    }
    problem.world.oracle = { [unowned self, unowned problem] (expression, frame) throws(EvaluationError) in
      try self.answer(expression, frame, in: problem)
    }
    // What the facts bound stands in the new world's frame, beside what the steps bound.
    var values = carried(scope, into: problem.world)
    for (slot, value) in problem.world.frame.enumerated() where !value.isNone && slot < values.count {
      values[slot] = value
    }
    scope.values = values
    scope.world = problem.world
    return problem
  }

  private func whole(
    _ additions: inout WorldAdditions, _ scope: Scope, from: PlacementProblem?
  ) throws(EvaluationError) -> PlacementProblem {
    let problem = PlacementProblem(program: program, inputs: inputs())
    additions.values = carried(scope, into: problem.world)
    try problem.build(additions, objective: scope.objective, previous: from)
    if additions.changes.isEmpty { unchanged = Unchanged(problem: problem, factsMark: scope.factsMark) }
    return problem
  }

  /// The world without the changes, grown by them; nil where it has to be made as a whole.
  private func grown(
    _ scope: Scope, changes: [TypedStatement], from: PlacementProblem?
  ) -> PlacementProblem? {
    if changes.isEmpty { return nil }
    guard let unchanged, unchanged.factsMark == scope.factsMark else { return nil }
    var delta = WorldDelta(program: program)
    delta.changes = changes
    delta.frame = test.frame
    delta.values = carried(scope, into: unchanged.problem.world)
    delta.waiversHaveToMatch = false
    // What is wrong with a change is said of the whole.
    return try? unchanged.problem.grown(by: delta, objective: scope.objective, previous: from)
  }

  /// The frame's values, copied into the heap of another world.
  private func carried(_ scope: Scope, into world: World) -> [Value] {
    guard let old = scope.world else { return scope.values }
    let transfer = ValueTransfer(from: old, to: world)
    return scope.values.indices.map { transfer.copy(scope.values[$0], type: test.frame.localTypes[$0]) }
  }

  private func run(_ solve: TypedSolve, _ scope: inout Scope) throws(EvaluationError) {
    var from: PlacementProblem?
    if let local = solve.from { from = solutions[scope.values[local.index].bits] }
    let problem = try build(&scope, changes: solve.changes, from: from)
    // A change of a world that was placed begins where everything stands.
    var options = options
    if let before = from ?? solutions.last ?? solved { options.start = problem.start(from: before) }
    try problem.solve(options)
    solved = problem
    if let result = solve.result {
      solutions.append(problem)
      scope.values[result.index] = Value(solutions.count - 1)
    }
  }

  // MARK: Loops

  private func loop(
    _ sources: ArraySlice<TypedSource>, _ body: [TypedStatement], _ scope: inout Scope
  ) throws(EvaluationError) {
    guard let source = sources.first else {
      let (before, wasSolved) = (scope, solved)
      try run(body, &scope)
      if scope.factsMark != before.factsMark { unchanged = nil }
      if scope.factsMark != before.factsMark || solved !== wasSolved {
        // What the body added was for this round alone.
        scope = before
        solved = wasSolved
        unsolved = nil
      }
      return
    }
    let world = try problem(&scope).world
    let elements: [Value]
    let type: Type
    switch source.form {
    case .allOf(let kind):
      elements = world.entities(of: kind).map { Value($0) }
      type = .entity(kind)
    case .elements(let list):
      elements = world.heap.elements(try evaluate(list, &scope), type: list.type)
      type = list.type.elementType
    }
    for element in elements {
      // Elements live in the heap that gave them; the world may have been built anew since.
      let current = try problem(&scope).world
      let value =
        current === world ? element : ValueTransfer(from: world, to: current).copy(element, type: type)
      bind(source.target, value, type: type, &scope)
      if let condition = source.condition, try !evaluate(condition, &scope).bool { continue }
      try loop(sources.dropFirst(), body, &scope)
    }
  }

  private func bind(_ target: BindTarget, _ value: Value, type: Type, _ scope: inout Scope) {
    switch target {
    case .ignore: break
    case .local(let local): scope.values[local.index] = value
    case .tuple(let parts):
      guard let heap = scope.world?.heap else { return }
      for (index, part) in parts.enumerated() {
        bind(part, heap.element(value, index), type: type.elementType(at: index), &scope)
      }
    }
  }

  // MARK: Expectations

  private func evaluate(_ expression: TypedExpression, _ scope: inout Scope) throws(EvaluationError) -> Value
  {
    let problem = try problem(&scope)
    return try problem.world.evaluate(expression, frame: scope.values)
  }

  private func check(_ expect: TypedExpect, _ scope: inout Scope) throws(EvaluationError) {
    expectations += 1
    let problem = try problem(&scope)
    switch expect.claim {
    case .condition(let condition): try check(condition, at: expect.range, problem, &scope)
    case .infeasible(let rules):
      judge(try problem.explainsInfeasibility(by: rules, options), at: expect.range)
    case .relax(let rules): judge(try problem.isRelaxed(byDropping: rules, options), at: expect.range)
    case .ruleBinding(let rule): judge(try problem.isBinding(rule, options), at: expect.range)
    case .ruleActive(let rule):
      judge(
        problem.isActive(rule) ? .holds : .fails(["\(program[rule].name) stated nothing"]), at: expect.range)
    case .ruleInactive(let rule):
      judge(
        problem.isActive(rule) ? .fails(["\(program[rule].name) stated something"]) : .holds,
        at: expect.range)
    }
  }

  private func check(
    _ condition: TypedExpression, at range: SourceRange, _ problem: PlacementProblem, _ scope: inout Scope
  ) throws(EvaluationError) {
    quantified = nil
    if solved != nil, !problem.isPlaced, condition.isDecided, !condition.asksForPlacements {
      fail("this world has no placement", at: range, problem.conflictNotes(options))
      return
    }
    let holds = try evaluate(condition, &scope).bool
    if holds {
      if solved != nil, condition.isDecided,
        let other = problem.optimumBreaking(condition, scope.values, options)
      {
        var note = Diagnostic(
          "P0203", "held by tie-break: another placement is as good and breaks this",
          at: .init(condition.range, "true here"), severity: .note)
        note.notes = other.isEmpty ? [] : ["there: " + other.joined(separator: ", ")]
        notes.append(note)
      }
      return
    }
    if case .undecided? = quantified {
      leaveOpen(at: range)
      return
    }
    let quantified = quantified
    var parts = FailedParts(heap: problem.world.heap, program: program, names: test.frame.localNames) {
      (part, values) throws(EvaluationError) in
      try problem.world.evaluate(part, frame: values)
    }
    try parts.add(condition, scope.values)
    if case .fails(let reasons)? = quantified { parts.lines += reasons }
    fail("this does not hold", at: range, parts.lines, differences: parts.differences)
  }

  /// What the last quantified question came to, for the message.
  private var quantified: Verdict?

  private func judge(_ verdict: Verdict, at range: SourceRange) {
    switch verdict {
    case .holds: break
    case .fails(let reasons): fail("this does not hold", at: range, reasons)
    case .undecided:
      leaveOpen(at: range)
    }
  }

  /// A limit was met before there was an answer: the test fails, marked as undecided.
  private func leaveOpen(at range: SourceRange) {
    isUndecided = true
    var diagnostic = Diagnostic(
      "P0102", "the limit was met before an answer", at: .init(range, "this is open"))
    diagnostic.notes = ["help: --steps allows more work"]
    failures.append(TestFailure(diagnostic))
  }

  private func fail(
    _ message: String, at range: SourceRange, _ notes: [String], differences: [ValueDifference] = []
  ) {
    var diagnostic = Diagnostic("P0201", message, at: .init(range, "expected"))
    diagnostic.notes = notes
    failures.append(TestFailure(diagnostic, differences: differences))
  }

  // MARK: Questions that the machine hands out

  private func answer(
    _ expression: TypedExpression, _ given: [Value], in problem: PlacementProblem
  ) throws(EvaluationError) -> Value {
    // The machine hands out the slots that it has; a claim may bind more.
    let missing = max(0, test.frame.count - given.count)
    let frame = given + Array(repeating: Value.none, count: missing)
    switch expression.form {
    case .always(let claim): return quantify(try problem.always(claim, frame, options))
    case .never(let claim): return quantify(try problem.never(claim, frame, options))
    case .possible(let claim): return quantify(try problem.possible(claim, frame, options))
    case .planMoves: return Value(problem.moves)
    case .why(let subject, let candidate):
      return try problem.whyValue(subject, not: candidate, frame, options, type: expression.type)
    case .inSolution(let solution, let body):
      let number = try problem.world.evaluate(solution, frame: frame).bits
      let other = solutions[number]
      let transfer = ValueTransfer(from: problem.world, to: other.world)
      let there = frame.indices.map { index in
        index < test.frame.count
          ? transfer.copy(frame[index], type: test.frame.localTypes[index]) : frame[index]
      }
      let value = try other.world.evaluate(body, frame: there)
      return ValueTransfer(from: other.world, to: problem.world).copy(value, type: body.type)
    default:
      preconditionFailure("a question that is none: please report this with the policy")
    }
  }

  private func quantify(_ verdict: Verdict) -> Value {
    quantified = verdict
    if case .holds = verdict { return Value(true) }
    return Value(false)
  }
}

extension Type {
  /// What a `for each` over a value of the type gives.
  fileprivate var elementType: Type {
    switch self {
    case .list(let element), .set(let element), .range(let element): element
    case .map(let key, let value): .tuple([key, value])
    default: .error
    }
  }

  /// Type of a member of a tuple.
  fileprivate func elementType(at index: Int) -> Type {
    switch self {
    case .tuple(let types): types[index]
    case .anonymous(let fields): fields[index].type
    default: .error
    }
  }
}
