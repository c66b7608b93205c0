import Diagnostics
import PlacetSyntax
import Testing

@Suite struct FormatterTests {
  private func format(_ text: String) -> String {
    Formatter.format(Parser.parse(Source(name: "f", text: text)).tree)
  }

  /// Kinds and texts, less separators and commas before a closing bracket.
  private func sentence(_ text: String) -> [String] {
    let source = Source(name: "f", text: text)
    let tokens = Lexer.tokenize(source).tokens.filter { $0.kind != .separator }
    return tokens.map { "\($0.kind) \(SourceRange(source, $0.start, $0.end).text)" }
  }

  @Test func `spacing, indentation and empty lines are canonical`() {
    let text = """


      import   nfv   // the vocabulary
      rule a(x:int){
          // first

      require x+ -1>=f( x,y ) [ 0 ] . z   and(a)in[1]


        if b{require c;forbid d}
           else {
      for each host h,
      (p,q) in r { require 1 .. 2 == x ?? y }
      }

        }
      let long = sum(
      a
        for each host h where
          h.ok
      )
          + 3
      entity e { a:int?=3,b : EUR/h
       c: set of(int,int) } // end
      let e = x/y + x / y + 80%
      let t = "a  \\( b )c"
      let m = match x {
      1=>2,
      -1 =>   3 }
      """
    let expected = """
      import nfv  // the vocabulary
      rule a(x: int) {
        // first

        require x + -1 >= f(x, y)[0].z and (a) in [1]

        if b { require c; forbid d }
        else {
          for each host h,
            (p, q) in r { require 1..2 == x ?? y }
        }
      }
      let long = sum(
        a
        for each host h where
        h.ok
      )
        + 3
      entity e { a: int? = 3, b: EUR/h
        c: set of (int, int) }  // end
      let e = x/y + x / y + 80 %
      let t = "a  \\(b)c"
      let m = match x {
        1 => 2,
        -1 => 3 }

      """
    #expect(format(text) == expected)
  }

  @Test func `the tokens of the corpus stay and a second time changes nothing`() {
    for source in Corpus.all {
      let once = format(source.text)

      #expect(sentence(once) == sentence(source.text), "\(source.name)")
      #expect(format(once) == once, "\(source.name)")
      #expect(Parser.parse(Source(name: source.name, text: once)).diagnostics.isEmpty, "\(source.name)")
    }
  }

  @Test func `derived sentences keep their tokens too`() throws {
    let grammar = try GrammarTests().grammar
    for seed in 1...300 as ClosedRange<UInt64> {
      var derivation = Derivation(grammar, seed: seed)
      let text = derivation.sentence(of: "policy", depth: 10 + Int(seed % 30))
      let once = format(text)

      #expect(sentence(once) == sentence(text), "seed \(seed)")
      #expect(format(once) == once, "seed \(seed)")
    }
  }

  @Test func `every comment stays`() {
    let text = "// a\nlet x = [ // b\n  1, // c\n  // d\n] // e\n// f\n"
    let result = format(text)
    for comment in ["// a", "// b", "// c", "// d", "// e", "// f"] { #expect(result.contains(comment)) }
    #expect(result == "// a\nlet x = [  // b\n  1,  // c\n  // d\n]  // e\n// f\n")
  }

  @Test func `a text with errors comes back as it is`() {
    let text = "let  x =\nlet y  = 3"
    #expect(format(text) == text)
  }
}
