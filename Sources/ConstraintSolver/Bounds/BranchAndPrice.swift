/// Branch and price over a packing: raises the bound of the whole, and proposes packings on the way.
///
/// INVARIANT: the bound is the least of what is open, and each was computed by `SafeBound`; floating point decides
/// where to look, never what is true.
final class BranchAndPrice {
  struct Node {
    var scope: SafeBound.Scope
    var multipliers: Multipliers
    /// In parts of a unit.
    var bound: Int
    var depth = 0
    /// What is whole was proposed, and the model did not take it.
    var isProposed = false
  }

  let packing: HostPacking
  private let safe: SafeBound
  /// Made when first needed: above `mostRows` it never is.
  private lazy var master = Master(safe, dear: Double(max(1000, firstUpper - packing.constant)))
  private let firstUpper: Int
  private var open: [Node] = []
  private var current: Node?
  /// The least bound of nodes that could be neither branched on nor answered.
  private var lost = Int.max
  private(set) var upper: Int
  /// Bins of items, to be tried by the kernel.
  private(set) var proposals: [[Int]] = []
  private(set) var nodes = 0
  private(set) var rounds = 0
  private(set) var rootBound = Int.min
  private(set) var isRootDone = false
  private var dives = 0
  private var nextDive = 1
  private let burden: [Double]
  private let shouldStop: () -> Bool
  private var isStopped = false
  private var ascent: Ascent
  /// Nothing more is to be had without branching, which is not done for so many rows.
  private(set) var isExhausted = false
  private var workLimit = Int.max
  /// What `fix` left at the root for solutions better than `upper`.
  private(set) var rootScope: SafeBound.Scope

  /// - Parameters:
  ///   - upper: the cost of the best known solution; only better ones are looked for.
  ///   - rewards: what decisions are worth by some other bound, in thousandths.
  init(
    _ packing: HostPacking, upper: Int, rewards: [Int: Int] = [:], shouldStop: @escaping () -> Bool
  ) {
    self.packing = packing
    self.upper = upper
    self.shouldStop = shouldStop
    safe = SafeBound(packing)
    firstUpper = upper
    rootScope = safe.wholeScope()
    burden = (0..<packing.itemCount).map { item in
      var sum = 0.0
      var count = 0.0
      for made in packing.classes {
        guard let choice = made.choices[item], let way = choice.ways.first else { continue }
        for (row, weight) in way.enumerated() where made.limits[row] > 0 {
          sum += Double(weight) / Double(made.limits[row])
        }
        count += 1
      }
      return count > 0 ? sum / count : 0
    }
    var first = safe.firstGuess()
    if packing.decisions.allSatisfy({ rewards[$0] != nil }) {
      for (item, decision) in packing.decisions.enumerated() {
        for site in 0..<packing.siteCount {
          let row = safe.rowOf[item * packing.siteCount + site]
          if row >= 0 { first.rewards[row] = max(0, rewards[decision] ?? 0) }
        }
      }
    }
    ascent = Ascent(first)
    open = [
      Node(
        scope: rootScope,
        multipliers: first, bound: Int.min)
    ]
  }

  /// In the units of the kernel, roughly.
  var work: Int { safe.steps + (isLarge ? 0 : master.simplex.work / 8) }
  /// Too many rows for a master.
  var isLarge: Bool { safe.rowCount > Self.mostRows }
  var isDone: Bool { open.isEmpty && current == nil }

  /// No solution costs less, unless one of `upper` or more does.
  var lowerBound: Int {
    var least = min(lost, upper == .max ? Int.max : upper * SafeBound.scale)
    for node in open { least = min(least, node.bound) }
    if let current { least = min(least, current.bound) }
    return least == .min ? .min : Self.roundedUp(max(least, rootBound))
  }

  private static func roundedUp(_ value: Int) -> Int {
    let quotient = value / SafeBound.scale
    return value % SafeBound.scale > 0 ? quotient + 1 : quotient
  }

  private func isPruned(_ bound: Int) -> Bool { Self.roundedUp(bound) >= upper }

  /// A solution: its columns help, and only better ones are of interest from now on.
  func note(bins: [Int], cost: Int) {
    upper = min(upper, cost)
    if isLarge { return }
    var items: [Int: [Int]] = [:]
    for (item, bin) in bins.enumerated() { items[bin, default: []].append(item) }
    var classOf: [Int: Int] = [:]
    for (number, members) in packing.bins.enumerated() { for bin in members { classOf[bin] = number } }
    var siteOf = [Int](repeating: 0, count: packing.itemCount)
    for bin in items.keys.sorted() {
      guard let number = classOf[bin], let members = items[bin] else { continue }
      for member in members { siteOf[member] = packing.classes[number].site }
      if members.allSatisfy({ packing.classes[number].choices[$0] != nil }) {
        _ = master.addPattern(number, members.sorted())
      }
    }
    for (number, component) in packing.components.enumerated() {
      _ = master.addSites(number, component.items.map { siteOf[$0] })
    }
  }

  func takeProposal() -> [Int]? { proposals.isEmpty ? nil : proposals.removeFirst() }

  /// What is once begun without being able to pause goes on until the run as a whole stops.
  private var isDiving = false

  private var isOver: Bool {
    if isDiving {
      if shouldStop() { isStopped = true }
      return isStopped
    }
    if !isStopped && (work >= workLimit || shouldStop()) { isStopped = true }
    return isStopped
  }

  /// Works for about so much, or until there is something to propose.
  func run(work amount: Int) {
    isStopped = false
    workLimit = work + amount
    if isLarge {
      ascend()
      return
    }
    while proposals.isEmpty && !isOver {
      if current == nil {
        open.removeAll { isPruned($0.bound) }
        guard let best = open.indices.min(by: { open[$0].bound < open[$1].bound }) else { return }
        current = open.remove(at: best)
      }
      guard var node = current else { return }
      process(&node)
    }
  }

  private enum Solved {
    case pruned
    case stopped
    /// The programme seems to have no solution, which only floating point says.
    case failed
    case solved(value: Double, answer: SafeBound.Answer)
  }

  private func process(_ node: inout Node) {
    let result = solve(&node)
    switch result {
    case .stopped:
      current = node
      return
    case .pruned:
      if nodes == 0 { rootBound = max(rootBound, node.bound) }
      nodes += 1
      current = nil
      return
    case .failed:
      nodes += 1
      lost = min(lost, node.bound)
      current = nil
    case .solved(let value, let answer):
      nodes += 1
      if nodes == 1 {
        rootBound = max(rootBound, node.bound)
        isRootDone = true
      }
      current = nil
      let (parts, artificial) = master.used()
      if nodes >= nextDive {
        nextDive = nodes + 20 + 10 * dives
        dives += 1
        let before = node
        dive(from: node)
        node = before
        // The dive left the master elsewhere.
        master.enter(node.scope)
        _ = master.simplex.makeFeasible()
      }
      branch(node, value, answer, parts, artificial)
    }
  }

  // MARK: without a master

  /// Above this a master takes too long, and the root's bound is raised by subgradients alone.
  private static let mostRows = 900

  private struct Ascent {
    var best: Multipliers
    var point: [Double]
    var direction: [Double]
    var pace = 0.3
    var stale = 0

    init(_ start: Multipliers) {
      best = start
      point = start.rewards.map { Double($0) }
      direction = Array(repeating: 0, count: point.count)
    }
  }

  private func ascend() {
    guard var node = open.first, !isExhausted else { return }
    while !isOver {
      var multipliers = ascent.best
      multipliers.rewards = ascent.point.map { Int($0.rounded()) }
      let answer = safe.evaluate(multipliers, node.scope, record: { _ in 0 }, effort: 300_000)
      rounds += 1
      guard let bound = answer.bound else {
        open = []
        return
      }
      if bound > node.bound {
        node.bound = bound
        node.multipliers = multipliers
        ascent.best = multipliers
        ascent.stale = 0
      } else {
        ascent.stale += 1
        if ascent.stale >= 10 {
          ascent.stale = 0
          ascent.pace /= 1.5
          ascent.point = ascent.best.rewards.map { Double($0) }
          for row in ascent.direction.indices { ascent.direction[row] = 0 }
        }
      }
      open = [node]
      rootBound = max(rootBound, node.bound)
      if ascent.pace < 0.01 || isPruned(node.bound) {
        isExhausted = true
        if isPruned(node.bound) { open = [] }
        return
      }
      let slope = slope(answer)
      var norm = 0.0
      for row in slope.indices {
        ascent.direction[row] = 0.6 * ascent.direction[row] + slope[row]
        norm += ascent.direction[row] * ascent.direction[row]
      }
      if norm < 1e-9 {
        isExhausted = true
        return
      }
      let step = ascent.pace * Double(max(upper * SafeBound.scale - bound, SafeBound.scale)) / norm
      for row in slope.indices {
        ascent.point[row] = max(0, ascent.point[row] + step * ascent.direction[row])
      }
    }
  }

  /// How far each row is from being met by what the answer chose.
  private func slope(_ answer: SafeBound.Answer) -> [Double] {
    var slope = [Double](repeating: 0, count: safe.rowCount)
    for item in 0..<packing.itemCount where packing.componentOf[item] < 0 {
      slope[safe.rowOf[item * packing.siteCount]] += 1
    }
    for (number, sites) in answer.sites {
      for (position, item) in packing.components[number].items.enumerated() {
        slope[safe.rowOf[item * packing.siteCount + sites[position]]] += 1
      }
    }
    var isSeen = [Bool](repeating: false, count: packing.classes.count)
    for (number, items) in answer.patterns where !isSeen[number] {
      isSeen[number] = true
      let site = packing.classes[number].site
      for item in items {
        slope[safe.rowOf[item * packing.siteCount + site]] -= Double(packing.bins[number].count)
      }
    }
    return slope
  }

  // MARK: one node

  private func solve(_ node: inout Node, tolerance: Double = 0.02, most: Int = 300) -> Solved {
    master.enter(node.scope)
    if !master.simplex.makeFeasible() { return .failed }
    master.solve()
    var stalls = 0
    var value = master.value + Double(packing.constant)
    // The bound of the node's inherited multipliers, and their columns.
    var answer = safe.evaluate(node.multipliers, node.scope, record: { _ in 0 })
    guard let first = answer.bound else { return .pruned }
    var bestAnswer = answer
    var best = first
    var center = node.multipliers
    var isCentered = true
    add(answer)
    master.solve()
    for _ in 0..<most {
      node.bound = max(node.bound, best)
      if isPruned(node.bound) { return .pruned }
      if isOver {
        node.multipliers = center
        return .stopped
      }
      value = master.value + Double(packing.constant)
      let proven = Double(best) / Double(SafeBound.scale)
      if value - proven < tolerance || proven.rounded(.up) >= (value - 1e-5).rounded(.up) { break }
      rounds += 1
      let duals = master.multipliers()
      let point = isCentered && stalls == 0 ? Self.between(center, duals) : duals
      let dualsOfClasses = packing.classes.indices.map { master.classDual($0) }
      answer = safe.evaluate(point, node.scope, record: { dualsOfClasses[$0] - 1 })
      guard let bound = answer.bound else { return .pruned }
      if bound > best {
        best = bound
        bestAnswer = answer
        center = point
        isCentered = true
      }
      if add(answer) == 0 {
        if stalls == 1 || !isCentered { break }
        stalls = 1
      } else {
        stalls = 0
      }
      master.solve()
    }
    node.multipliers = center
    node.bound = max(node.bound, best)
    if isPruned(node.bound) { return .pruned }
    master.purge(gap: Double(upper) - Double(best) / Double(SafeBound.scale))
    return .solved(value: value, answer: bestAnswer)
  }

  @discardableResult
  private func add(_ answer: SafeBound.Answer) -> Int {
    var count = 0
    for (number, items) in answer.patterns where master.addPattern(number, items) { count += 1 }
    for (component, sites) in answer.sites where master.addSites(component, sites) { count += 1 }
    return count
  }

  private static func between(_ a: Multipliers, _ b: Multipliers) -> Multipliers {
    func middle(_ x: [Int], _ y: [Int]) -> [Int] { zip(x, y).map { ($0 + $1) / 2 } }
    return Multipliers(
      rewards: middle(a.rewards, b.rewards), atLeast: middle(a.atLeast, b.atLeast),
      atMost: middle(a.atMost, b.atMost))
  }

  // MARK: branching

  private enum Choice {
    case open(group: Int, value: Double)
    case site(item: Int, site: Int)
    case bin(item: Int, number: Int)
    case pair(Int, Int)
  }

  private struct Shares {
    var classes: [Double]
    var items: [Double]
    var sites: [Double]
    var pairs: [[Int]: Double] = [:]
    var isWhole = true
  }

  private func shares(_ parts: [(content: Master.Content, value: Double)]) -> Shares {
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

  private func branch(
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

  private func fraction(_ value: Double) -> Double {
    min(value - value.rounded(.down), value.rounded(.up) - value)
  }

  private func choices(_ shares: Shares, _ node: Node) -> [Choice] {
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

  private func child(_ node: Node, _ choice: Choice, up: Bool) -> Node {
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
  private func probe(_ node: Node, _ choice: Choice, up: Bool, _ value: Double) -> Double {
    let child = child(node, choice, up: up)
    master.enter(child.scope)
    _ = master.simplex.makeFeasible(limit: 60)
    let rise = master.value + Double(packing.constant) - value
    master.simplex.restore()
    return min(500, max(0, rise))
  }

  // MARK: packings

  /// Bins for the items of patterns that are used whole.
  private func propose(_ parts: [(content: Master.Content, value: Double)]) {
    var bins = [Int](repeating: -1, count: packing.itemCount)
    var free = packing.bins
    for (content, value) in parts {
      guard case .pattern(let number, let items) = content, value > 0.5 else { continue }
      for _ in 0..<Int(value.rounded()) {
        let own = items.filter { bins[$0] < 0 }
        if own.isEmpty { continue }
        guard !free[number].isEmpty else { return }
        let bin = free[number].removeFirst()
        for item in own { bins[item] = bin }
      }
    }
    if bins.allSatisfy({ $0 >= 0 }) { proposals.append(bins) }
  }

  /// Fixes the pattern of the largest share, prices again, and so on down to a packing or nothing.
  private func dive(from node: Node) {
    var node = node
    var random = RandomBits(seed: UInt64(dives))
    isDiving = true
    defer { isDiving = false }
    var before = node
    var tries = 0
    var isCareful = false
    for _ in 0..<120 {
      if isOver { return }
      let (parts, artificial) = master.used()
      let shares = shares(parts)
      if shares.isWhole {
        if artificial < 1e-3 { propose(parts) }
        return
      }
      var open: [(score: Double, value: Double, number: Int, items: [Int])] = []
      for (content, value) in parts {
        guard case .pattern(let number, let items) = content, let first = items.first,
          node.scope.branch.closed[first] < 0
        else { continue }
        let noise = dives == 1 ? 1 : 0.7 + 0.6 * Double(random.below(1000)) / 1000
        open.append((value * noise, value, number, items))
      }
      if open.isEmpty { return }
      open.sort { $0.score != $1.score ? $0.score > $1.score : $0.items.lexicographicallyPrecedes($1.items) }
      var taken = Set<Int>()
      var closing: [(number: Int, items: [Int])] = []
      before = node
      for (_, value, number, items) in open {
        if !closing.isEmpty && (isCareful || closing.count >= 4 || value < 0.7) { continue }
        if items.contains(where: taken.contains) { continue }
        taken.formUnion(items)
        closing.append((number, items))
        close(&node, number, items)
      }
      safe.narrowSites(&node.scope)
      let value = master.value
      var isBad = false
      switch solve(&node, tolerance: 1, most: 12) {
      case .solved: isBad = (master.value - value) * 6 > Double(upper) - Double(packing.constant) - value
      case .stopped: return
      case .pruned, .failed: isBad = true
      }
      if !isBad {
        isCareful = false
        continue
      }
      tries += 1
      if tries > 12 { return }
      node = before
      if isCareful || closing.count == 1 {
        // This pattern leads nowhere: never again in this dive.
        let (number, items) = closing[0]
        let bundles = node.scope.branch.bundles
        if let other = items.first(where: { bundles[$0] != bundles[items[0]] }) {
          node.scope.branch.apart.append((items[0], other))
        } else {
          node.scope.branch.isAllowed[items[0] * packing.classes.count + number] = false
          safe.narrowSites(&node.scope)
        }
      }
      isCareful = true
      switch solve(&node, tolerance: 1, most: 12) {
      case .solved: continue
      case .pruned, .stopped, .failed: return
      }
    }
  }

  private func close(_ node: inout Node, _ number: Int, _ items: [Int]) {
    let classes = packing.classes.count
    for item in items {
      for other in 0..<classes where other != number {
        node.scope.branch.isAllowed[item * classes + other] = false
      }
      node.scope.branch.closed[item] = items[0]
      node.scope.branch.bundles[item] = items[0]
    }
  }
}
