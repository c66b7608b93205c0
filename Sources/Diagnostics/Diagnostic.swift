/// What an author is told: data first, renderings elsewhere.
package struct Diagnostic: Hashable, Sendable, Error {
  package enum Severity: String, Hashable, Sendable { case error, warning, note }

  /// A place and what is there.
  package struct Label: Hashable, Sendable {
    package var range: SourceRange
    package var text: String

    package init(_ range: SourceRange, _ text: String) {
      self.range = range
      self.text = text
    }
  }

  /// A change that a machine can apply.
  package struct Fix: Hashable, Sendable {
    package var range: SourceRange
    package var replacement: String
    /// What it does, in the author's words: `use 'memory'`.
    package var title: String

    package init(_ range: SourceRange, replacement: String, title: String) {
      self.range = range
      self.replacement = replacement
      self.title = title
    }
  }

  package var severity: Severity
  /// Stable, one page each: `E0203`.
  package var code: String
  /// Lower case, no full stop, the author's words.
  package var message: String
  /// Where it is, with what is there.
  package var primary: Label
  /// Where an expectation came from, and other places that matter.
  package var secondary: [Label] = []
  /// Lines below the picture: `= help: …`.
  package var notes: [String] = []
  package var fixes: [Fix] = []

  package init(
    _ code: String, _ message: String, at primary: Label, severity: Severity = .error
  ) {
    self.severity = severity
    self.code = code
    self.message = message
    self.primary = primary
  }
}

/// Where phases put what they have to say; errors of a phase are reported together.
package struct DiagnosticBag: Sendable {
  package private(set) var all: [Diagnostic] = []

  package init() {}

  package mutating func report(_ diagnostic: Diagnostic) { all.append(diagnostic) }
  package mutating func report(contentsOf other: [Diagnostic]) { all += other }
  package var hasErrors: Bool { all.contains { $0.severity == .error } }
}
