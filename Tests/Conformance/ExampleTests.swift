import ConstraintSolver
import Diagnostics
import Foundation
import NFVModel
import Placet
import PlacetTesting
import Placement
import Testing

/// Every example checks, keeps its own tests, and with its inventory gives the placement and the plan that stand beside it.
@Suite struct ExampleTests {
  static let folders = ["vepc-numa", "ims", "legacy", "regulation"]

  @Test(arguments: folders)
  func `keeps its own tests`(_ folder: String) throws {
    let policy = try Cases.policy("examples/\(folder)/policy.placet")
    #expect(policy.diagnostics.map(\.message) == [])
    let results = TestRunner().run(policy)
    #expect(!results.isEmpty)
    for result in results {
      #expect(
        result.verdict == .passed,
        "\(result.title): \(result.failures.map { [$0.diagnostic.message] + $0.diagnostic.notes })")
    }
  }

  @Test(arguments: folders)
  func `gives the placement and the plan that stand beside it`(_ folder: String) throws {
    let policy = try Cases.policy("examples/\(folder)/policy.placet")
    let inputs = RunInputs(
      inventory: Cases.root.appendingPathComponent("examples/\(folder)/inventory.json").path)
    let answer = try policy.place(inputs, SolverOptions(workLimit: 2_000_000))
    let table = RunTable(width: 80).text(answer, policy: "policy.placet", seconds: nil)
    #expect(table.split(separator: "\n").allSatisfy { $0.count <= 80 })
    let difference = try Cases.golden("examples/\(folder)/expected.txt", table)
    #expect(difference == nil, "\(difference ?? "")")

    let plan = PlanPreview.text(
      from: nil, to: answer, policyDigest: policy.digest(parameters: [:]), inventoryDigest: "", width: 80)
    let other = try Cases.golden("examples/\(folder)/plan.txt", plan)
    #expect(other == nil, "\(other ?? "")")
  }
}
