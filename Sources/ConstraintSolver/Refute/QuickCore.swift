import ConstraintModel

extension Solver {
  /// A model with fewer pairs of decision and candidate is searched as quickly.
  private static let smallestRefutation = 10_000

  /// The part of the model in which a contradiction is seen without search, judged by a kernel of its own; nil where none is.
  func refutedPart(
    isHard: (Origin) -> Bool, _ budget: Budget, always: Bool = false
  ) -> (part: ConstraintModel, origins: [Origin])? {
    let pairs = model.decisions.reduce(0) { $0 + ($1.isAuxiliary ? 0 : $1.candidateCount) }
    guard always || pairs >= Self.smallestRefutation, let suspects = StaticRefutation.suspects(in: model)
    else {
      return nil
    }
    let part = ReducedModel.make(model, suspects: suspects, isHard: isHard)
    let origins = Set(part.constraints.map(\.origin)).sorted()
    let query = Query(part, constraints: part.constraints, retractable: [])
    guard case .refuted = query.ask([], budget) else { return nil }
    return (part, origins)
  }

  /// A minimal core where the contradiction is seen without search; nil where it is not.
  func quickCore(_ retractable: [Origin], _ budget: Budget, always: Bool = false) -> [Origin]? {
    let droppable = Set(retractable)
    guard let (part, _) = refutedPart(isHard: { !droppable.contains($0) }, budget, always: always),
      let solver = try? Solver(part),
      case .core(let core) = solver.shrink([retractable], budget)
    else { return nil }
    // Nothing but the part was asked: the same constraints refute the whole.
    solver.recheck(core, retractable: droppable, budget)
    return core
  }
}
