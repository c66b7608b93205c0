import NFVModel
package import Placement
import Planning

/// The plan from one placement to the next, as text: what `placet plan` would do were the first one running.
package enum PlanPreview {
  package static func text(
    from before: PlacementAnswer?, to after: PlacementAnswer, policyDigest: String, inventoryDigest: String,
    width: Int
  ) -> String {
    let running = before?.assignment.instances ?? []
    let recorded = RecordedState(
      resources: running.map { RecordedResource($0, handle: ResourceHandle("placed:\($0.id)")) })
    let plan = Planner().plan(
      desired: after.assignment, recorded: recorded, policyDigest: policyDigest,
      inventoryDigest: inventoryDigest)
    return plan.text(width: width)
  }

  /// Names the hosts that a placement relies on.
  package static func inventoryDigest(of problem: PlacementProblem) -> String {
    SHA256.hex(of: problem.inventory(date: "").json.canonicalText)
  }
}
