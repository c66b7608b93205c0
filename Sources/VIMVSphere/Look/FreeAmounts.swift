import NFVModel

/// What a host has for us: all of it, less what the hypervisor and others take. What we made ourselves counts as
/// free.
struct FreeAmounts: Hashable, Sendable {
  struct Cell: Hashable, Sendable {
    var cores: Int
    var memoryBytes: Int
  }

  let cores: Int
  let memoryBytes: Int
  let cells: [Cell]

  /// - Parameter others: machines on it that are not ours; `all` of them, ours among them, tell what is left for
  ///   the hypervisor of the memory in use.
  init(_ host: HostReading, all: [MachineReading], others: [MachineReading]) {
    let running = others.filter(\.isOn)
    let takenCores = running.reduce(0) { $0 + $1.cores(at: host.megahertz) }
    let guestsMiB = all.reduce(0) { $0 + ($1.isOn ? $1.consumedMiB : 0) }
    let hypervisorMiB = max(0, host.usedMiB - guestsMiB)
    let taken = (running.reduce(0) { $0 + $1.memoryMiB } + hypervisorMiB) << 20
    cores = max(0, host.cores - takenCores)
    memoryBytes = max(0, host.memoryBytes - taken)
    // Which cell a guest of others runs on is not shown: each cell bears its part.
    let count = max(1, host.cells.count)
    cells = host.cells.map { cell in
      Cell(
        cores: max(0, cell.cores - (takenCores + count - 1) / count),
        memoryBytes: max(0, cell.memoryBytes - taken / count))
    }
  }
}

/// Whole MiB with their unit, rounded down: nothing is promised that is not there.
func amount(_ bytes: Int) -> AttributeValue {
  bytes % (1 << 30) == 0 ? .amount("\(bytes >> 30) GiB") : .amount("\(bytes >> 20) MiB")
}
