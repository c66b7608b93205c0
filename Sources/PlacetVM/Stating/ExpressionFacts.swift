import PlacetSemantics

/// What the stater knows of an expression before it walks it.
final class ExpressionFacts {
  /// Keeps the object that this is known by.
  let expression: TypedExpression
  /// Whether evaluation reads a decision whatever the locals are.
  let readsDecisions: Bool
  /// Slots that it reads and does not bind.
  let freeLocals: [Int]
  /// Number of the operation at the top of the expression, once asked for.
  var operation: Int32?
  var loadPlan: LoadPlan??

  init(expression: TypedExpression, readsDecisions: Bool, freeLocals: [Int]) {
    self.expression = expression
    self.readsDecisions = readsDecisions
    self.freeLocals = freeLocals
  }

  init(copying other: ExpressionFacts) {
    expression = other.expression
    readsDecisions = other.readsDecisions
    freeLocals = other.freeLocals
    operation = other.operation
    loadPlan = other.loadPlan
  }
}

/// Collects what an expression reads.
struct ExpressionReader {
  let program: TypedProgram
  var readsDecisions = false
  var used: Set<Int> = []
  var bound: Set<Int> = []

  init(program: TypedProgram) { self.program = program }

  var freeLocals: [Int] { used.subtracting(bound).sorted() }

  mutating func read(_ expression: TypedExpression) {
    switch expression.form {
    case .bool, .int, .quantity, .float, .text, .none, .allOf, .rule: break
    case .local(let id): used.insert(id.index)
    case .global(let id): if program[id].readsDecisions { readsDecisions = true }
    case .field(let base, let index):
      read(base)
      if case .entity(let kind) = base.type.wrapped, program[kind].fields[index].isDecided {
        readsDecisions = true
      }
    case .lambda(let lambda):
      for parameter in lambda.parameters { bound.insert(parameter.index) }
      read(lambda.body)
    case .optionalChain(let base, let local, let body):
      bound.insert(local.index)
      read(base)
      read(body)
    case .match(let subject, let arms):
      read(subject)
      for arm in arms {
        arm.patterns.forEach { read($0) }
        read(arm.value)
      }
    case .listEach(let element, let sources), .setEach(let element, let sources),
      .aggregate(_, let element, let sources):
      read(sources)
      read(element)
    case .mapEach(let key, let value, let sources):
      read(sources)
      read(key)
      read(value)
    case .call(let function, let arguments):
      if program[function].readsDecisions { readsDecisions = true }
      arguments.forEach { read($0) }
    case .preferences, .planMoves, .always, .possible, .never, .inSolution, .why:
      readsDecisions = true
    default: for operand in expression.operands { read(operand) }
    }
  }

  mutating func read(_ sources: [TypedSource]) {
    for source in sources {
      if case .elements(let list) = source.form { read(list) }
      bind(source.target)
      if let condition = source.condition { read(condition) }
    }
  }

  mutating func bind(_ target: BindTarget) {
    switch target {
    case .local(let id): bound.insert(id.index)
    case .ignore: break
    case .tuple(let parts): parts.forEach { bind($0) }
    }
  }

  mutating func read(_ pattern: TypedPattern) {
    switch pattern {
    case .anything, .none: break
    case .enumCase(_, _, let targets): targets.forEach { bind($0) }
    case .value(let value): read(value)
    case .values(let low, let high, _):
      read(low)
      read(high)
    case .tuple(let parts): parts.forEach { read($0) }
    }
  }
}

extension Type {
  /// T of T?.
  var wrapped: Type {
    if case .optional(let wrapped) = self { return wrapped }
    return self
  }

  /// int or quantity, or an optional one.
  var isExactNumber: Bool {
    switch wrapped {
    case .int, .quantity: true
    default: false
    }
  }

  var isBool: Bool { wrapped == .bool }
}

extension TypedExpression {
  /// Direct operands of a form that evaluates all of them, once each.
  var operands: [TypedExpression] {
    switch form {
    case .field(let a, _), .element(let a, _), .some(let a), .ratio(let a), .unwrapped(let a), .not(let a),
      .negate(let a), .refuse(let a):
      [a]
    case .entityNamed(_, let name, let parent): [name] + (parent.map { [$0] } ?? [])
    case .binary(_, let a, let b), .coalesce(let a, let b), .range(let a, let b, _), .index(let a, let b):
      [a, b]
    case .conditional(let a, let b, let c): [a, b, c]
    case .interpolation(let all), .list(let all), .set(let all), .tuple(let all), .record(let all),
      .enumCase(_, _, let all), .call(_, let all), .native(_, let all):
      all
    case .map(let pairs): pairs.flatMap { [$0.key, $0.value] }
    case .callValue(let function, let arguments): [function] + arguments
    case .bool, .int, .quantity, .float, .text, .none, .local, .global, .allOf, .rule, .optionalChain, .match,
      .lambda, .listEach, .setEach, .mapEach, .aggregate, .preferences, .always, .possible, .never,
      .inSolution, .why, .planMoves:
      []
    }
  }

  /// The same operation over locals 0, 1, … in place of its operands.
  func overLocals() -> TypedExpression {
    let locals = operands.enumerated().map { index, operand in
      TypedExpression(.local(LocalID(index)), type: operand.type, range: operand.range)
    }
    func make(_ form: Form) -> TypedExpression { TypedExpression(form, type: type, range: range) }
    switch form {
    case .field(_, let index): return make(.field(locals[0], index))
    case .element(_, let index): return make(.element(locals[0], index))
    case .some: return make(.some(locals[0]))
    case .ratio: return make(.ratio(locals[0]))
    case .unwrapped: return make(.unwrapped(locals[0]))
    case .not: return make(.not(locals[0]))
    case .negate: return make(.negate(locals[0]))
    case .entityNamed(let kind, _, let parent):
      return make(.entityNamed(kind, locals[0], parent: parent == nil ? nil : locals[1]))
    case .binary(let operation, _, _): return make(.binary(operation, locals[0], locals[1]))
    case .range(_, _, let includesEnd): return make(.range(locals[0], locals[1], includesEnd: includesEnd))
    case .index: return make(.index(locals[0], locals[1]))
    case .interpolation: return make(.interpolation(locals))
    case .list: return make(.list(locals))
    case .set: return make(.set(locals))
    case .tuple: return make(.tuple(locals))
    case .record: return make(.record(locals))
    case .enumCase(let id, let number, _): return make(.enumCase(id, number, locals))
    case .call(let function, _): return make(.call(function, locals))
    case .native(let native, _): return make(.native(native, locals))
    case .map:
      return make(
        .map(stride(from: 0, to: locals.count, by: 2).map { (key: locals[$0], value: locals[$0 + 1]) }))
    case .callValue: return make(.callValue(locals[0], Array(locals.dropFirst())))
    default: return self
    }
  }
}
