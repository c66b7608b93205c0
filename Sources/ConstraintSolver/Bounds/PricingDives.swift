/// From fractions to packings.
extension BranchAndPrice {
  /// Bins for the items of patterns that are used whole.
  func propose(_ parts: [(content: Master.Content, value: Double)]) {
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
  func dive(from node: Node) {
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

  func close(_ node: inout Node, _ number: Int, _ items: [Int]) {
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
