import Diagnostics
import NFVModel
import PlacetVM

/// JSON with the order of its keys and the line of each value: the pieces are those of `JSONParser`.
struct JSONDataReader {
  private var parser: JSONParser

  static func read(name: String, bytes: [UInt8]) -> Result<DataNode, DataFileProblems> {
    var reader = JSONDataReader(parser: JSONParser(bytes: bytes, maxDepth: 256))
    do throws(JSONSyntaxError) {
      return .success(try reader.document())
    } catch {
      let source = Source(name: name, bytes: bytes)
      return .failure(DataFileProblems([.badJSON(source, offset: error.offset, error.message)]))
    }
  }

  private mutating func document() throws(JSONSyntaxError) -> DataNode {
    if parser.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { parser.position = 3 }
    let root = try value(depth: 0)
    parser.skipSpace()
    guard parser.peek == nil else {
      throw parser.error("expected the end of the document, found \(parser.found)")
    }
    return root
  }

  private mutating func value(depth: Int) throws(JSONSyntaxError) -> DataNode {
    parser.skipSpace()
    let line = parser.line
    guard let first = parser.peek else { throw parser.error("expected a value, found \(parser.found)") }
    switch first {
    case UInt8(ascii: "{"): return DataNode(try object(depth: depth), line: line)
    case UInt8(ascii: "["): return DataNode(try list(depth: depth), line: line)
    case UInt8(ascii: "\""): return DataNode(.text(try parser.string()), line: line)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return DataNode(.number(try parser.number()), line: line)
    case UInt8(ascii: "t"):
      try parser.word("true")
      return DataNode(.bool(true), line: line)
    case UInt8(ascii: "f"):
      try parser.word("false")
      return DataNode(.bool(false), line: line)
    case UInt8(ascii: "n"):
      try parser.word("null")
      return DataNode(.null, line: line)
    default: throw parser.error("expected a value, found \(parser.found)")
    }
  }

  private mutating func list(depth: Int) throws(JSONSyntaxError) -> DataNode.Form {
    let opener = parser.position
    try parser.enter(depth)
    var items: [DataNode] = []
    parser.skipSpace()
    if parser.take(UInt8(ascii: "]")) { return .list(items) }
    while true {
      items.append(try value(depth: depth + 1))
      parser.skipSpace()
      if parser.take(UInt8(ascii: ",")) { continue }
      if parser.take(UInt8(ascii: "]")) { return .list(items) }
      throw parser.missing("',' or ']'", opener: opener)
    }
  }

  private mutating func object(depth: Int) throws(JSONSyntaxError) -> DataNode.Form {
    let opener = parser.position
    try parser.enter(depth)
    var fields: [(key: String, value: DataNode)] = []
    var seen = SeenKeys()
    parser.skipSpace()
    if parser.take(UInt8(ascii: "}")) { return .object(fields) }
    while true {
      parser.skipSpace()
      let keyStart = parser.position
      guard parser.peek == UInt8(ascii: "\"") else { throw parser.missing("a key in quotes", opener: opener) }
      let key = try parser.string()
      guard seen.add(key, to: fields) else {
        throw parser.error("the key '\(key)' is given twice", at: keyStart)
      }
      parser.skipSpace()
      guard parser.take(UInt8(ascii: ":")) else { throw parser.missing("':'", opener: opener) }
      fields.append((key, try value(depth: depth + 1)))
      parser.skipSpace()
      if parser.take(UInt8(ascii: ",")) { continue }
      if parser.take(UInt8(ascii: "}")) { return .object(fields) }
      throw parser.missing("',' or '}'", opener: opener)
    }
  }
}

/// The keys of one object: few are compared one by one, many through a set.
struct SeenKeys {
  private var set: Set<String> = []

  /// False when a field has the key already.
  mutating func add(_ key: String, to fields: [(key: String, value: DataNode)]) -> Bool {
    if fields.count < 12 { return !fields.contains { $0.key == key } }
    if set.isEmpty { set = Set(fields.map(\.key)) }
    return set.insert(key).inserted
  }
}
