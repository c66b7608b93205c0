package import Diagnostics

/// Cuts a source into tokens and loses no byte: trivia and text of all tokens, joined, are the source.
///
/// Any bytes are legal input; what starts no token becomes an `invalid` token with a diagnostic.
package struct Lexer {
  /// What is open where the lexer stands; decides whether a newline ends a statement.
  enum Opener: Equatable { case round, square, curly, interpolation(textStart: Int) }

  let source: Source
  let bytes: [UInt8]
  var position = 0
  var tokens: [Token] = []
  var diagnostics: [Diagnostic] = []
  var open: [Opener] = []
  /// The last token that is not `invalid`.
  var last: Token?
  var openInterpolations = 0
  /// Where the trivia before the next token begins.
  var leading = 0

  init(_ source: Source) {
    self.source = source
    self.bytes = source.bytes
  }

  package static func tokenize(_ source: Source) -> (tokens: [Token], diagnostics: [Diagnostic]) {
    let lexer = run(source)
    return (lexer.tokens, lexer.diagnostics)
  }

  /// The lexer at the end of its input: what is still open is in `open`.
  static func run(_ source: Source) -> Lexer {
    var lexer = Lexer(source)
    lexer.tokens.reserveCapacity(source.bytes.count / 4 + 1)
    while lexer.next() {}
    return lexer
  }

  /// Reads trivia and one token, and the separator between them if there is one.
  private mutating func next() -> Bool {
    let separator = skipTrivia()
    if let separator, separator.isLine, closeInterpolations(before: separator.offset) { return true }
    guard position < bytes.count else {
      if closeInterpolations(before: position) { return true }
      append(.endOfFile, from: position)
      return false
    }
    let start = position
    let inside = open.last
    let kind = scanToken()
    if let separator, isSeparator(separator, inside: inside, before: kind, from: start) {
      tokens.append(
        Token(kind: .separator, leading: leading, start: separator.offset, end: separator.offset + 1))
      leading = separator.offset + 1
    }
    append(kind, from: start)
    trackBrackets(kind, from: start)
    return true
  }

  private mutating func append(_ kind: Token.Kind, from start: Int) {
    let token = Token(kind: kind, leading: leading, start: start, end: position)
    tokens.append(token)
    if kind != .invalid { last = token }
    leading = position
  }

  /// An interpolation ends with its line: an empty `textClose` stands for what is missing.
  ///
  /// Goes back to `offset` so that the newline there is read again, outside the text.
  @discardableResult
  private mutating func closeInterpolations(before offset: Int) -> Bool {
    guard openInterpolations > 0,
      let first = open.firstIndex(where: { if case .interpolation = $0 { true } else { false } })
    else { return false }
    position = tokens.last?.end ?? offset
    for opener in open[first...].reversed() {
      guard case .interpolation(let textStart) = opener else { continue }
      if opener == open[first], !isReported(textStart) {
        let end = SourceRange(source, position, position)
        diagnostics.append(.openText(end, opener: SourceRange(source, textStart, textStart + 1)))
      }
      append(.textClose, from: position)
    }
    open.removeSubrange(first...)
    openInterpolations = 0
    return true
  }

  /// A text inside was left open on the same line, and the author has been told.
  private func isReported(_ textStart: Int) -> Bool {
    diagnostics.last.map { $0.code == "E0002" && $0.primary.range.start >= textStart } ?? false
  }

  // MARK: - Separators

  private struct Separator {
    var offset: Int
    var isLine: Bool
    var hasSemicolon: Bool
  }

  /// Blanks, comments, newlines and semicolons; gives the first newline or semicolon among them.
  private mutating func skipTrivia() -> Separator? {
    var found: Separator?
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): position += 1
      case UInt8(ascii: "\n"):
        if found == nil { found = Separator(offset: position, isLine: true, hasSemicolon: false) }
        found?.isLine = true
        position += 1
      case UInt8(ascii: ";"):
        if found == nil { found = Separator(offset: position, isLine: false, hasSemicolon: true) }
        found?.hasSemicolon = true
        position += 1
      case UInt8(ascii: "/") where byte(at: position + 1) == UInt8(ascii: "/"): skipComment()
      case 0xEF where position == 0 && bytes.starts(with: [0xEF, 0xBB, 0xBF]): position += 3
      default: return found
      }
    }
    return found
  }

  private mutating func skipComment() {
    let start = position
    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
    reportInvalidEncoding(start, position)
  }

  /// The newline rules a, b and c; semicolons count in brackets too, where the parser refuses them.
  private func isSeparator(
    _ separator: Separator, inside: Opener?, before kind: Token.Kind, from start: Int
  ) -> Bool {
    guard let last else { return false }
    let text = spelling(kind, start, position)
    if text == "}" || spelling(last.kind, last.start, last.end) == "{" { return false }
    if separator.hasSemicolon { return true }
    switch inside {
    case .round, .square, .interpolation: return kind == .reserved && beginsStatement(text)
    case .curly, nil: break
    }
    return canEndStatement(last) && !Words.continuesLine.contains(text)
  }

  private func canEndStatement(_ token: Token) -> Bool {
    switch token.kind {
    case .reserved, .symbol: Words.endsStatement.contains(spelling(token.kind, token.start, token.end))
    case .separator: false
    default: true
    }
  }

  private func beginsStatement(_ word: String) -> Bool {
    Words.statementOnly.contains(word) || Words.itemOnly.contains(word)
  }

  /// Reserved words and symbols by their text, all else by nothing.
  private func spelling(_ kind: Token.Kind, _ start: Int, _ end: Int) -> String {
    kind == .reserved || kind == .symbol ? String(decoding: bytes[start..<end], as: UTF8.self) : ""
  }

  // MARK: - Brackets

  private mutating func trackBrackets(_ kind: Token.Kind, from start: Int) {
    if kind == .reserved, tokens.count > 1, tokens[tokens.count - 2].kind == .separator,
      open.last == .round || open.last == .square,
      beginsStatement(spelling(kind, start, position))
    {
      // No bracket of an expression holds a verb: those open here were left open.
      while let last = open.last, last == .round || last == .square { open.removeLast() }
    }
    guard kind == .symbol, position == start + 1 else { return }
    switch bytes[start] {
    case UInt8(ascii: "("): open.append(.round)
    case UInt8(ascii: "["): open.append(.square)
    case UInt8(ascii: "{"): open.append(.curly)
    case UInt8(ascii: ")"): close(.round)
    case UInt8(ascii: "]"): close(.square)
    case UInt8(ascii: "}"): close(.curly)
    default: break
    }
  }

  /// Closes the innermost of its kind and what was left open inside; a round or square bracket never
  /// closes a curly one, and nothing reaches out of an interpolation.
  private mutating func close(_ opener: Opener) {
    var index = open.count - 1
    // BOUND: no parser reads deeper, and input of unmatched brackets alone must not take quadratic time.
    let lowest = max(0, open.count - 2 * Parser.nestingLimit)
    while index >= lowest {
      if open[index] == opener { return open.removeSubrange(index...) }
      if case .interpolation = open[index] { return }
      if opener != .curly, open[index] == .curly { return }
      index -= 1
    }
  }

  func byte(at offset: Int) -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

  mutating func reportInvalidEncoding(_ start: Int, _ end: Int) {
    var offset = start
    while offset < end {
      if bytes[offset] < 0x80 { offset += 1; continue }
      guard let scalar = UTF8Scalar.decode(bytes, at: offset) else {
        diagnostics.append(.invalidEncoding(SourceRange(source, offset, offset + 1)))
        return
      }
      offset += scalar.length
    }
  }
}
