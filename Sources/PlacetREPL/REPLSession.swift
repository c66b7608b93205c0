import ConstraintSolver
import Diagnostics
package import Placet
import PlacetSemantics
import PlacetSyntax
import PlacetVM
import Placement

/// A session at the prompt: lines in, text out; it knows nothing of terminals.
///
/// It holds a policy that grows: what is typed counts as written at its end. After `:solve` decided fields read as
/// known, until something is added that could change the placement.
package final class REPLSession {
  /// What one submission came to.
  package struct Reply: Sendable {
    /// What is shown; empty, or ends with a newline.
    package var output = ""
    /// The statements and commands that were complete, for the history.
    package var entries: [String] = []
    /// `:quit` was among them.
    package var isOver = false
  }

  /// The last solve.
  struct Solve {
    var problem: PlacementProblem
    var answer: PlacementAnswer
    var inputs: RunInputs
    var policyDigest: String
    /// Something was added since that could change the placement.
    var isStale = false
    /// The program is the one that was solved, so that its world can be read.
    var isOfThisProgram = true
  }

  let width: Int
  let usesColour: Bool
  let seed: UInt64
  let stop: StopLatch
  var inputs: RunInputs
  /// The file that was loaded last, whether or not it could be.
  var path: String?
  var main = REPLSession.emptyPolicy
  var checker: Checker.Session
  private var reader = StatementReader()
  /// The world of the policy as it is, built when first needed.
  private var world: World?
  /// The same, stated; solved when asked.
  var stated: PlacementProblem?
  var solved: Solve?
  var previous: PlacementAnswer?
  /// Files that `:save` of this session wrote and may write again.
  var saved: Set<String> = []
  /// Expressions that a world has compiled; it knows them by identity.
  private var compiled: [TypedExpression] = []
  /// What `always` and its kin said besides yes or no.
  private var remarks: [String] = []

  static let emptyPolicy = Source(name: "<repl>", text: "")

  /// - Parameter shouldStop: asked while something is evaluated or solved; true ends it, not the session.
  package init(
    inputs: RunInputs = RunInputs(), seed: UInt64 = 1, width: Int = 80, usesColour: Bool = false,
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) {
    let stop = StopLatch(shouldStop)
    self.stop = stop
    self.inputs = inputs
    self.inputs.shouldStop = { stop.stopsEvaluation }
    self.seed = seed
    self.width = width
    self.usesColour = usesColour
    checker = Self.checker(of: Self.emptyPolicy)
  }

  static func checker(of source: Source) -> Checker.Session {
    Checker.Session(main: source, modules: PolicyFile.modules(beside: source.name))
  }

  /// Whether the next line continues what was begun.
  package var isOpen: Bool { reader.isOpen }

  /// Lines of a statement that is not whole yet.
  var pendingText: String { reader.text }

  /// Takes one line, or several that were pasted together.
  package func submit(_ text: String) -> Reply {
    var reply = Reply()
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(Self.withoutReturn)
    for (index, line) in lines.enumerated() where !reply.isOver {
      let trimmed = line.trimmingBlanks
      if !reader.isOpen, trimmed.hasPrefix(":") {
        reply.entries.append(trimmed)
        perform(trimmed, &reply)
        continue
      }
      let next = lines[(index + 1)...].first { !$0.trimmingBlanks.isEmpty }
      guard let statement = reader.add(line, before: next) else { continue }
      finish(statement, &reply)
    }
    return reply
  }

  /// Input is over: what is open is read as it is.
  package func end() -> Reply {
    var reply = Reply()
    if reader.isOpen { finish(reader.take(), &reply) }
    return reply
  }

  /// Ctrl-C while typing: what was begun is forgotten.
  package func abandon() { _ = reader.take() }

  private func finish(_ statement: String, _ reply: inout Reply) {
    let entry = statement.trimmingBlanks
    if !entry.isEmpty { reply.entries.append(entry) }
    stop.reset()
    reply.output += read(Source(name: "<repl>", text: entry + "\n"))
  }

  private static func withoutReturn(_ line: Substring) -> String {
    String(line.last == "\r" ? line.dropLast() : line)
  }

  // MARK: - Reading

  private func read(_ source: Source) -> String {
    var extended = checker
    switch extended.read(source) {
    case .incomplete: return render(Parser.parseFragment(source).diagnostics)
    case .refused(let problems): return advice(for: source) ?? render(problems)
    case .expression(let body): return show(body)
    case .declarations: return adopt(extended)
    }
  }

  /// `solve` where `:solve` was meant.
  private func advice(for source: Source) -> String? {
    let word = source.text.trimmingBlanks
    let meant = word == "exit" ? "quit" : word
    guard REPLCommand(rawValue: meant) != nil else { return nil }
    return "commands begin with a colon: :\(meant)\n"
  }

  /// Takes an addition over, unless it breaks a world that could be built before.
  private func adopt(_ extended: Checker.Session) -> String {
    guard extended.added.count > 0 else { return "" }
    let couldBuild = (try? currentWorld()) != nil
    let (old, oldWorld, oldStated, oldSolve) = (checker, world, stated, solved)
    let isHarmless = extended.onlyAddsValues(to: checker)
    let problem = knownProblem
    checker = extended
    forgetWorld(placementMayChange: !isHarmless)
    do throws(Mistakes) {
      if let problem, let delta = extended.delta(from: old, to: problem) {
        try grow(problem, by: delta, keepsPlacement: isHarmless)
      }
      _ = try currentWorld()
    } catch {
      if couldBuild && !Self.wantsParameters(error) || Self.isStopped(error) {
        (checker, world, stated, solved) = (old, oldWorld, oldStated, oldSolve)
        return render(error)
      }
    }
    let known = Set(old.diagnostics)
    let warnings = extended.diagnostics.filter { $0.severity != .error && !known.contains($0) }
    var output = render(warnings)
    if let oldSolve, !oldSolve.isStale, solved?.isStale == true { output += Self.staleNote }
    return output
  }

  /// The policy as it was last stated, solved or not.
  private var knownProblem: PlacementProblem? {
    stated ?? solved.flatMap { $0.isOfThisProgram && !$0.isStale ? $0.problem : nil }
  }

  /// States no more than what was added, where that will do.
  private func grow(
    _ problem: PlacementProblem, by delta: WorldDelta, keepsPlacement: Bool
  ) throws(Mistakes) {
    do {
      guard let grown = try problem.grown(by: delta) else { return }
      stated = grown
      if keepsPlacement, isPlaced, solved?.problem === problem {
        grown.keepPlacement(of: problem)
        solved?.problem = grown
        solved?.isOfThisProgram = true
      }
    } catch {
      throw Mistakes(error.diagnostics)
    }
  }

  static let staleNote = "the placement is of the policy before this; :solve places again\n"

  /// The policy or its inputs are other ones.
  func forgetWorld(placementMayChange: Bool) {
    world = nil
    stated = nil
    solved?.isOfThisProgram = false
    if placementMayChange { solved?.isStale = true }
  }

  /// A placement was found: its world takes the place of the one without.
  func forgetOwnWorld() { world = nil }

  /// Worlds know what they compiled by identity, so it must live as long.
  func keepCompiled(_ expression: TypedExpression) { compiled.append(expression) }

  // MARK: - Worlds

  var policy: PolicyFile {
    PolicyFile(source: main, program: checker.program, diagnostics: checker.diagnostics)
  }

  var options: SolverOptions { SolverOptions(seed: seed, shouldStop: { [stop] in stop.isSet }) }

  /// Whether decided fields can be read.
  var isPlaced: Bool { solved.map { !$0.isStale && $0.answer.isPlaced } ?? false }

  /// The world of the policy as it is; with the decisions of the last solve, where they are its.
  func currentWorld() throws(Mistakes) -> World {
    if let solved, isPlaced, solved.isOfThisProgram { return solved.problem.world }
    if let stated, stated.world.decisions == nil, !isPlaced { return stated.world }
    if let world { return world }
    try requireSound()
    let made = try policy.world(inputs)
    if let solved, isPlaced, let decisions = solved.problem.world.decisions {
      let transfer = ValueTransfer(from: solved.problem.world, to: made)
      var carried = Decisions()
      for (key, value) in decisions.values {
        let field = solved.problem.program.kinds[Int(key.entity.kind)].fields[key.field]
        carried.values[key] = transfer.copy(value, type: field.type)
      }
      made.decisions = carried
    }
    world = made
    return made
  }

  /// The policy as it is, stated.
  func currentProblem() throws(Mistakes) -> PlacementProblem {
    if let stated { return stated }
    try requireSound()
    // A world that carries the decisions of another solve is not one to state.
    let open = world.flatMap { $0.decisions == nil ? $0 : nil }
    let problem = try policy.problem(inputs, in: open)
    stated = problem
    return problem
  }

  private func requireSound() throws(Mistakes) {
    if policy.isSound { return }
    throw Mistakes(checker.diagnostics.filter { $0.severity == .error })
  }

  // MARK: - Values

  private func show(_ body: TypedBody) -> String {
    let expression = body.expression
    if expression.isDecided, !isPlaced { return describeDecided(expression) + "\n" }
    do throws(Mistakes) {
      let (world, value) = try evaluate(expression)
      defer { remarks = [] }
      let text = ValueText(world: world, width: width).text(value, expression.type)
      return "= \(text)\n" + remarks.map { "  \($0)\n" }.joined()
    } catch {
      return render(error)
    }
  }

  /// `i.host : host, decided by i.host, one of 40`
  func describeDecided(_ expression: TypedExpression) -> String {
    var line = "\(expression.range.text.onOneLine) : \(checker.program.typeDescription(of: expression))"
    if let count = candidateCount(expression) { line += ", one of \(count)" }
    if solved?.isStale == true { line += "; the last :solve was before a change" }
    return line
  }

  private func candidateCount(_ expression: TypedExpression) -> Int? {
    guard case .field(let owner, let field) = expression.form, case .entity(let kind) = owner.type,
      !owner.isDecided, case .decision = checker.program[kind].fields[field].form,
      let world = try? currentWorld(), let problem = try? currentProblem(),
      let entity = try? evaluate(owner, in: world).entity
    else { return nil }
    return problem.decision(of: entity, field: field)?.candidates.count
  }

  func evaluate(_ expression: TypedExpression) throws(Mistakes) -> (world: World, value: Value) {
    let world: World
    do throws(Mistakes) {
      world = try currentWorld()
    } catch {
      // Sums and the like need no world: they have a value whatever is wrong with the policy.
      guard expression.needsNoWorld, !Self.isStopped(error) else { throw error }
      let empty = World(program: checker.program, inputs: WorldInputs())
      return (empty, try evaluate(expression, in: empty))
    }
    var isQuestion = false
    if solved.map({ $0.problem.world === world }) != true {
      world.oracle = { (question, _) throws(EvaluationError) in
        isQuestion = true
        throw .limit(.unanswered(at: question.range))
      }
    }
    defer { world.oracle = nil }
    if solved?.problem.world === world, let problem = solved?.problem { world.oracle = oracle(problem) }
    do throws(Mistakes) {
      return (world, try evaluate(expression, in: world))
    } catch {
      guard isQuestion else { throw error }
    }
    let problem = try currentProblem()
    problem.world.oracle = oracle(problem)
    defer { problem.world.oracle = nil }
    return (problem.world, try evaluate(expression, in: problem.world))
  }

  func evaluate(_ expression: TypedExpression, in world: World) throws(Mistakes) -> Value {
    keepCompiled(expression)
    do {
      return try world.evaluate(expression, frame: [])
    } catch {
      throw Mistakes(error.diagnostics)
    }
  }

  /// Who answers `always(e)` and what else takes a solver.
  private func oracle(
    _ problem: PlacementProblem
  ) -> (TypedExpression, [Value]) throws(EvaluationError) -> Value {
    { [unowned self, unowned problem] (question, frame) throws(EvaluationError) in
      let verdict: Verdict
      switch question.form {
      case .always(let claim): verdict = try problem.always(claim, frame, self.options)
      case .never(let claim): verdict = try problem.never(claim, frame, self.options)
      case .possible(let claim): verdict = try problem.possible(claim, frame, self.options)
      case .preferences: return try problem.world.evaluateRules().unmetWeight
      case .planMoves: return Value(problem.moves)
      case .why(let subject, let candidate):
        return try problem.whyValue(subject, not: candidate, frame, self.options, type: question.type)
      default: throw .limit(.unanswered(at: question.range))
      }
      switch verdict {
      case .holds: return Value(true)
      case .fails(let lines):
        self.remarks += lines
        return Value(false)
      case .undecided: throw .limit(.unanswered(at: question.range))
      }
    }
  }

  // MARK: - Messages

  func render(_ mistakes: Mistakes) -> String {
    Self.isStopped(mistakes) ? "stopped\n" : render(mistakes.diagnostics)
  }

  func render(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.isEmpty ? "" : TerminalRenderer(usesColour: usesColour).render(diagnostics)
  }

  /// Whether nothing is wrong but that `:set` has not been used yet.
  static func wantsParameters(_ mistakes: Mistakes) -> Bool {
    mistakes.diagnostics.allSatisfy { $0.code == "E0414" }
  }

  static func isStopped(_ mistakes: Mistakes) -> Bool { mistakes.diagnostics.contains { $0.code == "E0512" } }
}
