/// Random sentences of a grammar, from a seed, of bounded depth.
struct Derivation {
  let grammar: Grammar
  var random: SeededGenerator
  /// How deep the shallowest sentence of each node is.
  private let depths: [Int]
  private var output: [String] = []
  private var openTexts = 0

  init(_ grammar: Grammar, seed: UInt64) {
    self.grammar = grammar
    random = SeededGenerator(seed: seed)
    depths = Self.depths(of: grammar)
  }

  mutating func sentence(of rule: String, depth: Int) -> String {
    output = []
    openTexts = 0
    derive(grammar.rules[rule] ?? 0, depth)
    return output.joined(separator: " ")
  }

  private static func depths(of grammar: Grammar) -> [Int] {
    var depths = [Int](repeating: 1_000, count: grammar.nodes.count)
    var changed = true
    while changed {
      changed = false
      for (index, node) in grammar.nodes.enumerated() {
        let depth =
          switch node {
          case .literal, .terminal, .optional, .repetition: 0
          case .rule(let name): depths[grammar.rules[name] ?? 0] + 1
          case .sequence(let parts): parts.map { depths[$0] }.max() ?? 0
          case .choice(let alternatives): alternatives.map { depths[$0] }.min() ?? 0
          }
        if depth < depths[index] { depths[index] = depth; changed = true }
      }
    }
    return depths
  }

  private static let limit = 300

  private mutating func derive(_ node: Int, _ wanted: Int) {
    // BOUND: past the limit every choice is the shallowest.
    let depth = output.count < Self.limit ? wanted : 0
    switch grammar.nodes[node] {
    case .literal(let text): output.append(text)
    case .terminal(let name): output.append(spelling(of: name))
    case .rule(let name): derive(grammar.rules[name] ?? 0, depth - 1)
    case .sequence(let parts): for part in parts { derive(part, depth) }
    case .choice(let alternatives):
      let fitting = alternatives.filter { depths[$0] <= depth }
      let shallowest = alternatives.min { depths[$0] < depths[$1] } ?? alternatives[0]
      derive(fitting.randomElement(using: &random) ?? shallowest, depth)
    case .optional(let inner):
      if depths[inner] <= depth, Bool.random(using: &random) { derive(inner, depth) }
    case .repetition(let inner):
      while depths[inner] <= depth, Int.random(in: 0..<3, using: &random) == 0 { derive(inner, depth) }
    }
  }

  private mutating func spelling(of terminal: String) -> String {
    switch terminal {
    case "WORD": return pick(["h", "cpu", "a_b", "_", "x1", "größe"])
    case "RESERVED": return pick(["load", "at", "where", "in", "none", "let"])
    case "NUMBER": return pick(["0", "12", "1_000", "1.5"])
    case "UNIT": return pick(["GiB", "EUR/h", "%", "any"])
    case "TEXT": return pick(["\"\"", "\"a b\"", "\"\\n\\u{e9}\""])
    case "TEXT_OPEN": openTexts += 1; return "\"a\\("
    case "TEXT_MORE": return ")b\\("
    case "TEXT_CLOSE": openTexts -= 1; return ")c\""
    default: return openTexts > 0 ? ";" : pick([";", "\n", "// comment\n"])
    }
  }

  private mutating func pick(_ words: [String]) -> String { words.randomElement(using: &random) ?? "" }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
