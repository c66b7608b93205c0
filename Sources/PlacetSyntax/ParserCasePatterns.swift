import Diagnostics

/// What a `match` compares with.
extension Parser {
  mutating func parseCasePatterns() throws(Panic) -> [CasePattern] {
    var patterns = [try parseCasePattern()]
    while skipIfPresent("or") { patterns.append(try parseCasePattern()) }
    return patterns
  }

  private mutating func parseCasePattern() throws(Panic) -> CasePattern {
    let start = index
    switch (kind, texts[index]) {
    case (.word, _): return try parseNamedCase()
    case (.number, _), (.symbol, "-"): return try parseAmountCase()
    case (.text, _), (.textOpen, _): return .text(try parseText("a text"), range: range(from: start))
    case (.reserved, "true"), (.reserved, "false"):
      let value = at("true")
      return .bool(value, range: advance())
    case (.reserved, "none"): return .none(range: advance())
    case (.symbol, "("): return try parseTupleCase()
    default: throw panic(wanted: "a case")
    }
  }

  private mutating func parseNamedCase() throws(Panic) -> CasePattern {
    let start = index
    let name = try parseDotted()
    var payload: [BindingPattern] = []
    if at("(") {
      let opener = index
      advance()
      repeat { payload.append(try parsePattern()) } while skipIfPresent(",")
      try close(")", opener: opener, or: "',' or ")
    }
    return .named(name, payload: payload, range: range(from: start))
  }

  private mutating func parseAmountCase() throws(Panic) -> CasePattern {
    let start = index
    let low = try parseSignedAmount()
    guard at("..") || at("..<") else { return .amount(low, range: range(from: start)) }
    let includesEnd = at("..")
    advance()
    let high = try parseSignedAmount()
    return .amounts(low, high, includesEnd: includesEnd, range: range(from: start))
  }

  private mutating func parseSignedAmount() throws(Panic) -> Expression {
    let start = index
    let isNegative = skipIfPresent("-")
    guard kind == .number else { throw panic(wanted: "a number") }
    let amount = parseAmount()
    return isNegative ? .unary(.negate, amount, range: range(from: start)) : amount
  }

  private mutating func parseTupleCase() throws(Panic) -> CasePattern {
    try nested { (p) throws(Panic) in
      let start = p.index
      p.advance()
      var parts = [try p.parseCasePattern()]
      repeat {
        try p.expect(",")
        parts.append(try p.parseCasePattern())
      } while p.at(",")
      try p.close(")", opener: start, or: "',' or ")
      return .tuple(parts, range: p.range(from: start))
    }
  }
}
