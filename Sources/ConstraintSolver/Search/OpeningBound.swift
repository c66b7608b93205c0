/// A lower bound of an objective that pays for opening bins: the Lagrangian dual of "every item is somewhere".
///
/// Whatever the rewards `π[item]`, every placement costs at least
/// `Σ_item π + Σ_bin min(0, cost - K)`, where K bounds what the bin could collect of `π - score` by the items
/// that fit in it together: for each resource a knapsack filled in order of reward by weight, its last item in
/// part; the least over the resources counts. Equal bins are computed once. Rewards are found by subgradient in
/// floating point and rounded; the bound itself is computed in integers, so that rounding cannot make it false.
struct OpeningBound {
  /// Rewards and costs are counted in these parts of a unit.
  private static let scale = 100

  /// Bins with the same cost, room, items and scores.
  private struct BinClass: Hashable {
    var cost: Int
    /// Room for each resource; -1 is no limit.
    var room: [Int]
    var items: [Int]
    var scores: [Int]
  }
  private var classes: [BinClass] = []
  private var sizes: [Int] = []
  /// Weight of item i for resource r at `i * resources + r`.
  private var weights: [Int] = []
  private var resources = 0
  private var itemCount = 0
  /// The decision of each item.
  private(set) var decisions: [Int] = []
  /// The least score of an item outside all bins, where it may stay there.
  private var outside: [Int?] = []
  /// What the rest of the objective costs at least.
  private var rest = 0

  var isEmpty: Bool { itemCount == 0 || resources == 0 }

  /// - Parameter lower: the least sum of the objective term by term, at level 0.
  init(_ kernel: borrowing Kernel, lower: Int) {
    guard kernel.openings.count > 0 else { return }
    let opening = kernel.openings[0]
    var numberOf: [Int: Int] = [:]
    var scores = [[Int: Int]](repeating: [:], count: opening.binCount)
    rest = lower
    for decision in 0..<kernel.domains.count {
      let guide = kernel.guides[decision]
      guard guide.openingCount > 0, kernel.openings[guide.openings].column == opening.column else {
        continue
      }
      let item = itemCount
      var least = Int.max
      outside.append(nil)
      for candidate in kernel.candidates(decision) {
        let score = guide.scores >= 0 ? kernel.columnValues[guide.scores + Int(candidate)] : 0
        let bin = kernel.columnValues[opening.column + Int(candidate)]
        least = min(least, score)
        if bin >= 0 && bin < opening.binCount {
          scores[bin][item] = min(score, scores[bin][item] ?? .max)
        } else {
          outside[item] = min(score, outside[item] ?? .max)
        }
      }
      rest -= least
      numberOf[decision] = item
      decisions.append(decision)
      itemCount += 1
    }
    let rooms = collectResources(kernel, opening, numberOf)
    var numberOfClass: [BinClass: Int] = [:]
    for bin in 0..<opening.binCount where !scores[bin].isEmpty {
      let price = kernel.openingBins[opening.bins + bin]
      let members = scores[bin].keys.sorted()
      // A bin that is open already is paid for in `lower`.
      let made = BinClass(
        cost: kernel.isTrue(price.literal) ? 0 : price.cost, room: rooms.map { $0[bin] },
        items: members, scores: members.map { scores[bin][$0] ?? 0 })
      if let known = numberOfClass[made] {
        sizes[known] += 1
      } else {
        numberOfClass[made] = classes.count
        classes.append(made)
        sizes.append(1)
      }
    }
  }

  /// The loads that see the items' bins through the same column are the resources; for each the room of bins.
  private mutating func collectResources(
    _ kernel: borrowing Kernel, _ opening: Opening, _ numberOf: [Int: Int]
  ) -> [[Int]] {
    var rooms: [[Int]] = []
    var columns: [[Int]] = []
    for index in 0..<kernel.loads.count {
      let load = kernel.loads[index]
      guard load.binCount == opening.binCount else { continue }
      var room = [Int](repeating: -1, count: load.binCount)
      for bin in 0..<load.binCount {
        var next = Int(kernel.bins[load.bins + bin].firstCapacity)
        while next >= 0 {
          let capacity = kernel.capacities[next]
          if kernel.isTrue(capacity.enforcement) {
            let limit = max(capacity.limit, 0)
            room[bin] = room[bin] < 0 ? limit : min(room[bin], limit)
          }
          next = Int(capacity.next)
        }
      }
      var column = [Int](repeating: 0, count: itemCount)
      for place in load.items..<load.items + load.itemCount {
        let item = kernel.items[place]
        guard item.column == opening.column, let number = numberOf[Int(item.decision)] else { continue }
        column[number] += item.weight
      }
      guard room.contains(where: { $0 >= 0 }), column.contains(where: { $0 > 0 }) else { continue }
      rooms.append(room)
      columns.append(column)
    }
    resources = columns.count
    for item in 0..<itemCount { for column in columns { weights.append(column[item]) } }
    return rooms
  }

  /// The best bound found within about so many elementary steps.
  func bound(upper: Int, effort: Int) -> Int { price(upper: upper, effort: effort).bound }

  /// The best bound found within about so many elementary steps, and what it rewards each item with, in
  /// thousandths.
  func price(upper: Int, effort: Int) -> (bound: Int, rewards: [Int]) {
    let edges = classes.reduce(1) { $0 + $1.items.count * resources * 8 }
    var rewards = startingRewards()
    var bestRewards = rewards
    var best = Int.min
    var pace = 1.0
    var stale = 0
    var slope = [Double](repeating: 0, count: itemCount)
    for _ in 0..<min(3000, max(1, effort / edges)) {
      let value = evaluate(rewards.map { Int($0) }, &slope)
      if value > best {
        best = value
        bestRewards = rewards
        stale = 0
      } else {
        stale += 1
        if stale >= 15 {
          stale = 0
          pace /= 1.6
          if pace < 0.002 { break }
          rewards = bestRewards
          continue
        }
      }
      let norm = slope.reduce(0) { $0 + $1 * $1 }
      if norm < 1e-9 { break }
      let step = pace * Double(max(upper * Self.scale - value, Self.scale)) / norm
      for item in rewards.indices { rewards[item] += step * slope[item] }
    }
    // Rounded up: the objective is an integer.
    let quotient = best / Self.scale
    let bound = best % Self.scale > 0 ? quotient + 1 : quotient
    return (bound, bestRewards.map { Int($0 * 1000 / Double(Self.scale)) })
  }

  /// What an item costs where it pays for the share of the bin that it takes.
  private func startingRewards() -> [Double] {
    var rewards = outside.map { $0.map { Double($0 * Self.scale) } ?? Double.infinity }
    for bin in classes {
      for (item, score) in zip(bin.items, bin.scores) {
        var share = 0.0
        for resource in 0..<resources where bin.room[resource] > 0 {
          let weight = weights[item * resources + resource]
          share = max(share, Double(weight) / Double(bin.room[resource]))
        }
        rewards[item] = min(rewards[item], Double(Self.scale) * (Double(score) + share * Double(bin.cost)))
      }
    }
    return rewards.map { $0.isFinite ? $0 : 0 }
  }

  /// The value of the dual in integers, and its slope: how far each item is from being in one bin.
  private func evaluate(_ rewards: [Int], _ slope: inout [Double]) -> Int {
    var value = rest * Self.scale
    for item in 0..<itemCount {
      value += rewards[item]
      slope[item] = 1
      if let score = outside[item], score * Self.scale < rewards[item] {
        value += score * Self.scale - rewards[item]
        slope[item] -= 1
      }
    }
    var gains: [(item: Int, gain: Int)] = []
    var order: [(ratio: Double, place: Int)] = []
    for (number, bin) in classes.enumerated() {
      gains.removeAll(keepingCapacity: true)
      var most = 0
      for (place, item) in bin.items.enumerated() {
        let gain = rewards[item] - bin.scores[place] * Self.scale
        guard gain > 0 else { continue }
        gains.append((item, gain))
        most += gain
      }
      let cost = bin.cost * Self.scale
      if most <= cost { continue }
      var least = most
      var tightest = -1
      for resource in 0..<resources where bin.room[resource] >= 0 {
        sort(gains, by: resource, into: &order)
        let sum = fill(gains, order, resource, bin.room[resource]) { _, _ in }
        if sum < least {
          least = sum
          tightest = resource
          if least <= cost { break }
        }
      }
      guard least > cost else { continue }
      let size = sizes[number]
      value += size * (cost - least)
      if tightest < 0 {
        for (item, _) in gains { slope[item] -= Double(size) }
      } else {
        sort(gains, by: tightest, into: &order)
        _ = fill(gains, order, tightest, bin.room[tightest]) { slope[$0] -= $1 * Double(size) }
      }
    }
    return value
  }

  private func sort(
    _ gains: [(item: Int, gain: Int)], by resource: Int, into order: inout [(ratio: Double, place: Int)]
  ) {
    order.removeAll(keepingCapacity: true)
    for (place, entry) in gains.enumerated() {
      let weight = weights[entry.item * resources + resource]
      order.append((weight == 0 ? .infinity : Double(entry.gain) / Double(weight), place))
    }
    order.sort { $0.ratio != $1.ratio ? $0.ratio > $1.ratio : $0.place < $1.place }
  }

  /// Fills a knapsack in this order, the last item in part and rounded up; `take` is told item and share.
  ///
  /// BOUND: ratios that differ by less than rounding shows may be in the wrong order; what that costs is far
  /// below the one part that is added wherever an item is left out.
  private func fill(
    _ gains: [(item: Int, gain: Int)], _ order: [(ratio: Double, place: Int)], _ resource: Int, _ room: Int,
    take: (Int, Double) -> Void
  ) -> Int {
    var room = room
    var sum = 0
    for (_, place) in order {
      let (item, gain) = gains[place]
      let weight = weights[item * resources + resource]
      if weight <= room {
        room -= weight
        sum += gain
        take(item, 1)
        continue
      }
      if room > 0 {
        let (high, low) = gain.multipliedFullWidth(by: room)
        let (part, left) = weight.dividingFullWidth((high, low))
        sum += part + (left > 0 ? 1 : 0)
        take(item, Double(room) / Double(weight))
      }
      sum += 1
      break
    }
    return sum
  }
}
