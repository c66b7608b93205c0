import Diagnostics
import PlacetSemantics

/// Turns one body into a chunk: typed expression to instructions on registers.
///
/// The slots of the body's frame are the first registers; what is computed on the way lies above them and is
/// given back at the end of each expression. A lambda has a chunk of its own, with arguments and captured
/// values first.
final class Compiler {
  typealias Register = Int
  struct Label { var index: Int }

  let world: World
  var code: [Instruction] = []
  private var sites: [Int32] = []
  private var ranges: [SourceRange] = []
  private var rangeNumbers: [SourceRange: Int32] = [:]
  private var constants: [Value] = []
  private var constantNumbers: [Value: Int] = [:]
  private(set) var labels: [Int?] = []
  private(set) var pending: [(instruction: Int, label: Int)] = []

  /// nil: the slot's own number.
  private var slots: [Int: Register]?
  var nextFree = 0
  private var registerCount = 0
  var range: SourceRange

  var natives: [Chunk.NativeCall] = []
  var questions: [Chunk.Question] = []
  var types: [Type] = []
  var statements: [RuleStatement] = []
  private var frame = FrameInfo()
  /// Code that stands behind the body: where refusals of a rule arrive.
  var tail: [() -> Void] = []

  private init(world: World, range: SourceRange) {
    self.world = world
    self.range = range
  }

  var program: TypedProgram { world.program }

  // MARK: Bodies

  /// An expression over a frame of its body, `frameSize` slots of which are given.
  static func expression(_ expression: TypedExpression, in world: World) -> Chunk {
    let compiler = Compiler(world: world, range: expression.range)
    let locals = expression.locals()
    let frame = (locals.read.union(locals.bound).max() ?? -1) + 1
    let inputs = (locals.read.max() ?? -1) + 1
    compiler.reserve(frame)
    compiler.returnValue(expression)
    return compiler.finish(.expression(expression), inputs: inputs, arguments: inputs)
  }

  static func function(_ id: FunctionID, in world: World) -> Chunk {
    let function = world.program[id]
    let compiler = Compiler(world: world, range: function.range)
    compiler.reserve(function.frame.count)
    compiler.countCoverage()
    for (target, value) in function.lets { compiler.bind(target, to: value) }
    compiler.returnValue(function.body)
    let count = function.parameterTypes.count
    return compiler.finish(.function(id), inputs: count, arguments: count)
  }

  /// `captured` are the slots of the enclosing frame that follow the arguments.
  static func lambda(
    _ expression: TypedExpression, _ lambda: TypedExpression.Lambda, captured: [Int], in world: World
  ) -> Chunk {
    let compiler = Compiler(world: world, range: expression.range)
    var slots: [Int: Register] = [:]
    let locals = lambda.body.locals()
    let own = locals.bound.subtracting(captured).subtracting(lambda.parameters.map(\.index)).sorted()
    for slot in lambda.parameters.map(\.index) + captured + own where slots[slot] == nil {
      slots[slot] = slots.count
    }
    compiler.slots = slots
    compiler.reserve(slots.count)
    compiler.returnValue(lambda.body)
    return compiler.finish(
      .lambda(expression), inputs: lambda.parameters.count + captured.count,
      arguments: lambda.parameters.count)
  }

  /// Statements of a rule or test, over a frame of which `inputs` slots are given.
  static func statements(
    _ body: [TypedStatement], frame: FrameInfo, inputs: Int,
    variables: [(name: String, register: Int, type: Type)], rule: RuleID?, range: SourceRange,
    in world: World
  ) -> Chunk {
    let compiler = Compiler(world: world, range: range)
    compiler.frame = frame
    compiler.reserve(frame.count)
    let end = compiler.makeLabel()
    compiler.ruleBody(body, variables: variables, rule: rule, end: end)
    compiler.place(end)
    compiler.emit(.loadConstant, a: compiler.temporary(), e: compiler.constant(.none))
    compiler.emit(.return, a: compiler.nextFree - 1)
    return compiler.finish(rule.map { .rule($0) } ?? .statement, inputs: inputs, arguments: inputs)
  }

  private func returnValue(_ expression: TypedExpression) {
    let result = operand(expression)
    emit(.return, a: result)
  }

  private func finish(_ origin: Chunk.Origin, inputs: Int, arguments: Int) -> Chunk {
    while !tail.isEmpty {
      let now = tail
      tail = []
      for each in now { each() }
    }
    for (instruction, label) in pending {
      guard let target = labels[label] else { preconditionFailure("a label was never placed") }
      code[instruction].d = Int32(target - instruction - 1)
    }
    precondition(registerCount <= 1 << 16 && natives.count < Int32.max, "a body needs too many registers")
    return Chunk(
      origin: origin, code: code, constants: constants, sites: sites, ranges: ranges,
      registerCount: registerCount, inputCount: inputs, argumentCount: arguments, natives: natives,
      questions: questions, types: types, statements: statements)
  }

  // MARK: Emitting

  func emit(
    _ op: Opcode, x: Int = 0, a: Int = 0, b: Int = 0, c: Int = 0, e: Int = 0, to label: Label? = nil
  ) {
    if let label { pending.append((code.count, label.index)) }
    code.append(Instruction(op, x: x, a: a, b: b, c: c, e: e))
    if let number = rangeNumbers[range] {
      sites.append(number)
    } else {
      let number = Int32(ranges.count)
      rangeNumbers[range] = number
      ranges.append(range)
      sites.append(number)
    }
  }

  func makeLabel() -> Label {
    labels.append(nil)
    return Label(index: labels.count - 1)
  }

  /// The last instruction becomes another, which jumps.
  func replaceLast(by instruction: Instruction, to label: Label) {
    code[code.count - 1] = instruction
    pending.append((code.count - 1, label.index))
  }

  func place(_ label: Label) { labels[label.index] = code.count }

  func constant(_ value: Value) -> Int {
    if let number = constantNumbers[value] { return number }
    constants.append(value)
    constantNumbers[value] = constants.count - 1
    return constants.count - 1
  }

  func type(_ type: Type) -> Int {
    if let index = types.firstIndex(of: type) { return index }
    types.append(type)
    return types.count - 1
  }

  // MARK: Registers

  private func reserve(_ count: Int) {
    nextFree = count
    registerCount = max(registerCount, count)
  }

  func temporary() -> Register {
    nextFree += 1
    registerCount = max(registerCount, nextFree)
    return nextFree - 1
  }

  /// So many registers in a row.
  func temporaries(_ count: Int) -> Register {
    let first = nextFree
    reserve(nextFree + count)
    return first
  }

  /// Registers taken inside are free again afterwards.
  func scoped<Result>(_ body: () -> Result) -> Result {
    let mark = nextFree
    defer { nextFree = mark }
    return body()
  }

  func register(of local: LocalID) -> Register {
    guard let slots else { return local.index }
    guard let register = slots[local.index] else { preconditionFailure("a lambda reads an unknown slot") }
    return register
  }

  func nameOfSlot(_ id: LocalID) -> String {
    frame.localNames.indices.contains(id.index) ? frame.localNames[id.index] : "_"
  }

  func slotRegisters(_ slots: some Sequence<Int>) -> [(local: Int, register: Int)] {
    slots.map { ($0, register(of: LocalID($0))) }
  }

  /// Where the expression's value is; new code only where it is not in a register already.
  func operand(_ expression: TypedExpression) -> Register {
    switch expression.form {
    case .local(let id): return register(of: id)
    case .some(let inner), .ratio(let inner), .unwrapped(let inner): return operand(inner)
    default:
      let target = temporary()
      value(expression, into: target)
      return target
    }
  }

  func bind(_ target: BindTarget, to expression: TypedExpression) {
    if case .local(let id) = target {
      value(expression, into: register(of: id))
    } else {
      scoped { bind(target, from: operand(expression)) }
    }
  }

  func bind(_ target: BindTarget, from source: Register) {
    switch target {
    case .ignore: break
    case .local(let id): if register(of: id) != source { emit(.move, a: register(of: id), b: source) }
    case .tuple(let parts):
      for (index, part) in parts.enumerated() {
        switch part {
        case .ignore: break
        case .local(let id): emit(.slot, a: register(of: id), b: source, e: index)
        case .tuple:
          scoped {
            let inner = temporary()
            emit(.slot, a: inner, b: source, e: index)
            bind(part, from: inner)
          }
        }
      }
    }
  }

  func countCoverage() {
    if let number = world.coverage?.counter(at: range) { emit(.cover, e: number) }
  }
}
