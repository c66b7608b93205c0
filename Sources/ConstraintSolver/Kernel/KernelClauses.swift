/// Clauses: two watched literals, binary clauses in the watch lists alone, deletion by glue.
extension Kernel {
  static var header: Int { 3 }

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
    arena.append(Int32(kept.count))
    arena.append(-1)
    arena.append(2)
    for literal in kept { arena.append(literal.code) }
    originals.append(Int32(reference))
    attach(reference)
    return true
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
    arena.append(Int32(learnt.count))
    arena.append(Int32(glue))
    arena.append(2)
    for index in 0..<learnt.count { arena.append(learnt[index].code) }
    learnts.append(Int32(reference))
    attach(reference)
    _ = enqueue(learnt[0], .clause(reference))
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

  /// Forgets the worse half of the learnt clauses and closes the gaps in the arena.
  mutating func reduceLearnts() {
    let ranked = learnts.array.sorted { a, b in
      let (glueA, glueB) = (arena[Int(a) + 1], arena[Int(b) + 1])
      if glueA != glueB { return glueA < glueB }
      let (sizeA, sizeB) = (arena[Int(a)], arena[Int(b)])
      return sizeA != sizeB ? sizeA < sizeB : a > b
    }
    var keep = Set<Int32>(minimumCapacity: ranked.count)
    for (rank, reference) in ranked.enumerated() {
      let isGood = rank < ranked.count / 2 || arena[Int(reference) + 1] <= 2
      if isLocked(Int(reference)) || (isGood && !isSatisfiedAtRoot(Int(reference))) {
        keep.insert(reference)
      }
    }
    compact(keeping: keep)
  }

  private mutating func compact(keeping keep: Set<Int32>) {
    for index in 0..<watches.count {
      let list = watches.base + index
      var write = 0
      for read in 0..<list.pointee.count where list.pointee[read].clause < 0 {
        list.pointee[write] = list.pointee[read]
        write += 1
      }
      list.pointee.count = write
    }
    var moved = Buffer<Int32>(capacity: arena.count)
    func move(_ list: inout Buffer<Int32>, _ isKept: (Int32) -> Bool) {
      var write = 0
      for read in 0..<list.count where isKept(list[read]) {
        let old = Int(list[read])
        let size = Int(arena[old]) + Self.header
        let new = moved.count
        for word in 0..<size { moved.append(arena[old + word]) }
        arena[old + 2] = Int32(new)
        list[write] = Int32(new)
        write += 1
      }
      list.count = write
    }
    var originals = self.originals
    var learnts = self.learnts
    move(&originals) { _ in true }
    move(&learnts) { keep.contains($0) }
    self.originals = originals
    self.learnts = learnts
    for index in 0..<trail.count {
      let variable = trail[index].variable
      let why = variables[variable].reason
      guard why.kind == .clause else { continue }
      // A literal of level 0 never asks for its reason again.
      variables.base[variable].reason =
        variables[variable].level == 0 ? .none : .clause(Int(arena[Int(why.payload) + 2]))
    }
    arena.deallocate()
    arena = moved
    for index in 0..<originals.count { arena[Int(originals[index])+2] = 2; attach(Int(originals[index])) }
    for index in 0..<learnts.count { arena[Int(learnts[index])+2] = 2;  attach(Int(learnts[index])) }
  }
}
