import Diagnostics
import PlacetSemantics
import PlacetSyntax
import Testing

/// Modules: found, read once, in order, and seen only by those that import them.
@Suite struct ModuleTests {
  static func graph(_ modules: [String: String], main: String) -> (ModuleGraph, [Diagnostic]) {
    ModuleLoader.load(
      main: Source(name: "main", text: main), knownNames: modules.keys.sorted(), parse: { Parser.parse($0) },
      find: { name in modules[name].map { Source(name: name, text: $0) } })
  }

  @Test func `what is imported comes before what imports it, once`() {
    let (graph, problems) = Self.graph(
      ["a": "import b\nimport c", "b": "import c", "c": "layer regulator", "units": ""],
      main: "import a\nimport b\nlayer vendor")

    #expect(problems.isEmpty)
    #expect(graph.modules.map(\.name) == ["units", "c", "b", "a", ""])
    #expect(graph.modules.map(\.layer) == [.service, .regulator, .service, .service, .vendor])
    #expect(graph.main == 4)
  }

  @Test func `a circle is told at the import that closes it`() {
    let (graph, problems) = Self.graph(["a": "import b", "b": "import a"], main: "import a")

    #expect(problems.map(\.code) == ["E0302"])
    #expect(problems.first?.notes == ["a -> b -> a"])
    #expect(problems.first?.primary.range.source.name == "b")
    #expect(graph.modules.map(\.name) == ["b", "a", ""])
  }

  @Test func `a missing module is offered the nearest`() {
    let (_, problems) = Self.graph(["rules.spread": ""], main: "import rules.spraed")

    #expect(problems.map(\.code) == ["E0301"])
    #expect(problems.first?.fixes.first?.replacement == "rules.spread")
  }

  @Test func `names do not leak, fields and rules hold`() {
    let policy = PolicyCase(
      #"""
      import top
      let a = from_top
      let b = deep_value                                 //~ E0201
      thing t { size: 3, weight: 4 }                     //~ E0320
      waive deep_rule because "x"                        //~ E0303
      """#,
      modules: [
        "top":
          "import deep\nextend thing { weight: int }\nlet from_top = deep_value\nthing u { size: 1, weight: 2 }",
        "deep": "entity thing { size: int }\nlet deep_value = 3\nrule deep_rule { require true }",
      ])

    policy.expectAsWritten()
    #expect(
      policy.program.kinds.first { $0.name == "thing" }?.fields.map(\.name) == ["name", "size", "weight"])
    #expect(policy.program.rules.map(\.name) == ["deep_rule"])
  }

  @Test func `a name that two modules declare must be qualified`() {
    PolicyCase(
      #"""
      import a
      import b
      let x = limit              //~ E0208
      let y = a.limit + b.limit
      """#, modules: ["a": "let limit = 1", "b": "let limit = 2"]
    ).expectAsWritten()
    PolicyCase(
      #"""
      import a
      fun limit(n: int): int = n
      let z = limit(3) + a.limit
      """#, modules: ["a": "let limit = 1"]
    ).expectAsWritten()
  }

  @Test func `the library of units checks as a policy of its own`() {
    PolicyCase(PolicyCase.units ?? "missing").expectAsWritten()
  }
}
