/// What a literal about a decision removes, and what follows from what is left.
extension Kernel {
  @inline(__always)
  private mutating func replaceWord(_ index: Int, _ bits: UInt64) {
    let pointer = domainWords.base + index
    if levels.count > 0 {
      let raw = UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: Int.self)
      undo.append(Undo(pointer: raw, old: Int(bitPattern: UInt(pointer.pointee))))
    }
    pointer.pointee = bits
  }

  @inline(__always)
  private mutating func setSize(_ decision: Int, _ size: Int) {
    let domain = domains.base + decision
    save(&domain.pointee.size)
    domain.pointee.size = size
  }

  /// Takes a literal about a decision into its domain. False means conflict.
  mutating func narrow(_ literal: Lit, _ meaning: Meaning) -> Bool {
    let decision = Int(meaning.decision)
    let domain = domains.base + decision
    if domain.pointee.boolean != 0 { return fixBoolean(decision, literal.isNegated ? 0 : 1, literal) }
    if meaning.what < 0 { return narrowToMask(decision, literal, slot: Int(-1 - meaning.what)) }
    let candidate = Int(meaning.what)
    if !literal.isNegated { return fix(decision, candidate, literal) }
    let word = domain.pointee.words + candidate >> 6
    let bit: UInt64 = 1 << UInt64(candidate & 63)
    let bits = domainWords[word]
    if bits & bit == 0 { return true }
    replaceWord(word, bits & ~bit)
    setSize(decision, domain.pointee.size - 1)
    if domain.pointee.size > 1 {
      if !moveWitnesses(decision, candidate) { return false }
      wakeWatchers(decision)
      return true
    }
    return followLoss(decision)
  }

  /// Booleans have both candidates wherever they are open: nothing is logged, `reopen` knows what to restore.
  @inline(__always)
  private mutating func fixBoolean(_ decision: Int, _ candidate: Int, _ literal: Lit) -> Bool {
    let domain = domains.base + decision
    if domain.pointee.fixed >= 0 { return true }
    domain.pointee.fixed = Int32(truncatingIfNeeded: candidate)
    domain.pointee.size = 1
    domainWords.base[domain.pointee.words] = 1 << UInt64(candidate)
    return domain.pointee.isHeard ? tellOfBoolean(decision, candidate, literal) : true
  }

  @inline(never)
  private mutating func tellOfBoolean(_ decision: Int, _ candidate: Int, _ literal: Lit) -> Bool {
    let domain = domains.base + decision
    for index in 0..<domain.pointee.slots.count {
      let slot = domain.pointee.slots[index]
      let isInside = maskWords[slot.words] & (1 << UInt64(candidate)) != 0
      let variable = Int(slot.variable)
      if !enqueue(Lit(variable: variable, isNegated: !isInside), .literal(literal)) { return false }
    }
    tellSubscribers(domain.pointee.subscribers, value: candidate)
    wakeWatchers(decision)
    return true
  }

  private mutating func fix(_ decision: Int, _ candidate: Int, _ literal: Lit) -> Bool {
    let domain = domains.base + decision
    if domain.pointee.fixed >= 0 { return true }
    domain.pointee.fixed = Int32(candidate)
    for word in 0..<domain.pointee.wordCount {
      let index = domain.pointee.words + word
      let bits = domainWords[index]
      let kept: UInt64 = word == candidate >> 6 ? 1 << UInt64(candidate & 63) : 0
      var named = namedWords[index] & bits & ~kept
      if bits != kept { replaceWord(index, kept) }
      while named != 0 {
        let other = word << 6 + named.trailingZeroBitCount
        named &= named - 1
        let variable = Int(valueVariables[domain.pointee.values + other])
        if !enqueue(Lit(variable: variable, isNegated: true), .literal(literal)) { return false }
      }
    }
    setSize(decision, 1)
    for index in 0..<domain.pointee.slots.count {
      let slot = domain.pointee.slots[index]
      let isInside = maskWords[slot.words + candidate >> 6] & (1 << UInt64(candidate & 63)) != 0
      let variable = Int(slot.variable)
      if !enqueue(Lit(variable: variable, isNegated: !isInside), .literal(literal)) { return false }
    }
    tellSubscribers(domain.pointee.subscribers, value: candidate)
    wakeWatchers(decision)
    return true
  }

  private mutating func narrowToMask(_ decision: Int, _ literal: Lit, slot: Int) -> Bool {
    let domain = domains.base + decision
    let mask = domain.pointee.slots[slot].words
    let flip: UInt64 = literal.isNegated ? ~0 : 0
    var size = 0
    lostWords.count = 0
    for word in 0..<domain.pointee.wordCount {
      let index = domain.pointee.words + word
      let bits = domainWords[index]
      let kept = bits & (maskWords[mask + word] ^ flip)
      size += kept.nonzeroBitCount
      lostWords.append(bits & ~kept)
      if kept == bits { continue }
      var named = namedWords[index] & bits & ~kept
      replaceWord(index, kept)
      while named != 0 {
        let candidate = word << 6 + named.trailingZeroBitCount
        named &= named - 1
        let variable = Int(valueVariables[domain.pointee.values + candidate])
        if !enqueue(Lit(variable: variable, isNegated: true), .literal(literal)) { return false }
      }
    }
    if size == domain.pointee.size { return true }
    setSize(decision, size)
    if size <= 1 { return followLoss(decision) }
    let slots = domain.pointee.slots
    if slots.count < domain.pointee.wordCount {
      // Fewer masks than words: ask each whether it lost its witness.
      for index in 0..<slots.count {
        let (inside, outside) = (Int(slots[index].inside), Int(slots[index].outside))
        if lostWords[inside >> 6] & (1 << UInt64(inside & 63)) != 0, !moveWitnesses(decision, inside) {
          return false
        }
        if lostWords[outside >> 6] & (1 << UInt64(outside & 63)) != 0, !moveWitnesses(decision, outside) {
          return false
        }
      }
      wakeWatchers(decision)
      return true
    }
    for word in 0..<domain.pointee.wordCount {
      var lost = lostWords[word]
      while lost != 0 {
        let candidate = word << 6 + lost.trailingZeroBitCount
        lost &= lost - 1
        if witnessHeads[domain.pointee.values + candidate] >= 0, !moveWitnesses(decision, candidate) {
          return false
        }
      }
    }
    wakeWatchers(decision)
    return true
  }

  /// After a loss that leaves one candidate, which is the value, or none.
  private mutating func followLoss(_ decision: Int) -> Bool {
    if domains[decision].size == 0 {
      let start = explanation.count
      loadLost(decision) { root, _ in root }
      explainLost(decision, before: trail.count)
      takeConflict(from: start)
      return false
    }
    return enqueue(valueLiteral(decision, firstCandidate(decision)), .support)
  }

  /// Finds new witnesses for the masks that watched a lost candidate; a mask without one is entailed or
  /// excluded. Watches of masks that have a value stay: they are undone before the candidate is.
  private mutating func moveWitnesses(_ decision: Int, _ lost: Int) -> Bool {
    let heads = witnessHeads.base + domains.base[decision].values
    let slots = domains.base[decision].slots.base
    var code = heads[lost]
    var kept: Int32 = -1
    heads[lost] = -1
    var isConsistent = true
    while code >= 0 {
      let isOutside = code & 1 != 0
      let slot = slots + Int(code >> 1)
      let next = isOutside ? slot.pointee.nextOutside : slot.pointee.nextInside
      var target = -1
      if isConsistent && value[Int(slot.pointee.variable) << 1] == 0 {
        target = member(decision, slot.pointee.words, flip: isOutside ? ~0 : 0)
        if target < 0 {
          isConsistent = enqueue(
            Lit(variable: Int(slot.pointee.variable), isNegated: !isOutside), .support)
        }
      }
      if target < 0 {
        if isOutside { slot.pointee.nextOutside = kept } else { slot.pointee.nextInside = kept }
        kept = code
      } else {
        if isOutside {
          slot.pointee.outside = Int32(target)
          slot.pointee.nextOutside = heads[target]
        } else {
          slot.pointee.inside = Int32(target)
          slot.pointee.nextInside = heads[target]
        }
        heads[target] = code
      }
      code = next
    }
    heads[lost] = kept
    return isConsistent
  }

  private func member(_ decision: Int, _ mask: Int, flip: UInt64) -> Int {
    let domain = domains[decision]
    for word in 0..<domain.wordCount {
      let bits = domainWords[domain.words + word] & (maskWords[mask + word] ^ flip)
      if bits != 0 { return word << 6 + bits.trailingZeroBitCount }
    }
    return -1
  }

  @inline(__always)
  private mutating func wakeWatchers(_ decision: Int) {
    let list = domains.base[decision].watchers
    for index in 0..<list.count { scheduleHall(Int(list[index])) }
    wakeDemands(decision)
  }

  /// Takes what level 0 has removed into the root domains; such losses need no explanation.
  mutating func settleRoot() {
    assert(levels.count == 0, "roots are settled at level 0")
    for index in 0..<domainWords.count { rootWords[index] = domainWords[index] }
  }
}
