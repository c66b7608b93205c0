import NFVModel
import Testing

@Suite struct JSONTests {
  @Test func `reads every kind of value`() throws {
    let value = try JSONValue.parse(#" {"a": [1, -0.50, 1e3, true, false, null], "b": {"c": "x\né😀"}} "#)

    #expect(value["a"] == .array([.number("1"), .number("-0.50"), .number("1e3"), true, false, .null]))
    #expect(value["b"]?["c"] == "x\né😀")
  }

  @Test func `keeps the exact text of numbers that no machine number holds`() throws {
    let text = "[0.1,123456789012345678901234567890,1.000]"

    let value = try JSONValue.parse(text)

    #expect(value.canonicalText == text)
    #expect(value.arrayValue?[1].intValue == nil)
  }

  @Test(arguments: [
    ("", 0, 1, 1, "expected a value, found the end of the document"),
    ("{\n  \"é\": tru }", 10, 2, 8, "expected a value, found 'tru'"),
    ("{\"a\": 1,\n \"a\": 2}", 10, 2, 2, "the key 'a' is given twice"),
    ("[1, 2", 5, 1, 6, "expected ',' or ']', found the end: the '[' of line 1 is never closed"),
    ("[1 2]", 3, 1, 4, "expected ',' or ']', found '2'"),
    ("[1,]", 3, 1, 4, "expected a value, found ']'"),
    ("[01]", 2, 1, 3, "a number does not begin with 0"),
    ("[1.]", 3, 1, 4, "expected a digit, found ']'"),
    ("{\"a\" 1}", 5, 1, 6, "expected ':', found '1'"),
    ("{a: 1}", 1, 1, 2, "expected a key in quotes, found 'a'"),
    ("\"a\nb\"", 2, 1, 3, "the text is not closed on its line"),
    ("\"abc", 0, 1, 1, "the text is never closed"),
    ("\"\\x\"", 1, 1, 2, "unknown escape in text"),
    ("\"\\ud800x\"", 1, 1, 2, "a surrogate without its pair"),
    ("1 2", 2, 1, 3, "expected the end of the document, found '2'"),
  ])
  func `says where a fault is and what`(
    _ text: String, _ offset: Int, _ line: Int, _ column: Int, _ message: String
  ) {
    #expect(throws: JSONSyntaxError(offset: offset, line: line, column: column, message: message)) {
      try JSONValue.parse(text)
    }
  }

  @Test(
    arguments: [
      [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE2, 0x82], [0x22, 0xFF, 0x22],
    ] as [[UInt8]])
  func `refuses what is not UTF-8`(_ bytes: [UInt8]) {
    #expect { try JSONValue.parse(bytes) } throws: {
      ($0 as? JSONSyntaxError)?.message == "the text is not UTF-8"
    }
  }

  @Test func `refuses nesting deeper than its limit and takes what is not`() throws {
    let deep = String(repeating: "[", count: 256) + String(repeating: "]", count: 256)

    _ = try JSONValue.parse(deep)

    #expect(throws: JSONSyntaxError.self) { try JSONValue.parse("[\(deep)]") }
    #expect(throws: JSONSyntaxError.self) { try JSONValue.parse(String(repeating: "[", count: 1_000_000)) }
  }

  @Test(arguments: 1...200 as ClosedRange<UInt64>)
  func `what it writes it reads back the same, short or pretty`(_ seed: UInt64) throws {
    var random = SeededGenerator(seed)
    let value = JSONValue.random(&random, depth: 4)

    #expect(try JSONValue.parse(value.canonicalBytes) == value)
    #expect(try JSONValue.parse(value.prettyText()) == value)
  }

  @Test(arguments: 1...200 as ClosedRange<UInt64>)
  func `any bytes at all end in a value or an error`(_ seed: UInt64) {
    var random = SeededGenerator(seed)
    var bytes = JSONValue.random(&random, depth: 3).canonicalBytes
    for _ in 0..<3 {
      bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
    }

    do {
      let value = try JSONValue.parse(bytes)
      #expect(try JSONValue.parse(value.canonicalBytes) == value)
    } catch {
      #expect(error.offset >= 0 && error.offset <= bytes.count && error.line >= 1 && error.column >= 1)
    }
  }

  @Test func `sorts keys by their bytes and leaves no space in the canonical form`() throws {
    let value = try JSONValue.parse(#"{"b": 1, "a": [1, {"é": 2, "z": "\u0001\""}]}"#)

    #expect(value.canonicalText == #"{"a":[1,{"z":"\u0001\"","é":2}],"b":1}"#)
  }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

extension JSONValue {
  static func random(_ random: inout SeededGenerator, depth: Int) -> JSONValue {
    let texts = [
      "", "a", "\"", "\\", "é😀", "\n\t\u{1}", "name", "a much longer text that does not fit in a word",
    ]
    switch Int.random(in: 0...(depth > 0 ? 6 : 4), using: &random) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &random))
    case 2: return .int(Int.random(in: Int.min...Int.max, using: &random))
    case 3:
      return .number(
        ["0", "-0", "1.50", "2e-7", "99999999999999999999"].randomElement(using: &random) ?? "0")
    case 4: return .string(texts.randomElement(using: &random) ?? "")
    case 5:
      return .array(
        (0..<Int.random(in: 0...4, using: &random)).map { _ in .random(&random, depth: depth - 1) })
    default:
      let keys = Set((0..<4).map { _ in texts.randomElement(using: &random) ?? "" })
      return .object(
        Dictionary(uniqueKeysWithValues: keys.sorted().map { ($0, .random(&random, depth: depth - 1)) }))
    }
  }
}
