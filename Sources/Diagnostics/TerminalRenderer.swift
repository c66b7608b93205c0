/// Draws a diagnostic for people: message, place, the lines concerned with marks and labels, notes, help.
///
/// Without colour the output is plain text, the same on every machine; each diagnostic ends with a newline.
package struct TerminalRenderer: Sendable {
  private let usesColour: Bool

  package init(usesColour: Bool = false) { self.usesColour = usesColour }

  /// All diagnostics, an empty line between two.
  package func render(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.map { render($0) }.joined(separator: "\n")
  }

  package func render(_ diagnostic: Diagnostic) -> String {
    let groups = Self.groups(of: diagnostic)
    let gutter = Gutter(width: Self.gutterWidth(groups), style: style)
    let severity = Self.style(of: diagnostic.severity)
    var lines = [
      style("\(diagnostic.severity.rawValue)[\(diagnostic.code)]", severity)
        + style(": \(Self.singleLine(diagnostic.message))", .bold)
    ]
    for (index, group) in groups.enumerated() {
      lines += Snippet(group: group, isFirst: index == 0, gutter: gutter, severity: severity).lines
    }
    let below = notes(of: diagnostic)
    if !below.isEmpty { lines.append(gutter.bar) }
    for note in below {
      let parts = note.split(separator: "\n", omittingEmptySubsequences: false)
      lines.append(gutter.mark("=") + " " + (parts.first ?? ""))
      lines += parts.dropFirst().map { gutter.margin + "    " + $0 }
    }
    return lines.map(Self.withoutTrailingBlanks).joined(separator: "\n") + "\n"
  }

  private func notes(of diagnostic: Diagnostic) -> [String] {
    diagnostic.notes.map(Self.harmless) + diagnostic.fixes.map { "help: " + Self.singleLine($0.title) }
  }

  // MARK: - Labels by file

  struct Mark {
    var label: Diagnostic.Label
    var isPrimary: Bool
    var line: Int
  }

  /// The file of the primary label first, then the others as they are met.
  private static func groups(of diagnostic: Diagnostic) -> [[Mark]] {
    var groups: [[Mark]] = []
    let labels = [(diagnostic.primary, true)] + diagnostic.secondary.map { ($0, false) }
    for (label, isPrimary) in labels {
      let mark = Mark(label: label, isPrimary: isPrimary, line: label.range.line)
      if let index = groups.firstIndex(where: { $0[0].label.range.source == label.range.source }) {
        groups[index].append(mark)
      } else {
        groups.append([mark])
      }
    }
    return groups
  }

  private static func gutterWidth(_ groups: [[Mark]]) -> Int {
    groups.joined().map { String($0.line).count }.max() ?? 1
  }

  // MARK: - Text

  static func singleLine(_ text: String) -> String {
    String(harmless(text).map { $0.isNewline ? " " : $0 })
  }

  /// Control characters but newlines would reach the terminal as commands.
  static func harmless(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isControl = scalar.properties.generalCategory == .control && scalar != "\n"
      scalars.append(isControl ? "\u{FFFD}" : scalar)
    }
    return String(scalars)
  }

  private static func withoutTrailingBlanks(_ line: String) -> String {
    var line = Substring(line)
    while line.last == " " { line.removeLast() }
    return String(line)
  }

  // MARK: - Colour

  enum Style: String { case bold = "1", red = "1;31", yellow = "1;33", cyan = "1;36", blue = "1;34" }

  static func style(of severity: Diagnostic.Severity) -> Style {
    switch severity {
    case .error: .red
    case .warning: .yellow
    case .note: .cyan
    }
  }

  private var style: @Sendable (String, Style) -> String {
    let usesColour = usesColour
    return { text, style in usesColour ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text }
  }

  private func style(_ text: String, _ style: Style) -> String { self.style(text, style) }
}

/// The margin with line numbers.
struct Gutter {
  let width: Int
  let style: @Sendable (String, TerminalRenderer.Style) -> String

  var margin: String { String(repeating: " ", count: width + 1) }
  var bar: String { mark("|") }
  func mark(_ symbol: String) -> String { margin + style(symbol, .blue) }
  func number(_ line: Int) -> String {
    let digits = String(line)
    return style(String(repeating: " ", count: width - digits.count) + digits + " |", .blue)
  }
  func arrow(_ symbol: String) -> String { String(repeating: " ", count: width) + style(symbol, .blue) }
}
