import Diagnostics

/// Scenarios and tests: worlds, changes, solves and what is expected of them.
extension Parser {
  mutating func parseScenario() throws(Panic) -> ScenarioItem {
    let start = index
    advance()
    let name = try parseName()
    let parameters = at("(") ? try parseParameters() : []
    let facts = try parseWorld()
    return ScenarioItem(
      name: name, parameters: parameters, facts: facts, doc: doc(at: start), range: range(from: start))
  }

  mutating func parseTest() throws(Panic) -> TestItem {
    let start = index
    advance()
    guard kind == .text else { throw panic(wanted: "a text without \\( )") }
    let title = try parseText("a text")
    let steps = try parseSteps()
    return TestItem(title: title, steps: steps, doc: doc(at: start), range: range(from: start))
  }

  // MARK: - Worlds

  private mutating func parseWorld() throws(Panic) -> [Fact] {
    try parseBraced(.lines, invalid: { .invalid($0) }) { (p) throws(Panic) in
      try p.nested { (p) throws(Panic) in try p.parseFact() }
    }
  }

  private mutating func parseFact() throws(Panic) -> Fact {
    let start = index
    switch (kind, texts[index]) {
    case (.reserved, "let"): return .letBinding(try parseLet())
    case (.reserved, "load"): return .load(try parseLoad())
    case (.reserved, "scenario"): return try .scenario(parseScenarioUse(), range: range(from: start))
    case (.reserved, "for"):
      let sources = try parseEach()
      let body = try parseWorld()
      return .forEach(sources: sources, body: body, range: range(from: start))
    case (.word, _): return isAtMake ? .make(try parseMake(wanted: "a fact")) : .change(try parseChange())
    default: throw panic(wanted: "a fact")
    }
  }

  private mutating func parseScenarioUse() throws(Panic) -> Expression {
    try expect("scenario")
    return try parseExpression()
  }

  /// `anna.max_distance = 1 km`
  private mutating func parseChange() throws(Panic) -> Change {
    let start = index
    let target = try parseTarget()
    try expect("=")
    let value = try parseExpression()
    return Change(target: target, value: value, range: range(from: start))
  }

  private mutating func parseTarget() throws(Panic) -> Expression {
    let start = index
    var target = Expression.name(try parseName())
    while at(".") || at("[") {
      try link()
      let opener = index
      if skipIfPresent(".") {
        let field = try parseWord("the name of a field")
        target = .member(target, field, isOptional: false, range: range(from: start))
      } else {
        advance()
        let place = try parseExpression()
        try close("]", opener: opener)
        target = .index(target, place, range: range(from: start))
      }
    }
    return target
  }

  // MARK: - Steps

  private mutating func parseSteps() throws(Panic) -> [Step] {
    try parseBraced(.lines, invalid: { .invalid($0) }) { (p) throws(Panic) in
      try p.nested { (p) throws(Panic) in try p.parseStep() }
    }
  }

  private mutating func parseStep() throws(Panic) -> Step {
    let start = index
    guard kind == .reserved else { return .statement(.make(try parseMake(wanted: "a step"))) }
    switch texts[index] {
    case "let": return try parseLetStep()
    case "load", "use", "waive", "require", "forbid", "prefer", "minimize", "maximize", "during", "finally":
      return .statement(try parseStatement())
    case "scenario":
      let scenario = try parseScenarioUse()
      return .scenario(scenario, range: range(from: start))
    case "solve": return .solve(try parseSolve())
    case "expect": return .expect(try parseExpect())
    case "for": return try parseForStep()
    default: throw panic(wanted: "a step of a test")
    }
  }

  private mutating func parseLetStep() throws(Panic) -> Step {
    let start = index
    let (pattern, type) = try parseLetHead()
    if type == nil, at("solve") { return .letSolve(pattern, try parseSolve()) }
    let value = try parseExpression()
    return .letBinding(
      LetStatement(
        pattern: pattern, type: type, value: value, doc: doc(at: start), range: range(from: start)))
  }

  private mutating func parseForStep() throws(Panic) -> Step {
    let start = index
    if atContextual("any", ahead: 1) { return try parseForAny() }
    let sources = try parseEach()
    let body = try parseSteps()
    return .forEach(sources: sources, body: body, range: range(from: start))
  }

  /// `for any w in worlds(…) { … }`: said to be missing, read all the same.
  private mutating func parseForAny() throws(Panic) -> Step {
    let start = index
    report(.notYet("for any", at: range(of: index).through(range(of: index + 1))))
    advance()
    advance()
    _ = try parsePattern()
    try expect("in")
    _ = try parseExpression()
    _ = try parseSteps()
    return .invalid(range(from: start))
  }

  /// `solve from a with x.y = 1`
  private mutating func parseSolve() throws(Panic) -> SolveSyntax {
    let start = index
    advance()
    let from = skipIfPresent("from") ? try parseName() : nil
    var facts: [Fact] = []
    if skipIfPresent("with") {
      if at("{") {
        facts = try parseWorld()
      } else {
        repeat { facts.append(.change(try parseChange())) } while skipIfPresent(",")
      }
    }
    return SolveSyntax(from: from, with: facts, range: range(from: start))
  }

  private mutating func parseExpect() throws(Panic) -> ExpectStatement {
    let start = index
    advance()
    let claim = try parseClaim()
    return ExpectStatement(claim: claim, range: range(from: start))
  }

  private mutating func parseClaim() throws(Panic) -> ExpectStatement.Claim {
    if skipIfPresent("infeasible") {
      return .infeasible(because: skipIfPresent("because") ? try parseRuleNames() : [])
    }
    if atContextual("relax"), kind(ahead: 1) == .word {
      advance()
      return .relax(try parseRuleNames())
    }
    if skipIfPresent("rule") {
      let rule = try parseDotted("the name of a rule")
      let word = kind == .word ? texts[index] : ""
      guard ["binding", "active", "inactive"].contains(word) else {
        throw panic(wanted: "'binding', 'active' or 'inactive'")
      }
      advance()
      if word == "binding" { return .ruleBinding(rule) }
      return word == "active" ? .ruleActive(rule) : .ruleInactive(rule)
    }
    return .condition(try parseCondition())
  }

  private mutating func parseRuleNames() throws(Panic) -> [DottedName] {
    var names = [try parseDotted("the name of a rule")]
    while skipIfPresent(",") { names.append(try parseDotted("the name of a rule")) }
    return names
  }
}
