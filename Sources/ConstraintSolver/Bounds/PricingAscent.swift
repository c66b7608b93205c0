/// Raising the bound of the root by subgradients, where a master would take too long.
extension BranchAndPrice {
  /// Above this a master takes too long, and the root's bound is raised by subgradients alone.
  static let mostRows = 900

  struct Ascent {
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

  func ascend() {
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
  func slope(_ answer: SafeBound.Answer) -> [Double] {
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
}
