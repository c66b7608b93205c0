/// Where a text stops being JSON, and what is wrong there.
package struct JSONSyntaxError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Bytes before the fault.
  package let offset: Int
  /// From 1.
  package let line: Int
  /// From 1, counted in Unicode scalars.
  package let column: Int
  /// Lower case, no full stop: `expected ',' or '}', found 'x'`.
  package let message: String

  package init(offset: Int, line: Int, column: Int, message: String) {
    self.offset = offset
    self.line = line
    self.column = column
    self.message = message
  }

  package var description: String { "line \(line), column \(column): \(message)" }
}

extension JSONValue {
  /// Reads one JSON document (RFC 8259) and nothing after it.
  ///
  /// Refused with the place: bad syntax, text that is not UTF-8, a lone surrogate, a key given twice,
  /// nesting deeper than `maxDepth`.
  package static func parse(_ bytes: [UInt8], maxDepth: Int = 256) throws(JSONSyntaxError) -> JSONValue {
    var parser = JSONParser(bytes: bytes, maxDepth: maxDepth)
    return try parser.document()
  }

  /// Reads one JSON document from text.
  package static func parse(_ text: String, maxDepth: Int = 256) throws(JSONSyntaxError) -> JSONValue {
    try parse(Array(text.utf8), maxDepth: maxDepth)
  }
}

/// A recursive descent over bytes; `position` is always at the next unread one.
///
/// A reader that keeps more than values (the order of keys, lines) takes the pieces and nests them itself.
package struct JSONParser {
  package let bytes: [UInt8]
  let maxDepth: Int
  package var position = 0
  /// Of the next unread byte, from 1: line feeds stand in blanks alone.
  package private(set) var line = 1

  package init(bytes: [UInt8], maxDepth: Int) {
    self.bytes = bytes
    self.maxDepth = maxDepth
  }

  mutating func document() throws(JSONSyntaxError) -> JSONValue {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw error("expected the end of the document, found \(found)") }
    return value
  }

  private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
    skipSpace()
    guard position < bytes.count else { throw error("expected a value, found the end of the document") }
    switch bytes[position] {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: throw error("expected a value, found \(found)")
    }
  }

  private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONValue {
    let opener = position
    try enter(depth)
    var fields: [String: JSONValue] = [:]
    skipSpace()
    if take(UInt8(ascii: "}")) { return .object(fields) }
    while true {
      skipSpace()
      let keyStart = position
      guard peek == UInt8(ascii: "\"") else { throw missing("a key in quotes", opener: opener) }
      let key = try string()
      skipSpace()
      guard take(UInt8(ascii: ":")) else { throw missing("':'", opener: opener) }
      let member = try value(depth: depth + 1)
      guard fields.updateValue(member, forKey: key) == nil else {
        throw error("the key '\(key)' is given twice", at: keyStart)
      }
      skipSpace()
      if take(UInt8(ascii: ",")) { continue }
      if take(UInt8(ascii: "}")) { return .object(fields) }
      throw missing("',' or '}'", opener: opener)
    }
  }

  private mutating func array(depth: Int) throws(JSONSyntaxError) -> JSONValue {
    let opener = position
    try enter(depth)
    var items: [JSONValue] = []
    skipSpace()
    if take(UInt8(ascii: "]")) { return .array(items) }
    while true {
      items.append(try value(depth: depth + 1))
      skipSpace()
      if take(UInt8(ascii: ",")) { continue }
      if take(UInt8(ascii: "]")) { return .array(items) }
      throw missing("',' or ']'", opener: opener)
    }
  }

  /// Takes an opening bracket, unless it is one too deep.
  package mutating func enter(_ depth: Int) throws(JSONSyntaxError) {
    guard depth < maxDepth else { throw error("nested deeper than \(maxDepth) levels") }
    position += 1
  }

  private mutating func word(_ text: StaticString, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
    try word(text)
    return value
  }

  /// Takes `true`, `false` or `null`, and nothing like them.
  package mutating func word(_ text: StaticString) throws(JSONSyntaxError) {
    let start = position
    while let byte = peek, byte | 0x20 >= UInt8(ascii: "a"), byte | 0x20 <= UInt8(ascii: "z") {
      position += 1
    }
    guard "\(text)".utf8.elementsEqual(bytes[start..<position]) else {
      throw error(
        "expected a value, found '\(String(decoding: bytes[start..<position], as: UTF8.self))'", at: start)
    }
  }

  /// The digits as written.
  package mutating func number() throws(JSONSyntaxError) -> String {
    let start = position
    _ = take(UInt8(ascii: "-"))
    if take(UInt8(ascii: "0")) {
      if isDigit { throw error("a number does not begin with 0") }
    } else {
      try digits()
    }
    if take(UInt8(ascii: ".")) { try digits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func digits() throws(JSONSyntaxError) {
    guard isDigit else { throw error("expected a digit, found \(found)") }
    while isDigit { position += 1 }
  }

  // MARK: Reading bytes

  package var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private var isDigit: Bool {
    position < bytes.count && bytes[position] >= UInt8(ascii: "0") && bytes[position] <= UInt8(ascii: "9")
  }

  package mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  package mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0D, 0x09: position += 1
      case 0x0A:
        position += 1
        line += 1
      default: return
      }
    }
  }

  // MARK: Saying what is wrong

  /// What stands at the position, in quotes, for messages.
  package var found: String {
    guard position < bytes.count else { return "the end of the document" }
    let rest = bytes[position..<min(bytes.count, position + 4)]
    guard let scalar = String(decoding: rest, as: UTF8.self).unicodeScalars.first else { return "nothing" }
    return scalar.value < 0x20 || scalar.value == 0x7F ? "a control character" : "'\(scalar)'"
  }

  package func missing(_ wanted: String, opener: Int) -> JSONSyntaxError {
    guard position >= bytes.count else { return error("expected \(wanted), found \(found)") }
    let bracket = bytes[opener] == UInt8(ascii: "{") ? "{" : "["
    return error(
      "expected \(wanted), found the end: the '\(bracket)' of line \(line(of: opener)) is never closed")
  }

  private func line(of offset: Int) -> Int {
    bytes[..<offset].reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
  }

  package func error(_ message: String, at place: Int? = nil) -> JSONSyntaxError {
    let offset = place ?? position
    let lineStart = bytes[..<offset].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
    // A scalar is counted at its first byte: continuation bytes are 10xxxxxx.
    let column = bytes[lineStart..<offset].reduce(1) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    return JSONSyntaxError(offset: offset, line: line(of: offset), column: column, message: message)
  }
}
