package import NFVModel
package import VIMProtocol

extension LibvirtVIM: LookingVIM, ValidatingVIM, AdoptingVIM {
  package func probe() async throws(VIMError) {
    _ = try await run("probe") { session throws(LibvirtFailure) in try session.nodeInfo() }
  }

  package func inventory() async throws(VIMError) -> Inventory.Part {
    let (host, name) = (host, name)
    let entities = try await run("inventory") { session throws(LibvirtFailure) -> [Entity] in
      let state = try HostState(session)
      var entities = [
        Entity(
          "host", host,
          [
            "vim": .reference(kind: "vim", name: name), "cores": .int(state.freeCores),
            "memory": .amount("\(state.freeMemory >> 20) MiB"),
          ])
      ]
      for cell in state.topology.cells {
        entities.append(try Self.entity(cell, of: host, state, session))
        entities += Self.cards(of: cell, on: host, state)
      }
      return entities
    }
    return Inventory.Part(source: "vim \(name)", date: options.now(), entities: entities)
  }

  private static func entity(
    _ cell: NodeTopology.Cell, of host: String, _ state: HostState, _ session: LibvirtSession
  ) throws(LibvirtFailure) -> Entity {
    var fields: [String: AttributeValue] = [
      "cores": .int(state.freeCores(of: cell)), "memory": .amount("\(state.freeMemory(of: cell) >> 20) MiB"),
      "threads_per_core": .int(cell.cores.map(\.count).max() ?? 1), "socket": .int(cell.socket),
    ]
    let sizes = cell.pages.keys.sorted()
    if !sizes.isEmpty {
      let free = try session.freePages(sizes.map { $0 / 1024 }, cell: cell.id)
      var pages: [String: AttributeValue] = [:]
      for (size, count) in zip(sizes, free) {
        // Free ones and our own, never more than there are.
        let most = cell.pages[size] ?? 0
        let ours = min(max(count, 0) + state.ownPages(of: size, cell: cell.id), max(most, count))
        if ours > 0 { pages[sizeText(size)] = .int(ours) }
      }
      fields["pages"] = .map(pages)
    }
    return Entity("cell", "\(host).c\(cell.id)", in: EntityReference(kind: "host", name: host), fields)
  }

  /// Cards of a cell whose link says how fast it is; of others nothing is known that a policy could use.
  private static func cards(of cell: NodeTopology.Cell, on host: String, _ state: HostState) -> [Entity] {
    let isOnly = state.topology.cells.count == 1
    return state.cards.filter { $0.cell == cell.id || $0.cell == nil && isOnly }.compactMap { card in
      guard let rate = card.rate else { return nil }
      return Entity(
        "nic", "\(host).c\(cell.id).\(card.name)",
        in: EntityReference(kind: "cell", name: "\(host).c\(cell.id)"),
        ["rate": .amount("\(rate) Mbps"), "vfs": .int(state.freeFunctions(of: card).count)])
    }
  }

  package func observe(_ handles: [ResourceHandle]) async throws(VIMError) -> [ObservedResource] {
    if handles.isEmpty { return [] }
    let (host, name) = (host, name)
    return try await run("observe") { session throws(LibvirtFailure) in
      let records = try session.domains().compactMap { DomainRecord($0.xml, state: $0.state) }
      let byID = Dictionary(records.map { ($0.uuid, $0) }, uniquingKeysWith: { first, _ in first })
      return handles.map { handle in
        let record = byID[handle.text]
        return ObservedResource(
          vim: name, handle: handle, status: record?.status ?? .missing, host: record == nil ? nil : host)
      }
    }
  }

  package func strangers(besides known: Set<ResourceHandle>) async throws(VIMError) -> [ObservedResource] {
    let (host, name) = (host, name)
    return try await run("strangers") { session throws(LibvirtFailure) in
      try session.domains().compactMap { DomainRecord($0.xml, state: $0.state) }
        .filter { !known.contains(ResourceHandle($0.uuid)) }
        .sorted { $0.name < $1.name }
        .map {
          ObservedResource(vim: name, handle: ResourceHandle($0.uuid), status: $0.status, host: host)
        }
    }
  }

  package func validate(_ instance: PlacedInstance) async throws(VIMError) -> [String] {
    let missing = description.capabilities.missing(for: instance).map {
      "\(name) does not offer \($0.capability), which rule \($0.rule) asks for"
    }
    let topology = try await run("validate") { session throws(LibvirtFailure) in
      try HostState.topology(session)
    }
    return missing + complaints(instance, MachineShape(instance), topology).map(\.text)
  }

  /// What is wrong with an instance for this host, however empty it is.
  func complaints(_ instance: PlacedInstance, _ shape: MachineShape, _ topology: NodeTopology)
    -> [(reason: VIMError.Reason, text: String)]
  {
    var found: [(VIMError.Reason, String)] = []
    if instance.host != host { found.append((.invalid("host"), "this is \(host), not \(instance.host)")) }
    for cell in instance.cells ?? [] where topology.cell(cell) == nil {
      found.append((.invalid("cells"), "\(host) has no cell \(cell)"))
    }
    if shape.memory <= 0 { found.append((.invalid("memory"), "\(instance.id) says no memory")) }
    if shape.cpus > topology.cpuCount, shape.cpuPolicy == .dedicated {
      found.append((.noCapacity("cores"), "\(host) has \(topology.cpuCount) CPUs in all, not \(shape.cpus)"))
    }
    let memory = topology.cells.reduce(0) { $0 + $1.memory }
    if shape.memory > memory {
      found.append(
        (.noCapacity("memory"), "\(host) has \(memory >> 20) MiB in all, not \(shape.memory >> 20)"))
    }
    if let size = shape.pageSize, size > 65_536, !topology.pageSizes.contains(size) {
      found.append((.invalid("page_size"), "\(host) has no pages of \(sizeText(size))"))
    }
    let guest = shape.guestCells.reduce(0, +)
    if !shape.guestCells.isEmpty, guest != shape.cpus || shape.guestCells.contains(where: { $0 < 1 }) {
      found.append((.invalid("guest_cells"), "guest cells of \(guest) CPUs in a machine of \(shape.cpus)"))
    }
    if let cells = instance.cells, !shape.guestCells.isEmpty, shape.guestCells.count != cells.count {
      found.append(
        (.invalid("cells"), "\(shape.guestCells.count) guest cells on \(cells.count) cells of the host"))
    }
    for kind in shape.devices {
      found.append((.unsupported, "whole devices are not handed over, and it asks for \(kind)"))
    }
    if shape.isRealtime { found.append((.unsupported, "realtime scheduling is not set up here")) }
    if let image = shape.image, image.hasPrefix("direct:"), DomainPlan.Boot.direct(image) == nil {
      found.append((.invalid("image"), "'\(image)' is not direct:KERNEL,INITRD with two whole paths"))
    }
    return found
  }
}

/// Bytes of a page as a policy writes them: `2 MiB`.
func sizeText(_ bytes: Int) -> String {
  bytes % (1 << 30) == 0
    ? "\(bytes >> 30) GiB" : bytes % (1 << 20) == 0 ? "\(bytes >> 20) MiB" : "\(bytes >> 10) KiB"
}
