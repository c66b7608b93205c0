import Testing

/// What nests as deep as the parser allows is checked on the small stack of a worker thread.
@Suite struct DepthTests {
  static let forms: [(String, String)] = [
    ("(", ")"), ("[", "]"), ("not ", ""), ("1 + (", ")"), ("if true then 1 else ", ""), ("f(", ")"),
    ("[1].map(x => ", ")"), ("xs[", "]"), ("sum(", " for each n in [1])"), ("-", ""), ("1 ?? ", ""),
    ("match 1 { _ => ", " }"), ("[1: ", "]"), ("set [", "]"), ("true implies ", ""), ("(a: ", ")"),
    ("\"\\(", ")\""), ("1 in [", "]"), ("[1].all(x => x == ", ")"), ("[y for each y in ", "]"),
  ]

  @Test(arguments: forms)
  func `deep nesting is checked or refused`(_ open: String, _ close: String) {
    for depth in [20, 60, 120, 190, 250] {
      let nested = String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
      _ = PolicyCase("fun f(n: int): int = n\nlet xs = [1]\nlet a = \(nested)\nrule r { require \(nested) }")
    }
  }

  @Test(arguments: [".f", ".count", "(1)", "[0]", " + 1", " and true", "?.f", ".f()", " ?? 1"])
  func `long chains are checked or refused`(_ link: String) {
    for length in [50, 190, 1000] {
      _ = PolicyCase("let a = 1\(String(repeating: link, count: length))")
    }
  }

  @Test(arguments: [
    ("if true { ", " }"), ("for each x in [1] { ", " }"), ("match 1 { _ => { ", " } }"),
  ])
  func `deep statements are checked or refused`(_ open: String, _ close: String) {
    for depth in [20, 100, 190, 250] {
      _ = PolicyCase(
        "rule r { " + String(repeating: open, count: depth) + "require true"
          + String(repeating: close, count: depth) + " }")
    }
  }

  @Test(arguments: [
    ("[", "]"), ("set of ", ""), ("", "?"), ("(", ", int)"), ("[int: ", "]"), ("(int) -> ", ""),
  ])
  func `deep types are checked or refused`(_ open: String, _ close: String) {
    for depth in [20, 100, 190, 250] {
      let type = String(repeating: open, count: depth) + "int" + String(repeating: close, count: depth)
      _ = PolicyCase("fun f(x: \(type)): bool = x == x")
    }
  }

  @Test func `deep entities are checked or refused`() {
    for depth in [20, 100, 190, 250] {
      let kinds = (1...depth).map { "entity k\($0) in k\($0 - 1).c\($0) { }" }.joined(separator: "\n")
      let makes = (0...depth).map { "k\($0) a\($0) { " }.joined()
      _ = PolicyCase("entity k0 { }\n\(kinds)\n\(makes)" + String(repeating: "}", count: depth + 1))
    }
  }
}
