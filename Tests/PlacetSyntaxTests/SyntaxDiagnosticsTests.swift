import Diagnostics
import PlacetSyntax
import Testing

/// The whole picture, as an author reads it.
@Suite struct SyntaxDiagnosticsTests {
  private func render(_ text: String) -> String {
    TerminalRenderer().render(Parser.parse(Source(name: "p.placet", text: text)).diagnostics)
  }

  @Test func `a comparison of a comparison offers both`() {
    #expect(
      render("require x < y < z") == """
        error[E0104]: a comparison cannot be compared again
         --> p.placet:1:15
          |
        1 | require x < y < z
          |           -   ^ this is the second comparison
          |           |
          |           this is the first
          |
          = help: write 'x < y and y < z'

        """)
  }

  @Test func `an open bracket is named with its line`() {
    #expect(
      render("let a = f(1,\n  2\nlet b = 3") == """
        error[E0102]: expected ',' or ')', found end of line
         --> p.placet:2:4
          |
        1 | let a = f(1,
          |          - this '(' is not closed
        2 |   2
          |    ^ ',' or ')' is wanted here

        """)
  }

  @Test func `an open block is named where the next item begins`() {
    #expect(
      render("rule a {\n  for each host h {\n    require h.ok\n\nrule b { }") == """
        error[E0102]: expected '}', found 'rule'
         --> p.placet:5:1
          |
        2 |   for each host h {
          |                   - this '{' is not closed
        ...
        5 | rule b { }
          | ^^^^ '}' is wanted here

        """)
  }

  @Test func `a bracket too many closes nothing`() {
    #expect(
      render("let a = 3)") == """
        error[E0103]: ')' closes nothing
         --> p.placet:1:10
          |
        1 | let a = 3)
          |          ^ no bracket is open here

        """)
  }

  @Test func `a verb misspelt gets the nearest`() {
    #expect(
      render("rule r {\n  requre i.host == h\n}") == """
        error[E0107]: no statement begins with 'requre'
         --> p.placet:2:3
          |
        2 |   requre i.host == h
          |   ^^^^^^ a verb is wanted here
          |
          = help: use 'require'

        """)
  }

  @Test func `a word of the language is no name`() {
    #expect(
      render("let weight = 3") == """
        error[E0106]: 'weight' is a word of the language and cannot be a name here
         --> p.placet:1:5
          |
        1 | let weight = 3
          |     ^^^^^^ a name is wanted here
          |
          = help: use 'weight_'

        """)
  }

  @Test func `a value without let, and one sign for two`() {
    #expect(
      render("x = 3\nrequire x = 3") == """
        error[E0110]: a value gets its name by 'let'
         --> p.placet:1:1
          |
        1 | x = 3
          | ^ 'let' is wanted before this
          |
          = help: write 'let' before it

        error[E0109]: '=' gives a value, '==' compares
         --> p.placet:2:11
          |
        2 | require x = 3
          |           ^ a comparison is wanted here
          |
          = help: use '=='

        """)
  }

  @Test func `a condition behind an operator wants brackets`() {
    #expect(
      render("let a = 1 + if b then 2 else 3") == """
        error[E0108]: 'if' cannot stand behind an operator
         --> p.placet:1:13
          |
        1 | let a = 1 + if b then 2 else 3
          |             ^^ an operand is wanted here
          |
          = help: put 'if …' in round brackets

        """)
  }

  @Test func `signs of other languages get the word`() {
    #expect(
      render("let a = b && c\nlet d = \"no end") == """
        error[E0001]: '&' is not part of the language
         --> p.placet:1:11
          |
        1 | let a = b && c
          |           ^^ this starts no token
          |
          = help: the word for it is 'and'

        error[E0002]: this text is not closed
         --> p.placet:2:16
          |
        2 | let d = "no end
          |         -      ^ '"' is wanted before the end of the line
          |         |
          |         the text begins here

        """)
  }

  @Test func `a form to come says so`() {
    #expect(
      render("survive failure of any site s { }") == """
        error[E0190]: 'survive' is not part of the language yet
         --> p.placet:1:1
          |
        1 | survive failure of any site s { }
          | ^^^^^^^ this cannot be said so far

        """)
  }

  @Test(arguments: [
    ("require a < b < c", "require a < b and b < c"), ("requre a.b", "require a.b"),
    ("let at = 1", "let at_ = 1"), ("x = 1", "let x = 1"), ("forbid a = b", "forbid a == b"),
  ])
  func `applying a fix mends the text`(_ wrong: String, _ right: String) throws {
    let diagnostics = Parser.parse(Source(name: "p", text: wrong)).diagnostics
    let fix = try #require(diagnostics.first?.fixes.first)
    var bytes = Array(wrong.utf8)

    bytes.replaceSubrange(fix.range.start..<fix.range.end, with: Array(fix.replacement.utf8))

    #expect(String(decoding: bytes, as: UTF8.self) == right)
    #expect(Parser.parse(Source(name: "p", text: right)).diagnostics.isEmpty)
  }
}
