import Foundation
import Testing

/// The executable that was built with these tests.
enum PlacetProgram {
  static let path: String = {
    let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appendingPathComponent("placet").path
    return FileManager.default.isExecutableFile(atPath: beside)
      ? beside : Checkout.root.appendingPathComponent(".build/debug/placet").path
  }()
}

/// The built program at a terminal: editing, completion, history, Ctrl-C, Ctrl-D. Nothing here depends on timing:
/// each step waits for what the one before shows.
@Suite(
  .enabled(
    if: FileManager.default.isExecutableFile(atPath: PlacetProgram.path),
    "the placet executable is not built, so the prompt is not tried at a terminal"))
struct REPLTerminalTests {
  static let returnKey = "\r"
  static let tab = "\t"
  static let up = "\u{1B}[A"
  static let interrupt = "\u{3}"
  static let endOfInput = "\u{4}"

  /// A home of its own, gone afterwards.
  static func inHome(_ body: (String) throws -> Void) throws {
    let home = FileManager.default.temporaryDirectory.appendingPathComponent("placet-home-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: home) }
    try body(home)
  }

  static func start(home: String) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal(
      PlacetProgram.path, ["repl"],
      environment: ["HOME": home, "TERM": "xterm", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "NO_COLOR": "1"])
    try terminal.wait(for: "placet> ")
    return terminal
  }

  @Test func `a statement of several lines, and the end`() throws {
    try Self.inHome { home in
      let terminal = try Self.start(home: home)

      terminal.type("[1," + Self.returnKey)
      try terminal.wait(for: "   ... ")
      terminal.type("2]" + Self.returnKey)
      try terminal.wait(for: "= [1, 2]")
      try terminal.wait(for: "placet> ")
      terminal.type(Self.endOfInput)

      #expect(try terminal.end() == 0)
    }
  }

  @Test func `TAB completes a command, a name and a field`() throws {
    try Self.inHome { home in
      let terminal = try Self.start(home: home)

      terminal.type("entity host { cores: int }" + Self.returnKey)
      try terminal.wait(for: "placet> ")
      terminal.type("host alphaville { cores: 12 }" + Self.returnKey)
      try terminal.wait(for: "placet> ")
      terminal.type("alphav" + Self.tab + ".co" + Self.tab)
      try terminal.wait(for: "alphaville.cores")
      terminal.type(Self.returnKey)
      try terminal.wait(for: "= 12")
      try terminal.wait(for: "placet> ")
      terminal.type(":he" + Self.tab)
      try terminal.wait(for: ":help")
      terminal.type(Self.returnKey)
      try terminal.wait(for: ":whynot INSTANCE HOST")
    }
  }

  @Test func `a whole statement comes back in the next session`() throws {
    try Self.inHome { home in
      let first = try Self.start(home: home)
      first.type("[10," + Self.returnKey)
      try first.wait(for: "   ... ")
      first.type("20]" + Self.returnKey)
      try first.wait(for: "= [10, 20]")
      try first.wait(for: "placet> ")
      first.type(":quit" + Self.returnKey)
      #expect(try first.end() == 0)

      let second = try Self.start(home: home)
      second.type(Self.up)
      try second.wait(for: ":quit")
      second.type(Self.up)
      try second.wait(for: "20]")
      second.type(Self.returnKey)
      try second.wait(for: "= [10, 20]")
      second.type(":quit" + Self.returnKey)

      #expect(try second.end() == 0)
      #expect(FileManager.default.fileExists(atPath: home + "/.local/state/placet/history"))
    }
  }

  @Test func `Ctrl-C drops what is typed`() throws {
    try Self.inHome { home in
      let terminal = try Self.start(home: home)

      terminal.type("[40000 + 2,")
      try terminal.wait(for: "[40000 + 2,")
      terminal.type(Self.returnKey)
      try terminal.wait(for: "   ... ")
      terminal.type("17" + Self.interrupt)
      try terminal.wait(for: "placet> ")
      terminal.type("6 * 7" + Self.returnKey)
      try terminal.wait(for: "= 42")

      #expect(!terminal.shown.contains("40002"))
    }
  }

  @Test func `Ctrl-C stops a long evaluation and not the session`() throws {
    try Self.inHome { home in
      let terminal = try Self.start(home: home)

      terminal.type("sum(1 for each a in 0..<1000000, b in 0..<1000000)" + Self.returnKey)
      // Readline gives the terminal back when it has the line.
      try terminal.wait(for: "\u{1B}[?2004l")
      terminal.type(Self.interrupt)
      try terminal.wait(for: "stopped")
      try terminal.wait(for: "placet> ")
      terminal.type("6 * 7" + Self.returnKey)
      try terminal.wait(for: "= 42")
    }
  }

  @Test func `several statements pasted at once run one after the other`() throws {
    try Self.inHome { home in
      let terminal = try Self.start(home: home)

      terminal.type("\u{1B}[200~let p = 100\nlet q = p\n  + 20\np + q\n\u{1B}[201~")
      terminal.type(Self.returnKey)
      try terminal.wait(for: "= 220")
    }
  }

  @Test func `inputrc is honoured`() throws {
    try Self.inHome { home in
      try "\"\\C-o\": \"6 * 7\"\n".write(toFile: home + "/.inputrc", atomically: true, encoding: .utf8)
      let terminal = try Self.start(home: home)

      terminal.type("\u{F}" + Self.returnKey)
      try terminal.wait(for: "= 42")
    }
  }
}
