import ConstraintModel
import Diagnostics
import PlacetSemantics
import Quantities

/// Arithmetic on decided numbers: pointwise through one decision, sums beyond.
extension Stater {
  func binary(
    _ operation: Operator, _ x: Value, _ y: Value, _ e: TypedExpression, _ left: Type, _ right: Type,
    _ path: FormulaID
  ) throws(EvaluationError) -> Value {
    if x.isVoid || y.isVoid { return .void }
    switch operation {
    case .equal: return truth(try equal(x, y, left, e, path))
    case .notEqual: return truth(builder.negated(try equal(x, y, left, e, path)))
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      return truth(try ordered(operation, x, y, left, e, path))
    case .isIn: return truth(try isIn(x, y, left, right, e, path))
    case .isNotIn: return truth(builder.negated(try isIn(x, y, left, right, e, path)))
    case .add: return try sum(x, y, times: Rational(1), e, path)
    case .subtract: return try sum(x, y, times: Rational(-1), e, path)
    case .multiply: return try product(x, y, e, path)
    case .divide: return try quotient(x, y, e, path)
    case .floorDivide, .modulo:
      return try apply(self.operation(of: e, facts(e)), [x, y], path: path, at: e.range)
    case .and, .or, .implies: preconditionFailure("logic is walked lazily")
    }
  }

  /// Whether all operands go through one decision at most, so that the result is a column.
  private func isOneColumn(_ values: [Value]) -> Bool {
    var decision: Decision?
    for value in values where value.isDecided {
      guard case .column(let own, _) = value.reading, decision == nil || decision == own else { return false }
      decision = own
    }
    return true
  }

  /// As a sum.
  func linear(_ value: Value, at range: SourceRange) throws(EvaluationError) -> Linear {
    if value.isVoid || value.isNone { return Linear() }
    guard value.isDecided else { return Linear(constant: exactNumber(value)) }
    let one = Rational(1)
    switch value.reading {
    case .column(let decision, let mapping):
      return Linear(parts: [.init(coefficient: one, base: .column(decision, mapping))])
    case .formula: break
    case .stated(let index):
      switch builder.stated[index] {
      case .linear(let linear): return linear
      case .grid(let a, let b, let grid):
        return Linear(parts: [.init(coefficient: one, base: .grid(a, b, grid))])
      case .choice(let alternatives):
        var total = Linear()
        for each in alternatives {
          let part = try product(each.condition, try linear(each.value, at: range), at: range)
          total = try unwrap(builder.sum(total, part), at: range)
        }
        return total
      case .composite, .lambda: break
      }
    }
    throw EvaluationError(.notStatable("this number", decidedBy([value]), at: range))
  }

  private func exact(_ type: Type, _ e: TypedExpression) throws(EvaluationError) {
    if case .float = type.wrapped { throw EvaluationError(.floatInConstraint(at: e.range)) }
  }

  private func sum(
    _ x: Value, _ y: Value, times factor: Rational, _ e: TypedExpression, _ path: FormulaID
  ) throws(EvaluationError) -> Value {
    if isOneColumn([x, y]) || !e.type.isExactNumber {
      return try apply(operation(of: e, facts(e)), [x, y], path: path, at: e.range)
    }
    let a = try linear(x, at: e.range)
    return builder.keep(
      try unwrap(builder.sum(a, try linear(y, at: e.range), times: factor), at: e.range))
  }

  func multiplied(
    _ x: Value, by factor: Rational, _ e: TypedExpression, _ path: FormulaID
  ) throws(EvaluationError) -> Value {
    if x.isVoid { return .void }
    if isOneColumn([x]) || !e.type.isExactNumber {
      return try apply(operation(of: e, facts(e)), [x], path: path, at: e.range)
    }
    return builder.keep(
      try unwrap(builder.multiplied(try linear(x, at: e.range), by: factor), at: e.range))
  }

  private func product(
    _ x: Value, _ y: Value, _ e: TypedExpression, _ path: FormulaID
  ) throws(EvaluationError) -> Value {
    if isOneColumn([x, y]) {
      return try apply(operation(of: e, facts(e)), [x, y], path: path, at: e.range)
    }
    if !x.isDecided || !y.isDecided {
      if !e.type.isExactNumber {
        return try apply(operation(of: e, facts(e)), [x, y], path: path, at: e.range)
      }
      let (known, decided) = x.isDecided ? (y, x) : (x, y)
      return builder.keep(
        try unwrap(
          builder.multiplied(try linear(decided, at: e.range), by: exactNumber(known)), at: e.range))
    }
    for (one, other) in [(x, y), (y, x)] {
      guard let (literal, factor) = zeroOr(one) else { continue }
      let scaled = try unwrap(builder.multiplied(try linear(other, at: e.range), by: factor), at: e.range)
      return builder.keep(try product(builder.formula(literal), scaled, at: e.range))
    }
    throw EvaluationError(.productOfDecisions(decidedBy([x]), decidedBy([y]), at: e.range))
  }

  /// A number that is 0 or one other, as a literal and that other.
  private func zeroOr(_ value: Value) -> (Literal, Rational)? {
    switch value.reading {
    case .column(let decision, let mapping):
      let values = builder.mappings[Int(mapping.index)].values
      let others = values.filter { $0.bits != 0 && !$0.isVoid }
      guard others.count == 1, let number = builder.classNumber(mapping, of: others[0]) else { return nil }
      let mask = builder.mask(mapping, class: number)
      return (Literal(decision, in: mask), exactNumber(others[0]))
    case .stated(let index):
      switch builder.stated[index] {
      case .linear(let linear):
        guard linear.constant.isZero, linear.parts.count == 1,
          case .literal(let literal) = linear.parts[0].base
        else { return nil }
        return (literal, linear.parts[0].coefficient)
      case .choice(let alternatives):
        let others = alternatives.filter { $0.value.isDecided || $0.value.bits != 0 }
        guard others.count == 1, !others[0].value.isDecided, !others[0].condition.isConstant else {
          return nil
        }
        return (builder.equalling(others[0].condition), exactNumber(others[0].value))
      case .grid, .composite, .lambda: return nil
      }
    case .formula: return nil
    }
  }

  private func quotient(
    _ x: Value, _ y: Value, _ e: TypedExpression, _ path: FormulaID
  ) throws(EvaluationError) -> Value {
    if isOneColumn([x, y]) || !e.type.isExactNumber {
      return try apply(operation(of: e, facts(e)), [x, y], path: path, at: e.range)
    }
    guard !y.isDecided else { throw EvaluationError(.divisionByDecision(decidedBy([y]), at: e.range)) }
    guard y.bits != 0, let factor = Rational(1).divided(by: exactNumber(y)) else {
      return try apply(operation(of: e, facts(e)), [x, y], path: path, at: e.range)
    }
    return builder.keep(
      try unwrap(builder.multiplied(try linear(x, at: e.range), by: factor), at: e.range))
  }

  /// The sum where the condition holds, else 0.
  func product(
    _ condition: FormulaID, _ linear: Linear, at range: SourceRange
  ) throws(EvaluationError) -> Linear {
    if condition.isConstant { return condition == .always ? linear : Linear() }
    if linear.parts.isEmpty, linear.constant.isZero { return linear }
    let literal = builder.equalling(condition)
    var result = Linear()
    if !linear.constant.isZero {
      result.parts.append(.init(coefficient: linear.constant, base: .literal(literal)))
    }
    for part in linear.parts {
      let operand: Value
      switch part.base {
      case .literal(let other):
        let both = builder.and(condition, builder.formula(other))
        if both == .never { continue }
        if both == .always {
          result.constant = try unwrap(result.constant.adding(part.coefficient), at: range)
          continue
        }
        result.parts.append(.init(coefficient: part.coefficient, base: .literal(builder.equalling(both))))
        continue
      case .column(let decision, let mapping): operand = .column(decision, mapping)
      case .grid(let a, let b, let grid): operand = builder.keep(.grid(a, b, grid))
      case .load(let load, _):
        let names = names(builder.model[load].items.prefix(2).map(\.view.decision))
        throw EvaluationError(.productOfDecisions(names, decidedBy([.formula(condition)]), at: range))
      case .ramp(let sum):
        let names = names(builder.decisions(of: sum))
        throw EvaluationError(.productOfDecisions(names, decidedBy([.formula(condition)]), at: range))
      }
      guard let chosen = try pointwise(.formula(condition), path: .always, at: range),
        let masked = try applyIfPointwise(
          operation(.select(.ratio), type: .ratio, isLazy: true), [chosen, operand, Value(0)], path: .always,
          at: range)
      else {
        throw EvaluationError(
          .productOfDecisions(decidedBy([operand]), decidedBy([.formula(condition)]), at: range))
      }
      let masks = try unwrap(
        builder.multiplied(try self.linear(masked, at: range), by: part.coefficient), at: range)
      result = try unwrap(builder.sum(result, masks), at: range)
    }
    return result
  }
}
