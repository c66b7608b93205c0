import CLibvirt
import NFVModel
import VIMProtocol

/// What a host is and what runs on it, at one moment.
struct HostState: Sendable {
  let topology: NodeTopology
  let domains: [DomainRecord]
  let cards: [PhysicalFunction]

  /// Reads it all; a host without devices to tell of has none.
  init(_ session: LibvirtSession) throws(LibvirtFailure) {
    topology = try Self.topology(session)
    domains = try session.domains().compactMap { DomainRecord($0.xml, state: $0.state) }
    do throws(LibvirtFailure) { cards = PhysicalFunction.all(in: try session.nodeDevices()) } catch {
      guard error.code == 3 else { throw error }
      cards = []
    }
  }

  static func topology(_ session: LibvirtSession) throws(LibvirtFailure) -> NodeTopology {
    let info = try session.nodeInfo()
    let text = try session.capabilities()
    guard
      let node = XMLNode.parse(text),
      let topology = NodeTopology(
        capabilities: node, cpus: Int(info.cpus), cells: Int(info.nodes), threads: Int(info.threads),
        memory: Int(info.memory) << 10)
    else {
      throw LibvirtFailure(
        call: "virConnectGetCapabilities", code: 27, domain: 0,
        message: "the capabilities are no XML of a host")
    }
    return topology
  }

  // MARK: For Placet: all but what others have

  private var others: [DomainRecord] { domains.filter { !$0.isOurs && $0.isActive } }

  /// Cores of a cell that no other is pinned to.
  func freeCores(of cell: NodeTopology.Cell) -> Int {
    let taken = others.reduce(into: Set<Int>()) { $0.formUnion($1.takenCPUs) }
    return cell.cores.count { core in core.allSatisfy { !taken.contains($0) } }
  }

  /// Cores of the host: those of its cells, less what others let float over them.
  var freeCores: Int {
    let floating = others.reduce(0) { $0 + $1.floatingCPUs }
    let threads = topology.threadsPerCore
    return max(0, topology.cells.reduce(0) { $0 + freeCores(of: $1) } - (floating + threads - 1) / threads)
  }

  /// Bytes of ordinary memory of a cell: all, less the pools of large pages and what others have bound to it alone.
  func freeMemory(of cell: NodeTopology.Cell) -> Int {
    let pools = cell.pages.reduce(0) { $0 + $1.key * $1.value }
    let bound = others.filter { $0.pageSize == nil && $0.memoryCells == [cell.id] }.reduce(0) {
      $0 + $1.memory
    }
    return max(0, cell.memory - pools - bound)
  }

  /// Bytes of ordinary memory of the host.
  var freeMemory: Int {
    let spread = others.filter { $0.pageSize == nil && $0.memoryCells.count != 1 }.reduce(0) {
      $0 + $1.memory
    }
    return max(0, topology.cells.reduce(0) { $0 + freeMemory(of: $1) } - spread)
  }

  /// Pages that our own running machines have of a cell: free for us.
  func ownPages(of size: Int, cell: Int) -> Int {
    domains.filter { $0.isOurs && $0.isActive && $0.pageSize == size && $0.memoryCells.contains(cell) }
      .reduce(0) { $0 + $1.memory / size / $1.memoryCells.count }
  }

  /// Virtual functions of a card that no other has.
  func freeFunctions(of card: PhysicalFunction) -> [PCIAddress] {
    let taken = others.reduce(into: Set<PCIAddress>()) { $0.formUnion($1.devices) }
    return card.functions.filter { !taken.contains($0) }
  }

  // MARK: For a new one: all but what anybody has

  /// CPUs that anybody but this domain is pinned to; what stands still keeps its own.
  func takenCPUs(besides uuid: String) -> Set<Int> {
    domains.filter { $0.uuid != uuid && ($0.isOurs || $0.isActive) }.reduce(into: []) {
      $0.formUnion($1.takenCPUs)
    }
  }

  /// Whether anybody but this domain has a CPU or a function that was chosen for it.
  func hasRival(of plan: DomainPlan) -> Bool {
    let rivals = domains.filter { $0.uuid != plan.uuid && ($0.isOurs || $0.isActive) }
    return rivals.contains {
      !$0.takenCPUs.isDisjoint(with: plan.pinning.reserved) || !$0.devices.isDisjoint(with: plan.functions)
    }
  }

  /// Virtual functions for a machine: near its cells first, and no other ones where they must be near.
  func functions(for shape: MachineShape, cells: [Int]?, besides uuid: String) -> [PCIAddress]? {
    let taken = domains.filter { $0.uuid != uuid && ($0.isOurs || $0.isActive) }
      .reduce(into: Set<PCIAddress>()) { $0.formUnion($1.devices) }
    func isNear(_ card: PhysicalFunction) -> Bool {
      guard let cells, !cells.isEmpty else { return true }
      return card.cell.map { cells.contains($0) } ?? false
    }
    func isInSocket(_ card: PhysicalFunction) -> Bool {
      let sockets = Set((cells ?? []).compactMap { topology.cell($0)?.socket })
      return isNear(card)
        || card.cell.flatMap { topology.cell($0)?.socket }.map { sockets.contains($0) } ?? false
    }
    var usable = cards.filter(isNear) + cards.filter { !isNear($0) }
    if shape.devicePolicy == "required" { usable = usable.filter(isNear) }
    if shape.devicePolicy == "socket" { usable = usable.filter(isInSocket) }
    let free = usable.flatMap(\.functions).filter { !taken.contains($0) }
    return free.count < shape.virtualFunctions ? nil : Array(free.prefix(shape.virtualFunctions))
  }
}

extension DomainRecord {
  /// Whether it takes anything of the host now.
  var isActive: Bool { ![.shutoff, .crashed].contains(state) }

  var status: ObservedResource.Status {
    switch state {
    case .running, .blocked: .running
    case .paused, .shutoff, .suspended: .stopped
    case .shutdown: .changing
    case .crashed, .none: .failed
    }
  }
}
