import ConstraintModel
import ConstraintSolver
import PlacetSemantics
import PlacetVM
import Quantities

/// How near the rest of a conflict lets one come to what is wanted.
extension ConflictReader {
  /// Work that a sentence may take.
  private var options: SolverOptions { SolverOptions(workLimit: 200_000) }

  /// `: wanted is at most 5 ms, and the best, n1, has 9 ms`
  func bestOf(_ decision: Decision, _ origins: [Origin]) -> String {
    guard origins.count == 1, let constraint = constraints[origins[0]]?.first,
      let entry = stated.entry(of: decision), let side = problem.knownSide(of: origins[0]), side.isOneSided,
      let measure = problem.measure(of: constraint, in: model), measure.decisions == [decision]
    else { return "" }
    let candidates = left(of: decision, besides: origins).members.map { ($0, measure.place([$0])) }
    guard let best = candidates.filter({ $0.1 < measure.values.count }).min(by: { $0.1 < $1.1 }) else {
      return ""
    }
    let value = short(measure.values[best.1], side)
    return ": \(wording(side)), and the best, \(describe(entry.candidates[best.0], entry)), has \(value)"
  }

  private func short(_ value: Rational, _ side: KnownSide) -> String {
    problem.shortNumber(value, side.type, up: side.isBoundedAbove)
  }

  /// `; the best that is left is 9 ms, n1 with s1`, of a condition on one decision or two
  func bestChoice(_ constraint: Constraint) -> String {
    guard let side = problem.knownSide(of: constraint.origin), side.isOneSided,
      let measure = problem.measure(of: constraint, in: model)
    else { return "" }
    let entries = measure.decisions.compactMap(stated.entry)
    var choices: [[Int]] = [[]]
    for decision in measure.decisions {
      let members = left(of: decision, besides: [constraint.origin]).members
      choices = choices.flatMap { choice in members.map { choice + [$0] } }
    }
    let ranked = choices.map { ($0, measure.place($0)) }.filter { $0.1 < measure.values.count }
    guard let best = ranked.min(by: { $0.1 < $1.1 }), entries.count == best.0.count else { return "" }
    let names = zip(entries, best.0).map { describe($0.candidates[$1], $0) }
    return
      "; the best that is left is \(short(measure.values[best.1], side)), \(names.joined(separator: " with "))"
  }

  /// `; the best that is left is 3`: of a sum, with the other members of the conflict in force.
  func bestSum(_ origins: [Origin]) -> String {
    if origins.count == 1, let constraint = constraints[origins[0]]?.first, case .clause = constraint.form {
      return bestChoice(constraint)
    }
    guard origins.count == 1, let all = constraints[origins[0]], all.count == 1, all[0].enforcedBy.isEmpty,
      case .linear(let terms, let lower, let upper) = all[0].form, (lower == nil) != (upper == nil),
      model.decisions.count <= 4_000, let side = problem.knownSide(of: origins[0]), side.isOneSided
    else { return "" }
    let others = model.keepingConstraints {
      $0.origin != origins[0] && (constraints[$0.origin] != nil || problem.isAlwaysInForce($0.origin))
    }
    let signed = terms.map { LinearTerm((upper == nil ? -1 : 1) * $0.coefficient, $0.term) }
    guard let (_, solution) = others.least(signed, options, proved: true),
      let value = problem.decidedSide(of: origins[0], where: { solution.values[$0.decision] })
    else { return "" }
    return "; the best that is left is \(short(value, side))"
  }

  /// Of a condition over several decisions, how many of the choices that are left keep it.
  ///
  /// `a.host and b.host: none of 6 choices that are left keeps this`
  func choices(_ origins: [Origin]) -> String? {
    guard let constraint = stated.origins[Int(origins[0].index)].constraint,
      constraint.condition.type == .bool
    else { return nil }
    let condition = constraint.condition
    let entries = problem.decisionsRead(by: condition, origins[0])
    guard !entries.isEmpty else { return nil }
    var rest: [[Int]] = [[]]
    for entry in entries {
      let members = left(of: Decision(entry.decision), besides: origins).members
        .filter { $0 < entry.candidates.count }
      rest = rest.flatMap { choice in members.map { choice + [$0] } }
      if rest.count > 300 { return nil }
    }
    let choices = rest.map { choice -> (StatedDecision) -> Int in
      var chosen: [Int: Int] = [:]
      for (entry, number) in zip(entries, choice) { chosen[entry.decision] = number }
      return { chosen[$0.decision] ?? -1 }
    }
    let results = problem.values(of: condition, origins[0], choices: choices)
    let wanted = if case .forbid = constraint.verb { false } else { true }
    let kept = zip(rest, results).filter { $0.1?.bool == wanted }.map(\.0)
    let fields = entries.map { entry in
      "\(world.path(of: entry.entity)).\(program.kinds[Int(entry.entity.kind)].fields[entry.field].name)"
    }
    let more = origins.count > 1 ? "; the same for \(origins.count - 1) more" : ""
    if entries.count == 1, rest.count == 1 {
      let only = describe(entries[0].candidates[rest[0][0]], entries[0])
      return "\(fields[0]) can only be \(only), which does not keep this\(more)"
    }
    let which =
      switch kept.count {
      case 0: "none of \(rest.count) choices that are left keeps this"
      case 1:
        "of \(rest.count) choices that are left only this keeps it: "
          + zip(entries, kept[0]).map { describe($0.candidates[$1], $0) }.joined(separator: " with ")
      default: "\(kept.count) of \(rest.count) choices that are left keep this"
      }
    return "\(Self.list(fields)): \(which)\(more)"
  }
}

extension KnownSide {
  /// Whether less or more is better.
  var isOneSided: Bool { comparison != .equal }
}

extension PlacementProblem {
  /// The decisions that an expression of a statement reads, at most two dozen: evaluation stops at each in turn.
  func decisionsRead(by expression: TypedExpression, _ origin: Origin) -> [StatedDecision] {
    let before = world.decisions
    defer { world.decisions = before }
    let frame = stated.origins[Int(origin.index)].frame
    var found: [StatedDecision] = []
    // What stops at the first that settles it reads more where that is another.
    for usesLast in [false, true] {
      world.decisions = Decisions()
      for _ in 0..<24 {
        world.lastUndecided = nil
        if (try? world.evaluate(expression, frame: frame)) != nil { break }
        guard let key = world.lastUndecided,
          let entry = stated.decisions.first(where: { $0.entity == key.entity && $0.field == key.field }),
          let value = usesLast ? entry.candidates.last : entry.candidates.first
        else { break }
        world.decide([(key, value)])
        if !found.contains(where: { $0.decision == entry.decision }) { found.append(entry) }
      }
    }
    return found.sorted { $0.decision < $1.decision }
  }
}
