import Diagnostics
import PlacetSyntax
import Testing

@Suite struct ParserTests {
  private func parse(_ text: String) -> (tree: SyntaxTree, diagnostics: [Diagnostic]) {
    Parser.parse(Source(name: "p.placet", text: text))
  }

  private func render(_ text: String) -> String { TerminalRenderer().render(parse(text).diagnostics) }

  /// The expression of `let x = …`, its operators in full brackets.
  private func shape(_ text: String) -> String {
    guard case .statement(.letBinding(let binding)) = parse("let x = \(text)").tree.items.first else {
      return "no let"
    }
    return shape(binding.value)
  }

  private func shape(_ expression: Expression) -> String {
    switch expression {
    case .binary(let symbol, let left, let right, _, _):
      "(\(shape(left)) \(symbol.rawValue) \(shape(right)))"
    case .unary(let symbol, let operand, _): "(\(symbol.rawValue) \(shape(operand)))"
    case .conditional(let condition, let then, let otherwise, _):
      "(if \(shape(condition)) \(shape(then)) \(shape(otherwise)))"
    case .lambda(let parameters, let body, _):
      "(\(parameters.map(\.text).joined(separator: ",")) => \(shape(body)))"
    case .member(let base, let name, let isOptional, _):
      "\(shape(base))\(isOptional ? "?." : ".")\(name.text)"
    case .call(let function, let arguments, _):
      "\(shape(function))(\(arguments.map { shape($0.value) }.joined(separator: ",")))"
    default: expression.range.text
    }
  }

  @Test func `operators bind as the grammar says`() {
    #expect(shape("a + b * c - d") == "((a + (b * c)) - d)")
    #expect(shape("not a == b and c or d implies e") == "((((not (a == b)) and c) or d) implies e)")
    #expect(shape("a implies b implies c") == "(a implies (b implies c))")
    #expect(shape("-a.b(c) ?? d .. e in f") == "((((- a.b(c)) ?? d) .. e) in f)")
    #expect(shape("a not in b") == "(a not in b)")
    #expect(shape("a implies if b then c else d and e") == "(a implies (if b c (d and e)))")
    #expect(shape("(a, b) => x => a div b mod c") == "(a,b => (x => ((a div b) mod c)))")
    #expect(shape("all(x => x) and not all(y)") == "(all((x => x)) and (not all(y)))")
  }

  @Test func `a goal without a word has the sense of the one before`() {
    let text = "minimize a then b then maximize c then d"
    guard case .statement(.objective(let goals, _)) = parse(text).tree.items[0] else {
      Issue.record("no objective"); return
    }

    #expect(goals.map { $0.sense == .minimize } == [true, true, false, false])
  }

  @Test func `a doc comment is the lines above, joined`() {
    let text = "let a = 1 /// not this\n/// One.\n// plain\n///  Two. \nrule r { }"
    guard case .rule(let rule) = parse(text).tree.items[1] else { Issue.record("no rule"); return }

    #expect(rule.doc == "One.\n Two.")
  }

  @Test func `escapes in a text become the characters they stand for`() {
    guard case .statement(.letBinding(let binding)) = parse(#"let x = "a\n\t\"\\\u{e9}\(b)c""#).tree.items[0],
      case .text(let segments, _) = binding.value, segments.count == 3,
      case .literal(let first) = segments[0], case .literal(let last) = segments[2]
    else { Issue.record("no text"); return }

    #expect(first == "a\n\t\"\\é")
    #expect(last == "c")
  }

  @Test func `forms to come are told once and read past`() {
    let text = """
      survive failure of any site s where s.up {
        waive r because "x"
        require a > b
      }
      rule r { finally forbid a
        during require b
        match c { d => during require e } }
      test "t" { for any w in worlds(hosts: 1..8) { scenario w
        expect a } }
      """
    #expect(parse(text).diagnostics.map(\.code) == Array(repeating: "E0190", count: 5))
    #expect(parse(text).diagnostics.map(\.primary.range.line) == [1, 5, 6, 7, 8])
  }

  @Test func `all errors of a file are told at once, each once`() {
    let text = """
      rule a {
        require x +
        forbid y ]
        let = 3
        for each host { require z z }
      }
      enum e { one, 2, three four }
      let ok = 1
      test "t" { expect rule }
      """
    #expect(parse(text).diagnostics.map(\.primary.range.line) == [3, 4, 5, 5, 7, 7, 9])
  }

  @Test func `nothing overflows the stack`() {
    let many = 5_000
    for (before, after) in [
      ("(", ")"), ("[", "]"), ("-", ""), ("not ", ""), ("x => ", ""), ("if a then b else ", ""), ("f(", ")"),
      ("a + ", ""), ("a.", ""), ("a implies ", ""), ("match a { b => ", "}"), ("\"\\(", ")\""),
      ("set [", "]"),
    ] {
      let text =
        "let x = " + String(repeating: before, count: many) + "1" + String(repeating: after, count: many)
      #expect(parse(text).diagnostics.map(\.code).contains("E0105"), "\(before)")
    }
    for (before, after) in [
      ("param x: ", "["), ("param x: ", "("), ("param x: ", "set of "), ("param x: ", "() -> "),
      ("let ", "("),
      ("", "if a { "), ("", "for each h x { "), ("a b { ", "a b { "), ("", "if a { } else "),
      ("scenario s {", "for each h x {"),
      ("test \"t\" {", "for each h x {"), ("let x = match y { ", "("), ("param x: int", "?"),
      ("let x = a", "?.b"), ("use a", "[1]"),
    ] {
      let text = before + String(repeating: after, count: many)
      #expect(!parse(text).diagnostics.isEmpty, "\(before)\(after)")
    }
  }

  @Test func `a file that is no policy ends in two hundred errors and a word about the rest`() {
    let diagnostics = parse(String(repeating: "let = 1\n", count: 5_000)).diagnostics

    #expect(diagnostics.count == 200)
    #expect(diagnostics.last?.notes == ["this file has more errors, which are not shown"])
  }

  @Test func `long sums and long files are not nested`() {
    let sum = "let x = a" + String(repeating: " + f(b.c.d)[1] * 2", count: 900)
    let file = String(repeating: "import a.b.c\nlet x = y.z + 1\n", count: 1_000)

    #expect(parse(sum).diagnostics.isEmpty)
    #expect(parse(file).diagnostics.isEmpty)
  }

  @Test func `no input traps, and every report lies in it`() {
    for seed in 1...4_000 as ClosedRange<UInt64> {
      let source = Mutation.source(seed: seed)

      let (tree, diagnostics) = Parser.parse(source)
      let pictures = TerminalRenderer().render(diagnostics) + JSONRenderer().render(diagnostics)

      let ranges = diagnostics.flatMap { [$0.primary.range] + $0.secondary.map(\.range) }
      #expect(
        ranges.allSatisfy { 0 <= $0.start && $0.start <= $0.end && $0.end <= source.bytes.count },
        "seed \(seed)")
      #expect(!pictures.isEmpty)
      if diagnostics.isEmpty { expectStable(Formatter.format(tree), of: tree) }
    }
  }

  private func expectStable(_ text: String, of tree: SyntaxTree) {
    #expect(Formatter.format(parse(text).tree) == text, "\(tree.source.name)")
  }
}
