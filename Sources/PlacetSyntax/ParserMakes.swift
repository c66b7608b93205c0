import Diagnostics

/// Entities as they are written: `host h1 { … }`, `host "r1-[1..4]" { … }`, `link a -> b`.
extension Parser {
  /// Two words, or a word and a text, begin an entity and no expression.
  var isAtMake: Bool {
    kind == .word && [.word, .text, .textOpen].contains(kind(ahead: 1))
  }

  mutating func parseMake(wanted: String) throws(Panic) -> MakeStatement {
    guard isAtMake else { throw noMake(wanted: wanted) }
    let start = index
    let kind = try parseName()
    let subject: MakeStatement.Subject
    var body: [MakePart] = []
    if isAtText {
      subject = .text(try parseText("a text"))
      body = try parseParts()
    } else {
      let first = try parseDotted()
      guard at("->") || at("{") && first.parts.count == 1 else { throw noBody(of: kind, first) }
      if at("->") {
        subject = .ends(try parseArrows(from: first))
        if at("{") { body = try parseParts() }
      } else {
        subject = .name(first.parts[0])
        body = try parseParts()
      }
    }
    return MakeStatement(
      kind: kind, subject: subject, body: body, doc: doc(at: start), range: range(from: start))
  }

  private mutating func parseArrows(from first: DottedName) throws(Panic) -> [DottedName] {
    var ends = [first]
    while skipIfPresent("->") { ends.append(try parseDotted()) }
    return ends
  }

  /// What stands here is no entity: a verb misspelt, a value without `let`, or something else.
  private mutating func noMake(wanted: String) -> Panic {
    guard kind == .word else { return panic(wanted: wanted) }
    if at("=", ahead: 1) {
      report(.missingLet(range(of: index)))
    } else if let nearest = nearestName(to: texts[index], among: Words.verbs) {
      report(.unknownVerb(range(of: index), nearest: nearest))
    } else {
      return panic(wanted: wanted)
    }
    return Panic()
  }

  private mutating func noBody(of kind: Name, _ subject: DottedName) -> Panic {
    if let nearest = nearestName(to: kind.text, among: Words.verbs) {
      report(.unknownVerb(kind.range, nearest: nearest))
      return Panic()
    }
    return panic(wanted: subject.parts.count == 1 ? "'{' or '->'" : "'->'")
  }

  // MARK: - Parts

  private mutating func parseParts() throws(Panic) -> [MakePart] {
    try parseBraced(.linesOrCommas, invalid: { .invalid($0) }) { (p) throws(Panic) in
      try p.nested { (p) throws(Panic) in try p.parsePart() }
    }
  }

  private mutating func parsePart() throws(Panic) -> MakePart {
    let start = index
    if isAtLabel {
      let name = try parseLabel()
      return .field(name, try parseExpression())
    }
    if kind == .word, at("=", ahead: 1) {
      // `memory = 16 GiB`
      let name = try parseWord("a field")
      report(.fieldByEquals(name.text, at: range(of: index)))
      advance()
      return .field(name, try parseExpression())
    }
    if at("let") { return .letBinding(try parseLet()) }
    if at("if") { return try parsePartIf() }
    if at("for") {
      let sources = try parseEach()
      let body = try parseParts()
      return .forEach(sources: sources, body: body, range: range(from: start))
    }
    guard isAtMake else { throw panic(wanted: "a field or an entity") }
    return .make(try parseMake(wanted: "a field or an entity"))
  }

  private mutating func parsePartIf() throws(Panic) -> MakePart {
    let start = index
    advance()
    let condition = try parseCondition()
    let then = try parseParts()
    var otherwise: [MakePart]?
    if skipIfPresent("else") {
      otherwise =
        at("if")
        ? [try nested { (p) throws(Panic) in try p.parsePartIf() }] : try parseParts()
    }
    return .ifElse(condition: condition, then: then, otherwise: otherwise, range: range(from: start))
  }
}
