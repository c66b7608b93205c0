import Diagnostics
import PlacetSyntax
import Testing

@Suite struct LexerTests {
  private func tokens(_ text: String) -> [String] {
    let source = Source(name: "t", text: text)
    return Lexer.tokenize(source).tokens.map { token in
      let text = SourceRange(source, token.start, token.end).text
      return switch token.kind {
      case .separator: "SEP"
      case .endOfFile: "EOF"
      case .unit: "unit \(text)"
      case .reserved: "reserved \(text)"
      default: text
      }
    }
  }

  private func isLossless(_ source: Source) -> Bool {
    var bytes: [UInt8] = []
    for token in Lexer.tokenize(source).tokens { bytes += source.bytes[token.leading..<token.end] }
    return bytes == source.bytes
  }

  @Test func `a range is two numbers and an operator`() {
    #expect(tokens("1..8 0..<n 1.5") == ["1", "..", "8", "0", "..<", "n", "1.5", "EOF"])
  }

  @Test func `a unit stands directly after a number on its line`() {
    #expect(tokens("16 GiB") == ["16", "unit GiB", "EOF"])
    #expect(tokens("0.12 EUR/h") == ["0.12", "unit EUR/h", "EOF"])
    #expect(tokens("80 % + x") == ["80", "unit %", "+", "x", "EOF"])
    #expect(tokens("3 weight") == ["3", "reserved weight", "EOF"])
    #expect(tokens("3\nGiB") == ["3", "SEP", "GiB", "EOF"])
    #expect(tokens("3 km / h") == ["3", "unit km", "/", "h", "EOF"])
    #expect(tokens("x GiB") == ["x", "GiB", "EOF"])
  }

  @Test func `a newline ends a statement unless the line goes on`() {
    #expect(tokens("a\nb") == ["a", "SEP", "b", "EOF"])
    #expect(tokens("a +\nb") == ["a", "+", "b", "EOF"])
    #expect(tokens("a\n+ b") == ["a", "+", "b", "EOF"])
    #expect(tokens("a\n- b") == ["a", "SEP", "-", "b", "EOF"])
    #expect(tokens("(a\nb)") == ["(", "a", "b", ")", "EOF"])
    #expect(tokens("({a\nb})") == ["(", "{", "a", "SEP", "b", "}", ")", "EOF"])
    #expect(tokens("a\n\n;\n b") == ["a", "SEP", "b", "EOF"])
    #expect(tokens("\n{\na\n}\n") == ["{", "a", "}", "EOF"])
    #expect(tokens("a\nwhere b") == ["a", "reserved where", "b", "EOF"])
    #expect(tokens("a\nwhere: b") == ["a", "SEP", "where", ":", "b", "EOF"])
    #expect(tokens("int?\nb") == ["int", "?", "SEP", "b", "EOF"])
    #expect(tokens("solve\nb") == ["reserved solve", "SEP", "b", "EOF"])
  }

  @Test func `every word is a name after a dot and before a colon`() {
    #expect(tokens("a.load load : load") == ["a", ".", "load", "load", ":", "reserved load", "EOF"])
  }

  @Test func `a text holds texts in its interpolations`() {
    #expect(
      tokens(#""a\(m["k"])b\(")")c" d"#)
        == [#""a\("#, "m", "[", #""k""#, "]", #")b\("#, #"")""#, #")c""#, "d", "EOF"])
  }

  @Test func `an open text ends with its line`() {
    #expect(tokens("\"a\nb") == ["\"a", "SEP", "b", "EOF"])
    #expect(tokens("\"a\\(b\nc") == ["\"a\\(", "b", "", "SEP", "c", "EOF"])
  }

  @Test func `no byte of the corpus is lost`() {
    for source in Corpus.all { #expect(isLossless(source), "\(source.name)") }
  }

  @Test func `no byte of any input is lost`() {
    for seed in 1...3_000 as ClosedRange<UInt64> {
      let source = Mutation.source(seed: seed)
      #expect(isLossless(source), "seed \(seed)")
    }
  }

  @Test func `strange bytes are told once where they stand`() {
    let bytes = Array("let a = ".utf8) + [0xFF, 0xFE, 0x00] + Array(" & 3 // \u{e9}".utf8) + [0xC3]
    let source = Source(name: "t", bytes: bytes)

    let diagnostics = Lexer.tokenize(source).diagnostics

    #expect(diagnostics.map(\.code) == ["E0004", "E0001", "E0001", "E0004"])
  }
}

/// Pieces of the corpus with bytes changed: what an author, an editor or a broken disk might hand us.
enum Mutation {
  private static let splinters: [[UInt8]] = [
    [0], [0xFF], [0xC3], [0xE2, 0x82], Array("\"".utf8), Array("\\(".utf8), Array("(".utf8),
    Array(")".utf8), Array("[".utf8), Array("]".utf8), Array("{".utf8), Array("}".utf8),
    Array("\n".utf8), Array(";".utf8), Array("//".utf8), Array("\r\n".utf8), Array("..".utf8),
    Array("rule ".utf8), Array("let ".utf8), Array(" => ".utf8), Array("é".utf8), Array("1.".utf8),
    Array(",".utf8), Array(":".utf8), Array("if ".utf8), Array("not ".utf8), Array("\u{FEFF}".utf8),
  ]

  static func source(seed: UInt64) -> Source {
    var random = SeededGenerator(seed: seed)
    let whole = Corpus.own[Int(seed) % Corpus.own.count].bytes
    let start = Int.random(in: 0..<whole.count, using: &random)
    var bytes = Array(whole[start..<min(whole.count, start + 400)])
    for _ in 0..<Int.random(in: 1...8, using: &random) {
      let place = Int.random(in: 0...bytes.count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0 where place < bytes.count: bytes.remove(at: place)
      case 1 where place < bytes.count: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 2 where place < bytes.count:
        bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...20, using: &random)))
      default: bytes.insert(contentsOf: splinters.randomElement(using: &random) ?? [], at: place)
      }
    }
    return Source(name: "seed \(seed)", bytes: bytes)
  }
}
