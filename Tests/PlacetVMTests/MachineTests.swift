import Diagnostics
import PlacetSemantics
import Testing

@testable import PlacetVM

@Suite struct MachineTests {
  /// The code of the body of a global.
  static func code(_ text: String, _ name: String) -> [String] {
    let policy = WorldCase(text)
    let world = policy.built()
    guard let id = policy.global(name), case .derived(let body) = policy.program[id].form else { return [] }
    return Disassembler.text(Compiler.expression(body.expression, in: world)).split(separator: "\n").map(
      String.init)
  }

  @Test func `a sum over a range makes no list and tests nothing twice`() {
    #expect(
      Self.code("let n = 9\nlet s = sum(x for each x in 1..n)", "s") == [
        "0 loadInt r1 #0", "1 loadInt r0 #1", "2 global r2 #0", "3 jumpIntLess r2 r0 -> 5",
        "4 addIntStep r1 <- r1 r0 r0 r2 -> 4", "5 return r1",
      ])
  }

  @Test func `a look-up with a default is one instruction, and so is the rest of a division`() {
    #expect(
      Self.code("let m = [1: 2]\nlet n = 9\nlet x = m[n mod 4] ?? 7", "x") == [
        "0 global r2 #1", "1 moduloIntConstant r1 <- r2 #4", "2 lookUp r0 <- r1 x3 -> 4", "3 loadInt r0 #7",
        "4 return r0",
      ])
  }

  @Test func `conditions are jumps, with constants in them`() {
    let code = Self.code(
      """
      enum kind { a, b }
      entity host { kind: kind, cores: int }
      let c = count(h for each host h where h.kind != a and h.cores >= 4)
      """, "c")

    #expect(code.contains { $0.hasPrefix("3 jumpSameConstant") })
    #expect(code.contains { $0.hasPrefix("5 jumpIntLessConstant") })
    #expect(code.count == 9)
  }

  @Test func `the verifier refuses code that is not sound`() {
    let world = World(program: TypedProgram())
    let range = SourceRange(Source(name: "x", text: " "), 0, 1)
    func problem(_ code: [Instruction], constants: [Value] = [], registers: Int = 2, inputs: Int = 0)
      -> String?
    {
      let chunk = Chunk(
        origin: .statement, code: code, constants: constants, sites: code.map { _ in 0 }, ranges: [range],
        registerCount: registers, inputCount: inputs, argumentCount: inputs, natives: [], questions: [],
        types: [],
        statements: [])
      return Verifier.problem(of: chunk, in: world)
    }

    #expect(problem([.init(.loadInt, a: 1, e: 4), .init(.return, a: 1)]) == nil)
    #expect(
      problem([.init(.loadInt, a: 2, e: 4), .init(.return, a: 1)]) == "0: loadInt uses register 2 of 2")
    #expect(problem([.init(.return, a: 1)]) == "0: return reads r1 before it is set")
    #expect(problem([.init(.loadConstant, a: 0, e: 0), .init(.return, a: 0)])?.contains("not there") == true)
    #expect(problem([.init(.loadInt, a: 0, e: 0)])?.contains("the end can be passed") == true)
    #expect(problem([.init(.jump, d: 5), .init(.return, a: 0)])?.contains("jumps outside") == true)
    #expect(
      problem([.init(.loadInt, a: 0, e: 7), .init(.slot, a: 1, b: 0, e: 0), .init(.return, a: 1)])
        == "1: slot takes r0 for reference, it is scalar")
    #expect(
      problem(
        [.init(.jumpIf, a: 0, d: 1), .init(.loadInt, a: 1, e: 1), .init(.return, a: 1)], inputs: 1)
        == "2: return reads r1 before it is set")
  }

  @Test func `loops that keep nothing give the heap back`() {
    let policy = WorldCase(
      #"let n = sum("host-\(i) of \(i mod 7)".length for each i in 1..200000)"#)
    let world = policy.built()

    #expect(policy.value("n", in: world) == "3088895")
    #expect(world.heap.size < 1 << 16)
  }

  @Test func `what a loop makes first and the world keeps stays whole`() {
    let policy = WorldCase(
      #"""
      entity n { k: int, let label = "n\(k)-\("x".uppercase)" }
      for each i in 1..50 { n "\(i)" { k: i } }
      let lengths = sum("\(a.label)+\(b.label)".length for each n a, n b)
      let all_labels = [a.label for each n a where a.k > 48]
      """#)
    let world = policy.built()

    #expect(policy.value("lengths", in: world) == "\(2500 + 100 * (9 * 4 + 41 * 5))")
    #expect(policy.value("all_labels", in: world) == #"["n49-X", "n50-X"]"#)
  }

  @Test func `distances are whole metres, the same everywhere`() {
    #expect(GreatCircle.metres(from: (0, 0), to: (0, 0)) == 0)
    #expect(GreatCircle.metres(from: (0, 0), to: (0, 180)) == 20_015_114)
    #expect(GreatCircle.metres(from: (90, 0), to: (-90, 0)) == 20_015_114)
    #expect(GreatCircle.metres(from: (0, 0), to: (0, 1)) == 111_195)
    #expect(GreatCircle.metres(from: (59.33, 18.06), to: (50.11, 8.68)) == 1_186_572)
    #expect(GreatCircle.metres(from: (91, 0), to: (0, 0)) == nil)
  }
}
