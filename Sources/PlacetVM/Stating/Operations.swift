import ConstraintModel
import Diagnostics
import PlacetSemantics
import Quantities

/// What an operation does, so that the same of two expressions is one and is tabulated once.
enum OperationKey: Hashable {
  case field(Type, Int)
  case element(Type, Int)
  case negate(Type)
  case binary(Operator, Type, Type, Type)
  case native(Native, [Type], Type)
  case call(FunctionID)
  case index(Type, Type)
  /// Any other form, by its expression.
  case node(ObjectIdentifier)
  // What has no expression.
  case select(Type)
  case unwrap(Type)
  /// The first operand unless it is none, else the second.
  case fallback(Type)
  case isNone
  case payload(EnumID, Int, Int)
  case isCase(EnumID, Int)
  /// A list, tuple or record of the operands.
  case make(Type)
  case multiple(Rational)
  case sum
  /// Place among the values of a type: entities in order of making, cases of declaration, none first.
  case rank
}

struct Operation {
  var key: OperationKey
  /// The operation over locals, for the machine.
  var template: TypedExpression?
  var resultType: Type
  /// What may be void: the operation looks for itself.
  var isLazy = false
}

/// Operations on decided values that go through one or two decisions.
extension Stater {
  func operation(of expression: TypedExpression, _ facts: ExpressionFacts) -> Int32 {
    if let known = facts.operation { return known }
    let operands = expression.operands
    let key: OperationKey =
      switch expression.form {
      case .field(let base, let index): .field(base.type, index)
      case .element(let base, let index): .element(base.type, index)
      case .negate(let a): .negate(a.type)
      case .binary(let operation, let a, let b): .binary(operation, a.type, b.type, expression.type)
      case .native(let native, _): .native(native, operands.map(\.type), expression.type)
      case .call(let function, _): .call(function)
      case .index(let a, let b): .index(a.type, b.type)
      default: .node(ObjectIdentifier(expression))
      }
    let number = operation(key, type: expression.type) { expression.overLocals() }
    facts.operation = number
    return number
  }

  func operation(
    _ key: OperationKey, type: Type, isLazy: Bool = false, template: () -> TypedExpression? = { nil }
  ) -> Int32 {
    if let known = operationNumbers[key] { return known }
    let number = Int32(operations.count)
    operations.append(Operation(key: key, template: template(), resultType: type, isLazy: isLazy))
    operationNumbers[key] = number
    return number
  }

  /// On known values.
  private func evaluate(_ operation: Operation, _ arguments: inout [Value]) throws(EvaluationError) -> Value {
    switch operation.key {
    case .field(.entity, let index):
      return try world.read(arguments[0].entity, field: index)
    case .call(let function): return try world.call(function, arguments)
    case .select:
      if arguments[0].isVoid { return .void }
      return arguments[0].bool ? arguments[1] : arguments[2]
    case .unwrap: return arguments[0].isNone ? .void : arguments[0]
    case .fallback: return arguments[0].isNone ? arguments[1] : arguments[0]
    case .isNone: return arguments[0].isVoid ? Value(false) : Value(arguments[0].isNone)
    case .payload(let id, let number, let member):
      return arguments[0].isNone || world.heap.caseIndex(arguments[0], of: id) != number
        ? .void : world.heap.payload(arguments[0], member)
    case .isCase(let id, let number):
      return Value(!arguments[0].isNone && world.heap.caseIndex(arguments[0], of: id) == number)
    case .rank: return Value(arguments[0].isNone ? -1 : arguments[0].bits)
    case .make(.set(let element)): return world.heap.makeSet(arguments, of: element)
    case .make: return world.heap.makeList(arguments)
    case .multiple(let factor):
      guard let product = exactNumber(arguments[0]).multiplied(by: factor) else {
        throw EvaluationError(.tooLarge(at: here))
      }
      return Value(bits: product.numerator, aux: product.denominator)
    case .sum:
      guard let sum = exactNumber(arguments[0]).adding(exactNumber(arguments[1])) else {
        throw EvaluationError(.tooLarge(at: here))
      }
      return Value(bits: sum.numerator, aux: sum.denominator)
    default:
      guard let template = operation.template else {
        preconditionFailure("an operation without expression has a rule of its own")
      }
      return try world.evaluate(template, frame: arguments)
    }
  }

  /// Applies an operation to values of which some may be decided; every operand is evaluated.
  func apply(
    _ number: Int32, _ operands: [Value], path: FormulaID, at range: SourceRange, costLimit: Int? = nil
  ) throws(EvaluationError) -> Value {
    guard let result = try applyIfPointwise(number, operands, path: path, at: range, costLimit: costLimit)
    else { throw EvaluationError(tooManyDecisions(operands, at: range)) }
    return result
  }

  /// nil where the operands are no columns and grids over at most two decisions.
  func applyIfPointwise(
    _ number: Int32, _ operands: [Value], path: FormulaID, at range: SourceRange, costLimit: Int? = nil
  ) throws(EvaluationError) -> Value? {
    let operation = operations[Int(number)]
    if !operation.isLazy, operands.contains(where: \.isVoid) { return .void }
    if !operands.contains(where: \.isDecided) {
      var arguments = operands
      do {
        return builder.canonical(try evaluate(operation, &arguments), operation.resultType)
      } catch {
        try refuse(error, where: path)
        return .void
      }
    }
    if let distributed = try distribute(number, operands, path: path, at: range, costLimit: costLimit) {
      return distributed
    }
    var flat: [Value] = []
    flat.reserveCapacity(operands.count)
    for operand in operands {
      guard let pointwise = try pointwise(operand, path: path, at: range) else { return nil }
      flat.append(pointwise)
    }
    guard let axes = builder.axes(flat), !axes.isEmpty else {
      return flat.contains(where: \.isDecided)
        ? nil : try applyIfPointwise(number, flat, path: path, at: range)
    }
    if axes.count == 2, let cost = builder.cost(flat), cost > costLimit ?? ModelBuilder.gridLimit * 16 {
      return nil
    }
    let outer = here
    here = range
    defer { here = outer }
    let result = try builder.apply(number, flat, axes: axes, isLazy: operation.isLazy) {
      (arguments: inout [Value]) throws(EvaluationError) -> Value in
      try tick(at: range)
      return builder.canonical(try evaluate(operation, &arguments), operation.resultType)
    }
    switch result {
    case .known(let value, _): return value
    case .mapping(let mapping, let refusals):
      for (mask, refused) in refusals {
        try refuse(refused.error, where: builder.and(path, builder.member(axes[0], mask)))
      }
      return .column(axes[0], mapping)
    case .grid(let grid, let refusals):
      for (cells, refused) in refusals {
        try refuse(
          refused.error, where: builder.and(path, builder.allowed(axes[0], axes[1], cells)))
      }
      return builder.keep(.grid(axes[0], axes[1], grid))
    }
  }

  /// Over each alternative of the first operand that is a choice.
  private func distribute(
    _ number: Int32, _ operands: [Value], path: FormulaID, at range: SourceRange, costLimit: Int?
  ) throws(EvaluationError) -> Value? {
    for (index, operand) in operands.enumerated() {
      guard case .choice(let alternatives) = stated(operand) else { continue }
      var results: [Alternative] = []
      for alternative in alternatives {
        var arguments = operands
        arguments[index] = alternative.value
        let inside = builder.and(path, alternative.condition)
        guard
          let result = try applyIfPointwise(
            number, arguments, path: inside, at: range, costLimit: costLimit)
        else { return nil }
        results.append(Alternative(condition: alternative.condition, value: result))
      }
      return try combine(results, type: operations[Int(number)].resultType, path: path, at: range)
    }
    return nil
  }

  /// As a known value, column or grid, if it can be one.
  func pointwise(
    _ value: Value, path: FormulaID, at range: SourceRange
  ) throws(EvaluationError) -> Value? {
    guard value.isDecided else { return value }
    switch value.reading {
    case .column: return value
    case .formula(let formula):
      if formula.isConstant { return Value(formula == .always) }
      let literal = builder.equalling(formula)
      let column = Value.column(
        literal.decision,
        builder.indicator(literal.mask, domain: builder.domain(of: literal.decision)))
      if !literal.isNegated { return column }
      return .column(
        literal.decision,
        builder.indicator(
          builder.model.mask(builder.model[literal.mask].complement),
          domain: builder.domain(of: literal.decision)))
    case .stated(let index):
      switch builder.stated[index] {
      case .grid: return value
      case .linear(let linear): return try pointwise(linear, path: path, at: range)
      case .composite(let members, let type):
        return try applyIfPointwise(operation(.make(type), type: type), members, path: path, at: range)
      case .choice, .lambda: return nil
      }
    }
  }

  /// A sum over at most two decisions as one column or grid.
  private func pointwise(
    _ linear: Linear, path: FormulaID, at range: SourceRange
  ) throws(EvaluationError) -> Value? {
    guard linear.parts.count <= 64 else { return nil }
    var total = number(linear.constant)
    let sum = operation(.sum, type: .ratio)
    for part in linear.parts {
      let base: Value
      switch part.base {
      case .column(let decision, let mapping): base = .column(decision, mapping)
      case .grid(let a, let b, let grid): base = builder.keep(.grid(a, b, grid))
      case .literal(let literal):
        guard let column = try pointwise(.formula(builder.formula(literal)), path: path, at: range)
        else { return nil }
        base = column
      case .load, .ramp: return nil
      }
      guard
        let term = try applyIfPointwise(
          operation(.multiple(part.coefficient), type: .ratio), [base], path: path, at: range),
        let next = try applyIfPointwise(sum, [total, term], path: path, at: range)
      else { return nil }
      total = next
    }
    return total
  }

  func stated(_ value: Value) -> Stated? {
    guard value.isDecided, case .stated(let index) = value.reading else { return nil }
    return builder.stated[index]
  }

  func exactNumber(_ value: Value) -> Rational { Rational(reduced: value.bits, over: value.aux) }
  func number(_ rational: Rational) -> Value { Value(bits: rational.numerator, aux: rational.denominator) }

  // MARK: Names, for messages

  func names(_ decisions: [Decision]) -> [String] {
    decisions.map { $0 == .scratch ? "the candidate" : builder.model[$0].name }
  }

  func decisions(in value: Value) -> [Decision] {
    guard value.isDecided else { return [] }
    switch value.reading {
    case .column(let decision, _): return [decision]
    case .formula(let formula): return builder.decisions(of: formula)
    case .stated(let index):
      switch builder.stated[index] {
      case .grid(let a, let b, _): return [a, b]
      case .linear(let linear): return builder.decisions(of: linear)
      case .composite(let members, _): return members.flatMap { decisions(in: $0) }
      case .choice(let alternatives):
        return alternatives.prefix(3).flatMap {
          builder.decisions(of: $0.condition) + decisions(in: $0.value)
        }
      case .lambda: return []
      }
    }
  }

  /// Names of the author's decisions in a value, each once, a few.
  func decidedBy(_ values: [Value]) -> [String] {
    var result: [String] = []
    for decision in values.flatMap({ decisions(in: $0) }) {
      let name = names([decision])[0]
      if !name.hasPrefix("_"), !result.contains(name), result.count < 4 { result.append(name) }
    }
    return result
  }

  func tooManyDecisions(_ operands: [Value], at range: SourceRange) -> Diagnostic {
    let names = decidedBy(operands)
    return names.count > 2
      ? .tooManyDecisions(names, at: range) : .notStatable("this", names, at: range)
  }
}

extension ModelBuilder {
  /// Some decisions of a formula.
  func decisions(of formula: FormulaID) -> [Decision] {
    switch node(formula) {
    case .constant: []
    case .literal(let literal): [literal.decision]
    case .and(let parts), .or(let parts): parts.prefix(3).flatMap { decisions(of: $0) }
    case .cases(let parts):
      parts.prefix(3).flatMap { decisions(of: $0.guarding) + decisions(of: $0.value) }
    case .linear(let terms, _, _): terms.prefix(3).flatMap { decisions(of: $0.term) }
    case .equal(let a, let b), .different(let a, let b), .allowed(_, let a, let b):
      [a.decision, b.decision]
    case .allDifferent(let views), .rows(let views, _): views.prefix(3).map(\.decision)
    }
  }

  private func decisions(of term: Term) -> [Decision] {
    switch term {
    case .view(let view): [view.decision]
    case .literal(let literal): [literal.decision]
    case .table(_, let a, let b): [a.decision, b.decision]
    case .load(let load, _): model[load].items.prefix(3).map(\.view.decision)
    case .ramp(let sum): decisions(of: sum)
    }
  }
}
