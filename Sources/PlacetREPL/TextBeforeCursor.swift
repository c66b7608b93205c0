import Diagnostics
import PlacetSyntax

/// What stands before the cursor, as far as completion has to know it: the word begun, and the expression before a
/// dot. Reads tokens, so that it works in text that does not parse yet.
struct TextBeforeCursor {
  let word: String
  /// The text of the expression before the dot that the word follows.
  let base: String?
  let isInTextOrComment: Bool
  let followsNumber: Bool
  let wordBefore: String?
  private let tokens: [String]
  private let kinds: [Token.Kind]

  init(_ text: String) {
    let source = Source(name: "", text: text)
    let all = Lexer.tokenize(source).tokens.filter { $0.kind != .endOfFile && $0.kind != .separator }
    var words = all.map { String(decoding: source.bytes[$0.start..<$0.end], as: UTF8.self) }
    var kinds = all.map(\.kind)
    let end = all.last?.end ?? 0
    let rest = String(decoding: source.bytes[min(end, source.bytes.count)...], as: UTF8.self)
    let lastLine = rest.split(separator: "\n", omittingEmptySubsequences: false).last ?? ""
    isInTextOrComment = kinds.last == .invalid || lastLine.contains("//") || Self.hasOpenText(text)
    let isNameLike = kinds.last == .word || kinds.last == .reserved || kinds.last == .unit
    if isNameLike, rest.isEmpty, let last = words.last {
      word = last
      words.removeLast()
      kinds.removeLast()
    } else {
      word = ""
    }
    tokens = words
    self.kinds = kinds
    followsNumber = kinds.last == .number
    wordBefore = words.last
    if let dot = words.last, dot == "." || dot == "?." {
      base = Self.primary(words, kinds, endingAt: words.count - 1)
    } else {
      base = nil
    }
  }

  /// Whether the last line has an odd number of quotes: the cursor is in a text, but for interpolations.
  private static func hasOpenText(_ text: String) -> Bool {
    let line = text.split(separator: "\n", omittingEmptySubsequences: false).last ?? ""
    var isOpen = false
    var isEscaped = false
    for character in line {
      if isEscaped { isEscaped = false } else if character == "\\" { isEscaped = true } else if character == "\"" {
        isOpen.toggle()
      }
    }
    return isOpen
  }

  /// The names and calls, chained by dots, that end before a token.
  private static func primary(_ words: [String], _ kinds: [Token.Kind], endingAt end: Int) -> String? {
    var start = end
    while start > 0 {
      let last = words[start - 1]
      if last == ")" || last == "]" {
        guard let open = opener(words, closing: start - 1) else { return nil }
        start = open
        let isCall = start > 0 && (kinds[start - 1] == .word || words[start - 1] == ")" || words[start - 1] == "]")
        if isCall { continue }
      } else if kinds[start - 1] == .word || kinds[start - 1] == .text || last == "this" || kinds[start - 1] == .reserved
      {
        start -= 1
      } else {
        return nil
      }
      guard start > 0, words[start - 1] == "." || words[start - 1] == "?." else { break }
      start -= 1
    }
    return start < end ? words[start..<end].joined() : nil
  }

  private static func opener(_ words: [String], closing end: Int) -> Int? {
    var depth = 0
    for index in (0...end).reversed() {
      switch words[index] {
      case ")", "]", "}": depth += 1
      case "(", "[", "{":
        depth -= 1
        if depth == 0 { return index }
      default: continue
      }
    }
    return nil
  }

  // MARK: - Bound names

  /// Names that loops and functions before the cursor bind.
  var boundNames: [String] { tokens.indices.compactMap { binding(at: $0)?.name } }

  /// Readings of an expression whose names may be bound by a loop or a function: `i` of `for each instance i` is
  /// read as an instance. As it stands first.
  func readings(of base: String) -> [String] { [base] + substituted(base, depth: 0) }

  private func substituted(_ base: String, depth: Int) -> [String] {
    guard depth < 4 else { return [] }
    let root = base.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    let rest = base.dropFirst(root.count)
    guard !root.isEmpty else { return [] }
    for index in tokens.indices.reversed() {
      guard let (name, value) = binding(at: index), name == root else { continue }
      let reading = value + rest
      return [reading] + substituted(reading, depth: depth + 1)
    }
    return []
  }

  /// A name that the token at a place binds, and an expression of the type that it has.
  private func binding(at index: Int) -> (name: String, value: String)? {
    guard kinds[index] == .word else { return nil }
    let before = index > 0 ? tokens[index - 1] : ""
    let after = index + 1 < tokens.count ? tokens[index + 1] : ""
    // `for each KIND name`, and `, KIND name` after it
    if index > 1, kinds[index - 1] == .word, tokens[index - 2] == "each" || tokens[index - 2] == "," {
      return (tokens[index], "\(before)[\"_\"]")
    }
    // `for each name in collection`
    if after == "in", before == "each" || before == "," {
      let collection = chain(from: index + 2)
      return collection.isEmpty ? nil : (tokens[index], "(\(collection))[0]")
    }
    // `collection.method(name => …`
    if after == "=>", before == "(", index > 3, tokens[index - 3] == "." {
      guard let receiver = Self.primary(tokens, kinds, endingAt: index - 3) else { return nil }
      return (tokens[index], "(\(receiver))[0]")
    }
    // `name: kind` of a parameter
    if after == ":", index + 2 < tokens.count, before == "(" || before == "," {
      return (tokens[index], "\(tokens[index + 2])[\"_\"]")
    }
    return nil
  }

  /// The chain of names and brackets that begins at a token.
  private func chain(from start: Int) -> String {
    var end = start
    while end < tokens.count {
      if tokens[end] == "." || tokens[end] == "?." { end += 1 } else if end == start || tokens[end - 1] == "." {
        end += 1
      } else if tokens[end] == "(" || tokens[end] == "[", let close = closer(of: end) {
        end = close + 1
      } else {
        break
      }
    }
    return tokens[start..<min(end, tokens.count)].joined()
  }

  private func closer(of start: Int) -> Int? {
    var depth = 0
    for index in start..<tokens.count {
      switch tokens[index] {
      case "(", "[": depth += 1
      case ")", "]":
        depth -= 1
        if depth == 0 { return index }
      default: continue
      }
    }
    return nil
  }
}
