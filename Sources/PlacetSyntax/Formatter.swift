import Diagnostics

/// Writes a tree in the canonical layout: two blanks a level, one way of spacing, at most one empty line.
///
/// Line breaks are the author's, and so are comments; the tokens stay the same, so the meaning does. A text
/// with errors comes back as it is. Formatting twice changes nothing.
package struct Formatter {
  /// A bracket that is open, and how far the lines inside are moved in less one level.
  private struct Opener {
    var indent: Int
    /// Elements are separated by commas or lines: a line after a comma begins one.
    var hasElements = false
    var isCurly: Bool
  }

  private static let step = 2

  let tokens: [Token]
  let texts: [String]
  /// Whether a separator stood before each token.
  private let isSeparated: [Bool]
  private let bytes: [UInt8]
  private var output = ""
  private var open: [Opener] = []
  /// How far the line being written, and the statement it belongs to, are moved in.
  private var lineIndent = 0
  private var statementIndent = 0
  /// The first token of the statement or element at hand.
  private var head = 0
  /// A `match` was read whose `{` is still to come.
  private var isBeforeArms = false

  package static func format(_ tree: SyntaxTree) -> String {
    guard Parser.parse(tree.source).diagnostics.isEmpty else { return tree.source.text }
    var formatter = Formatter(tree)
    return formatter.run()
  }

  private init(_ tree: SyntaxTree) {
    let bytes = tree.source.bytes
    var tokens: [Token] = []
    var isSeparated: [Bool] = []
    var isAfterSeparator = true
    for token in tree.tokens {
      if token.kind == .separator { isAfterSeparator = true; continue }
      tokens.append(token)
      isSeparated.append(isAfterSeparator)
      isAfterSeparator = false
    }
    self.bytes = bytes
    self.tokens = tokens
    self.isSeparated = isSeparated
    self.texts = tokens.map { String(decoding: bytes[$0.start..<$0.end], as: UTF8.self) }
  }

  private mutating func run() -> String {
    for index in tokens.indices {
      let start = index == 0 ? 0 : tokens[index - 1].end
      let gap = Gap(bytes[start..<tokens[index].start])
      let begins = beginsElement(index)
      if begins { head = index; isBeforeArms = false }
      write(gap, before: index, begins: begins)
      output += texts[index]
      track(index)
    }
    while output.last == "\n" || output.last == " " { output.removeLast() }
    return output.isEmpty ? "" : output + "\n"
  }

  func isSymbol(_ text: String, _ index: Int) -> Bool {
    index >= 0 && tokens[index].kind == .symbol && texts[index] == text
  }

  private func isCloser(_ index: Int) -> Bool {
    isSymbol("}", index) || isSymbol(")", index) || isSymbol("]", index)
  }

  // MARK: - Lines

  /// The token begins a statement, field, case or the like, and does not continue one.
  private func beginsElement(_ index: Int) -> Bool {
    if isCloser(index) { return false }
    if let last = open.last, !last.isCurly { return false }
    if isSymbol("{", index - 1) || isSeparated[index] { return true }
    return isSymbol(",", index - 1) && open.last?.hasElements ?? false
  }

  /// Comments, line breaks and blanks before a token.
  private mutating func write(_ gap: Gap, before index: Int, begins: Bool) {
    let inside = open.last.map { $0.indent + Self.step } ?? 0
    let indent = indent(of: index, begins: begins, inside: inside)
    let isFirst = index == 0 || isSymbol("{", index - 1)
    for (place, comment) in gap.comments.enumerated() {
      if comment.linesBefore == 0, index > 0 {
        output += "  " + comment.text
      } else {
        breakLine(empty: comment.linesBefore > 1 && !(isFirst && place == 0), indent: indent)
        output += comment.text
      }
    }
    if tokens[index].kind == .endOfFile { return }
    guard gap.linesAfter > 0 || index == 0 else {
      writeBlank(before: index)
      if begins { statementIndent = inside }
      return
    }
    let isAfterOpener = isFirst && gap.comments.isEmpty
    lineIndent = isCloser(index) ? (open.last?.indent ?? 0) : indent
    breakLine(empty: gap.linesAfter > 1 && !isAfterOpener && !isCloser(index), indent: lineIndent)
    if begins { statementIndent = lineIndent }
  }

  private func indent(of index: Int, begins: Bool, inside: Int) -> Int {
    let isInLines = open.last?.isCurly ?? true
    if begins || !isInLines || isCloser(index) || tokens[index].kind == .endOfFile { return inside }
    let isElseOfBlock = texts[index] == "else" && isSymbol("}", index - 1)
    return isElseOfBlock ? statementIndent : statementIndent + Self.step
  }

  private mutating func breakLine(empty: Bool, indent: Int) {
    if !output.isEmpty { output += empty ? "\n\n" : "\n" }
    output += String(repeating: " ", count: indent)
  }

  private mutating func writeBlank(before index: Int) {
    if isSeparated[index], index > 0, !isSymbol("{", index - 1), !isCloser(index) {
      output += "; "
    } else if hasBlank(before: index) {
      output += " "
    }
  }

  // MARK: - Brackets

  private mutating func track(_ index: Int) {
    guard tokens[index].kind == .symbol else {
      if tokens[index].kind == .reserved, texts[index] == "match" { isBeforeArms = true }
      return
    }
    switch texts[index] {
    case "(", "[": open.append(Opener(indent: lineIndent, isCurly: false))
    case "{": openBlock(index)
    case ")", "]", "}":
      // The statement goes on where it was: `} else {` stands as far in as its `if`.
      if let closed = open.popLast(), closed.isCurly { statementIndent = closed.indent }
    default: break
    }
  }

  private mutating func openBlock(_ index: Int) {
    let inherits = open.last?.hasElements ?? false
    var opener = Opener(indent: statementIndent, isCurly: true)
    if isSymbol("=>", index - 1) || texts[index - 1] == "with" {
      opener.indent = lineIndent
    } else if isBeforeArms {
      opener.indent = lineIndent
      opener.hasElements = true
      isBeforeArms = false
    } else {
      opener.hasElements = headHasElements || inherits && ["for", "if", "}"].contains(texts[head])
    }
    open.append(opener)
  }

  /// What the statement at hand begins with holds fields, cases or parts.
  private var headHasElements: Bool {
    tokens[head].kind == .word
      || tokens[head].kind == .reserved && ["enum", "record", "entity", "extend"].contains(texts[head])
  }
}
