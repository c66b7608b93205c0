import Diagnostics

/// Every diagnostic of stating decided code, in order of code.
extension Diagnostic {
  /// `price[(i.host, j.host, k.host)]`.
  static func tooManyDecisions(_ names: [String], at range: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0330", "this depends on more than two decisions at once: \(list(names))",
      at: .init(range, "one term may join two decisions, and terms may be added"))
    diagnostic.notes.append("a sum of terms over one or two decisions each can be stated")
    return diagnostic
  }

  /// `i.cpu_count * h.price`.
  static func productOfDecisions(_ a: [String], _ b: [String], at range: SourceRange) -> Self {
    Diagnostic(
      "E0331", "decided numbers are multiplied: one by \(list(a)), one by \(list(b))",
      at: .init(range, "one side has to be known, or 0 or 1"))
  }

  static func divisionByDecision(_ names: [String], at range: SourceRange) -> Self {
    Diagnostic(
      "E0332", "division by what is decided by \(list(names))",
      at: .init(range, "the divisor has to be known"))
  }

  static func floatInConstraint(at range: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0333", "a float cannot take part in a constraint", at: .init(range, "this is a float"))
    diagnostic.notes.append("write 'round', 'floor' or 'ceil' to a step")
    return diagnostic
  }

  static func decidedLength(_ what: String, at range: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0334", "the length of \(what) depends on a decision", at: .init(range, "decided here"))
    diagnostic.notes.append("use 'count', 'sum', 'any' or 'all' with the same condition")
    return diagnostic
  }

  static func notStatable(_ what: String, _ names: [String], at range: SourceRange) -> Self {
    Diagnostic(
      "E0335", "\(what) cannot be stated over \(names.isEmpty ? "decisions" : list(names))",
      at: .init(range, "this is decided"))
  }

  static func decisionCycle(_ path: [String], at range: SourceRange) -> Self {
    Diagnostic(
      "E0336", "this needs itself: \(path.joined(separator: " needs "))",
      at: .init(range, "needed for its own value"))
  }

  static func endlessCandidates(_ field: String, at range: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0337", "'\(field)' has no finite list of candidates", at: .init(range, "decided here"))
    diagnostic.notes.append("say which: 'decide \(field): int in 1..8'")
    return diagnostic
  }

  /// Numbers beyond 62 bits once scaled to integers.
  static func tooLarge(at range: SourceRange) -> Self {
    Diagnostic(
      "E0520", "the numbers of this constraint are too large or too finely divided",
      at: .init(range, "scaled to integers this leaves 62 bits"))
  }

  /// `prefer p weight w` with a w below 0.
  static func negativeWeight(_ weight: String, at range: SourceRange) -> Self {
    var diagnostic = Diagnostic(
      "E0521", "a wish has a negative weight", at: .init(range, "this is \(weight)"))
    diagnostic.notes.append("help: prefer the opposite, 'prefer not …', with the weight above 0")
    return diagnostic
  }

  private static func list(_ names: [String]) -> String {
    guard let last = names.last, names.count > 1 else { return names.first ?? "a decision" }
    return names.dropLast().joined(separator: ", ") + " and " + last
  }
}
