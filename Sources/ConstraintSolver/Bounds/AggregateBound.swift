/// A lower bound for packings of any size: bins of a class are one, and room is bought by the share.
///
/// Every class has prices for its dimensions, which are shares of a bin. However many items a bin takes, their shares
/// of a dimension add up to no more than one; so with prices that add up to what opening costs (or to more, at the
/// expense of `bins x excess`), an item costs at least what it costs in the cheapest class of its site. What ties
/// items by sites is priced exactly (`SitePricer`). It is the dual of a linear programme over classes, raised by
/// deflected subgradients (Camerini, Fratta and Maffioli 1975) in few numbers: dimensions x classes.
///
/// BOUND: everything is computed in integers; shares and products are rounded down, excesses are exact.
final class AggregateBound {
  static let one = 1 << 15
  /// Beyond this no price goes, so that no product overflows.
  static let dearest = 1e11

  let packing: HostPacking
  let scale = SafeBound.scale
  /// Where the dimensions of each class begin.
  private var first: [Int] = [0]
  /// For each class its items, what they cost there in parts of a unit, and where their shares begin.
  private struct Entry: BitwiseCopyable {
    var item: Int32
    var cost: Int
    var shares: Int
  }
  private var entryStart: [Int] = [0]
  private var entries = Buffer<Entry>()
  private var shares = Buffer<UInt16>()
  private let pricers: [SitePricer]

  /// In parts of a unit, for each dimension of each class.
  private(set) var prices: [Int] = []
  private var point: [Double] = []
  private var direction: [Double] = []
  private var bestPrices: [Int] = []
  private(set) var bound = Int.min
  /// Of the way to the best known solution, as far as the slope reaches.
  private var pace = 1.0
  private var stale = 0
  /// Steps are in shares of a class: prices of large classes do not move faster than those of small ones.
  private var binsOf: [Double] = []
  private(set) var work = 0
  private(set) var rounds = 0
  private(set) var isDone = false
  // Of one evaluation.
  private var value: [Int] = []
  private var cheapest: [Int32] = []

  init(_ packing: HostPacking) {
    self.packing = packing
    pricers = packing.components.map { SitePricer($0, sites: packing.siteCount, scale: SafeBound.scale) }
    var known: [ShareKey: Int] = [:]
    var prices: [Int] = []
    for (number, made) in packing.classes.enumerated() {
      let dimensions = Self.dimensions(made)
      // Classes with the same rows may see other items, and so other dimensions.
      let shape = [made.limits] + dimensions
      for (item, choice) in made.choices.enumerated() {
        guard let choice else { continue }
        let key = ShareKey(shape: shape, ways: choice.ways)
        let place: Int
        if let there = known[key] {
          place = there
        } else {
          place = shares.count
          known[key] = place
          for rows in dimensions { shares.append(Self.share(rows, choice.ways, made.limits)) }
        }
        entries.append(Entry(item: Int32(item), cost: choice.cost * scale, shares: place))
      }
      entryStart.append(entries.count)
      first.append(first[number] + dimensions.count)
      for _ in dimensions {
        prices.append(made.opening * scale / dimensions.count)
        binsOf.append(Double(packing.bins[number].count))
      }
    }
    self.prices = prices
    point = prices.map { Double($0) }
    direction = point.map { _ in 0 }
    bestPrices = prices
    value = Array(repeating: 0, count: packing.itemCount * packing.siteCount)
    cheapest = Array(repeating: -1, count: packing.itemCount * packing.siteCount)
  }

  deinit {
    entries.deallocate()
    shares.deallocate()
  }

  private struct ShareKey: Hashable {
    var shape: [[Int]]
    var ways: [[Int]]
  }

  /// The mean over some rows of what is taken of each, in the way that takes least.
  static func share(_ rows: [Int], _ ways: [[Int]], _ limits: [Int]) -> UInt16 {
    var least = Int.max
    for way in ways {
      var sum = 0
      for row in rows { sum += way[row] * one / limits[row] }
      least = min(least, sum / rows.count)
    }
    return UInt16(clamping: min(max(least, 0), one))
  }

  /// Rows one by one; those that are exchanged with each other together.
  static func dimensions(_ made: BinClass) -> [[Int]] {
    var rowsOf: [Int: [Int]] = [:]
    for (row, kind) in made.kinds.enumerated() where made.limits[row] > 0 {
      rowsOf[kind, default: []].append(row)
    }
    var dimensions: [[Int]] = []
    for kind in rowsOf.keys.sorted() {
      guard let rows = rowsOf[kind] else { continue }
      let isUsed = made.choices.contains { choice in
        choice?.ways.contains { way in rows.contains { way[$0] > 0 } } ?? false
      }
      if !isUsed { continue }
      if made.mirror.isEmpty { dimensions += rows.map { [$0] } } else { dimensions.append(rows) }
    }
    return dimensions
  }

  /// Works for about so much; `upper` is the cost of the best known solution.
  func run(work amount: Int, upper: Int, shouldStop: () -> Bool) {
    let end = work + amount
    while work < end, !isDone, !shouldStop() {
      for index in prices.indices { prices[index] = Int(point[index]) }
      guard let (bound, slope) = evaluate() else {
        isDone = true
        return
      }
      rounds += 1
      if bound > self.bound {
        if self.bound == .min || (bound - self.bound) * 1000 > upper * scale - bound { stale = 0 }
        self.bound = bound
        bestPrices = prices
      }
      stale += 1
      if stale > 50 {
        stale = 0
        pace /= 1.3
        point = bestPrices.map { Double($0) }
        for index in direction.indices { direction[index] = 0 }
        if pace < 0.003 { isDone = true }
      }
      var norm = 0.0
      for index in slope.indices {
        direction[index] = 0.7 * direction[index] + 0.3 * slope[index]
        norm += direction[index] * direction[index] / binsOf[index]
      }
      if norm < 1e-12 {
        isDone = true
        return
      }
      let target = max(upper * scale - self.bound, scale) + (self.bound - bound) / 2
      let step = pace * Double(target) / norm
      for index in point.indices {
        point[index] = min(max(0, point[index] + step * direction[index] / binsOf[index]), Self.dearest)
      }
    }
  }

  /// The bound of the prices in parts of a unit, and where it rises; nil where nothing fits together.
  private func evaluate() -> (bound: Int, slope: [Double])? {
    let sites = packing.siteCount
    for place in value.indices {
      value[place] = SitePricer.infinite
      cheapest[place] = -1
    }
    var bound = packing.constant * scale
    var slope = [Double](repeating: 0, count: prices.count)
    value.withUnsafeMutableBufferPointer { value in
      cheapest.withUnsafeMutableBufferPointer { cheapest in
        prices.withUnsafeBufferPointer { prices in
          for (number, made) in packing.classes.enumerated() {
            let (from, to) = (first[number], first[number + 1])
            var sum = 0
            for place in from..<to { sum += prices[place] }
            let excess = sum - made.opening * scale
            let bins = packing.bins[number].count
            if excess > 0 {
              bound -= excess * bins
              for place in from..<to { slope[place] -= Double(bins) }
            }
            let (site, count) = (made.site, to - from)
            for index in entryStart[number]..<entryStart[number + 1] {
              let entry = entries[index]
              let own = shares.base + entry.shares
              var cost = 0
              for place in 0..<count { cost &+= prices[from &+ place] &* Int(own[place]) }
              let total = entry.cost + (cost >> 15)
              let at = Int(entry.item) * sites + site
              if total < value[at] {
                value[at] = total
                cheapest[at] = Int32(truncatingIfNeeded: index)
              }
            }
          }
        }
      }
    }
    func use(_ item: Int, _ site: Int) {
      let index = Int(cheapest[item * sites + site])
      if index < 0 { return }
      let number = classNumber(of: index)
      let own = entries[index].shares
      let from = first[number]
      for place in from..<first[number + 1] {
        slope[place] += Double(shares[own + place - from]) / Double(Self.one)
      }
    }
    for item in 0..<packing.itemCount where packing.componentOf[item] < 0 {
      var best = 0
      for site in 1..<max(1, sites) where value[item * sites + site] < value[item * sites + best] {
        best = site
      }
      if value[item * sites + best] >= SitePricer.infinite { return nil }
      bound += value[item * sites + best]
      use(item, best)
    }
    var steps = 0
    for (number, pricer) in pricers.enumerated() {
      let before = pricer.steps
      let (cost, chosen) = pricer.solve(
        allowed: { self.cheapest[$0 * sites + $1] >= 0 }, price: { self.value[$0 * sites + $1] })
      steps += pricer.steps - before
      if cost >= SitePricer.infinite { return nil }
      bound += cost
      if chosen.isEmpty { continue }
      for (position, item) in packing.components[number].items.enumerated() { use(item, chosen[position]) }
    }
    work += shares.count / 64 + entries.count * 4 + steps * 4 + packing.itemCount * sites / 2
    return (bound, slope)
  }

  private func classNumber(of index: Int) -> Int {
    var (low, high) = (0, packing.classes.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if entryStart[middle + 1] > index { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
