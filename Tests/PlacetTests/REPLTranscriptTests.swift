import Foundation
import Placet
import PlacetREPL
import Testing

/// Sessions as data: what is typed, and what is shown. `PLACET_BLESS=1` writes what is shown, to be read.
@Suite struct REPLTranscriptTests {
  /// Paths in transcripts begin at the root of the checkout, wherever the tests run.
  static func placed(_ text: String) -> String {
    text.replacing("@/", with: Checkout.root.path + "/")
  }

  /// What a session shows for the inputs of a transcript, each in a session of its own.
  static func shown(_ wanted: String) -> String {
    let replayed = REPLTranscript(placed(wanted)).replayed(in: REPLSession())
    return replayed.text.replacing(Checkout.root.path + "/", with: "@/")
  }

  /// Less what any change of the solver or the library changes: counters of the search, digests; and less the
  /// place where a headline is wrapped, which the length of the checkout's own path decides.
  static func comparable(_ text: String) -> String {
    text.replacing(/\d+ decisions?, \d+ conflicts?, work \d+/, with: "…").replacing(
      /sha256:[0-9a-f]+/, with: "…"
    ).replacing(/,\s+\d+\s+instances?\s+on\s+\d+\s+hosts?/, with: ", …")
  }

  static let blesses = ProcessInfo.processInfo.environment["PLACET_BLESS"] != nil

  @Test(arguments: Checkout.transcripts)
  func `a session shows what its transcript says`(_ path: String) throws {
    let wanted = try Checkout.text(path)

    let start = wanted.hasPrefix(">") ? wanted.startIndex : wanted.range(of: "\n>")?.lowerBound
    let head = wanted[
      ..<(start.map { wanted.hasPrefix(">") ? $0 : wanted.index(after: $0) } ?? wanted.endIndex)]
    let shown = String(head) + Self.shown(wanted)

    if Self.comparable(shown) != Self.comparable(wanted), Self.blesses {
      try shown.write(to: Checkout.root.appendingPathComponent(path), atomically: true, encoding: .utf8)
    }
    #expect(Self.comparable(shown) == Self.comparable(wanted))
  }

  @Test func `there are transcripts`() {
    #expect(Checkout.transcripts.count >= 6)
  }

  @Test func `the sessions in the documentation are as shown`() throws {
    let path = "docs/language/repl.md"
    let parts = try Checkout.text(path).components(separatedBy: "```placet-session\n")
    #expect(parts.count > 3)

    var page = parts[0]
    for part in parts.dropFirst() {
      let end = part.range(of: "```")?.lowerBound ?? part.endIndex
      let shown = Self.shown(String(part[..<end]))
      #expect(Self.comparable(shown) == Self.comparable(String(part[..<end])))
      page += "```placet-session\n" + shown + part[end...]
    }
    if Self.blesses {
      try page.write(to: Checkout.root.appendingPathComponent(path), atomically: true, encoding: .utf8)
    }
  }

  /// The same lines one by one and as one paste: a paste runs statement by statement.
  @Test(arguments: Checkout.transcripts)
  func `a paste of a whole session shows the same`(_ path: String) throws {
    let transcript = REPLTranscript(Self.placed(try Checkout.text(path)))

    let oneByOne = transcript.replayed(in: REPLSession()).exchanges.map(\.output).joined()
    let pasted = REPLSession().submit(transcript.exchanges.map(\.input).joined(separator: "\n")).output

    #expect(pasted == oneByOne)
  }
}
