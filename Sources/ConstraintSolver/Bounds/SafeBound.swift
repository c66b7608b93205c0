/// Which bins of which classes are used how often, as far as a branch says.
struct OpeningGroup {
  var classes: [Int]
  /// A class by itself: what it has at most is its number of bins.
  var isSingle: Bool
}

/// Prices of the coupling rows: what an item brings to the bin that takes it at a site, and what using bins of a
/// group earns (or costs).
struct Multipliers {
  /// By coupling row; never negative.
  var rewards: [Int]
  /// By group, for its lower limit (never negative) and its upper limit (never positive).
  var atLeast: [Int]
  var atMost: [Int]
}

/// The Lagrangian bound of a packing under a branch, computed in integers from integer multipliers.
///
/// It holds for whatever multipliers: nothing that found them need be trusted, and the search has no part in it.
final class SafeBound {
  /// Multipliers count these parts of a unit of cost.
  static let scale = 1000

  let packing: HostPacking
  let groups: [OpeningGroup]
  /// The coupling row of an item at a site (`item * siteCount + site`), or -1; items without ties have one row.
  let rowOf: [Int]
  let rowCount: Int
  private let patterns: PatternPricer
  private let sites: [SitePricer]

  init(_ packing: HostPacking) {
    self.packing = packing
    var rowOf = [Int](repeating: -1, count: packing.itemCount * packing.siteCount)
    var rows = 0
    for item in 0..<packing.itemCount {
      if packing.componentOf[item] < 0 {
        for site in 0..<packing.siteCount { rowOf[item * packing.siteCount + site] = rows }
        rows += 1
        continue
      }
      for site in 0..<packing.siteCount
      where packing.classes.contains(where: { $0.site == site && $0.choices[item] != nil }) {
        rowOf[item * packing.siteCount + site] = rows
        rows += 1
      }
    }
    self.rowOf = rowOf
    rowCount = rows
    var groups = packing.classes.indices.map { OpeningGroup(classes: [$0], isSingle: true) }
    let priced = packing.classes.indices.filter { packing.classes[$0].opening > 0 }
    for site in 0..<packing.siteCount {
      let members = priced.filter { packing.classes[$0].site == site }
      if members.count > 1 { groups.append(OpeningGroup(classes: members, isSingle: false)) }
    }
    if packing.siteCount > 1 && priced.count > 1 {
      groups.append(OpeningGroup(classes: priced, isSingle: false))
    }
    self.groups = groups
    patterns = PatternPricer(packing)
    sites = SitePricer.all(packing, scale: Self.scale)
  }

  var steps: Int { patterns.steps + sites.reduce(0) { $0 + $1.steps } }

  /// What a branch leaves of the packing.
  struct Scope {
    var branch: Branch
    /// At `item * siteCount + site`.
    var isAtSite: [Bool]
    /// By group.
    var least: [Int]
    var most: [Int]
  }

  struct Answer {
    /// No solution in scope costs less, in parts of a unit; nil where there is none.
    var bound: Int?
    /// The best reduced cost of a bin of each class where below 0, else 0; of any bin where some must be used.
    var classCosts: [Int] = []
    var openings: [Int] = []
    var componentCosts: [Int] = []
    /// Patterns and sites that the multipliers show to be of use.
    var patterns: [(number: Int, items: [Int])] = []
    var sites: [(component: Int, sites: [Int])] = []
  }

  func wholeScope() -> Scope {
    let classes = packing.classes.count
    var branch = Branch(
      isAllowed: Array(repeating: false, count: packing.itemCount * classes), bundles: packing.bundles,
      closed: Array(repeating: -1, count: packing.itemCount))
    var isAtSite = [Bool](repeating: false, count: packing.itemCount * packing.siteCount)
    for (number, made) in packing.classes.enumerated() {
      for item in 0..<packing.itemCount where made.choices[item] != nil {
        branch.isAllowed[item * classes + number] = true
        isAtSite[item * packing.siteCount + made.site] = true
      }
    }
    return Scope(
      branch: branch, isAtSite: isAtSite, least: Array(repeating: 0, count: groups.count),
      most: groups.map { $0.classes.reduce(0) { $0 + packing.bins[$1].count } })
  }

  /// What an item costs at a site where it pays for the share of a bin that it takes.
  func firstGuess() -> Multipliers {
    var rewards = [Int](repeating: Int.max, count: rowCount)
    for made in packing.classes {
      for (item, choice) in made.choices.enumerated() {
        guard let choice, let way = choice.ways.first else { continue }
        var share = 0
        for (row, weight) in way.enumerated() where made.limits[row] > 0 {
          share = max(share, weight * Self.scale / made.limits[row])
        }
        let row = rowOf[item * packing.siteCount + made.site]
        rewards[row] = min(rewards[row], max(0, choice.cost * Self.scale + share * made.opening))
      }
    }
    return Multipliers(
      rewards: rewards.map { $0 == .max ? 0 : $0 }, atLeast: groups.map { _ in 0 },
      atMost: groups.map { _ in 0 })
  }

  private func openingsLessRewards(_ multipliers: Multipliers) -> [Int] {
    var openings = packing.classes.map { $0.opening * Self.scale }
    for (number, group) in groups.enumerated() {
      let reward = multipliers.atLeast[number] + (group.isSingle ? 0 : multipliers.atMost[number])
      if reward != 0 { for member in group.classes { openings[member] -= reward } }
    }
    return openings
  }

  /// - Parameter record: patterns of a class with reduced cost below this are wanted.
  func evaluate(
    _ multipliers: Multipliers, _ scope: Scope, record: (Int) -> Int, effort: Int = 3_000_000
  ) -> Answer {
    var answer = Answer()
    var bound = packing.constant * Self.scale
    answer.openings = openingsLessRewards(multipliers)
    for (number, group) in groups.enumerated() {
      bound += multipliers.atLeast[number] * scope.least[number]
      if !group.isSingle { bound += multipliers.atMost[number] * scope.most[number] }
    }
    for (number, made) in packing.classes.enumerated() {
      let opening = answer.openings[number]
      let single = number
      let mustUse = scope.least[single] > 0
      let wanted = opening - record(number)
      let result = patterns.price(
        number,
        worth: { multipliers.rewards[self.rowOf[$0 * self.packing.siteCount + made.site]] },
        scale: Self.scale, branch: scope.branch, floor: mustUse ? 0 : max(0, opening), record: max(0, wanted),
        limit: effort)
      let cost = opening - result.best
      answer.classCosts.append(mustUse ? cost : min(0, cost))
      bound += cost < 0 ? cost * scope.most[single] : mustUse ? cost * scope.least[single] : 0
      for pattern in result.patterns { answer.patterns.append((number, pattern)) }
    }
    for item in 0..<packing.itemCount where packing.componentOf[item] < 0 {
      bound += multipliers.rewards[rowOf[item * packing.siteCount]]
    }
    for (number, pricer) in sites.enumerated() {
      let (cost, best) = pricer.solve(
        allowed: { scope.isAtSite[$0 * self.packing.siteCount + $1] },
        price: { multipliers.rewards[self.rowOf[$0 * self.packing.siteCount + $1]] })
      if cost >= SitePricer.infinite { return answer }
      answer.componentCosts.append(cost)
      bound += cost
      if !best.isEmpty { answer.sites.append((number, best)) }
    }
    answer.bound = bound
    return answer
  }

  /// Takes from the scope what no solution below `upper` has, given the multipliers and their answer.
  func fix(_ scope: inout Scope, _ multipliers: Multipliers, _ answer: Answer, upper: Int) {
    guard let bound = answer.bound else { return }
    let slack = (upper - 1) * Self.scale - bound
    let siteCount = packing.siteCount
    let classes = packing.classes.count
    var excess = [Int](repeating: 0, count: packing.itemCount * siteCount)
    for item in 0..<packing.itemCount {
      let component = packing.componentOf[item]
      if component < 0 { continue }
      let own = (0..<siteCount).filter { scope.isAtSite[item * siteCount + $0] }
      if own.count < 2 { continue }
      for site in own {
        let (cost, _) = sites[component].solve(
          allowed: { scope.isAtSite[$0 * siteCount + $1] },
          price: { multipliers.rewards[self.rowOf[$0 * siteCount + $1]] }, forced: (item, site))
        excess[item * siteCount + site] = min(cost - answer.componentCosts[component], 1 << 55)
      }
    }
    for item in 0..<packing.itemCount {
      for site in 0..<siteCount where excess[item * siteCount + site] > slack {
        scope.isAtSite[item * siteCount + site] = false
      }
    }
    for (number, made) in packing.classes.enumerated() {
      var kept = [Bool](repeating: false, count: packing.itemCount)
      let base = answer.openings[number] - answer.classCosts[number] - slack
      patterns.reachable(
        number, worth: { multipliers.rewards[self.rowOf[$0 * siteCount + made.site]] }, scale: Self.scale,
        branch: scope.branch, need: { base + excess[$0 * siteCount + made.site] }, limit: 100_000,
        keep: { kept[$0] = true })
      for item in 0..<packing.itemCount where !kept[item] || !scope.isAtSite[item * siteCount + made.site] {
        scope.branch.isAllowed[item * classes + number] = false
      }
    }
    narrowSites(&scope)
  }

  /// An item is at a site only where a class of the site takes it.
  func narrowSites(_ scope: inout Scope) {
    let classes = packing.classes.count
    let siteCount = packing.siteCount
    for item in 0..<packing.itemCount {
      for site in 0..<siteCount where scope.isAtSite[item * siteCount + site] {
        let isThere = packing.classes.indices.contains {
          packing.classes[$0].site == site && scope.branch.isAllowed[item * classes + $0]
        }
        if !isThere { scope.isAtSite[item * siteCount + site] = false }
      }
      for number in 0..<classes where !scope.isAtSite[item * siteCount + packing.classes[number].site] {
        scope.branch.isAllowed[item * classes + number] = false
      }
    }
  }

  func cost(ofComponent number: Int, at sitesOf: [Int]) -> Int { sites[number].cost(of: sitesOf) }
}
