import Diagnostics
import Foundation
import Placet
import PlacetSemantics
import PlacetVM
import Testing

/// Policies under `cases/evaluation`: a `let` at the top whose line ends in `//= value` has that value, as an author
/// would write it; one whose line ends in `//~ E0502` cannot be computed, for that reason.
@Suite struct EvaluationCaseTests {
  @Test(arguments: Cases.files("evaluation", ".placet"))
  func `every value is what its line says`(_ path: String) throws {
    let text = try Cases.text(path)
    let source = Source(name: path, text: text)
    let policy = PolicyFile.check(source)
    try #require(policy.diagnostics.map { "\($0.primary.range.line) \($0.code) \($0.message)" } == [])
    // A budget that a few lines can meet.
    let world = World(
      program: policy.program, inputs: WorldInputs(budget: Budget(steps: 2_000_000, memory: 8 << 20, depth: 2000)))
    try world.build()

    var compared = 0
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard let mark = line.firstRange(of: "//= ") ?? line.firstRange(of: "//~ ") else { continue }
      let wanted = String(line[mark.upperBound...])
      let name = line.split { $0 == " " || $0 == ":" }.dropFirst().first.map(String.init) ?? ""
      #expect(Self.value(name, policy.program, world) == wanted, "\(path):\(index + 1)")
      compared += 1
    }
    #expect(compared > 0)
  }

  private static func value(_ name: String, _ program: TypedProgram, _ world: World) -> String {
    guard let id = program.globals.lastIndex(where: { $0.name == name }).map({ GlobalID($0) }) else {
      return "no '\(name)'"
    }
    do {
      return world.heap.describe(try world.global(id), type: program[id].type)
    } catch {
      return error.diagnostics.map(\.code).joined(separator: " ")
    }
  }
}
