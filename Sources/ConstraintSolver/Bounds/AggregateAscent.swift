/// Raises a bound from classes: an incremental subgradient method with a proximal step (Bertsekas 2011).
///
/// The bound is a sum over components, and each of them knows by itself which prices it would have higher: so prices
/// move after a few components, not after all of them. What a class's excess costs is not a slope but is solved for:
/// prices of a class are brought back to what opening costs, unless more than all its bins are wanted. The mean of the
/// prices on the way is better than any of them.
struct AggregateAscent {
  private var point: [Double]
  private var mean: [Double]
  fileprivate var usage: [Double]
  private var sum: [Double]
  fileprivate var spreads: SpreadAscent
  private var steps = 0
  /// How far a price moves in one round where all bins of a class are wanted, in parts of a unit.
  private(set) var pace: Double
  private let slowest: Double
  fileprivate var order: [Int]
  private var stale = 0
  /// Beyond this no price goes, so that no product overflows.
  static let dearest = 1e11

  init(_ table: ClassEntries, _ prices: ClassPrices, groupCount: Int, cliqueCount: Int) {
    point = prices.room.map { Double($0) }
    mean = point
    usage = point.map { _ in 0 }
    sum = usage
    spreads = SpreadAscent(cliqueCount: cliqueCount, classCount: table.classes.count)
    let total = point.reduce(0, +)
    // Where opening costs nothing, room is worth what items save by it.
    var costs = 0.0
    for index in 0..<table.entries.count { costs += abs(Double(table.entries[index].cost)) }
    pace = max(10, 10 * total / Double(max(1, point.count)), costs / Double(max(1, table.entries.count)))
    slowest = pace / 3000
    order = Array(0..<groupCount)
    // Neighbours in the model want the same; mixed, each step is about all.
    var random = RandomBits(seed: 1)
    for index in order.indices.dropFirst() { order.swapAt(index, random.pick(index + 1)) }
  }

  /// Moves prices by what was used of them since the last step.
  ///
  /// - Parameter share: how much of all items it was.
  fileprivate mutating func step(
    _ table: ClassEntries, share: Double, into prices: inout ClassPrices
  ) {
    steps += 1
    for (number, made) in table.classes.enumerated() {
      let (from, to) = (made.first, made.first + made.dimensions)
      let rate = pace / Double(max(1, made.bins))
      var total = 0.0
      for place in from..<to {
        point[place] += rate * usage[place]
        usage[place] = 0
        total += point[place]
      }
      total += spreads.raise(number, rate: rate)
      var excess = total - Double(made.opening)
      if excess < 0 {
        for place in from..<to { point[place] -= excess / Double(to - from) }
      }
      var rest = pace * share
      while excess > 1e-9, rest > 0 {
        var positive = 0
        for place in from..<to where point[place] > 0 { positive += 1 }
        positive += spreads.positiveCount(number)
        if positive == 0 { break }
        let less = min(rest, excess / Double(positive))
        rest -= less
        var taken = 0.0
        for place in from..<to where point[place] > 0 {
          let next = max(0, point[place] - less)
          taken += point[place] - next
          point[place] = next
        }
        taken += spreads.lower(number, by: less)
        excess -= taken
        if taken < 1e-9 { break }
      }
      for place in from..<to {
        point[place] = min(point[place], Self.dearest)
        sum[place] += point[place]
        prices.room[place] = Int(point[place])
      }
      spreads.endStep(number, into: &prices.spread)
    }
  }

  /// The mean of some rounds, the last ones most.
  fileprivate mutating func endRound() {
    spreads.endRound(steps: steps)
    for place in mean.indices {
      mean[place] += 0.3 * (sum[place] / Double(max(1, steps)) - mean[place])
      sum[place] = 0
    }
    steps = 0
  }

  /// The mean as prices. Where they add up to less than opening costs, more is free.
  fileprivate func candidate(_ table: ClassEntries) -> ClassPrices {
    var prices = ClassPrices(room: mean.map { Int($0) }, spread: spreads.candidate())
    for (made, total) in zip(table.classes, prices.totals(table)) where made.dimensions > 0 {
      let lack = made.opening - total
      if lack <= 0 { continue }
      for place in made.first..<made.first + made.dimensions { prices.room[place] += lack / made.dimensions }
      prices.room[made.first] += lack % made.dimensions
    }
    return prices
  }

  /// Slower where what was won is little. False where it is no longer worth while.
  fileprivate mutating func slowDown(after gain: Int, towards gap: Int) -> Bool {
    stale = gain > gap / 100 ? 0 : stale + 1
    if stale > 0 { pace *= 0.8 }
    return pace > slowest
  }
}

extension AggregateBound {
  /// Works for about so much; `upper` is the cost of the best known solution.
  func run(work amount: Int, upper: Int, shouldStop: () -> Bool) {
    let end = work + amount
    while work < end, !isDone, !shouldStop() {
      for _ in 0..<3 {
        guard climb() else {
          isDone = true
          return
        }
      }
      let before = bound
      let running = prices
      prices = ascent.candidate(table)
      guard let found = evaluate() else {
        isDone = true
        return
      }
      _ = note(found)
      prices = running
      let gain = before == .min ? Int.max / 100 : bound - before
      if !ascent.slowDown(after: gain, towards: max(0, upper * scale - bound)) { isDone = true }
    }
  }

  /// Goes through all groups once, moving prices on the way; false where nothing fits together.
  private func climb() -> Bool {
    rounds += 1
    let batch = max(8, itemCount / 200)
    var taken = 0
    for (place, number) in ascent.order.enumerated() {
      for item in groups[number] { priceSort(sorts.sortOf[item]) }
      let cost = priceGroup(number) { item, index in
        let entry = table.entries[index]
        let made = table.classes[Int(entry.number)]
        for dimension in 0..<made.dimensions {
          ascent.usage[made.first + dimension] +=
            Double(table.shares[Int(entry.shares) + dimension]) / Double(ClassEntries.one)
        }
        let clique = sorts.cliqueOf[sorts.sortOf[item]]
        if clique >= 0 { ascent.spreads.use(clique, Int(entry.number)) }
      }
      if cost == nil { return false }
      taken += groups[number].count
      if taken >= batch || place + 1 == ascent.order.count {
        ascent.step(table, share: Double(taken) / Double(itemCount), into: &prices)
        work += table.dimensionCount / 4
        taken = 0
      }
    }
    ascent.endRound()
    return true
  }
}
