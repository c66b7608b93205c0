import Diagnostics

/// Types: `data`, `EUR/h`, `int?`, `int in 1..8`, `set of text`, `[site: distance]`, `(int, text) -> bool`.
extension Parser {
  mutating func parseType() throws(Panic) -> TypeSyntax {
    try nested { (p) throws(Panic) in try p.parseTypeBody() }
  }

  private mutating func parseTypeBody() throws(Panic) -> TypeSyntax {
    let start = index
    if at("(") {
      let slots = try parseSlots()
      if skipIfPresent("->") {
        let result = try parseType()
        return .function(slots.map(\.type), result, range: range(from: start))
      }
      return try parseSuffixes(of: group(slots, from: start), from: start)
    }
    return try parseSuffixes(of: parseSimpleType(), from: start)
  }

  /// `?` and `in range`.
  private mutating func parseSuffixes(of type: TypeSyntax, from start: Int) throws(Panic) -> TypeSyntax {
    var type = type
    while at("?") {
      try link()
      advance()
      type = .optional(type, range: range(from: start))
    }
    guard skipIfPresent("in") else { return type }
    let candidates = try parseBinary(.range)
    return .within(type, candidates, range: range(from: start))
  }

  private mutating func parseSimpleType() throws(Panic) -> TypeSyntax {
    let start = index
    switch texts[index] {
    case "set" where kind == .reserved:
      advance()
      guard atContextual("of") else { throw panic(wanted: "'of'") }
      advance()
      let element = try nested { (p) throws(Panic) in try p.parseSimpleType() }
      return .set(element, range: range(from: start))
    case "[" where kind == .symbol: return try parseListType()
    case "(" where kind == .symbol: return group(try parseSlots(), from: start)
    default: return try parseNamedType()
    }
  }

  private mutating func parseNamedType() throws(Panic) -> TypeSyntax {
    let start = index
    let name = try parseDotted("a type")
    var divisors: [DottedName] = []
    while skipIfPresent("/") { divisors.append(try parseDotted("a type")) }
    return .named(name, dividedBy: divisors, range: range(from: start))
  }

  private mutating func parseListType() throws(Panic) -> TypeSyntax {
    let start = index
    advance()
    let element = try parseType()
    if skipIfPresent(":") {
      let value = try parseType()
      try close("]", opener: start)
      return .map(element, value, range: range(from: start))
    }
    try close("]", opener: start)
    return .list(element, range: range(from: start))
  }

  private mutating func parseSlots() throws(Panic) -> [(label: Name?, type: TypeSyntax)] {
    let opener = index
    try expect("(")
    if skipIfPresent(")") { return [] }
    var slots: [(label: Name?, type: TypeSyntax)] = []
    repeat {
      let label = isAtLabel ? try parseLabel() : nil
      slots.append((label, try parseType()))
    } while skipIfPresent(",")
    try close(")", opener: opener, or: "',' or ")
    return slots
  }

  /// One type without a label in round brackets is that type.
  private func group(_ slots: [(label: Name?, type: TypeSyntax)], from start: Int) -> TypeSyntax {
    if slots.count == 1, slots[0].label == nil { return slots[0].type }
    return .tuple(slots, range: range(from: start))
  }
}
