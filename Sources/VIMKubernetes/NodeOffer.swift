import Descriptors
import NFVModel

/// A node as a host of the inventory, with its cells and what lies in them.
struct NodeOffer {
  let vim: String
  let site: String?
  let node: NodeReading
  let taken: Taken
  let cells: [CellReading]

  var entities: [Entity] {
    let free = Self.difference(node.allocatable, taken.byOthers)
    var fields: [String: AttributeValue] = ["vim": .reference(kind: "vim", name: vim)]
    if let cpu = free["cpu"] { fields["cores"] = .int(cpu / 1000) }
    if let memory = Self.memory(free) { fields["memory"] = Self.data(memory) }
    if let disk = free["ephemeral-storage"] { fields["disk"] = Self.data(disk) }
    if let zone { fields["zone"] = .reference(zone.id) }
    if !node.traits.isEmpty { fields["traits"] = .list(node.traits.map { .text($0) }) }
    if node.isRealtime { fields["realtime"] = .bool(true) }
    let host = Entity("host", node.name, fields)
    return [host] + (cells.isEmpty ? onlyCell(free) : knownCells).flatMap { cell($0.number, $0.free) }
  }

  /// The availability zone, in the site that we were told of or else in the node's region.
  var zone: Entity? {
    guard let name = node.zone else { return nil }
    guard let site = site ?? node.region else { return Entity("zone", name) }
    return Entity("zone", "\(site).\(name)", in: EntityReference(kind: "site", name: site))
  }

  // MARK: Cells

  private func onlyCell(_ free: [String: Int]) -> [(number: Int, free: [String: Int])] {
    node.hasOneCell ? [(0, free)] : []
  }

  /// What is available on each, and what is ours there: no more than there is.
  private var knownCells: [(number: Int, free: [String: Int])] {
    cells.map { cell in
      let ours = taken.byUs[cell.number] ?? [:]
      var free = cell.available
      for (resource, amount) in free {
        free[resource] = min(cell.allocatable[resource] ?? amount, amount + (ours[resource] ?? 0))
      }
      return (cell.number, free)
    }
  }

  private func cell(_ number: Int, _ free: [String: Int]) -> [Entity] {
    // A cell that does not count its CPUs says nothing of use.
    guard let cpu = free["cpu"] else { return [] }
    let id = EntityReference(kind: "cell", name: "\(node.name).c\(number)")
    // A CPU of Kubernetes is a hardware thread: so many cores of one thread each.
    var fields: [String: AttributeValue] = ["cores": .int(cpu / 1000), "threads_per_core": .int(1)]
    if let memory = Self.memory(free) { fields["memory"] = Self.data(memory) }
    let pages = Self.pages(free)
    if !pages.isEmpty { fields["pages"] = .map(pages) }
    let host = EntityReference(kind: "host", name: node.name)
    var entities = [Entity("cell", id.name, in: host, fields)]
    for (resource, count) in free where resource.contains("/") && count >= 0 {
      let short = String(resource.split(separator: "/").last ?? "")
      if Self.isVirtualFunctions(resource) {
        entities.append(Entity("nic", "\(id.name).\(short)", in: id, ["vfs": .int(count)]))
      } else {
        for index in 0..<min(count, 64) {
          entities.append(Entity("device", "\(id.name).\(short)-\(index)", in: id, ["kind": .text(resource)]))
        }
      }
    }
    return entities
  }

  /// `vendor.io/sriov_vf`, `intel.com/intel_sriov_netdevice`, `mellanox.com/vfs`: by custom, a card's functions.
  static func isVirtualFunctions(_ resource: String) -> Bool {
    let words = resource.lowercased().split { !$0.isLetter && !$0.isNumber }
    return words.contains { $0.hasPrefix("sriov") || $0 == "vf" || $0 == "vfs" }
  }

  // MARK: Amounts

  private static func difference(_ all: [String: Int], _ used: [String: Int]) -> [String: Int] {
    all.reduce(into: [:]) { $0[$1.key] = max(0, $1.value - (used[$1.key] ?? 0)) }
  }

  /// Ordinary memory and large pages together: Kubernetes takes the pages out of `memory`.
  private static func memory(_ free: [String: Int]) -> Int? {
    guard let ordinary = free["memory"] else { return nil }
    return free.reduce(ordinary) { $1.key.hasPrefix(pagePrefix) ? $0 + $1.value : $0 }
  }

  private static func pages(_ free: [String: Int]) -> [String: AttributeValue] {
    var pages: [String: AttributeValue] = [:]
    for (resource, bytes) in free where resource.hasPrefix(pagePrefix) {
      guard let size = KubernetesQuantity.whole(String(resource.dropFirst(pagePrefix.count))), size > 0 else {
        continue
      }
      pages[text(size)] = .int(bytes / size)
    }
    return pages
  }

  private static let pagePrefix = "hugepages-"

  private static func data(_ bytes: Int) -> AttributeValue { .amount(text(bytes)) }

  /// With the largest unit in which it is whole.
  static func text(_ bytes: Int) -> String {
    for (unit, factor) in [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]
    where bytes != 0 && bytes % factor == 0 {
      return "\(bytes / factor) \(unit)"
    }
    return "\(bytes) B"
  }
}
