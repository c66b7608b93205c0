import Foundation
import PlacetREPL

/// A transcript: lines typed after `> `, then what is shown.
struct REPLTranscript {
  struct Exchange {
    /// Several lines are pasted together.
    var input: String
    var output: String
    var line: Int
  }
  var exchanges: [Exchange] = []

  /// `> ` begins an input, `>| ` is one more line of the same paste; `#` begins a comment before the first input.
  init(_ text: String) {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if line == ">" || line.hasPrefix("> ") {
        exchanges.append(Exchange(input: String(line.dropFirst(2)), output: "", line: index + 1))
      } else if line == ">|" || line.hasPrefix(">| "), !exchanges.isEmpty {
        exchanges[exchanges.count - 1].input += "\n" + line.dropFirst(3)
      } else if !exchanges.isEmpty {
        exchanges[exchanges.count - 1].output += line + "\n"
      }
    }
    // The newline at the end of the file ends its last line.
    if var last = exchanges.popLast() {
      if last.output.hasSuffix("\n") { last.output.removeLast() }
      exchanges.append(last)
    }
  }

  /// What a session shows for the same inputs.
  func replayed(in session: REPLSession) -> REPLTranscript {
    var copy = self
    for index in copy.exchanges.indices {
      copy.exchanges[index].output = session.submit(copy.exchanges[index].input).output
    }
    return copy
  }

  var text: String {
    exchanges.map { exchange in
      let lines = exchange.input.split(separator: "\n", omittingEmptySubsequences: false)
      let shown = lines.enumerated().map { ($0.offset == 0 ? "> " : ">| ") + $0.element }
      return shown.joined(separator: "\n") + "\n" + exchange.output
    }.joined()
  }
}

/// The checkout that the tests run in.
enum Checkout {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  static var transcripts: [String] {
    let folder = "Tests/Conformance/cases/repl"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(folder).path)) ?? []
    return names.filter { $0.hasSuffix(".txt") }.sorted().map { "\(folder)/\($0)" }
  }
}
