/// A token with the blanks, comments and dropped newlines before it.
package struct Token: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    case word
    case reserved
    case number
    case unit
    case text
    /// The parts of a text with interpolation: `"a\(`, `)b\(`, `)c"`.
    case textOpen, textMore, textClose
    case symbol
    /// One or more newlines or `;` that end a statement.
    case separator
    /// Bytes that start no token.
    case invalid
    case endOfFile
  }
  package var kind: Kind
  /// UTF-8 offsets: trivia from `leading` to `start`, the token from `start` to `end`.
  package var leading: Int
  package var start: Int
  package var end: Int

  package init(kind: Kind, leading: Int, start: Int, end: Int) {
    self.kind = kind; self.leading = leading; self.start = start; self.end = end
  }
}
