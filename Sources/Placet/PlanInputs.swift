import Diagnostics
package import NFVModel
import Placement
import PlacetSemantics
import Planning

/// What a plan is made from besides recorded state: the placement, the hosts that it relies on, and digests that
/// say which policy and which inventory it belongs to.
package struct PlanInputs: Sendable {
  package var assignment: Assignment
  /// Hosts of each VIM with what they have, as the policy's world knows them.
  package var inventory: Inventory
  package var policyDigest: String
  package var inventoryDigest: String

  package init(
    assignment: Assignment, inventory: Inventory, policyDigest: String, inventoryDigest: String
  ) {
    self.assignment = assignment; self.inventory = inventory; self.policyDigest = policyDigest
    self.inventoryDigest = inventoryDigest
  }
}

extension PolicyFile {
  /// Over the text of the policy and of all that it imports, and over the parameters that were set.
  package func digest(parameters: [String: String]) -> String {
    var parts = program.modules.map { "\($0.name)\u{0}\($0.source.text)" }
    parts += parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return SHA256.hex(of: parts.joined(separator: "\u{0}\u{0}"))
  }
}
