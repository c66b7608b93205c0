/// Decisions and the literals that speak about them.
extension Kernel {
  /// A decision whose candidates are the members of `initial`.
  mutating func makeDecision(candidates: Int, initial: [UInt64]) -> Int {
    let decision = domains.count
    let wordCount = max(initial.count, 1)
    var domain = Domain(
      words: domainWords.count, wordCount: wordCount, candidateCount: candidates,
      size: initial.reduce(0) { $0 + $1.nonzeroBitCount }, values: valueVariables.count)
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

  /// The literal `decision in mask`; above level 0 only where the domain neither entails nor excludes it.
  mutating func maskLiteral(_ decision: Int, _ mask: [UInt64]) -> Lit {
    let domain = domains[decision]
    var inside = 0
    var outside = 0
    var insideMember = -1
    var outsideMember = -1
    let meant = levels.count == 0 ? domainWords : rootWords
    var isFlipped = false
    for word in 0..<domain.wordCount {
      var bits = meant[domain.words + word]
      let wanted = word < mask.count ? mask[word] : 0
      if inside + outside == 0 && bits != 0 { isFlipped = wanted & (bits & ~(bits - 1)) == 0 }
      inside += (bits & wanted).nonzeroBitCount
      outside += (bits & ~wanted).nonzeroBitCount
      bits = domainWords[domain.words + word]
      if bits & wanted != 0 && insideMember < 0 {
        insideMember = word << 6 + (bits & wanted).trailingZeroBitCount
      }
      if bits & ~wanted != 0 && outsideMember < 0 {
        outsideMember = word << 6 + (bits & ~wanted).trailingZeroBitCount
      }
    }
    if inside == 0 { return .no }
    if outside == 0 { return .yes }
    if inside == 1 { return valueLiteral(decision, insideMember) }
    if outside == 1 { return !valueLiteral(decision, outsideMember) }
    // A mask and its complement share a slot: the one with the first candidate is the key.
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
        let bits = meant[domain.words + word]
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
    domains.base[decision].add(
      slot: MaskSlot(
        variable: Int32(variable), inside: Int32(insideMember), outside: Int32(outsideMember),
        words: words, nextInside: witnessHeads[domain.values + insideMember],
        nextOutside: witnessHeads[domain.values + outsideMember]))
    witnessHeads[domain.values + insideMember] = number * 2
    witnessHeads[domain.values + outsideMember] = number * 2 + 1
    return Lit(variable: variable)
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
