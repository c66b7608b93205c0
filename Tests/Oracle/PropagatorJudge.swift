import ConstraintModel

@testable import ConstraintSolver

/// Judges what propagators do by trying every assignment: nothing of theirs is used but what they said.
///
/// A walk takes random literals one after the other, propagates, and sometimes goes back. After each step
/// - no solution that agrees with what was taken has lost a candidate,
/// - the reason of each new literal, together with the statement, implies it, and was there before it,
/// - a conflict is a set of true literals that no solution has,
/// - a full assignment that is kept is a solution, and what the propagator promises beyond was found.
struct PropagatorJudge {
  let model: ConstraintModel
  let expansion: Expansion
  let promise: PropagatorCase.Promise
  /// What is propagated; another model than the judged one only where the judge is judged.
  var propagated: ConstraintModel
  private(set) var solutions: [[Int]] = []
  /// For each solution, what it makes of literals that are not about decisions.
  private var truths: [[Int8]] = []
  /// For each solution, decisions that the compiler made beyond the model's.
  private var extended: [[Int]] = []

  /// What was seen, so that a walk which never meets anything is noticed.
  private(set) var narrowings = 0
  private(set) var failures = 0
  private(set) var promisesKept = 0

  init(_ model: ConstraintModel, _ expansion: Expansion, _ promise: PropagatorCase.Promise) {
    self.model = model
    self.expansion = expansion
    self.promise = promise
    propagated = model
    var found: [[Int]] = []
    Enumeration(model: model).forEachSolution { _, values in
      found.append(values)
      return true
    }
    solutions = found
    for values in solutions {
      let compiler = Compiler(
        model, constraints: model.constraints, retractable: [], known: values, expansion: expansion)
      let kernel = compiler.finish()
      truths.append(kernel.variables.array.map(\.truth))
      extended.append(kernel.known.array.map { Int($0) })
    }
  }

  /// The first mistake of a walk, or nil.
  mutating func walk(seed: UInt64, steps: Int) -> String? {
    var random = SplitMix(seed: seed)
    let compiler = Compiler(
      propagated, constraints: propagated.constraints, retractable: [], expansion: expansion)
    var kernel = compiler.finish()
    if kernel.isContradictory { return solutions.isEmpty ? nil : "contradictory, but has \(solutions[0])" }
    // What was taken at each level.
    var levels: [[Lit]] = []
    var taken: [Lit] { Array(levels.joined()) }
    var mark = 0
    for _ in 0...steps {
      let countsAll = taken.isEmpty || random.chance(40)
      if countsAll { kernel.scheduleAllHalls() }
      let isConsistent = kernel.propagate()
      let open = agreeing(taken, kernel)
      if let mistake = reasons(&kernel, from: mark) { return mistake + " after \(named(taken, kernel))" }
      if !isConsistent {
        failures += 1
        if let mistake = conflict(kernel, open) { return mistake + " after \(named(taken, kernel))" }
        kernel.clearQueues()
        if levels.isEmpty { return nil }
        levels.removeLast()
        kernel.backtrack(to: levels.count)
      } else {
        if let mistake = losses(kernel, open) ?? misses(kernel, open, countsAll) {
          return mistake + " after \(named(taken, kernel))"
        }
      }
      if !levels.isEmpty && random.chance(15) {
        levels.removeLast(random.within(1...levels.count))
        kernel.backtrack(to: levels.count)
      }
      if kernel.levels.count == 0 { kernel.settleRoot() }
      if kernel.hasLazyLoads && random.chance(30), let decision = openDecisions(kernel).first {
        mark = kernel.trail.count
        if kernel.excludeUnfit(decision) {
          let isConsistent = kernel.propagate()
          if let mistake = reasons(&kernel, from: mark) { return mistake + " (no room)" }
          let open = agreeing(taken, kernel)
          if !isConsistent { return conflict(kernel, open) }
          if let mistake = losses(kernel, open) { return mistake + " (no room)" }
        }
      }
      guard let literal = choose(&kernel, &random) else { return nil }
      mark = kernel.trail.count
      kernel.pushLevel()
      levels.append([literal])
      _ = kernel.enqueue(literal, .none)
      // Two at once, now and then: a propagator that keeps its domains consistent never fails by one alone.
      if random.chance(35), let other = choose(&kernel, &random),
        kernel.variables[other.variable].meaning.decision
          != kernel.variables[literal.variable].meaning.decision
      {
        levels[levels.count - 1].append(other)
        _ = kernel.enqueue(other, .none)
      }
    }
    return nil
  }

  /// The solutions that agree with these literals.
  private func agreeing(_ literals: [Lit], _ kernel: borrowing Kernel) -> [Int] {
    var result: [Int] = []
    for solution in solutions.indices {
      var agrees = true
      for literal in literals where truth(literal, solution, kernel) != true { agrees = false }
      if agrees { result.append(solution) }
    }
    return result
  }

  // MARK: What is asked of a step

  private mutating func reasons(_ kernel: inout Kernel, from mark: Int) -> String? {
    var place = mark
    while place < kernel.trail.count {
      let literal = kernel.trail[place]
      place += 1
      let reason = kernel.variables[literal.variable].reason
      if kernel.variables[literal.variable].level == 0 {
        for solution in solutions.indices where truth(literal, solution, kernel) == false {
          return "\(named([literal], kernel)) holds from the start, but not in \(solutions[solution])"
        }
        continue
      }
      if reason.kind == .none { continue }
      narrowings += 1
      let start = kernel.explanation.count
      let position = Int(kernel.variables[literal.variable].position)
      kernel.explain(literal, reason, before: position)
      let body = (start..<kernel.explanation.count).map { kernel.explanation[$0] }
      kernel.explanation.count = start
      for cause in body
      where !kernel.isTrue(cause) || Int(kernel.variables[cause.variable].position) >= position {
        return "\(named([literal], kernel)) rests on \(named([cause], kernel)), which was not there"
      }
      for solution in solutions.indices where truth(literal, solution, kernel) != true {
        if body.allSatisfy({ truth($0, solution, kernel) == true }) {
          return
            "\(named(body, kernel)) do not imply \(named([literal], kernel)): see \(solutions[solution])"
        }
      }
    }
    return nil
  }

  private func conflict(_ kernel: borrowing Kernel, _ open: [Int]) -> String? {
    let literals = kernel.conflict.array
    if let first = open.first { return "failed, but \(solutions[first]) is a solution" }
    for literal in literals where !kernel.isTrue(literal) {
      return "the conflict names what is not so: \(literal)"
    }
    for solution in solutions.indices
    where literals.allSatisfy({ truth($0, solution, kernel) == true }) {
      return "the conflict \(literals) is no conflict in \(solutions[solution])"
    }
    return nil
  }

  private func losses(_ kernel: borrowing Kernel, _ open: [Int]) -> String? {
    for solution in open {
      for (decision, value) in solutions[solution].enumerated() where !kernel.contains(decision, value) {
        return "decision \(decision) lost \(value) of the solution \(solutions[solution])"
      }
    }
    return nil
  }

  private mutating func misses(_ kernel: borrowing Kernel, _ open: [Int], _ countsAll: Bool) -> String? {
    let decisions = model.decisions.indices
    let loose = decisions.filter { kernel.domains[$0].fixed < 0 }
    if loose.isEmpty && open.isEmpty {
      return "kept \(decisions.map { kernel.domains[$0].fixed }), which is no solution"
    }
    // What is promised, is where the statement is asked for.
    let conditions = Set(model.constraints.flatMap { $0.enforcedBy }.map { Int($0.decision.index) })
    let isAsked = model.constraints.allSatisfy { constraint in
      constraint.enforcedBy.allSatisfy { literal in
        let fixed = kernel.domains[Int(literal.decision.index)].fixed
        return fixed >= 0 && model[literal.mask].contains(Int(fixed)) != literal.isNegated
      }
    }
    guard isAsked else { return nil }
    switch promise {
    case .checks: return nil
    case .failure: if open.isEmpty { return "has no solution, and nobody noticed" }
    case .lastDecision:
      if loose.count <= 1, let mistake = unsupported(kernel, open, conditions) { return mistake }
      if loose.count > 1 { return nil }
    case .domain: if let mistake = unsupported(kernel, open, conditions) { return mistake }
    case .counting: if countsAll, let mistake = overfull(kernel) { return mistake }
    }
    promisesKept += 1
    return nil
  }

  private func unsupported(_ kernel: borrowing Kernel, _ open: [Int], _ conditions: Set<Int>) -> String? {
    for decision in model.decisions.indices where !conditions.contains(decision) {
      for candidate in 0..<model.decisions[decision].candidateCount
      where kernel.contains(decision, candidate)
        && !open.contains(where: { solutions[$0][decision] == candidate })
      {
        return "decision \(decision) keeps \(candidate), which no solution has"
      }
    }
    return nil
  }

  /// Bins that together take less than what can be nowhere else.
  private func overfull(_ kernel: borrowing Kernel) -> String? {
    for load in model.loads {
      var limits = [Int?](repeating: nil, count: load.binCount)
      for constraint in model.constraints {
        guard case .linear(let terms, _, let upper?) = constraint.form, case .load(_, let bin) = terms[0].term
        else { continue }
        let limit = upper / terms[0].coefficient
        limits[Int(bin)] = min(limits[Int(bin)] ?? limit, limit)
      }
      for set in 1..<1 << load.binCount {
        let bins = (0..<load.binCount).filter { set >> $0 & 1 == 1 }
        if bins.contains(where: { limits[$0] == nil }) { continue }
        var weight = 0
        for item in load.items {
          let decision = Int(item.view.decision.index)
          let column = model[item.view.column]
          var isConfined = true
          for candidate in column.indices
          where kernel.contains(decision, candidate) && !bins.contains(column[candidate]) {
            isConfined = false
          }
          if isConfined { weight += item.weight }
        }
        if weight > bins.reduce(0, { $0 + (limits[$1] ?? 0) }) {
          return "bins \(bins) have to take \(weight), and nobody noticed"
        }
      }
    }
    return nil
  }

  // MARK: Literals

  private func truth(_ literal: Lit, _ solution: Int, _ kernel: borrowing Kernel) -> Bool? {
    let meaning = kernel.variables[literal.variable].meaning
    let decision = Int(meaning.decision)
    if decision < 0 {
      let known = literal.variable < truths[solution].count ? truths[solution][literal.variable] : -1
      return known < 0 ? nil : (known == 1) != literal.isNegated
    }
    let value = extended[solution][decision]
    var isTrue = Int(meaning.what) == value
    if kernel.domains[decision].boolean != 0 {
      isTrue = value == 1
    } else if meaning.what < 0 {
      let slot = kernel.domains[decision].slots[Int(-1 - meaning.what)]
      isTrue = kernel.maskWords[slot.words + value >> 6] & (1 << UInt64(value & 63)) != 0
    }
    return isTrue != literal.isNegated
  }

  private func named(_ literals: [Lit], _ kernel: borrowing Kernel) -> String {
    var words: [String] = []
    for literal in literals {
      let meaning = kernel.variables[literal.variable].meaning
      let sign = literal.isNegated ? "not " : ""
      if meaning.decision < 0 {
        words.append("\(sign)v\(literal.variable)")
      } else if kernel.domains[Int(meaning.decision)].boolean != 0 || meaning.what >= 0 {
        words.append("\(sign)d\(meaning.decision)=\(meaning.what)")
      } else {
        let slot = kernel.domains[Int(meaning.decision)].slots[Int(-1 - meaning.what)]
        words.append("\(sign)d\(meaning.decision) in \(String(kernel.maskWords[slot.words], radix: 2))")
      }
    }
    return "[" + words.joined(separator: ", ") + "]"
  }

  private func openDecisions(_ kernel: borrowing Kernel) -> [Int] {
    var result: [Int] = []
    for decision in model.decisions.indices where kernel.domains[decision].fixed < 0 {
      result.append(decision)
    }
    return result
  }

  /// A value, its negation, or a part of what is left of some decision.
  private func choose(_ kernel: inout Kernel, _ random: inout SplitMix) -> Lit? {
    let open = openDecisions(kernel)
    if open.isEmpty { return nil }
    let decision = random.pick(open)
    let candidates = kernel.candidates(decision).map { Int($0) }
    if candidates.count < 2 { return nil }
    if candidates.count == 2 || random.chance(60) {
      let literal = kernel.valueLiteral(decision, random.pick(candidates))
      return random.chance(60) ? literal : !literal
    }
    var part = candidates.filter { _ in random.chance(50) }
    if part.isEmpty || part.count == candidates.count { part = Array(candidates.prefix(1)) }
    return kernel.maskLiteral(decision, Compiler.words(model.decisions[decision].candidateCount, part))
  }
}
