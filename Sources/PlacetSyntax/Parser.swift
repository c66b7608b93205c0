package import Diagnostics

/// Reads tokens into a tree by recursive descent; always a tree, with diagnostics beside it.
///
/// A rule that cannot go on reports and throws `Panic`; lists of items, statements, fields and the like catch
/// it, skip to the next element and go on, so that all errors of a file are told at once.
package struct Parser {
  /// The author has been told; the nearest list takes over.
  struct Panic: Error {}

  /// No input nests deeper, so none overflows the stack of this or a later phase.
  static let nestingLimit = 200
  /// BOUND: a file that is no policy at all has an error on every line; nobody reads more than these.
  static let reportLimit = 200
  /// How high a tree grows by chains such as `a + b + c` or `a.b.c`.
  static let heightLimit = 1000

  let source: Source
  let tokens: [Token]
  /// The text of words, reserved words, units and symbols; empty for other tokens.
  let texts: [String]
  private let strayClosers: Set<Int>
  var index = 0
  var diagnostics: [Diagnostic] = []
  /// Tokens at which an error was reported: one each.
  var reported: Set<Int> = []
  /// The nesting limit was met: nothing more is said.
  var hasGivenUp = false
  private var depth = 0
  /// Height of the highest tree read in the construct at hand.
  private var height = 0

  init(_ source: Source, tokens all: [Token]) {
    self.source = source
    let tokens = all.filter { $0.kind != .invalid }
    let texts = tokens.map { token in
      switch token.kind {
      case .word, .reserved, .symbol, .unit, .number:
        String(decoding: source.bytes[token.start..<token.end], as: UTF8.self)
      default: ""
      }
    }
    self.tokens = tokens
    self.texts = texts
    self.strayClosers = Self.strayClosers(tokens, texts)
  }

  package static func parse(_ source: Source) -> (tree: SyntaxTree, diagnostics: [Diagnostic]) {
    let (tokens, lexical) = Lexer.tokenize(source)
    var parser = Parser(source, tokens: tokens)
    let items = parser.parsePolicy()
    return (
      SyntaxTree(source: source, tokens: tokens, items: items), merge(lexical, parser.diagnostics)
    )
  }

  /// In the order of the text; what the lexer refused explains a later error on its line.
  static func merge(_ lexical: [Diagnostic], _ syntactic: [Diagnostic]) -> [Diagnostic] {
    let first = lexical.prefix(reportLimit)
    let lines = Set(first.map(\.primary.range.line))
    let others = syntactic.prefix(reportLimit).filter { !lines.contains($0.primary.range.line) }
    var merged = (first + others).enumerated().sorted {
      ($0.element.primary.range.start, $0.offset) < ($1.element.primary.range.start, $1.offset)
    }.map(\.element)
    if lexical.count > reportLimit || syntactic.count > reportLimit {
      merged[merged.count - 1].notes.append("this file has more errors, which are not shown")
    }
    return merged
  }

  // MARK: - Looking

  var token: Token { tokens[index] }
  var kind: Token.Kind { tokens[index].kind }
  var isAtEnd: Bool { index == tokens.count - 1 }
  var isAtSeparator: Bool { kind == .separator }

  func kind(ahead count: Int) -> Token.Kind { tokens[min(index + count, tokens.count - 1)].kind }

  /// A reserved word or symbol, never a name of that spelling.
  func at(_ text: String, ahead count: Int = 0) -> Bool {
    let place = min(index + count, tokens.count - 1)
    return (tokens[place].kind == .symbol || tokens[place].kind == .reserved) && texts[place] == text
  }

  /// A word that means something in one place only.
  func atContextual(_ text: String, ahead count: Int = 0) -> Bool {
    let place = min(index + count, tokens.count - 1)
    return tokens[place].kind == .word && texts[place] == text
  }

  var isAtText: Bool { kind == .text || kind == .textOpen }
  /// `word:`
  var isAtLabel: Bool { (kind == .word || kind == .unit) && at(":", ahead: 1) }
  /// `8 memory:` in curly brackets: the word is no unit, a comma was forgotten before it.
  var isAtLabelAfterNumber: Bool {
    guard kind == .unit, isAtLabel else { return false }
    var closed = 0
    // BOUND: what is further back is not looked at; the word is then a unit, as in `[1 GiB: 4]`.
    for place in stride(from: index - 1, through: max(0, index - 1000), by: -1)
    where tokens[place].kind == .symbol {
      switch texts[place] {
      case ")", "]", "}": closed += 1
      case "(", "[", "{":
        if closed == 0 { return texts[place] == "{" }
        closed -= 1
      default: break
      }
    }
    return false
  }

  func range(of place: Int) -> SourceRange { SourceRange(source, tokens[place].start, tokens[place].end) }

  /// From the token at `start` to the last one read.
  func range(from start: Int) -> SourceRange {
    let last = max(start, index - 1)
    return SourceRange(source, tokens[start].start, max(tokens[start].start, tokens[last].end))
  }

  // MARK: - Moving

  @discardableResult
  mutating func advance() -> SourceRange {
    let range = range(of: index)
    if index < tokens.count - 1 { index += 1 }
    return range
  }

  mutating func skipIfPresent(_ text: String) -> Bool {
    guard at(text) else { return false }
    advance()
    return true
  }

  @discardableResult
  mutating func expect(_ text: String) throws(Panic) -> SourceRange {
    guard at(text) else { throw panic(wanted: "'\(text)'") }
    return advance()
  }

  /// The closing bracket that belongs to the token at `opener`.
  mutating func close(_ text: String, opener: Int, or alternatives: String = "") throws(Panic) {
    guard at(text) else { throw openBracket("\(alternatives)'\(text)'", opener: opener) }
    advance()
  }

  mutating func openBracket(_ wanted: String, opener: Int) -> Panic {
    report(.openBracket(wanted, found: found, at: whereWanted, opener: range(of: opener)))
    return Panic()
  }

  // MARK: - Reporting

  /// At most one report a token: what follows from an error is not an error.
  mutating func report(_ diagnostic: Diagnostic, at place: Int? = nil) {
    guard !hasGivenUp, reported.insert(place ?? index).inserted else { return }
    diagnostics.append(diagnostic)
  }

  mutating func panic(wanted: String) -> Panic {
    switch kind {
    case .symbol where strayClosers.contains(index): report(.strayCloser(range(of: index)))
    default: report(.expected(wanted, found: found, at: whereWanted))
    }
    return Panic()
  }

  /// Closing brackets for which no bracket before them is open.
  private static func strayClosers(_ tokens: [Token], _ texts: [String]) -> Set<Int> {
    var stray: Set<Int> = []
    var open = ["(": 0, "[": 0, "{": 0]
    let pairs = [")": "(", "]": "[", "}": "{"]
    for place in tokens.indices where tokens[place].kind == .symbol {
      if let count = open[texts[place]] {
        open[texts[place]] = count + 1
      } else if let opener = pairs[texts[place]], let count = open[opener] {
        if count == 0 { stray.insert(place) } else { open[opener] = count - 1 }
      }
    }
    return stray
  }

  /// What stands here, for the author.
  var found: String {
    switch kind {
    case .endOfFile: "end of file"
    case .separator: source.bytes[token.start] == UInt8(ascii: ";") ? "';'" : "end of line"
    case .text, .textOpen: "a text"
    case .textMore, .textClose: "the end of the interpolation"
    default: "'\(texts[index])'"
    }
  }

  /// The token here; at the end of a line or file the place just after the last token.
  var whereWanted: SourceRange {
    guard kind == .separator || kind == .endOfFile, index > 0 else { return range(of: index) }
    let end = tokens[index - 1].end
    return SourceRange(source, end, end)
  }

  // MARK: - Depth

  /// Every rule that can contain itself goes through here.
  mutating func nested<T>(
    _ body: (inout Parser) throws(Panic) -> T
  ) throws(Panic) -> T {
    guard depth < Self.nestingLimit else { throw giveUp() }
    depth += 1
    let outer = height
    height = 0
    defer {
      depth -= 1
      height = max(outer, height + 1)
    }
    return try body(&self)
  }

  /// A part of a chain: its own links do not lengthen the chain.
  mutating func separately<T>(
    _ body: (inout Parser) throws(Panic) -> T
  ) throws(Panic) -> T {
    let outer = height
    height = 0
    defer { height = max(outer, height) }
    return try body(&self)
  }

  /// One more link of a chain that nests to the left.
  mutating func link() throws(Panic) {
    height += 1
    if height > Self.heightLimit { throw giveUp() }
  }

  private mutating func giveUp() -> Panic {
    report(.tooDeep(range(of: index)))
    hasGivenUp = true
    index = tokens.count - 1
    return Panic()
  }
}
