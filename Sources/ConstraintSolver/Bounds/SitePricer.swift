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

  private var domains: [[Int]]
  private var prices: [[Int]]
  private var toGo: [Int]
  private var sitesOf: [Int]
  private var bestSites: [Int] = []
  private var filled: [Int]
  private var best = 0
  private var stepLimit = 0
  private var isCut = false

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
    domains = component.items.map { _ in [] }
    prices = component.items.map { _ in [Int](repeating: 0, count: sites) }
    toGo = [Int](repeating: 0, count: (component.items.count + 1) * sites)
    sitesOf = component.items.map { _ in 0 }
    filled = component.counts.map { _ in 0 }
  }

  /// The least cost and sites that have it; `infinite` where there is no way at all.
  ///
  /// - Parameter price: what an item pays for being at a site.
  func solve(
    allowed: (Int, Int) -> Bool, price: (Int, Int) -> Int, forced: (item: Int, site: Int)? = nil
  ) -> (cost: Int, sites: [Int]) {
    for (position, item) in component.items.enumerated() {
      domains[position].removeAll(keepingCapacity: true)
      for site in 0..<sites where allowed(item, site) {
        if let forced, forced.item == item, forced.site != site { continue }
        domains[position].append(site)
        prices[position][site] = price(item, site)
      }
      if domains[position].isEmpty { return (Self.infinite, []) }
    }
    fillToGo()
    for count in filled.indices { filled[count] = 0 }
    best = Self.infinite
    bestSites = []
    stepLimit = 2_000_000
    isCut = false
    search(0, 0)
    if isCut { return (min(best, toGo[0..<sites].min() ?? 0), bestSites) }
    return (best, bestSites)
  }

  private func chain(_ position: Int) -> [Int]? {
    earlier[position].first { $0.position == position - 1 }?.costs
  }

  private func fillToGo() {
    for place in toGo.indices { toGo[place] = 0 }
    for position in domains.indices.reversed() {
      let link = position > 0 ? chain(position) : nil
      for before in 0..<sites {
        var least = Self.infinite
        for site in domains[position] {
          var cost = prices[position][site] + toGo[(position + 1) * sites + site]
          if let link {
            let pair = link[site * sites + before]
            if pair >= SiteComponent.Pair.forbidden { continue }
            cost += pair * scale
          }
          least = min(least, cost)
        }
        toGo[position * sites + before] = min(least, Self.infinite)
      }
    }
  }

  private func search(_ position: Int, _ cost: Int) {
    steps += 1
    stepLimit -= 1
    if stepLimit < 0 { isCut = true }
    if isCut { return }
    if position == domains.count {
      if cost < best {
        best = cost
        bestSites = sitesOf
      }
      return
    }
    var order: [(cost: Int, site: Int, own: Int)] = []
    for site in domains[position] {
      guard let own = ownCost(position, site) else { continue }
      let bound = cost + own + toGo[(position + 1) * sites + site]
      if bound < best { order.append((bound, site, own)) }
    }
    order.sort { $0.cost != $1.cost ? $0.cost < $1.cost : $0.site < $1.site }
    for (bound, site, own) in order {
      if bound >= best { break }
      sitesOf[position] = site
      let bit: UInt64 = 1 << UInt64(site)
      for member in countsOf[position] where member.sites & bit != 0 { filled[member.count] += member.weight }
      search(position + 1, cost + own)
      for member in countsOf[position] where member.sites & bit != 0 { filled[member.count] -= member.weight }
    }
  }

  private func ownCost(_ position: Int, _ site: Int) -> Int? {
    var cost = prices[position][site]
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
