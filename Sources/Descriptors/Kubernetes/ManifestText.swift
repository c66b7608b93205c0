import NFVModel

/// Objects as YAML, a document each: block style, keys in the order that people look for them, text in quotes wherever
/// YAML would take it for something else.
enum ManifestText {
  static func yaml(_ objects: [JSONValue]) -> String {
    objects.map { object in
      var lines: [String] = []
      write(object, indent: 0, into: &lines)
      return "---\n" + lines.map { $0 + "\n" }.joined()
    }.joined()
  }

  private static func write(_ value: JSONValue, indent: Int, into lines: inout [String]) {
    let margin = String(repeating: " ", count: indent)
    switch value {
    case .object(let fields) where !fields.isEmpty:
      for (key, member) in fields.sorted(by: { precedes($0.key, $1.key) }) {
        if let inline = inline(member) {
          lines.append("\(margin)\(text(key)): \(inline)")
        } else {
          lines.append("\(margin)\(text(key)):")
          write(member, indent: indent + 2, into: &lines)
        }
      }
    case .array(let items) where !items.isEmpty:
      for item in items {
        if let inline = inline(item) {
          lines.append("\(margin)- \(inline)")
        } else {
          let first = lines.count
          write(item, indent: indent + 2, into: &lines)
          lines[first] = "\(margin)- " + lines[first].dropFirst(indent + 2)
        }
      }
    default: lines.append("\(margin)\(inline(value) ?? "")")
    }
  }

  /// On one line: what holds nothing else. Nil for what takes lines of its own.
  private static func inline(_ value: JSONValue) -> String? {
    switch value {
    case .null: "null"
    case .bool(let flag): flag ? "true" : "false"
    case .number(let digits): digits
    case .string(let content): text(content)
    case .array(let items): items.isEmpty ? "[]" : nil
    case .object(let fields): fields.isEmpty ? "{}" : nil
    }
  }

  private static let leading = ["apiVersion", "kind", "metadata", "name", "namespace", "spec"]

  private static func precedes(_ a: String, _ b: String) -> Bool {
    let (i, j) = (leading.firstIndex(of: a) ?? leading.count, leading.firstIndex(of: b) ?? leading.count)
    return i == j ? a < b : i < j
  }

  /// Bare where every reader of YAML takes it for the same text; else as JSON writes it, which YAML understands.
  private static func text(_ content: String) -> String {
    let isBare =
      content.utf8.first.map { isLetter($0) } ?? false
      && content.utf8.allSatisfy { isLetter($0) || (0x30...0x39).contains($0) || "-._/".utf8.contains($0) }
      && !words.contains(content.lowercased())
    return isBare ? content : quoted(content)
  }

  /// What YAML does not take as it is, JSON mostly escapes too; the rest is escaped here.
  private static func quoted(_ content: String) -> String {
    var text = ""
    for scalar in JSONValue.string(content).canonicalText.unicodeScalars {
      switch scalar.value {
      case 0x7F...0x9F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
  }

  private static let words: Set<String> = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
}
