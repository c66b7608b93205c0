/// Capacities of loads too large to list the items that could be in each bin.
///
/// Nothing is excluded from a bin that fills up. Search looks whether an item fits before it puts it there, and
/// an item that fits nowhere loses its candidates at that moment, with their explanations.
extension Kernel {
  /// A body's part: items inside the bin that together weigh more than `limit`, heaviest first.
  mutating func explainList(_ bin: BinState, moreThan limit: Int) {
    var inside: [Int] = []
    var item = bin.head
    while item >= 0 {
      inside.append(item)
      item = items[item].next
    }
    inside.sort { items[$0].weight != items[$1].weight ? items[$0].weight > items[$1].weight : $0 < $1 }
    var sum = 0
    for item in inside {
      if sum > limit { break }
      let decision = Int(items[item].decision)
      addToBody(valueLiteral(decision, Int(domains[decision].fixed)))
      sum += items[item].weight
    }
  }

  mutating func propagateLazyCapacity(_ capacity: Capacity, _ bin: BinState) -> Bool {
    if bin.filled <= capacity.limit { return true }
    let body = beginBody()
    explainList(bin, moreThan: capacity.limit)
    if isTrue(capacity.enforcement) {
      addToBody(capacity.enforcement)
      endBody(body)
      return failWithBody(body)
    }
    endBody(body)
    if isChecking { checkBody(body, implies: !capacity.enforcement) }
    return enqueue(!capacity.enforcement, .body(body))
  }

  /// The capacity that an item would break at this candidate, or -1; only lazy loads are looked at.
  private func brokenCapacity(_ decision: Int, _ candidate: Int) -> Int {
    let list = domains.base[decision].subscribers
    for index in 0..<list.count {
      let subscription = list.base[index]
      guard subscription.target == .loadItem else { continue }
      let load = loads.base + Int(subscription.owner)
      guard load.pointee.isLazy else { continue }
      let item = items.base + Int(subscription.a)
      if item.pointee.bin >= 0 { continue }
      let number = columnValues.base[item.pointee.column + candidate]
      if number < 0 || number >= load.pointee.binCount { continue }
      let bin = bins.base + load.pointee.bins + number
      var next = Int(bin.pointee.firstCapacity)
      while next >= 0 {
        let capacity = capacities.base + next
        if bin.pointee.filled + item.pointee.weight > capacity.pointee.limit,
          isTrue(capacity.pointee.enforcement)
        {
          return next
        }
        next = Int(capacity.pointee.next)
      }
    }
    return -1
  }

  /// Whether the candidate has room, and so has what it is tied to.
  func fits(_ decision: Int, _ candidate: Int) -> Bool {
    if hasLazyLoads && brokenCapacity(decision, candidate) >= 0 { return false }
    let links = domains.base[decision].channels
    for index in 0..<links.count {
      let channel = channels.base + Int(links[index])
      if !isTrue(channel.pointee.enforcement) { continue }
      if channel.pointee.many == decision {
        let target = columnValues.base[channel.pointee.column + candidate]
        if target < 0 || !isOpen(channel.pointee.one, target) { return false }
      } else {
        let first = columnValues.base[channel.pointee.starts + candidate]
        let last = columnValues.base[channel.pointee.starts + candidate + 1]
        let lists = columnValues.base + channel.pointee.lists
        var isThere = false
        for place in first..<last where isOpen(channel.pointee.many, lists[place]) {
          isThere = true
          break
        }
        if !isThere { return false }
      }
    }
    return true
  }

  private func isOpen(_ decision: Int, _ candidate: Int) -> Bool {
    contains(decision, candidate) && (!hasLazyLoads || brokenCapacity(decision, candidate) < 0)
  }

  /// Takes from a decision the candidates that have no room. False where there are none.
  mutating func excludeUnfit(_ decision: Int) -> Bool {
    guard hasLazyLoads else { return false }
    var lost: [(Lit, Int)] = []
    for candidate in candidates(decision) {
      let broken = brokenCapacity(decision, Int(candidate))
      if broken >= 0 { lost.append((valueLiteral(decision, Int(candidate)), broken)) }
    }
    for (literal, broken) in lost {
      let capacity = capacities[broken]
      let bin = bins[capacity.bin]
      let weight = heaviest(decision, capacity.bin, Int(variables[literal.variable].meaning.what), literal)
      let body = beginBody()
      explainList(bin, moreThan: capacity.limit - weight)
      addToBody(capacity.enforcement)
      endBody(body)
      if isChecking { checkBody(body, implies: !literal) }
      if !enqueue(!literal, .body(body)) { return true }
    }
    return !lost.isEmpty
  }

  /// What the heaviest item of the decision that goes to the bin with this candidate weighs.
  private func heaviest(_ decision: Int, _ bin: Int, _ candidate: Int, _ literal: Lit) -> Int {
    var weight = 0
    let list = domains[decision].subscribers
    for index in 0..<list.count where list[index].target == .loadItem {
      let load = loads[Int(list[index].owner)]
      let item = items[Int(list[index].a)]
      if load.isLazy, load.bins + columnValues[item.column + candidate] == bin {
        weight = max(weight, item.weight)
      }
    }
    return weight
  }
}
