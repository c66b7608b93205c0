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

extension RecordedState {
  /// What runs, by path of entity and name of field: where each instance is, and what was decided with it.
  var byEntity: [String: [String: String]] {
    var result: [String: [String: String]] = [:]
    for spec in resources.map(\.spec) where result[spec.id] == nil {
      result[spec.id] = ["host": spec.host, "was": spec.host]
      for (key, value) in spec.decisions {
        guard case .string(let text) = value.json else { continue }
        let dot = key.lastIndex(of: ".")
        let field = String(dot.map { key[key.index(after: $0)...] } ?? key[...])
        let place = dot.map { key[..<$0] } ?? ""
        let path = place.isEmpty ? spec.id : place.hasPrefix("[") ? spec.id + place : "\(spec.id).\(place)"
        result[path, default: [:]][field] = text
      }
    }
    return result
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
