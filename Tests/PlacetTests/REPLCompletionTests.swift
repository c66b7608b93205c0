import Foundation
import PlacetREPL
import Testing

/// What TAB offers.
@Suite struct REPLCompletionTests {
  static func session(solved: Bool = false) -> REPLSession {
    let session = REPLSession()
    _ = session.submit(
      """
      enum colour { red, green }
      record span { low: int, high: int }
      entity site { country: text }
      entity host { site: site, cores: int, memory: data = 1 GiB, paint: colour = red }
      entity cell in host.cells { cores: int }
      entity vm { cpu: int, decide host: host, let site = host.site }
      fun doubled(h: host): int = h.cores * 2
      fun wide(s: span): int = s.high - s.low
      param racks: int = 2
      site lab { country: "SE" }
      host alpha { site: lab, cores: 8, cell c0 { cores: 4 } }
      host beta { site: lab, cores: 8 }
      vm web { cpu: 2 }
      let size = span(low: 1, high: 2)
      rule fits { for each vm v { require v.host.cores >= v.cpu } }
      """)
    if solved { _ = session.submit(":solve") }
    return session
  }

  static func offers(_ line: String, _ session: REPLSession = session()) -> [String] {
    session.complete(line).candidates
  }

  @Test(arguments: [
    ("alpha.co", ["cores"]), ("alpha.si", ["site"]), ("alpha.site.co", ["country"]),
    ("web.host.mem", ["memory"]), ("1 + (alpha.cor", ["cores"]), ("[alpha, beta][0].me", ["memory"]),
    ("host[\"alpha\"].pa", ["paint"]), ("size.", ["high", "low", "wide"]), ("alpha.dou", ["doubled"]),
    ("alpha.cells.cou", ["count"]), ("(all host).fil", ["filter"]), ("alpha.site.name.leng", ["length"]),
  ])
  func `after a dot, what the type has`(_ line: String, _ names: [String]) {
    #expect(Self.offers(line) == names)
  }

  @Test func `after a dot, the children by name`() {
    #expect(Self.offers("alpha.c") == ["c0", "cells", "cores"])
  }

  @Test(arguments: [
    ("count(v for each vm v where v.ho", ["host"]), ("[v.host.si for each vm v where v.host.si", ["site"]),
    ("(all vm).all(x => x.cp", ["cpu"]), ("sum(c.cor for each h in all host, c in h.cells where c.cor", ["cores"]),
    ("for each host h, vm v where h.cor", ["cores"]), ("fun f(a: site): text = a.cou", ["country"]),
  ])
  func `names that loops and functions bind have a type`(_ line: String, _ names: [String]) {
    #expect(Self.offers(line) == names)
  }

  @Test(arguments: [
    ("alp", ["alpha"]), ("gre", ["green"]), ("req", ["require"]), ("for each ho", ["host"]), ("use fi", ["fits"]),
    ("3 Gi", ["GiB"]), ("rac", ["racks"]), ("doub", ["doubled"]), ("x: spa", ["span"]), ("zzz", []),
    ("\"alp", []), ("// alp", []),
  ])
  func `bare words are the names in scope`(_ line: String, _ names: [String]) {
    #expect(Self.offers(line) == names)
  }

  @Test func `commands and what they take`() {
    #expect(Self.offers(":wh") == ["why", "whynot"])
    #expect(Self.offers(":doc dou") == ["doubled"])
    #expect(Self.offers(":doc host.co") == ["cores"])
    #expect(Self.offers(":set ra") == ["racks="])
    #expect(Self.offers(":type alpha.mem") == ["memory"])
    #expect(Self.offers(":load \(Checkout.root.path)/Package.sw") == ["Package.swift"])
    #expect(Self.offers(":load \(Checkout.root.path)/exampl") == ["examples/"])
  }

  @Test func `instances and their hosts once there is a placement`() {
    let session = Self.session(solved: true)

    #expect(Self.offers(":why w", session) == ["web"])
    #expect(Self.offers(":whynot web al", session) == ["alpha"])
  }

  @Test func `a statement begun on an earlier line counts`() {
    let session = Self.session()
    _ = session.submit("rule more {")
    _ = session.submit("  for each vm v {")

    #expect(Self.offers("    require v.host.pai", session) == ["paint"])
  }
}
