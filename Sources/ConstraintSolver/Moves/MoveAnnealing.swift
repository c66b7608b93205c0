/// Annealing by moves of one item and exchanges of two.
extension MoveSearch {
  /// Looks for cheaper placements until the clock reads `end` or the cost is at `floor`. True where it found one.
  mutating func improve(until end: Int, floor: Int = .min, shouldStop: () -> Bool) -> Bool {
    let before = bestCost
    if schedule == nil { warmUp() }
    let batch = 256
    while state.work < end && bestCost > floor {
      if shouldStop() { break }
      cool()
      kept = 0
      for _ in 0..<batch { step() }
      if schedule?.advance(batch, taken: kept, at: state.work) ?? true { restart() }
    }
    settleBest()
    return bestCost < before
  }

  private mutating func restart() {
    let cost = state.violatedCount == 0 ? state.cost : .max
    begin { $0.next(at: $1, after: cost) }
  }

  /// Does what a limit asks for; the way is the same whoever asks.
  mutating func follow(_ order: Pace.Order) {
    if schedule == nil { warmUp() }
    switch order {
    case .cool(let end): begin { $0.cool(Cooling(from: $1, until: end)) }
    case .stretch(let end): schedule?.stretch(at: state.work, until: end)
    }
  }

  private mutating func begin(_ next: (inout MoveSchedule, Int) -> Void) {
    settleBest()
    restoreBest()
    guard var schedule else { return }
    if schedule.stage == .soft || schedule.stage == .squeeze { state.setSoft(false) }
    next(&schedule, state.work)
    self.schedule = schedule
    if schedule.stage == .soft { state.setSoft(true, everywhere: schedule.isSoftEverywhere) }
  }

  /// Sets the heat and, where rows may be violated, what that costs.
  private mutating func cool() {
    guard var schedule else { return }
    if schedule.isSoftOver { schedule.squeeze() }
    if schedule.stage == .squeeze && (state.violatedCount == 0 || schedule.isSqueezeOver) {
      schedule.harden()
      harden()
    }
    temperature = schedule.temperature
    if let part = schedule.rise() { state.raisePrices(by: part) }
    self.schedule = schedule
  }

  /// From here on nothing is violated: where something still is, the cycle goes on from the best placement.
  private mutating func harden() {
    if state.violatedCount > 0 {
      settleBest()
      restoreBest()
    }
    state.setSoft(false)
    noteBest()
  }

  mutating func restoreBest() {
    for item in 0..<net.itemCount where state.at[item] != best[item] { move(item, to: Int(best[item])) }
  }

  /// The best placement is copied when it is left, not each time that it gets better.
  mutating func settleBest() {
    if !isBestHere { return }
    best.copy(state.at)
    isBestHere = false
  }

  private mutating func noteBest() {
    guard state.cost < bestCost && state.violatedCount == 0 else { return }
    bestCost = state.cost
    isBestHere = true
  }

  /// How hot it has to be, from what moves cost.
  private mutating func warmUp() {
    let width = (0..<net.itemCount).reduce(0) { max($0, Int(net.candidateCount[$1])) }
    let pairs = net.itemCount * min(width, 200)
    var worse: [Int] = []
    for _ in 0..<min(20_000, 20 * pairs) {
      let cost = state.cost
      state.begin()
      propose(allowed: .max / 8)
      if state.violation == 0 && state.cost > cost { worse.append(state.cost - cost) }
      state.undo()
    }
    worse.sort()
    var schedule = MoveSchedule(worse: worse, length: 6 * pairs)
    schedule.isSoft = schedule.usual < 1e15 && state.setFirstPrices(unit: Int(schedule.usual))
    self.schedule = schedule
  }

  private mutating func step() {
    let before = state.cost &+ state.overload
    let allowed = allowance()
    state.begin()
    propose(allowed: allowed)
    if !state.hasMoved { return }
    let change = state.cost &+ state.overload &- before
    if state.isBroken || change > allowed {
      state.undo()
      return
    }
    if state.cost < bestCost && state.violatedCount == 0 {
      bestCost = state.cost
      isBestHere = true
    } else if isBestHere {
      state.withPlacesBefore { best.copy($0) }
      isBestHere = false
    }
    kept += 1
    state.commit()
  }

  /// Makes a move of one item or an exchange of two, in part where it breaks something; or nothing at all where the
  /// filter refuses it.
  @inline(__always)
  private mutating func propose(allowed: Int) {
    let item = chooseItem()
    let here = Int(state.at[item])
    let draw = random.next() & 127
    if draw < 50 {
      // Home is where nothing is paid for having moved.
      let home = Int(net.preferred[item])
      let candidate = draw < 4 && home >= 0 ? home : random.below(Int(net.candidateCount[item]))
      guard candidate != here, net.allows(item, candidate) else { return }
      let filter = state.filter
      let columns = net.columns.base
      state.spend(filter.width &>> 1 &+ 1)
      // What it may gain in rows that the filter does not see is known once its first part is made.
      let unseen = state.unseenEarly
      if unseen > 0 { state.beginMoving(item, to: candidate) }
      let gained = unseen &- state.unseenEarly &+ state.unseenLate
      guard filter.passes(item, from: here, to: candidate, allowed: allowed &+ gained, columns: columns)
      else { return state.undo() }
      if unseen == 0 { state.beginMoving(item, to: candidate) }
      if state.isBroken { return }
      state.finishMoving(item, from: here)
      return
    }
    let other = random.below(net.itemCount)
    let there = Int(state.at[other])
    guard here != there, net.candidateCount[item] == net.candidateCount[other], net.allows(item, there)
    else { return }
    guard net.allows(other, here) else { return }
    let filter = state.filter
    state.spend(filter.width &+ 1)
    let unseen = state.unseenEarly
    if unseen > 0 { beginExchange(item, here, other, there) }
    let gained = unseen &- state.unseenEarly &+ state.unseenLate
    guard
      filter.passes(
        exchanging: item, at: here, with: other, at: there, allowed: allowed &+ gained,
        columns: net.columns.base)
    else { return state.undo() }
    if unseen == 0 { beginExchange(item, here, other, there) }
    if state.isBroken { return }
    state.finishMoving(item, from: here)
    state.finishMoving(other, from: there)
  }

  @inline(__always)
  private mutating func beginExchange(_ item: Int, _ here: Int, _ other: Int, _ there: Int) {
    state.beginMoving(item, to: there)
    state.beginMoving(other, to: here)
  }

  /// Some item; now and then one of a bin that is too full, where there is one.
  @inline(__always)
  private mutating func chooseItem() -> Int {
    if state.violatedCount > 0 && random.next() & 7 == 0 {
      let filter = state.filter
      let place = Int(filter.copyOf[state.violatedNode(random.below(state.violatedCount))])
      if place >= 0 {
        let bin = place / (MoveFilter.blocks * filter.width)
        for _ in 0..<32 {
          let item = random.below(net.itemCount)
          let column = filter.column[item]
          if column >= 0 && net.columns.base[column + Int(state.at[item])] == bin { return item }
        }
      }
    }
    return random.below(net.itemCount)
  }

  /// How much worse a move may be now: the temperature times -ln of a uniform number, by its halvings and a line between.
  @inline(__always)
  private mutating func allowance() -> Int {
    let bits = random.next()
    let halvings = Double(bits.leadingZeroBitCount)
    let rest = Double((bits << UInt64(min(63, bits.leadingZeroBitCount + 1))) >> 11) / Double(1 << 53)
    return Int(min(temperature * 0.6931471805599453 * (halvings + 1 - rest), 1e17))
  }
}
