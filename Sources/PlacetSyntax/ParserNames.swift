import Diagnostics

/// Names, dotted names, patterns that bind, doc comments.
extension Parser {
  mutating func parseName(_ wanted: String = "a name") throws(Panic) -> Name {
    switch kind {
    case .word where !Words.reserved.contains(texts[index]):
      let text = texts[index]
      return Name(text, advance())
    case .word, .reserved:
      report(.reservedName(range(of: index)))
      throw Panic()
    default: throw panic(wanted: wanted)
    }
  }

  /// A name where every word is one: after "." and `let` of a field.
  mutating func parseWord(_ wanted: String = "a name") throws(Panic) -> Name {
    guard kind == .reserved || kind == .word || kind == .unit else { throw panic(wanted: wanted) }
    let text = texts[index]
    return Name(text, advance())
  }

  /// `word:`, the colon read too.
  mutating func parseLabel(_ wanted: String = "a name") throws(Panic) -> Name {
    let name = try parseWord(wanted)
    try expect(":")
    return name
  }

  mutating func parseDotted(_ wanted: String = "a name") throws(Panic) -> DottedName {
    var parts = [try parseName(wanted)]
    while at(".") {
      advance()
      parts.append(try parseWord())
    }
    return DottedName(parts)
  }

  /// `x`, `(a, b)`
  mutating func parsePattern() throws(Panic) -> BindingPattern {
    guard at("(") else { return .name(try parseName()) }
    return try nested { (p) throws(Panic) in
      let start = p.index
      p.advance()
      var parts = [try p.parsePattern()]
      repeat {
        try p.expect(",")
        parts.append(try p.parsePattern())
      } while p.at(",")
      try p.close(")", opener: start, or: "',' or ")
      return .tuple(parts, range: p.range(from: start))
    }
  }

  /// The `///` lines above a token, joined.
  func doc(at place: Int) -> String? {
    let token = tokens[place]
    guard token.start > token.leading else { return nil }
    let bytes = source.bytes
    var lines: [String] = []
    var offset = token.leading
    var isLineStart = offset == 0 || bytes[offset - 1] == UInt8(ascii: "\n")
    while offset < token.start {
      if bytes[offset] == UInt8(ascii: "\n") { isLineStart = true; offset += 1; continue }
      guard bytes[offset] == UInt8(ascii: "/") else { offset += 1; continue }
      let end = bytes[offset..<token.start].firstIndex(of: UInt8(ascii: "\n")) ?? token.start
      let comment = bytes[offset..<end]
      if isLineStart, comment.starts(with: "///".utf8) {
        lines.append(String(decoding: Self.trimmed(comment.dropFirst(3)), as: UTF8.self))
      }
      offset = end
    }
    return lines.isEmpty ? nil : lines.joined(separator: "\n")
  }

  private static func trimmed(_ comment: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var text = comment
    if text.first == UInt8(ascii: " ") { text = text.dropFirst() }
    while let last = text.last, [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r")].contains(last) {
      text = text.dropLast()
    }
    return text
  }
}
