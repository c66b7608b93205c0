import Diagnostics
import PlacetSyntax

/// Says whether tokens form a sentence of a grammar, and which alternatives its derivations take.
///
/// The plain judge of the parser: for each node and place all places where it can end, remembered.
/// The grammar must not be left-recursive.
struct Recogniser {
  let grammar: Grammar
  private let texts: [String]
  private let kinds: [Token.Kind]
  private var known: [Place: [Int]] = [:]
  private var seen: Set<Span> = []
  /// Nodes of the grammar that a derivation of the whole input goes through.
  private(set) var covered: Set<Int> = []

  private struct Place: Hashable { var node: Int, start: Int }
  private struct Span: Hashable { var node: Int, start: Int, end: Int }

  init(_ grammar: Grammar, _ source: Source, _ tokens: [Token]) {
    self.grammar = grammar
    let sentence = tokens.filter { $0.kind != .endOfFile }
    kinds = sentence.map(\.kind)
    texts = sentence.map { SourceRange(source, $0.start, $0.end).text }
  }

  mutating func accepts(_ rule: String = "policy") -> Bool {
    guard let root = grammar.rules[rule], ends(root, 0).contains(texts.count) else { return false }
    cover(root, 0, texts.count)
    return true
  }

  // MARK: - Ends

  private mutating func ends(_ node: Int, _ start: Int) -> [Int] {
    let place = Place(node: node, start: start)
    if let ends = known[place] { return ends }
    let found = Set(computeEnds(node, start)).sorted()
    known[place] = found
    return found
  }

  private mutating func computeEnds(_ node: Int, _ start: Int) -> [Int] {
    switch grammar.nodes[node] {
    case .literal(let text): return start < texts.count && matches(literal: text, start) ? [start + 1] : []
    case .terminal(let name): return start < texts.count && matches(terminal: name, start) ? [start + 1] : []
    case .rule(let name): return ends(grammar.rules[name] ?? 0, start)
    case .choice(let alternatives): return alternatives.flatMap { ends($0, start) }
    case .optional(let inner): return [start] + ends(inner, start)
    case .repetition(let inner): return Array(reach(inner, start))
    case .sequence(let parts):
      var places: Set<Int> = [start]
      for part in parts { places = Set(places.flatMap { ends(part, $0) }) }
      return Array(places)
    }
  }

  private mutating func reach(_ inner: Int, _ start: Int) -> Set<Int> {
    var reached: Set<Int> = [start]
    var open = [start]
    while let place = open.popLast() {
      for end in ends(inner, place) where reached.insert(end).inserted { open.append(end) }
    }
    return reached
  }

  // MARK: - Cover

  private mutating func cover(_ node: Int, _ start: Int, _ end: Int) {
    guard seen.insert(Span(node: node, start: start, end: end)).inserted else { return }
    covered.insert(node)
    switch grammar.nodes[node] {
    case .literal, .terminal: break
    case .rule(let name): cover(grammar.rules[name] ?? 0, start, end)
    case .choice(let alternatives):
      for alternative in alternatives where ends(alternative, start).contains(end) {
        cover(alternative, start, end)
      }
    case .optional(let inner): if ends(inner, start).contains(end) { cover(inner, start, end) }
    case .repetition(let inner):
      var good: Set<Int> = [end]
      for place in reach(inner, start).filter({ $0 < end }).sorted(by: >) {
        for next in ends(inner, place) where good.contains(next) {
          good.insert(place)
          cover(inner, place, next)
        }
      }
    case .sequence(let parts): coverSequence(parts, start, end)
    }
  }

  private mutating func coverSequence(_ parts: [Int], _ start: Int, _ end: Int) {
    var places: [Set<Int>] = [[start]]
    for part in parts { places.append(Set((places.last ?? []).flatMap { ends(part, $0) })) }
    var good: Set<Int> = [end]
    for (index, part) in parts.enumerated().reversed() {
      var before: Set<Int> = []
      for place in places[index] {
        for next in ends(part, place) where good.contains(next) {
          before.insert(place)
          cover(part, place, next)
        }
      }
      good = before
    }
  }

  // MARK: - Tokens

  private func matches(literal text: String, _ index: Int) -> Bool {
    guard texts[index] == text else { return false }
    switch kinds[index] {
    case .symbol, .reserved: return true
    // Before ":" and after "." a reserved word is a name; only the literals keep their meaning.
    case .word: return Words.contextual.contains(text) || ["true", "false", "none", "this"].contains(text)
    default: return false
    }
  }

  private func matches(terminal name: String, _ index: Int) -> Bool {
    let isReserved = Words.reserved.contains(texts[index])
    switch (name, kinds[index]) {
    case ("WORD", .word): return !isReserved && !Words.contextual.contains(texts[index])
    case ("RESERVED", .word), ("RESERVED", .reserved): return isReserved
    case ("NUMBER", .number), ("UNIT", .unit), ("TEXT", .text), ("TEXT_OPEN", .textOpen),
      ("TEXT_MORE", .textMore), ("TEXT_CLOSE", .textClose), ("SEP", .separator):
      return true
    default: return false
    }
  }
}
