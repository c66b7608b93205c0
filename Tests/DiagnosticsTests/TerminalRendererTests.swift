import Diagnostics
import Testing

@Suite struct TerminalRendererTests {
  private let policy = Source(name: "vepc.placet", text: "rule r {\n\trequire a.b == \"東京\" and c\n}\n")

  private func at(_ source: Source, _ text: String) -> SourceRange {
    let bytes = Array(text.utf8)
    let start = source.bytes.indices.first { source.bytes[$0...].starts(with: bytes) } ?? 0
    return SourceRange(source, start, start + bytes.count)
  }

  @Test func `labels in other files, data and notes follow the primary one`() {
    let spread = Source(
      name: "rules/spread.placet", text: String(repeating: "\n", count: 11) + "  require all_different(x)\n")
    var diagnostic = Diagnostic(
      "P0101", "no placement satisfies these rules together",
      at: .init(at(policy, "require"), "sgw[0] needs fra-1"))
    diagnostic.secondary = [
      .init(at(spread, "require"), "sgw[0], sgw[1] may not share a host"),
      .init(SourceRange(Source(name: "lab.json: hosts[7].memory", text: ""), 0, 0), "fra-2 has 48 GiB free"),
    ]
    diagnostic.notes = ["any one of these would do:\n  give fra-2 16 GiB more\n  waive spread for sgw"]
    diagnostic.fixes = [.init(at(policy, "a.b"), replacement: "x", title: "use 'x'")]

    #expect(
      TerminalRenderer().render(diagnostic) == """
        error[P0101]: no placement satisfies these rules together
          --> vepc.placet:2:2
           |
         2 |     require a.b == "東京" and c
           |     ^^^^^^^ sgw[0] needs fra-1
           |
          ::: rules/spread.placet:12:3
           |
        12 |   require all_different(x)
           |   ------- sgw[0], sgw[1] may not share a host
           |
          ::: lab.json: hosts[7].memory
           |  fra-2 has 48 GiB free
           |
           = any one of these would do:
                 give fra-2 16 GiB more
                 waive spread for sgw
           = help: use 'x'

        """)
  }

  @Test func `tabs and wide characters keep marks below their text`() {
    var diagnostic = Diagnostic("E0001", "m", at: .init(at(policy, "\"東京\""), "wide"), severity: .warning)
    diagnostic.secondary = [.init(at(policy, "c\n"), "last"), .init(at(policy, "a.b"), "first")]

    #expect(
      TerminalRenderer().render(diagnostic) == """
        warning[E0001]: m
         --> vepc.placet:2:17
          |
        2 |     require a.b == "東京" and c
          |             ---    ^^^^^^     - last
          |             |      |
          |             |      wide
          |             first

        """)
  }

  @Test func `labels that overlap are all told`() {
    var diagnostic = Diagnostic("E0001", "m", at: .init(at(policy, "a.b"), "inner"))
    diagnostic.secondary = [.init(at(policy, "require a.b =="), "outer")]

    #expect(
      TerminalRenderer().render(diagnostic) == """
        error[E0001]: m
         --> vepc.placet:2:10
          |
        2 |     require a.b == "東京" and c
          |     --------^^^---
          |     |       |
          |     |       inner
          |     outer

        """)
  }

  @Test func `the end of a file and an empty file have a place`() {
    let end = Diagnostic("E0101", "m", at: .init(SourceRange(policy, 44, 44), "here"))
    #expect(TerminalRenderer().render(end).contains("vepc.placet:"))

    let empty = Source(name: "empty", text: "")
    let nothing = Diagnostic("E0101", "m", at: .init(SourceRange(empty, 0, 0), "here"))
    #expect(TerminalRenderer().render(nothing) == "error[E0101]: m\n --> empty\n  |  here\n")
  }

  @Test func `a long line is cut round the mark`() {
    let source = Source(
      name: "long", text: String(repeating: "é", count: 5_000) + "X" + String(repeating: "y", count: 5_000))
    let picture = TerminalRenderer().render(Diagnostic("E0001", "m", at: .init(at(source, "X"), "here")))
    let lines = picture.split(separator: "\n")

    #expect(lines.allSatisfy { $0.count < 230 })
    let column = lines[3].firstIndex(of: "X").map { lines[3].distance(from: lines[3].startIndex, to: $0) }
    let mark = lines[4].firstIndex(of: "^").map { lines[4].distance(from: lines[4].startIndex, to: $0) }
    #expect(column == mark)
  }

  @Test func `what a file says is never a command to the terminal`() {
    let source = Source(name: "a\u{1B}[2J", text: "x \u{1B}[31m y")
    let diagnostic = Diagnostic(
      "E0001", "bad \u{1B}[0m\nname", at: .init(SourceRange(source, 0, 1), "x\u{7}"))

    #expect(!TerminalRenderer().render(diagnostic).unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })
  }

  @Test func `colour changes nothing but the colour`() {
    var diagnostic = Diagnostic("E0001", "m", at: .init(at(policy, "a.b"), "inner"))
    diagnostic.notes = ["n"]
    let coloured = TerminalRenderer(usesColour: true).render(diagnostic)
    #expect(coloured.contains("\u{1B}[1;31merror[E0001]\u{1B}[0m"))

    var plain = ""
    var isInEscape = false
    for character in coloured {
      if character == "\u{1B}" { isInEscape = true }
      if !isInEscape { plain.append(character) }
      if isInEscape, character == "m" { isInEscape = false }
    }
    #expect(plain == TerminalRenderer().render(diagnostic))
  }
}
