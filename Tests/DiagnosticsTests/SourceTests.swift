import Diagnostics
import Testing

@Suite struct SourceTests {
  @Test func `positions count lines and scalars from one`() {
    let source = Source(name: "s", text: "é=\r\n\nxy")
    let positions = [0, 2, 5, 6, 8, 99].map { source.position(of: $0) }
    #expect(positions.map(\.line) == [1, 1, 2, 3, 3, 3])
    #expect(positions.map(\.column) == [1, 2, 1, 1, 3, 3])
    #expect([0, 1, 2, 3, 4].map { source.line($0) } == ["", "é=", "", "xy", ""])
  }

  @Test func `a range gives its text and joins with another`() {
    let source = Source(name: "s", text: "let x = 1")
    let name = SourceRange(source, 4, 5)
    #expect(name.text == "x")
    #expect(name.through(SourceRange(source, 8, 9)).text == "x = 1")
  }
}
