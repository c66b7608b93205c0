import NFVModel
import Placement

/// What two placements differ in: instances by name, other decisions, objectives.
struct PlacementDifference {
  let lines: [String]

  init(from before: PlacementAnswer, to after: PlacementAnswer) {
    let old = Dictionary(uniqueKeysWithValues: before.assignment.instances.map { ($0.id, $0) })
    let new = Dictionary(uniqueKeysWithValues: after.assignment.instances.map { ($0.id, $0) })
    var lines = Set(old.keys).union(new.keys).sorted(by: naturallyPrecedes).compactMap { id -> String? in
      switch (old[id], new[id]) {
      case (nil, let new?): return "+ \(id): \(Self.place(new))"
      case (let old?, nil): return "- \(id): \(Self.place(old))"
      case (let old?, let new?):
        return Self.place(old) == Self.place(new) ? nil : "~ \(id): \(Self.place(old)) -> \(Self.place(new))"
      default: return nil
      }
    }
    lines += Self.changes(
      before.decisions.map { ("\($0.entity).\($0.field)", $0.value) },
      after.decisions.map { ("\($0.entity).\($0.field)", $0.value) })
    lines += Self.changes(
      before.objectives.map { ($0.name, $0.valueText) }, after.objectives.map { ($0.name, $0.valueText) })
    self.lines = lines
  }

  private static func place(_ instance: PlacedInstance) -> String {
    guard let cells = instance.cells, !cells.isEmpty else { return instance.host }
    return "\(instance.host) cell\(cells.count == 1 ? "" : "s") \(cells.map(String.init).joined(separator: ", "))"
  }

  private static func changes(_ before: [(String, String)], _ after: [(String, String)]) -> [String] {
    let old = Dictionary(before, uniquingKeysWith: { $1 })
    let new = Dictionary(after, uniquingKeysWith: { $1 })
    let names = before.map(\.0) + after.map(\.0).filter { old[$0] == nil }
    return names.compactMap { name in
      switch (old[name], new[name]) {
      case (nil, let new?): "+ \(name): \(new)"
      case (let old?, nil): "- \(name): \(old)"
      case (let old?, let new?): old == new ? nil : "~ \(name): \(old) -> \(new)"
      default: nil
      }
    }
  }
}
