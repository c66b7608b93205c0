import Diagnostics
import Foundation
import PlacetSemantics
import Testing

@testable import PlacetVM

/// A policy as text, checked, with the world that it describes.
///
/// `//= 2.5 GiB` on the line of a `let` is its value as the author would write it; `//~ E0502` is the code of
/// what evaluating it says. Both at the top of the policy only.
struct WorldCase {
  let program: TypedProgram
  let source: Source
  var files: [String: DataFile] = [:]
  var parameters: [String: String] = [:]
  var budget = Budget()

  static let repository = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  static let units = try? String(
    contentsOf: repository.appending(path: "stdlib/units.placet"), encoding: .utf8)

  init(_ text: String, _ place: SourceLocation = #_sourceLocation) {
    let source = Source(name: "policy.placet", text: text)
    let (program, diagnostics) = Checker.check(
      main: source, moduleNames: ["units"],
      modules: { $0 == "units" ? Source(name: "units.placet", text: Self.units ?? "") : nil })
    for each in diagnostics where each.severity == .error {
      Issue.record("\(each.primary.range.line): \(each.code) \(each.message)", sourceLocation: place)
    }
    // What is not well typed is not run.
    self.program = diagnostics.contains { $0.severity == .error } ? TypedProgram() : program
    self.source = source
  }

  func world() -> World {
    let files = files
    return World(
      program: program,
      inputs: WorldInputs(parameters: parameters, budget: budget) { name, _ in
        files[name].map { .file($0) } ?? .missing("no such file")
      })
  }

  /// The world, built; what stands in the way is recorded.
  func built(_ additions: WorldAdditions = WorldAdditions(), _ place: SourceLocation = #_sourceLocation)
    -> World
  {
    let world = world()
    do {
      try world.build(additions)
    } catch {
      for each in error.diagnostics {
        Issue.record("\(each.primary.range.line): \(each.code) \(each.message)", sourceLocation: place)
      }
    }
    return world
  }

  /// Codes and messages of what building says.
  func mistakes(_ additions: WorldAdditions = WorldAdditions()) -> [Diagnostic] {
    do {
      try world().build(additions)
      return []
    } catch {
      return error.diagnostics
    }
  }

  func global(_ name: String) -> GlobalID? {
    program.globals.lastIndex { $0.name == name }.map { GlobalID($0) }
  }

  /// The value of a global as an author would write it, or the code and message of what is in its way.
  func value(_ name: String, in world: World) -> String {
    guard let id = global(name) else { return "no '\(name)'" }
    do {
      return world.heap.describe(try world.global(id), type: program[id].type)
    } catch {
      return error.diagnostics.map(\.code).joined(separator: " ")
    }
  }

  /// Compares every line that says what it gives.
  func expectAsWritten(_ place: SourceLocation = #_sourceLocation) {
    guard !program.modules.isEmpty else { return }
    let world = built(WorldAdditions(), place)
    var compared = 0
    for number in 1...source.lineStarts.count {
      let line = source.line(number)
      guard let mark = line.range(of: "//= ") ?? line.range(of: "//~ ") else { continue }
      let wanted = String(line[mark.upperBound...])
      let name =
        line.split(whereSeparator: { $0 == " " || $0 == ":" }).dropFirst().first.map(String.init) ?? ""
      #expect(value(name, in: world) == wanted, "line \(number): \(line)", sourceLocation: place)
      compared += 1
    }
    #expect(compared > 0, "no line says what it gives", sourceLocation: place)
  }
}
