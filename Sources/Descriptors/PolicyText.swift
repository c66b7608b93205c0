import PlacetSyntax

/// The text of a policy that is written by a program: two spaces a level, a part a line.
struct PolicyText {
  private var lines: [String] = []

  var text: String { lines.map { $0 + "\n" }.joined() }

  mutating func line(_ line: String = "") { lines.append(line) }

  /// `head { … }`; `head { }` where nothing is written.
  mutating func block(_ head: String, _ content: PolicyText) {
    if content.lines.isEmpty {
      line("\(head) { }")
    } else {
      line("\(head) {")
      for inner in content.lines { line(inner.isEmpty ? "" : "  \(inner)") }
      line("}")
    }
  }

  mutating func block(_ head: String, _ write: (inout PolicyText) -> Void) {
    var content = PolicyText()
    write(&content)
    block(head, content)
  }

  mutating func append(_ other: PolicyText) { lines += other.lines }

  /// What is no text of ours stays in its comment: a value of several lines takes several.
  mutating func comment(_ comment: String, mark: String = "//") {
    for line in comment.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
      let text = String(
        String.UnicodeScalarView(line.unicodeScalars.map { Self.isInvisible($0) ? "\u{FFFD}" : $0 }))
      self.line("\(mark) \(text)".trimmingTrailingBlanks())
    }
  }

  // MARK: Numbers, names and text

  /// Digits, with or without decimals, less the zeros before them.
  static func number(_ digits: String) -> String {
    let trimmed = String(digits.drop { $0 == "0" })
    return trimmed.isEmpty || trimmed.hasPrefix(".") ? "0\(trimmed)" : trimmed
  }

  /// As a name is declared: bare where it is a word, else in quotes.
  static func name(_ name: String) -> String { isWord(name) ? name : quoted(name) }

  /// Whether a name stands bare everywhere: words that mean something in one place only are quoted too.
  static func isWord(_ name: String) -> Bool { Words.isName(name) && !Words.contextual.contains(name) }

  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      default:
        if isInvisible(scalar) {
          result += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }

  /// Controls, and what turns the direction of writing: a reader must see what he gets.
  private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control: scalar != "\t"
    case .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}

extension String {
  fileprivate func trimmingTrailingBlanks() -> String {
    var result = self
    while result.last == " " || result.last == "\t" { result.removeLast() }
    return result
  }
}
