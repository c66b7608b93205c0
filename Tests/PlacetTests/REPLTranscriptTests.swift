import Foundation
import Placet
import PlacetREPL
import Testing

/// Sessions as data: what is typed, and what is shown.
@Suite struct REPLTranscriptTests {
  /// Paths in transcripts begin at the root of the checkout, wherever the tests run.
  static func placed(_ text: String) -> String {
    text.replacing("@/", with: Checkout.root.path + "/")
  }

  static func unplaced(_ text: String) -> String {
    text.replacing(Checkout.root.path + "/", with: "@/")
  }

  @Test(arguments: Checkout.transcripts)
  func `a session shows what its transcript says`(_ path: String) throws {
    let wanted = try Checkout.text(path)

    let replayed = REPLTranscript(Self.placed(wanted)).replayed(in: REPLSession())
    let head = wanted.prefix(upTo: wanted.range(of: "> ")?.lowerBound ?? wanted.startIndex)
    let shown = head + Self.unplaced(replayed.text)

    if ProcessInfo.processInfo.environment["PLACET_BLESS"] != nil {
      try shown.write(to: Checkout.root.appendingPathComponent(path), atomically: true, encoding: .utf8)
    }
    #expect(shown == wanted)
  }

  @Test func `there are transcripts`() {
    #expect(Checkout.transcripts.count >= 6)
  }

  @Test func `the sessions in the documentation are as shown`() throws {
    let page = try Checkout.text("docs/language/repl.md")
    let blocks = page.components(separatedBy: "```placet-session\n").dropFirst()
    #expect(!blocks.isEmpty)

    for block in blocks {
      let wanted = block.components(separatedBy: "```")[0]
      let replayed = REPLTranscript(Self.placed(wanted)).replayed(in: REPLSession())
      #expect(Self.unplaced(replayed.text) == wanted)
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
