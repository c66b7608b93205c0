import NFVModel

/// The NUMA cells of a node as its topology exporter writes them (`NodeResourceTopology`).
struct CellReading: Sendable {
  /// The number in its name: `node-1` is 1.
  let number: Int
  /// In thousandths for `cpu`, in ones for all else.
  let allocatable: [String: Int]
  let available: [String: Int]

  static let wanted = JSONSelection.Wanted.members([
    "metadata": .members(["name": .all]),
    "zones": .members(["name": .all, "type": .all, "resources": .all]),
  ])

  /// The node's name and its cells in order; nil for what is no topology, or numbers a cell twice.
  static func read(_ json: JSONValue) -> (node: String, cells: [CellReading])? {
    guard let node = json.at("metadata", "name")?.stringValue, let zones = json["zones"]?.arrayValue else {
      return nil
    }
    let cells = zones.filter { $0["type"]?.stringValue == "Node" }.compactMap(CellReading.init)
      .sorted { $0.number < $1.number }
    guard !cells.isEmpty, Set(cells.map(\.number)).count == cells.count else { return nil }
    return (node, cells)
  }

  private init?(_ zone: JSONValue) {
    guard let name = zone["name"]?.stringValue, let dash = name.lastIndex(of: "-"),
      let number = Int(name[name.index(after: dash)...]), number >= 0
    else { return nil }
    var (allocatable, available): ([String: JSONValue], [String: JSONValue]) = ([:], [:])
    for resource in zone["resources"]?.arrayValue ?? [] {
      guard let name = resource["name"]?.stringValue else { continue }
      // Its first version wrote only `capacity` as what there is.
      allocatable[name] = resource["allocatable"] ?? resource["capacity"]
      available[name] = resource["available"] ?? resource["allocatable"]
    }
    self.number = number
    self.allocatable = NodeReading.amounts(.object(allocatable))
    self.available = NodeReading.amounts(.object(available))
  }
}
