import ConstraintModel
import ConstraintSolver

/// Says whether a change lets an infeasible model have a placement, and how little of an amount would.
///
/// A small model is asked of a kernel that knows the whole. At size that would take seconds a question: there a placement of
/// all but the conflict is found once, and mended for each change (`MendedPlacement`); the least amount is what the
/// conflict's own few constraints allow, and is taken only where there is a placement of the whole with it.
final class RemedyJudge {
  /// A sum and the most that it may be.
  struct Bound {
    var terms: [LinearTerm]
    var most: Int
  }

  private let model: ConstraintModel
  private let core: Set<Origin>
  private let solver: Solver
  private let options: SolverOptions
  private let isDefinition: (Origin) -> Bool
  /// Whether what a kernel would answer is asked of the placement instead.
  private(set) lazy var isAtSize =
    model.isLarge && (hasRest || PlacementSession.canFollow(MendedPlacement.asked(model)))

  /// - Parameters:
  ///   - core: the conflict, or several; without all of it the model may have a placement.
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

  private lazy var placement = MendedPlacement(model, conflict: core, options)

  /// Whether a placement of all but the conflict was found.
  var hasRest: Bool { placement != nil }

  /// What is near the conflict: of a large model a few constraints out of a hundred thousand.
  private lazy var nearby = model.constraints(around: core, isDefinition: isDefinition)

  /// The model as far as questions about members of the conflict look at it.
  private(set) lazy var part = isAtSize ? model.with(constraints: nearby) : model

  /// Whether the model has a placement without these; false where none is found in the work of a question.
  func isEnough(without removed: Set<Origin>) -> Bool {
    guard isAtSize else {
      if case .solution? = try? solver.satisfiable(without: removed, options) { return true }
      return false
    }
    return mended([], part, without: removed) != nil
  }

  /// The least of a sum that was found without some members of the conflict, and where.
  ///
  /// - Parameter changed: `part` without them, with what the sum speaks of.
  func least(_ terms: [LinearTerm], in changed: ConstraintModel, without removed: Set<Origin>) -> (
    Int, Solution
  )? {
    isAtSize ? mended(terms, changed, without: removed) : changed.least(terms, options)
  }

  /// Whether there may be a placement without some members where sums keep to bounds: at size, as far as what is near the
  /// conflict says.
  func isPossible(without removed: Set<Origin>, in changed: ConstraintModel, keeping bounds: [Bound]) -> Bool
  {
    isAtSize
      ? nearest([], near(changed, without: removed, keeping: bounds)) != nil
      : isEnough(without: removed, in: changed, keeping: bounds)
  }

  /// Whether there is a placement without some members where sums keep to bounds.
  func isEnough(without removed: Set<Origin>, in changed: ConstraintModel, keeping bounds: [Bound]) -> Bool {
    guard isAtSize else {
      var asked = changed
      for bound in bounds { asked.post(bound.constraint) }
      if case .solution? = try? Solver(asked).satisfiable(options) { return true }
      return false
    }
    let near = near(changed, without: removed, keeping: bounds)
    guard let placement, let (_, choices) = nearest([], near) else { return false }
    return placement.mended(without: removed, keeping: bounds, of: near, beginningWith: choices) != nil
  }

  private func near(
    _ changed: ConstraintModel, without removed: Set<Origin>, keeping bounds: [Bound] = []
  ) -> ConstraintModel {
    var near = changed.with(constraints: nearby.filter { !removed.contains($0.origin) })
    for bound in bounds { near.post(bound.constraint) }
    return near
  }

  /// The least of a sum as what is near the conflict allows, and where the conflict's decisions are then.
  private func nearest(_ terms: [LinearTerm], _ near: ConstraintModel) -> (Int, [Decision: Int])? {
    near.least(
      terms, around: core, isDefinition: isDefinition,
      SolverOptions(seed: options.seed, workLimit: options.workLimit, shouldStop: options.shouldStop))
  }

  /// What the conflict is about is placed first, as its own few constraints allow, then all others where they stood.
  private func mended(_ terms: [LinearTerm], _ changed: ConstraintModel, without removed: Set<Origin>) -> (
    Int, Solution
  )? {
    guard let placement else { return nil }
    // What only the rest of the rule says is left out where nothing else helps.
    for dropped in removed.isSubset(of: core) ? [removed] : [removed.intersection(core), removed] {
      let near = near(changed, without: dropped)
      guard let (best, choices) = nearest(terms, near) else { continue }
      let bounds = terms.isEmpty ? [] : [Bound(terms: terms, most: best)]
      if let solution = placement.mended(
        without: dropped, keeping: bounds, of: near, beginningWith: choices)
      {
        return (best, solution)
      }
    }
    return nil
  }
}

extension RemedyJudge.Bound {
  var constraint: Constraint { Constraint(.linear(terms, lower: nil, upper: most), origin: Origin(0)) }
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
