import Glibc
import NFVModel
import VIMProtocol

/// How a domain comes and goes, step by step, on a thread that may block.
extension LibvirtVIM {
  /// Decides what is left to decide: CPUs, functions, networks, the volume. Networks and the volume are there afterwards.
  /// - Parameter old: of a domain that is defined anew: it keeps its volume.
  func plan(
    _ instance: PlacedInstance, uuid: String, token: String, _ work: LibvirtWork, old: DomainRecord.Mark?
  ) throws(VIMError) -> DomainPlan {
    let shape = MachineShape(instance)
    let state = try work.ask { () throws(LibvirtFailure) in try HostState(work.session) }
    if let wrong = complaints(instance, shape, state.topology).first {
      throw work.rejected(wrong.reason, wrong.text)
    }
    if !instance.mayOverlap,
      state.domains.contains(where: { $0.mark?.instance == instance.id && $0.uuid != uuid })
    {
      throw work.rejected(.conflict, "\(instance.id) is there, and two may not run side by side")
    }
    let pinning: Pinning
    do throws(Pinning.Shortage) {
      pinning = try Pinning(
        shape, cells: instance.cells, on: state.topology, taken: state.takenCPUs(besides: uuid))
    } catch { throw work.rejected(.noCapacity("cores"), error.text) }
    guard let functions = state.functions(for: shape, cells: instance.cells, besides: uuid) else {
      throw work.rejected(
        .noCapacity("vfs"), "not \(shape.virtualFunctions) virtual functions are free where they must be")
    }
    let name = resourceName(instance.id, uuid: uuid)
    let networks = shape.networks.map { link in
      let id = uuid5("network \(link)")
      return (name: resourceName(link, uuid: id), uuid: id)
    }
    let boot = try self.boot(shape, name: name, old, work)
    let plan = DomainPlan(
      uuid: uuid, name: name, shape: shape, cells: instance.cells, pinning: pinning, functions: functions,
      networks: networks, boot: boot, console: Self.text("console", of: instance), token: token,
      instance: instance.id, host: state.topology)
    try settling(plan, old: old, work) { () throws(VIMError) in
      for network in networks {
        try work.ask { () throws(LibvirtFailure) in
          try work.session.ensureNetwork(network.uuid, xml: Self.networkXML(network.name, network.uuid))
        }
      }
    }
    return plan
  }

  private static func text(_ field: String, of instance: PlacedInstance) -> String? {
    (instance.attributes["vdu.\(field)"] ?? instance.attributes["vnf.\(field)"])?.json.stringValue
  }

  /// Isolated: a bridge without an address, so without a server of addresses.
  private static func networkXML(_ name: String, _ uuid: String) -> String {
    "<network><name>\(escapedXML(name))</name><uuid>\(uuid)</uuid>"
      + "<bridge name='pl\(uuid.prefix(8))' stp='on' delay='0'/></network>"
  }

  /// A layer of its own over the image's volume, or the files that the image names.
  private func boot(
    _ shape: MachineShape, name: String, _ old: DomainRecord.Mark?, _ work: LibvirtWork
  ) throws(VIMError) -> DomainPlan.Boot {
    guard let image = shape.image else { return .network }
    if let direct = DomainPlan.Boot.direct(image) { return direct }
    if let own = old?.volumes.first { return .volume(path: own) }
    let path = try work.ask { () throws(LibvirtFailure) in
      try work.session.volume(image) { volume, pool throws(LibvirtFailure) in
        let base = XMLNode.parse(try work.session.volumeXML(volume))
        let size = max(shape.disk, base?.first("capacity")?.bytes ?? 0)
        let format = base?.first("target", "format")?["type"] ?? "raw"
        let path = try work.session.path(volume)
        return try work.session.ensureVolume(
          "\(name).qcow2", in: pool,
          xml: """
            <volume><name>\(escapedXML(name)).qcow2</name><capacity unit='bytes'>\(size)</capacity>\
            <target><format type='qcow2'/></target><backingStore><path>\(escapedXML(path))</path>\
            <format type='\(escapedXML(format))'/></backingStore></volume>
            """)
      }
    }
    return .volume(path: path)
  }

  /// Plans a domain and defines it, so that nobody else has what was chosen for it.
  ///
  /// Other programs choose too, and libvirt has no lock for them. Each sees in what is defined what is taken, so
  /// whoever defines looks again afterwards: of two that chose alike the later one sees the other, gives way for a
  /// moment that is not the other's, and chooses anew. Both may give way; never does neither.
  func defineAlone(
    _ instance: PlacedInstance, uuid: String, token: String, _ work: LibvirtWork, old: DomainRecord.Mark?
  ) throws(VIMError) -> DomainPlan {
    for choice in 1...max(1, options.choices) {
      let plan = try plan(instance, uuid: uuid, token: token, work, old: old)
      options.whenChosen()
      try settling(plan, old: old, work) { () throws(VIMError) in
        try work.ask { () throws(LibvirtFailure) in
          if old != nil {
            _ = try work.session.domain(uuid) { domain throws(LibvirtFailure) in
              try work.session.halt(domain)
            }
          }
          try work.session.define(plan.xml)
        }
      }
      let state = try work.ask { () throws(LibvirtFailure) in try HostState(work.session) }
      if !state.hasRival(of: plan) { return plan }
      // What is defined anew stays defined: nobody else is to take its name and disk.
      if old == nil { try withdraw(uuid, plan.mark, work) }
      usleep(UInt32.random(in: 2_000...20_000) * UInt32(choice))
    }
    throw .unavailable(
      .conflict,
      "vim \(name), \(work.verb): somebody else chose the same CPUs \(options.choices) times in a row",
      retryAfter: 1000)
  }

  /// Takes a domain back that has not run yet.
  private func withdraw(_ uuid: String, _ mark: DomainRecord.Mark, _ work: LibvirtWork) throws(VIMError) {
    try work.ask { () throws(LibvirtFailure) in
      _ = try work.session.domain(uuid) { domain throws(LibvirtFailure) in try work.session.undefine(domain) }
    }
    cleanUp(mark, work)
  }

  /// Whether a domain was defined by a call that ended before it looked for rivals, and has one.
  func isLeftWithRival(_ record: DomainRecord, _ work: LibvirtWork) throws(VIMError) -> Bool {
    guard try work.hasNeverRun(record.uuid) else { return false }
    let state = try work.ask { () throws(LibvirtFailure) in try HostState(work.session) }
    return !state.takenCPUs(besides: record.uuid).isDisjoint(with: record.takenCPUs)
  }

  /// Does a step; where it is refused, takes back what was made for the domain before it. One that is defined anew
  /// keeps its disk.
  func settling(
    _ plan: DomainPlan, old: DomainRecord.Mark?, _ work: LibvirtWork, _ body: () throws(VIMError) -> Void
  ) throws(VIMError) {
    do throws(VIMError) { try body() } catch {
      if case .unknownOutcome = error { throw error }
      if old == nil { cleanUp(plan.mark, work) } else { dropUnused(plan.mark.networks, work) }
      throw error
    }
  }

  /// Starts a defined domain and looks whether it is what was asked for; one that is not goes.
  func complete(_ uuid: String, _ plan: DomainPlan?, _ work: LibvirtWork) throws(VIMError) {
    // What ran before this call is left as it is.
    let hasNeverRun = try work.hasNeverRun(uuid)
    let isNew = plan != nil || hasNeverRun
    do throws(VIMError) { try start(uuid, plan, work) } catch {
      if case .unknownOutcome = error { throw error }
      if isNew { _ = try? remove(uuid, work) }
      throw error
    }
  }

  func start(_ uuid: String, _ plan: DomainPlan?, _ work: LibvirtWork) throws(VIMError) {
    let isThere = try work.ask { () throws(LibvirtFailure) in
      try work.session.domain(uuid) { domain throws(LibvirtFailure) in
        if ![.shutoff, .crashed].contains(try work.session.state(domain)) { return true }
        do throws(LibvirtFailure) { try work.session.start(domain) } catch {
          // Somebody else was faster.
          if [.shutoff, .crashed].contains(try work.session.state(domain)) { throw error }
        }
        return true
      }
    }
    guard isThere != nil, let record = try work.record(uuid) else {
      throw work.rejected(.notFound, "the domain went while it was made")
    }
    try verify(record, plan, work)
  }

  /// Whether the host does what was decided.
  private func verify(_ record: DomainRecord, _ plan: DomainPlan?, _ work: LibvirtWork) throws(VIMError) {
    guard record.status == .running else {
      throw work.rejected(.unsupported, "it was started and is \(record.state)")
    }
    let pins = record.pins.sorted { $0.key < $1.key }.map(\.value)
    let wanted = plan?.pinning.cpus.map { Set([$0]) } ?? pins
    if !wanted.isEmpty {
      let most = (wanted.joined().max() ?? 0) + 1
      let real = try work.ask { () throws(LibvirtFailure) in
        try work.session.domain(record.uuid) { domain throws(LibvirtFailure) in
          try work.session.pins(
            domain, virtual: record.virtualCPUs, host: max(most, plan?.host.cpuCount ?? 0))
        } ?? []
      }
      if real != wanted {
        throw work.rejected(.unsupported, "its CPUs are not the chosen ones but \(real.map { cpuText($0) })")
      }
    }
    guard let plan else { return }
    if let cells = plan.cells, record.memoryCells != Set(cells).sorted() {
      throw work.rejected(
        .unsupported, "its memory is not bound to cells \(cells) but to \(record.memoryCells)")
    }
    if record.pageSize != plan.shape.pageSize.flatMap({ $0 > 65_536 ? $0 : nil }) {
      throw work.rejected(.unsupported, "its memory is not backed by the pages that were asked for")
    }
    if !record.devices.isSuperset(of: plan.functions) {
      throw work.rejected(.unsupported, "it did not get its virtual functions")
    }
  }

  /// Removes a domain with all that was made for it; whether it was there.
  func remove(_ uuid: String, _ work: LibvirtWork) throws(VIMError) -> Bool {
    guard let record = try work.record(uuid) else { return false }
    guard let mark = record.mark else {
      throw work.rejected(.conflict, "domain \(record.name) was not made by placet, and is left alone")
    }
    try work.ask { () throws(LibvirtFailure) in
      _ = try work.session.domain(uuid) { domain throws(LibvirtFailure) in
        do throws(LibvirtFailure) {
          try work.session.halt(domain)
          try work.session.undefine(domain)
        } catch {
          // Somebody else was faster.
          if error.code != LibvirtFailure.noDomain { throw error }
        }
      }
    }
    try placing.locked { () throws(VIMError) in cleanUp(mark, work) }
    return true
  }

  private func cleanUp(_ mark: DomainRecord.Mark, _ work: LibvirtWork) {
    for volume in mark.volumes {
      try? work.ask { () throws(LibvirtFailure) in try work.session.removeVolume(volume) }
    }
    dropUnused(mark.networks, work)
  }

  /// Removes networks of ours that no domain is on.
  func dropUnused(_ networks: [String], _ work: LibvirtWork) {
    if networks.isEmpty { return }
    _ = try? work.ask { () throws(LibvirtFailure) in
      let used = try work.session.domains().compactMap {
        DomainRecord($0.xml, state: $0.state)?.mark?.networks
      }
      let free = Set(networks).subtracting(used.joined())
      for network in free.sorted() { try work.session.removeNetwork(network) }
    }
  }
}
