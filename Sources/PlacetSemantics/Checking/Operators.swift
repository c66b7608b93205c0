import Diagnostics
import PlacetSyntax
import Quantities

/// Operators: their operands give each other what is expected, and are of one type in the typed tree.
extension TypeChecker {
  func unary(
    _ symbol: UnaryOperator, _ operand: Expression, _ hint: Type?, _ range: SourceRange
  ) -> TypedExpression {
    switch symbol {
    case .not:
      let value = check(operand, as: .bool)
      return node(.not(value), .bool, range, [value])
    case .negate:
      let value = infer(operand, hint: hint)
      if value.type == .error { return failed(range) }
      if case .optional = value.type { return failed(optionalUsed(value, wanted: "a number"), range) }
      guard value.type.isNumber else {
        return failed(.wrongOperands("-", describe(value.type), nil, at: range), range)
      }
      return node(.negate(value), value.type, range, [value])
    }
  }

  func binary(
    _ symbol: BinaryOperator, _ a: Expression, _ b: Expression, hint: Type?, at place: SourceRange,
    _ range: SourceRange
  ) -> TypedExpression {
    switch symbol {
    case .and, .or, .implies: logic(symbol, a, b, range)
    case .equal, .notEqual: equality(symbol, a, b, at: place, range)
    case .less, .lessOrEqual, .greater, .greaterOrEqual: order(symbol, a, b, at: place, range)
    case .isIn, .isNotIn: membership(symbol, a, b, range)
    case .range, .rangeBefore: interval(symbol, a, b, hint, range)
    case .fallback: fallback(a, b, hint, range)
    case .add, .subtract, .multiply, .divide, .floorDivide, .modulo:
      arithmetic(symbol, a, b, hint, at: place, range)
    }
  }

  private func logic(
    _ symbol: BinaryOperator, _ a: Expression, _ b: Expression, _ range: SourceRange
  ) -> TypedExpression {
    let left = check(a, as: .bool)
    let right = inScope {
      frame.narrowed.formUnion(pathsPresent(left, when: symbol != .or))
      return check(b, as: .bool)
    }
    let operation: Operator = symbol == .and ? .and : symbol == .or ? .or : .implies
    return node(.binary(operation, left, right), .bool, range, [left, right])
  }

  /// Both sides; the one that says nothing of its type by itself is read with the other's.
  private func operands(
    _ a: Expression, _ b: Expression, hint: Type? = nil
  ) -> (TypedExpression, TypedExpression) {
    if needsHint(a), !needsHint(b) {
      let right = infer(b, hint: hint)
      return (infer(a, hint: right.type), right)
    }
    let left = infer(a, hint: hint)
    return (left, infer(b, hint: left.type == .nothing ? hint : left.type))
  }

  /// Whether an expression is a word or a value that means something only where its type is expected.
  private func needsHint(_ e: Expression) -> Bool {
    switch e {
    case .none: return true
    case .number(_, let unit, _): return unit == nil
    case .name(let name):
      return nearValue(name) == nil && find(name.text, in: \.values, from: frame.module).isEmpty
    case .list(let elements, _): return elements.allSatisfy(needsHint)
    case .set(let inner, _): return needsHint(inner)
    case .call(.name(let name), _, _):
      return find(name.text, in: \.values, from: frame.module).isEmpty
        && !casesInScope(named: name.text).isEmpty
    case .unary(.negate, let inner, _): return needsHint(inner)
    case .tuple(let elements, _): return elements.allSatisfy { needsHint($0.value) }
    case .map(let entries, _): return entries.isEmpty
    default: return false
    }
  }

  // MARK: Comparison

  private func equality(
    _ symbol: BinaryOperator, _ a: Expression, _ b: Expression, at place: SourceRange,
    _ range: SourceRange
  ) -> TypedExpression {
    let operation: Operator = symbol == .equal ? .equal : .notEqual
    if case .none = b { return comparedWithNone(operation, a, b, range) }
    if case .none = a { return comparedWithNone(operation, b, a, range) }
    var (left, right) = operands(a, b)
    if left.type == .error || right.type == .error { return failed(range) }
    if left.type.isOptional, right.type.isOptional { return failed(.twoOptionals(at: place), range) }
    if let converted = conversion(of: right, to: left.type) {
      right = converted
    } else if let converted = conversion(of: left, to: right.type) {
      left = converted
    } else if let joined = join(left.type, right.type), let l = conversion(of: left, to: joined),
      let r = conversion(of: right, to: joined)
    {
      (left, right) = (l, r)
    } else {
      return failed(
        .mismatch(
          expected: describe(left.type), found: describe(right.type), at: right.range,
          because: .init(left.range, "compared with \(describe(left.type))")), range)
    }
    guard left.type.isEquatable else {
      return failed(.wrongOperands(symbol.rawValue, describe(left.type), nil, at: range), range)
    }
    judgeFloat(left, right)
    return node(.binary(operation, left, right), .bool, range, [left, right])
  }

  private func comparedWithNone(
    _ operation: Operator, _ a: Expression, _ none: Expression, _ range: SourceRange
  ) -> TypedExpression {
    var value = infer(a)
    if case .unwrapped(let inner) = value.form { value = inner }
    switch value.type {
    case .error: return failed(range)
    case .nothing: return failed(.twoOptionals(at: range), range)
    case .optional:
      let none = node(.none, value.type, none.range)
      return node(.binary(operation, value, none), .bool, range, [value])
    default:
      return failed(
        .mismatch(
          expected: "\(describe(value.type))?", found: describe(value.type), at: value.range,
          help: "this is never none"), range)
    }
  }

  private func order(
    _ symbol: BinaryOperator, _ a: Expression, _ b: Expression, at place: SourceRange, _ range: SourceRange
  ) -> TypedExpression {
    guard let (left, right) = sameNumbers(symbol.rawValue, operands(a, b), at: range) else {
      return failed(range)
    }
    judgeFloat(left, right)
    let operation: Operator =
      switch symbol {
      case .less: .less
      case .lessOrEqual: .lessOrEqual
      case .greater: .greater
      default: .greaterOrEqual
      }
    return node(.binary(operation, left, right), .bool, range, [left, right])
  }

  /// A float never reaches a constraint.
  private func judgeFloat(_ left: TypedExpression, _ right: TypedExpression) {
    guard left.type.unwrapped == .float, raisesDecided else { return }
    if let decided = [left, right].first(where: \.isDecided) {
      report(.decidedFloat(decided.decidedBy, at: decided.range))
    }
  }

  /// Both sides as numbers of one dimension, or as texts; reports what does not go together.
  private func sameNumbers(
    _ symbol: String, _ operands: (TypedExpression, TypedExpression), at range: SourceRange
  ) -> (TypedExpression, TypedExpression)? {
    let (left, right) = operands
    if left.type == .error || right.type == .error { return nil }
    for side in [left, right] where side.type.isOptional {
      report(optionalUsed(side, wanted: "a number"))
      return nil
    }
    if let converted = conversion(of: right, to: left.type), left.type.isOrdered || left.type == .never {
      return (left, converted)
    }
    if let converted = conversion(of: left, to: right.type), right.type.isOrdered {
      return (converted, right)
    }
    if left.type.isNumber, right.type.isNumber {
      report(
        .mismatch(
          expected: describe(left.type), found: describe(right.type), at: right.range,
          because: .init(left.range, "this is \(describe(left.type))")))
    } else {
      report(
        .wrongOperands(
          symbol, describe(left.type), describe(right.type), at: range,
          help: symbol == "+" && (left.type == .text || right.type == .text)
            ? #"texts are put together as "\(a)\(b)""# : nil))
    }
    return nil
  }

  private func membership(
    _ symbol: BinaryOperator, _ a: Expression, _ b: Expression, _ range: SourceRange
  ) -> TypedExpression {
    let operation: Operator = symbol == .isIn ? .isIn : .isNotIn
    var left: TypedExpression
    var right: TypedExpression
    if needsHint(a), !needsHint(b) {
      right = infer(b)
      left = infer(a, hint: right.type == .error ? .error : memberType(of: right.type))
    } else {
      left = infer(a)
      right = infer(b, hint: left.type == .error ? .error : .list(left.type.unwrapped))
    }
    if left.type == .error || right.type == .error { return failed(range) }
    if case .optional = right.type { return failed(optionalUsed(right, wanted: "a list or a set"), range) }
    guard let member = memberType(of: right.type) else {
      return failed(
        .notIterable(describe(right.type), at: right.range, help: "'in' asks a list, set, range or map"),
        range)
    }
    if let converted = conversion(of: left, to: member) {
      left = converted
    } else if let converted = conversion(of: right, to: replacing(right.type, member: left.type)) {
      right = converted
    } else if case .optional(let inner) = left.type, inner.matches(member) {
      return failed(optionalUsed(left, wanted: describe(member)), range)
    } else {
      return failed(
        .mismatch(
          expected: describe(member), found: describe(left.type), at: left.range,
          because: .init(right.range, "holds \(describe(member))")), range)
    }
    return node(.binary(operation, left, right), .bool, range, [left, right])
  }

  func memberType(of type: Type) -> Type? {
    switch type {
    case .list(let t), .set(let t), .range(let t): t
    case .map(let key, _): key
    default: nil
    }
  }

  private func replacing(_ type: Type, member: Type) -> Type {
    switch type {
    case .list: .list(member)
    case .set: .set(member)
    case .range: .range(member)
    default: type
    }
  }

  private func interval(
    _ symbol: BinaryOperator, _ a: Expression, _ b: Expression, _ hint: Type?, _ range: SourceRange
  ) -> TypedExpression {
    var element: Type?
    switch hint?.unwrapped {
    case .range(let t)?, .list(let t)?, .set(let t)?: element = t == .error ? nil : t
    default: break
    }
    guard let (low, high) = sameNumbers(symbol.rawValue, operands(a, b, hint: element), at: range) else {
      return failed(range)
    }
    guard low.type.isNumber, low.type != .float else {
      return failed(.wrongOperands(symbol.rawValue, describe(low.type), nil, at: range), range)
    }
    return node(
      .range(low, high, includesEnd: symbol == .range), .range(low.type), range, [low, high])
  }

  private func fallback(
    _ a: Expression, _ b: Expression, _ hint: Type?, _ range: SourceRange
  ) -> TypedExpression {
    let left = infer(a, hint: hint.map { .optional($0.unwrapped) })
    let right = infer(b, hint: hint ?? left.type.unwrapped)
    if left.type == .error || right.type == .error { return failed(range) }
    guard case .optional(let inner) = left.type else {
      if case .unwrapped = left.form { return left }
      return failed(
        .mismatch(
          expected: "\(describe(left.type))?", found: describe(left.type), at: left.range,
          help: "this is never none, so '??' has nothing to replace"), range)
    }
    if right.type.isOptional {
      let right = convert(right, to: left.type)
      return node(.coalesce(left, right), right.type == .error ? .error : left.type, range, [left, right])
    }
    if right.type == .never {
      return node(.coalesce(left, retyped(right, inner)), inner, range, [left, right])
    }
    if let right = conversion(of: right, to: inner) {
      return node(.coalesce(left, right), inner, range, [left, right])
    }
    return failed(
      .mismatch(
        expected: describe(inner), found: describe(right.type), at: right.range,
        because: .init(left.range, "replaces \(describe(inner))")), range)
  }

  // MARK: Arithmetic

  private func arithmetic(
    _ symbol: BinaryOperator, _ a: Expression, _ b: Expression, _ hint: Type?, at place: SourceRange,
    _ range: SourceRange
  ) -> TypedExpression {
    switch symbol {
    case .add, .subtract, .floorDivide, .modulo:
      let wanted = symbol == .floorDivide ? nil : numberHint(hint)
      guard let (left, right) = sameNumbers(symbol.rawValue, operands(a, b, hint: wanted), at: range) else {
        return failed(range)
      }
      return sum(symbol, left, right, range)
    default:
      return product(symbol, infer(a, hint: floatHint(hint)), b, range)
    }
  }

  private func numberHint(_ hint: Type?) -> Type? {
    guard let hint = hint?.unwrapped, hint.isNumber else { return nil }
    return hint
  }

  private func floatHint(_ hint: Type?) -> Type? { hint?.unwrapped == .float ? .float : nil }

  private func sum(
    _ symbol: BinaryOperator, _ left: TypedExpression, _ right: TypedExpression, _ range: SourceRange
  ) -> TypedExpression {
    guard left.type.isNumber else {
      return failed(
        .wrongOperands(
          symbol.rawValue, describe(left.type), describe(right.type), at: range,
          help: left.type == .text ? #"texts are put together as "\(a)\(b)""# : nil), range)
    }
    let parts = [left, right]
    switch symbol {
    case .add: return node(.binary(.add, left, right), left.type, range, parts)
    case .subtract: return node(.binary(.subtract, left, right), left.type, range, parts)
    default:
      guard left.type != .float else {
        return failed(.wrongOperands(symbol.rawValue, "float", nil, at: range), range)
      }
      let isDivision = symbol == .floorDivide
      return node(
        .binary(isDivision ? .floorDivide : .modulo, left, right), isDivision ? .int : left.type, range,
        parts)
    }
  }

  private func product(
    _ symbol: BinaryOperator, _ first: TypedExpression, _ b: Expression, _ range: SourceRange
  ) -> TypedExpression {
    var left = first
    var right = infer(b, hint: left.type == .float ? .float : nil)
    if left.type == .error || right.type == .error { return failed(range) }
    for side in [left, right] where side.type.isOptional {
      return failed(optionalUsed(side, wanted: "a number"), range)
    }
    if right.type == .float, let converted = conversion(of: left, to: .float) { left = converted }
    if left.type == .never || right.type == .never {
      let type = left.type == .never ? right.type : left.type
      (left, right) = (retyped(left, type), retyped(right, type))
    }
    let operation: Operator = symbol == .multiply ? .multiply : .divide
    judgeProduct(left, right, range)
    let parts = [left, right]
    switch (left.type, right.type) {
    case (.int, .int):
      return node(.binary(operation, left, right), symbol == .multiply ? .int : .ratio, range, parts)
    case (.float, .float): return node(.binary(operation, left, right), .float, range, parts)
    case (.int, .quantity), (.quantity, .int), (.quantity, .quantity):
      let l = conversion(of: left, to: left.type == .int ? .ratio : left.type) ?? left
      let r = conversion(of: right, to: right.type == .int ? .ratio : right.type) ?? right
      guard case .quantity(let d) = l.type, case .quantity(let e) = r.type else { return failed(range) }
      let dimension = symbol == .multiply ? d.multiplied(by: e) : d.divided(by: e)
      return node(.binary(operation, l, r), .quantity(dimension), range, [l, r])
    default:
      return failed(
        .wrongOperands(
          symbol.rawValue, describe(left.type), describe(right.type), at: range,
          help: [left.type, right.type].contains(.float) ? "`to_float(x)` makes a float of a number" : nil),
        range)
    }
  }

  /// A product of three decisions is more than a table can hold.
  private func judgeProduct(_ left: TypedExpression, _ right: TypedExpression, _ range: SourceRange) {
    guard left.isDecided, right.isDecided, raisesDecided else { return }
    let names = left.decidedBy + right.decidedBy.filter { !left.decidedBy.contains($0) }
    guard names.count > 2, isPlainProduct(left), isPlainProduct(right) else { return }
    report(.tooManyDecisions(names, at: range))
  }

  private func isPlainProduct(_ e: TypedExpression) -> Bool {
    switch e.form {
    case .field: true
    case .ratio(let inner), .negate(let inner): isPlainProduct(inner)
    case .binary(.multiply, let a, let b):
      (isPlainProduct(a) || !a.isDecided) && (isPlainProduct(b) || !b.isDecided)
    default: false
    }
  }
}
