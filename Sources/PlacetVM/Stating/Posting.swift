import ConstraintModel

/// Formulas become constraints: conjunctions are split, disjunctions of literals are clauses, one other part
/// of a disjunction is enforced by the rest, further ones get an auxiliary boolean.
extension ModelBuilder {
  /// States that a formula holds where another does.
  func post(_ formula: FormulaID, where condition: FormulaID = .always, origin: Origin) {
    require(implies(condition, formula), or: [], origin: origin)
  }

  private func require(_ id: FormulaID, or clause: [Literal], origin: Origin) {
    switch node(id) {
    case .constant(true): return
    case .constant(false): emit(.clause([]), or: clause, origin: origin)
    case .literal(let literal): emit(.clause([]), or: clause + [literal], origin: origin)
    case .and(let parts):
      for part in parts { require(part, or: clause, origin: origin) }
    case .or(let parts): requireAny(parts, or: clause, origin: origin)
    case .cases(let parts):
      for part in parts {
        require(self.or(negated(part.guarding), part.value), or: clause, origin: origin)
      }
    case .linear(let terms, let lower, let upper):
      emit(.linear(terms, lower: lower, upper: upper), or: clause, origin: origin)
    case .equal(let a, let b): emit(.equal(a, b), or: clause, origin: origin)
    case .different(let a, let b): emit(.allDifferent([a, b], except: nil), or: clause, origin: origin)
    case .allDifferent(let views): emit(.allDifferent(views, except: nil), or: clause, origin: origin)
    case .rows(let views, let rows): emit(.rows(views, rows), or: clause, origin: origin)
    case .allowed(let table, let a, let b): emit(.allowed(table, a, b), or: clause, origin: origin)
    }
  }

  private func requireAny(_ parts: [FormulaID], or clause: [Literal], origin: Origin) {
    var literals = clause
    var rest: [FormulaID] = []
    for part in parts {
      if let literal = literal(part) { literals.append(literal) } else { rest.append(part) }
    }
    // What is enforced directly is best something that a clause cannot say.
    let direct = rest.lastIndex { isGlobal($0) } ?? rest.indices.last
    for (index, part) in rest.enumerated() where index != direct { literals.append(implying(part)) }
    if let direct {
      require(rest[direct], or: literals, origin: origin)
    } else {
      emit(.clause([]), or: literals, origin: origin)
    }
  }

  private func isGlobal(_ id: FormulaID) -> Bool {
    switch node(id) {
    case .constant, .literal, .and, .or, .cases: false
    case .linear, .equal, .different, .allDifferent, .rows, .allowed: true
    }
  }

  private func emit(_ form: Constraint.Form, or clause: [Literal], origin: Origin) {
    guard let literals = merged(clause) else { return }
    let constraint =
      if case .clause = form {
        Constraint(.clause(literals), origin: origin)
      } else {
        Constraint(form, enforcedBy: literals.map { !$0 }, origin: origin)
      }
    if extras != nil, origin != Self.definition {
      extras?.append(constraint)
    } else {
      model.post(constraint)
    }
  }

  /// Literals of one decision as one; nil where the clause is always true.
  private func merged(_ clause: [Literal]) -> [Literal]? {
    if clause.count < 2 { return clause }
    var places: [Decision: Int] = [:]
    var result: [Literal] = []
    for literal in clause {
      guard let place = places[literal.decision] else {
        places[literal.decision] = result.count
        result.append(literal)
        continue
      }
      let union = bits(result[place]).union(bits(literal))
      if union.memberCount == union.count { return nil }
      result[place] = Literal(literal.decision, in: model.mask(union))
    }
    return result
  }

  private func bits(_ literal: Literal) -> Bitset {
    literal.isNegated ? model[literal.mask].complement : model[literal.mask]
  }

  /// An auxiliary boolean that, where true, makes the formula hold.
  private func implying(_ id: FormulaID) -> Literal {
    if let literal = literal(id) { return literal }
    if let known = equalling[id] { return known }
    if let known = equalling[negated(id)] { return !known }
    if let known = implying[id] { return known }
    let boolean = auxiliary()
    implying[id] = boolean
    require(id, or: [!boolean], origin: Self.definition)
    return boolean
  }

  /// A literal that is true just where the formula is; the formula is no constant.
  func equalling(_ id: FormulaID) -> Literal {
    if let literal = literal(id) { return literal }
    if let known = equalling[id] { return known }
    if let known = equalling[negated(id)] { return !known }
    if let negative = literal(negated(id)) { return !negative }
    let boolean = auxiliary()
    equalling[id] = boolean
    require(id, or: [!boolean], origin: Self.definition)
    require(negated(id), or: [boolean], origin: Self.definition)
    return boolean
  }

  private func auxiliary() -> Literal {
    let decision = addDecision(boolean, name: "_\(model.decisions.count)", isAuxiliary: true)
    return Literal(decision, in: truth(domains[Int(boolean.index)].identity))
  }
}
