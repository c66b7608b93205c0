/// Why a decision lost candidates.
extension Kernel {
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
      bestPosition = Int(variables[best.variable].position)
    } else {
      let variable = Int(valueVariables[domain.values + candidate])
      if variable != 0, value[variable << 1] < 0, Int(variables[variable].position) < bestPosition {
        best = Lit(variable: variable, isNegated: true)
        bestPosition = Int(variables[variable].position)
      }
      if domain.fixed >= 0 && Int(domain.fixed) != candidate {
        let fixing = Int(valueVariables[domain.values + Int(domain.fixed)])
        if Int(variables[fixing].position) < bestPosition {
          best = Lit(variable: fixing)
          bestPosition = Int(variables[fixing].position)
          bestMask = -2
        }
      }
      for index in 0..<domain.slots.count {
        let slot = domain.slots[index]
        let sign = value[Int(slot.variable) << 1]
        if sign == 0 { continue }
        let place = Int(variables[Int(slot.variable)].position)
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
