/// Clauses: two watched literals, binary clauses in the watch lists alone.
extension Kernel {
  /// Words before the literals of a clause: their number; the glue, or -1 where it was posted; the literal where the
  /// last search for a true or open one ended; how much it was of use.
  static var header: Int { 4 }

  /// Posts a clause at level 0. False means that the kernel became contradictory.
  @discardableResult
  mutating func addClause(_ literals: [Lit]) -> Bool {
    if isContradictory { return false }
    assert(levels.count == 0, "clauses are posted at level 0")
    var kept: [Lit] = []
    for literal in literals {
      if isTrue(literal) || kept.contains(!literal) { return true }
      if isFalse(literal) || kept.contains(literal) { continue }
      kept.append(literal)
    }
    if kept.isEmpty {
      isContradictory = true
      return false
    }
    if kept.count == 1 {
      if !enqueue(kept[0], .none) { isContradictory = true }
      return !isContradictory
    }
    if kept.count == 2 {
      attachBinary(kept[0], kept[1])
      return true
    }
    let reference = arena.count
    beginClause(size: kept.count, glue: -1)
    for literal in kept { arena.append(literal.code) }
    originals.append(Int32(reference))
    attach(reference)
    return true
  }

  private mutating func beginClause(size: Int, glue: Int) {
    arena.append(Int32(size))
    arena.append(Int32(truncatingIfNeeded: glue))
    arena.append(2)
    arena.append(0)
  }

  mutating func attachBinary(_ a: Lit, _ b: Lit) {
    watches.base[(!a).index].append(Watcher(clause: -1, blocker: b))
    watches.base[(!b).index].append(Watcher(clause: -1, blocker: a))
  }

  mutating func attach(_ reference: Int) {
    let a = Lit(code: arena[reference + Self.header])
    let b = Lit(code: arena[reference + Self.header + 1])
    watches.base[(!a).index].append(Watcher(clause: Int32(reference), blocker: b))
    watches.base[(!b).index].append(Watcher(clause: Int32(reference), blocker: a))
  }

  @inline(__always)
  mutating func visitWatches(_ literal: Lit) -> Bool {
    let list = watches.base + literal.index
    let count = list.pointee.count
    if count == 0 { return true }
    return visit(list.pointee.base, count, literal)
  }

  /// Runs through the watchers of a literal that has become true, and compacts the list on the way.
  private mutating func visit(
    _ entries: UnsafeMutablePointer<Watcher>, _ count: Int, _ literal: Lit
  ) -> Bool {
    let values = value.base
    let isFalsified = (!literal).code
    let end = entries + count
    var read = entries
    var write = entries
    var isConsistent = true
    work &+= count >> 3
    while read < end {
      let watcher = read.pointee
      read += 1
      let blockerValue = values[watcher.blocker.index]
      if blockerValue > 0 {
        write.pointee = watcher
        write += 1
        continue
      }
      if watcher.clause < 0 {
        write.pointee = watcher
        write += 1
        if blockerValue < 0 {
          conflict.count = 0
          conflict.append(literal)
          conflict.append(!watcher.blocker)
          isConsistent = false
          break
        }
        assign(watcher.blocker, .literal(literal))
        continue
      }

      let clause = arena.base + Int(watcher.clause)
      let literals = clause + Self.header
      // The other watched literal is what is left of the two when the falsified one is taken out.
      let first = Lit(code: literals[0] ^ literals[1] ^ isFalsified)
      let firstValue = values[first.index]
      let kept = Watcher(clause: watcher.clause, blocker: first)
      if firstValue > 0 {
        write.pointee = kept
        write += 1
        continue
      }
      let last = clause + (Self.header + Int(clause[0]))
      // The search goes on where the last one ended: the literals before are likely to be false still.
      let start = literals + Int(clause[2])
      var other = start
      while other < last && values[Int(other.pointee)] < 0 { other += 1 }
      if other == last {
        other = literals + 2
        while other < start && values[Int(other.pointee)] < 0 { other += 1 }
        if other == start { other = last }
      }
      if other < last {
        clause[2] = Int32(truncatingIfNeeded: other - literals)
        let replacement = Lit(code: other.pointee)
        literals[0] = first.code
        literals[1] = replacement.code
        other.pointee = isFalsified
        watches.base[(!replacement).index].append(kept)
        continue
      }
      literals[0] = first.code
      literals[1] = isFalsified
      write.pointee = kept
      write += 1
      if firstValue < 0 {
        conflict.count = 0
        other = literals
        while other < last {
          conflict.append(!Lit(code: other.pointee))
          other += 1
        }
        isConsistent = false
        break
      }
      assign(first, .clause(Int(watcher.clause)))
    }
    while read < end {
      write.pointee = read.pointee
      write += 1
      read += 1
    }
    watches.base[literal.index].count = write - entries
    return isConsistent
  }

  /// Adds `learnt` and makes its first literal true; the second one has the highest level of the others.
  mutating func addLearnt(glue: Int) {
    learntCount += 1
    if learnt.count == 1 {
      _ = enqueue(learnt[0], .none)
      return
    }
    if learnt.count == 2 {
      attachBinary(learnt[0], learnt[1])
      _ = enqueue(learnt[0], .literal(!learnt[1]))
      return
    }
    let reference = arena.count
    beginClause(size: learnt.count, glue: glue)
    for index in 0..<learnt.count { arena.append(learnt[index].code) }
    learnts.append(Int32(reference))
    attach(reference)
    _ = enqueue(learnt[0], .clause(reference))
  }
}
