/// Items that are confined to a set of bins must fit there together.
///
/// A redundant check over the capacities of one load: a flow from items to the bins they may still enter. Where
/// it cannot carry all, the cut is a set of items confined to a set of bins that is too small for them, which
/// is the explanation. It finds by counting what a search would have to enumerate.
struct HallCheck: BitwiseCopyable {
  var load: Int
  /// All weights are one: cheap and strong enough to run during search.
  var isUnit: Bool
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

  /// The checks that are too dear to run at every change.
  mutating func scheduleAllHalls() {
    for owner in 0..<halls.count { scheduleHall(owner) }
  }

  mutating func propagateHall(_ owner: Int) -> Bool {
    let hall = halls[owner]
    let load = loads[hall.load]
    if hall.isUnit && areAllWide(load) { return true }
    if !checkFlow(load, unit: hall.isUnit ? 1 : 0) { return false }
    if hall.isUnit { return true }
    // An item heavier than half a bin fills it: count items of at least some weight, bins by how many fit.
    var weights: [Int] = []
    for index in load.items..<load.items + load.itemCount { weights.append(items[index].weight) }
    for weight in Set(weights).sorted(by: >).prefix(6) where !checkFlow(load, unit: weight) {
      return false
    }
    return true
  }

  /// With as many choices as there are items no unit check can fail.
  private func areAllWide(_ load: LoadState) -> Bool {
    for index in load.items..<load.items + load.itemCount {
      if domains[Int(items[index].decision)].size < load.itemCount { return false }
    }
    return true
  }

  /// - Parameter unit: 0 for weights as they are; else only items of at least this weight count, as one each.
  private mutating func checkFlow(_ load: LoadState, unit: Int) -> Bool {
    var flow = Flow(binCount: load.binCount)
    for bin in 0..<load.binCount {
      guard let (limit, _) = tightestCapacity(load.bins + bin) else { continue }
      flow.limits[bin] = unit > 0 ? max(limit, 0) / unit : max(limit, 0)
    }
    var members: [Int] = []
    for index in load.items..<load.items + load.itemCount {
      let item = items[index]
      guard item.weight >= max(unit, 1) else { continue }
      if let reached = reachedBins(item, flow.limits) {
        flow.add(supply: unit > 0 ? 1 : item.weight, bins: reached)
        members.append(index)
      }
    }
    work &+= flow.edgeCount
    guard let cut = flow.cut() else { return true }
    work &+= flow.steps

    let start = explanation.count
    for bin in 0..<load.binCount where cut.bins[bin] {
      guard let (_, capacity) = tightestCapacity(load.bins + bin) else { continue }
      let enforcement = capacities[capacity].enforcement
      if variables[enforcement.variable].level > 0 { explanation.append(enforcement) }
    }
    for (place, index) in members.enumerated() where cut.items[place] {
      let item = items[index]
      let decision = Int(item.decision)
      loadLost(decision) { root, _ in root }
      for candidate in 0..<domains[decision].candidateCount {
        let bin = columnValues[item.column + candidate]
        if bin >= 0 && bin < load.binCount && cut.bins[bin] {
          lostWords[candidate >> 6] &= ~(1 << UInt64(candidate & 63))
        }
      }
      explainLost(decision, before: trail.count)
    }
    takeConflict(from: start)
    if isChecking { checkConflict() }
    return false
  }

  private func tightestCapacity(_ bin: Int) -> (limit: Int, capacity: Int)? {
    var best: (limit: Int, capacity: Int)?
    var index = Int(bins[bin].firstCapacity)
    while index >= 0 {
      let capacity = capacities[index]
      if isTrue(capacity.enforcement), capacity.limit < best?.limit ?? .max {
        best = (capacity.limit, index)
      }
      index = Int(capacity.next)
    }
    return best
  }

  /// The bins that the item may still enter; nil where it may stay out or enter one without a limit.
  private func reachedBins(_ item: ItemState, _ limits: [Int]) -> [Int]? {
    let decision = Int(item.decision)
    let domain = domains[decision]
    var reached: [Int] = []
    var isReached = [Bool](repeating: false, count: limits.count)
    for word in 0..<domain.wordCount {
      var bits = domainWords[domain.words + word]
      while bits != 0 {
        let candidate = word << 6 + bits.trailingZeroBitCount
        bits &= bits - 1
        let bin = columnValues[item.column + candidate]
        if bin < 0 || bin >= limits.count || limits[bin] < 0 { return nil }
        if isReached[bin] { continue }
        isReached[bin] = true
        reached.append(bin)
      }
    }
    return reached
  }
}

/// A flow of supplies into bins by augmenting paths.
private struct Flow {
  /// What each bin takes; -1 is no limit.
  var limits: [Int]
  private(set) var edgeCount = 0
  private(set) var steps = 0
  private var supplies: [Int] = []
  private var edges: [[(bin: Int, flow: Int)]] = []

  init(binCount: Int) { limits = Array(repeating: -1, count: binCount) }

  mutating func add(supply: Int, bins: [Int]) {
    supplies.append(supply)
    edges.append(bins.map { ($0, 0) })
    edgeCount += bins.count
  }

  struct Cut {
    var items: [Bool]
    var bins: [Bool]
  }

  /// Nil where everything can be carried; else what the first item that cannot may reach.
  mutating func cut() -> Cut? {
    var room = limits
    var inside = [[Int]](repeating: [], count: limits.count)
    for item in supplies.indices {
      var rest = supplies[item]
      for place in edges[item].indices where rest > 0 {
        let bin = edges[item][place].bin
        let amount = min(rest, room[bin])
        if amount <= 0 { continue }
        room[bin] -= amount
        rest -= amount
        if edges[item][place].flow == 0 { inside[bin].append(item) }
        edges[item][place].flow += amount
      }
      while rest > 0 {
        if let cut = augment(item, &rest, &room, &inside) { return cut }
      }
    }
    return nil
  }

  private mutating func augment(
    _ source: Int, _ rest: inout Int, _ room: inout [Int], _ inside: inout [[Int]]
  ) -> Cut? {
    var cut = Cut(
      items: Array(repeating: false, count: supplies.count),
      bins: Array(repeating: false, count: limits.count))
    // The item that reached a bin, and the bin that an item was reached through.
    var byItem = [Int](repeating: -1, count: limits.count)
    var byBin = [Int](repeating: -1, count: supplies.count)
    var queue = [source]
    cut.items[source] = true
    var head = 0
    while head < queue.count {
      let item = queue[head]
      head += 1
      for edge in edges[item] where !cut.bins[edge.bin] {
        steps += 1
        cut.bins[edge.bin] = true
        byItem[edge.bin] = item
        if room[edge.bin] > 0 {
          push(source, edge.bin, &rest, &room, &inside, byItem, byBin)
          return nil
        }
        for other in inside[edge.bin] where !cut.items[other] && flow(other, edge.bin) > 0 {
          cut.items[other] = true
          byBin[other] = edge.bin
          queue.append(other)
        }
      }
    }
    return cut
  }

  private func flow(_ item: Int, _ bin: Int) -> Int {
    edges[item].first { $0.bin == bin }?.flow ?? 0
  }

  private mutating func change(_ item: Int, _ bin: Int, _ amount: Int, _ inside: inout [[Int]]) {
    guard let place = edges[item].firstIndex(where: { $0.bin == bin }) else { return }
    if edges[item][place].flow == 0 && !inside[bin].contains(item) { inside[bin].append(item) }
    edges[item][place].flow += amount
  }

  private mutating func push(
    _ source: Int, _ last: Int, _ rest: inout Int, _ room: inout [Int], _ inside: inout [[Int]],
    _ byItem: [Int], _ byBin: [Int]
  ) {
    var amount = min(rest, room[last])
    var bin = last
    while byItem[bin] != source {
      let item = byItem[bin]
      amount = min(amount, flow(item, byBin[item]))
      bin = byBin[item]
    }
    room[last] -= amount
    rest -= amount
    bin = last
    while true {
      let item = byItem[bin]
      change(item, bin, amount, &inside)
      if item == source { break }
      bin = byBin[item]
      change(item, bin, -amount, &inside)
    }
  }
}
