/// Why a literal is true, what a conflict teaches, and which assumptions a failure rests on.
extension Kernel {
  /// Appends true literals that together imply `literal`, all before `limit` on the trail.
  mutating func explain(_ literal: Lit, _ why: Reason, before limit: Int) {
    switch why.kind {
    case .none: return
    case .literal: explanation.append(Lit(code: why.payload))
    case .clause:
      let clause = arena.base + Int(why.payload)
      for index in 0..<Int(clause[0]) {
        let other = Lit(code: clause[Self.header + index])
        if other != literal { explanation.append(!other) }
      }
    case .body:
      let body = bodies.base + Int(why.payload)
      for index in 0..<Int(body[0]) { explanation.append(Lit(code: body[1 + index])) }
    case .support:
      let meaning = variables[literal.variable].meaning
      let decision = Int(meaning.decision)
      if meaning.what >= 0 {
        let candidate = Int(meaning.what)
        loadLost(decision) { root, word in
          word == candidate >> 6 ? root & ~(1 << UInt64(candidate & 63)) : root
        }
      } else {
        let mask = domains[decision].slots[Int(-1 - meaning.what)].words
        let flip: UInt64 = literal.isNegated ? 0 : ~0
        let words = maskWords
        loadLost(decision) { root, word in root & (words[mask + word] ^ flip) }
      }
      explainLost(decision, before: limit)
    }
  }

  /// Learns from `conflict` into `learnt`: the negation of the first unique implication point and of what it
  /// needs from lower levels. False means that the conflict holds at level 0.
  ///
  /// On return the kernel stands at the conflict's level, and `learnt[1]` has the level to return to.
  mutating func analyse() -> Bool {
    var top = 0
    for index in 0..<conflict.count { top = max(top, Int(variables[conflict[index].variable].level)) }
    if top == 0 { return false }
    if top < levels.count { backtrack(to: top) }

    learnt.count = 0
    learnt.append(.no)
    cleared.count = 0
    var open = 0
    var index = trail.count - 1
    explanation.count = 0
    for place in 0..<conflict.count { explanation.append(conflict[place]) }
    while true {
      for place in 0..<explanation.count {
        let literal = explanation[place]
        let variable = literal.variable
        if variables[variable].seen != 0 || variables[variable].level == 0 { continue }
        variables.base[variable].seen = 1
        cleared.append(Int32(variable))
        bumpVariable(variable)
        if Int(variables[variable].level) == top { open += 1 } else { learnt.append(!literal) }
      }
      while variables[trail[index].variable].seen == 0 { index -= 1 }
      let literal = trail[index]
      index -= 1
      open -= 1
      if open == 0 {
        learnt[0] = !literal
        break
      }
      explanation.count = 0
      let why = variables[literal.variable].reason
      if why.kind == .clause { noteUse(Int(why.payload)) }
      explain(literal, why, before: index + 1)
      work &+= explanation.count
    }
    explanation.count = 0
    minimise()
    for place in 0..<cleared.count { variables.base[Int(cleared[place])].seen = 0 }
    bump *= 1 / 0.95
    if bump > 1e100 { rescaleActivities() }

    if learnt.count > 1 {
      var highest = 1
      for place in 2..<max(learnt.count, 2)
      where variables[learnt[place].variable].level > variables[learnt[highest].variable].level {
        highest = place
      }
      let moved = learnt[1]
      learnt[1] = learnt[highest]
      learnt[highest] = moved
    }
    if isChecking { checkLearnt() }
    return true
  }

  /// Drops literals that the others imply.
  private mutating func minimise() {
    var write = 1
    for read in 1..<max(learnt.count, 1) {
      let literal = learnt[read]
      if variables[literal.variable].reason.kind == .none || !isImplied(literal, depth: 0) {
        learnt[write] = literal
        write += 1
      }
    }
    learnt.count = write
  }

  /// Whether a false literal of the learnt clause follows from the rest of it. Marks: 1 in the clause, 2
  /// implied, 3 not implied.
  private mutating func isImplied(_ literal: Lit, depth: Int) -> Bool {
    let truth = isTrue(literal) ? literal : !literal
    let variable = truth.variable
    let start = explanation.count
    explain(truth, variables[variable].reason, before: Int(variables[variable].position))
    let end = explanation.count
    var holds = true
    for index in start..<end {
      let other = explanation[index]
      let mark = variables[other.variable].seen
      if mark == 1 || mark == 2 || variables[other.variable].level == 0 { continue }
      if mark == 3 || depth > 12 || variables[other.variable].reason.kind == .none
        || !isImplied(other, depth: depth + 1)
      {
        holds = false
        break
      }
    }
    explanation.count = start
    if depth > 0 {
      if variables[variable].seen == 0 { cleared.append(Int32(variable)) }
      if variables[variable].seen != 1 { variables.base[variable].seen = holds ? 2 : 3 }
    }
    return holds
  }

  /// How many levels meet in the learnt clause.
  mutating func glue() -> Int {
    var count = 0
    stamp += 1
    let stamps = levelStamps.base
    let mark = stamp
    for index in 0..<learnt.count {
      let place = Int(variables[learnt[index].variable].level)
      if stamps[place] != mark {
        stamps[place] = mark
        count += 1
      }
    }
    return count
  }

  /// Which assumptions make `literal` (an assumption itself, now false) fail: into `failed`.
  mutating func analyseFailure(of literal: Lit) {
    failed.count = 0
    failed.append(literal)
    if variables[literal.variable].level == 0 { return }
    cleared.count = 0
    variables.base[literal.variable].seen = 1
    cleared.append(Int32(literal.variable))
    collectDecisions()
  }

  private mutating func collectDecisions() {
    var index = trail.count - 1
    while index >= 0 {
      let literal = trail[index]
      let variable = literal.variable
      if variables[variable].seen != 0 && variables[variable].level > 0 {
        if variables[variable].reason.kind == .none {
          failed.append(literal)
        } else {
          explanation.count = 0
          explain(literal, variables[variable].reason, before: index)
          for place in 0..<explanation.count {
            let other = explanation[place].variable
            if variables[other].level > 0 && variables[other].seen == 0 {
              variables.base[other].seen = 1
              cleared.append(Int32(other))
            }
          }
        }
      }
      index -= 1
    }
    explanation.count = 0
    for place in 0..<cleared.count { variables.base[Int(cleared[place])].seen = 0 }
  }
}
