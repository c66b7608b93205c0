/// The words and symbols of the language, as data: one place for lexer, parser, formatter and completion.
package enum Words {
  /// Reserved everywhere but after "." and before ":", where every word is a name.
  package static let reserved: Set<String> = [
    "all", "and", "at", "because", "decide", "dimension", "div", "during", "each", "else", "entity",
    "enum", "expect", "extend", "false", "finally", "for", "forbid", "from", "fun", "if", "implies",
    "import", "in", "infeasible", "layer", "let", "load", "match", "maximize", "minimize", "mod",
    "none", "not", "or", "param", "prefer", "record", "refuse", "require", "return", "rule",
    "scenario", "set", "solve", "survive", "test", "then", "this", "true", "unit", "use", "waive",
    "weight", "where", "with",
  ]

  /// Mean something in one place only and are plain names elsewhere.
  package static let contextual: Set<String> = [
    "any", "always", "possible", "never", "as", "by", "failure", "of", "open", "relax", "binding",
    "active", "inactive",
  ]

  /// Whether a text is a name by itself, without quotes, wherever a name may stand.
  package static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(0x30...0x39).contains(first), !reserved.contains(text) else {
      return false
    }
    return text.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
        || $0 == UInt8(ascii: "_")
    }
  }

  /// Reserved words and symbols after which a statement may end.
  static let endsStatement: Set<String> = [
    "true", "false", "none", "this", "solve", "infeasible", ")", "]", "}", "?",
  ]

  /// What no statement begins with: a newline before one of these is dropped.
  static let continuesLine: Set<String> = [
    ".", "?.", "??", ")", "]", "}", ",", "=>", "->", "==", "!=", "<", "<=", ">", ">=", "+", "*", "/",
    "..", "..<", "and", "or", "implies", "in", "div", "mod", "where", "weight", "because", "then",
    "else", "with",
  ]

  /// Begin an item and nothing else: seen at the start of a line, every bracket before was left open.
  static let itemOnly: Set<String> = [
    "import", "layer", "dimension", "unit", "enum", "extend", "record", "entity", "fun", "rule", "test",
  ]

  /// Begin a statement, fact or step (`for`, `if` and `match` stand in expressions too).
  static let statementOnly: Set<String> = [
    "let", "param", "load", "require", "forbid", "prefer", "minimize", "maximize", "use", "waive",
    "survive", "during", "finally", "scenario", "solve", "expect", "decide", "return",
  ]

  /// The verbs a misspelt first word may have meant.
  static let verbs: [String] =
    (itemOnly.union(statementOnly).union(["for", "if", "match"])).sorted()
}
