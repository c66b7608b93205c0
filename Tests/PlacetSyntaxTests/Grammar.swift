/// A grammar read from EBNF: what derives sentences and what recognises them.
struct Grammar {
  indirect enum Node {
    /// `"let"`
    case literal(String)
    /// `WORD`
    case terminal(String)
    case rule(String)
    case sequence([Int])
    case choice([Int])
    case optional(Int)
    case repetition(Int)
  }

  /// All nodes; rules name theirs.
  private(set) var nodes: [Node] = []
  private(set) var rules: [String: Int] = [:]
  private(set) var ruleNames: [String] = []
  /// The alternatives of each rule and every optional or repeated part, in words, by node.
  private(set) var descriptions: [Int: String] = [:]

  private var tokens: [Substring] = []
  private var position = 0
  private var current = ""

  struct Malformed: Error { var at: String }

  init(ebnf: String) throws {
    tokens = Self.tokens(of: ebnf)
    while position < tokens.count {
      current = String(tokens[position])
      position += 1
      try expect("=")
      rules[current] = try parseChoice()
      ruleNames.append(current)
      try expect(";")
    }
    for case .rule(let name) in nodes where rules[name] == nil { throw Malformed(at: name) }
  }

  private static func tokens(of text: String) -> [Substring] {
    var result: [Substring] = []
    var rest = Substring(text)
    while let first = rest.first {
      if rest.hasPrefix("(*") {
        var end = rest.startIndex
        while end < rest.endIndex, !rest[end...].hasPrefix("*)") { end = rest.index(after: end) }
        rest = rest[end...].dropFirst(2)
      } else if first == "\"" {
        let text = rest.dropFirst().prefix { $0 != "\"" }
        result.append(rest.prefix(text.count + 2))
        rest = rest.dropFirst(text.count + 2)
      } else if first.isLetter {
        let word = rest.prefix { $0.isLetter || $0 == "_" }
        result.append(word)
        rest = rest.dropFirst(word.count)
      } else {
        if !first.isWhitespace { result.append(rest.prefix(1)) }
        rest = rest.dropFirst()
      }
    }
    return result
  }

  private mutating func expect(_ token: String) throws {
    guard position < tokens.count, tokens[position] == token else {
      throw Malformed(at: "\(current): expected \(token), token \(position)")
    }
    position += 1
  }

  private mutating func add(_ node: Node) -> Int {
    nodes.append(node)
    return nodes.count - 1
  }

  private mutating func parseChoice() throws -> Int {
    let start = position
    var alternatives = [try parseSequence()]
    var starts = [start]
    while position < tokens.count, tokens[position] == "|" {
      position += 1
      starts.append(position)
      alternatives.append(try parseSequence())
    }
    guard alternatives.count > 1 else { return alternatives[0] }
    let ends = starts.dropFirst().map { $0 - 1 } + [position]
    for (index, alternative) in alternatives.enumerated() {
      describe(alternative, starts[index], ends[index])
    }
    return add(.choice(alternatives))
  }

  private mutating func describe(_ node: Int, _ start: Int, _ end: Int) {
    descriptions[node] = "\(current): " + tokens[start..<end].joined(separator: " ")
  }

  private mutating func parseSequence() throws -> Int {
    var parts: [Int] = []
    while position < tokens.count, !["|", ";", ")", "]", "}"].contains(tokens[position]) {
      parts.append(try parseTerm())
    }
    return add(.sequence(parts))
  }

  private mutating func parseTerm() throws -> Int {
    let token = String(tokens[position])
    position += 1
    let start = position
    switch token {
    case "(", "[", "{":
      let inner = try parseChoice()
      let closer = ["(": ")", "[": "]", "{": "}"][token] ?? ""
      if token != "(" { describe(inner, start, position) }
      try expect(closer)
      return token == "(" ? inner : add(token == "[" ? .optional(inner) : .repetition(inner))
    case _ where token.hasPrefix("\""): return add(.literal(String(token.dropFirst().dropLast())))
    case _ where token.allSatisfy({ $0.isUppercase || $0 == "_" }): return add(.terminal(token))
    default: return add(.rule(token))
    }
  }
}
