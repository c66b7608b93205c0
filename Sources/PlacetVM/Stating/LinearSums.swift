import ConstraintModel
import Quantities

/// Sums become integers here: scaled by the least common denominator, checked to stay within 62 bits.
/// Every function gives nil where they do not.
extension ModelBuilder {
  /// A sum over integers: the real value is `(Σ terms + constant) / scale`.
  struct Scaled {
    var terms: [LinearTerm]
    var constant: Int
    var scale: Int
    /// Bounds of `Σ terms`.
    var low: Int
    var high: Int
  }

  /// Equal bases summed, in order of first appearance.
  func collected(_ linear: Linear) -> Linear? {
    var places: [Linear.Base: Int] = [:]
    var result = Linear(constant: linear.constant)
    for part in linear.parts {
      if let place = places[part.base] {
        guard let sum = result.parts[place].coefficient.adding(part.coefficient) else { return nil }
        result.parts[place].coefficient = sum
      } else {
        places[part.base] = result.parts.count
        result.parts.append(part)
      }
    }
    result.parts.removeAll { $0.coefficient.isZero }
    return result
  }

  /// What a base is in the model: its term, the unit that it counts in, and its bounds.
  private func term(_ base: Linear.Base) -> (term: Term, unit: Rational, low: Int, high: Int)? {
    let one = Rational(1)
    switch base {
    case .column(let decision, let mapping):
      guard let integers = integers(mapping) else { return nil }
      return (
        .view(View(decision, integers.column)), integers.unit, integers.low, integers.high
      )
    case .literal(let literal): return (.literal(literal), one, 0, 1)
    case .grid(let first, let second, let grid):
      guard let integers = integers(grid) else { return nil }
      let (rows, columns) = views(first, second, grid)
      return (.table(integers.table, rows, columns), integers.unit, integers.low, integers.high)
    case .load(let load, let bin):
      return (.load(load, bin: bin), one, 0, loadTotals[Int(load.index)])
    case .ramp(let sum): return (.ramp(sum), one, 0, rampHeights[sum] ?? 0)
    }
  }

  func scaled(_ linear: Linear) -> Scaled? {
    guard let linear = collected(linear) else { return nil }
    var scale = linear.constant.denominator
    var terms: [(coefficient: Rational, term: Term, low: Int, high: Int)] = []
    terms.reserveCapacity(linear.parts.count)
    for part in linear.parts {
      guard let (term, own, low, high) = term(part.base),
        let coefficient = part.coefficient.multiplied(by: own),
        let next = Self.leastCommonMultiple(scale, coefficient.denominator)
      else { return nil }
      scale = next
      terms.append((coefficient, term, low, high))
    }
    var result = Scaled(terms: [], constant: 0, scale: scale, low: 0, high: 0)
    result.terms.reserveCapacity(terms.count)
    guard let constant = linear.constant.multiplied(by: Rational(scale)) else { return nil }
    result.constant = constant.numerator
    var low = Int128(0)
    var high = Int128(0)
    for (coefficient, term, least, most) in terms {
      guard let whole = coefficient.multiplied(by: Rational(scale)) else { return nil }
      let a = Int128(whole.numerator) * Int128(least)
      let b = Int128(whole.numerator) * Int128(most)
      low += min(a, b)
      high += max(a, b)
      result.terms.append(LinearTerm(whole.numerator, term))
    }
    let limit = Int128(1) << 62
    guard low > -limit, high < limit, Int128(result.constant).magnitude < UInt128(limit) else {
      return nil
    }
    result.low = Int(low)
    result.high = Int(high)
    return result
  }

  /// `lower <= linear <= upper`.
  func between(_ linear: Linear, lower: Rational?, upper: Rational?) -> FormulaID? {
    guard let scaled = scaled(linear) else { return nil }
    var low: Int?
    var high: Int?
    if let lower {
      guard let bound = bound(lower, scaled)?.ceiling else { return nil }
      low = bound
    }
    if let upper {
      guard let bound = bound(upper, scaled)?.floor else { return nil }
      high = bound
    }
    return bounded(scaled, lower: low, upper: high)
  }

  /// `linear < upper`.
  func less(_ linear: Linear, than upper: Rational) -> FormulaID? {
    guard let scaled = scaled(linear), let bound = bound(upper, scaled) else { return nil }
    return bounded(scaled, lower: nil, upper: bound.isInteger ? bound.numerator - 1 : bound.floor)
  }

  private func bound(_ bound: Rational, _ scaled: Scaled) -> Rational? {
    guard let moved = bound.multiplied(by: Rational(scaled.scale))?.subtracting(Rational(scaled.constant)),
      abs(Int128(moved.numerator)) < Int128(1) << 62
    else { return nil }
    return moved
  }

  /// Bounds that no value reaches are dropped; what depends on one decision alone becomes a literal.
  private func bounded(_ scaled: Scaled, lower: Int?, upper: Int?) -> FormulaID {
    let isNever = lower.map { $0 > scaled.high } ?? false || upper.map { $0 < scaled.low } ?? false
    let (asked, limit) = (lower, upper)
    let lower = lower.flatMap { $0 <= scaled.low ? nil : $0 }
    let upper = upper.flatMap { $0 >= scaled.high ? nil : $0 }
    if isNever || lower != asked || upper != limit { judgeByTotals(scaled) }
    if isNever { return .never }
    if lower == nil, upper == nil { return .always }
    func holds(_ value: Int) -> Bool {
      (lower.map { $0 <= value } ?? true) && (upper.map { value <= $0 } ?? true)
    }
    if scaled.terms.count == 1 {
      let only = scaled.terms[0]
      switch only.term {
      case .view(let view):
        let column = model[view.column]
        let mask = Bitset(count: column.count) { holds(only.coefficient * column[$0]) }
        return member(view.decision, model.mask(mask))
      case .literal(let literal):
        if holds(0) == holds(only.coefficient) { return FormulaID(holds(0)) }
        return formula(holds(0) ? !literal : literal)
      case .table(let table, let a, let b):
        let truth = model[table].map { $0.map { holds(only.coefficient * $0) ? 1 : 0 } }
        return intern(.allowed(model.table(truth), a, b))
      case .load, .ramp: break
      }
    }
    let divisor = scaled.terms.reduce(0) { Self.greatestCommonDivisor($0, $1.coefficient) }
    if divisor <= 1 { return intern(.linear(scaled.terms, lower: lower, upper: upper)) }
    let terms = scaled.terms.map { LinearTerm($0.coefficient / divisor, $0.term) }
    return intern(
      .linear(
        terms, lower: lower.map { Rational($0, over: divisor)?.ceiling ?? $0 },
        upper: upper.map { Rational($0, over: divisor)?.floor ?? $0 }))
  }

  /// What was said of these loads rests on how much there is to be put into them.
  private func judgeByTotals(_ scaled: Scaled) {
    for term in scaled.terms { if case .load(let load, _) = term.term { loadsJudgedByTotal.insert(load) } }
  }

  /// `max(0, linear)`: the sum itself or 0 where its sign is known.
  func positive(_ linear: Linear) -> Linear? {
    guard let scaled = scaled(linear) else { return nil }
    judgeByTotals(scaled)
    let (low, high) = (scaled.low + scaled.constant, scaled.high + scaled.constant)
    if high <= 0 { return Linear() }
    if low >= 0 { return linear }
    let divisor = scaled.terms.reduce(abs(scaled.constant)) { Self.greatestCommonDivisor($0, $1.coefficient) }
    let whole = Sum(
      scaled.terms.map { LinearTerm($0.coefficient / divisor, $0.term) }, constant: scaled.constant / divisor)
    let sum = model.sum(whole)
    rampHeights[sum] = high / divisor
    guard let unit = Rational(divisor, over: scaled.scale) else { return nil }
    return Linear(parts: [.init(coefficient: unit, base: .ramp(sum))])
  }

  /// A few of the decisions that a sum reads.
  func decisions(of sum: SumID) -> [Decision] {
    model[sum].terms.prefix(3).flatMap { term -> [Decision] in
      switch term.term {
      case .view(let view): [view.decision]
      case .literal(let literal): [literal.decision]
      case .table(_, let a, let b): [a.decision, b.decision]
      case .load(let load, _): model[load].items.prefix(3).map(\.view.decision)
      case .ramp(let inner): decisions(of: inner)
      }
    }
  }

  // MARK: Arithmetic

  func sum(_ a: Linear, _ b: Linear, times factor: Rational = Rational(1)) -> Linear? {
    guard let scaled = multiplied(b, by: factor), let constant = a.constant.adding(scaled.constant) else {
      return nil
    }
    return Linear(constant: constant, parts: a.parts + scaled.parts)
  }

  func multiplied(_ linear: Linear, by factor: Rational) -> Linear? {
    if factor == Rational(1) { return linear }
    if factor.isZero { return Linear() }
    guard let constant = linear.constant.multiplied(by: factor) else { return nil }
    var result = Linear(constant: constant)
    result.parts.reserveCapacity(linear.parts.count)
    for part in linear.parts {
      guard let coefficient = part.coefficient.multiplied(by: factor) else { return nil }
      result.parts.append(.init(coefficient: coefficient, base: part.base))
    }
    return result
  }

  /// Decisions that a sum reads, for messages: at most a few.
  func decisions(of linear: Linear) -> [Decision] {
    var result: [Decision] = []
    func add(_ decision: Decision) { if !result.contains(decision) { result.append(decision) } }
    for part in linear.parts where result.count < 4 {
      switch part.base {
      case .column(let decision, _): add(decision)
      case .literal(let literal): add(literal.decision)
      case .grid(let a, let b, _):
        add(a)
        add(b)
      case .load(let load, _): for item in model[load].items.prefix(3) { add(item.view.decision) }
      case .ramp(let sum): for decision in decisions(of: sum) { add(decision) }
      }
    }
    return result
  }
}
