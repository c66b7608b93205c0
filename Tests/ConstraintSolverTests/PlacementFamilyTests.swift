import ConstraintModel
import Foundation
import Testing

@testable import ConstraintSolver

/// The placement family of the benchmarks, made by its own generator and judged by its own verifier.
@Suite final class PlacementFamilyTests {
  /// The generator lies beside the checkout, and is looked for upwards from this file.
  static let bench: URL? = {
    var folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    for _ in 0..<6 {
      folder = folder.deletingLastPathComponent()
      let candidate = folder.appendingPathComponent("shared/bench")
      if FileManager.default.fileExists(atPath: candidate.appendingPathComponent("gen.py").path) {
        return candidate
      }
    }
    return nil
  }()

  /// Each test has its own, gone when it ends.
  private let base = FileManager.default.temporaryDirectory
    .appendingPathComponent("placet-family-\(UUID())")

  deinit { try? FileManager.default.removeItem(at: base) }

  /// Optima that other solvers proved.
  static let optima = [1: 1690, 3: 1627, 4: 2549, 5: 1996, 6: 1274, 7: 1738, 8: 1320, 10: 1881]

  @Test(
    .enabled(if: bench != nil, "no shared/bench above this checkout"),
    arguments: optima.keys.sorted())
  func `twenty functions on ten hosts are placed at proven least cost`(_ seed: Int) throws {
    let (family, instance) = try make("XS", seed)

    let (outcome, _) = try Solver(family.model).solve()

    guard case .optimal(let solution) = outcome else {
      Issue.record("\(outcome)")
      return
    }
    #expect(solution.objectives == [try #require(Self.optima[seed])])
    #expect(ModelChecker(family.model, values: solution.values).violated.isEmpty)
    let text = try verify(instance, family.assignment(solution.values))
    #expect(text.contains("cost \(solution.objectives[0]) violations 0"), "\(text)")
  }

  @Test(
    .enabled(if: bench != nil, "no shared/bench above this checkout"),
    arguments: optima.keys.sorted())
  func `columns alone prove that nothing is below the optimum, and never more, whatever is known`(_ seed: Int)
    throws
  {
    let (family, _) = try make("XS", seed)
    let optimum = try #require(Self.optima[seed])
    let packing = try #require(PackingReader.read(family.model, objective: family.model.objectives[0]))

    for above in [0, 1, 150] {
      let engine = BranchAndPrice(packing, upper: optimum + above, shouldStop: { false })
      for _ in 0..<40 where !engine.isDone {
        engine.run(work: 500_000)
        while engine.takeProposal() != nil {}
        #expect(engine.lowerBound <= optimum)
      }
      if above == 0 { #expect(engine.lowerBound == optimum, "\(engine.nodes) nodes") }
    }
  }

  @Test(.enabled(if: bench != nil, "no shared/bench above this checkout"))
  func `what begins where prices say is a solution at the cost that it says, and never the worse for it`()
    throws
  {
    let (family, _) = try make("S", 1)
    let bound = try #require(AggregateBound.read(family.model, objective: family.model.objectives[0]))
    bound.run(work: 2_000_000, upper: 10_000, shouldStop: { false })
    var search = InsertionSearch(try #require(InsertionReader.read(family.model)), seed: 3)
    search.construct()
    _ = search.improve(until: 2_000_000, shouldStop: { false })
    let before = search.bestCost

    search.begin(guidedBy: bound)
    let begun = search.bestCost
    #expect(begun <= before)
    _ = search.improve(until: search.work + 2_000_000, shouldStop: { false })

    let (found, cost, objective) = (search.solution(of: family.model), search.bestCost, search.bestObjective)
    let values = try #require(found)
    let checker = ModelChecker(family.model, values: values)
    #expect(checker.violated.isEmpty)
    #expect(checker.value(of: family.model.objectives[0]) == objective)
    #expect(cost <= before)
    #expect(bound.bound <= objective * SafeBound.scale)
  }

  @Test(.enabled(if: bench != nil, "no shared/bench above this checkout"))
  func `a hundred functions on forty hosts are placed under a limit of work, well below the witness`() throws
  {
    let (family, instance) = try make("S", 1)

    let (outcome, _) = try Solver(family.model).solve(SolverOptions(workLimit: 3_000_000))

    let solution = try #require(SolverTests.solution(outcome))
    #expect(solution.objectives[0] < 12_662, "the generator's own placement costs that")
    #expect(solution.bounds[0] <= solution.objectives[0])
    let text = try verify(instance, family.assignment(solution.values))
    #expect(text.contains("cost \(solution.objectives[0]) violations 0"), "\(text)")
  }

  @Test(
    .enabled(if: bench != nil, "no shared/bench above this checkout"),
    arguments: ["pigeon", "latency", "spread", "capacity"], [1, 2, 3])
  func `a planted conflict is found as a small core that needs each of its members`(
    _ kind: String, _ seed: Int
  ) throws {
    let (family, _) = try make("S", seed, "--infeasible", kind)
    let solver = try Solver(family.model)
    let origins = Set(family.model.constraints.map(\.origin)).sorted()

    guard case .core(let core) = solver.minimalCore(retractable: origins) else {
      Issue.record("expected a core")
      return
    }

    #expect(core.count <= 20)
    func holds(_ members: Set<Origin>) throws -> Bool? {
      let part = family.model.keepingConstraints { members.contains($0.origin) }
      switch try Solver(part).satisfiable() {
      case .solution: return true
      case .unsatisfiable: return false
      case .unknown: return nil
      }
    }
    #expect(try holds(Set(core)) == false)
    for member in core { #expect(try holds(Set(core).subtracting([member])) == true, "\(member)") }
    #expect(solver.relaxations(retractable: origins, count: 1).first?.count == 1)
  }

  private func make(
    _ size: String, _ seed: Int, _ more: String...
  ) throws -> (PlacementFamily, URL) {
    let bench = try #require(Self.bench)
    try FileManager.default.createDirectory(at: base, withIntermediateDirectories: true)
    let instance = base.appendingPathComponent("instance.json")
    let flat = base.appendingPathComponent("instance.txt")
    _ = try python(
      [
        bench.appendingPathComponent("gen.py").path, size, "\(seed)", "--out", instance.path,
        "--flat", flat.path,
      ] + more)
    return (PlacementFamily(flat: try String(contentsOf: flat, encoding: .utf8)), instance)
  }

  private func verify(_ instance: URL, _ assignment: String) throws -> String {
    let bench = try #require(Self.bench)
    let file = instance.deletingLastPathComponent().appendingPathComponent("answer.txt")
    try assignment.write(to: file, atomically: true, encoding: .utf8)
    return try python([bench.appendingPathComponent("verify.py").path, instance.path, file.path])
  }

  private func python(_ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-B"] + arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: data, as: UTF8.self)
  }
}
