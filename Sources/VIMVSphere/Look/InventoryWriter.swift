import NFVModel

/// A place for disks.
struct DatastoreReading: Sendable {
  let object: ManagedObject
  let name: String
  let isUsable: Bool
  let freeBytes: Int

  static let paths = ["name", "summary.accessible", "summary.maintenanceMode", "summary.freeSpace"]

  init(_ seen: ObjectProperties) {
    object = seen.object
    name = seen.text("name") ?? ""
    isUsable =
      seen.text("summary.accessible") != "false"
      && (seen.text("summary.maintenanceMode") ?? "normal") == "normal"
    freeBytes = seen.int("summary.freeSpace") ?? 0
  }
}

/// Turns what vSphere shows into entities of the standard library's kinds. Linear in hosts and machines.
struct InventoryWriter {
  let vim: String
  let directory: Directory
  private let machines: [ManagedObject: [MachineReading]]
  private let ours: Set<ManagedObject>
  private let freeBytes: [ManagedObject: Int]
  private let functionsTaken: [ManagedObject: [String: Int]]

  init(
    vim: String, directory: Directory, machines: [MachineReading], ours: Set<ManagedObject>,
    stores: [DatastoreReading], functionsTaken: [ManagedObject: [String: Int]]
  ) {
    self.vim = vim
    self.directory = directory
    self.ours = ours
    self.functionsTaken = functionsTaken
    var byHost: [ManagedObject: [MachineReading]] = [:]
    var free: [ManagedObject: Int] = [:]
    for store in stores where store.isUsable { free[store.object] = store.freeBytes }
    for machine in machines {
      if let host = machine.host { byHost[host, default: []].append(machine) }
      // What our own machines hold is free for us; one of several stores bears it.
      if ours.contains(machine.object), let store = machine.datastores.first, let bytes = free[store] {
        free[store] = bytes + machine.committedBytes
      }
    }
    self.machines = byHost
    freeBytes = free
  }

  func entities(of hosts: [HostReading]) -> [Entity] {
    var entities: [Entity] = []
    var zones: Set<String> = []
    for host in hosts {
      guard let place = directory.hosts[host.name] else { continue }
      let there = machines[host.object] ?? []
      let free = FreeAmounts(host, all: there, others: there.filter { !ours.contains($0.object) })
      var fields: [String: AttributeValue] = [
        "vim": .reference(kind: "vim", name: vim), "cores": .int(free.cores),
        "memory": amount(free.memoryBytes), "realtime": .bool(true),
      ]
      if place.compute.isCluster {
        zones.insert(place.compute.name)
        fields["zone"] = .reference(kind: "zone", name: place.compute.name)
      }
      if let disk = host.datastores.compactMap({ freeBytes[$0] }).max() { fields["disk"] = amount(disk) }
      if !host.traits.isEmpty { fields["traits"] = .list(host.traits.map { .text($0) }) }
      let id = EntityReference(kind: "host", name: host.name)
      entities.append(Entity("host", host.name, fields))
      entities += cells(of: host, id, free)
    }
    return entities + zones.sorted(by: naturallyPrecedes).map { Entity("zone", $0) }
  }

  private func cells(of host: HostReading, _ id: EntityReference, _ free: FreeAmounts) -> [Entity] {
    var entities: [Entity] = []
    for (cell, amounts) in zip(host.cells, free.cells) {
      let name = "\(host.name).c\(cell.number)"
      entities.append(
        Entity(
          "cell", name, in: id,
          [
            "cores": .int(amounts.cores), "memory": amount(amounts.memoryBytes),
            "threads_per_core": .int(cell.threads), "socket": .int(host.socket(of: cell.number)),
            // Large pages are made of whatever memory is free when the guest starts.
            "pages": .map(["1 GiB": .int(amounts.memoryBytes >> 30)]),
          ]))
    }
    for card in host.cards {
      guard let cell = card.cell, let megabits = card.megabits else { continue }
      let taken = functionsTaken[host.object]?[card.address] ?? 0
      entities.append(
        Entity(
          "nic", "\(host.name).c\(cell).\(card.name)",
          in: EntityReference(kind: "cell", name: "\(host.name).c\(cell)"),
          ["rate": .amount("\(megabits) Mbps"), "vfs": .int(max(0, card.functions - taken))]))
    }
    return entities
  }
}
