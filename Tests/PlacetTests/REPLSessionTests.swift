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

  @Test func `params without a value wait for :set, one after the other`() {
    let session = REPLSession()
    _ = session.submit("param n: int\nparam m: int")

    #expect(session.submit("n").output.hasPrefix("error[E0414]"))
    #expect(session.submit(":set n=4").output.hasPrefix("error[E0414]"))
    #expect(session.submit(":set m=5").output == "")
    #expect(session.submit("n + m").output == "= 9\n")
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
    #expect(
      session.submit(":save \(base)").output == "there is a file \(base) already; it is left as it is\n")
    #expect(session.submit(":save \(copy)").output == "\(copy) has the policy and 2 additions\n")
    #expect(session.submit(":save \(copy)").output == "\(copy) has the policy and 2 additions\n")

    let saved = try String(contentsOfFile: copy, encoding: .utf8)
    #expect(saved == "entity host { cores: int }\n\nlet n = 2\n\n/// The first.\nhost a { cores: n }\n")
    let again = REPLSession()
    _ = again.load(copy)
    #expect(again.submit("a.cores").output == "= 2\n")
  }

  @Test func `a policy that grew at the prompt places as one that was always so`() throws {
    let policy = """
      entity host { cores: int, price: int }
      entity vnf { cpu: int, decide host: host, let dear = host.price > 2 }
      host h1 { cores: 4, price: 1 }
      host h2 { cores: 4, price: 3 }
      host h3 { cores: 8, price: 5 }
      vnf a { cpu: 2 }
      vnf b { cpu: 2 }
      rule room { for each host h { require sum(v.cpu for each vnf v where v.host == h) <= h.cores } }
      rule apart { for each vnf v, w in all vnf where v != w and v.cpu == 4 { require v.host != w.host } }
      minimize sum(v.host.price for each vnf v)
      """
    let additions = [
      "vnf c { cpu: 1 }",
      "vnf d { cpu: 4 }",
      "rule few { require count(v for each vnf v where v.dear) <= 1 }",
      "let many = count(v for each vnf v)",
      "rule bars { for each vnf v { require v.host != h1 or v.cpu < 2 } }",
      "waive few because \"it is tight\"",
      "rule bars { for each vnf v { require v.host != h2 or v.cpu < 2 } }",
    ]
    func table(_ session: REPLSession) -> Substring { session.submit(":solve").output.drop { $0 != "," } }
    let grown = REPLSession()
    _ = grown.submit(policy)
    for count in 0...additions.count {
      if count > 0 { _ = grown.submit(additions[count - 1]) }
      let whole = REPLSession()
      // A rule that is typed again takes the place of the first.
      let kept = additions.prefix(count).enumerated().filter { number, text in
        !additions[(number + 1)..<count].contains { $0.hasPrefix("rule bars") && text.hasPrefix("rule bars") }
      }
      _ = whole.submit(policy + "\n" + kept.map(\.element).joined(separator: "\n"))

      #expect(table(grown) == table(whole), "after \(count)")
      #expect(
        grown.submit("[(v, v.host, v.dear) for each vnf v]").output
          == whole.submit("[(v, v.host, v.dear) for each vnf v]").output)
    }
  }

  @Test func `reload reads the file again and keeps what was typed`() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(
      "placet-\(UUID().uuidString).placet"
    ).path
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
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(
      "placet-\(UUID().uuidString).placet"
    ).path
    defer { try? FileManager.default.removeItem(atPath: file) }
    try "let a = b\n".write(toFile: file, atomically: true, encoding: .utf8)
    let session = REPLSession()
    #expect(session.load(file).hasPrefix("error[E0201]"))

    try "let a = 7\n".write(toFile: file, atomically: true, encoding: .utf8)
    _ = session.submit(":reload")

    #expect(session.submit("a").output == "= 7\n")
  }
}
