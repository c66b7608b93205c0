import ConstraintSolver
import Diagnostics
import Foundation
import NFVModel
import Placet
import Placement
import Testing

/// Policies without placement: their conflicts are judged by a solver that sees nothing but the conflict.
@Suite struct ConflictTests {
  static let names = ["cells", "latency", "law", "licences", "one-host", "packing", "racks"]

  private func problem(_ name: String) throws -> PlacementProblem {
    let problem = try Cases.policy("Tests/Conformance/cases/cli/fixtures/infeasible/\(name).placet").problem(
      RunInputs())
    try problem.solve(SolverOptions())
    return problem
  }

  @Test(arguments: names)
  func `a conflict has no placement, and one without any of its members`(_ name: String) throws {
    let problem = try problem(name)
    let conflict = try #require(try problem.answer(SolverOptions()).conflict)
    #expect(!conflict.core.isEmpty)
    #expect(try problem.hasPlacement(under: conflict.core, SolverOptions()) == false)
    for index in conflict.core.indices {
      var rest = conflict.core
      rest.remove(at: index)
      #expect(try problem.hasPlacement(under: rest, SolverOptions()) == true, "member \(index) is not needed")
    }
  }

  @Test func `regulation is kept in a conflict as long as possible, and no waiver of it is offered`() throws {
    let conflict = try #require(try problem("law").answer(SolverOptions()).conflict)
    #expect(conflict.rules.contains("eu_only"))
    #expect(!conflict.relaxations.contains { $0.rule == "eu_only" })
    #expect(conflict.relaxations.contains { $0.text == "waive needs_flags for core.udm" })
  }

  @Test func `an amount that is offered is enough, and one less is not`() throws {
    func policy(cores: Int, memory: Int) throws -> PlacementAnswer {
      let path = "Tests/Conformance/cases/cli/fixtures/infeasible/one-host.placet"
      let text = try Cases.text(path).replacing(
        "cores: 8, memory: 16 GiB } }", with: "cores: \(cores), memory: \(memory) GiB } }")
      return try PolicyFile.check(Source(name: "one-host.placet", text: text)).place(
        RunInputs(), SolverOptions())
    }
    let short = try policy(cores: 16, memory: 16)
    #expect(short.conflict?.relaxations.first?.text == "give only 48 GiB more memory")
    #expect(try policy(cores: 16, memory: 16 + 48).status == .optimal)
    #expect(try policy(cores: 16, memory: 16 + 47).status == .infeasible)
    let packing = try #require(try problem("packing").answer(SolverOptions()).conflict)
    #expect(packing.relaxations.first?.text == "give h1 1 more cores")
    let text = try Cases.text("Tests/Conformance/cases/cli/fixtures/infeasible/packing.placet").replacing(
      "host \"h[1..9]\"", with: "host h1 { vim: lab, cores: 21, memory: 512 GiB }\nhost \"h[2..9]\"")
    #expect(
      try PolicyFile.check(Source(name: "packing.placet", text: text)).place(RunInputs(), SolverOptions())
        .isPlaced)
    let both = try policy(cores: 8, memory: 16)
    let first = try #require(both.conflict?.relaxations.first?.text)
    #expect(first.contains("8 more cores") && first.contains("48 GiB more memory"))
  }
}

/// What programs read.
@Suite struct DocumentTests {
  @Test func `two runs with the same inputs and seed differ in their seconds alone`() throws {
    let folder = try Executable.folder(with: ["examples/regulation"])
    defer { try? FileManager.default.removeItem(at: folder) }
    let line = "placet run policy.placet --inventory inventory.json --format json"
    let runs = try (0..<2).map { _ in try Executable.shell(line, in: folder) }
    let texts = runs.map {
      $0.text.replacingOccurrences(of: "\"seconds\": [0-9.]+", with: "", options: .regularExpression)
    }
    #expect(runs.map(\.status) == [0, 0])
    #expect(texts[0] == texts[1])
    #expect(texts[0] != runs[0].text)
    let document = try JSONSerialization.jsonObject(with: Data(runs[0].text.utf8)) as? [String: Any] ?? [:]
    #expect(document.keys.sorted() == ["objectives", "placements", "placet", "solver", "status", "waived"])
    let solver = document["solver"] as? [String: Any] ?? [:]
    #expect(
      solver.keys.sorted() == ["conflicts", "decisions", "propagations", "seconds", "seed", "work"])
    // Sorted keys, as they stand in the text.
    let top = runs[0].text.split(separator: "\n").filter { $0.hasPrefix("  \"") }.map {
      $0.prefix { $0 != ":" }
    }
    #expect(top == top.sorted())
  }

  @Test func `an infeasible policy's document has the conflict and what would do`() throws {
    let folder = try Executable.folder(with: ["infeasible"])
    defer { try? FileManager.default.removeItem(at: folder) }
    let run = try Executable.shell("placet run law.placet --format json", in: folder)
    #expect(run.status == 3)
    let document = try JSONSerialization.jsonObject(with: Data(run.text.utf8)) as? [String: Any] ?? [:]
    #expect(document.keys.sorted() == ["conflict", "placet", "relaxations", "solver", "status", "waived"])
    let members = document["conflict"] as? [[String: Any]] ?? []
    #expect(Set(members.compactMap { $0["rule"] as? String }) == ["eu_only", "needs_flags"])
    for member in members { #expect(member.keys.sorted() == ["about", "file", "line", "rule", "text"]) }
  }
}
