import ConstraintModel
import Diagnostics
import PlacetSemantics
import Quantities

/// `if`, `match`, `??`, `?.` over decided conditions: one value of several.
extension Stater {
  /// Alternatives of a choice may be at most so many.
  static let choiceLimit = 1 << 14

  /// The value of the alternative whose condition holds.
  func combine(
    _ alternatives: [Alternative], type: Type, path: FormulaID, at range: SourceRange
  ) throws(EvaluationError) -> Value {
    var live: [Alternative] = []
    for alternative in alternatives where alternative.condition != .never {
      if alternative.condition == .always { return alternative.value }
      if case .choice(let inner) = stated(alternative.value) {
        for each in inner {
          let condition = builder.and(alternative.condition, each.condition)
          if condition != .never { live.append(Alternative(condition: condition, value: each.value)) }
        }
      } else {
        live.append(alternative)
      }
    }
    guard live.count <= Self.choiceLimit else {
      throw EvaluationError(.notStatable("a choice of this many", decidedBy(live.map(\.value)), at: range))
    }
    let needed = live.filter { !$0.value.isVoid }
    guard let first = needed.first else { return .void }
    if needed.allSatisfy({ $0.value == first.value }) { return first.value }
    if type.isBool {
      var cases: [GuardedFormula] = []
      for each in needed {
        cases.append(GuardedFormula(guarding: each.condition, value: try formula(each.value, at: range)))
      }
      // What is void may be anything: then the cases need not cover everything.
      if needed.count == live.count, !isOptional(type) { return truth(builder.cases(cases)) }
      if !isOptional(type) {
        return truth(builder.and(cases.map { builder.implies($0.guarding, $0.value) }))
      }
    }
    if let pointwise = try selectPointwise(live, type: type, path: path, at: range) { return pointwise }
    if let members = try memberwise(needed, type: type, path: path, at: range) { return members }
    return builder.keep(.choice(merged(needed)))
  }

  private func isOptional(_ type: Type) -> Bool {
    if case .optional = type { return true }
    return false
  }

  /// Alternatives with the same value as one.
  func merged(_ alternatives: [Alternative]) -> [Alternative] {
    var places: [Value: Int] = [:]
    var conditions: [[FormulaID]] = []
    var values: [Value] = []
    for each in alternatives {
      if let place = places[each.value] {
        conditions[place].append(each.condition)
      } else {
        places[each.value] = values.count
        values.append(each.value)
        conditions.append([each.condition])
      }
    }
    return zip(values, conditions).map { Alternative(condition: builder.or($1), value: $0) }
  }

  /// Where conditions and values go through at most two decisions, one column or grid.
  private func selectPointwise(
    _ alternatives: [Alternative], type: Type, path: FormulaID, at range: SourceRange
  ) throws(EvaluationError) -> Value? {
    var conditions: [Value] = []
    var values: [Value] = []
    for each in alternatives {
      guard let literal = builder.literal(each.condition),
        let condition = try pointwise(.formula(builder.formula(literal)), path: path, at: range),
        let value = try pointwiseOrNil(each.value, path: path, at: range)
      else { return nil }
      conditions.append(condition)
      values.append(value)
    }
    guard let axes = builder.axes(conditions + values) else { return nil }
    if axes.count == 2, (builder.cost(conditions + values) ?? .max) > ModelBuilder.gridLimit { return nil }
    let select = operation(.select(type), type: type, isLazy: true)
    var result = Value.void
    for (condition, value) in zip(conditions, values).reversed() {
      guard let next = try applyIfPointwise(select, [condition, value, result], path: path, at: range)
      else { return nil }
      result = next
    }
    return result
  }

  /// Columns and grids stay what they are, formulas and sums are no operands here.
  private func pointwiseOrNil(
    _ value: Value, path: FormulaID, at range: SourceRange
  ) throws(EvaluationError) -> Value? {
    guard value.isDecided else { return value }
    switch value.reading {
    case .column: return value
    case .formula(let formula):
      return builder.literal(formula) == nil ? nil : try pointwise(value, path: path, at: range)
    case .stated(let index):
      if case .grid = builder.stated[index] { return value }
      return nil
    }
  }

  /// Tuples, records and lists of one length member by member.
  private func memberwise(
    _ alternatives: [Alternative], type: Type, path: FormulaID, at range: SourceRange
  ) throws(EvaluationError) -> Value? {
    var all: [[Value]] = []
    for each in alternatives {
      guard let members = members(each.value, type) else { return nil }
      all.append(members)
    }
    guard let count = all.first?.count, all.allSatisfy({ $0.count == count }) else { return nil }
    var result: [Value] = []
    for index in 0..<count {
      let memberType = type.wrapped.member(index, in: program)
      let parts = zip(alternatives, all).map { Alternative(condition: $0.condition, value: $1[index]) }
      result.append(try combine(parts, type: memberType, path: path, at: range))
    }
    return composite(result, type.wrapped)
  }

  /// Of a tuple, record or list whose shape is known.
  func members(_ value: Value, _ type: Type) -> [Value]? {
    switch type.wrapped {
    case .tuple, .record, .anonymous, .list: break
    default: return nil
    }
    if value.isVoid || value.isNone { return nil }
    if !value.isDecided { return (0..<world.heap.count(value)).map { world.heap.element(value, $0) } }
    if case .composite(let members, _) = stated(value) { return members }
    return nil
  }

  // MARK: Optionals

  func isNone(_ value: Value, at range: SourceRange) throws(EvaluationError) -> FormulaID {
    if value.isVoid { return .never }
    guard value.isDecided else { return FormulaID(value.isNone) }
    switch value.reading {
    case .column(let decision, let mapping):
      guard let number = builder.classNumber(mapping, of: .none) else { return .never }
      return builder.member(decision, builder.mask(mapping, class: number))
    case .formula: return .never
    case .stated(let index):
      switch builder.stated[index] {
      case .grid:
        let truth = try apply(
          operation(.isNone, type: .bool, isLazy: true), [value], path: .always, at: range)
        return try formula(truth, at: range)
      case .choice(let alternatives):
        var cases: [GuardedFormula] = []
        for each in alternatives {
          cases.append(
            GuardedFormula(guarding: each.condition, value: try isNone(each.value, at: range)))
        }
        return builder.cases(cases)
      case .linear, .composite, .lambda: return .never
      }
    }
  }

  /// The value where it is not none; there, nobody cares for it.
  func unwrapped(_ value: Value, _ e: TypedExpression, _ path: FormulaID) throws(EvaluationError) -> Value {
    if !value.isDecided { return value.isNone ? .void : value }
    switch value.reading {
    case .formula: return value
    case .column(_, let mapping) where builder.classNumber(mapping, of: .none) == nil: return value
    case .column: break
    case .stated(let index):
      switch builder.stated[index] {
      case .linear, .composite, .lambda: return value
      case .grid, .choice: break
      }
    }
    return try applyToAlternatives(value) { (inner) throws(EvaluationError) in
      try self.applyIfPointwise(
        self.operation(.unwrap(e.type.wrapped), type: e.type.wrapped), [inner], path: path, at: e.range)
        ?? inner
    }
  }

  private func applyToAlternatives(
    _ value: Value, _ body: (Value) throws(EvaluationError) -> Value
  ) throws(EvaluationError) -> Value {
    guard case .choice(let alternatives) = stated(value) else { return try body(value) }
    var result: [Alternative] = []
    for each in alternatives {
      if each.value.isNone, !each.value.isDecided, !each.value.isVoid { continue }
      result.append(Alternative(condition: each.condition, value: try body(each.value)))
    }
    if result.isEmpty { return .void }
    if result.count == 1 { return result[0].value }
    return builder.keep(.choice(result))
  }

  func coalesce(
    _ a: TypedExpression, _ b: TypedExpression, _ e: TypedExpression, _ frame: inout [Value],
    _ path: FormulaID
  ) throws(EvaluationError) -> Value {
    let value = try walk(a, &frame, path)
    let lacks = try isNone(value, at: a.range)
    if lacks == .never { return value }
    if lacks == .always { return try walk(b, &frame, path) }
    let fallback = try walk(b, &frame, builder.and(path, lacks))
    if let pointwise = try fallingBack(value, fallback, e, path) { return pointwise }
    return try combine(
      [
        Alternative(condition: builder.negated(lacks), value: try unwrapped(value, a, path)),
        Alternative(condition: lacks, value: fallback),
      ], type: e.type, path: path, at: e.range)
  }

  /// `a ?? b` cell by cell where both go through at most two decisions: it then stays one table, and sums of such
  /// tables stay linear.
  private func fallingBack(
    _ value: Value, _ fallback: Value, _ e: TypedExpression, _ path: FormulaID
  ) throws(EvaluationError) -> Value? {
    guard !fallback.isVoid, let first = try pointwiseOrNil(value, path: path, at: e.range),
      let second = try pointwiseOrNil(fallback, path: path, at: e.range),
      let axes = builder.axes([first, second])
    else { return nil }
    if axes.count == 2, (builder.cost([first, second]) ?? .max) > ModelBuilder.gridLimit { return nil }
    return try applyIfPointwise(
      operation(.fallback(e.type), type: e.type), [first, second], path: path, at: e.range)
  }

  func optionalChain(
    _ base: TypedExpression, _ local: LocalID, _ body: TypedExpression, _ e: TypedExpression,
    _ frame: inout [Value], _ path: FormulaID
  ) throws(EvaluationError) -> Value {
    let value = try walk(base, &frame, path)
    let lacks = try isNone(value, at: base.range)
    if lacks == .always { return .none }
    let has = builder.negated(lacks)
    frame[local.index] = try unwrapped(value, base, path)
    let result = try walk(body, &frame, builder.and(path, has))
    if lacks == .never { return result }
    return try combine(
      [Alternative(condition: has, value: result), Alternative(condition: lacks, value: .none)],
      type: e.type, path: path, at: e.range)
  }
}

extension Type {
  /// Type of a member of a tuple, record or list.
  func member(_ index: Int, in program: TypedProgram) -> Type {
    switch self {
    case .tuple(let types): types[index]
    case .anonymous(let members): members[index].type
    case .record(let id): program[id].fields[index].type
    case .list(let element), .set(let element), .range(let element): element
    case .map(let key, let value): .tuple([key, value])
    case .optional(let wrapped): wrapped.member(index, in: program)
    default: .error
    }
  }
}
