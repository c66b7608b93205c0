import ConstraintModel
import Diagnostics
import PlacetSemantics
import Quantities

/// Library functions with native backing, on decided arguments.
extension Stater {
  func native(
    _ native: Native, _ values: [Value], _ arguments: [TypedExpression], _ e: TypedExpression,
    _ path: FormulaID
  ) throws(EvaluationError) -> Value {
    if values.contains(where: \.isVoid) { return .void }
    switch native {
    case .allDifferent, .allEqual:
      guard let members = try shape(values[0], arguments[0]) else { break }
      let all = members.map { Alternative(condition: .always, value: $0) }
      let type = arguments[0].type.wrapped.member(0, in: program)
      return truth(try distinctness(all, type, areEqual: native == .allEqual, e, path))
    case .atMost, .atLeast, .exactly:
      guard let members = try shape(values[1], arguments[1]), !values[0].isDecided else { break }
      return truth(try counted(native, members, Rational(values[0].bits), e))
    case .between:
      let type = arguments[0].type
      let isAbove = try ordered(.greaterOrEqual, values[0], values[1], type, e, path)
      return truth(
        builder.and(isAbove, try ordered(.lessOrEqual, values[0], values[2], type, e, path)))
    case .table:
      guard let members = try shape(values[0], arguments[0]), !values[1].isDecided else { break }
      return truth(try rows(members, values[1], arguments, e, path))
    case .precedes:
      if let result = try precedes(values[0], values[1], arguments[0].type, e, path) { return truth(result) }
    case .count:
      if case .composite(let members, _) = stated(values[0]) { return Value(members.count) }
    case .first, .last:
      if case .composite(let members, _) = stated(values[0]) {
        return (native == .first ? members.first : members.last) ?? .none
      }
    case .reversed:
      if case .composite(let members, let type) = stated(values[0]) {
        return composite(members.reversed(), type)
      }
    case .toList:
      if case .composite(let members, _) = stated(values[0]) { return composite(members, e.type) }
    case .flattened:
      if case .composite(let lists, let type) = stated(values[0]) {
        return try flattened(lists, type, e)
      }
    case .pairs, .steps:
      if case .composite(let members, _) = stated(values[0]) { return pairs(native, members, e) }
    case .min2, .max2:
      if let result = try applyIfPointwise(operation(of: e, facts(e)), values, path: path, at: e.range) {
        return result
      }
      if let result = try extremeOfSums(values, isMin: native == .min2, e) { return result }
      var members: [Alternative] = []
      for value in values { members += try alternatives(of: value, at: e.range) }
      return try extreme(
        members.filter { !$0.value.isVoid }, isMin: native == .min2, type: e.type, canBeNone: false, e)
    case .abs where isSum(values[0]) && e.type.isExactNumber:
      let value = try linear(values[0], at: e.range)
      let twice = try unwrap(builder.multiplied(value, by: Rational(2)), at: e.range)
      let excess = try unwrap(builder.positive(twice), at: e.range)
      return sumValue(try unwrap(builder.sum(excess, value, times: Rational(-1)), at: e.range))
    case .abs, .floor, .ceil, .round, .floorTo, .ceilTo, .roundTo, .toFloat, .keys, .values, .sorted, .toSet,
      .reach, .union, .intersection, .difference, .isSubset, .length, .textContains, .startsWith,
      .endsWith, .lowercase, .uppercase, .split, .join, .parseInt, .distance:
      break
    }
    return try apply(operation(of: e, facts(e)), values, path: path, at: e.range)
  }

  /// Whether a decided number is a sum and no choice among known values.
  private func isSum(_ value: Value) -> Bool {
    if case .linear = stated(value) { return true }
    return false
  }

  /// `max(a, b) = b + max(0, a - b)`, where one of them is a sum; nil where all are choices of known values.
  private func extremeOfSums(
    _ values: [Value], isMin: Bool, _ e: TypedExpression
  ) throws(EvaluationError) -> Value? {
    guard e.type.isExactNumber, values.contains(where: isSum), let first = values.first else { return nil }
    var result = try linear(first, at: e.range)
    for value in values.dropFirst() {
      let other = try linear(value, at: e.range)
      let (more, less) = isMin ? (result, other) : (other, result)
      let excess = try unwrap(
        builder.positive(try unwrap(builder.sum(more, less, times: Rational(-1)), at: e.range)), at: e.range)
      result = try unwrap(
        builder.sum(result, excess, times: Rational(isMin ? -1 : 1)), at: e.range)
    }
    return sumValue(try unwrap(builder.collected(result), at: e.range))
  }

  /// Elements of a list, set or range whose length is known; nil where it is a column of lists.
  private func shape(_ value: Value, _ e: TypedExpression) throws(EvaluationError) -> [Value]? {
    if value.isDecided {
      guard case .composite(let members, _) = stated(value) else { return nil }
      return members
    }
    return try elements(value, e.type.wrapped, at: e.range)
  }

  private func counted(
    _ native: Native, _ members: [Value], _ bound: Rational, _ e: TypedExpression
  ) throws(EvaluationError) -> FormulaID {
    var total = Linear()
    for member in members {
      let holds = try formula(member, at: e.range)
      let part = try product(holds, Linear(constant: Rational(1)), at: e.range)
      total = try unwrap(builder.sum(total, part), at: e.range)
    }
    return try unwrap(
      builder.between(
        total, lower: native == .atMost ? nil : bound, upper: native == .atLeast ? nil : bound),
      at: e.range)
  }

  private func flattened(
    _ lists: [Value], _ type: Type, _ e: TypedExpression
  ) throws(EvaluationError) -> Value {
    var members: [Value] = []
    for list in lists { members += try elements(list, type.member(0, in: program).wrapped, at: e.range) }
    return composite(members, e.type)
  }

  private func pairs(_ native: Native, _ members: [Value], _ e: TypedExpression) -> Value {
    let pairType = e.type.wrapped.member(0, in: program)
    var result: [Value] = []
    if native == .steps {
      for (a, b) in zip(members, members.dropFirst()) { result.append(composite([a, b], pairType)) }
    } else {
      for (index, a) in members.enumerated() {
        for b in members[(index + 1)...] { result.append(composite([a, b], pairType)) }
      }
    }
    return composite(result, e.type)
  }

  /// The members, in order, are one of the rows.
  private func rows(
    _ members: [Value], _ table: Value, _ arguments: [TypedExpression], _ e: TypedExpression,
    _ path: FormulaID
  ) throws(EvaluationError) -> FormulaID {
    let type = arguments[0].type.wrapped.member(0, in: program)
    let rowType = arguments[1].type.wrapped.member(0, in: program)
    let rows = world.heap.elements(table, type: arguments[1].type).map {
      world.heap.elements($0, type: rowType).map { builder.canonical($0, type) }
    }
    var views: [View] = []
    for member in members {
      guard member.isDecided, case .column(let decision, let mapping) = member.reading else { break }
      views.append(View(decision, builder.numbering(mapping)))
    }
    if views.count == members.count, views.count > 1 {
      return builder.intern(
        .rows(views, rows.filter { $0.count == views.count }.map { $0.map { builder.number(of: $0) } }))
    }
    var parts: [FormulaID] = []
    for row in rows where row.count == members.count {
      var all: [FormulaID] = []
      for (member, value) in zip(members, row) { all.append(try equal(member, value, type, e, path)) }
      parts.append(builder.and(all))
    }
    return builder.or(parts)
  }
}
