import ConstraintModel

/// Changes of a model as an operator makes them, stated as deltas: something new, something gone, a rule changed.
struct ModelChanges {
  let model: ConstraintModel
  private var nextOrigin: Int

  init(_ model: ConstraintModel) {
    self.model = model
    nextOrigin =
      (model.constraints.map { Int($0.origin.index) }.filter { $0 < Int(Int32.max) }.max() ?? 0) + 1
  }

  private mutating func newOrigin() -> Origin {
    nextOrigin += 1
    return Origin(nextOrigin - 1)
  }

  /// Decisions that are tied to an item.
  func guests(of item: Decision) -> [Decision] {
    model.constraints.compactMap { constraint in
      guard constraint.enforcedBy.isEmpty, case .equal(let a, let b) = constraint.form, b.decision == item,
        model[a.decision].candidateCount != model[item].candidateCount
      else { return nil }
      return a.decision
    }
  }

  /// One more item of the same kind as another, with all that it takes and costs, in the same groups.
  mutating func another(like item: Decision) -> ModelDelta {
    var delta = ModelDelta()
    var twin: [Decision: Decision] = [:]
    for old in [item] + guests(of: item) {
      twin[old] = Decision(model.decisions.count + delta.newDecisions.count)
      var info = model[old]
      info.name += "'"
      delta.newDecisions.append(info)
    }
    func view(_ view: View) -> View? { twin[view.decision].map { View($0, view.column) } }
    for constraint in model.constraints where constraint.enforcedBy.isEmpty {
      switch constraint.form {
      case .clause(let literals) where literals.count == 1:
        guard let new = twin[literals[0].decision] else { continue }
        let literal = Literal(new, in: literals[0].mask, isNegated: literals[0].isNegated)
        delta.constraints.append(Constraint(.clause([literal]), origin: newOrigin()))
      case .equal(let a, let b):
        guard let a = view(a), let b = view(b) else { continue }
        delta.constraints.append(Constraint(.equal(a, b), origin: newOrigin()))
      case .allDifferent(let views, let except):
        let added = views.compactMap(view)
        if added.isEmpty { continue }
        delta.removed.insert(constraint.origin)
        delta.constraints.append(
          Constraint(.allDifferent(views + added, except: except), origin: constraint.origin))
      default: continue
      }
    }
    for (number, load) in model.loads.enumerated() {
      let joining = load.items.compactMap { item in view(item.view).map { Load.Item($0, weight: item.weight) }
      }
      if !joining.isEmpty { delta.joining[LoadID(number)] = joining }
    }
    for (tier, objective) in model.objectives.enumerated() {
      for (term, origin) in zip(objective.terms, objective.origins) {
        switch term.term {
        case .view(let seen):
          guard let seen = view(seen) else { continue }
          delta.terms.append(.init(tier: tier, LinearTerm(term.coefficient, .view(seen)), origin: origin))
        case .literal(let literal):
          guard let new = twin[literal.decision] else { continue }
          let literal = Literal(new, in: literal.mask, isNegated: literal.isNegated)
          delta.terms.append(
            .init(tier: tier, LinearTerm(term.coefficient, .literal(literal)), origin: origin))
        default: continue
        }
      }
    }
    return delta
  }

  /// An item that leaves with its guests; what was said of it and others is said of the others.
  func without(_ item: Decision) -> ModelDelta {
    var delta = ModelDelta()
    delta.retired = Set([item] + guests(of: item))
    func speaks(_ constraint: Constraint) -> Bool {
      switch constraint.form {
      case .clause(let literals): literals.contains { delta.retired.contains($0.decision) }
      case .equal(let a, let b), .allowed(_, let a, let b):
        delta.retired.contains(a.decision) || delta.retired.contains(b.decision)
      case .linear(let terms, _, _):
        terms.contains { term in
          switch term.term {
          case .table(_, let a, let b):
            delta.retired.contains(a.decision) || delta.retired.contains(b.decision)
          case .view(let view): delta.retired.contains(view.decision)
          case .literal(let literal): delta.retired.contains(literal.decision)
          case .load, .ramp: false
          }
        }
      case .allDifferent(let views, _), .rows(let views, _):
        views.contains { delta.retired.contains($0.decision) }
      }
    }
    var booleans: Set<Decision> = []
    for constraint in model.constraints where speaks(constraint) {
      delta.removed.insert(constraint.origin)
      for literal in constraint.enforcedBy { booleans.insert(literal.decision) }
    }
    for constraint in model.constraints where delta.removed.contains(constraint.origin) {
      if !speaks(constraint) {
        delta.constraints.append(constraint)
      } else if case .allDifferent(let views, let except) = constraint.form {
        let left = views.filter { !delta.retired.contains($0.decision) }
        if left.count > 1 {
          delta.constraints.append(Constraint(.allDifferent(left, except: except), origin: constraint.origin))
        }
      }
    }
    delta.retired.formUnion(booleans)
    return delta
  }

  /// All rows that hold exactly one bin of a load, with another amount.
  func resized(_ load: LoadID, _ bin: Int, by change: (Int) -> Int) -> ModelDelta {
    var delta = ModelDelta()
    for constraint in model.constraints where constraint.enforcedBy.isEmpty {
      guard case .linear(let terms, nil, let upper?) = constraint.form, terms.count == 1,
        terms[0].term == .load(load, bin: Int32(bin))
      else { continue }
      delta.removed.insert(constraint.origin)
      delta.constraints.append(
        Constraint(.linear(terms, lower: nil, upper: change(upper)), origin: constraint.origin))
    }
    return delta
  }

  /// A rule instance more.
  mutating func stating(_ form: Constraint.Form) -> ModelDelta {
    var delta = ModelDelta()
    delta.constraints = [Constraint(form, origin: newOrigin())]
    return delta
  }

  /// A rule instance less.
  func dropping(_ origin: Origin) -> ModelDelta {
    var delta = ModelDelta()
    delta.removed = [origin]
    return delta
  }

  /// Another price of a term.
  func repriced(tier: Int = 0, term number: Int, to coefficient: Int) -> ModelDelta {
    var delta = ModelDelta()
    let (term, origin) = (model.objectives[tier].terms[number], model.objectives[tier].origins[number])
    delta.removedTerms = [.init(tier: tier, term, origin: origin)]
    delta.terms = [.init(tier: tier, LinearTerm(coefficient, term.term), origin: origin)]
    return delta
  }
}
