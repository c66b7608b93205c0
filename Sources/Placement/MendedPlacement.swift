import ConstraintModel
import ConstraintSolver

/// A placement of all but a conflict, to which its members are added and from which they are taken as changes are tried:
/// each is a delta from the last one, so that the model is read once for all of them.
final class MendedPlacement {
  private let model: ConstraintModel
  private let session: PlacementSession
  /// What each member of the conflict says, and what stands for it while it is left out.
  private var members: [(origin: Origin, statements: [Constraint], slack: [Constraint])] = []
  /// Members that hold now, and origins that are no members and do not.
  private var inForce: Set<Origin> = []
  private var dropped: Set<Origin> = []
  private var isBounded = false
  /// The same slack for amounts that are tried.
  private let boundSlack: [Constraint]
  /// Where the bound of an amount comes from.
  private static let bound = Origin(Int(Int32.max) - 1)
  /// Work for the first placement, of which mostly a tenth is taken, and for each change.
  private static let effortPerDecision = 2_000
  private static let (patience, patiencePerDecision) = (200_000, 100)

  /// Whether there is a placement is all that is asked: what runs plays no part.
  static func asked(_ model: ConstraintModel) -> ConstraintModel {
    var model = model.ignoringPreferred()
    if model.objectives.isEmpty { model.objectives = [Objective()] }
    return model
  }

  /// Nil where no placement of the rest is found.
  init?(_ model: ConstraintModel, conflict: Set<Origin>, _ options: SolverOptions) {
    self.model = model
    var statements: [Origin: [Constraint]] = [:]
    var rest: [Constraint] = []
    rest.reserveCapacity(model.constraints.count)
    for constraint in model.constraints {
      if conflict.contains(constraint.origin) {
        statements[constraint.origin, default: []].append(constraint)
      } else {
        rest.append(constraint)
      }
    }
    for origin in conflict.sorted() {
      let own = statements[origin] ?? []
      members.append((origin, own, own.compactMap { Self.slack(for: $0, in: model) }))
    }
    boundSlack = members.flatMap(\.slack).map { Constraint($0.form, origin: Self.bound) }
    rest += members.flatMap(\.slack) + boundSlack
    let count = model.decisions.count
    guard
      let session = PlacementSession(
        Self.asked(model).with(constraints: rest),
        SolverOptions(
          seed: options.seed, workLimit: Self.effortPerDecision * count, shouldStop: options.shouldStop))
    else { return nil }
    session.patience = Self.patience + Self.patiencePerDecision * count
    self.session = session
  }

  /// A row of bins that all of their load fits into: with it there, the real one is another amount, not another row.
  private static func slack(for constraint: Constraint, in model: ConstraintModel) -> Constraint? {
    guard constraint.enforcedBy.isEmpty, case .linear(let terms, nil, .some) = constraint.form else {
      return nil
    }
    var all = 0
    for term in terms {
      guard case .load(let load, _) = term.term, term.coefficient > 0 else { return nil }
      all += term.coefficient * model[load].items.reduce(0) { $0 + $1.weight }
    }
    return Constraint(.linear(terms, lower: nil, upper: all), origin: constraint.origin)
  }

  /// A placement of the model without some origins where sums keep to bounds; nil where none is found.
  ///
  /// - Parameters:
  ///   - bounds: in terms of `changed`, which may have tables and columns that the model does not have.
  ///   - choices: decisions that are made first.
  func mended(
    without removed: Set<Origin>, keeping bounds: [RemedyJudge.Bound], of changed: ConstraintModel,
    beginningWith choices: [Decision: Int]
  ) -> Solution? {
    var delta = ModelDelta()
    for member in members {
      let holds = !removed.contains(member.origin)
      guard holds != inForce.contains(member.origin) else { continue }
      delta.removed.insert(member.origin)
      delta.constraints += holds ? member.statements : member.slack
      if holds { inForce.insert(member.origin) } else { inForce.remove(member.origin) }
    }
    let others = removed.subtracting(members.map(\.origin))
    let back = dropped.subtracting(others)
    if !back.isEmpty { delta.constraints += model.constraints.filter { back.contains($0.origin) } }
    delta.removed.formUnion(others.subtracting(dropped))
    dropped = others
    if isBounded || !bounds.isEmpty {
      let coming = bounds.map { bound($0.terms, $0.most, of: changed) }
      delta.removed.insert(Self.bound)
      delta.constraints +=
        coming + boundSlack.filter { slack in !coming.contains { Self.isSameRow($0, slack) } }
    }
    isBounded = !bounds.isEmpty
    return session.change(delta, beginningWith: choices) ? session.solution : nil
  }

  // MARK: amounts

  private static func isSameRow(_ one: Constraint, _ other: Constraint) -> Bool {
    if case .linear(let a, _, _) = one.form, case .linear(let b, _, _) = other.form { a == b } else { false }
  }

  /// An upper bound of a sum; of one term about one decision or two, as what these may be.
  private func bound(_ terms: [LinearTerm], _ most: Int, of changed: ConstraintModel) -> Constraint {
    if terms.count == 1, terms[0].coefficient == 1 {
      switch terms[0].term {
      case .table(let id, let a, let b):
        let kept = changed[id].map { row in row.map { $0 <= most ? 1 : 0 } }
        return Constraint(
          .allowed(session.table(kept), own(a, changed), own(b, changed)), origin: Self.bound)
      case .view(let view):
        let column = changed[view.column]
        let mask = session.mask(Bitset(count: column.count) { column[$0] <= most })
        return Constraint(.clause([Literal(view.decision, in: mask)]), origin: Self.bound)
      case .literal, .load, .ramp: break
      }
    }
    return Constraint(.linear(terms.map { own($0, changed) }, lower: nil, upper: most), origin: Self.bound)
  }

  private func own(_ view: View, _ changed: ConstraintModel) -> View {
    View(view.decision, session.column(changed[view.column]))
  }

  private func own(_ term: LinearTerm, _ changed: ConstraintModel) -> LinearTerm {
    switch term.term {
    case .view(let view): LinearTerm(term.coefficient, .view(own(view, changed)))
    case .literal(let literal):
      LinearTerm(
        term.coefficient,
        .literal(
          Literal(literal.decision, in: session.mask(changed[literal.mask]), isNegated: literal.isNegated)))
    case .table(let id, let a, let b):
      LinearTerm(term.coefficient, .table(session.table(changed[id]), own(a, changed), own(b, changed)))
    case .load, .ramp: term
    }
  }
}
