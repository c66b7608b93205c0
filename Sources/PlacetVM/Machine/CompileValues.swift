import Diagnostics
import PlacetSemantics
import Quantities

/// Expressions into registers.
///
/// INVARIANT: the target is a fresh register or a slot that is being bound, so no operand lies in it.
extension Compiler {
  func value(_ expression: TypedExpression, into target: Register) {
    let outer = range
    range = expression.range
    defer { range = outer }
    switch expression.form {
    case .bool(let value): emit(.loadInt, a: target, e: value ? 1 : 0)
    case .int(let value): load(value, into: target)
    case .quantity(let value): emit(.loadConstant, a: target, e: constant(Value(value)))
    case .float(let value): emit(.loadConstant, a: target, e: constant(Value(value)))
    case .text(let value): emit(.loadConstant, a: target, e: constant(world.constantText(value)))
    case .none: emit(.loadConstant, a: target, e: constant(.none))
    case .rule(let id): load(id.index, into: target)
    case .local(let id): move(register(of: id), to: target)
    case .some(let inner), .ratio(let inner), .unwrapped(let inner): value(inner, into: target)
    case .global(let id): emit(.global, a: target, e: id.index)
    case .field(let owner, let field): loadField(field, of: owner, into: target)
    case .element(let owner, let index):
      scoped { emit(.slot, a: target, b: operand(owner), e: index) }
    case .entityNamed(let kind, let name, let parent): loadEntity(kind, name, parent, into: target)
    case .allOf(let kind): emit(.allOf, a: target, e: kind.index)
    case .not(let inner):
      scoped { emit(.not, a: target, b: operand(inner)) }
    case .negate(let inner):
      let op: Opcode =
        switch Numeric(expression.type) {
        case .int: .negateInt
        case .float: .negateFloat
        default: .negateQuantity
        }
      scoped { emit(op, a: target, b: operand(inner)) }
    case .binary(let op, let a, let b): binary(op, a, b, type: expression.type, into: target)
    case .coalesce(let first, let second):
      let done = makeLabel()
      if case .index(let map, let key) = first.form, case .map(let type, let held) = map.type,
        !held.isOptional
      {
        // A value that is there is no none.
        range = first.range
        scoped {
          let shape = world.heap.shape(type)
          let isPlain = world.heap.form(shape) <= Shape.Form.quantity.rawValue
          var flags = isPlain ? 1 : 0
          let held: Int
          if case .global(let id) = map.form, id.index <= Int(UInt16.max) {
            held = id.index
            flags |= 2
          } else {
            held = operand(map)
          }
          emit(.lookUp, x: flags, a: target, b: held, c: operand(key), e: Int(shape), to: done)
        }
      } else {
        value(first, into: target)
        emit(.jumpUnlessNone, a: target, to: done)
      }
      value(second, into: target)
      place(done)
    case .optionalChain(let base, let local, let rest):
      let done = makeLabel()
      let held = register(of: local)
      value(base, into: held)
      emit(.loadConstant, a: target, e: constant(.none))
      emit(.jumpIfNone, a: held, to: done)
      value(rest, into: target)
      place(done)
    case .conditional(let condition, let then, let otherwise):
      let (other, done) = (makeLabel(), makeLabel())
      branch(condition, when: false, to: other)
      range = then.range
      countCoverage()
      value(then, into: target)
      emit(.jump, to: done)
      place(other)
      range = otherwise.range
      countCoverage()
      value(otherwise, into: target)
      place(done)
    case .match(let subject, let arms): match(subject, arms, into: target)
    case .interpolation(let parts): interpolate(parts, into: target)
    case .list(let elements) where elements.count > 64:
      // A long list needs no register for each element.
      build(expression.type, into: target) { builder in
        for element in elements { scoped { emit(.builderAppend, a: builder, b: operand(element)) } }
      }
    case .list(let elements), .tuple(let elements), .record(let elements):
      scoped {
        let first = inRow(elements)
        emit(.makeProduct, a: target, b: first, c: elements.count)
      }
    case .set(let elements):
      build(expression.type, into: target) { builder in
        for element in elements { scoped { emit(.builderAppend, a: builder, b: operand(element)) } }
      }
    case .map(let pairs):
      build(expression.type, into: target) { builder in
        for pair in pairs {
          scoped { emit(.builderAppend, a: builder, b: operand(pair.key)) }
          scoped { emit(.builderAppend, a: builder, b: operand(pair.value)) }
        }
      }
    case .range(let low, let high, let includesEnd):
      scoped {
        let (a, b) = (operand(low), operand(high))
        emit(.makeRange, x: includesEnd ? 1 : 0, a: target, b: a, c: b)
      }
    case .enumCase(let id, let number, let payload): enumCase(id, number, payload, into: target)
    case .lambda(let lambda): function(expression, lambda, into: target)
    case .listEach(let element, let sources):
      build(expression.type, into: target) { builder in
        each(sources[...]) { scoped { emit(.builderAppend, a: builder, b: operand(element)) } }
      }
    case .setEach(let element, let sources):
      build(expression.type, into: target) { builder in
        each(sources[...]) { scoped { emit(.builderAppend, a: builder, b: operand(element)) } }
      }
    case .mapEach(let key, let mapped, let sources):
      build(expression.type, into: target) { builder in
        each(sources[...]) {
          scoped { emit(.builderAppend, a: builder, b: operand(key)) }
          scoped { emit(.builderAppend, a: builder, b: operand(mapped)) }
        }
      }
    case .aggregate(let aggregate, let element, let sources):
      self.aggregate(aggregate, element, sources, type: expression.type, into: target)
    case .call(let id, let arguments):
      scoped {
        let first = inRow(arguments)
        let chunk = world.chunk(of: id)
        emit(.call, a: target, b: first, e: chunk)
      }
    case .callValue(let callee, let arguments):
      scoped {
        let function = operand(callee)
        let first = inRow(arguments)
        emit(.callValue, x: arguments.count, a: target, b: first, c: function)
      }
    case .native(let native, let arguments): self.native(native, arguments, expression, into: target)
    case .index(let collection, let index):
      scoped {
        let (a, b) = (operand(collection), operand(index))
        if case .map(let key, _) = collection.type {
          emit(.indexMap, a: target, b: a, c: b, e: Int(world.heap.shape(key)))
        } else {
          emit(.indexList, a: target, b: a, c: b)
        }
      }
    case .refuse(let reason):
      scoped { emit(.refuse, a: operand(reason)) }
    case .preferences, .always, .possible, .never, .inSolution, .why, .planMoves:
      let slots = expression.locals().read.subtracting(expression.locals().bound)
      questions.append(Chunk.Question(expression: expression, locals: slotRegisters(slots)))
      emit(.ask, a: target, e: questions.count - 1)
    }
  }

  func load(_ value: Int, into target: Register) {
    if Int32(exactly: value) != nil {
      emit(.loadInt, a: target, e: value)
    } else {
      emit(.loadConstant, a: target, e: constant(Value(value)))
    }
  }

  func move(_ source: Register, to target: Register) {
    if source != target { emit(.move, a: target, b: source) }
  }

  /// Values in consecutive registers, for calls and objects.
  func inRow(_ expressions: [TypedExpression]) -> Register {
    let first = temporaries(expressions.count)
    for (offset, each) in expressions.enumerated() { scoped { value(each, into: first + offset) } }
    return first
  }

  private func loadField(_ field: Int, of owner: TypedExpression, into target: Register) {
    scoped {
      let held = operand(owner)
      if case .entity(let kind) = owner.type.unwrapped {
        emit(.entityField, a: target, b: held, e: world.store.firstColumn[kind.index] + field)
      } else {
        emit(.slot, a: target, b: held, e: field)
      }
    }
  }

  private func loadEntity(
    _ kind: KindID, _ name: TypedExpression, _ parent: TypedExpression?, into target: Register
  ) {
    if world.isClosed, parent == nil, case .text(let text) = name.form,
      let entity = world.find(kind, text)
    {
      emit(.loadConstant, a: target, e: constant(Value(entity)))
      return
    }
    scoped {
      let held = operand(name)
      let above = parent.map { operand($0) }
      emit(.entityNamed, x: above == nil ? 0 : 1, a: target, b: held, c: above ?? 0, e: kind.index)
    }
  }

  private func interpolate(_ parts: [TypedExpression], into target: Register) {
    scoped {
      let first = temporaries(parts.count)
      var numbers = 0
      for (offset, part) in parts.enumerated() {
        scoped {
          if case .int = part.type, offset < 31 {
            numbers |= 1 << offset
            value(part, into: first + offset)
          } else if case .text = part.type {
            value(part, into: first + offset)
          } else {
            emit(.toText, a: first + offset, b: operand(part), e: type(part.type))
          }
        }
      }
      emit(.concatenate, a: target, b: first, c: parts.count, e: numbers)
    }
  }

  private func enumCase(_ id: EnumID, _ number: Int, _ payload: [TypedExpression], into target: Register) {
    if payload.isEmpty {
      emit(.loadConstant, a: target, e: constant(world.constantCase(id, number)))
      return
    }
    scoped {
      let first = temporaries(payload.count + 1)
      load(number, into: first)
      for (offset, each) in payload.enumerated() { scoped { value(each, into: first + 1 + offset) } }
      emit(.makeProduct, a: target, b: first, c: payload.count + 1)
    }
  }

  private func function(
    _ expression: TypedExpression, _ lambda: TypedExpression.Lambda, into target: Register
  ) {
    let locals = lambda.body.locals()
    let captured = locals.read.subtracting(locals.bound)
      .subtracting(lambda.parameters.map(\.index)).sorted()
    let chunk = world.add(
      Compiler.lambda(expression, lambda, captured: captured, in: world))
    scoped {
      let first = temporaries(captured.count)
      for (offset, slot) in captured.enumerated() {
        emit(.move, a: first + offset, b: register(of: LocalID(slot)))
      }
      emit(.makeFunction, a: target, b: first, c: captured.count, e: chunk)
    }
  }

  // MARK: Operators

  private func binary(
    _ op: Operator, _ a: TypedExpression, _ b: TypedExpression, type: Type, into target: Register
  ) {
    switch op {
    case .and, .or, .implies: truth(target) { branch(op, a, b, when: false, to: $0) }
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      compare(op, a, b, into: target)
    case .equal, .notEqual:
      scoped {
        let (x, y) = (operand(a), operand(b))
        if world.isScalar(a.type), world.isScalar(b.type) || b.type == .nothing {
          emit(.same, a: target, b: x, c: y)
        } else if b.type == .nothing {
          emit(.isNone, a: target, b: x)
        } else if a.type == .nothing {
          emit(.isNone, a: target, b: y)
        } else {
          emit(.equal, a: target, b: x, c: y, e: Int(world.heap.shape(a.type)))
        }
      }
      if op == .notEqual { emit(.not, a: target, b: target) }
    case .isIn, .isNotIn:
      membership(a, b, into: target)
      if op == .isNotIn { emit(.not, a: target, b: target) }
    case .add, .subtract, .multiply, .divide, .floorDivide, .modulo:
      arithmetic(op, a, b, type: type, into: target)
    }
  }

  /// A condition as a value: `code` jumps to the label where it is false.
  func truth(_ target: Register, _ code: (Label) -> Void) {
    let (no, done) = (makeLabel(), makeLabel())
    code(no)
    emit(.loadInt, a: target, e: 1)
    emit(.jump, to: done)
    place(no)
    emit(.loadInt, a: target, e: 0)
    place(done)
  }

  private func arithmetic(
    _ op: Operator, _ a: TypedExpression, _ b: TypedExpression, type: Type, into target: Register
  ) {
    scoped {
      if case .int = type, a.type == .int {
        if op == .add || op == .subtract, case .int(let k) = b.form, k != .min,
          Int32(exactly: op == .add ? k : -k) != nil
        {
          emit(.addIntConstant, a: target, b: operand(a), e: op == .add ? k : -k)
          return
        }
        if op == .add, case .int(let k) = a.form, Int32(exactly: k) != nil {
          emit(.addIntConstant, a: target, b: operand(b), e: k)
          return
        }
        if op == .modulo, case .int(let k) = b.form, k > 0, Int32(exactly: k) != nil {
          emit(.moduloIntConstant, a: target, b: operand(a), e: k)
          return
        }
        if op == .multiply, case .int(let k) = b.form, Int32(exactly: k) != nil {
          emit(.multiplyIntConstant, a: target, b: operand(a), e: k)
          return
        }
      }
      let (x, y) = (operand(a), operand(b))
      emit(opcode(op, Numeric(a.type), Numeric(b.type)), a: target, b: x, c: y)
    }
  }

  private func opcode(_ op: Operator, _ left: Numeric, _ right: Numeric) -> Opcode {
    if left == .float || right == .float {
      switch op {
      case .add: return .addFloat
      case .subtract: return .subtractFloat
      case .multiply: return .multiplyFloat
      default: return .divideFloat
      }
    }
    let isInt = left == .int && right == .int
    switch op {
    case .add: return isInt ? .addInt : .addQuantity
    case .subtract: return isInt ? .subtractInt : .subtractQuantity
    case .multiply: return isInt ? .multiplyInt : .multiplyQuantity
    case .floorDivide: return isInt ? .floorDivideInt : .floorDivideQuantity
    case .modulo: return isInt ? .moduloInt : .moduloQuantity
    default: return .divideQuantity
    }
  }

  private func compare(_ op: Operator, _ a: TypedExpression, _ b: TypedExpression, into target: Register) {
    scoped {
      var (x, y) = (operand(a), operand(b))
      if op == .greater || op == .greaterOrEqual { swap(&x, &y) }
      let isStrict = op == .less || op == .greater
      let opcode: Opcode =
        switch Numeric(a.type) {
        case .int: isStrict ? .lessInt : .lessOrEqualInt
        case .quantity: isStrict ? .lessQuantity : .lessOrEqualQuantity
        case .float: isStrict ? .lessFloat : .lessOrEqualFloat
        case .text: isStrict ? .lessText : .lessOrEqualText
        }
      emit(opcode, a: target, b: x, c: y)
    }
  }

  private func membership(_ a: TypedExpression, _ b: TypedExpression, into target: Register) {
    scoped {
      let (x, y) = (operand(a), operand(b))
      switch b.type.unwrapped {
      case .list(let element): emit(.inList, a: target, b: x, c: y, e: Int(world.heap.shape(element)))
      case .set(let element): emit(.inSet, a: target, b: x, c: y, e: Int(world.heap.shape(element)))
      case .map(let key, _): emit(.inMap, a: target, b: x, c: y, e: Int(world.heap.shape(key)))
      default: emit(.inRange, x: Numeric(a.type) == .int ? 0 : 1, a: target, b: x, c: y)
      }
    }
  }
}

/// Which instructions work on a type.
enum Numeric: Int {
  case int, quantity, float, text
  init(_ type: Type) {
    switch type.unwrapped {
    case .quantity: self = .quantity
    case .float: self = .float
    case .text: self = .text
    default: self = .int
    }
  }
}

extension Type {
  var unwrapped: Type {
    if case .optional(let wrapped) = self { wrapped } else { self }
  }
}
