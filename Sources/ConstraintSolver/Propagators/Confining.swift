/// What propagators over many candidates have in common: one decision is fixed, and confines another to a list of
/// candidates, or keeps it out of one. `Channel` and `Distinct` say which.
extension Kernel {
  /// `cause` and the enforcement imply the literal. False where it was false.
  mutating func follow(_ enforcement: Lit, _ cause: Lit, _ literal: Lit) -> Bool {
    let body = beginBody()
    addToBody(cause)
    addToBody(enforcement)
    endBody(body)
    if isChecking { checkBody(body, implies: literal) }
    return enqueue(literal, .body(body))
  }

  /// The cause and the explanations from `start` on cannot stand with the enforcement.
  mutating func refuse(_ enforcement: Lit, _ cause: Lit, from start: Int) -> Bool {
    let body = beginBody()
    addToBody(cause)
    for index in start..<explanation.count { addToBody(explanation[index]) }
    explanation.count = start
    if isTrue(enforcement) {
      addToBody(enforcement)
      endBody(body)
      return failWithBody(body)
    }
    endBody(body)
    if isChecking { checkBody(body, implies: !enforcement) }
    return enqueue(!enforcement, .body(body))
  }

  /// Puts a list of candidates, which stands in `columnValues`, into `maskScratch`.
  mutating func loadMask(_ decision: Int, list: Range<Int>) {
    maskScratch.count = 0
    maskScratch.append(repeating: 0, count: domains[decision].wordCount)
    for place in list {
      let candidate = columnValues[place]
      maskScratch[candidate >> 6] |= 1 << UInt64(candidate & 63)
    }
  }

  /// The literal `decision in maskScratch`, at any level; now neither entailed nor excluded.
  mutating func lazyMaskLiteral(_ decision: Int) -> Lit {
    let domain = domains[decision]
    var members = 0
    var only = -1
    for word in 0..<domain.wordCount {
      let bits = maskScratch[word] & rootWords[domain.words + word]
      maskScratch[word] = bits
      members += bits.nonzeroBitCount
      if bits != 0 { only = word << 6 + bits.trailingZeroBitCount }
    }
    if members == 1 { return valueLiteral(decision, only) }
    return maskLiteral(decision, maskScratch.array)
  }
}
