import Diagnostics
import PlacetSemantics

/// Chunks of a world, compiled when first needed, and what the compiler asks of the world.
extension World {
  func add(_ chunk: Chunk) -> Int {
    Verifier.check(chunk, in: self)
    chunks.append(chunk)
    machine.add(chunk, number: chunks.count - 1)
    heap.pin()
    return chunks.count - 1
  }

  func chunk(of expression: TypedExpression) -> Int {
    if let number = expressionChunks[ObjectIdentifier(expression)] { return number }
    let number = add(Compiler.expression(expression, in: self))
    expressionChunks[ObjectIdentifier(expression)] = number
    return number
  }

  func chunk(of function: FunctionID) -> Int {
    if let number = functionChunks[function] { return number }
    let number = add(Compiler.function(function, in: self))
    functionChunks[function] = number
    return number
  }

  func constantText(_ text: String) -> Value {
    if let value = textConstants[text] { return value }
    let value = heap.makeText(text)
    textConstants[text] = value
    return value
  }

  func constantCase(_ id: EnumID, _ number: Int) -> Value {
    if !heap.hasPayload(id) { return Value(number) }
    let key = CaseKey(id: id, number: number)
    if let value = caseConstants[key] { return value }
    let value = heap.makeCase(number, payload: [], of: id)
    caseConstants[key] = value
    return value
  }

  /// Whether values of the type are equal where their words are.
  func isScalar(_ type: Type) -> Bool {
    let id = heap.shape(type)
    let form = heap.shapes[id].form
    return form == .scalar || form == .quantity
  }

  func isScalarOrFloat(_ type: Type) -> Bool { isScalar(type) || type.unwrapped == .float }

  // MARK: Heap

  /// Whether evaluating may leave objects in the heap that nothing holds.
  func mayAllocate(_ expression: TypedExpression) -> Bool {
    var result = false
    expression.visitAll { part in
      if result { return }
      switch part.form {
      case .interpolation, .list, .set, .map, .tuple, .record, .range, .lambda, .listEach, .setEach, .mapEach,
        .callValue, .native, .why, .always, .possible, .never, .inSolution:
        result = true
      case .enumCase(_, _, let payload): result = !payload.isEmpty
      case .call(let id, _): result = mayAllocate(id)
      default: break
      }
    }
    return result
  }

  private func mayAllocate(_ id: FunctionID) -> Bool {
    if let known = allocatingFunctions[id] { return known }
    let function = program[id]
    let result = function.lets.contains { mayAllocate($0.1) } || mayAllocate(function.body)
    allocatingFunctions[id] = result
    return result
  }

  // MARK: Refusals

  /// Whether evaluating may meet a `refuse`; what is computed ahead (given fields) counts as not.
  func mayRefuse(_ expression: TypedExpression) -> Bool {
    var result = false
    expression.visitAll { part in
      if result { return }
      switch part.form {
      case .refuse, .callValue, .match: result = true
      case .index(let collection, _): if case .list = collection.type.unwrapped { result = true }
      case .native(.reach, _): result = true
      case .call(let id, _): result = mayRefuse(id)
      case .field(let owner, let field):
        if case .entity(let kind) = owner.type.unwrapped { result = mayRefuse(kind, field) }
      case .global(let id): result = mayRefuse(id)
      default: break
      }
    }
    return result
  }

  private func mayRefuse(_ id: FunctionID) -> Bool {
    if let known = refusingFunctions[id] { return known }
    refusingFunctions[id] = false
    let function = program[id]
    let result = function.lets.contains { mayRefuse($0.1) } || mayRefuse(function.body)
    refusingFunctions[id] = result
    return result
  }

  private func mayRefuse(_ kind: KindID, _ field: Int) -> Bool {
    let column = store.firstColumn[kind.index] + field
    if let known = refusingColumns[column] { return known }
    guard case .derived(let body) = program[kind].fields[field].form else { return false }
    refusingColumns[column] = false
    let result = mayRefuse(body.expression)
    refusingColumns[column] = result
    return result
  }

  private func mayRefuse(_ id: GlobalID) -> Bool {
    if let known = refusingGlobals[id] { return known }
    guard case .derived(let body) = program[id].form else { return false }
    refusingGlobals[id] = false
    let result = mayRefuse(body.expression)
    refusingGlobals[id] = result
    return result
  }
}
