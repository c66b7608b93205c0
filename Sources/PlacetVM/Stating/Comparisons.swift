import ConstraintModel
import Diagnostics
import PlacetSemantics
import Quantities

/// Equality, order and membership of decided values.
extension Stater {
  func equal(
    _ x: Value, _ y: Value, _ type: Type, _ e: TypedExpression, _ path: FormulaID
  ) throws(EvaluationError) -> FormulaID {
    if x.isVoid || y.isVoid { return .always }
    if !x.isDecided, !y.isDecided { return FormulaID(world.heap.equal(x, y, type: type)) }
    if let cases = try overAlternatives(
      x, y, path, { (a, b, inside) throws(EvaluationError) in try self.equal(a, b, type, e, inside) })
    {
      return cases
    }
    if type == .bool {
      return builder.equivalent(try formula(x, at: e.range), try formula(y, at: e.range))
    }
    if case .column(let decision, let mapping)? = column(x), !y.isDecided {
      return equal(decision, mapping, y, type)
    }
    if case .column(let decision, let mapping)? = column(y), !x.isDecided {
      return equal(decision, mapping, x, type)
    }
    if case .column(let a, let p)? = column(x), case .column(let b, let q)? = column(y) {
      return builder.equal(View(a, builder.numbering(p)), View(b, builder.numbering(q)))
    }
    if let a = members(x, type), let b = members(y, type) {
      guard a.count == b.count else { return .never }
      var parts: [FormulaID] = []
      for index in a.indices {
        let part = try equal(a[index], b[index], type.member(index, in: program), e, path)
        if part == .never { return .never }
        parts.append(part)
      }
      return builder.and(parts)
    }
    if x.isNone || y.isNone {
      // One of them is a sum, a grid or a tuple.
      return try isNone(x.isNone ? y : x, at: e.range)
    }
    if let pointwise = try pairwise(.equal, x, y, type, e, path) { return pointwise }
    guard type.isExactNumber else { throw EvaluationError(tooManyDecisions([x, y], at: e.range)) }
    let difference = try self.difference(x, y, e)
    let zero = Rational(0)
    return try unwrap(builder.between(difference, lower: zero, upper: zero), at: e.range)
  }

  private func column(_ value: Value) -> Value.Reading? {
    guard value.isDecided, case .column = value.reading else { return nil }
    return value.reading
  }

  /// The column holds this value.
  private func equal(
    _ decision: Decision, _ mapping: MappingID, _ value: Value, _ type: Type
  ) -> FormulaID {
    guard let number = builder.classNumber(mapping, of: builder.canonical(value, type)) else { return .never }
    return builder.member(decision, builder.mask(mapping, class: number))
  }

  private func difference(
    _ x: Value, _ y: Value, _ e: TypedExpression
  ) throws(EvaluationError) -> Linear {
    let a = try linear(x, at: e.range)
    return try unwrap(builder.sum(a, try linear(y, at: e.range), times: Rational(-1)), at: e.range)
  }

  /// Over one or two decisions, by a column or grid of bools; nil where that is not possible, or where a sum
  /// says it better.
  private func pairwise(
    _ comparison: Operator, _ x: Value, _ y: Value, _ type: Type, _ e: TypedExpression, _ path: FormulaID
  ) throws(EvaluationError) -> FormulaID? {
    guard let axes = builder.axes([x, y]), !axes.isEmpty else { return nil }
    if axes.count == 2, (builder.cost([x, y]) ?? .max) > ModelBuilder.gridLimit, type.isExactNumber {
      return nil
    }
    let number = operation(.binary(comparison, type, type, .bool), type: .bool) {
      TypedExpression(
        .binary(
          comparison, TypedExpression(.local(LocalID(0)), type: type, range: e.range),
          TypedExpression(.local(LocalID(1)), type: type, range: e.range)), type: .bool, range: e.range)
    }
    guard let result = try applyIfPointwise(number, [x, y], path: path, at: e.range) else { return nil }
    return try formula(result, at: e.range)
  }

  /// Compares each alternative of a choice.
  private func overAlternatives(
    _ x: Value, _ y: Value, _ path: FormulaID,
    _ compare: (Value, Value, FormulaID) throws(EvaluationError) -> FormulaID
  ) throws(EvaluationError) -> FormulaID? {
    var cases: [GuardedFormula] = []
    if case .choice(let alternatives) = stated(x) {
      for each in alternatives {
        let inside = builder.and(path, each.condition)
        cases.append(GuardedFormula(guarding: each.condition, value: try compare(each.value, y, inside)))
      }
    } else if case .choice(let alternatives) = stated(y) {
      for each in alternatives {
        let inside = builder.and(path, each.condition)
        cases.append(GuardedFormula(guarding: each.condition, value: try compare(x, each.value, inside)))
      }
    } else {
      return nil
    }
    return builder.cases(cases)
  }

  func ordered(
    _ comparison: Operator, _ x: Value, _ y: Value, _ type: Type, _ e: TypedExpression, _ path: FormulaID
  ) throws(EvaluationError) -> FormulaID {
    if x.isVoid || y.isVoid { return .always }
    if let cases = try overAlternatives(
      x, y, path,
      { (a, b, inside) throws(EvaluationError) in
        try self.ordered(comparison, a, b, type, e, inside)
      })
    {
      return cases
    }
    let columns = [x, y].filter { column($0) != nil }
    let areColumnsOfTwo = columns.count == 2 && (builder.axes([x, y])?.count ?? 3) == 2
    if !type.isExactNumber || !areColumnsOfTwo,
      let pointwise = try pairwise(comparison, x, y, type, e, path)
    {
      return pointwise
    }
    if !x.isDecided, !y.isDecided {
      let order = world.heap.compare(x, y, type: type)
      switch comparison {
      case .less: return FormulaID(order < 0)
      case .lessOrEqual: return FormulaID(order <= 0)
      case .greater: return FormulaID(order > 0)
      default: return FormulaID(order >= 0)
      }
    }
    if case .float = type.wrapped { throw EvaluationError(.floatInConstraint(at: e.range)) }
    guard type.isExactNumber else { throw EvaluationError(tooManyDecisions([x, y], at: e.range)) }
    let difference = try self.difference(x, y, e)
    let zero = Rational(0)
    switch comparison {
    case .lessOrEqual: return try unwrap(builder.between(difference, lower: nil, upper: zero), at: e.range)
    case .greaterOrEqual: return try unwrap(builder.between(difference, lower: zero, upper: nil), at: e.range)
    case .less: return try unwrap(builder.less(difference, than: zero), at: e.range)
    case .greater:
      return builder.negated(
        try unwrap(builder.between(difference, lower: nil, upper: zero), at: e.range))
    default: preconditionFailure("not an order")
    }
  }

  func isIn(
    _ x: Value, _ collection: Value, _ type: Type, _ collectionType: Type, _ e: TypedExpression,
    _ path: FormulaID
  ) throws(EvaluationError) -> FormulaID {
    if x.isVoid || collection.isVoid { return .always }
    if let members = members(collection, collectionType), collection.isDecided || builder.axes([x]) == nil {
      var parts: [FormulaID] = []
      for member in members { parts.append(try equal(x, member, type, e, path)) }
      return builder.or(parts)
    }
    if !collection.isDecided, builder.axes([x]) == nil {
      let members: [Value]
      switch collectionType.wrapped {
      case .map: members = (0..<world.heap.count(collection)).map { world.heap.key(collection, $0) }
      default: members = world.heap.elements(collection, type: collectionType)
      }
      var parts: [FormulaID] = []
      for member in members { parts.append(try equal(x, member, type, e, path)) }
      return builder.or(parts)
    }
    // The negative form is the same operation.
    let number = operation(.binary(.isIn, type, collectionType, .bool), type: .bool) {
      TypedExpression(
        .binary(
          .isIn, TypedExpression(.local(LocalID(0)), type: type, range: e.range),
          TypedExpression(.local(LocalID(1)), type: collectionType, range: e.range)), type: .bool,
        range: e.range)
    }
    return try formula(try apply(number, [x, collection], path: path, at: e.range), at: e.range)
  }

  /// `x in a..b` with decided parts.
  func isInRange(
    _ operation: Operator, _ a: TypedExpression, _ low: TypedExpression, _ high: TypedExpression,
    _ includesEnd: Bool, _ e: TypedExpression, _ frame: inout [Value], _ path: FormulaID
  ) throws(EvaluationError) -> Value {
    let x = try walk(a, &frame, path)
    let least = try walk(low, &frame, path)
    let most = try walk(high, &frame, path)
    let isAbove = try ordered(.greaterOrEqual, x, least, a.type, e, path)
    let isBelow = try ordered(includesEnd ? .lessOrEqual : .less, x, most, a.type, e, path)
    let inside = builder.and(isAbove, isBelow)
    return truth(operation == .isIn ? inside : builder.negated(inside))
  }
}
