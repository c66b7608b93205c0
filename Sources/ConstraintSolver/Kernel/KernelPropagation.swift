/// The loop that runs literals, then propagators, to the fixed point; and the bodies of explanations.
extension Kernel {
  /// Propagates to the fixed point. False means that `conflict` was found.
  mutating func propagate() -> Bool {
    while true {
      while head < trail.count {
        let literal = trail[head]
        head += 1
        propagations += 1
        work += 1
        if isChecking { checkPropagation(literal) }
        let meaning = variables[literal.variable].meaning
        if meaning.decision >= 0 && !narrow(literal, meaning) { return false }
        if !visitWatches(literal) { return false }
        if variables[literal.variable].isHeard { tellSubscribers(subscribers[literal.index]) }
      }
      if let index = channelQueue.next() {
        channels.base[index].isQueued = false
        if !propagateChannel(index) { return false }
      } else if let index = distinctQueue.next() {
        distincts.base[index].isQueued = false
        if !propagateDistinct(index) { return false }
      } else if let index = capacityQueue.next() {
        capacities.base[index].isQueued = false
        if !propagateCapacity(index) { return false }
      } else if let index = linearQueue.next() {
        linears.base[index].isQueued = false
        if !propagateLinear(index) { return false }
      } else if let index = demandQueue.next() {
        demands.base[index].isQueued = false
        if !propagateDemand(index) { return false }
      } else if let index = hallQueue.next() {
        halls.base[index].isQueued = false
        if !propagateHall(index) { return false }
      } else {
        return true
      }
    }
  }

  @inline(__always)
  mutating func tellSubscribers(_ list: Buffer<Subscription>, value: Int = -1) {
    for index in 0..<list.count { tell(list[index], value: value) }
  }

  mutating func tell(_ subscription: Subscription, value: Int) {
    let owner = Int(subscription.owner)
    switch subscription.target {
    case .linearStep: reachStep(linear: owner, chain: Int(subscription.a), step: Int(subscription.b))
    case .linearEnforced: scheduleLinear(owner)
    case .loadItem:
      let item = Int(subscription.a)
      let bin =
        subscription.b >= 0 ? Int(subscription.b) : columnValues[items[item].column + value]
      putItem(load: owner, item: item, bin: bin)
    case .capacityEnforced: scheduleCapacity(owner)
    case .hall: scheduleHall(owner)
    case .demandEnforced: scheduleDemand(owner)
    case .channel: scheduleChannel(owner)
    case .distinct: scheduleDistinct(owner)
    }
  }

  /// Subscribes; where the literal is already true, tells at once.
  mutating func subscribe(_ literal: Lit, _ subscription: Subscription) {
    if literal == .no { return }
    if isTrue(literal) { tell(subscription, value: -1) }
    subscribers.base[literal.index].append(subscription)
    variables.base[literal.variable].isHeard = true
  }

  // MARK: bodies of explanations

  /// A body under construction: true literals that together imply something.
  @inline(__always)
  mutating func beginBody() -> Int {
    let offset = bodies.count
    bodies.append(0)
    return offset
  }

  @inline(__always)
  mutating func addToBody(_ literal: Lit) {
    if variables[literal.variable].level > 0 { bodies.append(literal.code) }
  }

  @inline(__always)
  mutating func endBody(_ offset: Int) { bodies[offset] = Int32(bodies.count - offset - 1) }

  /// The body itself is contradictory.
  mutating func failWithBody(_ offset: Int) -> Bool {
    conflict.count = 0
    for index in 0..<Int(bodies[offset]) { conflict.append(Lit(code: bodies[offset + 1 + index])) }
    if isChecking { checkConflict() }
    return false
  }
}
