package import ConstraintModel
package import ConstraintSolver
import Diagnostics
package import PlacetSemantics
package import PlacetVM
import Synchronization

/// One world of a policy, stated and solved: from entities to a placement that was re-checked.
///
/// The walk: `build` makes the world and states it, `solve` asks the solver and checks its answer by running the
/// policy again. What-if questions are asked of the same stated model.
package final class PlacementProblem {
  package let program: TypedProgram
  package let world: World
  let stater: Stater
  private(set) var stated: StatedModel
  package private(set) var statistics = SolverStatistics()
  /// The outcome of the last solve.
  private(set) var outcome: Outcome?
  private var solver: Solver?
  /// Told when a part of the work is done, for measurements.
  package var stageEnded: (_ stage: String) -> Void = { _ in }
  /// Decisions of an answer that place nothing themselves, by the placed entity that they belong to.
  var decisionsUnder: [EntityID: [StatedDecision]] = [:]
  /// The world of the solution that runs, where one does.
  private var previous: PlacementProblem?

  package init(program: TypedProgram, inputs: WorldInputs) {
    self.program = program
    world = World(program: program, inputs: inputs)
    stater = Stater(world: world)
    stated = stater.result
  }

  /// Of a world that was built already and whose decisions are not known: its rules are all that is left to state.
  package init(of world: World) {
    precondition(world.isClosed && world.decisions == nil, "a world that is stated is built and open")
    program = world.program
    self.world = world
    stater = Stater(world: world)
    stated = stater.result
  }

  private init(_ stater: Stater, previous: PlacementProblem?) {
    program = stater.world.program
    world = stater.world
    self.stater = stater
    stated = stater.result
    self.previous = previous
  }

  /// This problem with a delta more, of which only what it touches is made and stated; this one stays as it is.
  ///
  /// - Returns: nil where the whole has to be made and stated anew.
  package func grown(
    by delta: WorldDelta, objective: [TypedGoal]? = nil, previous: PlacementProblem? = nil
  ) throws(EvaluationError) -> PlacementProblem? {
    let stater = try Stater.grown(
      from: stater, by: delta, objective: objective, previous: previous?.world.decisions)
    return stater.map { PlacementProblem($0, previous: previous) }
  }

  /// What the model of a grown problem has more than that which it has grown from, or otherwise.
  package var delta: ModelDelta? { stater.delta }

  package var model: ConstraintModel { stated.model }

  /// Takes over the placement of a problem that differs in no decision, rule or goal.
  package func keepPlacement(of other: PlacementProblem) {
    (outcome, statistics, ruleReport) = (other.outcome, other.statistics, other.ruleReport)
    if let solution { world.decisions = stated.decisions(of: solution.values) }
  }

  /// Makes the world, where it is not made, and states its rules; all mistakes are in the error.
  package func build(
    _ additions: WorldAdditions = WorldAdditions(), objective: [TypedGoal]? = nil,
    previous: PlacementProblem? = nil
  ) throws(EvaluationError) {
    if !world.isClosed { try world.build(additions) }
    self.previous = previous
    stater.previous = previous?.world.decisions
    try stater.stateRules()
    // In the world of a test, a waiver may be for what the policy loads.
    if additions.runsLoads, !stater.uselessWaivers.isEmpty { throw .mistakes(stater.uselessWaivers) }
    try stater.stateObjective(
      objective ?? program.objective,
      frame: objective == nil ? program.objectiveFrame : additions.frame)
    stated = stater.result
  }

  /// Pins and claims add origins of their own; the constraints that are stated keep theirs.
  func adoptOrigins(of extended: StatedModel) { stated.origins = extended.origins }

  /// The solver of the stated model; refuses sums that could overflow, with their line.
  func makeSolver() throws(EvaluationError) -> Solver {
    if let solver { return solver }
    do {
      let made = try Solver(stated.model)
      solver = made
      return made
    } catch {
      throw .mistakes([overflowDiagnostic(error)])
    }
  }

  func overflowDiagnostic(_ error: ModelError) -> Diagnostic {
    switch error {
    case .overflow(let origin):
      Diagnostic(
        "P0103", "the amounts here are too large to be added up exactly",
        at: .init(stated.origins[Int(origin.index)].range ?? emptyRange, "could leave 64 bits"))
    }
  }

  var emptyRange: SourceRange {
    program.modules.last.map { SourceRange($0.source, 0, 0) } ?? SourceRange(Source(name: "", text: ""), 0, 0)
  }

  /// Solves; afterwards decided fields of the world read as known, where there is a placement.
  ///
  /// - Throws: mistakes met in the re-check, `P0190` where the solver's answer breaks a rule.
  package func solve(_ options: SolverOptions) throws(EvaluationError) {
    world.decisions = nil
    let (outcome, statistics) = try answered(options)
    self.outcome = outcome
    self.statistics = statistics
    guard let solution else { return }
    world.decisions = stated.decisions(of: solution.values)
    try recheck(solution)
  }

  /// Where something runs, the best values of the objectives are found first without regard to it: alike hosts can
  /// then be exchanged in the proof. What is left is to reach these values with the fewest changes.
  private func answered(_ options: SolverOptions) throws(EvaluationError) -> (Outcome, SolverStatistics) {
    let model = stated.model
    // At size, where everything runs is the best place to begin.
    guard model.hasPreferred, !model.objectives.isEmpty, !model.isLarge else {
      return try makeSolver().solve(options)
    }
    var half = options
    half.workLimit = options.workLimit.map { $0 / 2 }
    half.start = model.decisions.map(\.preferred)
    let (first, spent) = try solver(for: model.ignoringPreferred()).solve(half)
    var rest = options
    rest.workLimit = options.workLimit.map { max($0 / 2, $0 - spent.work) }
    guard case .optimal(let best) = first else { return try improved(first, spent, rest) }
    var bounded = model
    for (objective, value) in zip(model.objectives, best.objectives) {
      bounded.post(
        Constraint(.linear(objective.terms, lower: nil, upper: value - objective.constant), origin: Origin(0))
      )
    }
    bounded.objectives = []
    let (outcome, more) = try solver(for: bounded).solve(rest)
    let statistics = spent.adding(more)
    func valued(_ solution: Solution) -> Solution {
      Solution(values: solution.values, objectives: best.objectives, bounds: best.bounds)
    }
    switch outcome {
    // The objectives are proved; only the number of changes might be improved.
    case .optimal(let solution), .feasible(let solution): return (.optimal(valued(solution)), statistics)
    case .unsatisfiable, .unknown: return (.optimal(best), statistics)
    }
  }

  /// Where the limit came before the proof, or there is no placement: what is left of it is spent on the model as it
  /// is, and the better of both is the answer.
  private func improved(
    _ first: Outcome, _ spent: SolverStatistics, _ rest: SolverOptions
  ) throws(EvaluationError) -> (Outcome, SolverStatistics) {
    if case .unsatisfiable = first { return (first, spent) }
    // Whoever stops the search has done so by now: what runs still gets its chance to stay.
    let state = Mutex((isPlaced: false, patience: 2_000))
    var last = rest
    last.progress = { step in
      state.withLock { $0.isPlaced = true }
      rest.progress(step)
    }
    last.shouldStop = {
      let isDue = state.withLock { state in
        state.patience -= 1
        return state.isPlaced || state.patience < 0
      }
      return isDue && rest.shouldStop()
    }
    let (second, more) = try makeSolver().solve(last)
    let statistics = spent.adding(more)
    guard case .feasible(var one) = first, case .feasible(var other) = second else {
      return (second.solution == nil ? first : second, statistics)
    }
    // Bounds of the first tier hold whatever runs.
    let bound = max(one.bounds[0], other.bounds[0])
    one.bounds[0] = bound
    other.bounds[0] = bound
    let isBetter = one.objectives.lexicographicallyPrecedes(other.objectives)
    return (.feasible(isBetter ? one : other), statistics)
  }

  package var solution: Solution? { outcome?.solution }

  package var isPlaced: Bool { solution != nil }

  /// The policy run again with its decisions known must keep every rule.
  private func recheck(_ solution: Solution) throws(EvaluationError) {
    let report = try world.evaluateRules()
    var breaches: [Diagnostic] = []
    for breach in report.violations {
      var diagnostic = Diagnostic(
        "P0190", "the placement that was found does not keep this rule: this is a bug of Placet",
        at: .init(breach.constraint.range, breach.reason ?? "false with the decisions known"))
      diagnostic.notes = ["please report it with the policy and the inventory; nothing was placed"]
      breaches.append(diagnostic)
    }
    breaches += report.mistakes
    guard breaches.isEmpty else { throw .mistakes(breaches) }
    ruleReport = report
  }

  /// How the rules fared in the re-check of the last solve.
  private(set) var ruleReport: RuleReport?

  /// Instances that sit elsewhere than in the solution that was solved `from`; 0 where there was none.
  package var moves: Int {
    guard let before = previous?.world.decisions, let now = world.decisions else { return 0 }
    return stated.decisions.count { entry in
      guard isPlacing(entry) else { return false }
      guard let old = before[entry.entity, entry.field] else { return false }
      return old != now[entry.entity, entry.field]
    }
  }

  /// Whether a decision says where an instance runs: a field called `host` that names an entity.
  func isPlacing(_ entry: StatedDecision) -> Bool {
    program.kinds[Int(entry.entity.kind)].fields[entry.field].name == "host"
  }

  /// `vepc.mme[0].host is h1`, for placements that are shown as examples.
  func lines(of values: [Int], limit: Int = 12) -> [String] {
    let lines = stated.decisions.map { entry in
      let field = program.kinds[Int(entry.entity.kind)].fields[entry.field].name
      let value = world.heap.describe(entry.candidates[values[entry.decision]], type: entry.type)
      return "\(world.path(of: entry.entity)).\(field) is \(value)"
    }
    return lines.count <= limit ? lines : Array(lines.prefix(limit)) + ["and \(lines.count - limit) more"]
  }
}
