import NFVModel

/// Reads of a JSON document what is wanted and passes over the rest without keeping it: lists of nodes and pods are
/// nine tenths images, managed fields and environments.
///
/// What is passed over is not checked for more than its brackets and quotes.
struct JSONSelection: Sendable {
  /// What is wanted of a value.
  indirect enum Wanted: Sendable {
    case all
    /// Members of an object by key; of a list, of each of its items.
    case members([String: Wanted])
    /// Every member of an object whatever its key, each so.
    case each(Wanted)
  }

  static func read(_ bytes: [UInt8], _ wanted: Wanted) throws(JSONSyntaxError) -> JSONValue {
    var selection = JSONSelection(parser: JSONParser(bytes: bytes, maxDepth: 64))
    let value = try selection.value(wanted, depth: 0)
    selection.parser.skipSpace()
    guard selection.parser.peek == nil else {
      throw selection.parser.error("expected the end of the document, found \(selection.parser.found)")
    }
    return value
  }

  private var parser: JSONParser

  private mutating func value(_ wanted: Wanted, depth: Int) throws(JSONSyntaxError) -> JSONValue {
    parser.skipSpace()
    switch parser.peek {
    case UInt8(ascii: "{"): return try object(wanted, depth: depth)
    case UInt8(ascii: "["): return try array(wanted, depth: depth)
    case UInt8(ascii: "\""): return .string(try parser.string())
    case UInt8(ascii: "t"):
      try parser.word("true")
      return true
    case UInt8(ascii: "f"):
      try parser.word("false")
      return false
    case UInt8(ascii: "n"):
      try parser.word("null")
      return .null
    case UInt8(ascii: "-"), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): return .number(try parser.number())
    default: throw parser.error("expected a value, found \(parser.found)")
    }
  }

  private mutating func object(_ wanted: Wanted, depth: Int) throws(JSONSyntaxError) -> JSONValue {
    let opener = parser.position
    try parser.enter(depth)
    var fields: [String: JSONValue] = [:]
    parser.skipSpace()
    if parser.take(UInt8(ascii: "}")) { return .object(fields) }
    while true {
      parser.skipSpace()
      guard parser.peek == UInt8(ascii: "\"") else { throw parser.missing("a key in quotes", opener: opener) }
      let key = try parser.string()
      parser.skipSpace()
      guard parser.take(UInt8(ascii: ":")) else { throw parser.missing("':'", opener: opener) }
      if let inside = wanted[key] {
        fields[key] = try value(inside, depth: depth + 1)
      } else {
        try skip(depth: depth + 1)
      }
      parser.skipSpace()
      if parser.take(UInt8(ascii: ",")) { continue }
      if parser.take(UInt8(ascii: "}")) { return .object(fields) }
      throw parser.missing("',' or '}'", opener: opener)
    }
  }

  private mutating func array(_ wanted: Wanted, depth: Int) throws(JSONSyntaxError) -> JSONValue {
    let opener = parser.position
    try parser.enter(depth)
    var items: [JSONValue] = []
    parser.skipSpace()
    if parser.take(UInt8(ascii: "]")) { return .array(items) }
    while true {
      items.append(try value(wanted, depth: depth + 1))
      parser.skipSpace()
      if parser.take(UInt8(ascii: ",")) { continue }
      if parser.take(UInt8(ascii: "]")) { return .array(items) }
      throw parser.missing("',' or ']'", opener: opener)
    }
  }

  /// Passes over one value.
  private mutating func skip(depth: Int) throws(JSONSyntaxError) {
    parser.skipSpace()
    let bytes = parser.bytes
    var (at, open) = (parser.position, 0)
    let start = at
    repeat {
      guard at < bytes.count else { throw parser.missing("the end of a value", opener: start) }
      switch bytes[at] {
      case UInt8(ascii: "{"), UInt8(ascii: "["): open += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        // A closing bracket where a value should be.
        if open == 0 { throw parser.error("expected a value, found \(parser.found)") }
        open -= 1
      case UInt8(ascii: "\""):
        at += 1
        while at < bytes.count, bytes[at] != UInt8(ascii: "\"") {
          at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
        }
      case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x0A, 0x0D, 0x09:
        if open == 0 { throw parser.error("expected a value, found \(parser.found)") }
      default:
        if open == 0 {
          parser.position = at
          _ = try value(.all, depth: depth)
          return
        }
      }
      at += 1
    } while open > 0
    guard at <= bytes.count else { throw parser.missing("the end of a text", opener: start) }
    parser.position = at
  }
}

extension JSONSelection.Wanted {
  fileprivate subscript(_ key: String) -> Self? {
    switch self {
    case .all: .all
    case .members(let members): members[key]
    case .each(let inside): inside
    }
  }
}
