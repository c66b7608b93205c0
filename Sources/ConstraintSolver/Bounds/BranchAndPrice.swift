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
  let safe: SafeBound
  /// Made when first needed: above `mostRows` it never is.
  lazy var master = Master(safe, dear: Double(max(1000, firstUpper - packing.constant)))
  let firstUpper: Int
  var open: [Node] = []
  var current: Node?
  /// The least bound of nodes that could be neither branched on nor answered.
  var lost = Int.max
  var upper: Int
  /// Bins of items, to be tried by the kernel.
  var proposals: [[Int]] = []
  var nodes = 0
  var rounds = 0
  var rootBound = Int.min
  var isRootDone = false
  var dives = 0
  var nextDive = 1
  let burden: [Double]
  /// Whoever runs it may say each time what ends the run.
  var shouldStop: () -> Bool
  /// Is told every node that is closed for its bound, with the multipliers that show it; `Int.max` where nothing is
  /// in scope. For whoever checks proofs.
  var onClosed: (Node) -> Void = { _ in }
  var isStopped = false
  /// The bound where there are too many rows for a master.
  lazy var aggregate = AggregateBound(packing)
  /// Nothing more is to be had without branching, which is not done for so many rows.
  var isExhausted = false
  var workLimit = Int.max
  /// How long patterns of a class are looked for at first. In rounds long before the last any good patterns do, and
  /// a search that is cut short still gives a bound; only where nothing new turns up is the best set sought.
  var quickEffort = 30_000
  static let fullEffort = 3_000_000
  /// What `fix` left at the root for solutions better than `upper`.
  var rootScope: SafeBound.Scope

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
    open = [
      Node(
        scope: rootScope,
        multipliers: first, bound: Int.min)
    ]
  }

  /// In the units of the kernel, roughly.
  var work: Int { safe.steps + (isLarge ? aggregate.work : master.simplex.work / 8) }
  /// Above this a master takes too long, and there is only the root's bound, from classes.
  static let mostRows = 900
  /// Too many rows for a master.
  var isLarge: Bool { safe.rowCount > Self.mostRows }
  var isDone: Bool { open.isEmpty && current == nil }

  /// No solution costs less, unless one of `upper` or more does.
  var lowerBound: Int {
    var least = min(lost, upper == .max ? Int.max : upper * SafeBound.scale)
    for node in open { least = min(least, node.bound) }
    if let current { least = min(least, current.bound) }
    if least == .min { return .min }
    return Self.roundedUp(upper == .max ? least : max(least, min(rootBound, upper * SafeBound.scale)))
  }

  /// Raises the bound from classes.
  private func climb() {
    guard var root = open.first, !isExhausted else { return }
    let work = self.work
    aggregate.run(work: workLimit - work, upper: upper, shouldStop: shouldStop)
    isExhausted = aggregate.isDone
    root.bound = max(root.bound, aggregate.bound)
    rootBound = max(rootBound, root.bound)
    open = isPruned(root.bound) ? [] : [root]
  }

  static func roundedUp(_ value: Int) -> Int {
    let quotient = value / SafeBound.scale
    return value % SafeBound.scale > 0 ? quotient + 1 : quotient
  }

  func isPruned(_ bound: Int) -> Bool { Self.roundedUp(bound) >= upper }

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
  var isDiving = false
  var lastWork = Int.max

  var isOver: Bool {
    if isDiving {
      if work >= lastWork || shouldStop() { isStopped = true }
      return isStopped
    }
    if !isStopped && (work >= workLimit || shouldStop()) { isStopped = true }
    return isStopped
  }

  /// Works for about so much, or until there is something to propose; for no more than `most`, where that is given.
  func run(work amount: Int, most: Int? = nil) {
    isStopped = false
    workLimit = work + amount
    lastWork = most.map { work + $0 } ?? .max
    if isLarge {
      climb()
      return
    }
    while proposals.isEmpty && !isOver {
      if current == nil {
        open.removeAll { node in
          if isPruned(node.bound) { onClosed(node) }
          return isPruned(node.bound)
        }
        guard let best = open.indices.min(by: { open[$0].bound < open[$1].bound }) else { return }
        current = open.remove(at: best)
      }
      guard var node = current else { return }
      process(&node)
    }
  }

  enum Solved {
    case pruned
    case stopped
    /// The programme seems to have no solution, which only floating point says.
    case failed
    case solved(value: Double, answer: SafeBound.Answer)
  }

  func process(_ node: inout Node) {
    let result = solve(&node)
    switch result {
    case .stopped:
      current = node
      return
    case .pruned:
      if nodes == 0 { rootBound = max(rootBound, node.bound) }
      nodes += 1
      onClosed(node)
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

  // MARK: one node

  func solve(_ node: inout Node, tolerance: Double = 0.02, most: Int = 300) -> Solved {
    master.enter(node.scope)
    if !master.simplex.makeFeasible() && !master.simplex.restart() { return .failed }
    master.solve()
    var stalls = 0
    var value = master.value + Double(packing.constant)
    // The bound of the node's inherited multipliers, and their columns.
    var answer = safe.evaluate(node.multipliers, node.scope, record: { _ in 0 })
    guard let first = answer.bound else {
      node.bound = .max
      return .pruned
    }
    var bestAnswer = answer
    var best = first
    var center = node.multipliers
    var isCentered = true
    var effort = quickEffort
    add(answer)
    master.solve()
    for _ in 0..<most {
      node.bound = max(node.bound, best)
      if best >= node.bound { node.multipliers = center }
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
      answer = safe.evaluate(point, node.scope, record: { dualsOfClasses[$0] - 1 }, effort: effort)
      guard let bound = answer.bound else {
        node.bound = .max
        return .pruned
      }
      if bound > best {
        best = bound
        bestAnswer = answer
        center = point
        isCentered = true
      }
      if add(answer) == 0 {
        if effort < Self.fullEffort {
          effort = Self.fullEffort
          continue
        }
        if stalls == 1 || !isCentered { break }
        stalls = 1
      } else {
        stalls = 0
        effort = quickEffort
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
  func add(_ answer: SafeBound.Answer) -> Int {
    var count = 0
    for (number, items) in answer.patterns where master.addPattern(number, items) { count += 1 }
    for (component, sites) in answer.sites where master.addSites(component, sites) { count += 1 }
    return count
  }

  static func between(_ a: Multipliers, _ b: Multipliers) -> Multipliers {
    func middle(_ x: [Int], _ y: [Int]) -> [Int] { zip(x, y).map { ($0 + $1) / 2 } }
    return Multipliers(
      rewards: middle(a.rewards, b.rewards), atLeast: middle(a.atLeast, b.atLeast),
      atMost: middle(a.atMost, b.atMost))
  }
}
