package import ConstraintModel

/// The part of a model that some origins speak of: their constraints, the decisions in them, and what always holds of these.
///
/// Everything is weaker than in the whole: what has no solution here has none there.
struct ReducedModel {
  private let whole: ConstraintModel
  private var part = ConstraintModel()
  private var numbers: [Decision: Decision] = [:]
  private var loads: [LoadID: LoadID] = [:]
  private var partial: Set<LoadID> = []

  /// - Parameters:
  ///   - suspects: indices of constraints; with each all constraints of its origin come.
  ///   - isHard: origins that always hold.
  static func make(_ whole: ConstraintModel, suspects: [Int], isHard: (Origin) -> Bool) -> ConstraintModel {
    make(whole, suspects: suspects, speakingOf: [], isHard).part
  }

  /// - Parameter more: decisions that come, too.
  private static func make(
    _ whole: ConstraintModel, suspects: [Int], speakingOf more: Set<Decision>, _ isHard: (Origin) -> Bool
  ) -> ReducedModel {
    var maker = ReducedModel(whole: whole)
    let indices = Set(suspects)
    let origins = Set(suspects.map { whole.constraints[$0].origin }.filter { !isHard($0) })
    let chosen = whole.constraints.indices.filter {
      indices.contains($0) || origins.contains(whole.constraints[$0].origin)
    }
    var scope = more
    for index in chosen { scope.formUnion(decisions(of: whole.constraints[index])) }
    // Items of a load come where they are spoken of otherwise; where nobody is, all of them do.
    for decision in scope.sorted() {
      let info = whole[decision]
      maker.numbers[decision] = maker.part.addDecision(
        candidates: info.candidateCount, name: info.name, isAuxiliary: info.isAuxiliary)
    }
    let picked = Set(chosen)
    for (index, constraint) in whole.constraints.enumerated() {
      let comes = picked.contains(index) || (isHard(constraint.origin) && isInside(constraint, scope))
      if comes, let constraint = maker.translate(constraint) { maker.part.post(constraint) }
    }
    return maker
  }

  /// What is known of the decisions that some origins speak of, with a sum to be minimised in it; nil where the sum could
  /// be more there than in the whole.
  ///
  /// - Parameter isDefinition: origins that tie decisions to others: these come, too.
  static func make(
    _ whole: ConstraintModel, around origins: Set<Origin>, minimizing terms: [LinearTerm],
    isDefinition: (Origin) -> Bool
  ) -> (part: ConstraintModel, numbers: [Decision: Decision])? {
    let suspects = whole.constraints.indices.filter { origins.contains(whole.constraints[$0].origin) }
    var scope = Set(decisions(of: terms))
    for index in suspects { scope.formUnion(decisions(of: whole.constraints[index])) }
    let named = scope
    for constraint in whole.constraints where isDefinition(constraint.origin) {
      let tied = decisions(of: constraint)
      if tied.count <= 4, tied.contains(where: named.contains) { scope.formUnion(tied) }
    }
    var maker = make(whole, suspects: suspects, speakingOf: scope) { !origins.contains($0) }
    // As an upper side it would be safe: items that are left out could only add to it.
    guard case .linear(let own, _, .some)? = maker.linear(terms, nil, 0) else { return nil }
    maker.part.objectives = [Objective(terms: own, origins: own.map { _ in Origin(0) })]
    return (maker.part, maker.numbers)
  }

  /// What some origins say, and all that says nothing of others than the decisions in it and those tied to them.
  static func constraints(
    of whole: ConstraintModel, around origins: Set<Origin>, _ isDefinition: (Origin) -> Bool
  ) -> [Constraint] {
    var isNamed = Array(repeating: false, count: whole.decisions.count)
    for constraint in whole.constraints where origins.contains(constraint.origin) {
      for decision in decisions(of: constraint) { isNamed[Int(decision.index)] = true }
    }
    var isInside = isNamed
    for constraint in whole.constraints where isDefinition(constraint.origin) {
      let tied = decisions(of: constraint)
      guard tied.count <= 4, tied.contains(where: { isNamed[Int($0.index)] }) else { continue }
      for decision in tied { isInside[Int(decision.index)] = true }
    }
    return whole.constraints.filter { constraint in
      origins.contains(constraint.origin)
        || decisions(of: constraint).allSatisfy { isInside[Int($0.index)] }
    }
  }

  private init(whole: ConstraintModel) { self.whole = whole }

  /// Decisions that a constraint names, but for what lies in loads.
  private static func decisions(of constraint: Constraint) -> [Decision] {
    let views: [View]
    let found = constraint.enforcedBy.map(\.decision)
    switch constraint.form {
    case .clause(let literals): return found + literals.map(\.decision)
    case .linear(let terms, _, _): return found + decisions(of: terms)
    case .equal(let a, let b), .allowed(_, let a, let b): views = [a, b]
    case .allDifferent(let all, _), .rows(let all, _): views = all
    }
    return found + views.map(\.decision)
  }

  private static func decisions(of terms: [LinearTerm]) -> [Decision] {
    var found: [Decision] = []
    for term in terms {
      switch term.term {
      case .view(let view): found.append(view.decision)
      case .literal(let literal): found.append(literal.decision)
      case .table(_, let a, let b): found += [a.decision, b.decision]
      case .load, .ramp: break
      }
    }
    return found
  }

  private static func isInside(_ constraint: Constraint, _ scope: Set<Decision>) -> Bool {
    if case .linear(let terms, _, _) = constraint.form {
      for term in terms {
        switch term.term {
        case .load, .ramp: return false
        case .view, .literal, .table: continue
        }
      }
    }
    return decisions(of: constraint).allSatisfy(scope.contains)
  }

  // MARK: the same in the part's numbers

  private mutating func translate(_ literal: Literal) -> Literal? {
    numbers[literal.decision].map {
      Literal($0, in: part.mask(whole[literal.mask]), isNegated: literal.isNegated)
    }
  }

  private mutating func translate(_ view: View) -> View? {
    numbers[view.decision].map { View($0, part.column(whole[view.column])) }
  }

  private mutating func translate(_ constraint: Constraint) -> Constraint? {
    var enforcedBy: [Literal] = []
    for literal in constraint.enforcedBy {
      guard let own = translate(literal) else { return nil }
      enforcedBy.append(own)
    }
    guard let form = translate(constraint.form) else { return nil }
    return Constraint(form, enforcedBy: enforcedBy, origin: constraint.origin)
  }

  private mutating func translate(_ form: Constraint.Form) -> Constraint.Form? {
    func all(_ views: [View]) -> [View]? {
      var result: [View] = []
      for view in views {
        guard let own = translate(view) else { return nil }
        result.append(own)
      }
      return result
    }
    switch form {
    case .clause(let literals):
      var result: [Literal] = []
      for literal in literals {
        guard let own = translate(literal) else { return nil }
        result.append(own)
      }
      return .clause(result)
    case .linear(let terms, let lower, let upper): return linear(terms, lower, upper)
    case .equal(let a, let b): return all([a, b]).map { .equal($0[0], $0[1]) }
    case .allDifferent(let views, let except): return all(views).map { .allDifferent($0, except: except) }
    case .rows(let views, let rows): return all(views).map { .rows($0, rows) }
    case .allowed(let table, let a, let b):
      return all([a, b]).map { .allowed(part.table(whole[table]), $0[0], $0[1]) }
    }
  }

  private mutating func linear(_ terms: [LinearTerm], _ lower: Int?, _ upper: Int?) -> Constraint.Form? {
    var result: [LinearTerm] = []
    var isUpperSafe = true
    var isLowerSafe = true
    for term in terms {
      switch term.term {
      case .view(let view):
        guard let own = translate(view) else { return nil }
        result.append(LinearTerm(term.coefficient, .view(own)))
      case .literal(let literal):
        guard let own = translate(literal) else { return nil }
        result.append(LinearTerm(term.coefficient, .literal(own)))
      case .table(let table, let a, let b):
        guard let x = translate(a), let y = translate(b) else { return nil }
        result.append(LinearTerm(term.coefficient, .table(part.table(whole[table]), x, y)))
      case .load(let load, let bin):
        let own = translate(load)
        // Items that are left out could only add to it.
        if partial.contains(load) {
          if term.coefficient > 0 { isLowerSafe = false } else { isUpperSafe = false }
        }
        if let own { result.append(LinearTerm(term.coefficient, .load(own, bin: bin))) }
      case .ramp: return nil
      }
    }
    let (low, high) = (isLowerSafe ? lower : nil, isUpperSafe ? upper : nil)
    return low == nil && high == nil ? nil : .linear(result, lower: low, upper: high)
  }

  /// Nil where none of its items is here.
  private mutating func translate(_ load: LoadID) -> LoadID? {
    if let known = loads[load] { return known }
    if partial.contains(load) { return nil }
    var items: [Load.Item] = []
    for item in whole[load].items {
      if let view = translate(item.view) {
        items.append(Load.Item(view, weight: item.weight))
      } else if item.weight > 0 {
        partial.insert(load)
      }
    }
    guard !items.isEmpty else {
      partial.insert(load)
      return nil
    }
    let own = part.addLoad(Load(items: items, binCount: whole[load].binCount))
    loads[load] = own
    return own
  }
}

extension ConstraintModel {
  /// The constraints that `least` looks at, whichever of these origins are left out: of a large model they are few.
  package func constraints(around origins: Set<Origin>, isDefinition: (Origin) -> Bool) -> [Constraint] {
    ReducedModel.constraints(of: self, around: origins, isDefinition)
  }

  /// The least that a sum can be as far as is known of the decisions that some origins speak of, never more than in the
  /// whole, and what these decisions are then. nil where that is not proved within the limit.
  package func least(
    _ terms: [LinearTerm], around origins: Set<Origin>, isDefinition: (Origin) -> Bool,
    _ options: SolverOptions
  ) -> (Int, [Decision: Int])? {
    guard
      let (part, numbers) = ReducedModel.make(
        self, around: origins, minimizing: terms, isDefinition: isDefinition),
      let solver = try? Solver(part), case .optimal(let solution) = solver.solve(options).0
    else { return nil }
    return (solution.objectives[0], numbers.mapValues { solution.values[Int($0.index)] })
  }
}
