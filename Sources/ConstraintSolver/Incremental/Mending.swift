import ConstraintModel

/// Mending: a placement that runs is kept as far as it still holds, and what has no place any more is placed among it.
extension InsertionSearch {
  /// Places everything where `start` has it, as far as it may be there; the number of items that are left out.
  ///
  /// - Parameter choices: what comes before all others, and where.
  /// - Precondition: nothing is placed yet.
  @discardableResult
  mutating func begin(at start: [Int?], after choices: [Decision: Int] = [:]) -> Int {
    var start = start
    for (decision, candidate) in choices { start[Int(decision.index)] = candidate }
    let all = 0..<model.itemCount
    let first = all.filter { choices[Decision(model.decisions[$0])] != nil }
    for item in first
      + (first.isEmpty ? Array(all) : all.filter { choices[Decision(model.decisions[$0])] == nil })
    {
      note(item)
      guard let candidate = start[model.decisions[item]] else { continue }
      let decisions = model.guestDecisions
      let isPlaced = state.insert(item, at: candidate) { start[decisions[$0]] ?? -1 }
      if isPlaced { own[item] = state.ownCost(item, candidate) }
    }
    keep()
    return state.unplaced
  }

  /// Takes candidates away from everybody: what stood there waits for a place.
  mutating func lose(_ candidates: [Int]) {
    for candidate in candidates {
      while case let item = state.firstItem(on: candidate), item >= 0 {
        state.take(item, cost: own[item])
        note(item)
      }
      state.lose(candidate)
    }
    keep()
  }

  /// Places what waits, moving as little else as it can: true where everything has a place then.
  ///
  /// First each where it is cheapest, the largest first; then in the room of a few others, which are put elsewhere at
  /// the cost of a move; in the end, for a while, what came and what is near it is tried in better order.
  @discardableResult
  mutating func mend(effort: Int, polish: Int, shouldStop: () -> Bool) -> Bool {
    let placed = max(1, model.itemCount - state.unplaced)
    let running = abs(state.cost - state.unplaced * model.penalty)
    // A move is worth a twentieth of what an item costs on average.
    state.settleHomes(moveCost: max(1, running / placed / 20))
    bestCost = state.cost
    let waiting = (0..<state.unplaced).map { state.waitingItem($0) }
      .sorted { model.size[$0] != model.size[$1] ? model.size[$0] > model.size[$1] : $0 < $1 }
    for item in waiting {
      place(item, blink: 0)
      note(item)
    }
    keep()
    isMending = true
    if !isBestWhole { _ = improve(until: work + effort, untilWhole: true, shouldStop: shouldStop) }
    restoreBest()
    if isBestWhole && !waiting.isEmpty {
      for item in waiting { recent.append(Int32(item)) }
      _ = improve(until: work + polish, shouldStop: shouldStop)
      restoreBest()
    }
    recent.count = 0
    isMending = false
    state.settleHomes(moveCost: 0)
    bestCost = state.cost
    warm()
    return isBestWhole
  }
}
