import ConstraintModel
import Testing

@testable import ConstraintSolver

/// Proofs are checked again: the bound of every closed node from its rounded multipliers, by trying every set of
/// items for every class and every assignment of sites. Nothing here is shared with the search.
@Suite struct BranchTreeTests {
  @Test func `every closed node of a proof is worth what it claims`() {
    var closed = 0
    var proven = 0
    for seed: UInt64 in 1...300 {
      let made = PackingModel(seed: seed)
      guard let packing = PackingReader.read(made.model, objective: made.model.objectives[0]) else {
        continue
      }
      var solutions: [(bins: [Int], cost: Int)] = []
      made.forEachSolution { values, cost in solutions.append((packing.bins(of: values), cost)) }
      guard let worst = solutions.max(by: { $0.cost < $1.cost }) else { continue }
      // A weak incumbent, and no better one is told: the tree is all below it.
      let engine = BranchAndPrice(packing, upper: worst.cost, shouldStop: { false })
      // Every other tree knows best sets only where nothing new turns up otherwise.
      if seed % 2 == 0 { engine.quickEffort = 2 }
      var wrong: String?
      engine.onClosed = { node in
        closed += 1
        let judged = Judge(packing: packing, node: node).bound()
        if judged ?? .max < node.bound { wrong = "\(judged ?? .max) < \(node.bound)" }
      }
      for _ in 0..<100 where !engine.isDone {
        engine.run(work: 200_000)
        while let bins = engine.takeProposal() {
          if let cost = solutions.filter({ $0.bins == bins }).map(\.cost).min(), cost < engine.upper {
            engine.note(bins: bins, cost: cost)
          }
        }
      }
      #expect(wrong == nil, "seed \(seed): \(wrong ?? "")\n\(made.model.summary)")
      if wrong != nil { return }
      if engine.isDone { proven += 1 }
    }
    #expect(closed > 200 && proven > 100, "\(closed) closed in \(proven) trees")
  }

  @Test func `the bound from classes never exceeds the optimum, and is not nothing`() {
    var close = 0
    for seed: UInt64 in 1...400 {
      let made = PackingModel(seed: seed)
      guard let packing = PackingReader.read(made.model, objective: made.model.objectives[0]) else {
        continue
      }
      var (optimum, worst) = (Int.max, Int.min)
      made.forEachSolution { _, cost in
        optimum = min(optimum, cost)
        worst = max(worst, cost)
      }
      if optimum == .max { continue }
      let bound = AggregateBound(packing)
      // Read class by class it is the same.
      let streamed = AggregateBound.read(made.model, objective: made.model.objectives[0])
      for _ in 0..<40 where !bound.isDone {
        bound.run(work: 2_000, upper: worst, shouldStop: { false })
        streamed?.run(work: 2_000, upper: worst, shouldStop: { false })
        #expect(streamed?.bound == bound.bound, "seed \(seed)")
        let holds = bound.bound <= optimum * SafeBound.scale
        #expect(holds, "seed \(seed): \(bound.bound) > \(optimum)\n\(made.model.summary)")
        if !holds { return }
      }
      if (optimum * SafeBound.scale - bound.bound) * 5 < abs(optimum) * SafeBound.scale { close += 1 }
    }
    #expect(close > 40, "only \(close) bounds are within a fifth")
  }

  /// Three items, one bin where each costs 1 and five where each costs 10.
  private func cheapAndDear() -> HostPacking {
    var packing = HostPacking()
    packing.decisions = [0, 1, 2]
    packing.candidateOfBin = Array(0..<6)
    packing.siteCount = 1
    packing.classes = [1, 10].map { cost in
      BinClass(limits: [10], kinds: [0], choices: Array(repeating: .init(cost: cost, ways: [[4]]), count: 3))
    }
    packing.bins = [[0], [1, 2, 3, 4, 5]]
    packing.kindOf = [0, 0, 0]
    packing.conflicts = [[], [], []]
    packing.cliqueOf = [-1, -1, -1]
    packing.bundles = [0, 1, 2]
    packing.componentOf = [-1, -1, -1]
    return packing
  }

  private func bound(_ packing: HostPacking) -> Int {
    let bound = AggregateBound(packing)
    bound.run(work: 1_000_000, upper: 40, shouldStop: { false })
    return BranchAndPrice.roundedUp(bound.bound)
  }

  @Test func `a class takes no more of a clique than it has bins`() {
    var packing = cheapAndDear()
    // Two and a half of three fit into the cheap bin.
    #expect(bound(packing) == 8)
    packing.cliqueOf = [0, 0, 0]
    #expect(bound(packing) == 21)
    // Also where there is room for everything.
    for number in packing.classes.indices {
      for item in 0..<3 { packing.classes[number].choices[item]?.ways = [[0]] }
    }
    #expect(bound(packing) == 21)
  }

  @Test func `what shares a bin is priced together`() {
    var packing = cheapAndDear()
    // What is cheap for one is dear for the other.
    packing.classes[0].choices[1]?.cost = 20
    packing.kindOf = [0, 1, 0]
    #expect(bound(packing) == 12)
    packing.bundles = [0, 0, 2]
    #expect(bound(packing) == 21)
  }
}

/// The Lagrangian bound by enumeration.
private struct Judge {
  var packing: HostPacking
  var node: BranchAndPrice.Node

  /// Nil where the node has no solution.
  func bound() -> Int? {
    let scale = 1000
    let (multipliers, scope) = (node.multipliers, node.scope)
    let safe = SafeBound(packing)
    var sum = packing.constant * scale
    var openings = packing.classes.map { $0.opening * scale }
    for (number, group) in safe.groups.enumerated() {
      sum += multipliers.atLeast[number] * scope.least[number]
      if !group.isSingle { sum += multipliers.atMost[number] * scope.most[number] }
      for member in group.classes {
        openings[member] -= multipliers.atLeast[number] + (group.isSingle ? 0 : multipliers.atMost[number])
      }
    }
    for number in packing.classes.indices {
      let site = packing.classes[number].site
      var least = 0
      for set in sets(number) {
        var cost = 0
        for item in set {
          cost += (packing.classes[number].choices[item]?.cost ?? 0) * scale
          cost -= multipliers.rewards[safe.rowOf[item * packing.siteCount + site]]
        }
        least = min(least, cost)
      }
      let cost = openings[number] + least
      sum += cost * (cost < 0 ? scope.most[number] : scope.least[number])
    }
    for item in 0..<packing.itemCount where packing.componentOf[item] < 0 {
      sum += multipliers.rewards[safe.rowOf[item * packing.siteCount]]
    }
    for component in packing.components {
      var least = Int.max
      forEachAssignment(component) { sites in
        var cost = 0
        for pair in component.pairs {
          let own = pair.costs[sites[pair.a] * packing.siteCount + sites[pair.b]]
          if own >= SiteComponent.Pair.forbidden { return }
          cost += own * scale
        }
        for count in component.counts {
          var filled = 0
          for member in count.members where member.sites >> UInt64(sites[member.position]) & 1 == 1 {
            filled += member.weight
          }
          if filled > count.limit { return }
        }
        for (position, item) in component.items.enumerated() {
          cost += multipliers.rewards[safe.rowOf[item * packing.siteCount + sites[position]]]
        }
        least = min(least, cost)
      }
      if least == .max { return nil }
      sum += least
    }
    return sum
  }

  /// Every set of items that a bin of the class takes.
  private func sets(_ number: Int) -> [[Int]] {
    let made = packing.classes[number]
    let branch = node.scope.branch
    var sets: [[Int]] = []
    for bits in 0..<(1 << packing.itemCount) {
      let set = (0..<packing.itemCount).filter { bits >> $0 & 1 == 1 }
      let isAllowed = set.allSatisfy { item in
        branch.isAllowed[item * packing.classes.count + number] && made.choices[item] != nil
          && branch.closed[item] == branch.closed[set[0]]
          && branch.bundles.indices.allSatisfy {
            branch.bundles[$0] != branch.bundles[item] || set.contains($0)
          }
          && !packing.conflicts[item].contains {
            $0.sites >> UInt64(made.site) & 1 == 1 && set.contains($0.other)
          }
      }
      let isApart = branch.apart.allSatisfy { !(set.contains($0.0) && set.contains($0.1)) }
      if isAllowed && isApart && fits(set, made, made.limits) { sets.append(set) }
    }
    return sets
  }

  private func fits(_ set: [Int], _ made: BinClass, _ room: [Int]) -> Bool {
    guard let first = set.first else { return true }
    return (made.choices[first]?.ways ?? []).contains { way in
      let left = zip(room, way).map { $0 - $1 }
      return left.allSatisfy { $0 >= 0 } && fits(Array(set.dropFirst()), made, left)
    }
  }

  private func forEachAssignment(_ component: SiteComponent, _ body: ([Int]) -> Void) {
    var sites = [Int](repeating: 0, count: component.items.count)
    func place(_ position: Int) {
      if position == sites.count { return body(sites) }
      for site in 0..<packing.siteCount
      where node.scope.isAtSite[component.items[position] * packing.siteCount + site] {
        sites[position] = site
        place(position + 1)
      }
    }
    place(0)
  }
}
