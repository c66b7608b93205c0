package import NFVModel
package import VIMProtocol

extension VSphereVIM: ActingVIM {
  package func delete(_ handle: ResourceHandle, spec: PlacedInstance, as token: EffectToken)
    async throws(VIMError) -> EffectOutcome
  {
    let object = ManagedObject("VirtualMachine", handle.text)
    guard let machine = try await state(of: object) else { return EffectOutcome(handle, undo: .none) }
    if let mark = machine.mark, mark.instance != spec.id {
      throw .rejected(
        .conflict, "vim \(name), Destroy_Task: \(handle) is \(mark.instance) and not \(spec.id)")
    }
    try await remove(object, named: machine.name, apart: machine.mark?.apart)
    return EffectOutcome(handle, undo: .create(spec))
  }

  /// Removes a machine and all that was made for it: its rules, its groups, networks that nobody is on any more.
  func remove(_ object: ManagedObject, named machineName: String, apart: String?) async throws(VIMError) {
    guard let machine = try await state(of: object) else { return }
    if machine.isOn {
      do throws(VIMError) { try await power(object, on: false) } catch {
        guard case .rejected(.notFound, _) = error else { throw error }
      }
    }
    if let host = machine.host, let cluster = try await cluster(of: host) {
      try await changeRules(of: cluster) { $0.releasing(object, named: machineName, apart: apart) }
    }
    let end = try await session.task("Destroy_Task", on: object, patience: patience)
    if case .fault(let fault) = end, !fault.isGone { throw fault.error(of: name, call: "Destroy_Task") }
    try await releaseNetworks(machine.networks, hosts: machine.host.map { [$0] } ?? [])
  }

  func cluster(of host: ManagedObject) async throws(VIMError) -> ManagedObject? {
    let parent = try await session.retrieve(host, ["parent"])?.reference("parent")
    return parent?.type == "ClusterComputeResource" ? parent : nil
  }

  /// Tokens are kept with what a `create` made; every other effect can be asked for again without harm. A machine
  /// that does not run yet is not finished: asking again finishes it.
  package func find(_ token: EffectToken) async throws(VIMError) -> EffectOutcome? {
    if let machine = try await machine(NameUUID(token.text)) {
      guard machine.isOn, machine.mark?.token == token.text else { return nil }
      let handle = ResourceHandle(machine.object.value)
      return EffectOutcome(handle, undo: .delete(handle))
    }
    try await refuseWhileMaking()
    return nil
  }

  /// Whether a machine is being made that nobody here waits for: it may be the one that is asked about, whose UUID
  /// shows only when it is done.
  private func refuseWhileMaking() async throws(VIMError) {
    let manager = try await session.content().taskManager
    let recent = try await session.retrieve(manager, ["recentTask"])?.references("recentTask") ?? []
    let paths = ["info.state", "info.descriptionId", "info.task"]
    for task in try await session.retrieve(recent, paths) {
      let isMaking = ["VirtualMachine.clone", "Folder.createVm", "VirtualMachine.cloneVm"].contains(
        task.text("info.descriptionId") ?? "")
      guard isMaking, ["queued", "running"].contains(task.text("info.state") ?? "") else { continue }
      guard !(await followed.contains(task.object)) else { continue }
      throw .unavailable(
        .unreachable,
        "vim \(name): a machine is being made (\(task.object)), which may be the one asked about",
        retryAfter: 2_000)
    }
  }
}

extension VSphereVIM: StartingVIM {
  package func start(_ handle: ResourceHandle, as token: EffectToken) async throws(VIMError) -> EffectOutcome
  {
    let machine = try await needed(handle)
    try await power(machine.object, on: true)
    return EffectOutcome(handle, undo: machine.isOn ? .none : .stop(handle))
  }

  package func stop(_ handle: ResourceHandle, as token: EffectToken) async throws(VIMError) -> EffectOutcome {
    let machine = try await needed(handle)
    try await power(machine.object, on: false)
    return EffectOutcome(handle, undo: .none)
  }

  func needed(_ handle: ResourceHandle) async throws(VIMError) -> MachineState {
    guard let machine = try await state(of: ManagedObject("VirtualMachine", handle.text)) else {
      throw .rejected(.notFound, "vim \(name) has no machine \(handle)")
    }
    return machine
  }
}

extension VSphereVIM: MigratingVIM, ResizingVIM {
  /// A running machine moves as it runs, unless its cores, cells or virtual functions are bound to its host: then
  /// it is switched off, moved, bound anew and started.
  package func migrate(
    _ handle: ResourceHandle, from: PlacedInstance, to: PlacedInstance, as token: EffectToken
  ) async throws(VIMError) -> EffectOutcome {
    try await alter(handle, from: from, to: to)
  }

  /// vCPUs and memory of a running machine are not changed: it is switched off, changed and started.
  package func resize(
    _ handle: ResourceHandle, from: PlacedInstance, to: PlacedInstance, as token: EffectToken
  ) async throws(VIMError) -> EffectOutcome {
    try await alter(handle, from: from, to: to)
  }

  private func alter(_ handle: ResourceHandle, from: PlacedInstance, to: PlacedInstance)
    async throws(VIMError) -> EffectOutcome
  {
    let shape = MachineShape(to)
    if let why = unsupported(shape).first {
      throw .rejected(.unsupported, "vim \(name) cannot give \(to.id) \(why)")
    }
    let links = shape.networks.map(Network.own)
    await networks.take(links)
    let outcome = await result { () throws(VIMError) in try await change(handle, shape, to) }
    await networks.give(links)
    try outcome.get()
    return EffectOutcome(handle, undo: .restore(handle, to: from))
  }

  private func change(_ handle: ResourceHandle, _ shape: MachineShape, _ to: PlacedInstance)
    async throws(VIMError)
  {
    let machine = try await needed(handle)
    if let mark = machine.mark, mark.instance != to.id {
      throw .rejected(
        .conflict, "vim \(name), RelocateVM_Task: \(handle) is \(mark.instance) and not \(to.id)")
    }
    let view = try await view(of: to.host)
    let wish = try await wish(for: machine, shape, to, view)
    let moves = machine.host != view.place.object
    var oldCluster: ManagedObject?
    if let host = machine.host { oldCluster = try await cluster(of: host) }
    let isBound = machine.latencyIsHigh || machine.cards.contains { $0.physicalFunction != nil }
    let differs = !wish.differences(from: machine).isEmpty
    if machine.isOn, differs || (moves && isBound) { try await power(machine.object, on: false) }
    if moves {
      // The rule that holds it where it was goes first, or the scheduler refuses.
      if let oldCluster {
        try await changeRules(of: oldCluster) {
          $0.releasing(machine.object, named: machine.name, apart: machine.mark?.apart)
        }
      }
      let stores = Set(view.reading.datastores)
      let machineStores =
        try await session.retrieve(machine.object, ["datastore"])?.references("datastore") ?? []
      try await relocate(machine.object, to: view, keepingStore: stores.isSuperset(of: machineStores))
    }
    try await settle(machine.object, wish, view)
    let gone = Set(machine.networks)
    try await releaseNetworks(Array(gone), hosts: machine.host.map { [$0] } ?? [])
  }

  /// What the machine is to be under the name and the token that it was made with.
  private func wish(
    for machine: MachineState, _ shape: MachineShape, _ to: PlacedInstance, _ view: HostView
  ) async throws(VIMError) -> MachineWish {
    let cards = try await cards(for: to, shape, nil, view, besides: machine)
    let token = machine.mark?.token ?? "adopted-\(machine.object)"
    var wish = MachineWish(
      to, shape, as: EffectToken(token), megahertz: view.reading.megahertz,
      cards: cards.map { $0.map(\.card) })
    wish.name = machine.name
    if machine.mark == nil { wish.uuid = nil }
    return wish
  }
}
