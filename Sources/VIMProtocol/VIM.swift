package import NFVModel

/// A back end as the executor needs it: every mandatory ability.
package typealias VIM = DescribingVIM & LookingVIM & ValidatingVIM & ActingVIM

/// Who a VIM is. Changes nothing, asks no one.
package protocol DescribingVIM: Sendable {
  /// The name that policies and inventories use: `sto`.
  var name: String { get }
  func describe() -> VIMDescription
}

/// Kind, version, and what it declares it can do.
package struct VIMDescription: Hashable, Sendable {
  package let kind: String
  package let version: String
  package let capabilities: Capabilities

  package init(kind: String, version: String, capabilities: Capabilities) {
    self.kind = kind
    self.version = version
    self.capabilities = capabilities
  }
}

/// What a VIM has. Changes nothing.
package protocol LookingVIM: Sendable {
  /// Whether it answers and lets us in; throws what is wrong.
  func probe() async throws(VIMError)
  /// Sites, hosts, cells, devices and free amounts, as far as it reveals them; what it hides is absent.
  func inventory() async throws(VIMError) -> Inventory.Part
  /// The present state of each handle, in the order asked; what it does not have is `missing`.
  func observe(_ handles: [ResourceHandle]) async throws(VIMError) -> [ObservedResource]
}

/// Whether a VIM would take it. Pure: what it promises is no promise of room.
package protocol ValidatingVIM: Sendable {
  /// What is wrong with the instance for this VIM, or lost in translation; empty when nothing.
  func validate(_ instance: PlacedInstance) async throws(VIMError) -> [String]
}

/// What every VIM can do. Idempotent by token: see `EffectToken`.
package protocol ActingVIM: Sendable {
  func create(_ instance: PlacedInstance, as token: EffectToken) async throws(VIMError) -> EffectOutcome
  /// `spec` is what the resource was asked to be, for the undo record. What is gone already is a success.
  func delete(_ handle: ResourceHandle, spec: PlacedInstance, as token: EffectToken) async throws(VIMError)
    -> EffectOutcome
  /// What became of an effect; nil when it did not happen and will not happen unless it is asked for again.
  func find(_ token: EffectToken) async throws(VIMError) -> EffectOutcome?
}

/// Starts and stops without making anew.
package protocol StartingVIM: Sendable {
  func start(_ handle: ResourceHandle, as token: EffectToken) async throws(VIMError) -> EffectOutcome
  func stop(_ handle: ResourceHandle, as token: EffectToken) async throws(VIMError) -> EffectOutcome
}

/// Moves a resource to another of its hosts without making it anew.
package protocol MigratingVIM: Sendable {
  func migrate(
    _ handle: ResourceHandle, from: PlacedInstance, to: PlacedInstance, as token: EffectToken
  ) async throws(VIMError) -> EffectOutcome
}

/// Changes the demand of a resource where it is.
package protocol ResizingVIM: Sendable {
  func resize(
    _ handle: ResourceHandle, from: PlacedInstance, to: PlacedInstance, as token: EffectToken
  ) async throws(VIMError) -> EffectOutcome
}

/// Finds resources that its caller does not know.
package protocol AdoptingVIM: Sendable {
  /// Everything that it has beside the known handles, in order of handle: what others made, and what we made and
  /// no record speaks of any more.
  func strangers(besides known: Set<ResourceHandle>) async throws(VIMError) -> [ObservedResource]
}
