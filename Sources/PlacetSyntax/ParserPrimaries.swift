import Diagnostics

/// The expressions that hold others only between their own brackets.
extension Parser {
  mutating func parsePrimary() throws(Panic) -> Expression {
    switch kind {
    case .number: return parseAmount()
    case .text, .textOpen: return try parseText("a text")
    case .word: return try parseNameOrLiteral()
    case .symbol where texts[index] == "(": return try parseGroup()
    case .symbol where texts[index] == "[": return try parseList()
    case .reserved: return try parseReservedPrimary()
    default: throw panic(wanted: "an expression")
    }
  }

  /// Before ":" the literals are words too: `[true: 1, none: 2]`.
  private mutating func parseNameOrLiteral() throws(Panic) -> Expression {
    guard let literal = Self.literal(texts[index], range(of: index)) else {
      return .name(try parseName("an expression"))
    }
    advance()
    return literal
  }

  private static func literal(_ text: String, _ range: SourceRange) -> Expression? {
    switch text {
    case "true", "false": .bool(text == "true", range: range)
    case "none": .none(range: range)
    case "this": .this(range: range)
    default: nil
    }
  }

  private mutating func parseReservedPrimary() throws(Panic) -> Expression {
    let start = index
    let text = texts[index]
    if let literal = Self.literal(text, range(of: index)) {
      advance()
      return literal
    }
    switch text {
    case "set":
      advance()
      guard at("[") else { throw panic(wanted: "'['") }
      let list = try parseList()
      return .set(list, range: range(from: start))
    case "all":
      let word = advance()
      if at("(") { return .name(Name("all", word)) }
      let kind = try parseName("the name of a kind")
      return .allOf(kind: kind, range: range(from: start))
    case "match": return try parseMatch()
    case "if":
      report(.needsBrackets("if", at: range(of: index)))
      throw Panic()
    default: throw panic(wanted: "an expression")
    }
  }

  mutating func parseAmount() -> Expression {
    let start = index
    let digits = texts[index]
    advance()
    guard kind == .unit, !isAtLabelAfterNumber else {
      return .number(digits: digits, unit: nil, range: range(from: start))
    }
    let unit = Name(texts[index], range(of: index))
    advance()
    return .number(digits: digits, unit: unit, range: range(from: start))
  }

  // MARK: - Texts

  mutating func parseText(_ wanted: String) throws(Panic) -> Expression {
    let start = index
    guard isAtText else { throw panic(wanted: wanted) }
    if kind == .text {
      let literal = literal(of: token)
      advance()
      return .text(literal.isEmpty ? [] : [.literal(literal)], range: range(from: start))
    }
    var segments: [TextSegment] = []
    while true {
      let literal = literal(of: token)
      if !literal.isEmpty { segments.append(.literal(literal)) }
      if kind == .textClose { break }
      advance()
      segments.append(.interpolation(try parseExpression()))
      guard kind == .textMore || kind == .textClose else { throw panic(wanted: "')'") }
    }
    advance()
    return .text(segments, range: range(from: start))
  }

  /// The characters of a text or a part of one, escapes resolved.
  private func literal(of token: Token) -> String {
    var scalars = String.UnicodeScalarView()
    var offset = token.start + 1
    let bytes = source.bytes
    while offset < token.end {
      switch bytes[offset] {
      case UInt8(ascii: "\""): return String(scalars)
      case UInt8(ascii: "\\"):
        if offset + 1 < token.end, bytes[offset + 1] == UInt8(ascii: "(") { return String(scalars) }
        let escape = TextEscape.decode(bytes, at: offset)
        scalars.append(escape.scalar ?? "\u{FFFD}")
        offset += escape.length
      default:
        let decoded = UTF8Scalar.decode(bytes, at: offset)
        scalars.append(decoded?.scalar ?? "\u{FFFD}")
        offset += decoded?.length ?? 1
      }
    }
    return String(scalars)
  }

  // MARK: - Brackets

  private mutating func parseGroup() throws(Panic) -> Expression {
    let start = index
    advance()
    let arguments = try parseCommaList(until: ")", opener: start) { (p) throws(Panic) in
      try p.parseArgument()
    }
    if arguments.count == 1, arguments[0].label == nil { return arguments[0].value }
    return .tuple(arguments, range: range(from: start))
  }

  private mutating func parseList() throws(Panic) -> Expression {
    let start = index
    advance()
    if skipIfPresent(":") {
      try close("]", opener: start)
      return .map([], range: range(from: start))
    }
    if skipIfPresent("]") { return .list([], range: range(from: start)) }
    let first = try parseExpression()
    if at(":") { return try parseMap(firstKey: first, from: start) }
    if at("for") {
      let sources = try parseEach()
      try close("]", opener: start)
      return .listEach(element: first, sources: sources, range: range(from: start))
    }
    var elements = [first]
    if skipIfPresent(",") {
      elements += try parseCommaList(until: "]", opener: start) { (p) throws(Panic) in
        try p.parseExpression()
      }
    } else {
      try close("]", opener: start, or: "',' or ")
    }
    return .list(elements, range: range(from: start))
  }

  private mutating func parseMap(firstKey: Expression, from start: Int) throws(Panic) -> Expression {
    try expect(":")
    let firstValue = try parseExpression()
    if at("for") {
      let sources = try parseEach()
      try close("]", opener: start)
      return .mapEach(key: firstKey, value: firstValue, sources: sources, range: range(from: start))
    }
    var entries = [(key: firstKey, value: firstValue)]
    if skipIfPresent(",") {
      entries += try parseCommaList(until: "]", opener: start) { (p) throws(Panic) in
        let key = try p.parseExpression()
        try p.expect(":")
        return (key: key, value: try p.parseExpression())
      }
    } else {
      try close("]", opener: start, or: "',' or ")
    }
    return .map(entries, range: range(from: start))
  }

  // MARK: - For each

  /// `for each host h where p, x in xs`
  mutating func parseEach() throws(Panic) -> [EachSource] {
    try expect("for")
    try expect("each")
    var sources = [try parseSource()]
    while skipIfPresent(",") { sources.append(try parseSource()) }
    return sources
  }

  private mutating func parseSource() throws(Panic) -> EachSource {
    let start = index
    let form: EachSource.Form
    if kind == .word, kind(ahead: 1) == .word {
      let kind = try parseName()
      form = .kind(kind, variable: try parseName())
    } else {
      let pattern = try parsePattern()
      try expect("in")
      form = .elements(pattern, of: try parseExpression())
    }
    let condition = skipIfPresent("where") ? try parseExpression() : nil
    return EachSource(form: form, condition: condition, range: range(from: start))
  }

  // MARK: - Match

  private mutating func parseMatch() throws(Panic) -> Expression {
    let start = index
    try expect("match")
    let subject = try parseExpression()
    let arms = try parseBraced(.linesOrCommas, invalid: { _ in nil }) {
      (p) throws(Panic) in try p.parseArm()
    }
    if arms.isEmpty {
      report(.expected("an arm", found: "'}'", at: range(of: index - 1)))
    }
    return .match(subject, arms, range: range(from: start))
  }

  private mutating func parseArm() throws(Panic) -> MatchArm {
    let start = index
    let patterns = try parseCasePatterns()
    try expect("=>")
    let value = try parseExpression()
    return MatchArm(patterns: patterns, value: value, range: range(from: start))
  }
}
