import ConstraintModel
import ConstraintSolver

/// Says whether a change lets an infeasible model have a placement, and how little of an amount would.
///
/// A small model is asked of a kernel that knows the whole. At size that would take seconds a question: there a placement of
/// all but the conflict is found once, and mended for each change; the least amount is what the conflict's own few
/// constraints allow, and is taken only where there is a placement of the whole with it.
final class RemedyJudge {
  private let model: ConstraintModel
  private let core: Set<Origin>
  private let solver: Solver
  private let options: SolverOptions
  private let isAlwaysInForce: (Origin) -> Bool
  let isAtSize: Bool

  /// - Parameters:
  ///   - core: the conflict; without all of it the model may have a placement.
  ///   - solver: of the whole model.
  ///   - isAlwaysInForce: origins that no change takes away.
  ///   - options: what a question may take.
  init(
    _ model: ConstraintModel, core: [Origin], solver: Solver, isAlwaysInForce: @escaping (Origin) -> Bool,
    _ options: SolverOptions
  ) {
    self.model = model
    self.core = Set(core)
    self.solver = solver
    self.options = options
    self.isAlwaysInForce = isAlwaysInForce
    isAtSize = model.isLarge
  }

  /// A placement of all but the conflict; nil where none is found, or the model says more than can be mended.
  private lazy var session = PlacementSession(
    model.ignoringPreferred().keepingConstraints { !core.contains($0.origin) }, options)

  /// Whether the model has a placement without these; false where none is found in the work of a question.
  func isEnough(without removed: Set<Origin>) -> Bool {
    guard isAtSize else {
      if case .solution? = try? solver.satisfiable(without: removed, options) { return true }
      return false
    }
    return placement(of: model.keepingConstraints { !removed.contains($0.origin) }) != nil
  }

  /// The least of a sum that was found under other constraints, and where.
  func least(_ terms: [LinearTerm], in changed: ConstraintModel) -> (Int, Solution)? {
    guard isAtSize else { return changed.least(terms, options) }
    guard let best = changed.leastOfPart(of: core, terms, isHard: isAlwaysInForce, options) else {
      return nil
    }
    var bounded = changed
    bounded.post(Constraint(.linear(terms, lower: nil, upper: best), origin: Origin(0)))
    return placement(of: bounded).map { (best, $0) }
  }

  private func placement(of changed: ConstraintModel) -> Solution? {
    guard let session, session.change(to: changed.ignoringPreferred(), was: { $0 }) else { return nil }
    return session.solution
  }
}

extension ConstraintModel {
  /// The least that was found of a sum, and where; with `proved`, only where there is no less.
  func least(
    _ terms: [LinearTerm], _ options: SolverOptions, proved: Bool = false
  ) -> (Int, Solution)? {
    var asked = ignoringPreferred()
    asked.objectives = [Objective(terms: terms, origins: terms.map { _ in Origin(0) })]
    let quiet = SolverOptions(
      seed: options.seed, workLimit: options.workLimit, shouldStop: options.shouldStop)
    guard let solver = try? Solver(asked) else { return nil }
    let outcome = solver.solve(quiet).0
    if proved, case .feasible = outcome { return nil }
    guard let solution = outcome.solution else { return nil }
    return (solution.objectives[0], solution)
  }
}
