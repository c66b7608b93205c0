package import ConstraintModel
package import Diagnostics
package import PlacetSemantics
package import Quantities

/// The known side of a comparison that a constraint states: `h.cores` in `sum(…) <= h.cores`.
package struct KnownSide {
  package struct Field {
    package var entity: EntityID
    package var field: Int
    package var coefficient: Rational
  }
  package var comparison: Operator
  /// Whether the known side stands on the right.
  package var isRight: Bool
  package var decided: SourceRange
  package var known: SourceRange
  package var value: Rational
  package var type: Type
  /// Fields of entities that the known side is linear in; empty where it is not linear.
  package var fields: [Field]
}

extension StatedModel {
  /// The comparison that an origin states, if it is one of a decided with a known number.
  package func knownSide(of origin: Origin, in world: World) -> KnownSide? {
    let info = self[origin]
    guard info.refusal == nil, let constraint = info.constraint,
      case .binary(let written, let left, let right) = constraint.condition.form, left.type.isExactNumber,
      let comparison = Self.asked(written, constraint.verb)
    else { return nil }
    for (known, decided, isRight) in [(right, left, true), (left, right, false)] {
      // Where both are known, what was asked for is taken to stand on the left.
      guard !known.isDecided, decided.isDecided || isRight else { continue }
      let frame = info.frame
      guard let value = try? world.evaluate(known, frame: frame), !value.isNone else { continue }
      let parts = LinearFields(world: world, frame: info.frame).fields(of: known)
      return KnownSide(
        comparison: comparison, isRight: isRight, decided: decided.range, known: known.range,
        value: Rational(reduced: value.bits, over: value.aux), type: known.type, fields: parts ?? [])
    }
    return nil
  }
}

extension StatedModel {
  /// What a comparison asks for: `forbid a > b` is `a <= b`.
  private static func asked(_ comparison: Operator, _ verb: TypedConstraint.Verb) -> Operator? {
    let isForbidden = if case .forbid = verb { true } else { false }
    switch comparison {
    case .less: return isForbidden ? .greaterOrEqual : .less
    case .lessOrEqual: return isForbidden ? .greater : .lessOrEqual
    case .greater: return isForbidden ? .lessOrEqual : .greater
    case .greaterOrEqual: return isForbidden ? .less : .greaterOrEqual
    case .equal where !isForbidden: return .equal
    default: return nil
    }
  }
}

/// Finds the fields that a known number is linear in.
private struct LinearFields {
  let world: World
  let frame: [Value]

  func fields(of e: TypedExpression) -> [KnownSide.Field]? {
    switch e.form {
    case .field(let base, let index):
      guard case .entity = base.type, let entity = value(base), entity.aux > 0 else { return nil }
      return [.init(entity: entity.entity, field: index, coefficient: Rational(1))]
    case .some(let inner), .ratio(let inner), .unwrapped(let inner): return fields(of: inner)
    case .negate(let inner): return scaled(fields(of: inner), by: Rational(-1))
    case .binary(.add, let a, let b): return joined(fields(of: a), fields(of: b))
    case .binary(.subtract, let a, let b):
      return joined(fields(of: a), scaled(fields(of: b), by: Rational(-1)))
    case .binary(.multiply, let a, let b):
      if let factor = constant(b) { return scaled(fields(of: a), by: factor) }
      if let factor = constant(a) { return scaled(fields(of: b), by: factor) }
      return nil
    case .binary(.divide, let a, let b):
      return constant(b).flatMap { Rational(1).divided(by: $0) }.flatMap { scaled(fields(of: a), by: $0) }
    default: return constant(e) == nil ? nil : []
    }
  }

  private func value(_ e: TypedExpression) -> Value? {
    let frame = frame
    return try? world.evaluate(e, frame: frame)
  }

  /// The number of an expression that reads no field.
  private func constant(_ e: TypedExpression) -> Rational? {
    switch e.form {
    case .int(let number): return Rational(number)
    case .quantity(let amount): return amount
    case .local, .global:
      guard e.type.isExactNumber, let value = value(e), !value.isDecided, value.aux > 0 else { return nil }
      return Rational(reduced: value.bits, over: value.aux)
    case .some(let inner), .ratio(let inner): return constant(inner)
    case .negate(let inner): return constant(inner)?.negated()
    default: return nil
    }
  }

  private func scaled(_ fields: [KnownSide.Field]?, by factor: Rational) -> [KnownSide.Field]? {
    guard let fields else { return nil }
    var result: [KnownSide.Field] = []
    for field in fields {
      guard let coefficient = field.coefficient.multiplied(by: factor) else { return nil }
      result.append(.init(entity: field.entity, field: field.field, coefficient: coefficient))
    }
    return result
  }

  private func joined(_ a: [KnownSide.Field]?, _ b: [KnownSide.Field]?) -> [KnownSide.Field]? {
    guard let a, let b else { return nil }
    return a + b
  }
}
