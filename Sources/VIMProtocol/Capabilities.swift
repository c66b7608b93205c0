package import NFVModel

/// All that a VIM declares it can do.
package struct Capabilities: Hashable, Sendable {
  package let claims: Set<Capability>

  package init(_ claims: Set<Capability>) { self.claims = claims }

  /// Everything there is: what the simulated VIM declares unless told otherwise.
  package static let all: Capabilities = {
    var claims = Set(Capability.plain.values)
    claims.formUnion([.numaCells(8), .hugepages(2 << 20), .hugepages(1 << 30)])
    claims.formUnion(Capability.ThreadPolicy.allCases.map { .threadPolicy($0) })
    claims.formUnion(Capability.EmulatorThreads.allCases.map { .emulatorThreads($0) })
    claims.formUnion(Capability.DeviceNUMA.allCases.map { .deviceNUMA($0) })
    claims.formUnion(Capability.Scope.allCases.map { .affinity($0) })
    claims.formUnion(Capability.NIC.allCases.map { .emulatedNIC($0) })
    claims.formUnion(Capability.Disk.allCases.map { .emulatedDisk($0) })
    return Capabilities(claims)
  }()

  package func offers(_ wanted: Capability) -> Bool {
    guard case .numaCells(let cells) = wanted else { return claims.contains(wanted) }
    return claims.contains { if case .numaCells(let most) = $0 { most >= cells } else { false } }
  }

  /// What an instance requires and this VIM does not declare; a capability that nobody knows is missing.
  package func missing(for instance: PlacedInstance) -> [CapabilityRequirement] {
    instance.requires.filter { Capability($0.capability).map { !offers($0) } ?? true }
  }

  package var json: JSONValue { .strings(claims.map(\.description).sorted(by: naturallyPrecedes)) }

  package init(_ json: JSONCursor) throws(JSONShapeError) {
    var claims: Set<Capability> = []
    for entry in try json.list() {
      let text = try entry.text()
      guard let claim = Capability(text) else { throw entry.failure("no capability is called '\(text)'") }
      claims.insert(claim)
    }
    self.init(claims)
  }
}
