import Diagnostics

/// Every diagnostic of known evaluation, in order of code.
extension Diagnostic {
  /// `refuse "no price"` met outside of a rule.
  static func refused(_ reason: String, at range: SourceRange) -> Self {
    Diagnostic("E0501", "refused: \(reason)", at: .init(range, "this was evaluated, and it refuses"))
  }
}
