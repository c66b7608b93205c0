import Diagnostics

/// What a file holds: modules, vocabulary, rules, scenarios, tests, statements.
extension Parser {
  mutating func parsePolicy() -> [Item] {
    var items: [Item] = []
    while !isAtEnd {
      if isAtSeparator { advance(); continue }
      items.append(parseItem())
      if isAtEnd || isAtSeparator { continue }
      if at("}") || at(")") || at("]") {
        _ = panic(wanted: "end of line")
        advance()
      } else {
        _ = panic(wanted: "end of line")
        if !isAtForeignItem { recover(stoppingAtCommas: false) }
      }
    }
    return items
  }

  private mutating func parseItem() -> Item {
    let start = index
    do throws(Panic) {
      return try nested { (p) throws(Panic) in try p.parseItemOrPanic() }
    } catch {
      recover(stoppingAtCommas: false) { (p) throws(Panic) in _ = try p.parseBlock() }
      return .invalid(range(from: start))
    }
  }

  private mutating func parseItemOrPanic() throws(Panic) -> Item {
    guard kind == .reserved else { return .statement(try parseStatement()) }
    switch texts[index] {
    case "import": return .importModule(try parseImport())
    case "layer": return try parseLayer()
    case "dimension": return .dimension(try parseDefinition())
    case "unit": return .unit(try parseDefinition())
    case "enum": return .enumeration(try parseEnum())
    case "extend": return .extend(try parseExtend())
    case "record": return .record(try parseRecord())
    case "entity": return .entity(try parseEntity())
    case "fun": return .function(try parseFunction())
    case "rule": return .rule(try parseRule())
    case "scenario": return .scenario(try parseScenario())
    case "test": return .test(try parseTest())
    default: return .statement(try parseStatement())
    }
  }

  private mutating func parseImport() throws(Panic) -> ImportItem {
    let start = index
    advance()
    let module = try parseDotted("the name of a module")
    var alias: Name?
    if atContextual("as") {
      advance()
      alias = try parseName()
    }
    return ImportItem(module: module, alias: alias, range: range(from: start))
  }

  private mutating func parseLayer() throws(Panic) -> Item {
    let start = index
    advance()
    let name = try parseName("the name of a layer")
    return .layer(name, range: range(from: start))
  }

  private mutating func parseDefinition() throws(Panic) -> DefinitionItem {
    let start = index
    advance()
    let name = try parseName()
    let value = skipIfPresent("=") ? try parseExpression() : nil
    return DefinitionItem(name: name, value: value, doc: doc(at: start), range: range(from: start))
  }

  // MARK: - Vocabulary

  private mutating func parseEnum() throws(Panic) -> EnumItem {
    let start = index
    advance()
    let name = try parseName()
    let isOpen = skipOpen()
    let cases = try parseCases()
    return EnumItem(
      name: name, isOpen: isOpen, cases: cases, doc: doc(at: start), range: range(from: start))
  }

  private mutating func skipOpen() -> Bool {
    guard atContextual("open") else { return false }
    advance()
    return true
  }

  private mutating func parseCases() throws(Panic) -> [CaseSyntax] {
    let before = diagnostics.count
    let cases = try parseBraced(.linesOrCommas, invalid: { _ in nil }) {
      (p) throws(Panic) in try p.parseCase()
    }
    if cases.isEmpty, diagnostics.count == before {
      report(.expected("a case", found: "'}'", at: range(of: index - 1)))
    }
    return cases
  }

  private mutating func parseCase() throws(Panic) -> CaseSyntax {
    let start = index
    let name = try parseName()
    var members: [MemberSyntax] = []
    if at("(") {
      let opener = index
      advance()
      if at(")") { throw panic(wanted: "a member") }
      members = try parseCommaList(until: ")", opener: opener) { (p) throws(Panic) in
        let name = try p.parseLabel()
        return MemberSyntax(name: name, type: try p.parseType())
      }
    }
    return CaseSyntax(name: name, members: members, doc: doc(at: start))
  }

  private mutating func parseExtend() throws(Panic) -> ExtendItem {
    let start = index
    advance()
    let name = try parseName("the name of a kind")
    let hasFields =
      at("}", ahead: 1) || at("let", ahead: 1) || at("decide", ahead: 1) || at(":", ahead: 2)
    let body: ExtendItem.Body =
      at("{") && !hasFields ? .cases(try parseCases()) : .fields(try parseFields())
    if case .fields(let fields) = body, fields.isEmpty {
      report(.expected("a field or a case", found: "'}'", at: range(of: index - 1)))
    }
    return ExtendItem(name: name, body: body, range: range(from: start))
  }

  private mutating func parseRecord() throws(Panic) -> RecordItem {
    let start = index
    advance()
    let name = try parseName()
    let isOpen = skipOpen()
    let fields = try parseFields()
    return RecordItem(
      name: name, isOpen: isOpen, fields: fields, doc: doc(at: start), range: range(from: start))
  }

  private mutating func parseEntity() throws(Panic) -> EntityItem {
    let start = index
    advance()
    let name = try parseName()
    var parent: (kind: Name, list: Name)?
    if skipIfPresent("in") {
      let kind = try parseName("the kind of the parent")
      try expect(".")
      parent = (kind, try parseWord())
    }
    let fields = try parseFields()
    return EntityItem(
      name: name, parent: parent, fields: fields, doc: doc(at: start), range: range(from: start))
  }

  private mutating func parseFields() throws(Panic) -> [FieldSyntax] {
    try parseBraced(.linesOrCommas, invalid: { _ in nil }) {
      (p) throws(Panic) in try p.parseField()
    }
  }

  private mutating func parseField() throws(Panic) -> FieldSyntax {
    let start = index
    let name: Name
    let form: FieldSyntax.Form
    if skipIfPresent("let") {
      name = try parseWord()
      let type = skipIfPresent(":") ? try parseType() : nil
      try expect("=")
      form = .derived(type: type, value: try parseExpression())
    } else {
      let isDecision = skipIfPresent("decide")
      name = try parseLabel("a field")
      let type = try parseType()
      let condition = skipIfPresent("where") ? try parseExpression() : nil
      let value = skipIfPresent("=") ? try parseExpression() : nil
      form =
        isDecision
        ? .decision(type: type, candidates: condition, value: value)
        : .given(type: type, condition: condition, value: value)
    }
    return FieldSyntax(name: name, form: form, doc: doc(at: start), range: range(from: start))
  }

  // MARK: - Functions and rules

  private mutating func parseFunction() throws(Panic) -> FunctionItem {
    let start = index
    advance()
    let name = try parseName()
    guard at("(") else { throw panic(wanted: "'('") }
    let parameters = try parseParameters()
    let result = skipIfPresent(":") ? try parseType() : nil
    var lets: [LetStatement] = []
    let body: Expression
    if at("{") {
      (lets, body) = try parseFunctionBody()
    } else {
      guard at("=") else { throw panic(wanted: "'=' or '{'") }
      advance()
      body = try parseExpression()
    }
    return FunctionItem(
      name: name, parameters: parameters, result: result, lets: lets, body: body, doc: doc(at: start),
      range: range(from: start))
  }

  private mutating func parseFunctionBody() throws(Panic) -> ([LetStatement], Expression) {
    let opener = index
    try expect("{")
    var lets: [LetStatement] = []
    while at("let") {
      lets.append(try parseLet())
      guard isAtSeparator else { throw panic(wanted: "end of line") }
      advance()
    }
    guard at("return") else { throw panic(wanted: "'let' or 'return'") }
    advance()
    let result = try parseExpression()
    try close("}", opener: opener)
    return (lets, result)
  }

  mutating func parseParameters() throws(Panic) -> [ParameterSyntax] {
    let opener = index
    try expect("(")
    return try parseCommaList(until: ")", opener: opener) { (p) throws(Panic) in
      let name = try p.parseLabel("a parameter")
      let type = try p.parseType()
      let value = p.skipIfPresent("=") ? try p.parseExpression() : nil
      return ParameterSyntax(name: name, type: type, value: value)
    }
  }

  private mutating func parseRule() throws(Panic) -> RuleItem {
    let start = index
    advance()
    let name = try parseName()
    let parameters = at("(") ? try parseParameters() : nil
    let layer = skipIfPresent("layer") ? try parseName("the name of a layer") : nil
    let body = try parseBlock()
    return RuleItem(
      name: name, parameters: parameters, layer: layer, body: body, doc: doc(at: start),
      range: range(from: start))
  }
}
