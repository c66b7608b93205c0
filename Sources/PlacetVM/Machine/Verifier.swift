import PlacetSemantics

/// Proves of a chunk what the machine does not check while it runs.
///
/// - every register, constant, jump, chunk, column, global, native call and question is there;
/// - no register is read before it is written on some way to the reader;
/// - what is used as a reference, scalar or builder was not made as something else;
/// - no way leads past the last instruction.
///
/// A chunk that fails is a bug of the compiler, never the author's.
enum Verifier {
  static func check(_ chunk: Chunk, in world: World) {
    if let problem = problem(of: chunk, in: world) {
      preconditionFailure("the compiler made bad code: \(problem)\n\(Disassembler.text(chunk))")
    }
  }

  /// nil where the chunk is sound.
  static func problem(of chunk: Chunk, in world: World) -> String? {
    let limits = Limits(chunk, world)
    for (index, instruction) in chunk.code.enumerated() {
      if let problem = limits.problem(of: instruction, at: index) { return "\(index): \(problem)" }
    }
    return problemOfFlow(chunk, in: world)
  }

  private struct Limits {
    let chunk: Chunk
    let world: World

    init(_ chunk: Chunk, _ world: World) {
      self.chunk = chunk
      self.world = world
    }

    func problem(of i: Instruction, at index: Int) -> String? {
      let operands = Operands(i) { world.chunks.indices.contains($0) ? world.chunks[$0].argumentCount : 0 }
      for (register, _) in operands.reads + operands.writes where register >= chunk.registerCount {
        return "\(i.op) uses register \(register) of \(chunk.registerCount)"
      }
      if operands.jumps, !chunk.code.indices.contains(index + 1 + Int(i.d)) { return "\(i.op) jumps outside" }
      if operands.continues, index + 1 == chunk.code.count { return "the end can be passed" }
      let e = Int(i.e)
      let isThere =
        switch i.op {
        case .loadConstant, .jumpSameConstant, .jumpNotSameConstant: chunk.constants.indices.contains(e)
        case .entityField, .eachWith, .stepWith: e >= 0 && e < world.store.columnCount
        case .global: world.program.globals.indices.contains(e)
        case .entityNamed, .allOf, .eachOfKind: world.program.kinds.indices.contains(e)
        case .slot: e >= 0
        case .makeFunction, .call: world.chunks.indices.contains(e)
        case .toText: chunk.types.indices.contains(e)
        case .native: chunk.natives.indices.contains(e)
        case .ask: chunk.questions.indices.contains(e)
        case .report, .reportRefusal: chunk.statements.indices.contains(e)
        case .moduloIntConstant: e > 0
        case .lookUp:
          world.heap.shapes.contains(i.e)
            && (i.x & 2 == 0 || world.program.globals.indices.contains(Int(i.b)))
        case .equal, .indexMap, .inList, .inSet, .inMap, .builderInsert, .builderDistinct:
          world.heap.shapes.contains(i.e)
        case .builderFinish:
          i.x == 0 || world.heap.shapes.contains(i.e) && (i.x == 1 || chunk.types.indices.contains(Int(i.c)))
        default: true
        }
      if !isThere { return "\(i.op) names \(e), which is not there" }
      if i.op == .call, Int(i.b) > chunk.registerCount { return "call beyond the frame" }
      if i.op == .makeFunction, world.chunks[e].inputCount != world.chunks[e].argumentCount + Int(i.c) {
        return "a function captures \(i.c), its chunk wants another number"
      }
      return nil
    }
  }

  /// Follows all ways through the code with what is known of each register.
  private static func problemOfFlow(_ chunk: Chunk, in world: World) -> String? {
    var states: [[Operands.Class?]?] = Array(repeating: nil, count: chunk.code.count)
    var start: [Operands.Class?] = Array(repeating: nil, count: chunk.registerCount)
    for register in 0..<min(chunk.inputCount, chunk.registerCount) { start[register] = .any }
    states[0] = start
    var work = [0]
    while let index = work.popLast() {
      guard var state = states[index] else { continue }
      let i = chunk.code[index]
      let operands = Operands(i) { world.chunks[$0].argumentCount }
      for (register, wanted) in operands.reads {
        guard let held = state[register] else {
          return "\(index): \(i.op) reads r\(register) before it is set"
        }
        if !held.fits(wanted) { return "\(index): \(i.op) takes r\(register) for \(wanted), it is \(held)" }
      }
      if i.op == .move {
        state[Int(i.a)] = state[Int(i.b)]
      } else {
        for (register, kind) in operands.writes { state[register] = kind }
      }
      func flow(to next: Int) {
        guard let known = states[next] else {
          states[next] = state
          work.append(next)
          return
        }
        var joined = known
        for register in joined.indices {
          if let a = known[register], let b = state[register] {
            joined[register] = a.joined(with: b)
          } else {
            joined[register] = nil
          }
        }
        if joined != known {
          states[next] = joined
          work.append(next)
        }
      }
      if operands.continues { flow(to: index + 1) }
      if operands.jumps { flow(to: index + 1 + Int(i.d)) }
    }
    return nil
  }
}
