import Foundation
import PlacetREPL
import Synchronization
import Testing

/// What transcripts cannot show: interrupts, files, the end of input.
@Suite struct REPLSessionTests {
  @Test func `Ctrl-C stops an evaluation and not the session`() {
    let asked = Atomic<Int>(0)
    let session = REPLSession(shouldStop: { asked.add(1, ordering: .relaxed).newValue > 3 })

    let stopped = session.submit("sum(1 for each a in 0..<100000, b in 0..<100000)").output

    #expect(stopped == "stopped\n")
    #expect(asked.load(ordering: .relaxed) == 4)
  }

  @Test func `an interrupt that is over does not stop the next evaluation`() {
    let pressed = Atomic<Bool>(true)
    let session = REPLSession(shouldStop: { pressed.exchange(false, ordering: .relaxed) })

    #expect(session.submit("sum(a for each a in 0..<100000)").output == "stopped\n")
    #expect(session.submit("sum(a for each a in 0..<100000)").output == "= 4999950000\n")
  }

  @Test func `what is open when input ends is told`() {
    let session = REPLSession()

    #expect(session.submit("[1,").output == "")
    #expect(session.isOpen)
    #expect(session.end().output.hasPrefix("error[E01"))
  }

  @Test func `what was begun is forgotten after an interrupt`() {
    let session = REPLSession()
    _ = session.submit("[1,")

    session.abandon()

    #expect(!session.isOpen)
    #expect(session.submit("2").output == "= 2\n")
  }

  @Test func `history entries are whole statements`() {
    let session = REPLSession()
    #expect(session.submit("[1,").entries == [])
    #expect(session.submit("2]").entries == ["[1,\n2]"])
    #expect(session.submit("1\n:type 2\n(3\n)").entries == ["1", ":type 2", "(3\n)"])
  }

  @Test func `a saved session is a policy that can be loaded again`() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("placet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let base = folder.appendingPathComponent("base.placet").path
    let copy = folder.appendingPathComponent("copy.placet").path
    try "entity host { cores: int }\n".write(toFile: base, atomically: true, encoding: .utf8)
    let session = REPLSession()
    _ = session.load(base)

    _ = session.submit("let n = 1\nlet n = 2\n/// The first.\nhost a { cores: n }")
    #expect(session.submit(":save \(base)").output == "there is a file \(base) already; it is left as it is\n")
    #expect(session.submit(":save \(copy)").output == "\(copy) has the policy and 2 additions\n")
    #expect(session.submit(":save \(copy)").output == "\(copy) has the policy and 2 additions\n")

    let saved = try String(contentsOfFile: copy, encoding: .utf8)
    #expect(saved == "entity host { cores: int }\n\nlet n = 2\n\n/// The first.\nhost a { cores: n }\n")
    let again = REPLSession()
    _ = again.load(copy)
    #expect(again.submit("a.cores").output == "= 2\n")
  }

  @Test func `reload reads the file again and keeps what was typed`() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("placet-\(UUID().uuidString).placet").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    try "let a = 1\nlet b = 1\n".write(toFile: file, atomically: true, encoding: .utf8)
    let session = REPLSession()
    _ = session.load(file)
    _ = session.submit("let c = a * 10\nlet d = b")

    try "let a = 5\n".write(toFile: file, atomically: true, encoding: .utf8)
    let told = session.submit(":reload").output

    #expect(session.submit("c").output == "= 50\n")
    #expect(told.hasPrefix("this no longer fits and was dropped:\nerror[E0201]"))
    #expect(session.submit("d").output.hasPrefix("error[E0201]"))
  }

  @Test func `a policy that is wrong is not loaded, and may be put right and loaded again`() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("placet-\(UUID().uuidString).placet").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    try "let a = b\n".write(toFile: file, atomically: true, encoding: .utf8)
    let session = REPLSession()
    #expect(session.load(file).hasPrefix("error[E0201]"))

    try "let a = 7\n".write(toFile: file, atomically: true, encoding: .utf8)
    _ = session.submit(":reload")

    #expect(session.submit("a").output == "= 7\n")
  }
}
