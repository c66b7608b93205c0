/// Sub-searches above frozen decisions, for neighbourhoods of a placement.
extension Kernel {
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
        let target = learnt.count > 1 ? Int(variables[learnt[1].variable].level) : 0
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
      if literal == .yes { continue }
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
      for place in 0..<2 {
        detach(Lit(code: arena[Int(reference) + Self.header + place])) { $0.clause == reference }
      }
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
}
