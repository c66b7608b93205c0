/// The check against a known solution: whatever is learnt or explained must hold for it.
extension Kernel {
  mutating func checkLearnt() {
    for index in 0..<learnt.count {
      let literal = learnt[index]
      let truth = truth[literal.variable]
      if truth < 0 || (truth == 1) != literal.isNegated { return }
    }
    if wrongNogood == nil { wrongNogood = learnt.array.map(\.code) }
  }

  mutating func checkConflict() {
    for index in 0..<conflict.count {
      let literal = conflict[index]
      let truth = truth[literal.variable]
      if truth < 0 || (truth == 1) == literal.isNegated { return }
    }
    if wrongNogood == nil { wrongNogood = conflict.array.map(\.code) }
  }

  /// A body that implies a literal, before it is used.
  mutating func checkBody(_ offset: Int, implies literal: Lit) {
    for index in 0..<Int(bodies[offset]) {
      let other = Lit(code: bodies[offset + 1 + index])
      let truth = truth[other.variable]
      if truth < 0 || (truth == 1) == other.isNegated { return }
    }
    let truth = truth[literal.variable]
    if truth < 0 || (truth == 1) != literal.isNegated { return }
    if wrongNogood == nil {
      wrongNogood = [literal.code] + (0..<Int(bodies[offset])).map { bodies[offset + 1 + $0] }
    }
  }
}
