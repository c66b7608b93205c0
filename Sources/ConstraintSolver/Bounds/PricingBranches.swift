/// What a fractional node is split by.
extension BranchAndPrice {
  enum Choice {
    case open(group: Int, value: Double)
    case site(item: Int, site: Int)
    case bin(item: Int, number: Int)
    case pair(Int, Int)
  }

  struct Shares {
    var classes: [Double]
    var items: [Double]
    var sites: [Double]
    var pairs: [[Int]: Double] = [:]
    var isWhole = true
  }

  func shares(_ parts: [(content: Master.Content, value: Double)]) -> Shares {
    let classes = packing.classes.count
    var shares = Shares(
      classes: Array(repeating: 0, count: classes),
      items: Array(repeating: 0, count: packing.itemCount * classes),
      sites: Array(repeating: 0, count: packing.itemCount * packing.siteCount))
    for (content, value) in parts {
      if abs(value - value.rounded()) > 1e-3 { shares.isWhole = false }
      guard case .pattern(let number, let items) = content else { continue }
      shares.classes[number] += value
      for (place, item) in items.enumerated() {
        shares.items[item * classes + number] += value
        shares.sites[item * packing.siteCount + packing.classes[number].site] += value
        for other in items[..<place] { shares.pairs[[other, item], default: 0] += value }
      }
    }
    return shares
  }

  func branch(
    _ node: Node, _ value: Double, _ answer: SafeBound.Answer,
    _ parts: [(content: Master.Content, value: Double)], _ artificial: Double
  ) {
    var node = node
    if isPruned(node.bound) { return }
    let shares = shares(parts)
    if shares.isWhole && artificial < 1e-4 && !node.isProposed {
      // Where it is taken, the node has nothing better; else it comes again.
      propose(parts)
      node.isProposed = true
      open.append(node)
      return
    }
    safe.fix(&node.scope, node.multipliers, answer, upper: upper)
    if nodes == 1 { rootScope = node.scope }
    let choices = self.choices(shares, node)
    if choices.isEmpty {
      lost = min(lost, node.bound)
      return
    }
    var best: (score: Double, choice: Choice, up: Bool)?
    if choices.count == 1 {
      best = (0, choices[0], true)
    } else {
      master.simplex.save()
      for choice in choices.prefix(7) {
        if isOver { break }
        let down = probe(node, choice, up: false, value)
        let up = probe(node, choice, up: true, value)
        let score = max(down, 0.1) * max(up, 0.1)
        if best.map({ score > $0.score }) ?? true { best = (score, choice, up < down) }
      }
    }
    guard let best else {
      open.append(node)
      return
    }
    var first = child(node, best.choice, up: best.up)
    let second = child(node, best.choice, up: !best.up)
    open.append(second)
    let proven = lowerBound * SafeBound.scale
    if first.bound <= proven + ((upper - 1) * SafeBound.scale - proven) * 3 / 10 {
      first.depth = node.depth + 1
      current = first
    } else {
      open.append(first)
    }
  }

  func fraction(_ value: Double) -> Double {
    min(value - value.rounded(.down), value.rounded(.up) - value)
  }

  func choices(_ shares: Shares, _ node: Node) -> [Choice] {
    var openings: [(Double, Choice)] = []
    for (number, group) in safe.groups.enumerated() {
      let members = group.classes.filter { packing.classes[$0].opening > 0 }
      if members.isEmpty { continue }
      let sum = group.classes.reduce(0) { $0 + shares.classes[$1] }
      let part = fraction(sum)
      if part <= 0.02 { continue }
      let price = members.reduce(0) { $0 + packing.classes[$1].opening } / members.count
      openings.append((part * Double(price) + (group.isSingle ? 0 : 20), .open(group: number, value: sum)))
    }
    var sites: [(Double, Choice)] = []
    var bins: [(Double, Choice)] = []
    for item in 0..<packing.itemCount {
      if packing.componentOf[item] >= 0 {
        for site in 0..<packing.siteCount {
          let part = fraction(shares.sites[item * packing.siteCount + site])
          if part > 0.01 { sites.append((part * burden[item], .site(item: item, site: site))) }
        }
      }
      for number in packing.classes.indices {
        let part = fraction(shares.items[item * packing.classes.count + number])
        if part > 0.01 { bins.append((part * burden[item], .bin(item: item, number: number))) }
      }
    }
    func top(_ list: [(Double, Choice)], _ count: Int) -> [Choice] {
      list.enumerated().sorted {
        $0.element.0 != $1.element.0 ? $0.element.0 > $1.element.0 : $0.offset < $1.offset
      }
      .prefix(count).map(\.element.1)
    }
    var result = top(openings, 4) + top(sites, 4)
    result += top(bins, max(2, 8 - result.count))
    if !result.isEmpty { return result }
    var pairs: [(Double, Choice)] = []
    for (key, value) in shares.pairs.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      let part = fraction(value)
      if part > 0.01 { pairs.append((part * min(burden[key[0]], burden[key[1]]), .pair(key[0], key[1]))) }
    }
    return top(pairs, 4)
  }

  func child(_ node: Node, _ choice: Choice, up: Bool) -> Node {
    var child = node
    child.isProposed = false
    let classes = packing.classes.count
    switch choice {
    case .open(let group, let value):
      if up {
        child.scope.least[group] = max(child.scope.least[group], Int(value.rounded(.up)))
      } else {
        child.scope.most[group] = min(child.scope.most[group], Int(value.rounded(.down)))
      }
    case .site(let item, let site):
      for other in 0..<packing.siteCount where (other == site) != up {
        child.scope.isAtSite[item * packing.siteCount + other] = false
      }
    case .bin(let item, let number):
      for other in 0..<classes where (other == number) != up {
        child.scope.branch.isAllowed[item * classes + other] = false
      }
    case .pair(let a, let b):
      if up {
        let (x, y) = (child.scope.branch.bundles[a], child.scope.branch.bundles[b])
        for item in child.scope.branch.bundles.indices where child.scope.branch.bundles[item] == max(x, y) {
          child.scope.branch.bundles[item] = min(x, y)
        }
      } else {
        child.scope.branch.apart.append((a, b))
      }
    }
    safe.narrowSites(&child.scope)
    return child
  }

  /// How much the value of the master rises in a child, after a few pivots and without new columns.
  func probe(_ node: Node, _ choice: Choice, up: Bool, _ value: Double) -> Double {
    let child = child(node, choice, up: up)
    master.enter(child.scope)
    _ = master.simplex.makeFeasible(limit: 60)
    let rise = master.value + Double(packing.constant) - value
    master.simplex.restore()
    return min(500, max(0, rise))
  }
}
