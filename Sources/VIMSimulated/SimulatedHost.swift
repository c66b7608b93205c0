package import NFVModel

/// A host of the simulated VIM: what it has in all, by the names and in the units of `PlacedInstance.demand`.
/// What is not listed is without limit.
package struct SimulatedHost: Hashable, Sendable {
  package let name: String
  package let capacity: [String: Int]
  /// What each NUMA cell has; empty when the host does not show its cells.
  package let cells: [[String: Int]]

  package init(_ name: String, capacity: [String: Int] = [:], cells: [[String: Int]] = []) {
    self.name = name
    self.capacity = capacity
    self.cells = cells
  }

  /// The hosts of one VIM, with what an inventory says that they have.
  package static func hosts(in inventory: Inventory, of vim: String) -> [SimulatedHost] {
    inventory.hostCapacities.filter { $0.vim == vim }
      .map { SimulatedHost($0.host, capacity: $0.amounts, cells: $0.cells) }
  }
}
