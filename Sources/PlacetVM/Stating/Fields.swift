import ConstraintModel
import Diagnostics
import PlacetSemantics
import Quantities

/// Fields of entities and records, globals and calls, where a decision is behind them.
extension Stater {
  func readField(
    _ base: Value, _ index: Int, of e: TypedExpression, _ path: FormulaID
  ) throws(EvaluationError) -> Value {
    if base.isVoid { return .void }
    guard case .field(let baseExpression, _) = e.form else { preconditionFailure("a field is read") }
    guard case .entity(let kind) = baseExpression.type.wrapped else {
      if case .composite(let members, _) = stated(base) { return members[index] }
      if !base.isDecided { return builder.canonical(world.heap.element(base, index), e.type) }
      return try apply(operation(of: e, facts(e)), [base], path: path, at: e.range)
    }
    let isDecided = program[kind].fields[index].isDecided
    if !base.isDecided {
      if isDecided {
        return recall(try decidedField(base.entity, index, at: e.range), path: path)
      }
      do {
        return builder.canonical(try world.read(base.entity, field: index), e.type)
      } catch {
        try refuse(error, where: path)
        return .void
      }
    }
    if !isDecided { return try apply(operation(of: e, facts(e)), [base], path: path, at: e.range) }
    return try throughDecision(base, e, path) { (entity, inside) throws(EvaluationError) in
      self.recall(try self.decidedField(entity.entity, index, at: e.range), path: inside)
    }
  }

  /// A decided field of a decided entity: one value for each entity that it can be.
  private func throughDecision(
    _ base: Value, _ e: TypedExpression, _ path: FormulaID,
    _ read: (Value, FormulaID) throws(EvaluationError) -> Value
  ) throws(EvaluationError) -> Value {
    var alternatives: [Alternative] = []
    switch base.reading {
    case .column(let decision, let mapping):
      let values = builder.mappings[Int(mapping.index)].values
      for (number, entity) in values.enumerated() where !entity.isVoid && !entity.isNone {
        let mask = builder.mask(mapping, class: Int32(number))
        let condition = builder.member(decision, mask)
        let inside = builder.and(path, condition)
        let value = inside == .never ? .void : try read(entity, inside)
        alternatives.append(Alternative(condition: condition, value: value))
      }
      let rest = builder.mask(mapping) { $0.isVoid || $0.isNone }
      alternatives.append(Alternative(condition: builder.member(decision, rest), value: .void))
    case .formula: preconditionFailure("an entity is no formula")
    case .stated(let index):
      switch builder.stated[index] {
      case .choice(let inner):
        for each in inner {
          let inside = builder.and(path, each.condition)
          let value: Value
          if each.value.isVoid || (each.value.isNone && !each.value.isDecided) {
            value = .void
          } else if each.value.isDecided {
            value = try throughDecision(each.value, e, inside, read)
          } else {
            value = try read(each.value, inside)
          }
          alternatives.append(Alternative(condition: each.condition, value: value))
        }
      default: throw EvaluationError(tooManyDecisions([base], at: e.range))
      }
    }
    return try combine(alternatives, type: e.type, path: path, at: e.range)
  }

  /// A decision as its column, a derived field walked once for each entity.
  func decidedField(
    _ entity: EntityID, _ index: Int, at range: SourceRange
  ) throws(EvaluationError) -> Remembered {
    let key = FieldKey(entity: entity, field: index)
    if let known = fieldMemo[key] { return known }
    let field = program.kinds[Int(entity.kind)].fields[index]
    let result = try whilePending(.field(key), at: range) { () throws(EvaluationError) in
      switch field.form {
      case .decision:
        let decision = try self.declare(key, field)
        return Remembered(value: self.collapsed(decision), refusals: [])
      case .derived(let body):
        return try self.remembering { () throws(EvaluationError) in
          var frame = self.emptyFrame(body.frame, [Value(entity)])
          return try self.walk(body.expression, &frame, .always)
        }
      case .name, .parent, .children, .given:
        return try self.remembering { () throws(EvaluationError) in
          try self.world.read(entity, field: index)
        }
      }
    }
    fieldMemo[key] = result
    return result
  }

  /// A decision with a single candidate is that candidate.
  private func collapsed(_ decision: Decision) -> Value {
    let domain = builder.domains[Int(builder.domain(of: decision).index)]
    return domain.candidates.count == 1 ? domain.candidates[0] : builder.column(of: decision)
  }

  func emptyFrame(_ info: FrameInfo, _ start: [Value]) -> [Value] {
    start + Array(repeating: Value.none, count: max(0, info.count - start.count))
  }

  func global(
    _ id: GlobalID, _ e: TypedExpression, _ path: FormulaID
  ) throws(EvaluationError) -> Value {
    let declaration = program[id]
    guard declaration.readsDecisions, case .derived(let body) = declaration.form else {
      do {
        return builder.canonical(try world.global(id), declaration.type)
      } catch {
        try refuse(error, where: path)
        return .void
      }
    }
    if let known = globalMemo[id] { return recall(known, path: path) }
    let result = try whilePending(.global(id), at: e.range) { () throws(EvaluationError) in
      try self.remembering { () throws(EvaluationError) in
        var frame = self.emptyFrame(body.frame, [])
        return try self.walk(body.expression, &frame, .always)
      }
    }
    globalMemo[id] = result
    return recall(result, path: path)
  }

  // MARK: Calls

  func call(
    _ id: FunctionID, _ arguments: [Value], _ e: TypedExpression, _ path: FormulaID
  ) throws(EvaluationError) -> Value {
    let function = program[id]
    if !function.readsDecisions, arguments.allSatisfy({ isOperand($0) }),
      let result = try applyIfPointwise(
        operation(of: e, facts(e)), arguments, path: path, at: e.range, costLimit: ModelBuilder.gridLimit)
    {
      return result
    }
    let key = CallKey(function: id, arguments: arguments)
    if let known = callMemo[key] { return recall(known, path: path) }
    let result = try remembering { () throws(EvaluationError) in
      var frame = self.emptyFrame(function.frame, arguments)
      for (target, value) in function.lets {
        try self.bind(
          target, try self.walk(value, &frame, .always), value.type, &frame, .always, at: value.range)
      }
      return try self.walk(function.body, &frame, .always)
    }
    callMemo[key] = result
    return recall(result, path: path)
  }

  /// What a whole function can be tabulated over: known values, columns, grids, and tuples of them.
  private func isOperand(_ value: Value) -> Bool {
    guard value.isDecided else { return true }
    switch value.reading {
    case .column: return true
    case .formula: return false
    case .stated(let index):
      switch builder.stated[index] {
      case .grid: return true
      case .composite(let members, let type):
        if case .list = type { return false }
        return members.allSatisfy { isOperand($0) }
      case .choice(let alternatives): return alternatives.allSatisfy { isOperand($0.value) }
      case .linear, .lambda: return false
      }
    }
  }

  func callValue(
    _ function: TypedExpression, _ arguments: [TypedExpression], _ e: TypedExpression,
    _ frame: inout [Value], _ path: FormulaID
  ) throws(EvaluationError) -> Value {
    let callee = try walk(function, &frame, path)
    var values: [Value] = []
    for argument in arguments { values.append(try walk(argument, &frame, path)) }
    if case .lambda(let lambda, let captured) = stated(callee) {
      var inner = captured
      for (parameter, value) in zip(lambda.parameters, values) { inner[parameter.index] = value }
      return try walk(lambda.body, &inner, path)
    }
    return try apply(operation(of: e, facts(e)), [callee] + values, path: path, at: e.range)
  }

  // MARK: Binding

  func bind(
    _ target: BindTarget, _ value: Value, _ type: Type, _ frame: inout [Value], _ path: FormulaID,
    at range: SourceRange
  ) throws(EvaluationError) {
    switch target {
    case .ignore: return
    case .local(let id): frame[id.index] = value
    case .tuple(let parts):
      for (index, part) in parts.enumerated() {
        let memberType = type.member(index, in: program)
        let member: Value
        if value.isVoid {
          member = .void
        } else if let members = members(value, type) {
          member = builder.canonical(members[index], memberType)
        } else {
          let number = operation(.element(type, index), type: memberType) {
            TypedExpression(
              .element(TypedExpression(.local(LocalID(0)), type: type, range: range), index),
              type: memberType, range: range)
          }
          member = try apply(number, [value], path: path, at: range)
        }
        try bind(part, member, memberType, &frame, path, at: range)
      }
    }
  }
}
