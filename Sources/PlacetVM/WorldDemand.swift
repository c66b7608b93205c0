import Diagnostics
import PlacetSemantics

/// Fields and globals that have no value yet: what has to run for them.
extension World {
  /// A body to run whose result is the value.
  struct Start {
    var chunk: Int
    /// What the slot waited for.
    var saved: Value
    var fill: (UnsafeMutablePointer<Value>) -> Void
  }

  /// nil where the value could be had at once.
  func start(column: Int, row: Int, asker: () -> SourceRange) throws(EvaluationError) -> Start? {
    let (kind, field) = columnOwner[column]
    let entity = EntityID(kind: Int32(kind), index: Int32(row))
    let waiting = store.columns[column][row]
    let declaration = program.kinds[kind].fields[field]
    switch waiting.aux {
    case Waiting.unset:
      if field == 1 {
        if resolveParent(of: entity) { return nil }
        // What is in the way of the parent says more than that there is none.
        if let late = lateParents.first(where: { $0.entity == entity }) {
          _ = try evaluate(late.value, frame: late.frame.values)
        }
      }
      throw EvaluationError(missing(declaration, of: entity))
    case Waiting.undecided:
      lastUndecided = Decisions.Key(entity, field)
      throw EvaluationError(.undecided("\(path(of: entity)).\(declaration.name)", at: asker()))
    case Waiting.computing: throw EvaluationError(.cycle(cycle(column, row), at: asker()))
    case Waiting.children:
      guard case .children(let child) = declaration.form else {
        preconditionFailure("only a list of children waits for children")
      }
      resolveParents()
      store.columns[column][row] = heap.makeList(store.children(of: entity, kind: child).map { Value($0) })
      heap.pin()
      return nil
    case Waiting.data:
      store.columns[column][row] = try readData(waiting.bits)
      heap.pin()
      return nil
    case Waiting.thunk:
      store.columns[column][row].aux = Waiting.computing
      return thunk(waiting)
    default:
      let body: TypedBody? =
        switch declaration.form {
        case .derived(let body): body
        case .given(let body, _): body
        default: nil
        }
      guard let body else { preconditionFailure("a field without a body waits for its body") }
      let chunk = chunk(of: body.expression)
      store.columns[column][row].aux = Waiting.computing
      return Start(chunk: chunk, saved: waiting) { $0[0] = Value(entity) }
    }
  }

  func startGlobal(_ number: Int, asker: () -> SourceRange) throws(EvaluationError) -> Start? {
    let declaration = program.globals[number]
    let waiting = machine.globals[number]
    switch waiting.aux {
    case Waiting.computing: throw EvaluationError(.cycle(globalCycle(number), at: asker()))
    case Waiting.thunk:
      machine.globals[number].aux = Waiting.computing
      return thunk(waiting)
    case Waiting.data:
      machine.globals[number].aux = Waiting.computing
      do {
        machine.globals[number] = try rows(of: GlobalID(number))
        heap.pin()
      } catch {
        machine.globals[number] = waiting
        throw error
      }
      return nil
    case Waiting.unset: throw EvaluationError(.parameterMissing(declaration.name, at: declaration.range))
    default:
      let body: TypedBody? =
        switch declaration.form {
        case .derived(let body): body
        case .param(let body, _): body
        case .rows: nil
        }
      guard let body else { preconditionFailure("a global without a body waits for its body") }
      let chunk = chunk(of: body.expression)
      machine.globals[number].aux = Waiting.computing
      return Start(chunk: chunk, saved: waiting) { _ in }
    }
  }

  /// A chunk over a captured frame, in one word.
  static func waiting(chunk: Int, frame: Value) -> Value {
    Value(bits: chunk << 40 | frame.bits, aux: Waiting.thunk)
  }

  private func thunk(_ waiting: Value) -> Start {
    let frame = Value(waiting.bits & 0xFF_FFFF_FFFF)
    let chunk = waiting.bits >> 40
    return Start(chunk: chunk, saved: waiting) { [heap, chunks] registers in
      let count = min(heap.count(frame), chunks[chunk].inputCount)
      for index in 0..<count { registers[index] = heap.element(frame, index) }
    }
  }

  // MARK: Mistakes

  func missing(_ field: FieldDeclaration, of entity: EntityID) -> Diagnostic {
    let kind = program.kinds[Int(entity.kind)]
    let made = made[Int(entity.kind)][Int(entity.index)]
    return .missingField(
      field.name, type: program.describe(field.type), entity: name(of: entity), kind: kind.name,
      made: made.range,
      declared: field.range, place: made.place)
  }

  /// The fields that wait for one another, from the one that is needed again.
  private func cycle(_ column: Int, _ row: Int) -> [String] {
    var names: [String] = []
    for depth in (0..<machine.depth).reversed() {
      let frame = machine.frames[depth]
      guard let name = name(of: frame) else { continue }
      names.insert(name, at: 0)
      if frame.action == .field, frame.column == column, frame.target == row { break }
    }
    return names
  }

  private func globalCycle(_ number: Int) -> [String] {
    var names: [String] = []
    for depth in (0..<machine.depth).reversed() {
      let frame = machine.frames[depth]
      guard let name = name(of: frame) else { continue }
      names.insert(name, at: 0)
      if frame.action == .global, frame.target == number { break }
    }
    return names.isEmpty ? [program.globals[number].name] : names
  }

  private func name(of frame: Frame) -> String? {
    switch frame.action {
    case .register: return nil
    case .global: return program.globals[frame.target].name
    case .field:
      let (kind, field) = columnOwner[frame.column]
      let entity = EntityID(kind: Int32(kind), index: Int32(frame.target))
      return "\(path(of: entity)).\(program.kinds[kind].fields[field].name)"
    }
  }

  // MARK: For the machine

  func entity(
    _ kind: KindID, named text: Value, parent: EntityID?, asker: () -> SourceRange
  ) throws(EvaluationError) -> Value {
    let name = heap.text(text)
    if let found = find(kind, name, parent: parent) { return Value(found) }
    resolveParents()
    if let found = find(kind, name, parent: parent) { return Value(found) }
    let all = store.allNamed(name, kind: kind)
    if parent == nil, all.count > 1 {
      throw EvaluationError(
        .ambiguousEntity(name, kind: program[kind].name, paths: all.map { path(of: $0) }, at: asker()))
    }
    let candidates = parent.map { store.children(of: $0, kind: kind) } ?? entities(of: kind)
    throw EvaluationError(
      .noEntity(
        name, kind: program[kind].name,
        nearest: nearestName(to: name, among: candidates.map { self.name(of: $0) }), at: asker()))
  }

  func all(_ kind: KindID) -> Value {
    if let known = listsOfAll[kind], heap.count(known) == store.counts[kind.index] { return known }
    let list = heap.makeList(entities(of: kind).map { Value($0) })
    listsOfAll[kind] = list
    heap.pin()
    return list
  }

  func textOf(_ value: Value, _ type: Type) -> Value {
    if case .int = type { return heap.makeText(int: value.bits) }
    return heap.makeText(heap.interpolated(value, type: type))
  }

  func answer(
    _ question: Chunk.Question, _ registers: UnsafeMutablePointer<Value>, asker: () -> SourceRange
  ) throws(EvaluationError) -> Value {
    var frame = Array(repeating: Value.none, count: (question.locals.map(\.local).max() ?? -1) + 1)
    for (local, register) in question.locals { frame[local] = registers[register] }
    defer { heap.pin() }
    if let oracle { return try oracle(question.expression, frame) }
    if case .preferences = question.expression.form { return try evaluateRules().unmetWeight }
    throw EvaluationError(.noAnswer(at: asker()))
  }
}

extension Heap {
  func makeText(int value: Int) -> Value {
    let result = makeText(byteCount: Self.digits(of: value))
    _ = Self.write(value, to: bytes(result))
    return result
  }

  /// How many bytes a number takes in decimal, with its sign.
  static func digits(of value: Int) -> Int {
    var count = value < 0 ? 2 : 1
    var rest = value.magnitude
    while rest >= 10 {
      rest /= 10
      count += 1
    }
    return count
  }

  static func write(_ value: Int, to target: UnsafeMutablePointer<UInt8>) -> Int {
    let count = digits(of: value)
    var rest = value.magnitude
    var place = count
    repeat {
      place -= 1
      target[place] = UInt8(0x30 + rest % 10)
      rest /= 10
    } while rest > 0
    if value < 0 { target[0] = 0x2D }
    return count
  }

  func listContains(_ list: Value, _ wanted: Value, shape: ShapeID) -> Bool {
    for index in 0..<count(list) where equal(element(list, index), wanted, shape) { return true }
    return false
  }
}
