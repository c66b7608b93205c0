package import ConstraintModel

/// Solves a constraint model: placements that are proven best, or the origins that rule them out.
///
/// A solver is made for one model and may be asked many questions about it. Every answer is a function of the
/// model and the options alone.
package final class Solver {
  let model: ConstraintModel

  /// - Throws: `ModelError.overflow` where a sum of the model could leave 64 bits.
  package init(_ model: ConstraintModel) throws(ModelError) {
    self.model = model
    let overflow = OverflowCheck(model)
    try overflow.check(model.constraints)
    try overflow.check(model.objectives)
  }

  /// Minimises the objectives lexicographically; then leaves as few decisions as possible off their preferred
  /// candidate.
  package func solve(_ options: SolverOptions = SolverOptions()) -> (Outcome, SolverStatistics) {
    let judged = Budget(options)
    if let (_, origins) = refutedPart(isHard: { _ in false }, judged) {
      var statistics = SolverStatistics()
      statistics.work = judged.spent
      return (.unsatisfiable(core: origins), statistics)
    }
    if isTooLargeForKernel || hasLargeSums,
      let answer = solveByMovesAlone(options) ?? solveByInsertionAlone(options)
    {
      return answer
    }
    if isTooLargeForKernel, options.shouldStop() || options.workLimit ?? .max < pairs {
      // A kernel would take gigabytes, and seconds to make, only to meet the limit.
      return (.unknown, SolverStatistics())
    }
    let moves = isWorthMoving ? MoveSearch.begun(on: model, options) : nil
    let insertion = isWorthInserting ? InsertionSearch.begun(on: model, options) : nil
    var minimiser = Minimiser(
      model, constraints: model.constraints, options: options, insertion: insertion,
      moves: moves)
    let result = minimiser.run()
    var statistics = minimiser.statistics
    switch result {
    case .optimal(let solution): return (.optimal(solution), statistics)
    case .feasible(let solution): return (.feasible(solution), statistics)
    case .unknown: return (.unknown, statistics)
    case .unsatisfiable:
      let budget = Budget(options)
      budget.spend(statistics.work)
      let answer = tracked.ask(tracked.origins, budget)
      statistics.work = budget.spent
      // Where the limit is met on the way to a core, all origins together are one.
      let core = if case .refuted(let core) = answer { core } else { tracked.origins }
      return (.unsatisfiable(core: core.sorted()), statistics)
    }
  }

  /// Whether the model without some origins and with more constraints has a solution; objectives play no part.
  ///
  /// What-if questions: why not there, always, never, possible. Masks, columns and tables of `added` are those
  /// of the model; where it lacks them, ask a solver of a larger model.
  package func satisfiable(
    without removed: Set<Origin> = [], adding added: [Constraint] = [],
    _ options: SolverOptions = SolverOptions()
  ) throws(ModelError) -> Answer {
    let budget = Budget(options)
    let query: Query
    if added.isEmpty {
      query = tracked
    } else {
      try OverflowCheck(model).check(added)
      let constraints = model.constraints + added
      query = Query(model, constraints: constraints, retractable: Set(constraints.map(\.origin)))
    }
    switch query.ask(query.origins.filter { !removed.contains($0) }, budget) {
    case .satisfied(let values): return .solution(solution(values))
    case .unknown: return .unknown
    case .refuted(let core): return .unsatisfiable(core: core.sorted())
    }
  }

  /// A kernel in which every origin can be dropped; made when first needed, and kept with what it learns.
  private(set) lazy var tracked = Query(
    model, constraints: model.constraints, retractable: Set(model.constraints.map(\.origin)))

  /// Constraints in which a contradiction is seen without search; nil where none is.
  private(set) lazy var suspects = StaticRefutation.suspects(in: model)

  func solution(_ values: [Int]) -> Solution {
    let checker = ModelChecker(model, values: values)
    return Solution(
      values: values, objectives: model.objectives.map { checker.value(of: $0) },
      bounds: model.objectives.map { _ in Int.min })
  }
}

/// The answer to a what-if question.
package enum Answer: Sendable {
  /// One solution; its objectives are as they fall and its bounds say nothing.
  case solution(Solution)
  /// Origins of constraints that together have no solution, not minimal.
  case unsatisfiable(core: [Origin])
  case unknown
}
