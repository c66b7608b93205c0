/// One thing that a VIM can do, exactly: a closed list, with the granularity that a policy may ask for.
///
/// A policy that needs what a VIM does not declare loses that VIM's hosts as candidates; the reason is kept.
package enum Capability: Hashable, Sendable {
  /// Dedicated cores, one virtual to one physical.
  case pinning
  case threadPolicy(ThreadPolicy)
  case emulatorThreads(EmulatorThreads)
  /// A guest may span this many NUMA cells. Declared once, with the most; asked for with any number.
  case numaCells(Int)
  /// The cells of a guest may differ in size.
  case numaAsymmetric
  /// Pages of this many bytes.
  case hugepages(Int)
  case sriov
  case passthrough
  /// How near a device must be to its guest's cells.
  case deviceNUMA(DeviceNUMA)
  case realtime
  /// Instances can be kept apart or together at this scope.
  case affinity(Scope)
  /// Apart or together if possible.
  case softAffinity
  /// The caller can name the host.
  case hostTargeting
  /// A running guest moves; the two others say: even with pinned cores, even with virtual functions.
  case liveMigration
  case liveMigrationWithPinning
  case liveMigrationWithDevices
  case emulatedNIC(NIC)
  case emulatedDisk(Disk)
  case fixedMAC
  /// The guest's PCI addresses can be fixed.
  case fixedPCI
  /// Room can be held for a while before it is used.
  case reservation
  /// The inventory shows what is free.
  case capacityVisible
  /// Another VIM can run on this one.
  case nestedVIM

  package enum ThreadPolicy: String, CaseIterable, Sendable { case prefer, isolate, require }
  package enum EmulatorThreads: String, CaseIterable, Sendable { case share, isolate }
  package enum DeviceNUMA: String, CaseIterable, Sendable { case required, preferred, socket, legacy }
  package enum Scope: String, CaseIterable, Sendable { case host, rack, zone }
  package enum NIC: String, CaseIterable, Sendable { case e1000, vmxnet3, virtio }
  package enum Disk: String, CaseIterable, Sendable { case ide, sata, scsi, virtio }
}

extension Capability: CustomStringConvertible {
  /// As written in plans, journals and descriptions: `hugepages(1073741824)`.
  package var description: String {
    switch self {
    case .threadPolicy(let policy): "threadPolicy(\(policy.rawValue))"
    case .emulatorThreads(let policy): "emulatorThreads(\(policy.rawValue))"
    case .numaCells(let count): "numaCells(\(count))"
    case .hugepages(let bytes): "hugepages(\(bytes))"
    case .deviceNUMA(let level): "deviceNUMA(\(level.rawValue))"
    case .affinity(let scope): "affinity(\(scope.rawValue))"
    case .emulatedNIC(let card): "emulatedNIC(\(card.rawValue))"
    case .emulatedDisk(let bus): "emulatedDisk(\(bus.rawValue))"
    default: Self.plain.first { $0.value == self }?.key ?? ""
    }
  }

  /// Reads what `description` writes; nil for anything else.
  package init?(_ text: String) {
    if let plain = Self.plain[text] {
      self = plain
      return
    }
    let parts = text.split(separator: "(", maxSplits: 1)
    guard parts.count == 2, text.hasSuffix(")") else { return nil }
    let argument = String(parts[1].dropLast())
    let number = Int(argument).flatMap { $0 > 0 && String($0) == argument ? $0 : nil }
    let found: Capability? =
      switch parts[0] {
      case "threadPolicy": ThreadPolicy(rawValue: argument).map { .threadPolicy($0) }
      case "emulatorThreads": EmulatorThreads(rawValue: argument).map { .emulatorThreads($0) }
      case "numaCells": number.map { .numaCells($0) }
      case "hugepages": number.map { .hugepages($0) }
      case "deviceNUMA": DeviceNUMA(rawValue: argument).map { .deviceNUMA($0) }
      case "affinity": Scope(rawValue: argument).map { .affinity($0) }
      case "emulatedNIC": NIC(rawValue: argument).map { .emulatedNIC($0) }
      case "emulatedDisk": Disk(rawValue: argument).map { .emulatedDisk($0) }
      default: nil
      }
    guard let found else { return nil }
    self = found
  }

  /// Those without a granularity, by name.
  static let plain: [String: Capability] = [
    "pinning": .pinning, "numaAsymmetric": .numaAsymmetric, "sriov": .sriov, "passthrough": .passthrough,
    "realtime": .realtime, "softAffinity": .softAffinity, "hostTargeting": .hostTargeting,
    "liveMigration": .liveMigration, "liveMigrationWithPinning": .liveMigrationWithPinning,
    "liveMigrationWithDevices": .liveMigrationWithDevices, "fixedMAC": .fixedMAC, "fixedPCI": .fixedPCI,
    "reservation": .reservation, "capacityVisible": .capacityVisible, "nestedVIM": .nestedVIM,
  ]
}
