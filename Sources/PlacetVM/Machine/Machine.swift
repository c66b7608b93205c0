import Diagnostics
import PlacetSemantics

/// What the machine reads of a chunk in its loop.
struct ChunkEntry {
  var code: UnsafePointer<Instruction>
  var constants: UnsafePointer<Value>
  var registerCount: Int
  var inputCount: Int
  var argumentCount: Int
}

/// A body that waits for the one above it.
struct Frame {
  enum Action: UInt8 {
    /// The result goes into a register of the body that waits.
    case register
    /// The result is the value of a field; the body that waits runs its instruction again.
    case field
    case global
  }
  var pc: UnsafePointer<Instruction>?
  var base: Int
  var chunk: Int
  var action: Action
  /// Register; row of the column; number of the global.
  var target: Int
  var column: Int
  /// What the slot waited for, to be put back after an error.
  var saved: Value
}

/// Where a refusal goes on.
struct RefusalHandler {
  var depth: Int
  var base: Int
  var chunk: Int
  var pc: UnsafePointer<Instruction>
  var register: Int
  /// Builders that were under way.
  var builders: Int
}

/// Where the loop goes on.
struct Resumption {
  var pc: UnsafePointer<Instruction>
  var base: Int
  var chunk: Int
}

/// Runs verified chunks under a budget. One loop; calls, fields and globals that are computed on demand are
/// frames on a stack of its own, so that no policy reaches the end of ours.
///
/// BOUND: chunks have passed the verifier, so registers, constants and jumps are within their chunk.
final class Machine {
  unowned let world: World
  let heap: Heap
  private(set) var chunks: UnsafeMutablePointer<ChunkEntry>
  private var chunkCapacity = 64
  let stack: UnsafeMutablePointer<Value>
  private let stackCapacity = 1 << 22
  let frames: UnsafeMutablePointer<Frame>
  private let frameCapacity: Int
  let globals: UnsafeMutablePointer<Value>
  let columns: UnsafeMutablePointer<UnsafeMutablePointer<Value>>
  var depth = 0
  /// First free register of the stack, for runs that start while one waits.
  var top = 0
  var handlers: [RefusalHandler] = []
  let builders: UnsafeMutablePointer<BuilderPool>
  var stepsLeft: Int
  private static let portion = 4096

  init(world: World) {
    self.world = world
    heap = world.heap
    chunks = .allocate(capacity: chunkCapacity)
    stack = .allocate(capacity: stackCapacity)
    frameCapacity = max(world.inputs.budget.depth, 16)
    frames = .allocate(capacity: frameCapacity)
    globals = .allocate(capacity: max(world.program.globals.count, 1))
    columns = world.store.columns
    builders = .allocate(capacity: 1)
    builders.initialize(to: BuilderPool())
    stepsLeft = world.inputs.budget.steps
  }

  deinit {
    chunks.deallocate()
    stack.deallocate()
    frames.deallocate()
    globals.deallocate()
    builders.pointee.deallocate()
    builders.deallocate()
  }

  func add(_ chunk: Chunk, number: Int) {
    if number == chunkCapacity {
      let moved = UnsafeMutablePointer<ChunkEntry>.allocate(capacity: chunkCapacity * 2)
      moved.update(from: chunks, count: chunkCapacity)
      chunks.deallocate()
      chunks = moved
      chunkCapacity *= 2
    }
    (chunks + number).initialize(
      to: ChunkEntry(
        code: UnsafePointer(chunk.code.baseAddress ?? UnsafeMutablePointer.allocate(capacity: 1)),
        constants: UnsafePointer(chunk.constants.baseAddress ?? UnsafeMutablePointer.allocate(capacity: 1)),
        registerCount: chunk.registerCount, inputCount: chunk.inputCount,
        argumentCount: chunk.argumentCount))
  }

  /// Runs a chunk whose inputs `fill` puts into its registers; `action` as for a frame.
  func run(
    _ chunk: Int, action: Frame.Action = .register, target: Int = 0, column: Int = 0,
    saved: Value = .none, _ fill: (UnsafeMutablePointer<Value>) -> Void
  ) throws(EvaluationError) -> Value {
    let (outerDepth, outerTop, outerHandlers, outerBuilders) = (
      depth, top, handlers.count, builders.pointee.count
    )
    fill(stack + top)
    do {
      try checkDepth(base: top, chunk: chunk, at: world.chunks[chunk].range(at: 0))
      frames[depth] = Frame(
        pc: nil, base: top, chunk: chunk, action: action, target: target, column: column, saved: saved)
      depth += 1
      let result = try execute(chunk, base: top)
      (top, depth) = (outerTop, outerDepth)
      return result
    } catch {
      unwind(to: outerDepth)
      top = outerTop
      handlers.removeSubrange(outerHandlers...)
      builders.pointee.count = outerBuilders
      throw error
    }
  }

  /// Gives up what waits above a depth: its fields and globals wait again.
  private func unwind(to wanted: Int) {
    while depth > wanted {
      depth -= 1
      let frame = frames[depth]
      switch frame.action {
      case .register: break
      case .field: columns[frame.column][frame.target] = frame.saved
      case .global: globals[frame.target] = frame.saved
      }
    }
  }

  // MARK: Slow paths

  @inline(never)
  func checkDepth(base: Int, chunk: Int, at range: SourceRange) throws(EvaluationError) {
    if depth >= frameCapacity || base + chunks[chunk].registerCount + 64 >= stackCapacity {
      throw .limit(.tooDeep(world.inputs.budget.depth, at: range))
    }
  }

  func range(_ pc: UnsafePointer<Instruction>, _ chunk: Int) -> SourceRange {
    world.chunks[chunk].range(at: pc - chunks[chunk].code - 1)
  }

  /// The next portion of steps.
  @inline(never)
  func refuel(_ pc: UnsafePointer<Instruction>, _ chunk: Int) throws(EvaluationError) -> Int {
    if heap.isOverLimit || !heap.admits(slots: builders.pointee.size) {
      throw .limit(.outOfMemory(world.inputs.budget.memory, at: range(pc, chunk)))
    }
    if world.inputs.shouldStop() { throw .limit(.stopped(at: range(pc, chunk))) }
    if stepsLeft <= 0 {
      throw .limit(.outOfSteps(world.inputs.budget.steps, at: range(pc, chunk)))
    }
    let portion = min(Self.portion, stepsLeft)
    stepsLeft -= portion
    return portion
  }

  @inline(never)
  private func fault(
    _ make: (SourceRange) -> Diagnostic, _ pc: UnsafePointer<Instruction>, _ chunk: Int
  ) -> EvaluationError {
    EvaluationError(make(range(pc, chunk)))
  }

  /// A slot that waits: what has to run first, or the same instruction again where it could be had at once.
  @inline(never)
  private func demandField(
    column: Int, row: Int, pc: UnsafePointer<Instruction>, base: Int, chunk: Int
  ) throws(EvaluationError) -> Resumption {
    top = base + chunks[chunk].registerCount
    let here = Resumption(pc: pc - 1, base: base, chunk: chunk)
    guard let start = try world.start(column: column, row: row, asker: { range(pc, chunk) })
    else { return here }
    return try enter(
      start, returnTo: here, action: .field, target: row, column: column, at: { range(pc, chunk) })
  }

  @inline(never)
  private func demandGlobal(
    _ number: Int, pc: UnsafePointer<Instruction>, base: Int, chunk: Int
  ) throws(EvaluationError) -> Resumption {
    top = base + chunks[chunk].registerCount
    let here = Resumption(pc: pc - 1, base: base, chunk: chunk)
    guard let start = try world.startGlobal(number, asker: { range(pc, chunk) }) else { return here }
    return try enter(
      start, returnTo: here, action: .global, target: number, column: 0, at: { range(pc, chunk) })
  }

  private func enter(
    _ start: World.Start, returnTo here: Resumption, action: Frame.Action, target: Int, column: Int,
    at range: () -> SourceRange
  ) throws(EvaluationError) -> Resumption {
    let base = top
    if depth >= frameCapacity || base + chunks[start.chunk].registerCount + 64 >= stackCapacity {
      throw .limit(.tooDeep(world.inputs.budget.depth, at: range()))
    }
    frames[depth] = Frame(
      pc: here.pc, base: here.base, chunk: here.chunk, action: action, target: target, column: column,
      saved: start.saved)
    depth += 1
    start.fill(stack + base)
    return Resumption(pc: chunks[start.chunk].code, base: base, chunk: start.chunk)
  }

  /// A refusal goes to the nearest handler of this run, or ends it.
  @inline(never)
  private func refusal(
    _ reason: Value, _ pc: UnsafePointer<Instruction>, _ chunk: Int, entryDepth: Int
  ) throws(EvaluationError) -> Resumption {
    guard let handler = handlers.last, handler.depth >= entryDepth else {
      throw .refusal(reason: heap.text(reason), range: range(pc, chunk))
    }
    handlers.removeLast()
    unwind(to: handler.depth)
    builders.pointee.count = handler.builders
    stack[handler.base + handler.register] = reason
    return Resumption(pc: handler.pc, base: handler.base, chunk: handler.chunk)
  }

  @inline(never)
  private func outOfRange(_ list: Value, _ index: Int) -> Value {
    heap.makeText("there is no element \(index) in a list of \(heap.count(list))")
  }

  @inline(never)
  private func concatenate(_ parts: UnsafeMutablePointer<Value>, _ count: Int, numbers: Int32) -> Value {
    var total = 0
    for index in 0..<count {
      total +=
        index < 31 && numbers & 1 << index != 0
        ? Heap.digits(of: parts[index].bits) : heap.count(parts[index])
    }
    let result = heap.makeText(byteCount: total)
    var target = heap.bytes(result)
    for index in 0..<count {
      if index < 31, numbers & 1 << index != 0 {
        target += Heap.write(parts[index].bits, to: target)
        continue
      }
      let length = heap.count(parts[index])
      target.update(from: heap.bytes(parts[index]), count: length)
      target += length
    }
    return result
  }

  @inline(never)
  private func finishBuilder(_ i: Instruction, _ base: Int, _ chunk: Int) throws(EvaluationError) -> Value {
    let built = builders.pointee.finish(stack[base + Int(i.b)].bits)
    if !heap.admits(slots: built.count * 3) {
      throw .limit(.outOfMemory(world.inputs.budget.memory, at: world.chunks[chunk].range(at: 0)))
    }
    return switch i.x {
    case 0: heap.makeList(built)
    case 1: heap.makeSet(built, shape: i.e)
    default: heap.makeMap(pairs: built, shape: i.e) ?? .none
    }
  }

  @inline(never)
  private func repeatedKey(_ i: Instruction, _ pc: UnsafePointer<Instruction>, _ chunk: Int, _ keys: [Value])
    -> EvaluationError
  {
    let type = world.chunks[chunk].types[Int(i.c)]
    for (index, key) in keys.enumerated()
    where keys[..<index].contains(where: { heap.equal($0, key, type: type) }) {
      return fault({ .repeatedKey(self.heap.describe(key, type: type), at: $0) }, pc, chunk)
    }
    return fault({ .repeatedKey("?", at: $0) }, pc, chunk)
  }

  /// The finished builder's elements lie in it until it is started again.
  private func builderKeys(_ number: Int) -> [Value] {
    let built = builders.pointee.items[number]
    return stride(from: 0, to: built.count, by: 2).map { built.elements[$0] }
  }

  @inline(never)
  private func distinct(_ i: Instruction, _ base: Int) -> Bool {
    let built = builders.pointee.finish(stack[base + Int(i.b)].bits)
    if i.x == 1 { return built.allSatisfy { heap.equal($0, built[0], i.e) } }
    let mark = heap.arena.pointee.used
    defer { heap.arena.pointee.used = mark }
    return heap.count(heap.makeSet(built, shape: i.e)) == built.count
  }

  // MARK: The loop

  /// From the first instruction of a chunk to its return.
  ///
  /// What the loop needs lies in local variables; slow paths give back what has changed.
  private func execute(_ entryChunk: Int, base entryBase: Int) throws(EvaluationError) -> Value {
    let entryDepth = depth
    let stack = stack
    let frames = frames
    let columns = columns
    let globals = globals
    let arena = heap.arena
    let builders = builders
    var chunk = entryChunk
    var pc = chunks[chunk].code
    var K = chunks[chunk].constants
    var base = entryBase
    var R = stack + base
    var fuel = 0

    @inline(__always) func resume(_ to: Resumption) {
      pc = to.pc
      base = to.base
      R = stack + base
      if chunk != to.chunk {
        chunk = to.chunk
        K = chunks[chunk].constants
      }
    }

    while true {
      let i = pc.pointee
      pc += 1
      let (a, b, c) = (Int(i.a), Int(i.b), Int(i.c))
      switch i.op {
      case .loadConstant: R[a] = K[Int(i.e)]
      case .loadInt: R[a] = Value(Int(i.e))
      case .move: R[a] = R[b]

      case .jump: pc += Int(i.d)
      case .jumpIf: if R[a].bits != 0 { pc += Int(i.d) }
      case .jumpUnless: if R[a].bits == 0 { pc += Int(i.d) }
      case .jumpIfNone: if R[a].aux == 0 { pc += Int(i.d) }
      case .jumpUnlessNone: if R[a].aux != 0 { pc += Int(i.d) }
      case .jumpIntLess: if R[a].bits < R[b].bits { pc += Int(i.d) }
      case .jumpIntLessOrEqual: if R[a].bits <= R[b].bits { pc += Int(i.d) }
      case .jumpIntLessConstant: if R[a].bits < Int(i.e) { pc += Int(i.d) }
      case .jumpIntNotLessConstant: if R[a].bits >= Int(i.e) { pc += Int(i.d) }
      case .jumpQuantityLess: if Arithmetic.less(R[a], R[b]) { pc += Int(i.d) }
      case .jumpQuantityLessOrEqual: if !Arithmetic.less(R[b], R[a]) { pc += Int(i.d) }
      case .jumpSame: if R[a] == R[b] { pc += Int(i.d) }
      case .jumpNotSame: if R[a] != R[b] { pc += Int(i.d) }
      case .jumpSameConstant: if R[a] == K[Int(i.e)] { pc += Int(i.d) }
      case .jumpNotSameConstant: if R[a] != K[Int(i.e)] { pc += Int(i.d) }
      case .return:
        let result = R[a]
        depth -= 1
        let frame = frames[depth]
        switch frame.action {
        case .register: break
        case .field:
          columns[frame.column][frame.target] = result
          arena.pointee.pinned = arena.pointee.used
        case .global:
          globals[frame.target] = result
          arena.pointee.pinned = arena.pointee.used
        }
        guard let back = frame.pc else {
          stepsLeft += fuel
          return result
        }
        pc = back
        base = frame.base
        R = stack + base
        if chunk != frame.chunk {
          chunk = frame.chunk
          K = chunks[chunk].constants
        }
        if frame.action == .register { R[frame.target] = result }

      case .addInt:
        let (value, overflow) = R[b].bits.addingReportingOverflow(R[c].bits)
        if overflow { throw fault(Diagnostic.overflow, pc, chunk) }
        R[a] = Value(value)
      case .subtractInt:
        let (value, overflow) = R[b].bits.subtractingReportingOverflow(R[c].bits)
        if overflow { throw fault(Diagnostic.overflow, pc, chunk) }
        R[a] = Value(value)
      case .multiplyInt:
        let (value, overflow) = R[b].bits.multipliedReportingOverflow(by: R[c].bits)
        if overflow { throw fault(Diagnostic.overflow, pc, chunk) }
        R[a] = Value(value)
      case .addIntConstant:
        let (value, overflow) = R[b].bits.addingReportingOverflow(Int(i.e))
        if overflow { throw fault(Diagnostic.overflow, pc, chunk) }
        R[a] = Value(value)
      case .multiplyIntConstant:
        let (value, overflow) = R[b].bits.multipliedReportingOverflow(by: Int(i.e))
        if overflow { throw fault(Diagnostic.overflow, pc, chunk) }
        R[a] = Value(value)
      case .floorDivideInt:
        if R[c].bits == 0 { throw fault(Diagnostic.divisionByZero, pc, chunk) }
        guard let value = Arithmetic.floorDivide(R[b].bits, R[c].bits) else {
          throw fault(Diagnostic.overflow, pc, chunk)
        }
        R[a] = Value(value)
      case .moduloInt:
        if R[c].bits == 0 { throw fault(Diagnostic.divisionByZero, pc, chunk) }
        R[a] = Value(Arithmetic.modulo(R[b].bits, R[c].bits))
      case .moduloIntConstant:
        // Divisors are small: where the other number is, too, half the width divides several times as fast.
        let (number, divisor) = (R[b].bits, Int(i.e))
        if UInt(bitPattern: number) >> 32 == 0 {
          R[a] = Value(Int(UInt32(truncatingIfNeeded: number) % UInt32(truncatingIfNeeded: divisor)))
        } else {
          R[a] = Value(Arithmetic.modulo(number, divisor))
        }
      case .negateInt:
        if R[b].bits == .min { throw fault(Diagnostic.overflow, pc, chunk) }
        R[a] = Value(-R[b].bits)
      case .addQuantity:
        let value = Arithmetic.add(R[b], R[c])
        if value.isNone { throw fault(Diagnostic.overflow, pc, chunk) }
        R[a] = value
      case .subtractQuantity:
        let value = Arithmetic.subtract(R[b], R[c])
        if value.isNone { throw fault(Diagnostic.overflow, pc, chunk) }
        R[a] = value
      case .multiplyQuantity:
        let value = Arithmetic.multiply(R[b], R[c])
        if value.isNone { throw fault(Diagnostic.overflow, pc, chunk) }
        R[a] = value
      case .divideQuantity:
        if R[c].bits == 0 { throw fault(Diagnostic.divisionByZero, pc, chunk) }
        let value = Arithmetic.divide(R[b], R[c])
        if value.isNone { throw fault(Diagnostic.overflow, pc, chunk) }
        R[a] = value
      case .floorDivideQuantity:
        if R[c].bits == 0 { throw fault(Diagnostic.divisionByZero, pc, chunk) }
        let value = Arithmetic.floorDivide(R[b], R[c])
        if value.isNone { throw fault(Diagnostic.overflow, pc, chunk) }
        R[a] = value
      case .moduloQuantity:
        if R[c].bits == 0 { throw fault(Diagnostic.divisionByZero, pc, chunk) }
        let value = Arithmetic.modulo(R[b], R[c])
        if value.isNone { throw fault(Diagnostic.overflow, pc, chunk) }
        R[a] = value
      case .negateQuantity:
        if R[b].bits == .min { throw fault(Diagnostic.overflow, pc, chunk) }
        R[a] = Value(bits: -R[b].bits, aux: R[b].aux)
      case .addFloat:
        let value = R[b].float + R[c].float
        if !value.isFinite { throw fault(Diagnostic.overflow, pc, chunk) }
        R[a] = Value(value)
      case .subtractFloat:
        let value = R[b].float - R[c].float
        if !value.isFinite { throw fault(Diagnostic.overflow, pc, chunk) }
        R[a] = Value(value)
      case .multiplyFloat:
        let value = R[b].float * R[c].float
        if !value.isFinite { throw fault(Diagnostic.overflow, pc, chunk) }
        R[a] = Value(value)
      case .divideFloat:
        if R[c].float == 0 { throw fault(Diagnostic.divisionByZero, pc, chunk) }
        let value = R[b].float / R[c].float
        if !value.isFinite { throw fault(Diagnostic.overflow, pc, chunk) }
        R[a] = Value(value)
      case .negateFloat: R[a] = Value(-R[b].float)
      case .takeMin:
        if R[a].aux == 0 || Arithmetic.less(R[b], R[a], kind: i.x) { R[a] = R[b] }
      case .takeMax:
        if R[a].aux == 0 || Arithmetic.less(R[a], R[b], kind: i.x) { R[a] = R[b] }

      case .lessInt: R[a] = Value(R[b].bits < R[c].bits)
      case .lessOrEqualInt: R[a] = Value(R[b].bits <= R[c].bits)
      case .lessQuantity: R[a] = Value(Arithmetic.less(R[b], R[c]))
      case .lessOrEqualQuantity: R[a] = Value(!Arithmetic.less(R[c], R[b]))
      case .lessFloat: R[a] = Value(R[b].float < R[c].float)
      case .lessOrEqualFloat: R[a] = Value(R[b].float <= R[c].float)
      case .lessText: R[a] = Value(heap.compareTexts(R[b], R[c]) < 0)
      case .lessOrEqualText: R[a] = Value(heap.compareTexts(R[b], R[c]) <= 0)
      case .same: R[a] = Value(R[b] == R[c])
      case .equal: R[a] = Value(heap.equal(R[b], R[c], i.e))
      case .not: R[a] = Value(R[b].bits == 0)
      case .isNone: R[a] = Value(R[b].aux == 0)

      case .entityField:
        let row = R[b].bits & 0xFF_FFFF_FFFF
        let value = columns[Int(i.e)][row]
        if value.isWaiting {
          resume(try demandField(column: Int(i.e), row: row, pc: pc, base: base, chunk: chunk))
        } else {
          R[a] = value
        }
      case .global:
        let value = globals[Int(i.e)]
        if value.isWaiting {
          resume(try demandGlobal(Int(i.e), pc: pc, base: base, chunk: chunk))
        } else {
          R[a] = value
        }
      case .entityNamed:
        let parent = i.x == 1 ? R[c].entity : nil
        R[a] = try world.entity(KindID(Int(i.e)), named: R[b], parent: parent) { range(pc, chunk) }
      case .allOf: R[a] = world.all(KindID(Int(i.e)))

      case .heapMark: R[a] = Value(arena.pointee.used)
      case .heapRelease: arena.pointee.used = max(R[a].bits, arena.pointee.pinned)

      case .slot: R[a] = arena.pointee.slots[R[b].bits &+ 1 &+ Int(i.e)]
      case .count: R[a] = Value(arena.pointee.slots[R[b].bits].bits)
      case .makeProduct:
        let start = heap.allocate(c &+ 1)
        let slots = arena.pointee.slots + start
        slots[0] = Value(c)
        var offset = 0
        while offset < c {
          slots[offset &+ 1] = R[b &+ offset]
          offset &+= 1
        }
        R[a] = Value(start)
      case .makeRange:
        let start = heap.allocate(4)
        let slots = arena.pointee.slots + start
        slots[0] = Value(3)
        slots[1] = R[b]
        slots[2] = R[c]
        slots[3] = Value(Int(i.x))
        R[a] = Value(start)
      case .makeFunction:
        let start = heap.allocate(c &+ 2)
        let slots = arena.pointee.slots + start
        slots[0] = Value(c &+ 1)
        slots[1] = Value(Int(i.e))
        for offset in 0..<c { slots[offset &+ 2] = R[b &+ offset] }
        R[a] = Value(start)
      case .length: R[a] = Value(heap.length(R[b]))
      case .toText: R[a] = world.textOf(R[b], world.chunks[chunk].types[Int(i.e)])
      case .concatenate: R[a] = concatenate(R + b, c, numbers: i.e)
      case .indexList:
        let index = R[c].bits
        if index < 0 || index >= arena.pointee.slots[R[b].bits].bits {
          resume(try refusal(outOfRange(R[b], index), pc, chunk, entryDepth: entryDepth))
        } else {
          R[a] = arena.pointee.slots[R[b].bits &+ 1 &+ index]
        }
      case .indexMap:
        if let position = heap.position(R[c], in: R[b].bits, stride: 2, shape: i.e) {
          R[a] = arena.pointee.slots[R[b].bits &+ 2 &+ position &* 2]
        } else {
          R[a] = .none
        }
      case .lookUp:
        let map = i.x & 2 == 0 ? R[b] : globals[b]
        if i.x & 2 != 0, map.isWaiting {
          resume(try demandGlobal(b, pc: pc, base: base, chunk: chunk))
          continue
        }
        let slots = arena.pointee.slots + map.bits
        let key = R[c]
        if i.x & 1 != 0, slots[0].bits != 0 {
          // Keys are often consecutive numbers, in order: then the first one says where another is.
          let guess = key.bits &- slots[1].bits
          if UInt(bitPattern: guess) < UInt(bitPattern: slots[0].bits), slots[1 &+ guess &* 2] == key {
            R[a] = slots[2 &+ guess &* 2]
            pc += Int(i.d)
            continue
          }
        }
        if let position = heap.position(key, in: map.bits, stride: 2, shape: i.e) {
          R[a] = slots[2 &+ position &* 2]
          pc += Int(i.d)
        } else {
          R[a] = .none
        }
      case .inList:
        R[a] = Value(heap.listContains(R[c], R[b], shape: i.e))
      case .inSet:
        R[a] = Value(heap.position(R[b], in: R[c].bits, stride: 1, shape: i.e) != nil)
      case .inMap:
        R[a] = Value(heap.position(R[b], in: R[c].bits, stride: 2, shape: i.e) != nil)
      case .inRange: R[a] = Value(Arithmetic.isIn(R[b], range: arena.pointee.slots + R[c].bits, kind: i.x))

      case .eachInRange:
        let (first, last) = heap.bounds(R[c])
        R[a] = Value(first)
        R[b] = Value(last)
        if first > last { pc += Int(i.d) }
      case .eachOfKind:
        let count = world.store.counts[Int(i.e)]
        let first = Int(i.e) << 40
        R[a] = Value(first)
        R[b] = Value(first + count - 1)
        if count == 0 { pc += Int(i.d) }
      case .eachWith:
        let kind = world.columnOwner[Int(i.e)].kind
        let first = world.chains.first(column: Int(i.e), owner: kind, value: R[b].entity)
        if first < 0 { pc += Int(i.d) } else { R[a] = Value(kind << 40 + Int(first)) }
      case .stepWith:
        let here = R[a].bits & (1 << 40 - 1)
        if let links = world.chains.next[Int(i.e)], links[here] >= 0 {
          R[a].bits &+= Int(links[here]) &- here
          pc += Int(i.d)
          fuel &-= 1
          if fuel < 0 { fuel = try refuel(pc, chunk) }
        }
      case .eachElement:
        let count = arena.pointee.slots[R[c].bits].bits
        R[a] = Value(0)
        R[b] = Value(count - 1)
        if count == 0 { pc += Int(i.d) }
      case .elementAt: R[a] = arena.pointee.slots[R[b].bits &+ 1 &+ R[c].bits]
      case .keyAt: R[a] = arena.pointee.slots[R[b].bits &+ 1 &+ R[c].bits &* 2]
      case .valueAt: R[a] = arena.pointee.slots[R[b].bits &+ 2 &+ R[c].bits &* 2]
      case .step:
        if R[a].bits < R[b].bits {
          R[a].bits &+= 1
          pc += Int(i.d)
          fuel &-= 1
          if fuel < 0 { fuel = try refuel(pc, chunk) }
        }

      case .addIntStep:
        let (sum, overflow) = R[a].bits.addingReportingOverflow(R[b].bits)
        if overflow { throw fault(Diagnostic.overflow, pc, chunk) }
        R[a] = Value(sum)
        if R[c].bits < R[Int(i.e)].bits {
          R[c].bits &+= 1
          pc += Int(i.d)
          fuel &-= 1
          if fuel < 0 { fuel = try refuel(pc, chunk) }
        }

      case .builderStart:
        R[a] = Value(builders.pointee.start())
      case .builderAppend:
        let builder = builders.pointee.items + R[a].bits
        if builder.pointee.count == builder.pointee.capacity { builder.pointee.grow() }
        builder.pointee.elements[builder.pointee.count] = R[b]
        builder.pointee.count &+= 1
      case .builderInsert: insert(R[b], into: R[a].bits, shape: i.e)
      case .builderElement:
        let builder = builders.pointee.items + R[b].bits
        let place = R[c].bits
        if place < builder.pointee.count {
          R[a] = builder.pointee.elements[place]
        } else {
          pc += Int(i.d)
        }
      case .builderFinish:
        let value = try finishBuilder(i, base, chunk)
        if value.isNone { throw repeatedKey(i, pc, chunk, builderKeys(R[b].bits)) }
        R[a] = value
      case .builderDistinct: R[a] = Value(distinct(i, base))

      case .call:
        let callee = Int(i.e)
        let entry = chunks + callee
        if depth >= frameCapacity || base + b + entry.pointee.registerCount + 64 >= stackCapacity {
          throw .limit(.tooDeep(world.inputs.budget.depth, at: range(pc, chunk)))
        }
        fuel &-= 1
        if fuel < 0 { fuel = try refuel(pc, chunk) }
        frames[depth] = Frame(
          pc: pc, base: base, chunk: chunk, action: .register, target: a, column: 0, saved: .none)
        depth += 1
        base += b
        R = stack + base
        chunk = callee
        pc = entry.pointee.code
        K = entry.pointee.constants
      case .callValue:
        let function = R[c].bits
        let slots = arena.pointee.slots + function
        let callee = slots[1].bits
        let entry = chunks + callee
        if depth >= frameCapacity || base + b + entry.pointee.registerCount + 64 >= stackCapacity {
          throw .limit(.tooDeep(world.inputs.budget.depth, at: range(pc, chunk)))
        }
        fuel &-= 1
        if fuel < 0 { fuel = try refuel(pc, chunk) }
        let captured = slots[0].bits &- 1
        var offset = 0
        while offset < captured {
          R[b &+ Int(i.x) &+ offset] = slots[2 &+ offset]
          offset &+= 1
        }
        frames[depth] = Frame(
          pc: pc, base: base, chunk: chunk, action: .register, target: a, column: 0, saved: .none)
        depth += 1
        base += b
        R = stack + base
        chunk = callee
        pc = entry.pointee.code
        K = entry.pointee.constants
      case .native:
        let call = world.chunks[chunk].natives[Int(i.e)]
        R[a] = try world.callNative(call, R + b) { range(pc, chunk) }
      case .ask:
        top = base + chunks[chunk].registerCount
        R[a] = try world.answer(world.chunks[chunk].questions[Int(i.e)], R) { range(pc, chunk) }
      case .refuse: resume(try refusal(R[a], pc, chunk, entryDepth: entryDepth))

      case .guardRefusal:
        handlers.append(
          RefusalHandler(
            depth: depth, base: base, chunk: chunk, pc: pc + Int(i.d), register: a,
            builders: builders.pointee.count))
      case .unguard: handlers.removeLast()
      case .report:
        world.ruleRun.evaluated.pointee &+= 1
        switch i.x {
        case 0: if R[a].bits == 0 { world.reportUnheld(chunk, Int(i.e), R, weight: nil) }
        case 1: if R[a].bits != 0 { world.reportUnheld(chunk, Int(i.e), R, weight: nil) }
        default: if R[a].bits == 0 { world.reportUnheld(chunk, Int(i.e), R, weight: R[b]) }
        }
      case .reportRefusal: world.reportRefusal(chunk, Int(i.e), R, reason: R[a])
      case .jumpIfWaived:
        if world.isWaivedNow(i.x == 1 ? nil : R[a]) { pc += Int(i.d) }
      case .cover: world.coverage?.count(Int(i.e))
      }
    }
  }

  @inline(never)
  private func insert(_ value: Value, into builder: Int, shape: ShapeID) {
    if reached.count <= builder { reached += Array(repeating: [:], count: builder + 1 - reached.count) }
    let built = builders.pointee.items + builder
    if built.pointee.count == 0 { reached[builder] = [:] }
    let hash = heap.hash(value, shape)
    for place in reached[builder][hash] ?? [] where heap.equal(built.pointee.elements[place], value, shape) {
      return
    }
    reached[builder][hash, default: []].append(built.pointee.count)
    if built.pointee.count == built.pointee.capacity { built.pointee.grow() }
    built.pointee.elements[built.pointee.count] = value
    built.pointee.count += 1
  }
  /// For `builderInsert`: places by hash, for each builder.
  private var reached: [[Int: [Int]]] = []
}
