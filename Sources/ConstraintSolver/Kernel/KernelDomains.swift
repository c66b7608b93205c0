/// Domains: what a literal about a decision removes, and what follows from what is left.
extension Kernel {
  /// A decision whose candidates are the members of `initial`.
  mutating func makeDecision(candidates: Int, initial: [UInt64]) -> Int {
    let decision = domains.count
    let wordCount = max(initial.count, 1)
    var domain = Domain(
      words: domainWords.count, wordCount: wordCount, candidateCount: candidates,
      size: initial.reduce(0) { $0 + $1.nonzeroBitCount }, fixed: -1, boolean: 0,
      values: valueVariables.count, slots: Buffer(), subscribers: Buffer(), watchers: Buffer())
    for word in 0..<wordCount {
      let bits = word < initial.count ? initial[word] : 0
      domainWords.append(bits)
      rootWords.append(bits)
      namedWords.append(0)
    }
    valueVariables.append(repeating: 0, count: candidates)
    witnessHeads.append(repeating: -1, count: candidates)
    if candidates == 2 && domain.size == 2 {
      let isOne = known.count > decision ? Int8(known[decision] == 1 ? 1 : 0) : -1
      let variable = makeVariable(Meaning(decision: Int32(decision), what: 1), truth: isOne)
      domain.boolean = Int32(variable)
    }
    domains.append(domain)
    activity.append(0)
    heapIndex.append(-1)
    saved.append(-1)
    solution.append(-1)
    guides.append(Guide())
    heapInsert(decision)
    if domain.size == 0 { isContradictory = true }
    if domain.size == 1 {
      let only = firstCandidate(decision)
      if !enqueue(makeValueVariable(decision, only), .none) { isContradictory = true }
    }
    return decision
  }

  @inline(__always)
  func contains(_ decision: Int, _ candidate: Int) -> Bool {
    domainWords.base[domains.base[decision].words + candidate >> 6] & (1 << UInt64(candidate & 63)) != 0
  }

  func firstCandidate(_ decision: Int) -> Int {
    let domain = domains[decision]
    for word in 0..<domain.wordCount {
      let bits = domainWords[domain.words + word]
      if bits != 0 { return word << 6 + bits.trailingZeroBitCount }
    }
    preconditionFailure("an empty domain has no first candidate")
  }

  func candidates(_ decision: Int) -> [Int32] {
    (0..<domains[decision].candidateCount).compactMap { contains(decision, $0) ? Int32($0) : nil }
  }

  private mutating func makeValueVariable(_ decision: Int, _ candidate: Int) -> Lit {
    let domain = domains[decision]
    let truth = known.count > decision ? Int8(known[decision] == candidate ? 1 : 0) : -1
    let variable = makeVariable(
      Meaning(decision: Int32(decision), what: Int32(candidate)), truth: truth)
    valueVariables[domain.values + candidate] = Int32(variable)
    namedWords[domain.words + candidate >> 6] |= 1 << UInt64(candidate & 63)
    return Lit(variable: variable)
  }

  /// The literal `decision = candidate`. The candidate is in the domain, or its literal is made already.
  mutating func valueLiteral(_ decision: Int, _ candidate: Int) -> Lit {
    let domain = domains.base + decision
    if domain.pointee.boolean != 0 {
      return Lit(variable: Int(domain.pointee.boolean), isNegated: candidate == 0)
    }
    let variable = valueVariables[domain.pointee.values + candidate]
    if variable != 0 { return Lit(variable: Int(variable)) }
    if levels.count == 0 && !contains(decision, candidate) { return .no }
    assert(contains(decision, candidate), "a literal is made while its candidate is there")
    return makeValueVariable(decision, candidate)
  }

  /// The literal `decision = candidate` where it exists; `yes` or `no` where the domain says so without.
  func valueLiteralIfAny(_ decision: Int, _ candidate: Int) -> Lit? {
    let domain = domains[decision]
    if domain.boolean != 0 { return Lit(variable: Int(domain.boolean), isNegated: candidate == 0) }
    let variable = valueVariables[domain.values + candidate]
    return variable != 0 ? Lit(variable: Int(variable)) : nil
  }

  /// The literal `decision in mask`, at level 0.
  mutating func maskLiteral(_ decision: Int, _ mask: [UInt64]) -> Lit {
    let domain = domains[decision]
    var inside = 0
    var outside = 0
    var insideMember = -1
    var outsideMember = -1
    for word in 0..<domain.wordCount {
      let bits = domainWords[domain.words + word]
      let wanted = word < mask.count ? mask[word] : 0
      if bits & wanted != 0 && insideMember < 0 {
        insideMember = word << 6 + (bits & wanted).trailingZeroBitCount
      }
      if bits & ~wanted != 0 && outsideMember < 0 {
        outsideMember = word << 6 + (bits & ~wanted).trailingZeroBitCount
      }
      inside += (bits & wanted).nonzeroBitCount
      outside += (bits & ~wanted).nonzeroBitCount
    }
    if inside == 0 { return .no }
    if outside == 0 { return .yes }
    if inside == 1 { return valueLiteral(decision, insideMember) }
    if outside == 1 { return !valueLiteral(decision, outsideMember) }
    // A mask and its complement share a slot: the one with the first candidate is the key.
    let isFlipped = insideMember > outsideMember
    var hasher = Hashing(seed: UInt64(decision))
    for word in 0..<domain.wordCount {
      let bits = rootWords[domain.words + word]
      let wanted = word < mask.count ? mask[word] : 0
      hasher.combine(bits & (isFlipped ? ~wanted : wanted))
    }
    if let index = slotIndex[hasher.value] {
      let slot = domain.slots[index]
      var isSame = true
      var isOpposite = true
      for word in 0..<domain.wordCount {
        let bits = domainWords[domain.words + word]
        let wanted = (word < mask.count ? mask[word] : 0) & bits
        let has = maskWords[slot.words + word] & bits
        if has != wanted { isSame = false }
        if has != bits & ~wanted { isOpposite = false }
      }
      if isSame { return Lit(variable: Int(slot.variable)) }
      if isOpposite { return Lit(variable: Int(slot.variable), isNegated: true) }
    }
    slotIndex[hasher.value] = domain.slots.count
    let words = maskWords.count
    for word in 0..<domain.wordCount { maskWords.append(word < mask.count ? mask[word] : 0) }
    var truth: Int8 = -1
    if known.count > decision {
      let candidate = Int(known[decision])
      truth = maskWords[words + candidate >> 6] & (1 << UInt64(candidate & 63)) != 0 ? 1 : 0
    }
    let variable = makeVariable(
      Meaning(decision: Int32(decision), what: Int32(-1 - domain.slots.count)), truth: truth)
    let number = Int32(domain.slots.count)
    domains.base[decision].slots.append(
      MaskSlot(
        variable: Int32(variable), inside: Int32(insideMember), outside: Int32(outsideMember),
        words: words, nextInside: witnessHeads[domain.values + insideMember],
        nextOutside: witnessHeads[domain.values + outsideMember]))
    witnessHeads[domain.values + insideMember] = number * 2
    witnessHeads[domain.values + outsideMember] = number * 2 + 1
    return Lit(variable: variable)
  }

  // MARK: narrowing

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
    if domain.pointee.boolean != 0 { return fix(decision, literal.isNegated ? 0 : 1, literal) }
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
  }

  /// Takes what level 0 has removed into the root domains; such losses need no explanation.
  mutating func settleRoot() {
    assert(levels.count == 0, "roots are settled at level 0")
    for index in 0..<domainWords.count { rootWords[index] = domainWords[index] }
  }

  // MARK: explaining losses

  /// Puts into `lostWords` the candidates whose loss is to be explained: `choose(root word, word number)`.
  @inline(__always)
  mutating func loadLost(_ decision: Int, _ choose: (UInt64, Int) -> UInt64) {
    let domain = domains[decision]
    lostWords.count = 0
    for word in 0..<domain.wordCount {
      lostWords.append(choose(rootWords[domain.words + word], word))
    }
  }

  /// Explains why the decision lost the candidates in `lostWords` before a position of the trail: for each
  /// the literal that removed it first.
  mutating func explainLost(_ decision: Int, before limit: Int) {
    let domain = domains[decision]
    for word in 0..<domain.wordCount {
      while lostWords[word] != 0 {
        let candidate = word << 6 + lostWords[word].trailingZeroBitCount
        explainLoss(decision, candidate, before: limit)
      }
    }
  }

  private mutating func explainLoss(
    _ decision: Int, _ candidate: Int, before limit: Int
  ) {
    let domain = domains[decision]
    var best = Lit.no
    var bestPosition = limit
    var bestMask = -1
    var bestFlip: UInt64 = 0
    if domain.boolean != 0 {
      best = Lit(variable: Int(domain.boolean), isNegated: candidate == 1)
      bestPosition = Int(position[best.variable])
    } else {
      let variable = Int(valueVariables[domain.values + candidate])
      if variable != 0, value[variable << 1] < 0, Int(position[variable]) < bestPosition {
        best = Lit(variable: variable, isNegated: true)
        bestPosition = Int(position[variable])
      }
      if domain.fixed >= 0 && Int(domain.fixed) != candidate {
        let fixing = Int(valueVariables[domain.values + Int(domain.fixed)])
        if Int(position[fixing]) < bestPosition {
          best = Lit(variable: fixing)
          bestPosition = Int(position[fixing])
          bestMask = -2
        }
      }
      for index in 0..<domain.slots.count {
        let slot = domain.slots[index]
        let sign = value[Int(slot.variable) << 1]
        if sign == 0 { continue }
        let place = Int(position[Int(slot.variable)])
        if place >= bestPosition { continue }
        let isInside = maskWords[slot.words + candidate >> 6] & (1 << UInt64(candidate & 63)) != 0
        if isInside == (sign > 0) { continue }
        best = Lit(variable: Int(slot.variable), isNegated: sign < 0)
        bestPosition = place
        bestMask = slot.words
        bestFlip = sign > 0 ? ~0 : 0
      }
    }
    precondition(best != .no && isTrue(best) && bestPosition < limit, "a lost candidate has a cause")
    explanation.append(best)
    if bestMask == -2 {
      let fixed = Int(domain.fixed)
      for word in 0..<domain.wordCount {
        lostWords[word] &= word == fixed >> 6 ? 1 << UInt64(fixed & 63) : 0
      }
    } else if bestMask >= 0 {
      for word in 0..<domain.wordCount {
        lostWords[word] &= ~(maskWords[bestMask + word] ^ bestFlip)
      }
    }
    lostWords[candidate >> 6] &= ~(1 << UInt64(candidate & 63))
  }
}

/// A hash that is the same in every run.
struct Hashing {
  private var state: UInt64
  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 ^ 0xD1B5_4A32_D192_ED03 }
  mutating func combine(_ word: UInt64) {
    state = (state ^ word) &* 0xBF58_476D_1CE4_E5B9
    state ^= state >> 29
  }
  var value: Int { Int(truncatingIfNeeded: state) }
}
