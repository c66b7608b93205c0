/// What one host has in all, by the names and in the units of `PlacedInstance.demand`. An amount that is not
/// listed is not known: whoever needs a bound takes it as none.
package struct HostCapacity: Hashable, Sendable {
  package let vim: String
  package let host: String
  package let amounts: [String: Int]
  /// What each NUMA cell has; empty when the host does not show its cells.
  package let cells: [[String: Int]]
}

extension Inventory {
  /// Every entity of kind `host` that names its `vim`: its amounts are its integer fields and its amounts in
  /// bytes. What only its cells have (entities `cell` in it, or a list `cells`) is summed over them.
  package var hostCapacities: [HostCapacity] {
    let entities = self.entities
    let cells = Dictionary(grouping: entities.filter { $0.id.kind == "cell" }, by: \.parent)
    return entities.compactMap { entity in
      guard entity.id.kind == "host", let vim = entity["vim"]?.json.stringValue else { return nil }
      return HostCapacity(entity, vim: vim, cells: cells[entity.id] ?? [])
    }
  }
}

extension HostCapacity {
  fileprivate init(_ entity: Entity, vim: String, cells: [Entity]) {
    var rows = cells.map { amountsByName($0.attributes) }
    if rows.isEmpty, case .list(let nested) = entity["cells"] {
      rows = nested.map { if case .map(let fields) = $0 { amountsByName(fields) } else { [:] } }
    }
    let summed = rows.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
    self.vim = vim
    self.host = entity.id.name
    self.amounts = amountsByName(entity.attributes).merging(summed) { own, _ in own }
    self.cells = rows
  }
}

/// The fields that are amounts, in base units.
private func amountsByName(_ fields: [String: AttributeValue]) -> [String: Int] {
  fields.compactMapValues { value in
    switch value {
    case .int(let count): count
    case .amount(let text), .text(let text): byteCount(text)
    case .bool, .list, .map, .reference: nil
    }
  }
}

/// `64 GiB`, `1.5 TB`: bytes; nil for what is no whole number of bytes, overflows or has another unit.
package func byteCount(_ text: String) -> Int? {
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
