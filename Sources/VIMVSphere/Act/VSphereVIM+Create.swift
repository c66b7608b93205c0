package import NFVModel
package import VIMProtocol

extension VSphereVIM {
  /// In this order: networks; one clone (or a new machine) that carries its token from its first moment; whatever
  /// a server did not take over from the clone's specification; rules; power; a look whether it is where it
  /// should be. Each step sees whether it was done before, so that being asked again completes what is there.
  package func create(_ instance: PlacedInstance, as token: EffectToken) async throws(VIMError)
    -> EffectOutcome
  {
    let shape = MachineShape(instance)
    if let missing = Self.capabilities.missing(for: instance).first {
      throw .rejected(.unsupported, "vim \(name) does not offer \(missing.capability)")
    }
    if let why = unsupported(shape).first {
      throw .rejected(.unsupported, "vim \(name) cannot give \(instance.id) \(why)")
    }
    let existing = try await machine(NameUUID(token.text))
    if let existing, existing.isOn, existing.mark?.instance == instance.id {
      let place = try await directory.host(instance.host)
      if existing.host == place?.object { return made(existing.object) }
    }
    let links = shape.networks.map(Network.own)
    await networks.take(links)
    let outcome = await result { () throws(VIMError) in try await build(instance, shape, token, existing) }
    await networks.give(links)
    return try outcome.get()
  }

  private func made(_ object: ManagedObject, missing: [String] = []) -> EffectOutcome {
    let handle = ResourceHandle(object.value)
    return EffectOutcome(handle, undo: .delete(handle), missing: missing)
  }

  private func build(
    _ instance: PlacedInstance, _ shape: MachineShape, _ token: EffectToken, _ existing: MachineState?
  ) async throws(VIMError) -> EffectOutcome {
    let view = try await view(of: instance.host)
    if existing == nil, let short = shortages(instance, shape, view).first {
      throw .rejected(.noCapacity("host"), "vim \(name): \(short)")
    }
    let template = try await template(shape)
    let cards = try await cards(for: instance, shape, template, view, besides: existing)
    let wish = MachineWish(
      instance, shape, as: token, megahertz: view.reading.megahertz, cards: cards.map { $0.map(\.card) })
    var machine = existing
    if machine == nil {
      do throws(VIMError) {
        machine = try await bringForth(wish, shape, template, view)
      } catch {
        // Nothing was made but, perhaps, networks for it.
        if case .rejected = error { await releaseQuietly(cards, shape, view) }
        throw error
      }
    }
    guard let machine else {
      throw .unknownOutcome("vim \(name), CloneVM_Task: \(wish.name) was made, and is not shown")
    }
    do throws(VIMError) {
      try await settle(machine.object, wish, view)
      return made(machine.object)
    } catch {
      guard case .rejected = error else { throw error }
      // It will not become what was asked for: nothing of it stays.
      do throws(VIMError) {
        try await remove(machine.object, named: wish.name, apart: wish.mark.apart)
      } catch let trouble {
        return made(machine.object, missing: ["\(error)", "its removal: \(trouble)"])
      }
      throw error
    }
  }

  private func releaseQuietly(_ cards: [CardOnNetwork]?, _ shape: MachineShape, _ view: HostView) async {
    await networks.give(shape.networks.map(Network.own))
    let own = (cards ?? []).compactMap { $0.network }.filter(\.isOurs).map(\.object)
    try? await releaseNetworks(own, hosts: [view.place.object])
    await networks.take(shape.networks.map(Network.own))
  }

  // MARK: The machine

  private func template(_ shape: MachineShape) async throws(VIMError) -> MachineState? {
    guard let image = shape.image else { return nil }
    for _ in 0..<2 {
      guard let object = try await directory.template(image) else { break }
      if let seen = try await session.retrieve(object, MachineState.paths), let state = MachineState(seen) {
        if let bus = shape.diskBus, !Disks.buses(of: state.devices).isSubset(of: [bus]) {
          throw .rejected(
            .invalid("disk_bus"), "vim \(name): the disks of template \(image) are not on \(bus)")
        }
        return state
      }
      await directory.forgetTemplate(image)
    }
    throw .rejected(.invalid("image"), "vim \(name): no template is called \(image)")
  }

  private func bringForth(
    _ wish: MachineWish, _ shape: MachineShape, _ template: MachineState?, _ view: HostView
  ) async throws(VIMError) -> MachineState? {
    guard let store = view.datastore else {
      throw .rejected(.noCapacity("storage"), "vim \(name): \(view.place.name) reaches no datastore")
    }
    guard let pool = view.place.compute.pool else {
      throw .rejected(
        .unauthorised, "vim \(name): the resource pool of \(view.place.compute.name) is not shown to us")
    }
    let uuid = NameUUID(wish.mark.token)
    let (folder, host) = (view.place.datacenter.machineFolder, view.place.object)
    let end: TaskEnd
    let call = template == nil ? "CreateVM_Task" : "CloneVM_Task"
    if let template {
      let removing = wish.cards == nil ? [] : template.cards
      end = try await session.task(call, on: template.object, patience: patience, followed: followed) {
        XMLText("folder", folder)
        XMLText("name", wish.name)
        XMLText("spec") {
          XMLText("location") {
            XMLText("datastore", store.object)
            XMLText("pool", pool)
            XMLText("host", host)
          }
          XMLText("template", false)
          wish.specification("config", removing: removing)
          XMLText("powerOn", false)
        }
      }
    } else {
      let disks = shape.disk > 0 ? Disks.blank(shape.disk, bus: shape.diskBus ?? "scsi") : []
      end = try await session.task(call, on: folder, patience: patience, followed: followed) {
        wish.specification("config", files: "[\(store.name)]", disks: disks)
        XMLText("pool", pool)
        XMLText("host", host)
      }
    }
    switch end {
    case .success: return try await machine(uuid)
    case .fault(let fault) where fault.isTaken:
      // The name holds the token's: it is ours, made by an asking whose answer was lost.
      if let there = try await machine(uuid) { return there }
      throw .unavailable(
        .conflict, "vim \(name), \(call): \(wish.name) is being made already", retryAfter: 2_000)
    case .fault(let fault): throw fault.error(of: name, call: call)
    }
  }

  /// The machine that has a token's UUID; nil for none that has a configuration.
  func machine(_ uuid: NameUUID) async throws(VIMError) -> MachineState? {
    let search = try await session.content().searchIndex
    let found = try await session.call("FindByUuid", on: search, isSafe: true) {
      XMLText("uuid", uuid.description)
      XMLText("vmSearch", true)
      XMLText("instanceUuid", true)
    }
    guard let object = ManagedObject(found["returnval"]) else { return nil }
    return try await state(of: object)
  }

  func state(of object: ManagedObject) async throws(VIMError) -> MachineState? {
    try await session.retrieve(object, MachineState.paths).flatMap { MachineState($0) }
  }

  /// Makes a machine that is there what it should be, where it should be, and running.
  func settle(_ object: ManagedObject, _ wish: MachineWish, _ view: HostView) async throws(VIMError) {
    guard var machine = try await state(of: object) else {
      throw .rejected(.notFound, "vim \(name): \(wish.name) went while it was made")
    }
    let target = view.place
    if machine.host != target.object, !machine.isOn {
      try await relocate(object, to: view)
    }
    if !machine.isOn, !wish.differences(from: machine).isEmpty {
      try await reconfigure(machine, wish)
    }
    if target.compute.isCluster {
      try await changeRules(of: target.compute.object) { rules in
        rules.pinning(
          object, named: wish.name, to: target.object, named: target.name, apart: wish.mark.apart)
      }
    }
    try await power(object, on: true)
    guard let seen = try await state(of: object) else {
      throw .rejected(.notFound, "vim \(name): \(wish.name) went while it was made")
    }
    machine = seen
    if machine.host != target.object {
      let names = try await directory.fresh().names
      let place = machine.host.flatMap { names[$0] } ?? "a host that is not shown"
      throw .rejected(
        .conflict, "vim \(name): \(wish.name) was made for \(target.name) and runs on \(place)")
    }
    let lacks = wish.differences(from: machine)
    guard lacks.isEmpty else {
      throw .rejected(
        .unsupported,
        "vim \(name), ReconfigVM_Task: \(wish.name) does not take over \(lacks.joined(separator: ", "))")
    }
  }

  func reconfigure(_ machine: MachineState, _ wish: MachineWish) async throws(VIMError) {
    let withCards = !wish.hasCards(of: machine)
    _ = try await session.perform("ReconfigVM_Task", on: machine.object, patience: patience) {
      wish.specification("spec", removing: withCards ? machine.cards : [], withCards: withCards)
    }
  }

  func relocate(_ object: ManagedObject, to view: HostView, keepingStore: Bool = false) async throws(VIMError)
  {
    let (pool, host) = (view.place.compute.pool, view.place.object)
    let store = keepingStore ? nil : view.datastore?.object
    _ = try await session.perform("RelocateVM_Task", on: object, patience: patience) {
      XMLText("spec") {
        if let store { XMLText("datastore", store) }
        if let pool { XMLText("pool", pool) }
        XMLText("host", host)
      }
      XMLText("priority", "highPriority")
    }
  }

  /// Powers on or off; what is so already is done.
  func power(_ object: ManagedObject, on: Bool) async throws(VIMError) {
    let call = on ? "PowerOnVM_Task" : "PowerOffVM_Task"
    let end = try await session.task(call, on: object, patience: patience)
    guard case .fault(let fault) = end else { return }
    // It is said of a state that hinders, too: then it is no success.
    if fault.name == "InvalidPowerState",
      let now = try await session.retrieve(object, ["runtime.powerState"])?.text("runtime.powerState"),
      now == (on ? "poweredOn" : "poweredOff")
    {
      return
    }
    throw fault.error(of: name, call: call)
  }

  // MARK: Network cards

  struct CardOnNetwork: Sendable {
    let card: NetworkCard
    let network: Network?
  }

  /// A card for each link, and for each virtual function beyond them: those that are virtual functions first, on
  /// the first links. The first card has the fixed address. Nil where the template's own cards serve.
  func cards(
    for instance: PlacedInstance, _ shape: MachineShape, _ template: MachineState?, _ view: HostView,
    besides existing: MachineState? = nil
  ) async throws(VIMError) -> [CardOnNetwork]? {
    let wantsOwn = shape.mac != nil || shape.nicModel != nil || shape.virtualFunctions > 0
    guard wantsOwn || !shape.networks.isEmpty else { return nil }
    var functions = existing?.cards.compactMap(\.physicalFunction) ?? []
    if functions.count != shape.virtualFunctions || existing?.host != view.place.object {
      guard
        let chosen = view.functions(
          shape.virtualFunctions, near: instance.cells ?? [], policy: shape.devicePolicy)
      else {
        throw .rejected(
          .noCapacity("vfs"),
          "vim \(name): \(view.place.name) has too few free virtual functions for \(instance.id)")
      }
      functions = chosen.map(\.address)
    }
    var backings: [(NetworkCard.Backing, Network?)] = []
    var known = view.networks
    for link in shape.networks {
      let network = try await ensureNetwork(link, on: view.place, of: known)
      known.append(network.object)
      backings.append((network.backing, network))
    }
    if backings.isEmpty {
      guard let first = template?.cards.first(where: { $0.backing != .hidden }) else {
        throw .rejected(
          .invalid("links"), "vim \(name): \(instance.id) has a network card, and no network to put it on")
      }
      backings.append((first.backing, nil))
    }
    let plain = Self.models[shape.nicModel ?? "vmxnet3"] ?? .vmxnet3
    return (0..<max(backings.count, functions.count)).map { index in
      let (backing, network) = backings[index % backings.count]
      let function = functions.indices.contains(index) ? functions[index] : nil
      return CardOnNetwork(
        card: NetworkCard(
          function == nil ? plain : .sriov, backing, address: index == 0 ? shape.mac?.lowercased() : nil,
          physicalFunction: function), network: network)
    }
  }
}
