import ConstraintModel
import Diagnostics
import PlacetSemantics
import Quantities

/// `match` over a decided subject: each pattern is a condition, the arms are alternatives.
extension Stater {
  func match(
    _ subject: TypedExpression, _ arms: [TypedArm], _ e: TypedExpression, _ frame: inout [Value],
    _ path: FormulaID
  ) throws(EvaluationError) -> Value {
    let value = try walk(subject, &frame, path)
    if value.isVoid { return .void }
    var alternatives: [Alternative] = []
    var rest = FormulaID.always
    for arm in arms {
      let matches = try matches(
        arm.patterns, value, subject.type, &frame, builder.and(path, rest), at: e.range)
      let condition = builder.and(rest, matches)
      if condition != .never {
        let result = try walk(arm.value, &frame, builder.and(path, condition))
        alternatives.append(Alternative(condition: condition, value: result))
      }
      rest = builder.and(rest, builder.negated(matches))
      if rest == .never { break }
    }
    if rest != .never { alternatives.append(Alternative(condition: rest, value: .void)) }
    return try combine(alternatives, type: e.type, path: path, at: e.range)
  }

  func matches(
    _ patterns: [TypedPattern], _ subject: Value, _ type: Type, _ frame: inout [Value], _ path: FormulaID,
    at range: SourceRange
  ) throws(EvaluationError) -> FormulaID {
    var any: [FormulaID] = []
    for pattern in patterns {
      any.append(try matches(pattern, subject, type, &frame, path, at: range))
    }
    return builder.or(any)
  }

  private func matches(
    _ pattern: TypedPattern, _ subject: Value, _ type: Type, _ frame: inout [Value], _ path: FormulaID,
    at range: SourceRange
  ) throws(EvaluationError) -> FormulaID {
    if subject.isVoid { return .never }
    switch pattern {
    case .anything: return .always
    case .none: return try isNone(subject, at: range)
    case .enumCase(let id, let number, let targets):
      let isCase = try apply(
        operation(.isCase(id, number), type: .bool), [subject], path: path, at: range)
      let condition = try formula(isCase, at: range)
      if condition == .never { return condition }
      for (index, target) in targets.enumerated() {
        let memberType = program[id].cases[number].members[index].type
        let member = try apply(
          operation(.payload(id, number, index), type: memberType), [subject],
          path: builder.and(path, condition), at: range)
        try bind(target, member, memberType, &frame, path, at: range)
      }
      return condition
    case .value(let expression):
      let value = try walk(expression, &frame, path)
      return try equal(subject, value, type, expression, path)
    case .values(let low, let high, let includesEnd):
      let lacks = try isNone(subject, at: range)
      if lacks == .always { return .never }
      let inside = builder.and(path, builder.negated(lacks))
      let number = try unwrapped(subject, low, inside)
      let least = try walk(low, &frame, inside)
      let most = try walk(high, &frame, inside)
      let isAbove = try ordered(.greaterOrEqual, number, least, low.type, low, inside)
      let isBelow = try ordered(includesEnd ? .lessOrEqual : .less, number, most, high.type, high, inside)
      return builder.and([builder.negated(lacks), isAbove, isBelow])
    case .tuple(let parts):
      var all: [FormulaID] = []
      for (index, part) in parts.enumerated() {
        let memberType = type.wrapped.member(index, in: program)
        let member: Value
        if let members = members(subject, type) {
          member = builder.canonical(members[index], memberType)
        } else {
          let element = operation(.element(type.wrapped, index), type: memberType) {
            TypedExpression(
              .element(TypedExpression(.local(LocalID(0)), type: type.wrapped, range: range), index),
              type: memberType, range: range)
          }
          member = try apply(element, [subject], path: path, at: range)
        }
        all.append(try matches(part, member, memberType, &frame, path, at: range))
      }
      return builder.and(all)
    }
  }
}
