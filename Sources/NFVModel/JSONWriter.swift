extension JSONValue {
  /// The canonical form: one line, keys sorted by their bytes. Digests are taken of it.
  package var canonicalBytes: [UInt8] {
    var writer = JSONWriter(indent: nil)
    writer.write(self, level: 0)
    return writer.bytes
  }

  /// The canonical form as text.
  package var canonicalText: String { String(decoding: canonicalBytes, as: UTF8.self) }

  /// For people and files: two spaces a level, keys sorted, a line feed at the end. Lists of plain values
  /// and objects of at most `inline` bytes stand on one line.
  package func prettyText(inline: Int = 72) -> String {
    var writer = JSONWriter(indent: 2, inline: inline)
    writer.write(self, level: 0)
    writer.bytes.append(0x0A)
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

struct JSONWriter {
  var bytes: [UInt8] = []
  /// Spaces a level; nil writes one line without a space.
  let indent: Int?
  var inline = 0

  init(indent: Int?, inline: Int = 0) {
    self.indent = indent
    self.inline = inline
  }

  mutating func write(_ value: JSONValue, level: Int) {
    switch value {
    case .null: append("null")
    case .bool(let flag): append(flag ? "true" : "false")
    case .number(let text): append(text)
    case .string(let text): write(text)
    case .array(let items):
      list("[", "]", items.count, level, breaking: !fits(value)) { writer, index, level in
        writer.write(items[index], level: level)
      }
    case .object(let fields):
      // ORDER: by bytes, so that the form does not depend on a locale or on Unicode normalisation.
      let sorted = fields.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      list("{", "}", sorted.count, level, breaking: !fits(value)) { writer, index, level in
        writer.write(sorted[index].key)
        writer.append(writer.indent == nil ? ":" : ": ")
        writer.write(sorted[index].value, level: level)
      }
    }
  }

  private mutating func list(
    _ open: StaticString, _ close: StaticString, _ count: Int, _ level: Int, breaking: Bool,
    _ item: (inout JSONWriter, Int, Int) -> Void
  ) {
    append(open)
    for index in 0..<count {
      if index > 0 { append(breaking || indent == nil ? "," : ", ") }
      if breaking { newline(level + 1) }
      item(&self, index, level + 1)
    }
    if breaking, count > 0 { newline(level) }
    append(close)
  }

  /// Whether a value stands on one line: it is plain all through and short.
  private func fits(_ value: JSONValue) -> Bool {
    guard indent != nil else { return true }
    var room = inline
    return plainLength(of: value, room: &room)
  }

  private func plainLength(of value: JSONValue, room: inout Int) -> Bool {
    switch value {
    case .null, .bool: room -= 5
    case .number(let text): room -= text.utf8.count
    case .string(let text): room -= text.utf8.count + 2
    case .array(let items):
      for item in items {
        room -= 2
        if room < 0 || !plainLength(of: item, room: &room) { return false }
      }
    case .object(let fields):
      for (key, member) in fields {
        room -= key.utf8.count + 6
        if room < 0 || !plainLength(of: member, room: &room) { return false }
      }
    }
    return room >= 0
  }

  private mutating func newline(_ level: Int) {
    bytes.append(0x0A)
    bytes.append(contentsOf: repeatElement(0x20, count: level * (indent ?? 0)))
  }

  private mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }

  private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  private mutating func write(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): append("\\\"")
      case UInt8(ascii: "\\"): append("\\\\")
      case 0x0A: append("\\n")
      case 0x0D: append("\\r")
      case 0x09: append("\\t")
      case 0..<0x20:
        append("\\u00")
        bytes.append(Self.hex[Int(byte >> 4)])
        bytes.append(Self.hex[Int(byte & 15)])
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static let hex = Array("0123456789abcdef".utf8)
}
