package import NFVModel
package import VIMProtocol

extension SimulatedVIM: DescribingVIM, LookingVIM, ValidatingVIM, AdoptingVIM {
  package nonisolated func describe() -> VIMDescription { description }

  package func probe() async throws(VIMError) { try await look(.probe) }

  package func inventory() async throws(VIMError) -> Inventory.Part {
    try await look(.inventory)
    return part
  }

  package func observe(_ handles: [ResourceHandle]) async throws(VIMError) -> [ObservedResource] {
    try await look(.observe)
    return handles.map(observed)
  }

  package func strangers(besides known: Set<ResourceHandle>) async throws(VIMError) -> [ObservedResource] {
    try reload()
    return ledger.resources.keys.filter { !known.contains($0) }
      .sorted { naturallyPrecedes($0.text, $1.text) }.map(observed)
  }

  package func validate(_ instance: PlacedInstance) async throws(VIMError) -> [String] {
    var complaints = description.capabilities.missing(for: instance).map {
      "\(name) does not offer \($0.capability), which rule \($0.rule) asks for"
    }
    guard let host = hosts[instance.host] else {
      return complaints + ["\(name) has no host \(instance.host)"]
    }
    for (key, amount) in instance.demand.sorted(by: { $0.key < $1.key }) {
      guard let most = host.capacity[key], amount > most else { continue }
      complaints.append("\(host.name) has \(most) \(key) in all, \(instance.id) needs \(amount)")
    }
    return complaints
  }

  private func observed(_ handle: ResourceHandle) -> ObservedResource {
    let resource = ledger.resources[handle]
    return ObservedResource(
      vim: name, handle: handle, status: resource?.status ?? .missing, host: resource?.spec.host)
  }

  /// A reading call: counted only when the script speaks of it, so that looking writes nothing.
  func look(_ verb: FaultScript.Verb) async throws(VIMError) {
    try reload()
    guard faults.faults.contains(where: { $0.verb == verb }) else { return }
    switch try count(verb, nil) {
    case .rejected(let reason): throw .rejected(reason, says(verb))
    case .unavailable(let retry):
      throw .unavailable(.unreachable, says(verb), retryAfter: retry)
    case .unknownAfterEffect, .unknownBeforeEffect: throw .unknownOutcome(says(verb))
    case .slow(let milliseconds): await sleep(milliseconds)
    case .partial, .lose, nil: break
    }
  }
}
