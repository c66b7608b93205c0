/// Search: which decision next and which candidate, restarts, and the loop.
extension Kernel {
  enum Verdict {
    /// All decisions are fixed; the values are in `solution`.
    case satisfied
    /// Impossible whatever is assumed.
    case unsatisfiable
    /// Impossible under the assumptions; `failed` holds those that the proof rests on.
    case refuted
    /// The conflicts, the work or the caller's patience came to an end.
    case limit
  }

  struct Limits {
    var conflicts = Int.max
    /// In terms of the kernel's work counter.
    var work = Int.max
    var shouldStop: (() -> Bool)?
    /// Count what is confined where, once, when all assumptions are made.
    var countsFirst = false
  }

  /// Searches under the assumptions and stays at the level where it ends; the caller backtracks.
  ///
  mutating func search(assuming assumptions: [Lit], limits: Limits) -> Verdict {
    backtrack(to: 0)
    takeUnits()
    if isContradictory { return .unsatisfiable }
    var restart = RestartSchedule()
    var ticks = 0
    let firstConflict = conflicts
    var countsFirst = limits.countsFirst
    while true {
      if !propagate() {
        conflicts += 1
        ticks += 1
        clearQueues()
        guard analyse() else {
          isContradictory = true
          return .unsatisfiable
        }
        let target = learnt.count > 1 ? Int(level[learnt[1].variable]) : 0
        let glue = glue()
        backtrack(to: target)
        addLearnt(glue: glue)
        restart.note(glue: glue, trail: trail.count)
        if conflicts - firstConflict >= limits.conflicts { return .limit }
        continue
      }
      if levels.count == 0 { settleRoot() }
      ticks += 1
      if ticks & 127 == 0, work >= limits.work || limits.shouldStop?() == true { return .limit }
      if restart.isDue && levels.count > 0 {
        restart.begin()
        restarts += 1
        backtrack(to: 0)
        if learnts.count > maxLearnts {
          reduceLearnts()
          maxLearnts += maxLearnts / 20
        }
        continue
      }

      // Assumptions first, then decisions.
      var index = levels.count > 0 ? levels[levels.count - 1].assumption : 0
      var next = Lit.no
      while index < assumptions.count {
        let literal = assumptions[index]
        index += 1
        if isTrue(literal) { continue }
        if isFalse(literal) {
          analyseFailure(of: literal)
          return .refuted
        }
        next = literal
        break
      }
      if next == .no && countsFirst {
        countsFirst = false
        scheduleAllHalls()
        continue
      }
      if next == .no {
        guard let literal = chooseDecision() else {
          takeSolution()
          return .satisfied
        }
        next = literal
        decisionCount += 1
      }
      pushLevel()
      levels.base[levels.count - 1].assumption = index
      _ = enqueue(next, .none)
    }
  }

  private mutating func takeSolution() {
    for decision in 0..<domains.count { solution[decision] = domains[decision].fixed }
    if watchedLinear >= 0 { solutionLower = linears[watchedLinear].lower }
  }

  // MARK: neighbourhoods

  /// Goes down to level 0 and to its fixed point. False means contradiction.
  mutating func settle() -> Bool {
    backtrack(to: 0)
    takeUnits()
    if !isContradictory && !propagate() { isContradictory = true }
    if !isContradictory { settleRoot() }
    return !isContradictory
  }

  /// Opens a level at which all these literals hold. False where they cannot; the level is open all the same.
  mutating func freeze(_ literals: [Lit]) -> Bool {
    pushLevel()
    for literal in literals {
      if isFalse(literal) { return false }
      _ = enqueue(literal, .none)
    }
    return propagate()
  }

  /// Searches above the levels that are open, and forgets all that it learns there but what holds anywhere.
  mutating func explore(conflictLimit: Int) -> Verdict {
    let floor = levels.count
    let firstConflict = conflicts
    let (arenaMark, learntMark) = (arena.count, learnts.count)
    temporaryBinaries.count = 0
    var verdict = Verdict.limit
    while true {
      if !propagate() {
        conflicts += 1
        clearQueues()
        guard analyse() else {
          isContradictory = true
          verdict = .unsatisfiable
          break
        }
        // `analyse` has gone down to the level of the conflict.
        if levels.count <= floor {
          verdict = .refuted
          break
        }
        let target = learnt.count > 1 ? Int(level[learnt[1].variable]) : 0
        backtrack(to: max(target, floor))
        if learnt.count == 1 { units.append(learnt[0]) }
        if learnt.count == 2 {
          temporaryBinaries.append(learnt[0])
          temporaryBinaries.append(learnt[1])
        }
        addLearnt(glue: learnt.count)
        if conflicts - firstConflict >= conflictLimit { break }
        continue
      }
      guard let literal = chooseDecision() else {
        takeSolution()
        verdict = .satisfied
        break
      }
      decisionCount += 1
      pushLevel()
      _ = enqueue(literal, .none)
    }
    backtrack(to: floor - 1)
    forget(from: learntMark, arenaMark)
    return verdict
  }

  private mutating func forget(from learntMark: Int, _ arenaMark: Int) {
    for index in learntMark..<learnts.count {
      let reference = learnts[index]
      for place in 0..<2 { detach(Lit(code: arena[Int(reference) + Self.header + place])) { $0.clause == reference } }
    }
    learnts.count = learntMark
    arena.count = arenaMark
    var index = 0
    while index < temporaryBinaries.count {
      let (a, b) = (temporaryBinaries[index], temporaryBinaries[index + 1])
      detach(a) { $0.clause < 0 && $0.blocker == b }
      detach(b) { $0.clause < 0 && $0.blocker == a }
      index += 2
    }
    temporaryBinaries.count = 0
  }

  /// Removes the newest watcher that fits from the list of a watched literal.
  private mutating func detach(_ watched: Lit, _ fits: (Watcher) -> Bool) {
    let list = watches.base + (!watched).index
    var index = list.pointee.count - 1
    while index >= 0 {
      if fits(list.pointee[index]) {
        for later in index..<list.pointee.count - 1 { list.pointee[later] = list.pointee[later + 1] }
        list.pointee.count -= 1
        return
      }
      index -= 1
    }
  }

  /// Makes true at level 0 what was learnt above it to hold anywhere.
  mutating func takeUnits() {
    assert(levels.count == 0, "units are taken at level 0")
    for index in 0..<units.count where !enqueue(units[index], .none) { isContradictory = true }
    units.count = 0
  }

  /// The order in which a dive takes these decisions, until conflicts say better.
  mutating func order(_ decisions: [Int], by key: (Int) -> Double) {
    for decision in decisions {
      activity[decision] = bump * key(decision)
      if heapIndex[decision] >= 0 {
        heapUp(Int(heapIndex[decision]))
        heapDown(Int(heapIndex[decision]))
      }
    }
  }

  // MARK: decisions

  private mutating func chooseDecision() -> Lit? {
    while let decision = heapRemoveTop() {
      if domains[decision].fixed >= 0 { continue }
      return valueLiteral(decision, chooseCandidate(decision))
    }
    return nil
  }

  /// The saved candidate, else the cheapest by its own cost and the bins it would open.
  private mutating func chooseCandidate(_ decision: Int) -> Int {
    let last = saved[decision]
    if last >= 0 && contains(decision, Int(last)) { return Int(last) }
    let domain = domains[decision]
    let guide = guides[decision]
    var best = -1
    var bestScore = Int.max
    for word in 0..<domain.wordCount {
      var bits = domainWords[domain.words + word]
      while bits != 0 {
        let candidate = word << 6 + bits.trailingZeroBitCount
        bits &= bits - 1
        if blink > 0 && best >= 0 && random.below(1000) < blink { continue }
        var score = guide.scores >= 0 ? columnValues[guide.scores + candidate] : 0
        for index in 0..<guide.openingCount {
          let opening = openings[guide.openings + index]
          let bin = columnValues[opening.column + candidate]
          guard bin >= 0, bin < opening.binCount else { continue }
          let target = openingBins[opening.bins + bin]
          if !isTrue(target.literal) { score += target.cost }
        }
        if score < bestScore {
          best = candidate
          bestScore = score
        }
      }
    }
    return best
  }

  // MARK: activities

  mutating func bumpVariable(_ variable: Int) {
    let decision = Int(meaning[variable].decision)
    if decision < 0 { return }
    activity[decision] += bump
    if heapIndex[decision] >= 0 { heapUp(Int(heapIndex[decision])) }
  }

  mutating func rescaleActivities() {
    for index in 0..<activity.count { activity[index] *= 1e-100 }
    bump *= 1e-100
  }

  @inline(__always)
  private func isBefore(_ a: Int32, _ b: Int32) -> Bool {
    let x = activity[Int(a)]
    let y = activity[Int(b)]
    return x != y ? x > y : a < b
  }

  mutating func heapInsert(_ decision: Int) {
    heapIndex[decision] = Int32(heap.count)
    heap.append(Int32(decision))
    heapUp(heap.count - 1)
  }

  mutating func heapUp(_ start: Int) {
    var index = start
    let moving = heap[index]
    while index > 0 {
      let parent = (index - 1) >> 1
      if !isBefore(moving, heap[parent]) { break }
      heap[index] = heap[parent]
      heapIndex[Int(heap[index])] = Int32(index)
      index = parent
    }
    heap[index] = moving
    heapIndex[Int(moving)] = Int32(index)
  }

  private mutating func heapRemoveTop() -> Int? {
    if heap.count == 0 { return nil }
    let top = heap[0]
    heapIndex[Int(top)] = -1
    let moving = heap.removeLast()
    if heap.count == 0 { return Int(top) }
    heap[0] = moving
    heapDown(0)
    return Int(top)
  }

  private mutating func heapDown(_ start: Int) {
    var index = start
    let moving = heap[index]
    while true {
      var child = 2 * index + 1
      if child >= heap.count { break }
      if child + 1 < heap.count && isBefore(heap[child + 1], heap[child]) { child += 1 }
      if !isBefore(heap[child], moving) { break }
      heap[index] = heap[child]
      heapIndex[Int(heap[index])] = Int32(index)
      index = child
    }
    heap[index] = moving
    heapIndex[Int(moving)] = Int32(index)
  }

  /// Rebuilds the heap after activities were set from outside.
  mutating func rebuildHeap() {
    heap.count = 0
    for decision in 0..<domains.count {
      heapIndex[decision] = -1
      if domains[decision].fixed < 0 { heapInsert(decision) }
    }
  }
}

/// When to start again: at once where recent clauses are worse than the average, as in Glucose.
struct RestartSchedule {
  private var fast = 0.0
  private var slow = 0.0
  private var sinceRestart = 0
  private var conflicts = 0

  mutating func note(glue: Int, trail: Int) {
    conflicts += 1
    sinceRestart += 1
    let weight = max(1.0 / 32, 1.0 / Double(conflicts))
    fast += (Double(glue) - fast) * weight
    let slowWeight = max(1.0 / 4096, 1.0 / Double(conflicts))
    slow += (Double(glue) - slow) * slowWeight
  }

  var isDue: Bool { sinceRestart >= 50 && fast > slow * 1.2 }
  mutating func begin() { sinceRestart = 0 }
}
