import Diagnostics

/// The tokens themselves: words, numbers with their units, texts, symbols.
extension Lexer {
  /// Moves past one token that begins at `position` and says what it is.
  mutating func scanToken() -> Token.Kind {
    let start = position
    let first = bytes[start]
    if isAfterNumber, let end = unitEnd(from: start) {
      position = end
      return .unit
    }
    switch first {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return scanNumber()
    case UInt8(ascii: "\""): return scanText(first: true, textStart: start)
    case UInt8(ascii: ")"):
      if let textStart = closingInterpolation() { return scanText(first: false, textStart: textStart) }
    default: break
    }
    if let end = wordEnd(from: start) {
      position = end
      return isReserved(start, end) ? .reserved : .word
    }
    if let length = symbolLength(at: start) {
      position += length
      return .symbol
    }
    return scanInvalid()
  }

  // MARK: - Words

  /// Past a letter or "_" and the letters, digits and "_" after it.
  private func wordEnd(from start: Int) -> Int? {
    var offset = start
    while offset < bytes.count, let (scalar, length) = UTF8Scalar.decode(bytes, at: offset) {
      guard isWordPart(scalar, isFirst: offset == start) else { break }
      offset += length
    }
    return offset > start ? offset : nil
  }

  private func isWordPart(_ scalar: Unicode.Scalar, isFirst: Bool) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "_": true
    case "0"..."9": !isFirst
    case _ where scalar.value < 0x80: false
    default: isFirst ? scalar.properties.isXIDStart : scalar.properties.isXIDContinue
    }
  }

  /// After "." and before ":" every word is a name.
  private func isReserved(_ start: Int, _ end: Int) -> Bool {
    guard Words.reserved.contains(String(decoding: bytes[start..<end], as: UTF8.self)) else { return false }
    if let last, last.kind == .symbol {
      let text = String(decoding: bytes[last.start..<last.end], as: UTF8.self)
      if text == "." || text == "?." { return false }
    }
    var offset = end
    while let byte = byte(at: offset), byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") {
      offset += 1
    }
    return byte(at: offset) != UInt8(ascii: ":")
  }

  /// The longest symbol that begins here.
  private func symbolLength(at start: Int) -> Int? {
    let second = byte(at: start + 1).map { Character(Unicode.Scalar($0)) }
    switch (Character(Unicode.Scalar(bytes[start])), second) {
    case (".", "."): return byte(at: start + 2) == UInt8(ascii: "<") ? 3 : 2
    case ("?", "."), ("?", "?"), ("=", ">"), ("=", "="), ("-", ">"), ("!", "="), ("<", "="), (">", "="):
      return 2
    case (".", _), ("?", _), ("=", _), ("-", _), ("<", _), (">", _), ("+", _), ("*", _), ("/", _), ("(", _),
      (")", _), ("[", _), ("]", _), ("{", _), ("}", _), (",", _), (":", _):
      return 1
    default: return nil
    }
  }

  // MARK: - Numbers and units

  private mutating func scanNumber() -> Token.Kind {
    let start = position
    skipDigits()
    if byte(at: position) == UInt8(ascii: "."), isDigit(at: position + 1) {
      position += 1
      skipDigits()
    }
    if bytes[position - 1] == UInt8(ascii: "_") {
      diagnostics.append(.malformedNumber(SourceRange(source, start, position)))
    }
    return .number
  }

  private mutating func skipDigits() {
    while isDigit(at: position) || byte(at: position) == UInt8(ascii: "_") { position += 1 }
  }

  private func isDigit(at offset: Int) -> Bool {
    byte(at: offset).map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
  }

  /// Only blanks stand between the last token, a number, and here.
  private var isAfterNumber: Bool {
    guard let last = tokens.last, last.kind == .number else { return false }
    return bytes[last.end..<position].allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
  }

  /// "%", or words joined by "/" without blanks, none of them reserved.
  private func unitEnd(from start: Int) -> Int? {
    if bytes[start] == UInt8(ascii: "%") { return start + 1 }
    guard var end = unitWordEnd(from: start) else { return nil }
    while byte(at: end) == UInt8(ascii: "/"), let next = unitWordEnd(from: end + 1) { end = next }
    return end
  }

  private func unitWordEnd(from start: Int) -> Int? {
    guard let end = wordEnd(from: start),
      !Words.reserved.contains(String(decoding: bytes[start..<end], as: UTF8.self))
    else { return nil }
    return end
  }

  // MARK: - Texts

  /// Where the text began whose interpolation a ")" closes here; forgets the brackets left open in it.
  private mutating func closingInterpolation() -> Int? {
    guard openInterpolations > 0 else { return nil }
    for index in open.indices.reversed() {
      switch open[index] {
      case .interpolation(let textStart):
        openInterpolations -= 1
        open.removeSubrange(index...)
        return textStart
      case .round, .curly: return nil
      case .square: continue
      }
    }
    return nil
  }

  /// From `"` or from the `)` of an interpolation to the end of the text, its line or the next `\(`.
  private mutating func scanText(first: Bool, textStart: Int) -> Token.Kind {
    let start = position
    position += 1
    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position += 1
        reportInvalidEncoding(start, position)
        return first ? .text : .textClose
      case UInt8(ascii: "\\"):
        if byte(at: position + 1) == UInt8(ascii: "(") {
          position += 2
          open.append(.interpolation(textStart: textStart))
          openInterpolations += 1
          reportInvalidEncoding(start, position)
          return first ? .textOpen : .textMore
        }
        scanEscape()
      default: position += 1
      }
    }
    if position > start + 1, bytes[position - 1] == UInt8(ascii: "\r") { position -= 1 }
    let opener = SourceRange(source, textStart, textStart + 1)
    diagnostics.append(.openText(SourceRange(source, position, position), opener: opener))
    return first ? .text : .textClose
  }

  private mutating func scanEscape() {
    let escape = TextEscape.decode(bytes, at: position)
    position += escape.length
    if escape.scalar == nil {
      diagnostics.append(.unknownEscape(SourceRange(source, position - escape.length, position)))
    }
  }

  // MARK: - The rest

  private mutating func scanInvalid() -> Token.Kind {
    let start = position
    if let (_, length) = UTF8Scalar.decode(bytes, at: position) {
      position += length
      while position < bytes.count, bytes[position] == bytes[start], length == 1 { position += 1 }
      diagnostics.append(.unknownCharacter(SourceRange(source, start, position)))
    } else {
      while position < bytes.count, bytes[position] >= 0x80,
        UTF8Scalar.decode(bytes, at: position) == nil
      { position += 1 }
      diagnostics.append(.invalidEncoding(SourceRange(source, start, position)))
    }
    return .invalid
  }
}

/// `\n`, `\t`, `\"`, `\\` and `\u{…}` in a text.
enum TextEscape {
  /// What the escape at a backslash stands for, if anything, and its length: at least 1, never past a newline.
  static func decode(_ bytes: [UInt8], at offset: Int) -> (scalar: Unicode.Scalar?, length: Int) {
    guard offset + 1 < bytes.count else { return (nil, 1) }
    switch bytes[offset + 1] {
    case UInt8(ascii: "n"): return ("\n", 2)
    case UInt8(ascii: "t"): return ("\t", 2)
    case UInt8(ascii: "\""): return ("\"", 2)
    case UInt8(ascii: "\\"): return ("\\", 2)
    case UInt8(ascii: "u"): return decodeCodePoint(bytes, at: offset)
    case UInt8(ascii: "\n"), UInt8(ascii: "\r"): return (nil, 1)
    default: return (nil, 1 + (UTF8Scalar.decode(bytes, at: offset + 1)?.length ?? 0))
    }
  }

  private static func decodeCodePoint(
    _ bytes: [UInt8], at offset: Int
  ) -> (scalar: Unicode.Scalar?, length: Int) {
    guard offset + 2 < bytes.count, bytes[offset + 2] == UInt8(ascii: "{") else { return (nil, 2) }
    var end = offset + 3
    var value: UInt32 = 0
    while end < bytes.count, let digit = Character(Unicode.Scalar(bytes[end])).hexDigitValue,
      bytes[end] < 0x80, end - offset < 11
    {
      value = value << 4 | UInt32(digit)
      end += 1
    }
    guard end > offset + 3, end < bytes.count, bytes[end] == UInt8(ascii: "}") else {
      return (nil, end - offset)
    }
    return (Unicode.Scalar(value), end + 1 - offset)
  }
}
