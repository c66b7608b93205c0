/// The cheapest sites for the items of a component, by depth-first search under a bound from chains.
///
/// BOUND: where the search is cut short the bound of the root is the answer, which ignores all but chains.
final class SitePricer {
  private let component: SiteComponent
  private let sites: Int
  private let scale: Int
  /// For each position its pairs with earlier positions, and counts that it is a member of.
  private let earlier: [[(position: Int, costs: [Int])]]
  private let countsOf: [[(count: Int, weight: Int, sites: UInt64)]]
  private(set) var steps = 0
  private(set) var isCut = false
  // Plain storage, made once: a component is priced thousands of times.
  private let domains: Buffer<Int32>
  private let domainCount: Buffer<Int>
  private let prices: Buffer<Int>
  private let toGo: Buffer<Int>
  private let sitesOf: Buffer<Int>
  private let filled: Buffer<Int>
  private let order: Buffer<Option>

  /// A site that an item could have: what all costs at least then, and what the item costs there.
  private struct Option: BitwiseCopyable {
    var cost = 0
    var site = 0
    var own = 0
  }

  /// Of one question.
  private struct Run {
    var best = SitePricer.infinite
    var bestSites: [Int] = []
    var steps = 0
    var limit: Int
    var isCut = false
  }

  static var infinite: Int { 1 << 60 }

  /// One for each component; equal tables share their storage.
  static func all(_ packing: HostPacking, scale: Int) -> [SitePricer] {
    var turned: [[Int]: [Int]] = [:]
    return packing.components.map {
      SitePricer($0, sites: packing.siteCount, scale: scale, turned: &turned)
    }
  }

  /// - Parameter turned: tables by what they were before rows and columns were exchanged.
  private init(_ component: SiteComponent, sites: Int, scale: Int, turned: inout [[Int]: [Int]]) {
    self.component = component
    self.sites = sites
    self.scale = scale
    var earlier: [[(position: Int, costs: [Int])]] = component.items.map { _ in [] }
    for pair in component.pairs {
      // Transposed: the later position's site first, so that a row is what the later one chooses from.
      var costs = turned[pair.costs] ?? []
      if costs.isEmpty {
        costs = [Int](repeating: 0, count: sites * sites)
        for x in 0..<sites { for y in 0..<sites { costs[y * sites + x] = pair.costs[x * sites + y] } }
        turned[pair.costs] = costs
      }
      earlier[pair.b].append((pair.a, costs))
    }
    self.earlier = earlier
    var countsOf: [[(count: Int, weight: Int, sites: UInt64)]] = component.items.map { _ in [] }
    for (number, count) in component.counts.enumerated() {
      for member in count.members { countsOf[member.position].append((number, member.weight, member.sites)) }
    }
    self.countsOf = countsOf
    let count = component.items.count
    domains = Buffer(repeating: 0, count: count * sites)
    domainCount = Buffer(repeating: 0, count: count)
    prices = Buffer(repeating: 0, count: count * sites)
    toGo = Buffer(repeating: 0, count: (count + 1) * sites)
    sitesOf = Buffer(repeating: 0, count: count)
    filled = Buffer(repeating: 0, count: component.counts.count)
    order = Buffer(repeating: Option(), count: count * sites)
  }

  deinit {
    domains.deallocate(); domainCount.deallocate(); prices.deallocate(); toGo.deallocate()
    sitesOf.deallocate(); filled.deallocate(); order.deallocate()
  }

  /// The least cost and sites that have it; `infinite` where there is no way at all.
  ///
  /// - Parameters:
  ///   - price: what an item pays for being at a site.
  ///   - most: steps after which the search is cut short.
  func solve(
    allowed: (Int, Int) -> Bool, price: (Int, Int) -> Int, forced: (item: Int, site: Int)? = nil,
    most: Int = 2_000_000
  ) -> (cost: Int, sites: [Int]) {
    for (position, item) in component.items.enumerated() {
      var count = 0
      for site in 0..<sites where allowed(item, site) {
        if let forced, forced.item == item, forced.site != site { continue }
        domains[position * sites + count] = Int32(site)
        count += 1
        prices[position * sites + site] = price(item, site)
      }
      domainCount[position] = count
      if count == 0 { return (Self.infinite, []) }
    }
    fillToGo()
    for count in 0..<filled.count { filled[count] = 0 }
    var run = Run(limit: most)
    search(0, 0, &run)
    steps += run.steps
    isCut = run.isCut
    if run.isCut { return (min(run.best, toGo[0]), run.bestSites) }
    return (run.best, run.bestSites)
  }

  private func chain(_ position: Int) -> [Int]? {
    earlier[position].first { $0.position == position - 1 }?.costs
  }

  /// What a position and those after it cost at least, for each site of the one before it that is in question.
  private func fillToGo() {
    for position in (0..<domainCount.count).reversed() {
      let (own, after) = (position * sites, (position + 1) * sites)
      let isLast = position + 1 == domainCount.count
      guard position > 0, let link = chain(position) else {
        var least = Self.infinite
        for place in own..<own + domainCount[position] {
          let site = Int(domains[place])
          least = min(least, prices[own + site] + (isLast ? 0 : toGo[after + site]))
        }
        for before in 0..<sites { toGo[own + before] = least }
        continue
      }
      link.withUnsafeBufferPointer { link in
        for number in 0..<domainCount[position - 1] {
          let before = Int(domains[own - sites + number])
          var least = Self.infinite
          for place in own..<own + domainCount[position] {
            let site = Int(domains[place])
            let pair = link[site * sites + before]
            if pair >= SiteComponent.Pair.forbidden { continue }
            least = min(least, prices[own + site] + (isLast ? 0 : toGo[after + site]) + pair * scale)
          }
          toGo[own + before] = least
        }
      }
    }
  }

  private func search(_ position: Int, _ cost: Int, _ run: inout Run) {
    run.steps += 1
    run.limit -= 1
    if run.limit < 0 { run.isCut = true }
    if run.isCut { return }
    let isLast = position + 1 == domainCount.count
    if position == domainCount.count {
      if cost < run.best {
        run.best = cost
        run.bestSites = sitesOf.array
      }
      return
    }
    let base = position * sites
    var count = 0
    for place in base..<base + domainCount[position] {
      let site = Int(domains[place])
      guard let own = ownCost(position, site) else { continue }
      let bound = cost + own + (isLast ? 0 : toGo[base + sites + site])
      if bound >= run.best { continue }
      // Few are left: each goes where it belongs among those before it.
      var slot = base + count
      while slot > base && order[slot - 1].cost > bound {
        order[slot] = order[slot - 1]
        slot -= 1
      }
      order[slot] = Option(cost: bound, site: site, own: own)
      count += 1
    }
    for place in base..<base + count {
      let option = order[place]
      if option.cost >= run.best { break }
      sitesOf[position] = option.site
      let bit: UInt64 = 1 << UInt64(option.site)
      for member in countsOf[position] where member.sites & bit != 0 { filled[member.count] += member.weight }
      search(position + 1, cost + option.own, &run)
      for member in countsOf[position] where member.sites & bit != 0 { filled[member.count] -= member.weight }
    }
  }

  private func ownCost(_ position: Int, _ site: Int) -> Int? {
    var cost = prices[position * sites + site]
    for (other, costs) in earlier[position] {
      let pair = costs[site * sites + sitesOf[other]]
      if pair >= SiteComponent.Pair.forbidden { return nil }
      cost += pair * scale
    }
    let bit: UInt64 = 1 << UInt64(site)
    for member in countsOf[position] where member.sites & bit != 0 {
      if filled[member.count] + member.weight > component.counts[member.count].limit { return nil }
    }
    return cost
  }

  /// What these sites cost by themselves.
  func cost(of sitesOf: [Int]) -> Int {
    var cost = 0
    for (position, pairs) in earlier.enumerated() {
      for (other, costs) in pairs { cost += costs[sitesOf[position] * sites + sitesOf[other]] }
    }
    return cost
  }
}
