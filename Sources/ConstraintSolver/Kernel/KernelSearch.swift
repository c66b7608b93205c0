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
        if isChecking { checkConflict() }
        clearQueues()
        guard analyse() else {
          isContradictory = true
          return .unsatisfiable
        }
        let target = learnt.count > 1 ? Int(variables[learnt[1].variable].level) : 0
        let glue = glue()
        backtrack(to: target)
        addLearnt(glue: glue)
        reduceLearntsIfDue()
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
        if literal == .yes { continue }
        next = literal
        decisionCount += 1
      }
      pushLevel()
      levels.base[levels.count - 1].assumption = index
      _ = enqueue(next, .none)
    }
  }

  mutating func takeSolution() {
    for decision in 0..<domains.count { solution[decision] = domains[decision].fixed }
    if watchedLinear >= 0 { solutionLower = linears[watchedLinear].lower }
  }

  // MARK: decisions

  /// Nil where all are fixed; true where instead of a choice something was found out.
  mutating func chooseDecision() -> Lit? {
    while let decision = heapRemoveTop() {
      if domains[decision].fixed >= 0 { continue }
      let candidate = chooseCandidate(decision)
      if candidate >= 0 { return valueLiteral(decision, candidate) }
      heapInsert(decision)
      if excludeUnfit(decision) { return .yes }
      return valueLiteral(decision, firstCandidate(decision))
    }
    return nil
  }

  /// The saved candidate, else the cheapest by its own cost and the bins it would open; -1 where none has room.
  mutating func chooseCandidate(_ decision: Int) -> Int {
    let last = saved[decision]
    if last >= 0, contains(decision, Int(last)), !hasLazyLoads || fits(decision, Int(last)) {
      return Int(last)
    }
    let domain = domains[decision]
    let guide = guides[decision]
    var best = -1
    var bestScore = Int.max
    let mustFit = hasLazyLoads || domain.channels.count > 0
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
        if score < bestScore && (!mustFit || fits(decision, candidate)) {
          best = candidate
          bestScore = score
        }
      }
    }
    return best
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
