import ConstraintModel
import Diagnostics
import PlacetSemantics
import Quantities

/// The walk over expressions. `path` is the condition under which an expression is evaluated.
extension Stater {
  func walk(
    _ e: TypedExpression, _ frame: inout [Value], _ path: FormulaID
  ) throws(EvaluationError) -> Value {
    switch e.form {
    case .local(let id): return frame[id.index]
    case .bool(let truth): return Value(truth)
    case .int(let number): return Value(number)
    case .quantity(let amount): return number(amount)
    case .none: return .none
    case .some(let inner), .ratio(let inner): return try walk(inner, &frame, path)
    case .field(let base, let index):
      return try readField(try walk(base, &frame, path), index, of: e, path)
    default: break
    }
    let facts = facts(e)
    if isKnown(facts, frame) { return try evaluateKnown(e, &frame, path) }
    switch e.form {
    case .global(let id): return try global(id, e, path)
    case .unwrapped(let inner): return try unwrapped(try walk(inner, &frame, path), e, path)
    case .not(let inner):
      return truth(builder.negated(try formula(inner, &frame, path)))
    case .binary(.and, let a, let b):
      let first = try formula(a, &frame, path)
      if first == .never { return Value(false) }
      return truth(builder.and(first, try formula(b, &frame, builder.and(path, first))))
    case .binary(.or, let a, let b):
      let first = try formula(a, &frame, path)
      if first == .always { return Value(true) }
      let second = try formula(b, &frame, builder.and(path, builder.negated(first)))
      return truth(builder.or(first, second))
    case .binary(.implies, let a, let b):
      let first = try formula(a, &frame, path)
      if first == .never { return Value(true) }
      return truth(builder.implies(first, try formula(b, &frame, builder.and(path, first))))
    case .binary(let operation, let a, let b):
      if operation == .isIn || operation == .isNotIn, case .range(let low, let high, let ends) = b.form {
        return try isInRange(operation, a, low, high, ends, e, &frame, path)
      }
      let x = try walk(a, &frame, path)
      let y = try walk(b, &frame, path)
      return try binary(operation, x, y, e, a.type, b.type, path)
    case .negate(let inner):
      return try multiplied(try walk(inner, &frame, path), by: Rational(-1), e, path)
    case .conditional(let condition, let then, let otherwise):
      let holds = try formula(condition, &frame, path)
      if holds.isConstant { return try walk(holds == .always ? then : otherwise, &frame, path) }
      let fails = builder.negated(holds)
      let a = try walk(then, &frame, builder.and(path, holds))
      let b = try walk(otherwise, &frame, builder.and(path, fails))
      return try combine(
        [Alternative(condition: holds, value: a), Alternative(condition: fails, value: b)],
        type: e.type, path: path, at: e.range)
    case .coalesce(let a, let b): return try coalesce(a, b, e, &frame, path)
    case .optionalChain(let base, let local, let body):
      return try optionalChain(base, local, body, e, &frame, path)
    case .match(let subject, let arms): return try match(subject, arms, e, &frame, path)
    case .tuple, .record, .list:
      var members: [Value] = []
      for operand in e.operands { members.append(try walk(operand, &frame, path)) }
      return composite(members, e.type)
    case .element(let base, let index):
      return try member(try walk(base, &frame, path), index, of: e, path)
    case .index(let base, let index): return try indexed(base, index, e, &frame, path)
    case .listEach(let element, let sources): return try list(element, sources, e, &frame, path)
    case .aggregate(let aggregate, let element, let sources):
      return try self.aggregate(aggregate, element, sources, e, &frame, path)
    case .call(let function, let arguments):
      var values: [Value] = []
      for argument in arguments { values.append(try walk(argument, &frame, path)) }
      return try call(function, values, e, path)
    case .callValue(let function, let arguments):
      return try callValue(function, arguments, e, &frame, path)
    case .native(let native, let arguments):
      var values: [Value] = []
      for argument in arguments { values.append(try walk(argument, &frame, path)) }
      return try self.native(native, values, arguments, e, path)
    case .lambda(let lambda): return builder.keep(.lambda(lambda, frame: frame))
    case .refuse(let reason):
      try refuse(reason, at: e.range, &frame, path)
      return .void
    case .preferences: return try preferenceSum(at: e.range)
    case .planMoves: return try moveCount(at: e.range)
    case .interpolation, .set, .map, .range, .enumCase, .entityNamed:
      var values: [Value] = []
      for operand in e.operands { values.append(try walk(operand, &frame, path)) }
      return try apply(operation(of: e, facts), values, path: path, at: e.range)
    case .setEach, .mapEach:
      throw EvaluationError(.decidedLength("this collection", at: e.range))
    case .always, .possible, .never, .inSolution, .why:
      throw EvaluationError(.notStatable("what a test asks", e.decidedBy, at: e.range))
    case .bool, .int, .quantity, .float, .text, .none, .local, .field, .some, .ratio, .allOf, .rule:
      return try evaluateKnown(e, &frame, path)
    }
  }

  func evaluateKnown(
    _ e: TypedExpression, _ frame: inout [Value], _ path: FormulaID
  ) throws(EvaluationError) -> Value {
    do {
      return builder.canonical(try world.evaluate(e, frame: frame), e.type)
    } catch {
      try refuse(error, where: path)
      return .void
    }
  }

  // MARK: Truth

  func formula(
    _ e: TypedExpression, _ frame: inout [Value], _ path: FormulaID
  ) throws(EvaluationError) -> FormulaID {
    try formula(try walk(e, &frame, path), at: e.range)
  }

  func truth(_ formula: FormulaID) -> Value {
    formula.isConstant ? Value(formula == .always) : .formula(formula)
  }

  /// A bool as a formula; what is void is true, since nobody may care.
  func formula(_ value: Value, at range: SourceRange) throws(EvaluationError) -> FormulaID {
    if value.isVoid { return .always }
    guard value.isDecided else { return FormulaID(value.bool) }
    switch value.reading {
    case .formula(let formula): return formula
    case .column(let decision, let mapping):
      return builder.member(decision, builder.truth(mapping))
    case .stated(let index):
      switch builder.stated[index] {
      case .grid(let a, let b, let grid): return builder.allowed(a, b, grid)
      case .choice(let alternatives):
        var cases: [GuardedFormula] = []
        for each in alternatives {
          cases.append(
            GuardedFormula(guarding: each.condition, value: try formula(each.value, at: range)))
        }
        return builder.cases(cases)
      case .linear, .composite, .lambda:
        throw EvaluationError(.notStatable("this condition", decidedBy([value]), at: range))
      }
    }
  }

  func refuse(
    _ reason: TypedExpression, at range: SourceRange, _ frame: inout [Value], _ path: FormulaID
  ) throws(EvaluationError) {
    if path == .never { return }
    let text = try walk(reason, &frame, path)
    guard text.isDecided else {
      refusals.append(
        Refusal(condition: path, reason: text.isVoid ? "" : world.heap.text(text), range: range))
      return
    }
    // One refusal for each text that it can give.
    switch text.reading {
    case .column(let decision, let mapping):
      let values = builder.mappings[Int(mapping.index)].values
      for (number, value) in values.enumerated() where !value.isVoid {
        let mask = builder.mask(mapping, class: Int32(number))
        let condition = builder.and(path, builder.member(decision, mask))
        if condition == .never { continue }
        refusals.append(
          Refusal(condition: condition, reason: world.heap.text(value), range: range))
      }
    default:
      refusals.append(Refusal(condition: path, reason: sample(text), range: range))
    }
  }

  /// One of the texts that a decided text can be.
  private func sample(_ text: Value) -> String {
    switch stated(text) {
    case .grid(_, _, let grid):
      let cells = builder.grids[Int(grid.index)].cells
      return cells.first { !$0.isVoid }.map { world.heap.text($0) } ?? ""
    case .choice(let alternatives):
      return alternatives.first.map { $0.value.isDecided ? sample($0.value) : world.heap.text($0.value) }
        ?? ""
    default: return ""
    }
  }

  // MARK: Members

  func composite(_ members: [Value], _ type: Type) -> Value {
    if members.contains(where: { $0.isDecided || $0.isVoid }) {
      return builder.keep(.composite(members, type))
    }
    return builder.canonical(world.heap.makeList(members), type)
  }

  func member(
    _ base: Value, _ index: Int, of e: TypedExpression, _ path: FormulaID
  ) throws(EvaluationError) -> Value {
    if base.isVoid { return .void }
    if case .composite(let members, _) = stated(base) { return members[index] }
    return try apply(operation(of: e, facts(e)), [base], path: path, at: e.range)
  }

  func indexed(
    _ base: TypedExpression, _ index: TypedExpression, _ e: TypedExpression, _ frame: inout [Value],
    _ path: FormulaID
  ) throws(EvaluationError) -> Value {
    let list = try walk(base, &frame, path)
    let place = try walk(index, &frame, path)
    if case .composite(let members, _) = stated(list), case .list = base.type.wrapped, !place.isDecided {
      if place.isVoid { return .void }
      if members.indices.contains(place.bits) { return members[place.bits] }
      refusals.append(
        Refusal(
          condition: path, reason: "index \(place.bits) is outside of a list of \(members.count)",
          range: e.range))
      return .void
    }
    return try apply(operation(of: e, facts(e)), [list, place], path: path, at: e.range)
  }
}
