import NFVModel
import VIMProtocol

/// All that making a machine on a host needs to know of it, as it is now.
struct HostView: Sendable {
  let place: Directory.Host
  let reading: HostReading
  let free: FreeAmounts
  let networks: [ManagedObject]
  /// The store with the most room.
  let datastore: DatastoreReading?
  /// Virtual functions in use, by their card's address, whoever uses them.
  let functionsTaken: [String: Int]
}

extension VSphereVIM {
  func view(of hostName: String) async throws(VIMError) -> HostView {
    guard let place = try await directory.host(hostName),
      let seen = try await session.retrieve(place.object, HostReading.paths + ["network", "vm"]),
      let reading = HostReading(seen)
    else {
      throw .rejected(.invalid("host"), "vim \(name): no host is called \(hostName)")
    }
    guard reading.isOffered else {
      throw .rejected(
        .noCapacity("host"), "vim \(name): \(hostName) is in maintenance, off or not connected")
    }
    let guests = try await session.retrieve(seen.references("vm"), MachineReading.paths).map(
      MachineReading.init
    )
    .filter { $0.host == place.object }
    let ours = try await ours(among: guests)
    let stores = try await session.retrieve(reading.datastores, DatastoreReading.paths).map(
      DatastoreReading.init)
    var taken: [String: Int] = [:]
    if !reading.cards.isEmpty {
      for guest in try await session.retrieve(guests.map(\.object), ["config.hardware.device"]) {
        for card in NetworkCard.cards(in: guest["config.hardware.device"]) {
          if let function = card.physicalFunction { taken[function, default: 0] += 1 }
        }
      }
    }
    return HostView(
      place: place, reading: reading,
      free: FreeAmounts(reading, all: guests, others: guests.filter { !ours.contains($0.object) }),
      networks: seen.references("network"),
      datastore: stores.filter(\.isUsable).max { ($0.freeBytes, $1.name) < ($1.freeBytes, $0.name) },
      functionsTaken: taken)
  }
}

extension HostView {
  /// Cards for so many virtual functions, near the cells as the policy of the devices wants; nil for too few.
  func functions(_ count: Int, near cells: [Int], policy: String) -> [HostReading.Card]? {
    var free = reading.cards.flatMap { card in
      Array(repeating: card, count: max(0, card.functions - functionsTaken[card.address, default: 0]))
    }
    func isNear(_ card: HostReading.Card) -> Bool { card.cell.map(cells.contains) ?? false }
    func isOnSocket(_ card: HostReading.Card) -> Bool {
      guard let cell = card.cell else { return false }
      return cells.contains { reading.socket(of: $0) == reading.socket(of: cell) }
    }
    if !cells.isEmpty {
      switch policy {
      case "required": free = free.filter(isNear)
      case "socket": free = free.filter(isOnSocket)
      case "preferred": free = free.filter(isNear) + free.filter { !isNear($0) }
      default: break
      }
    }
    return free.count < count ? nil : Array(free.prefix(count))
  }
}
