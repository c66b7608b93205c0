package import NFVModel
package import VIMProtocol

extension SimulatedVIM: ActingVIM, StartingVIM, MigratingVIM, ResizingVIM {
  package func create(_ instance: PlacedInstance, as token: EffectToken) async throws(VIMError)
    -> EffectOutcome
  {
    try await effect(.create, instance.id, token) { ledger, missing throws(VIMError) in
      try self.refuseUnknown(instance)
      if ledger.resources.values.contains(where: {
        $0.spec.id == instance.id && !($0.spec.mayOverlap && instance.mayOverlap)
      }) {
        throw .rejected(.conflict, "\(instance.id) is there, and two may not run side by side")
      }
      try self.refuseCrowding(instance, in: ledger, besides: nil)
      let handle = ledger.make(instance, missing.isEmpty ? .running : .failed, in: self.name)
      return EffectOutcome(handle, undo: .delete(handle), missing: missing)
    }
  }

  package func delete(
    _ handle: ResourceHandle, spec: PlacedInstance, as token: EffectToken
  ) async throws(VIMError) -> EffectOutcome {
    try await effect(.delete, spec.id, token) { ledger, _ throws(VIMError) in
      let gone = ledger.resources[handle]
      if gone != nil { ledger.set(handle, nil) }
      return EffectOutcome(handle, undo: gone.map { .create($0.spec) } ?? .none)
    }
  }

  package func find(_ token: EffectToken) async throws(VIMError) -> EffectOutcome? {
    try await look(.find)
    return ledger.answers[token]
  }

  package func start(_ handle: ResourceHandle, as token: EffectToken) async throws(VIMError) -> EffectOutcome
  {
    try await effect(.start, ledger.resources[handle]?.spec.id, token) { ledger, _ throws(VIMError) in
      var resource = try self.resource(handle, in: ledger)
      let was = resource.status
      resource.status = .running
      ledger.set(handle, resource)
      return EffectOutcome(handle, undo: was == .stopped ? .stop(handle) : .none)
    }
  }

  package func stop(_ handle: ResourceHandle, as token: EffectToken) async throws(VIMError) -> EffectOutcome {
    try await effect(.stop, ledger.resources[handle]?.spec.id, token) { ledger, _ throws(VIMError) in
      var resource = try self.resource(handle, in: ledger)
      resource.status = .stopped
      ledger.set(handle, resource)
      return EffectOutcome(handle, undo: .none)
    }
  }

  package func migrate(
    _ handle: ResourceHandle, from: PlacedInstance, to: PlacedInstance, as token: EffectToken
  ) async throws(VIMError) -> EffectOutcome {
    try await effect(.migrate, to.id, token) { ledger, _ throws(VIMError) in
      guard self.description.capabilities.offers(.liveMigration) else {
        throw .rejected(.unsupported, "\(self.name) does not move what runs")
      }
      return try self.alter(handle, to: to, in: &ledger)
    }
  }

  package func resize(
    _ handle: ResourceHandle, from: PlacedInstance, to: PlacedInstance, as token: EffectToken
  ) async throws(VIMError) -> EffectOutcome {
    try await effect(.resize, to.id, token) { ledger, _ throws(VIMError) in
      try self.alter(handle, to: to, in: &ledger)
    }
  }

  // MARK: One effect

  /// Counts the call, lets its fault have its way, and does the body once for its token.
  private func effect(
    _ verb: FaultScript.Verb, _ instance: String?, _ token: EffectToken,
    _ body: (inout Ledger, _ missing: [String]) throws(VIMError) -> EffectOutcome
  ) async throws(VIMError) -> EffectOutcome {
    let fault = try count(verb, instance)
    var missing: [String] = []
    switch fault {
    case .rejected(let reason): throw .rejected(reason, says(verb))
    case .unavailable(let retry):
      throw .unavailable(.unreachable, says(verb), retryAfter: retry)
    case .unknownBeforeEffect: throw .unknownOutcome(says(verb))
    case .partial(let parts): missing = parts
    case .slow(let milliseconds): await sleep(milliseconds)
    case .unknownAfterEffect, .lose, nil: break
    }
    let outcome = try change { ledger throws(VIMError) in
      if let answered = ledger.answers[token] { return answered }
      let outcome = try body(&ledger, missing)
      ledger.answer(token, outcome)
      if fault == .lose { ledger.set(outcome.handle, nil) }
      return outcome
    }
    if fault == .unknownAfterEffect { throw .unknownOutcome(says(verb)) }
    return outcome
  }

  private func resource(_ handle: ResourceHandle, in ledger: Ledger) throws(VIMError) -> Ledger.Resource {
    guard let resource = ledger.resources[handle] else {
      throw .rejected(.notFound, "\(name) has no \(handle)")
    }
    return resource
  }

  private func alter(
    _ handle: ResourceHandle, to spec: PlacedInstance, in ledger: inout Ledger
  ) throws(VIMError) -> EffectOutcome {
    var resource = try resource(handle, in: ledger)
    let old = resource.spec
    try refuseUnknown(spec)
    try refuseCrowding(spec, in: ledger, besides: handle)
    resource.spec = spec
    ledger.set(handle, resource)
    return EffectOutcome(handle, undo: .restore(handle, to: old))
  }

  // MARK: What it refuses

  private func refuseUnknown(_ instance: PlacedInstance) throws(VIMError) {
    guard let host = hosts[instance.host] else {
      throw .rejected(.invalid("host"), "\(name) has no host \(instance.host)")
    }
    if let cell = instance.cells?.first(where: { $0 < 0 || $0 >= max(1, host.cells.count) }) {
      throw .rejected(.invalid("cells"), "\(host.name) has no cell \(cell)")
    }
    if let missing = description.capabilities.missing(for: instance).first {
      throw .rejected(.unsupported, "\(name) does not offer \(missing.capability)")
    }
  }

  private func refuseCrowding(
    _ instance: PlacedInstance, in ledger: Ledger, besides handle: ResourceHandle?
  ) throws(VIMError) {
    guard let host = hosts[instance.host] else { return }
    let short = faults.short[host.name] ?? [:]
    try refuse(
      instance.demand, more: host.capacity.merging(short) { $0 - $1 },
      used: ledger.used(on: host.name, cell: nil, besides: handle), place: host.name, for: instance)
    for cell in instance.cells ?? [] where host.cells.indices.contains(cell) {
      try refuse(
        instance.share(of: cell), more: host.cells[cell],
        used: ledger.used(on: host.name, cell: cell, besides: handle), place: "cell \(cell) of \(host.name)",
        for: instance)
    }
  }

  private func refuse(
    _ need: [String: Int], more capacity: [String: Int], used: [String: Int], place: String,
    for instance: PlacedInstance
  ) throws(VIMError) {
    for (key, amount) in need.sorted(by: { $0.key < $1.key }) where amount > 0 {
      guard let most = capacity[key] else { continue }
      let free = most - used[key, default: 0]
      guard amount > free else { continue }
      throw .rejected(.noCapacity(key), "\(place) has \(free) \(key) free, \(instance.id) needs \(amount)")
    }
  }
}
