/// Which learnt clauses stay: those that took part in recent conflicts, then those of low glue.
///
/// Each clause that stays costs the propagations that meet it, so that few stay: the worse half goes whenever there
/// are `maxLearnts` of them, which grows with the root of the number of conflicts.
extension Kernel {
  /// A clause was a reason in the analysis of a conflict. A part in a conflict counts 4, and loses a quarter with each
  /// reduction.
  @inline(__always)
  mutating func noteUse(_ reference: Int) { arena.base[reference + 3] &+= 4 }

  mutating func reduceLearntsIfDue() {
    if learnts.count <= maxLearnts { return }
    reduceLearnts()
    maxLearnts += 20
  }

  /// Forgets the worse half of the learnt clauses; at any level.
  mutating func reduceLearnts() {
    guard learnts.count > 0 else { return }
    let ranks = learnts.array.map { rank($0) }
    let middle = ranks.sorted()[ranks.count / 2]
    let floor = Int(learnts[0])
    let lists = watchesOfClauses(from: floor)
    var kept: [Int32] = []
    for (index, rank) in ranks.enumerated() {
      let reference = Int(learnts[index])
      let isGood = rank < middle || arena[reference + 1] <= 2
      if isLocked(reference) || (isGood && !isSatisfiedAtRoot(reference)) { kept.append(learnts[index]) }
      arena[reference + 3] -= arena[reference + 3] / 4
    }
    learnts.count = 0
    for reference in kept { learnts.append(reference) }
    compact(from: floor, lists)
  }

  private func rank(_ reference: Int32) -> ClauseRank {
    let clause = arena.base + Int(reference)
    return ClauseRank(use: clause[3], glue: clause[1], size: clause[0], reference: reference)
  }

  private func isLocked(_ reference: Int) -> Bool {
    let first = Lit(code: arena[reference + Self.header])
    let why = variables[first.variable].reason
    return isTrue(first) && why.kind == .clause && Int(why.payload) == reference
  }

  private func isSatisfiedAtRoot(_ reference: Int) -> Bool {
    for index in 0..<Int(arena[reference]) {
      let literal = Lit(code: arena[reference + Self.header + index])
      if isTrue(literal) && variables[literal.variable].level == 0 { return true }
    }
    return false
  }

  /// The lists that watch the clauses at and after `floor`.
  private func watchesOfClauses(from floor: Int) -> [Int] {
    var isListed = [Bool](repeating: false, count: watches.count)
    var lists: [Int] = []
    var reference = floor
    while reference < arena.count {
      for place in 0..<2 {
        let index = (!Lit(code: arena[reference + Self.header + place])).index
        if !isListed[index] { lists.append(index) }
        isListed[index] = true
      }
      reference += Int(arena[reference]) + Self.header
    }
    return lists
  }

  /// Closes the gaps in the arena after `floor`, before which no clause was dropped.
  private mutating func compact(from floor: Int, _ lists: [Int]) {
    for index in lists {
      let list = watches.base + index
      var write = 0
      for read in 0..<list.pointee.count where Int(list.pointee[read].clause) < floor {
        list.pointee[write] = list.pointee[read]
        write += 1
      }
      list.pointee.count = write
    }
    // Clauses that were posted after the first learnt one move before it, so that both lists stay in order.
    var tail = Buffer<Int32>(capacity: arena.count - floor)
    var moved: [Int32] = []
    for isLearnt in [false, true] {
      let references = isLearnt ? learnts : originals
      for index in 0..<references.count where Int(references[index]) >= floor {
        let old = Int(references[index])
        let new = Int32(floor + tail.count)
        for word in 0..<Int(arena[old]) + Self.header { tail.append(arena[old + word]) }
        // A clause is found again by its old place until all is moved.
        arena[old + 2] = new
        references[index] = new
        moved.append(new)
      }
    }
    for index in 0..<trail.count {
      let state = variables.base + trail[index].variable
      guard state.pointee.reason.kind == .clause, Int(state.pointee.reason.payload) >= floor else { continue }
      // A literal of level 0 never asks for its reason again.
      state.pointee.reason =
        state.pointee.level == 0 ? .none : .clause(Int(arena[Int(state.pointee.reason.payload) + 2]))
    }
    arena.count = floor
    for index in 0..<tail.count { arena.append(tail[index]) }
    tail.deallocate()
    for reference in moved { attach(Int(reference)) }
  }
}

/// How learnt clauses are compared: the better one is the lesser.
private struct ClauseRank: Comparable {
  let use: Int32
  let glue: Int32
  let size: Int32
  let reference: Int32

  static func < (a: ClauseRank, b: ClauseRank) -> Bool {
    if a.use != b.use { return a.use > b.use }
    if a.glue != b.glue { return a.glue < b.glue }
    return a.size != b.size ? a.size < b.size : a.reference > b.reference
  }
}
