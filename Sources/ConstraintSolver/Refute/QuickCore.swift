import ConstraintModel

extension Solver {
  /// A model with fewer pairs of decision and candidate is searched as quickly.
  static let smallestRefutation = 10_000

  /// The part of the model in which a contradiction is seen without search, judged by a kernel of its own; nil where none is.
  ///
  /// - Parameters:
  ///   - dropped: origins that are left out.
  ///   - always: in small models, too.
  func refutedPart(
    without dropped: Set<Origin> = [], isHard: (Origin) -> Bool, _ budget: Budget, always: Bool = false
  ) -> (part: ConstraintModel, origins: [Origin])? {
    guard always || pairs >= Self.smallestRefutation else { return nil }
    let suspects =
      dropped.isEmpty ? self.suspects : StaticRefutation.suspects(in: model, without: dropped.contains)
    guard let suspects else { return nil }
    let part = ReducedModel.make(model, suspects: suspects, isHard: isHard)
    let origins = Set(part.constraints.map(\.origin)).sorted()
    let query = Query(part, constraints: part.constraints, retractable: [])
    guard case .refuted = query.ask([], budget) else { return nil }
    return (part, origins)
  }

  /// A minimal core where the contradiction is seen without search; nil where it is not.
  ///
  /// With ranks it is sought first among what is to be kept longest: a rank has members in the core only where no
  /// contradiction is seen without it.
  func quickCore(_ ranked: [[Origin]], _ budget: Budget, always: Bool = false) -> [Origin]? {
    let droppable = Set(ranked.joined())
    for lowest in ranked.indices.reversed() {
      let dropped = Set(ranked[..<lowest].joined())
      guard
        let (part, _) = refutedPart(
          without: dropped, isHard: { !droppable.contains($0) }, budget, always: always),
        let solver = try? Solver(part),
        case .core(let core) = solver.shrink(Array(ranked[lowest...]), budget)
      else { continue }
      // Nothing but the part was asked: the same constraints refute the whole.
      solver.recheck(core, retractable: droppable, budget)
      return core.sorted()
    }
    return nil
  }
}
