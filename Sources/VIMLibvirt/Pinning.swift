import VIMProtocol

/// Which CPUs of the decided cells a machine gets: the same for the same host, always the lowest that fit.
struct Pinning: Hashable, Sendable {
  /// The host CPU of each virtual one, in order; empty where they float.
  var cpus: [Int] = []
  /// CPUs that its shared virtual ones float on; empty for all.
  var floating: Set<Int> = []
  var emulator: Set<Int> = []
  /// CPUs that nobody else may be pinned to.
  var reserved: Set<Int> = []

  /// Why there is none.
  struct Shortage: Error, Hashable {
    let cell: Int?
    let wanted: Int
    let free: Int
    var text: String {
      "\(cell.map { "cell \($0)" } ?? "the host") has \(free) CPUs free for its own use of them, \(wanted) are needed"
    }
  }

  /// - Parameters:
  ///   - cells: the host's cells that were decided; all of them where nothing was.
  ///   - taken: CPUs that others are pinned to.
  init(_ shape: MachineShape, cells: [Int]?, on node: NodeTopology, taken: Set<Int>) throws(Shortage) {
    let decided = cells.map { $0.compactMap { node.cell($0) } }
    guard shape.cpuPolicy == .dedicated else {
      floating = decided.map { $0.reduce(into: []) { $0.formUnion($1.cpus) } } ?? []
      return
    }
    var taken = taken
    for group in Self.groups(shape, decided: decided, node: node) {
      let found = try Self.choose(group.count, of: group.cores, taken: taken, shape.threads, cell: group.cell)
      cpus += found.cpus
      reserved.formUnion(found.reserved)
      taken.formUnion(found.reserved)
    }
    guard shape.isolatesEmulator else {
      emulator = Set(cpus)
      return
    }
    let home = decided?.first.map(\.cores) ?? node.cells.flatMap(\.cores)
    let own = try Self.choose(1, of: home, taken: taken, .isolate, cell: decided?.first?.id)
    emulator = Set(own.cpus)
    reserved.formUnion(own.reserved)
  }

  /// How many virtual CPUs come of which cores.
  private static func groups(_ shape: MachineShape, decided: [NodeTopology.Cell]?, node: NodeTopology)
    -> [(count: Int, cores: [[Int]], cell: Int?)]
  {
    guard let decided, shape.guestCells.count == decided.count else {
      let cells = decided ?? node.cells
      return [(shape.cpus, cells.flatMap(\.cores), cells.count == 1 ? cells[0].id : nil)]
    }
    return zip(shape.guestCells, decided).map { ($0, $1.cores, $1.id) }
  }

  private static func choose(
    _ count: Int, of cores: [[Int]], taken: Set<Int>, _ threads: MachineShape.ThreadPolicy, cell: Int?
  ) throws(Shortage) -> (cpus: [Int], reserved: Set<Int>) {
    let whole = cores.filter { core in core.allSatisfy { !taken.contains($0) } }
    let broken = cores.filter { core in core.contains { taken.contains($0) } }
      .map { $0.filter { !taken.contains($0) } }
    let order: [[Int]] =
      switch threads {
      case .isolate: whole.map { [$0[0]] }
      case .require: whole.filter { $0.count > 1 }
      case .prefer: whole + broken
      // Odd threads go first, so that whole cores are left for those who need them.
      case .any: broken + whole
      }
    let free = order.flatMap { $0 }
    guard free.count >= count else { throw Shortage(cell: cell, wanted: count, free: free.count) }
    let cpus = Array(free.prefix(count))
    guard threads == .isolate || threads == .require else { return (cpus, Set(cpus)) }
    // The siblings of what it uses stay idle, or its own.
    let used = Set(cpus)
    return (
      cpus, whole.filter { core in core.contains { used.contains($0) } }.reduce(into: []) { $0.formUnion($1) }
    )
  }
}
