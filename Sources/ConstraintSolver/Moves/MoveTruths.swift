import ConstraintModel

/// What an auxiliary boolean is: the node that its definitions make.
extension MoveReader {

  /// A boolean is what the constraints say that hold where it is true; where there are none, the opposite of what those
  /// say that hold where it is false.
  mutating func findDefinitions() {
    var whereTrue: [Int: [Int]] = [:]
    var whereFalse: [Int: [Int]] = [:]
    func isAuxiliary(_ literal: Literal) -> Bool { model[literal.decision].isAuxiliary }
    func value(_ literal: Literal) -> Bool { model[literal.mask].contains(1) != literal.isNegated }
    for (index, constraint) in model.constraints.enumerated() {
      var conditions = constraint.enforcedBy
      if case .clause(let literals) = constraint.form { conditions += literals.map { !$0 } }
      // Booleans are made after those that they are part of: what says what one is has it as its latest.
      var latest: Literal?
      for literal in conditions where isAuxiliary(literal) {
        if value(literal) {
          if latest.map({ $0.decision < literal.decision }) ?? true { latest = literal }
        } else {
          whereFalse[Int(literal.decision.index), default: []].append(index)
        }
      }
      if let latest { whereTrue[Int(latest.decision.index), default: []].append(index) }
    }
    for (decision, info) in model.decisions.enumerated() where info.isAuxiliary {
      definitions[decision] = whereTrue[decision] ?? whereFalse[decision] ?? []
    }
    for (decision, info) in model.decisions.enumerated() where info.isAuxiliary {
      guard whereTrue[decision] != nil else { continue }
      for index in definitions[decision] ?? [] { isDefinition[index] = true }
    }
  }

  /// The node that is 1 where an auxiliary boolean is true.
  mutating func truth(ofAuxiliary decision: Int) -> Int {
    if let known = truthOf[decision] { return known }
    guard inProgress.insert(decision).inserted else {
      isReadable = false
      return costNode
    }
    defer { inProgress.remove(decision) }
    let own = definitions[decision] ?? []
    var parts: [Int] = []
    var isTrueSide = true
    for index in own {
      let constraint = model.constraints[index]
      var conditions = constraint.enforcedBy
      var clause: [Literal] = []
      if case .clause(let literals) = constraint.form { clause = literals } else { clause = [] }
      let mine = (conditions + clause.map { !$0 }).first { Int($0.decision.index) == decision }
      if let mine { isTrueSide = model[mine.mask].contains(1) != mine.isNegated }
      conditions.removeAll { Int($0.decision.index) == decision }
      clause.removeAll { Int($0.decision.index) == decision }
      // One of: a condition fails, or the form holds.
      let any = node(.truth, lower: 1)
      for condition in conditions { add(!condition, to: any, 1) }
      if case .clause = constraint.form {
        for literal in clause { add(literal, to: any, 1) }
      } else {
        connect(holds(constraint.form), to: any, 1)
      }
      parts.append(any)
      if !isReadable { return costNode }
    }
    let result: Int
    if isTrueSide {
      if parts.count == 1 {
        result = parts[0]
      } else {
        result = node(.truth, lower: parts.count)
        for part in parts { connect(part, to: result, 1) }
      }
    } else {
      result = node(.truth, upper: parts.count - 1)
      for part in parts { connect(part, to: result, 1) }
    }
    truthOf[decision] = result
    net.booleans.append(MoveNet.Boolean(decision: decision, node: Int32(result)))
    return result
  }
}
