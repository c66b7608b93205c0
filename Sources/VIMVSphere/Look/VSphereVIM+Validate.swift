package import NFVModel
package import VIMProtocol

extension VSphereVIM: ValidatingVIM {
  package func validate(_ instance: PlacedInstance) async throws(VIMError) -> [String] {
    let shape = MachineShape(instance)
    var complaints = Self.capabilities.missing(for: instance).map {
      "\(name) does not offer \($0.capability), which rule \($0.rule) asks for"
    }
    complaints += unsupported(shape).map { "\(name) cannot give \(instance.id) \($0)" }
    do throws(VIMError) {
      let view = try await view(of: instance.host)
      complaints += shortages(instance, shape, view)
    } catch {
      guard case .rejected(_, let why) = error else { throw error }
      complaints.append(why)
    }
    if let image = shape.image, try await directory.template(image) == nil {
      complaints.append("\(name) has no template \(image), which \(instance.id) is made of")
    }
    return complaints
  }

  /// What a shape wants that vSphere has no means for.
  func unsupported(_ shape: MachineShape) -> [String] {
    var result: [String] = []
    if shape.threads == .require { result.append("two vCPUs a core: a dedicated one has its core alone") }
    if shape.isolatesEmulator { result.append("a core for the emulator's own thread") }
    if Set(shape.guestCells).count > 1 { result.append("guest cells that differ in size") }
    if !shape.guestCells.isEmpty, shape.guestCells.reduce(0, +) != shape.cpus {
      result.append("guest cells of \(shape.guestCells) with \(shape.cpus) vCPUs")
    }
    if let size = shape.pageSize, ![4096, 2 << 20, 1 << 30].contains(size) {
      result.append("pages of \(size) bytes")
    }
    if !shape.devices.isEmpty { result.append("whole devices (\(shape.devices.joined(separator: ", ")))") }
    if let model = shape.nicModel, Self.models[model] == nil { result.append("a network card \(model)") }
    if let bus = shape.diskBus, !["ide", "scsi", "sata"].contains(bus) { result.append("a disk on \(bus)") }
    if let mac = shape.mac, !Self.isAddress(mac) {
      result.append("the address '\(mac)', which is no MAC address")
    }
    return result
  }

  static let models: [String: NetworkCard.Model] = ["e1000": .e1000, "vmxnet3": .vmxnet3]

  /// Six pairs of digits, of one card alone (no multicast address).
  static func isAddress(_ text: String) -> Bool {
    let pairs = text.split(separator: ":", omittingEmptySubsequences: false)
    guard pairs.count == 6, let first = UInt8(pairs[0], radix: 16), first & 1 == 0 else { return false }
    return pairs.allSatisfy { $0.utf8.count == 2 && UInt8($0, radix: 16) != nil }
  }

  /// What the host does not have, even with nothing of ours on it.
  func shortages(_ instance: PlacedInstance, _ shape: MachineShape, _ view: HostView) -> [String] {
    let host = view.place.name
    var result: [String] = []
    func compare(_ need: Int, _ free: Int, _ what: String, of place: String) {
      if need > free { result.append("\(place) has \(free) \(what) free, \(instance.id) needs \(need)") }
    }
    let isDedicated = shape.cpuPolicy == .dedicated || shape.isRealtime
    if isDedicated {
      compare(shape.cpus, view.free.cores, "cores", of: host)
    } else {
      // A machine has no more vCPUs than its host has threads.
      let threads = view.reading.cells.map { $0.cores * $0.threads }.reduce(0, +)
      compare(shape.cpus, max(threads, view.reading.cores), "threads", of: host)
    }
    compare(shape.memory >> 20, view.free.memoryBytes >> 20, "MiB of memory", of: host)
    if let store = view.datastore {
      compare(shape.disk >> 20, store.freeBytes >> 20, "MiB of storage", of: store.name)
    }
    for (index, cell) in (instance.cells ?? []).enumerated() {
      guard view.free.cells.indices.contains(cell) else {
        result.append("\(host) has no cell \(cell)")
        continue
      }
      let count = instance.cells?.count ?? 1
      let need = shape.guestCells.indices.contains(index) ? shape.guestCells[index] : shape.cpus / count
      if isDedicated { compare(need, view.free.cells[cell].cores, "cores", of: "cell \(cell) of \(host)") }
      compare(
        (shape.memory / count) >> 20, view.free.cells[cell].memoryBytes >> 20, "MiB of memory",
        of: "cell \(cell) of \(host)")
    }
    let functions = view.reading.cards.reduce(0) { $0 + $1.functions }
    compare(shape.virtualFunctions, functions, "virtual functions", of: host)
    return result
  }
}
