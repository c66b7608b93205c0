package import Diagnostics

/// What was typed at a prompt: items, or a single expression.
package struct Fragment: Sendable {
  package enum Content: Sendable {
    case items([Item])
    case expression(Expression)
  }
  package var content: Content
  package var diagnostics: [Diagnostic]
  /// The text is a beginning that further lines may complete: an open bracket, an operator at the end.
  package var isIncomplete: Bool
}

extension Parser {
  /// Reads what was typed at a prompt. An open text is an error, not a beginning: a text ends with its line.
  package static func parseFragment(_ source: Source) -> Fragment {
    let lexer = Lexer.run(source)
    var items = Parser(source, tokens: lexer.tokens)
    let content = items.parsePolicy()
    if items.diagnostics.isEmpty {
      return Fragment(content: .items(content), diagnostics: lexer.diagnostics, isIncomplete: false)
    }
    var expression = Parser(source, tokens: lexer.tokens)
    let value = expression.parseOnlyExpression()
    // The reading that got further before its first error is what was meant.
    let asExpression = expression.firstErrorIndex >= items.firstErrorIndex
    let best = asExpression ? expression : items
    let stopsAtEnd = best.firstErrorIndex >= best.tokens.count - 1 && !best.diagnostics.isEmpty
    return Fragment(
      content: asExpression ? .expression(value) : .items(content),
      diagnostics: merge(lexer.diagnostics, best.diagnostics),
      isIncomplete: lexer.diagnostics.isEmpty && stopsAtEnd && (!lexer.open.isEmpty || best.endsOpen))
  }

  /// Whether a text begins with what no statement begins with, and so goes on with the line before it.
  package static func continuesStatement(_ source: Source) -> Bool {
    let lexer = Lexer.run(source)
    guard let first = lexer.tokens.first, first.kind == .symbol || first.kind == .reserved else {
      return false
    }
    return Words.continuesLine.contains(
      String(decoding: source.bytes[first.start..<first.end], as: UTF8.self))
  }

  private mutating func parseOnlyExpression() -> Expression {
    do throws(Panic) {
      let value = try parseExpression()
      if isAtSeparator { advance() }
      if !isAtEnd { throw panic(wanted: "end of line") }
      return value
    } catch {
      return .invalid(SourceRange(source, 0, source.bytes.count))
    }
  }

  private var firstErrorIndex: Int { reported.min() ?? Int.max }

  /// The last token wants another, or a line that begins with `then` or `else` may follow.
  private var endsOpen: Bool {
    guard tokens.count > 1 else { return false }
    let last = tokens[tokens.count - 2]
    if last.kind == .reserved || last.kind == .symbol {
      return !Words.endsStatement.contains(texts[tokens.count - 2])
    }
    let message = diagnostics.first?.message ?? ""
    return message.hasPrefix("expected 'then'") || message.hasPrefix("expected 'else'")
  }
}
