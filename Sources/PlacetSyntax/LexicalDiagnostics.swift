import Diagnostics

/// Every diagnostic the lexer can emit, in order of code.
extension Diagnostic {
  /// `a && b`: characters that start no token.
  static func unknownCharacter(_ range: SourceRange) -> Self {
    let first = range.text.unicodeScalars.first ?? "\u{FFFD}"
    let shown =
      first.value < 0x20 || first.value == 0x7F
      ? "U+" + String(repeating: "0", count: first.value < 16 ? 3 : 2)
        + String(first.value, radix: 16, uppercase: true) : "'\(first)'"
    var diagnostic = Diagnostic(
      "E0001", "\(shown) is not part of the language", at: Label(range, "this starts no token"))
    switch first {
    case "&": diagnostic.notes = ["help: the word for it is 'and'"]
    case "|": diagnostic.notes = ["help: the word for it is 'or'"]
    case "!": diagnostic.notes = ["help: the word for it is 'not'"]
    case "'": diagnostic.notes = ["help: a text stands in double quotes"]
    case "%": diagnostic.notes = ["help: '%' stands only after a number; the remainder is 'mod'"]
    case "#": diagnostic.notes = ["help: a comment begins with '//'"]
    default: break
    }
    return diagnostic
  }

  /// `"abc` and the end of the line.
  static func openText(_ range: SourceRange, opener: SourceRange?) -> Self {
    var diagnostic = Diagnostic(
      "E0002", "this text is not closed", at: Label(range, "'\"' is wanted before the end of the line"))
    if let opener { diagnostic.secondary = [Label(opener, "the text begins here")] }
    return diagnostic
  }

  /// `"\q"`
  static func unknownEscape(_ range: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0003", "'\(range.text)' is no escape", at: Label(range, "this stands for no character"))
    diagnostic.notes = ["help: the escapes are \\n \\t \\\" \\\\ \\u{...} and \\( ) round an expression"]
    return diagnostic
  }

  /// Bytes that are no UTF-8.
  static func invalidEncoding(_ range: SourceRange) -> Self {
    Diagnostic("E0004", "this is not UTF-8", at: Label(range, "these bytes are no character"))
  }

  /// `1_`
  static func malformedNumber(_ range: SourceRange) -> Self {
    Diagnostic("E0005", "'\(range.text)' is no number", at: Label(range, "'_' stands between digits"))
  }
}
