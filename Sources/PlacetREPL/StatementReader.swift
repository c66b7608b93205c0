import Diagnostics
import PlacetSyntax

/// Gathers lines until a statement is whole.
///
/// A statement is open while a bracket is, while a line ends in an operator, and while a doc comment waits for its
/// declaration. An empty line ends an open statement as it is, inside brackets the second one in a row does.
struct StatementReader {
  private(set) var lines: [String] = []

  var isOpen: Bool { !lines.isEmpty }
  var text: String { lines.joined(separator: "\n") }

  /// A whole statement, or nil while more is wanted. `next` is the line that is known to follow, if one is.
  mutating func add(_ line: String, before next: String? = nil) -> String? {
    let isBlank = line.allSatisfy(\.isWhitespace)
    if isBlank, lines.isEmpty { return nil }
    let wasBlank = lines.last?.allSatisfy(\.isWhitespace) ?? false
    lines.append(line)
    if isBlank, wasBlank || !hasOpenBracket { return take() }
    if let next, Parser.continuesStatement(Source(name: "", text: next)) { return nil }
    let fragment = Parser.parseFragment(Source(name: "", text: text))
    if fragment.isIncomplete || isWaitingComment(fragment) { return nil }
    return take()
  }

  /// Gives up what was gathered and returns it.
  mutating func take() -> String {
    defer { lines = [] }
    return text
  }

  private var hasOpenBracket: Bool {
    let source = Source(name: "", text: text)
    var depth = 0
    for token in Lexer.tokenize(source).tokens where token.kind == .symbol && token.end == token.start + 1 {
      switch source.bytes[token.start] {
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
      default: continue
      }
    }
    return depth > 0
  }

  private func isWaitingComment(_ fragment: Fragment) -> Bool {
    guard case .items(let items) = fragment.content, items.isEmpty, fragment.diagnostics.isEmpty else { return false }
    return lines.contains { $0.drop(while: \.isWhitespace).hasPrefix("///") }
  }
}
