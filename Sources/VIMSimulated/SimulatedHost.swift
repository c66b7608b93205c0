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

  /// The hosts of one VIM, read from an inventory: every `host` whose `vim` it is. Its amounts are its
  /// integer fields and its amounts in bytes; what only its cells have is summed over them.
  package static func hosts(in inventory: Inventory, of vim: String) -> [SimulatedHost] {
    let entities = inventory.entities
    let cells = Dictionary(grouping: entities.filter { $0.id.kind == "cell" }, by: \.parent)
    return entities.filter { $0.id.kind == "host" && $0["vim"]?.json == .string(vim) }
      .map { SimulatedHost($0, cells: cells[$0.id] ?? []) }
  }

  init(_ entity: Entity, cells: [Entity]) {
    var rows = cells.map { amounts(in: $0.attributes) }
    if rows.isEmpty, case .list(let nested) = entity["cells"] {
      rows = nested.map { if case .map(let fields) = $0 { amounts(in: fields) } else { [:] } }
    }
    let summed = rows.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
    self.init(
      entity.id.name, capacity: amounts(in: entity.attributes).merging(summed) { own, _ in own }, cells: rows)
  }
}

/// The fields that are amounts, in base units.
private func amounts(in fields: [String: AttributeValue]) -> [String: Int] {
  fields.compactMapValues { value in
    switch value {
    case .int(let count): count
    case .amount(let text), .text(let text): byteCount(text)
    case .bool, .list, .map, .reference: nil
    }
  }
}

/// `64 GiB`, `1.5 TB`: bytes; nil for what is no whole number of bytes, overflows or has another unit.
func byteCount(_ text: String) -> Int? {
  let parts = text.split(separator: " ")
  guard parts.count == 2, let factor = byteUnits[String(parts[1])] else { return nil }
  let digits = parts[0].split(separator: ".", omittingEmptySubsequences: false)
  guard digits.count <= 2, let whole = Int(digits[0]), whole >= 0 else { return nil }
  let (bytes, overflow) = whole.multipliedReportingOverflow(by: factor)
  guard digits.count == 2 else { return overflow ? nil : bytes }
  guard digits[1].count <= 6, let fraction = Int(digits[1]), fraction >= 0 else { return nil }
  let scale = digits[1].reduce(1) { product, _ in product * 10 }
  let (part, partOverflow) = fraction.multipliedReportingOverflow(by: factor)
  let (sum, sumOverflow) = bytes.addingReportingOverflow(part / scale)
  return overflow || partOverflow || sumOverflow || part % scale != 0 ? nil : sum
}

private let byteUnits: [String: Int] = [
  "B": 1, "kB": 1000, "MB": 1_000_000, "GB": 1_000_000_000, "TB": 1_000_000_000_000,
  "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
]
