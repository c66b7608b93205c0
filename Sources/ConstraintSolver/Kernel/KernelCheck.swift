/// The check against a known solution, in debug builds: whatever is propagated, learnt or found to be a conflict must
/// hold for it. A wrong step is caught when it is made, and not when an optimum is missing at the end.
extension Kernel {
  /// Whether this build can check at all.
  static var canCheck: Bool {
    #if DEBUG
      true
    #else
      false
    #endif
  }

  mutating func checkLearnt() {
    for index in 0..<learnt.count where isTrueOrOpen(learnt[index]) { return }
    note("learnt that not all of \(words(learnt.array.map { !$0 })) hold")
  }

  mutating func checkConflict() {
    for index in 0..<conflict.count where !isKnown(conflict[index]) { return }
    note("took \(words(conflict.array)) for a conflict")
  }

  /// A literal of the trail, with its reason of whatever kind.
  mutating func checkPropagation(_ literal: Lit) {
    let variable = literal.variable
    if !isTruthKnown(literal) || isKnown(literal) || variables[variable].reason.kind == .none { return }
    // At level 0 reasons leave out what holds there.
    if variables[variable].level == 0 { return }
    let start = explanation.count
    explain(literal, variables[variable].reason, before: Int(variables[variable].position))
    var body: [Lit] = []
    for index in start..<explanation.count { body.append(explanation[index]) }
    explanation.count = start
    for other in body where !isKnown(other) { return }
    note("concluded \(words([literal])) from \(words(body))")
  }

  /// A body that implies a literal, before it is used.
  mutating func checkBody(_ offset: Int, implies literal: Lit) {
    guard isTruthKnown(literal), !isKnown(literal) else { return }
    var body: [Lit] = []
    for index in 0..<Int(bodies[offset]) { body.append(Lit(code: bodies[offset + 1 + index])) }
    for other in body where !isKnown(other) { return }
    note("concluded \(words([literal])) from \(words(body))")
  }

  private func isTruthKnown(_ literal: Lit) -> Bool { variables[literal.variable].truth >= 0 }
  private func isKnown(_ literal: Lit) -> Bool {
    variables[literal.variable].truth == (literal.isNegated ? 0 : 1)
  }
  private func isTrueOrOpen(_ literal: Lit) -> Bool { !isTruthKnown(literal) || isKnown(literal) }

  private mutating func note(_ step: String) {
    if wrongStep == nil { wrongStep = step }
  }

  private func words(_ literals: [Lit]) -> String {
    var parts: [String] = []
    for literal in literals { parts.append(word(literal)) }
    return parts.isEmpty ? "nothing" : parts.joined(separator: ", ")
  }

  private func word(_ literal: Lit) -> String {
    let meaning = variables[literal.variable].meaning
    let sign = literal.isNegated ? "not " : ""
    if meaning.decision < 0 { return "\(sign)v\(literal.variable)" }
    let domain = domains[Int(meaning.decision)]
    if domain.boolean != 0 { return "\(sign)d\(meaning.decision)" }
    if meaning.what >= 0 { return "\(sign)d\(meaning.decision) = \(meaning.what)" }
    let slot = domain.slots[Int(-1 - meaning.what)]
    var members: [Int] = []
    for candidate in 0..<domain.candidateCount
    where maskWords[slot.words + candidate >> 6] & (1 << UInt64(candidate & 63)) != 0 {
      members.append(candidate)
    }
    return "\(sign)d\(meaning.decision) in \(members)"
  }
}
