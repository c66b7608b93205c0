import ConstraintModel
import Quantities

/// A statement about decisions, true or false for each of their values.
enum FormulaNode: Hashable {
  case constant(Bool)
  /// Never negated, never empty, never full.
  case literal(Literal)
  case and([FormulaID])
  case or([FormulaID])
  /// The value of the one guard that holds.
  case cases([GuardedFormula])
  /// Integers, at least one side given.
  case linear([LinearTerm], lower: Int?, upper: Int?)
  case equal(View, View)
  case different(View, View)
  case allDifferent([View])
  case rows([View], [[Int]])
  case allowed(TableID, View, View)
}

struct GuardedFormula: Hashable {
  var guarding: FormulaID
  var value: FormulaID
}

/// Formulas are made here, simplified and interned.
extension ModelBuilder {
  func node(_ id: FormulaID) -> FormulaNode { formulas[Int(id.index)] }

  func intern(_ node: FormulaNode) -> FormulaID {
    if let known = formulaIDs[node] { return known }
    let id = FormulaID(formulas.count)
    formulas.append(node)
    formulaIDs[node] = id
    return id
  }

  /// The decision's value is in the mask.
  func member(_ decision: Decision, _ mask: MaskID) -> FormulaID {
    let bits = model[mask]
    let count = bits.memberCount
    if count == 0 { return .never }
    if count == bits.count { return .always }
    return intern(.literal(Literal(decision, in: mask)))
  }

  func formula(_ literal: Literal) -> FormulaID {
    let positive = member(literal.decision, literal.mask)
    return literal.isNegated ? negated(positive) : positive
  }

  /// As a literal, if it is one.
  func literal(_ id: FormulaID) -> Literal? {
    if case .literal(let literal) = node(id) { return literal }
    return nil
  }

  func negated(_ id: FormulaID) -> FormulaID {
    if let known = negations[id] { return known }
    let result = makeNegated(id)
    negations[id] = result
    negations[result] = id
    return result
  }

  private func makeNegated(_ id: FormulaID) -> FormulaID {
    switch node(id) {
    case .constant(let truth): return FormulaID(!truth)
    case .literal(let literal): return member(literal.decision, model.mask(model[literal.mask].complement))
    case .and(let parts): return or(parts.map(negated))
    case .or(let parts): return and(parts.map(negated))
    case .cases(let parts):
      return cases(parts.map { GuardedFormula(guarding: $0.guarding, value: negated($0.value)) })
    case .linear(let terms, let lower, let upper):
      var sides: [FormulaID] = []
      if let lower { sides.append(intern(.linear(terms, lower: nil, upper: lower - 1))) }
      if let upper { sides.append(intern(.linear(terms, lower: upper + 1, upper: nil))) }
      return or(sides)
    case .equal(let a, let b): return intern(.different(a, b))
    case .different(let a, let b): return intern(.equal(a, b))
    case .allDifferent(let views):
      var pairs: [FormulaID] = []
      for (index, a) in views.enumerated() {
        for b in views[(index + 1)...] { pairs.append(equal(a, b)) }
      }
      return or(pairs)
    case .rows(let views, let rows):
      return and(rows.map { row in negated(and(zip(views, row).map { member($0, of: [$1]) })) })
    case .allowed(let table, let a, let b):
      let complement = model.table(model[table].map { $0.map { $0 == 0 ? 1 : 0 } })
      return intern(.allowed(complement, a, b))
    }
  }

  /// The view's number is one of these.
  func member(_ view: View, of numbers: Set<Int>) -> FormulaID {
    let column = model[view.column]
    return member(
      view.decision, model.mask(Bitset(count: column.count) { numbers.contains(column[$0]) }))
  }

  func equal(_ a: View, _ b: View) -> FormulaID {
    let (x, y) = (model[a.column], model[b.column])
    if a.decision == b.decision {
      return member(a.decision, model.mask(Bitset(count: x.count) { x[$0] == y[$0] }))
    }
    let (xs, ys) = (Set(x), Set(y))
    let common = xs.intersection(ys)
    if common.isEmpty { return .never }
    if common.count == 1 { return and([member(a, of: common), member(b, of: common)]) }
    return intern(a.decision < b.decision ? .equal(a, b) : .equal(b, a))
  }

  func and(_ a: FormulaID, _ b: FormulaID) -> FormulaID {
    if a == .always { return b }
    if b == .always || a == b { return a }
    if a == .never || b == .never { return .never }
    return and([a, b])
  }

  func or(_ a: FormulaID, _ b: FormulaID) -> FormulaID {
    if a == .never { return b }
    if b == .never || a == b { return a }
    if a == .always || b == .always { return .always }
    return or([a, b])
  }

  func and(_ parts: [FormulaID]) -> FormulaID {
    guard let kept = merged(parts, dominating: .never, neutral: .always) else { return .never }
    return kept.isEmpty ? .always : kept.count == 1 ? kept[0] : intern(.and(kept))
  }

  func or(_ parts: [FormulaID]) -> FormulaID {
    guard let kept = merged(parts, dominating: .always, neutral: .never) else { return .always }
    return kept.isEmpty ? .never : kept.count == 1 ? kept[0] : intern(.or(kept))
  }

  /// The parts without nesting and repetition, literals of one decision as one; nil where the whole is the
  /// dominating constant.
  private func merged(
    _ parts: [FormulaID], dominating: FormulaID, neutral: FormulaID
  ) -> [FormulaID]? {
    let isAnd = dominating == .never
    var flat: [FormulaID] = []
    for part in parts {
      switch node(part) {
      case .and(let inner) where isAnd: flat += inner
      case .or(let inner) where !isAnd: flat += inner
      default: flat.append(part)
      }
    }
    var seen: Set<FormulaID> = []
    var places: [Decision: Int] = [:]
    var kept: [FormulaID] = []
    for part in flat {
      if part == neutral { continue }
      if part == dominating { return nil }
      guard let literal = literal(part) else {
        if seen.insert(part).inserted { kept.append(part) }
        continue
      }
      guard let place = places[literal.decision] else {
        places[literal.decision] = kept.count
        kept.append(part)
        continue
      }
      guard let other = self.literal(kept[place]), other.mask != literal.mask else { continue }
      let (x, y) = (model[other.mask], model[literal.mask])
      let both = member(literal.decision, model.mask(isAnd ? x.intersection(y) : x.union(y)))
      if both == dominating { return nil }
      kept[place] = both
    }
    return kept
  }

  func implies(_ a: FormulaID, _ b: FormulaID) -> FormulaID {
    a == .always ? b : or(negated(a), b)
  }

  /// Exactly one guard holds.
  func cases(_ parts: [GuardedFormula]) -> FormulaID {
    let live = parts.filter { $0.guarding != .never }
    if let certain = live.first(where: { $0.guarding == .always }) { return certain.value }
    if live.allSatisfy({ $0.value == live.first?.value }) { return live.first?.value ?? .never }
    if live.allSatisfy({ $0.value.isConstant || literal($0.value) != nil }),
      live.allSatisfy({ literal($0.guarding) != nil })
    {
      let decisions = Set(
        live.flatMap { [literal($0.guarding)?.decision, literal($0.value)?.decision] }.compactMap { $0 })
      if decisions.count == 1 { return or(live.map { and($0.guarding, $0.value) }) }
    }
    if live.allSatisfy({ $0.value.isConstant }) {
      return or(live.filter { $0.value == .always }.map(\.guarding))
    }
    return intern(.cases(live))
  }

  /// Both or neither.
  func equivalent(_ a: FormulaID, _ b: FormulaID) -> FormulaID {
    if a == b { return .always }
    if a.isConstant { return a == .always ? b : negated(b) }
    if b.isConstant { return b == .always ? a : negated(a) }
    return cases([
      GuardedFormula(guarding: a, value: b), GuardedFormula(guarding: negated(a), value: negated(b)),
    ])
  }

  func allDifferent(_ views: [View]) -> FormulaID {
    if views.count < 2 { return .always }
    if views.count == 2 { return negated(equal(views[0], views[1])) }
    if Set(views.map(\.decision)).count < views.count {
      var pairs: [FormulaID] = []
      for (index, a) in views.enumerated() {
        for b in views[(index + 1)...] { pairs.append(negated(equal(a, b))) }
      }
      return and(pairs)
    }
    return intern(.allDifferent(views))
  }

  /// The truth of a grid of bools.
  func allowed(_ first: Decision, _ second: Decision, _ grid: GridID) -> FormulaID {
    let table = truth(grid)
    let cells = model[table]
    if cells.allSatisfy({ $0.allSatisfy { $0 != 0 } }) { return .always }
    if cells.allSatisfy({ $0.allSatisfy { $0 == 0 } }) { return .never }
    let (a, b) = views(first, second, grid)
    return intern(.allowed(table, a, b))
  }
}
