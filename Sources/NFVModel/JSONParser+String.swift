/// Strings: runs of plain bytes are taken whole, escapes one by one; UTF-8 is checked as it passes.
extension JSONParser {
  /// A text in quotes, from its opening one.
  package mutating func string() throws(JSONSyntaxError) -> String {
    let opener = position
    position += 1
    var start = position
    var text: [UInt8]?
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        let run = bytes[start..<position]
        position += 1
        guard var collected = text else { return String(decoding: run, as: UTF8.self) }
        collected += run
        return String(decoding: collected, as: UTF8.self)
      case UInt8(ascii: "\\"):
        if text == nil { text = [] }
        text?.append(contentsOf: bytes[start..<position])
        try escape(into: &text)
        start = position
      case 0..<0x20:
        throw error(
          bytes[position] == 0x0A ? "the text is not closed on its line" : "a control character in text")
      case 0x20..<0x80:
        position += 1
      default:
        try multibyteScalar()
      }
    }
    throw error("the text is never closed", at: opener)
  }

  private mutating func escape(into text: inout [UInt8]?) throws(JSONSyntaxError) {
    let start = position
    position += 1
    guard let byte = peek else { throw error("the text is never closed", at: start) }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text?.append(byte)
    case UInt8(ascii: "b"): text?.append(0x08)
    case UInt8(ascii: "f"): text?.append(0x0C)
    case UInt8(ascii: "n"): text?.append(0x0A)
    case UInt8(ascii: "r"): text?.append(0x0D)
    case UInt8(ascii: "t"): text?.append(0x09)
    case UInt8(ascii: "u"):
      let scalar = try unicodeEscape(from: start)
      text?.append(contentsOf: Array(String(Character(scalar)).utf8))
    default: throw error("unknown escape in text", at: start)
    }
  }

  /// `\uXXXX`, or two of them that are a surrogate pair.
  private mutating func unicodeEscape(from start: Int) throws(JSONSyntaxError) -> Unicode.Scalar {
    let first = try fourHexDigits()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
      throw error("a surrogate without its pair", at: start)
    }
    let second = try fourHexDigits()
    guard (0xDC00..<0xE000).contains(second),
      let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
    else { throw error("a surrogate without its pair", at: start) }
    return scalar
  }

  private mutating func fourHexDigits() throws(JSONSyntaxError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = peek, let digit = hexDigit(byte) else {
        throw error("expected four hexadecimal digits")
      }
      value = value << 4 | digit
      position += 1
    }
    return value
  }

  private func hexDigit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  /// One scalar of two to four bytes, well formed as Unicode's table 3-7 has it.
  private mutating func multibyteScalar() throws(JSONSyntaxError) {
    let (length, second): (Int, ClosedRange<UInt8>)
    switch bytes[position] {
    case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
    case 0xE0: (length, second) = (3, 0xA0...0xBF)
    case 0xED: (length, second) = (3, 0x80...0x9F)
    case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
    case 0xF0: (length, second) = (4, 0x90...0xBF)
    case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
    case 0xF4: (length, second) = (4, 0x80...0x8F)
    default: throw error("the text is not UTF-8")
    }
    guard position + length <= bytes.count, second.contains(bytes[position + 1]),
      bytes[(position + 2)..<(position + max(length, 2))].allSatisfy({ $0 & 0xC0 == 0x80 })
    else { throw error("the text is not UTF-8") }
    position += length
  }
}
