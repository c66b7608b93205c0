import Diagnostics
import PlacetSemantics
import Testing

/// A policy that grows at a prompt.
@Suite struct SessionTests {
  static func session() -> Checker.Session {
    Checker.Session(
      main: Source(
        name: "policy.placet",
        text: """
          entity host { cores: int, memory: data = 1 GiB }
          entity vm { cpu: int, decide host: host }
          host h1 { cores: 8 }
          vm v1 { cpu: 2 }
          let n = 3
          """),
      modules: { $0 == "units" ? Source(name: "units.placet", text: PolicyCase.units ?? "") : nil })
  }

  static func line(_ text: String) -> Source { Source(name: "<prompt>", text: text) }

  @Test(arguments: [
    ("1 + 1", "int"), ("1 / 3", "ratio"), ("v1.host.cores", "int, decided by v1.host"),
    ("v1.host.memory / 1 s", "rate, decided by v1.host"), ("n..5", "range of int"), ("h1", "host"),
    ("all vm", "[vm]"), ("(a: 1, b: \"x\")", "(a: int, b: text)"), ("never(v1.host == h1)", "bool"),
    ("[v.name: v for each vm v]", "[text: vm]"), ("max(v.cpu for each vm v)", "int?"),
    ("host[\"h9\"].memory * 50 %", "data"), ("v1.host == h1 and n > 2", "bool, decided by v1.host"),
  ])
  func `says the type and what decides`(_ text: String, _ description: String) {
    #expect(Self.session().typeDescription(of: Self.line(text)) == description)
  }

  @Test func `declarations are added, and replaced by later ones`() {
    var session = Self.session()

    guard case .declarations = session.read(Self.line("let m = n * 2")) else {
      Issue.record("not taken")
      return
    }
    guard case .declarations = session.read(Self.line("let m = \"two\"")) else {
      Issue.record("not replaced")
      return
    }

    #expect(session.typeDescription(of: Self.line("m")) == "text")
  }

  @Test func `a mistake leaves the policy as it was`() {
    var session = Self.session()

    guard case .refused(let problems) = session.read(Self.line("let m = nn * 2")) else {
      Issue.record("taken")
      return
    }

    #expect(problems.map(\.code) == ["E0201"])
    #expect(session.diagnostics.isEmpty)
    #expect(session.typeDescription(of: Self.line("m")) == nil)
  }

  @Test func `an open bracket asks for more`() {
    var session = Self.session()
    guard case .incomplete = session.read(Self.line("max(n,")) else {
      Issue.record("not incomplete")
      return
    }
  }

  @Test func `completes members and names`() {
    let session = Self.session()
    #expect(session.members(of: Self.line("v1")) == ["name", "cpu", "host"])
    #expect(Set(["h1", "v1", "n", "vm"]).isSubset(of: session.names))
  }
}
