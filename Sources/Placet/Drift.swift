package import ConstraintSolver
package import Execution
import Placement
import PlacetVM
import NFVModel
import Planning

extension PolicyFile {
  /// What of a policy reality breaks; nil where a limit was met first.
  /// - Parameter rows: everything recorded, as its VIM sees it.
  package func drift(
    _ inputs: RunInputs, rows: [ResourceStatus], _ options: SolverOptions
  ) throws(Mistakes) -> DriftReport? {
    var inputs = inputs
    let recorded = RecordedState(resources: rows.map(\.resource))
    let there = RecordedState(resources: rows.filter { $0.observed?.status != .missing }.map(\.resource))
    let live = rows.compactMap(\.observed)
    inputs.recorded = recorded.moved(to: live)
    let problem = try problem(inputs)
    do {
      let reality = there.moved(to: live).byEntity
      guard let breaches = try problem.breaches(of: reality, options) else { return nil }
      let made = Set(rows.map(\.resource.spec.id))
      return DriftReport(
        rows: rows, breaches: breaches, unmade: problem.wantedNames.filter { !made.contains($0) })
    } catch {
      throw Mistakes(error.diagnostics)
    }
  }
}
