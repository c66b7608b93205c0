package import NFVModel
package import VIMProtocol

extension VSphereVIM: LookingVIM {
  package func probe() async throws(VIMError) {
    let content = try await session.content()
    guard content.isVirtualCenter else {
      throw .rejected(
        .unsupported, "vim \(name), RetrieveServiceContent: this is one host of its own, and no vCenter")
    }
    guard try await session.retrieve(content.rootFolder, ["name"]) != nil else {
      throw .rejected(.unauthorised, "vim \(name), RetrievePropertiesEx: the root folder is not shown to us")
    }
  }

  package func inventory() async throws(VIMError) -> Inventory.Part {
    let session = session
    // ORDER: the session is opened once, before calls run side by side.
    _ = try await session.content()
    async let places = result { () throws(VIMError) in try await self.directory.fresh() }
    async let rows = result { () throws(VIMError) in
      try await session.retrieve([("HostSystem", HostReading.paths)])
    }
    async let machineRows = result { () throws(VIMError) in
      try await session.retrieve([("VirtualMachine", MachineReading.paths)])
    }
    async let storeRows = result { () throws(VIMError) in
      try await session.retrieve([("Datastore", DatastoreReading.paths)])
    }
    let known = try await places.get()
    let hosts = try await rows.get().compactMap { HostReading($0) }
    let stores = try await storeRows.get().map { DatastoreReading($0) }
    let machines = try await machineRows.get().map { MachineReading($0) }.filter { !$0.isTemplate }
    let ours = try await self.ours(among: machines)
    let functions = try await functionsTaken(on: hosts, machines: machines, ours: ours)
    let writer = InventoryWriter(
      vim: name, directory: known, machines: machines, ours: ours, stores: stores,
      functionsTaken: functions)
    return Inventory.Part(
      source: "vim \(name)", date: now(),
      entities: writer.entities(of: hosts.filter(\.isOffered)))
  }

  package func observe(_ handles: [ResourceHandle]) async throws(VIMError) -> [ObservedResource] {
    guard !handles.isEmpty else { return [] }
    let objects = handles.map { ManagedObject("VirtualMachine", $0.text) }
    let seen = try await session.retrieve(Array(Set(objects)).sorted { $0.value < $1.value }, Self.statePaths)
    let names = try await hostNames(of: seen)
    let byObject = Dictionary(seen.map { ($0.object, $0) }, uniquingKeysWith: { first, _ in first })
    return zip(handles, objects).map { handle, object in
      let machine = byObject[object]
      return ObservedResource(
        vim: name, handle: handle, status: machine.map(Self.status) ?? .missing,
        host: machine?.reference("runtime.host").flatMap { names[$0] })
    }
  }

  static let statePaths = ["runtime.host", "runtime.powerState", "runtime.connectionState"]

  /// A machine whose host is lost is broken: it stays `connected` while its host is well.
  static func status(_ machine: ObjectProperties) -> ObservedResource.Status {
    switch machine.text("runtime.connectionState") {
    case "invalid", "orphaned", "inaccessible", "disconnected": return .failed
    default: break
    }
    switch machine.text("runtime.powerState") {
    case "poweredOn": return .running
    case "poweredOff", "suspended": return .stopped
    default: return .changing
    }
  }

  func hostNames(of machines: [ObjectProperties]) async throws(VIMError) -> [ManagedObject: String] {
    let hosts = Set(machines.compactMap { $0.reference("runtime.host") })
    let known = try await directory.directory().names
    guard hosts.contains(where: { known[$0] == nil }) else { return known }
    return try await directory.fresh().names
  }

  /// Those that we made: by their annotation, or, while that is not written yet, by their extra configuration.
  func ours(among machines: [MachineReading]) async throws(VIMError) -> Set<ManagedObject> {
    var ours = Set(machines.filter(\.hasOurAnnotation).map(\.object))
    let doubtful = machines.filter { !$0.hasOurAnnotation && NameUUID.isNamed($0.uuid) }.map(\.object)
    for seen in try await session.retrieve(doubtful, ["config.extraConfig"])
    where Mark(extra: Dictionary(extraConfig: seen["config.extraConfig"])) != nil {
      ours.insert(seen.object)
    }
    return ours
  }

  /// Virtual functions that machines of others hold, by host and the card's address. Only hosts with cards are
  /// asked, since devices make long answers.
  private func functionsTaken(
    on hosts: [HostReading], machines: [MachineReading], ours: Set<ManagedObject>
  ) async throws(VIMError) -> [ManagedObject: [String: Int]] {
    let withCards = Set(hosts.filter { !$0.cards.isEmpty }.map(\.object))
    guard !withCards.isEmpty else { return [:] }
    let others = machines.filter { machine in
      !ours.contains(machine.object) && machine.host.map { withCards.contains($0) } ?? false
    }
    let hostOf = Dictionary(others.map { ($0.object, $0.host) }, uniquingKeysWith: { first, _ in first })
    var taken: [ManagedObject: [String: Int]] = [:]
    for seen in try await session.retrieve(others.map(\.object), ["config.hardware.device"]) {
      guard let host = hostOf[seen.object] ?? nil else { continue }
      for card in NetworkCard.cards(in: seen["config.hardware.device"]) {
        if let function = card.physicalFunction { taken[host, default: [:]][function, default: 0] += 1 }
      }
    }
    return taken
  }
}

/// Typed throws across `async let`, which knows none.
func result<T: Sendable>(_ body: @Sendable () async throws(VIMError) -> T) async -> Result<T, VIMError> {
  do throws(VIMError) { return .success(try await body()) } catch { return .failure(error) }
}

extension VSphereVIM: AdoptingVIM {
  package func strangers(besides known: Set<ResourceHandle>) async throws(VIMError) -> [ObservedResource] {
    let seen = try await session.retrieve([
      ("VirtualMachine", Self.statePaths + ["summary.config.template"])
    ])
    let names = try await hostNames(of: seen)
    return seen.filter {
      !$0.isTrue("summary.config.template") && !known.contains(ResourceHandle($0.object.value))
    }
    .map { machine in
      ObservedResource(
        vim: name, handle: ResourceHandle(machine.object.value), status: Self.status(machine),
        host: machine.reference("runtime.host").flatMap { names[$0] })
    }
    .sorted { naturallyPrecedes($0.handle.text, $1.handle.text) }
  }
}
