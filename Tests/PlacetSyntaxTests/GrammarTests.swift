import Diagnostics
import Foundation
import PlacetSyntax
import Testing

@Suite struct GrammarTests {
  let grammar: Grammar

  init() throws {
    let file = Corpus.root.appending(path: "grammar/placet.ebnf")
    grammar = try Grammar(ebnf: String(contentsOf: file, encoding: .utf8))
  }

  @Test func `the parser reads every sentence that the grammar derives`() {
    for seed in 1...400 as ClosedRange<UInt64> {
      var derivation = Derivation(grammar, seed: seed)
      let text = derivation.sentence(of: "policy", depth: 12 + Int(seed % 30))

      let diagnostics = Parser.parse(Source(name: "seed \(seed)", text: text)).diagnostics

      #expect(diagnostics.isEmpty, "\(TerminalRenderer().render(diagnostics))")
    }
  }

  @Test(arguments: ["item", "statement", "expr", "type", "case_pattern", "step", "part", "fact", "field"])
  func `the parser reads every sentence of the longer rules`(_ rule: String) {
    for seed in 1...120 as ClosedRange<UInt64> {
      var derivation = Derivation(grammar, seed: seed)
      let text = frame(derivation.sentence(of: rule, depth: 20 + Int(seed % 20)), of: rule)

      let diagnostics = Parser.parse(Source(name: "\(rule), seed \(seed)", text: text)).diagnostics

      #expect(diagnostics.isEmpty, "\(TerminalRenderer().render(diagnostics))")
    }
  }

  private func frame(_ text: String, of rule: String) -> String {
    switch rule {
    case "expr": "let x = \(text)"
    case "type": "param x: \(text)"
    case "case_pattern": "let x = match y { \(text) => 1 }"
    case "step": "test \"t\" { \(text) }"
    case "part": "host h { \(text) }"
    case "fact": "scenario s { \(text) }"
    case "field": "record r { \(text) }"
    default: text
    }
  }

  @Test func `the corpus takes every alternative of the grammar`() {
    var covered: Set<Int> = []
    for source in Corpus.all {
      var recogniser = Recogniser(grammar, source, Lexer.tokenize(source).tokens)
      let isSentence = recogniser.accepts()
      #expect(isSentence, "the grammar does not derive \(source.name)")
      covered.formUnion(recogniser.covered)
    }

    let missing = grammar.descriptions.filter { !covered.contains($0.key) }.values.sorted()

    #expect(missing == [])
  }

  @Test func `the parser and the grammar refuse the same token changes`() {
    var random = SeededGenerator(seed: 7)
    for source in Corpus.own {
      for _ in 0..<150 {
        let text = mutate(source, &random)
        let changed = Source(name: source.name, text: text)
        let (tokens, lexical) = Lexer.tokenize(changed)
        guard lexical.isEmpty else { continue }
        var recogniser = Recogniser(grammar, changed, tokens)

        let diagnostics = Parser.parse(changed).diagnostics

        if diagnostics.contains(where: { $0.code == "E0190" }) { continue }
        let isSentence = recogniser.accepts()
        #expect(isSentence == diagnostics.isEmpty, "\(text)\n\(TerminalRenderer().render(diagnostics))")
      }
    }
  }

  /// A line or two of a source with one token dropped, doubled or replaced by another of the source.
  private func mutate(_ source: Source, _ random: inout SeededGenerator) -> String {
    let items = Parser.parse(source).tree.items
    guard let item = items.randomElement(using: &random) else { return "" }
    let range = item.range
    let tokens = Lexer.tokenize(source).tokens
    var texts = tokens.filter { $0.start >= range.start && $0.end <= range.end }.map {
      SourceRange(source, $0.leading, $0.end).text
    }
    guard !texts.isEmpty else { return "" }
    let place = Int.random(in: 0..<texts.count, using: &random)
    switch Int.random(in: 0..<3, using: &random) {
    case 0: texts.remove(at: place)
    case 1: texts.insert(texts[place], at: place)
    default: texts[place] = texts.randomElement(using: &random) ?? ""
    }
    return texts.joined()
  }
}
