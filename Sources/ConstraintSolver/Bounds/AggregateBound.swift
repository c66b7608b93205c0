import ConstraintModel

/// A lower bound for packings of any size: bins of a class are one, and room is bought by the share.
///
/// Every class has prices for its dimensions, which are shares of a bin. However many items a bin takes, their shares
/// of a dimension add up to no more than one; so with prices that add up to what opening costs (or to more, at the
/// expense of `bins x excess`), an item costs at least what it costs in the cheapest class of its site. A bin holds one
/// item of a clique at most, which is a dimension as any other (`SpreadAscent`). What ties items by sites is priced by
/// `SitePricer`. It is the dual of a linear programme over classes; `climb` raises it.
///
/// BOUND: everything is computed in integers; shares and products are rounded down, excesses are exact.
final class AggregateBound {
  let scale = SafeBound.scale
  let siteCount: Int
  let itemCount: Int
  let sorts: ItemSorts
  /// The decision of each item, and the class of each candidate or -1.
  let decisions: [Int]
  let classOfCandidate: [Int32]
  private let constant: Int
  let table: ClassEntries
  let pricers: [SitePricer]
  /// The items of each component; then each item that has none by itself.
  let groups: [[Int]]

  var prices: ClassPrices
  private(set) var bound = Int.min
  private(set) var bestPrices: ClassPrices?
  var work = 0
  /// How often all prices have been looked at.
  var rounds = 0
  var isDone = false
  var ascent: AggregateAscent
  // Of the sorts that were priced last, at each site.
  let value: Buffer<Int>
  let cheapest: Buffer<Int32>

  /// Reads a model without keeping what only other bounds need; nil where it is no packing.
  static func read(_ model: ConstraintModel, objective: Objective) -> AggregateBound? {
    var table = ClassEntries()
    let packing = PackingReader.read(model, objective: objective) { made, bins in
      table.add(made, choices: made.choices, bins: bins, scale: SafeBound.scale)
    }
    guard let packing else {
      table.deallocate()
      return nil
    }
    return AggregateBound(packing, table)
  }

  convenience init(_ packing: HostPacking) {
    var table = ClassEntries()
    var members: [Int] = []
    for (item, kind) in packing.kindOf.enumerated() where kind == members.count { members.append(item) }
    for (number, made) in packing.classes.enumerated() {
      table.add(
        made, choices: members.map { made.choices[$0] }, bins: packing.bins[number].count,
        scale: SafeBound.scale)
    }
    self.init(packing, table)
  }

  private init(_ packing: HostPacking, _ gathered: consuming ClassEntries) {
    itemCount = packing.itemCount
    siteCount = packing.siteCount
    decisions = packing.decisions
    var classOfCandidate = Array(repeating: Int32(-1), count: (packing.candidateOfBin.max() ?? -1) + 1)
    for (number, bins) in packing.bins.enumerated() {
      for bin in bins { classOfCandidate[packing.candidateOfBin[bin]] = Int32(number) }
    }
    self.classOfCandidate = classOfCandidate
    constant = packing.constant
    pricers = SitePricer.all(packing, scale: SafeBound.scale)
    let alone = (0..<packing.itemCount).filter { packing.componentOf[$0] < 0 }
    groups = packing.components.map(\.items) + alone.map { [$0] }
    let kinds = (packing.kindOf.max() ?? -1) + 1
    gathered.finish(kindCount: kinds)
    table = gathered
    sorts = ItemSorts(packing, classCount: table.classes.count)
    prices = ClassPrices(table, cliqueCount: sorts.cliqueCount)
    ascent = AggregateAscent(table, prices, groupCount: groups.count, cliqueCount: sorts.cliqueCount)
    value = Buffer(repeating: 0, count: sorts.count * packing.siteCount)
    cheapest = Buffer(repeating: -1, count: sorts.count * packing.siteCount)
  }

  deinit {
    table.deallocate(); value.deallocate(); cheapest.deallocate()
  }

  /// What a sort costs at each site, and in which entry.
  func priceSort(_ sort: Int) {
    let base = sort * siteCount
    for place in base..<base + siteCount {
      value[place] = SitePricer.infinite
      cheapest[place] = -1
    }
    let leader = sorts.leaderOf[sort]
    if leader == sort {
      priceBundle(sort)
    } else if leader >= 0 {
      // It may be in another group, and then prices have moved since.
      priceSort(leader)
      follow(leader, sort)
    } else {
      let (classes, value, cheapest) = (table.classes, value, cheapest)
      forEachEntry(sort, at: prices) { index, number, paid in
        let total = table.entries[index].cost + paid
        let place = base + classes[number].site
        if total < value[place] {
          value[place] = total
          cheapest[place] = Int32(truncatingIfNeeded: index)
        }
      }
    }
  }

  /// The entries of a sort with their classes, and what is paid there for room and for spreading.
  @inline(__always)
  func forEachEntry(
    _ sort: Int, at prices: ClassPrices, _ body: (_ index: Int, _ number: Int, _ paid: Int) -> Void
  ) {
    let kind = sorts.kindOf[sort]
    let clique = sorts.cliqueOf[sort] * table.classes.count
    let (from, to) = (table.start[kind], table.start[kind + 1])
    let (entries, shares) = (table.entries, table.shares)
    prices.room.withUnsafeBufferPointer { room in
      prices.spread.withUnsafeBufferPointer { spread in
        table.classes.withUnsafeBufferPointer { classes in
          for index in from..<to {
            let entry = entries[index]
            let number = Int(entry.number)
            let made = classes[number]
            let own = shares.base + Int(entry.shares)
            var cost = 0
            for place in 0..<made.dimensions { cost &+= room[made.first &+ place] &* Int(own[place]) }
            body(index, number, (cost >> 15) + (clique >= 0 ? spread[clique + number] : 0))
          }
        }
      }
    }
    work += to - from
  }

  /// What all of a bundle cost together, in classes that take each of them.
  private func priceBundle(_ leader: Int) {
    let members = sorts.bundles[leader] ?? [leader]
    var sums: [Int: (count: Int, total: Int)] = [:]
    for member in members where member != leader {
      forEachEntry(member, at: prices) { index, number, paid in
        let sum = sums[number] ?? (0, 0)
        sums[number] = (sum.count + 1, sum.total + table.entries[index].cost + paid)
      }
    }
    forEachEntry(leader, at: prices) { index, number, paid in
      guard let sum = sums[number], sum.count == members.count - 1 else { return }
      let place = leader * siteCount + table.classes[number].site
      let total = table.entries[index].cost + paid + sum.total
      if total < value[place] {
        value[place] = total
        cheapest[place] = Int32(truncatingIfNeeded: index)
      }
    }
  }

  /// Nothing more, where the leader of its bundle goes.
  private func follow(_ leader: Int, _ sort: Int) {
    let kind = sorts.kindOf[sort]
    for index in table.start[kind]..<table.start[kind + 1] {
      let number = table.entries[index].number
      let site = table.classes[Int(number)].site
      let chosen = cheapest[leader * siteCount + site]
      guard chosen >= 0, table.entries[Int(chosen)].number == number else { continue }
      value[sort * siteCount + site] = 0
      cheapest[sort * siteCount + site] = Int32(truncatingIfNeeded: index)
    }
  }

  /// The least cost of a group whose sorts are priced, and the entries that have it; nil where there is no way.
  ///
  /// - Parameter use: is told each item and its entry.
  @inline(__always)
  func priceGroup(_ number: Int, use: (Int, Int) -> Void) -> Int? {
    let items = groups[number]
    if number >= pricers.count {
      let base = sorts.sortOf[items[0]] * siteCount
      var best = 0
      for site in 0..<siteCount where value[base + site] < value[base + best] { best = site }
      guard value[base + best] < SitePricer.infinite else { return nil }
      use(items[0], Int(cheapest[base + best]))
      return value[base + best]
    }
    let pricer = pricers[number]
    let before = pricer.steps
    let (sites, value, cheapest, sortOf) = (siteCount, value, cheapest, sorts.sortOf)
    let (cost, chosen) = pricer.solve(
      allowed: { cheapest[sortOf[$0] * sites + $1] >= 0 },
      price: { value[sortOf[$0] * sites + $1] }, most: Self.mostSteps)
    work += (pricer.steps - before) * 4 + items.count * sites / 2
    guard cost < SitePricer.infinite else { return nil }
    if !chosen.isEmpty {
      for (position, item) in items.enumerated() {
        use(item, Int(cheapest[sortOf[item] * sites + chosen[position]]))
      }
    }
    return cost
  }

  /// A search of sites that takes longer is cut short: what its chain costs is a bound, too.
  static let mostSteps = 2_000

  /// The bound of the prices in parts of a unit; nil where nothing fits together.
  func evaluate() -> Int? {
    var sum = constant * scale
    for (made, price) in zip(table.classes, prices.totals(table)) where price > made.opening {
      sum -= (price - made.opening) * made.bins
    }
    for sort in 0..<sorts.count { priceSort(sort) }
    for number in groups.indices {
      guard let cost = priceGroup(number, use: { _, _ in }) else { return nil }
      sum += cost
    }
    return sum
  }

  /// Remembers the bound of the prices where it is the best; true where it is.
  func note(_ found: Int) -> Bool {
    guard found > bound else { return false }
    bound = found
    bestPrices = prices
    return true
  }
}
