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
  private let isDefinition: (Origin) -> Bool
  /// Whether what a kernel would answer is asked of the placement instead.
  private(set) lazy var isAtSize =
    model.isLarge && (session != nil || PlacementSession.canFollow(asked(model)))
  /// Work for the placement that is mended: where there is one, it is mostly found in a tenth of that.
  private static let effortPerDecision = 10_000

  /// - Parameters:
  ///   - core: the conflict; without all of it the model may have a placement.
  ///   - solver: of the whole model.
  ///   - isDefinition: origins that say what may be decided at all, and tie decisions together.
  ///   - options: what a question may take.
  init(
    _ model: ConstraintModel, core: [Origin], solver: Solver, isDefinition: @escaping (Origin) -> Bool,
    _ options: SolverOptions
  ) {
    self.model = model
    self.core = Set(core)
    self.solver = solver
    self.options = options
    self.isDefinition = isDefinition
  }

  /// A placement of all but the conflict; nil where none is found.
  private lazy var session = PlacementSession(
    asked(model.keepingConstraints { !core.contains($0.origin) }),
    SolverOptions(
      seed: options.seed, workLimit: Self.effortPerDecision * model.decisions.count,
      shouldStop: options.shouldStop))

  /// Whether there is a placement is all that is asked: what runs plays no part.
  private func asked(_ model: ConstraintModel) -> ConstraintModel {
    var model = model.ignoringPreferred()
    if model.objectives.isEmpty { model.objectives = [Objective()] }
    return model
  }

  /// Whether the model has a placement without these; false where none is found in the work of a question.
  func isEnough(without removed: Set<Origin>) -> Bool {
    guard isAtSize else {
      if case .solution? = try? solver.satisfiable(without: removed, options) { return true }
      return false
    }
    return mended([], in: model.keepingConstraints { !removed.contains($0.origin) }) != nil
  }

  /// The least of a sum that was found under other constraints, and where.
  func least(_ terms: [LinearTerm], in changed: ConstraintModel) -> (Int, Solution)? {
    isAtSize ? mended(terms, in: changed) : changed.least(terms, options)
  }

  /// What the conflict is about is placed first, as its own few constraints allow, then all others where they stood.
  private func mended(_ terms: [LinearTerm], in changed: ConstraintModel) -> (Int, Solution)? {
    let quiet = SolverOptions(
      seed: options.seed, workLimit: options.workLimit, shouldStop: options.shouldStop)
    guard let session,
      let (best, choices) = changed.least(terms, around: core, isDefinition: isDefinition, quiet)
    else { return nil }
    var bounded = asked(changed)
    if !terms.isEmpty { bounded.post(bounded.keeping(terms, atMost: best)) }
    guard session.change(to: bounded, beginningWith: choices, was: { $0 }) else { return nil }
    return session.solution.map { (best, $0) }
  }
}

extension ConstraintModel {
  /// An upper bound of a sum; of one term about one decision or two, as what these may be.
  mutating func keeping(_ terms: [LinearTerm], atMost most: Int) -> Constraint {
    let origin = Origin(0)
    if terms.count == 1, terms[0].coefficient == 1 {
      switch terms[0].term {
      case .table(let id, let a, let b):
        let kept = self[id].map { row in row.map { $0 <= most ? 1 : 0 } }
        return Constraint(.allowed(table(kept), a, b), origin: origin)
      case .view(let view):
        let column = self[view.column]
        let mask = mask(Bitset(count: column.count) { column[$0] <= most })
        return Constraint(.clause([Literal(view.decision, in: mask)]), origin: origin)
      case .literal, .load, .ramp: break
      }
    }
    return Constraint(.linear(terms, lower: nil, upper: most), origin: origin)
  }

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
