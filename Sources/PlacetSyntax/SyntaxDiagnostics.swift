import Diagnostics

/// Every diagnostic the parser can emit, in order of code.
extension Diagnostic {
  /// `let = 3`: something is wanted and something else is there.
  static func expected(_ wanted: String, found: String, at range: SourceRange) -> Self {
    Diagnostic("E0101", "expected \(wanted), found \(found)", at: Label(range, "\(wanted) is wanted here"))
  }

  /// `cpu: 8 memory: 16 GiB`
  static func missingComma(before name: SourceRange, after last: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0101", "expected ',' or end of line, found '\(name.text)'",
      at: Label(name, "',' or end of line is wanted before the next field"))
    let end = SourceRange(last.source, last.end, last.end)
    diagnostic.fixes = [Fix(end, replacement: ",", title: "write ',' before '\(name.text)'")]
    return diagnostic
  }

  /// `memory = 16 GiB` in curly brackets.
  static func fieldByEquals(_ name: String, at range: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0101", "expected ':', found '='", at: Label(range, "a field is given with ':'"))
    diagnostic.fixes = [Fix(range, replacement: ":", title: "write '\(name): …'")]
    return diagnostic
  }

  /// `f(a, b` and the end of the line.
  static func openBracket(
    _ wanted: String, found: String, at range: SourceRange, opener: SourceRange
  ) -> Self {
    var diagnostic = Diagnostic(
      "E0102", "expected \(wanted), found \(found)", at: Label(range, "\(wanted) is wanted here"))
    diagnostic.secondary = [Label(opener, "this '\(opener.text)' is not closed")]
    return diagnostic
  }

  /// `}` too many.
  static func strayCloser(_ range: SourceRange) -> Self {
    Diagnostic("E0103", "'\(range.text)' closes nothing", at: Label(range, "no bracket is open here"))
  }

  /// `a < b < c`
  static func comparisonChain(_ first: Parser.Comparison, _ second: Parser.Comparison) -> Self {
    var diagnostic = Diagnostic(
      "E0104", "a comparison cannot be compared again",
      at: Label(second.symbol, "this is the second comparison"))
    diagnostic.secondary = [Label(first.symbol, "this is the first")]
    let middle = first.right
    let last = "\(second.symbol.text) \(second.right.text)"
    diagnostic.fixes = [
      Fix(
        SourceRange(middle.source, middle.end, middle.end), replacement: " and \(middle.text)",
        title: "write '\(first.left.text) \(first.symbol.text) \(middle.text) and \(middle.text) \(last)'")
    ]
    return diagnostic
  }

  /// Brackets in brackets without end.
  static func tooDeep(_ range: SourceRange) -> Self {
    Diagnostic("E0105", "this is nested too deeply", at: Label(range, "the limit is met here"))
  }

  /// `let weight = 3`
  static func reservedName(_ range: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0106", "'\(range.text)' is a word of the language and cannot be a name here",
      at: Label(range, "a name is wanted here"))
    diagnostic.fixes = [
      Fix(range, replacement: range.text + "_", title: "use '\(range.text)_'")
    ]
    return diagnostic
  }

  /// `requre x > 3`
  static func unknownVerb(_ range: SourceRange, nearest: String) -> Self {
    var diagnostic = Diagnostic(
      "E0107", "no statement begins with '\(range.text)'", at: Label(range, "a verb is wanted here"))
    diagnostic.fixes = [Fix(range, replacement: nearest, title: "use '\(nearest)'")]
    return diagnostic
  }

  /// `1 + if a then b else c`
  static func needsBrackets(_ word: String, at range: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0108", "'\(word)' cannot stand behind an operator", at: Label(range, "an operand is wanted here"))
    diagnostic.notes = ["help: put '\(word) …' in round brackets"]
    return diagnostic
  }

  /// `require a = b`
  static func assignmentInCondition(_ range: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0109", "'=' gives a value, '==' compares", at: Label(range, "a comparison is wanted here"))
    diagnostic.fixes = [Fix(range, replacement: "==", title: "use '=='")]
    return diagnostic
  }

  /// `x = 3` where only a `let` gives a value.
  static func missingLet(_ range: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0110", "a value gets its name by 'let'", at: Label(range, "'let' is wanted before this"))
    let before = SourceRange(range.source, range.start, range.start)
    diagnostic.fixes = [Fix(before, replacement: "let ", title: "write 'let' before it")]
    return diagnostic
  }

  /// `survive failure of any site s { … }`
  static func notYet(_ form: String, at range: SourceRange) -> Self {
    Diagnostic(
      "E0190", "'\(form)' is not part of the language yet", at: Label(range, "this cannot be said so far"))
  }
}
