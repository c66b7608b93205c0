import Diagnostics
import PlacetSyntax
import Testing

@Suite struct FragmentTests {
  private func fragment(_ text: String) -> Fragment {
    Parser.parseFragment(Source(name: "<repl>", text: text))
  }

  private func kind(_ text: String) -> String {
    let fragment = fragment(text)
    if fragment.isIncomplete { return "incomplete" }
    if !fragment.diagnostics.isEmpty { return "wrong" }
    return switch fragment.content {
    case .items: "items"
    case .expression: "expression"
    }
  }

  @Test(arguments: [
    "let x = 3", "rule a { require b }", "host h1 { cores: 3 }", "minimize cost", "a b -> c",
    "let x = 1\nlet y = 2", "",
  ])
  func `a declaration or statement is items`(_ text: String) { #expect(kind(text) == "items") }

  @Test(arguments: [
    "1 + 2", "x", "mme.instances.all(i => i.placed)", "if a then b else c", "match x { a => 1 }", "all host",
    "(1, 2)\n",
  ])
  func `anything else that can be read is an expression`(_ text: String) {
    #expect(kind(text) == "expression")
  }

  @Test(arguments: [
    "rule a {", "f(1,", "[1, 2", "1 +", "let x =", "host h {\n cpu: 3", "if a then", "if a then b", "not",
    "a.", "require f(a",
  ])
  func `a beginning is incomplete`(_ text: String) { #expect(kind(text) == "incomplete") }

  @Test(arguments: ["1 + )", "let 3", "\"abc", "rule a }", "x y", "f(1, }"])
  func `what no line can mend is wrong`(_ text: String) { #expect(kind(text) == "wrong") }
}
