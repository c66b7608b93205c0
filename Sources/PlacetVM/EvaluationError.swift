package import Diagnostics

/// Why a known evaluation gave no value.
package enum EvaluationError: Error, Hashable, Sendable {
  /// The author's mistakes, each located.
  case mistakes([Diagnostic])
  /// `refuse "reason"`: in a rule the rule is then violated for that reason; elsewhere it is a mistake.
  case refusal(reason: String, range: SourceRange)
  /// A limit of the budget was met.
  case limit(Diagnostic)

  init(_ diagnostic: Diagnostic) { self = .mistakes([diagnostic]) }

  /// As what an author is told where nothing catches the refusal.
  package var diagnostics: [Diagnostic] {
    switch self {
    case .mistakes(let all): all
    case .refusal(let reason, let range): [.refused(reason, at: range)]
    case .limit(let diagnostic): [diagnostic]
    }
  }
}
