import Diagnostics

/// Expressions by precedence: one function climbs, one table says how tightly each operator binds.
extension Parser {
  /// Loosest first. `not` stands between `and` and the comparisons.
  enum Precedence: Int, Comparable {
    case implication, disjunction, conjunction, negation, comparison, range, fallback, sum, product, prefix

    static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    var tighter: Self { Self(rawValue: rawValue + 1) ?? .prefix }
  }

  private static let operators: [String: (BinaryOperator, Precedence)] = [
    "implies": (.implies, .implication), "or": (.or, .disjunction), "and": (.and, .conjunction),
    "==": (.equal, .comparison), "!=": (.notEqual, .comparison), "<": (.less, .comparison),
    "<=": (.lessOrEqual, .comparison), ">": (.greater, .comparison), ">=": (.greaterOrEqual, .comparison),
    "in": (.isIn, .comparison), "..": (.range, .range), "..<": (.rangeBefore, .range),
    "??": (.fallback, .fallback), "+": (.add, .sum), "-": (.subtract, .sum), "*": (.multiply, .product),
    "/": (.divide, .product), "div": (.floorDivide, .product), "mod": (.modulo, .product),
  ]

  mutating func parseExpression() throws(Panic) -> Expression {
    try nested { (p) throws(Panic) in
      if p.at("if") { return try p.parseConditional() }
      if let count = p.lambdaLength { return try p.parseLambda(parameterTokens: count) }
      return try p.parseBinary(.implication)
    }
  }

  /// A condition of a statement: as any expression, with a word for who writes `=`.
  mutating func parseCondition() throws(Panic) -> Expression {
    let condition = try parseExpression()
    if at("=") {
      report(.assignmentInCondition(range(of: index)))
      throw Panic()
    }
    return condition
  }

  private mutating func parseConditional() throws(Panic) -> Expression {
    let start = index
    try expect("if")
    let condition = try parseCondition()
    try expect("then")
    let then = try parseExpression()
    try expect("else")
    let otherwise = try parseExpression()
    return .conditional(condition, then: then, otherwise: otherwise, range: range(from: start))
  }

  // MARK: - Lambdas

  /// How many tokens the parameters of a lambda take, if one begins here: `x =>`, `(a, b) =>`.
  private var lambdaLength: Int? {
    if kind == .word { return at("=>", ahead: 1) ? 1 : nil }
    guard at("(") else { return nil }
    var count = 1
    while kind(ahead: count) == .word {
      count += 1
      guard at(",", ahead: count) else { break }
      count += 1
    }
    return at(")", ahead: count) && at("=>", ahead: count + 1) ? count + 1 : nil
  }

  private mutating func parseLambda(parameterTokens: Int) throws(Panic) -> Expression {
    let start = index
    var parameters: [Name] = []
    while index < start + parameterTokens {
      if kind == .word { parameters.append(try parseName()) } else { advance() }
    }
    try expect("=>")
    let body = try parseExpression()
    return .lambda(parameters: parameters, body: body, range: range(from: start))
  }

  // MARK: - Operators

  /// `a < b`, for the message when another follows.
  struct Comparison {
    var left: SourceRange
    var symbol: SourceRange
    var right: SourceRange
  }

  mutating func parseBinary(_ loosest: Precedence) throws(Panic) -> Expression {
    let start = index
    var left = try separately { (p) throws(Panic) in try p.parseOperand(loosest) }
    var comparison: Comparison?
    while let (symbol, precedence, length) = binaryOperator, precedence >= loosest {
      try link()
      let first = advance()
      let operatorRange = length == 2 ? first.through(advance()) : first
      let place = index - 1
      let right = try separately { (p) throws(Panic) in try p.parseRight(of: precedence) }
      if precedence == .comparison {
        let this = Comparison(left: left.range, symbol: operatorRange, right: right.range)
        if let comparison {
          report(.comparisonChain(comparison, this), at: place)
          left = .invalid(range(from: start))
          continue
        }
        comparison = this
      }
      left = .binary(symbol, left, right, operatorRange: operatorRange, range: range(from: start))
      if precedence == .range, let (_, next, _) = binaryOperator, next == .range {
        throw panic(wanted: "end of the range")
      }
    }
    return left
  }

  private mutating func parseOperand(_ loosest: Precedence) throws(Panic) -> Expression {
    guard at("not") else { return try parsePrefix() }
    let start = index
    guard loosest <= .negation else {
      report(.needsBrackets("not", at: range(of: index)))
      throw Panic()
    }
    advance()
    let operand = try nested { (p) throws(Panic) in try p.parseBinary(.negation) }
    return .unary(.not, operand, range: range(from: start))
  }

  private mutating func parseRight(of precedence: Precedence) throws(Panic) -> Expression {
    guard precedence == .implication else { return try parseBinary(precedence.tighter) }
    return try nested { (p) throws(Panic) in
      p.at("if") ? try p.parseConditional() : try p.parseBinary(.implication)
    }
  }

  private var binaryOperator: (BinaryOperator, Precedence, length: Int)? {
    guard kind == .symbol || kind == .reserved else { return nil }
    if at("not"), at("in", ahead: 1) { return (.isNotIn, .comparison, 2) }
    return Self.operators[texts[index]].map { ($0.0, $0.1, 1) }
  }

  /// `-x`, `refuse "reason"`
  private mutating func parsePrefix() throws(Panic) -> Expression {
    let start = index
    if at("-") {
      advance()
      let operand = try nested { (p) throws(Panic) in try p.parsePrefix() }
      return .unary(.negate, operand, range: range(from: start))
    }
    if at("refuse") {
      advance()
      let reason = try parseText("a text with the reason")
      return .refuse(reason, range: range(from: start))
    }
    return try parsePostfix()
  }

  mutating func parsePostfix() throws(Panic) -> Expression {
    let start = index
    var expression = try parsePrimary()
    while true {
      if at(".") || at("?.") {
        try link()
        let isOptional = at("?.")
        advance()
        let member = try parseWord("the name of a field")
        expression = .member(expression, member, isOptional: isOptional, range: range(from: start))
      } else if at("(") {
        try link()
        expression = try parseCall(of: expression, from: start)
      } else if at("[") {
        try link()
        expression = try parseIndex(of: expression, from: start)
      } else {
        return expression
      }
    }
  }

  private mutating func parseIndex(of base: Expression, from start: Int) throws(Panic) -> Expression {
    let opener = index
    advance()
    let place = try parseExpression()
    try close("]", opener: opener)
    return .index(base, place, range: range(from: start))
  }

  private mutating func parseCall(of function: Expression, from start: Int) throws(Panic) -> Expression {
    let opener = index
    advance()
    var arguments: [ArgumentSyntax] = []
    while !at(")") {
      let argument = try parseArgument()
      arguments.append(argument)
      if arguments.count == 1, argument.label == nil, at("for") {
        let sources = try parseEach()
        try close(")", opener: opener)
        return .callEach(function, element: argument.value, sources: sources, range: range(from: start))
      }
      if !skipIfPresent(",") { break }
    }
    try close(")", opener: opener, or: "',' or ")
    return .call(function, arguments, range: range(from: start))
  }

  mutating func parseArgument() throws(Panic) -> ArgumentSyntax {
    let label = isAtLabel ? try parseLabel() : nil
    return ArgumentSyntax(label: label, value: try parseExpression())
  }
}
