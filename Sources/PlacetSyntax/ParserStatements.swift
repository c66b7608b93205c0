import Diagnostics

/// Statements: each begins with its verb, or is an entity.
extension Parser {
  /// `{ statement … }`
  mutating func parseBlock() throws(Panic) -> [Statement] {
    try parseBraced(.lines, invalid: { .invalid($0) }) { (p) throws(Panic) in
      try p.parseStatement()
    }
  }

  mutating func parseStatement() throws(Panic) -> Statement {
    try nested { (p) throws(Panic) in try p.parseStatementBody() }
  }

  private mutating func parseStatementBody() throws(Panic) -> Statement {
    guard kind == .reserved else { return .make(try parseMake(wanted: "a statement")) }
    let start = index
    switch texts[index] {
    case "let": return .letBinding(try parseLet())
    case "param": return .param(try parseParam())
    case "load": return .load(try parseLoad())
    case "require", "forbid", "prefer": return .constraint(try parseConstraint())
    case "during", "finally": return try parseNotYetConstraint()
    case "survive": return try parseSurvive()
    case "for":
      let sources = try parseEach()
      let body = try parseBlock()
      return .forEach(sources: sources, body: body, range: range(from: start))
    case "if": return try parseIf()
    case "match": return try parseChoose()
    case "minimize", "maximize": return try parseObjective()
    case "use":
      advance()
      let rule = try parsePostfix()
      return .use(rule, range: range(from: start))
    case "waive": return .waive(try parseWaive())
    default: throw panic(wanted: "a statement")
    }
  }

  // MARK: - Values

  mutating func parseLet() throws(Panic) -> LetStatement {
    let start = index
    let (pattern, type) = try parseLetHead()
    let value = try parseExpression()
    return LetStatement(
      pattern: pattern, type: type, value: value, doc: doc(at: start), range: range(from: start))
  }

  /// `let pattern: type =`
  mutating func parseLetHead() throws(Panic) -> (BindingPattern, TypeSyntax?) {
    try expect("let")
    let pattern = try parsePattern()
    let type = skipIfPresent(":") ? try parseType() : nil
    try expect("=")
    return (pattern, type)
  }

  private mutating func parseParam() throws(Panic) -> ParamStatement {
    let start = index
    advance()
    let name = try parseName()
    try expect(":")
    let type = try parseType()
    let value = skipIfPresent("=") ? try parseExpression() : nil
    return ParamStatement(
      name: name, type: type, value: value, doc: doc(at: start), range: range(from: start))
  }

  mutating func parseLoad() throws(Panic) -> LoadStatement {
    let start = index
    advance()
    let name = try parseName("the name of a kind or of a list")
    let type = skipIfPresent(":") ? try parseType() : nil
    try expect("from")
    let file = try parseExpression()
    let path = skipIfPresent("at") ? try parseExpression() : nil
    return LoadStatement(name: name, type: type, file: file, path: path, range: range(from: start))
  }

  // MARK: - Constraints

  mutating func parseConstraint() throws(Panic) -> ConstraintStatement {
    let start = index
    let word = texts[index]
    let verbRange = advance()
    let condition = try parseCondition()
    var verb = ConstraintStatement.Verb.require
    switch word {
    case "forbid": verb = .forbid
    case "prefer":
      try expect("weight")
      verb = .prefer(weight: try parseExpression())
    default: break
    }
    return ConstraintStatement(
      verb: verb, verbRange: verbRange, condition: condition, range: range(from: start))
  }

  /// `during require …`: said to be missing, read all the same.
  mutating func parseNotYetConstraint() throws(Panic) -> Statement {
    let start = index
    report(.notYet(texts[index], at: range(of: index)))
    advance()
    guard at("require") || at("forbid") else { throw panic(wanted: "'require' or 'forbid'") }
    _ = try parseConstraint()
    return .invalid(range(from: start))
  }

  /// `survive failure of any site s where p { … }`: said to be missing, its block read all the same.
  private mutating func parseSurvive() throws(Panic) -> Statement {
    let start = index
    report(.notYet("survive", at: range(of: index)))
    advance()
    while !at("{"), !isAtSeparator, !isAtEnd { advance() }
    if at("{") { _ = try parseBlock() }
    return .invalid(range(from: start))
  }

  // MARK: - Control

  private mutating func parseIf() throws(Panic) -> Statement {
    let start = index
    advance()
    let condition = try parseCondition()
    let then = try parseBlock()
    var otherwise: [Statement]?
    if skipIfPresent("else") {
      otherwise =
        at("if")
        ? [try nested { (p) throws(Panic) in try p.parseIf() }] : try parseBlock()
    }
    return .ifElse(condition: condition, then: then, otherwise: otherwise, range: range(from: start))
  }

  private mutating func parseChoose() throws(Panic) -> Statement {
    let start = index
    advance()
    let subject = try parseExpression()
    let before = diagnostics.count
    let choices = try parseBraced(.linesOrCommas, invalid: { _ in nil }) {
      (p) throws(Panic) in try p.parseChoice()
    }
    if choices.isEmpty, diagnostics.count == before {
      report(.expected("a case", found: "'}'", at: range(of: index - 1)))
    }
    return .match(subject: subject, choices: choices, range: range(from: start))
  }

  private mutating func parseChoice() throws(Panic) -> Choice {
    let start = index
    let patterns = try parseCasePatterns()
    try expect("=>")
    let body: [Statement]
    if at("{") {
      body = try parseBlock()
    } else if at("during") || at("finally") {
      body = [try parseNotYetConstraint()]
    } else if at("require") || at("forbid") || at("prefer") {
      body = [.constraint(try parseConstraint())]
    } else {
      throw panic(wanted: "'{', 'require', 'forbid' or 'prefer'")
    }
    return Choice(patterns: patterns, body: body, range: range(from: start))
  }

  // MARK: - Objectives, rules in use, waivers

  mutating func parseObjective() throws(Panic) -> Statement {
    let start = index
    var sense = at("minimize") ? Goal.Sense.minimize : .maximize
    advance()
    var goals = [Goal(sense: sense, value: try parseExpression())]
    while skipIfPresent("then") {
      if at("minimize") || at("maximize") {
        sense = at("minimize") ? .minimize : .maximize
        advance()
      }
      goals.append(Goal(sense: sense, value: try parseExpression()))
    }
    return .objective(goals, range: range(from: start))
  }

  mutating func parseWaive() throws(Panic) -> WaiveStatement {
    let start = index
    advance()
    let rule = try parseDotted("the name of a rule")
    var scope = WaiveStatement.Scope.all
    if at("for"), at("each", ahead: 1) {
      scope = .each(try parseEach())
    } else if skipIfPresent("for") {
      var entities = [try parseExpression()]
      while skipIfPresent(",") { entities.append(try parseExpression()) }
      scope = .entities(entities)
    }
    guard at("because") else { throw panic(wanted: "'because' with the reason") }
    advance()
    let reason = try parseText("a text with the reason")
    return WaiveStatement(rule: rule, scope: scope, reason: reason, range: range(from: start))
  }
}
