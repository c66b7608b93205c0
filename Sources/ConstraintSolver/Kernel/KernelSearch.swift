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
  }

  /// Searches under the assumptions and stays at the level where it ends; the caller backtracks.
  ///
  /// - Parameter isBulk: all assumptions are made at one level, which is much cheaper for many of them; a
  ///   refutation then does not say which of them it rests on.
  mutating func search(assuming assumptions: [Lit], isBulk: Bool = false, limits: Limits) -> Verdict {
    backtrack(to: 0)
    if isContradictory { return .unsatisfiable }
    var restart = RestartSchedule()
    var ticks = 0
    let firstConflict = conflicts
    let floor = isBulk ? 1 : 0
    while true {
      if !propagate() {
        conflicts += 1
        ticks += 1
        clearQueues()
        if isBulk && conflictLevel() == 1 { return .refuted }
        guard analyse() else {
          isContradictory = true
          return .unsatisfiable
        }
        let target = learnt.count > 1 ? Int(level[learnt[1].variable]) : 0
        let glue = glue()
        backtrack(to: target)
        addLearnt(glue: isBulk ? max(glue, learnt.count) : glue)
        restart.note(glue: glue, trail: trail.count)
        if conflicts - firstConflict >= limits.conflicts { return .limit }
        continue
      }
      if levels.count == 0 { settleRoot() }
      ticks += 1
      if ticks & 127 == 0, work >= limits.work || limits.shouldStop?() == true { return .limit }
      if restart.isDue && levels.count > floor {
        restart.begin()
        restarts += 1
        if learnts.count > maxLearnts {
          backtrack(to: 0)
          reduceLearnts()
          if !isBulk { maxLearnts += maxLearnts / 20 }
        } else {
          backtrack(to: floor)
        }
        continue
      }

      if isBulk && levels.count == 0 {
        pushLevel()
        levels.base[0].assumption = assumptions.count
        for literal in assumptions {
          if isFalse(literal) { return .refuted }
          _ = enqueue(literal, .none)
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
      if next == .no {
        guard let literal = chooseDecision() else {
          for decision in 0..<domains.count { solution[decision] = domains[decision].fixed }
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

  private func conflictLevel() -> Int {
    var top = 0
    for index in 0..<conflict.count { top = max(top, Int(level[conflict[index].variable])) }
    return top
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
  private func chooseCandidate(_ decision: Int) -> Int {
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
    var index = 0
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
    return Int(top)
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
