import ConstraintModel
package import ConstraintSolver
import Diagnostics
package import PlacetSemantics
package import PlacetVM

/// Questions over all admissible placements, asked of the stated model: the objective plays no part.
extension PlacementProblem {
  /// Whether a claim holds in every admissible placement; fails with the one that breaks it, or with the conflict
  /// where there is no placement at all.
  package func always(
    _ claim: TypedExpression, _ frame: [Value], _ options: SolverOptions
  ) throws(EvaluationError) -> Verdict {
    switch try placement(where: claim, is: false, frame, options) {
    case .solution(let solution):
      return .fails(["this placement breaks it:"] + lines(of: solution.values).map { "  " + $0 })
    case .unsatisfiable: return try admissible(options)
    case .unknown: return .undecided
    }
  }

  /// Whether a claim holds in none.
  package func never(
    _ claim: TypedExpression, _ frame: [Value], _ options: SolverOptions
  ) throws(EvaluationError) -> Verdict {
    switch try placement(where: claim, is: true, frame, options) {
    case .solution(let solution):
      return .fails(["this placement does it:"] + lines(of: solution.values).map { "  " + $0 })
    case .unsatisfiable: return try admissible(options)
    case .unknown: return .undecided
    }
  }

  /// Whether a claim holds in one at least.
  package func possible(
    _ claim: TypedExpression, _ frame: [Value], _ options: SolverOptions
  ) throws(EvaluationError) -> Verdict {
    switch try placement(where: claim, is: true, frame, options) {
    case .solution: return .holds
    case .unsatisfiable: return .fails(["no admissible placement does it"])
    case .unknown: return .undecided
    }
  }

  /// `always` and `never` hold vacuously in a world without placement; that is a failure, with the conflict.
  private func admissible(_ options: SolverOptions) throws(EvaluationError) -> Verdict {
    switch try ask([], options) {
    case .solution: return .holds
    case .unsatisfiable: return .fails(["this world has no placement at all"] + conflictNotes(options))
    case .unknown: return .undecided
    }
  }

  private func placement(
    where claim: TypedExpression, is truth: Bool, _ frame: [Value], _ options: SolverOptions
  ) throws(EvaluationError) -> ConstraintSolver.Answer {
    let decisions = world.decisions
    world.decisions = nil
    defer { world.decisions = decisions }
    return try ask([], options, model: try stater.assuming(claim, holds: truth, frame: frame).model)
  }

  /// Asks for any placement with more constraints, without regard to the objective.
  func ask(
    _ constraints: [Constraint], without removed: Set<Origin> = [], _ options: SolverOptions,
    model: ConstraintModel? = nil
  ) throws(EvaluationError) -> ConstraintSolver.Answer {
    let solver = if let model { try self.solver(for: model) } else { try makeSolver() }
    do {
      return try solver.satisfiable(without: removed, adding: constraints, options)
    } catch {
      throw .mistakes([overflowDiagnostic(error)])
    }
  }

  /// A placement that is as good as the one that was found and breaks the claim, as lines; nil where there is none
  /// or the question is too dear.
  package func optimumBreaking(
    _ claim: TypedExpression, _ frame: [Value], _ options: SolverOptions
  ) -> [String]? {
    guard let solution, case .optimal = outcome else { return nil }
    var cheap = options
    cheap.workLimit = min(options.workLimit ?? Int.max, tieBreakWork)
    let decisions = world.decisions
    world.decisions = nil
    defer { world.decisions = decisions }
    guard let model = try? stater.assuming(claim, holds: false, frame: frame).model else { return nil }
    let asGood = zip(model.objectives, solution.objectives).map { objective, value in
      Constraint(
        .linear(objective.terms, lower: nil, upper: value - objective.constant), origin: Origin(0))
    }
    guard case .solution(let other)? = try? ask(asGood, cheap, model: model) else { return nil }
    return lines(of: other.values, limit: 4)
  }

  /// Work that is spent on finding out whether an expectation holds by tie-break.
  private var tieBreakWork: Int { 2_000_000 }

  // MARK: Rules

  /// Origins of all instances of a rule.
  func origins(of rule: RuleID) -> Set<Origin> {
    Set(stated.origins.indices.map(Origin.init).filter { stated.rule(of: $0) == rule })
  }

  /// Origins of any rule.
  var ruleOrigins: Set<Origin> {
    Set(stated.origins.indices.map(Origin.init).filter { stated.rule(of: $0) != nil })
  }

  /// Whether these rules together have no placement, and have one without any of them; with no rules, whether
  /// there is no placement.
  package func explainsInfeasibility(
    by rules: [RuleID], _ options: SolverOptions
  ) throws(EvaluationError) -> Verdict {
    switch try ask([], options) {
    case .unknown: return .undecided
    case .solution(let solution):
      return .fails(["there is a placement:"] + lines(of: solution.values).map { "  " + $0 })
    case .unsatisfiable: break
    }
    if rules.isEmpty { return .holds }
    let named = rules.reduce(into: Set<Origin>()) { $0.formUnion(origins(of: $1)) }
    let others = ruleOrigins.subtracting(named)
    switch try ask([], without: others, options) {
    case .unknown: return .undecided
    case .solution:
      return .fails(["these rules alone have a placement"] + conflictNotes(options))
    case .unsatisfiable: break
    }
    for rule in rules {
      switch try ask([], without: others.union(origins(of: rule)), options) {
      case .unknown: return .undecided
      case .solution: continue
      case .unsatisfiable:
        return .fails(["without \(program[rule].name) there is still no placement"] + conflictNotes(options))
      }
    }
    return .holds
  }

  /// Whether dropping all of these rules lets the rest hold.
  package func isRelaxed(
    byDropping rules: [RuleID], _ options: SolverOptions
  ) throws(EvaluationError) -> Verdict {
    if case .solution = try ask([], options) { return .fails(["there is a placement with them"]) }
    let dropped = rules.reduce(into: Set<Origin>()) { $0.formUnion(origins(of: $1)) }
    switch try ask([], without: dropped, options) {
    case .solution: return .holds
    case .unsatisfiable: return .fails(["there is no placement without them either"])
    case .unknown: return .undecided
    }
  }

  /// Whether the rule stated anything.
  package func isActive(_ rule: RuleID) -> Bool {
    stated.model.constraints.contains { stated.rule(of: $0.origin) == rule }
      || stated.model.objectives.contains { objective in
        objective.origins.contains { stated.rule(of: $0) == rule }
      }
  }

  /// Whether the best objective is better, or there is a placement at all, without the rule.
  package func isBinding(_ rule: RuleID, _ options: SolverOptions) throws(EvaluationError) -> Verdict {
    let without = stated.model.dropping(origins(of: rule))
    let solver: Solver
    do {
      solver = try Solver(without)
    } catch {
      throw .mistakes([overflowDiagnostic(error)])
    }
    switch (try makeSolver().solve(options).0, solver.solve(options).0) {
    case (.optimal(let with), .optimal(let best)):
      return best.objectives.lexicographicallyPrecedes(with.objectives)
        ? .holds : .fails(["the best placement without \(program[rule].name) is no better"])
    case (.unsatisfiable, .optimal), (.unsatisfiable, .feasible): return .holds
    case (.unsatisfiable, .unsatisfiable):
      return .fails(["there is no placement without \(program[rule].name) either"])
    default: return .undecided
    }
  }
}

extension ConstraintModel {
  /// The model less the constraints and objective terms of some origins.
  func dropping(_ removed: Set<Origin>) -> ConstraintModel {
    var model = keepingConstraints { !removed.contains($0.origin) }
    model.objectives = objectives.map { objective in
      var kept = Objective(constant: objective.constant)
      for (term, origin) in zip(objective.terms, objective.origins) where !removed.contains(origin) {
        kept.terms.append(term)
        kept.origins.append(origin)
      }
      return kept
    }
    return model
  }
}
