import ConstraintModel
import ConstraintSolver
import PlacetSemantics
import PlacetVM
import Quantities

/// What would resolve a conflict: more of an amount, a waiver, a rule less.
extension PlacementProblem {
  /// Changes each of which lets the whole policy have a placement: amounts first, then waivers that the policy
  /// may give.
  func relaxations(
    of core: [Origin], in model: ConstraintModel, _ solver: Solver, _ options: SolverOptions
  ) -> [Relaxation] {
    var cheap = options
    cheap.workLimit = min(options.workLimit ?? Int.max, relaxationWork)
    var amounts: [Relaxation] = []
    var waivers: [Relaxation] = []
    var tried: Set<RuleID> = []
    for origin in core {
      guard let rule = stated.rule(of: origin) else { continue }
      if amounts.count(where: { $0.rule == program[rule].name }) < 2,
        isEnough(without: [origin], solver, cheap), let more = moreRoom(for: origin, in: model, cheap)
      {
        if !amounts.contains(more) { amounts.append(more) }
        tried.insert(rule)
        continue
      }
      if tried.insert(rule).inserted, mayWaive(rule), let waiver = waiver(of: rule, origin, solver, cheap) {
        waivers.append(waiver)
      }
    }
    if amounts.isEmpty { amounts = amountsTogether(in: model, solver, cheap) }
    return Array((amounts + waivers).prefix(6))
  }

  /// Amounts that do it together where none does by itself: `give only 8 more cores and give only 48 GiB more memory`.
  private func amountsTogether(
    in model: ConstraintModel, _ solver: Solver, _ options: SolverOptions
  ) -> [Relaxation] {
    let bounds = retractable(in: model).filter { knownSide(of: $0)?.fields.count == 1 }
    guard bounds.count <= 200 else { return [] }
    for removed in solver.relaxations(retractable: bounds, count: 3, options) where removed.count <= 3 {
      let rest = model.keepingConstraints { !removed.contains($0.origin) }
      let parts = removed.compactMap { origin -> Relaxation? in
        var own = rest
        for constraint in model.constraints where constraint.origin == origin { own.post(constraint) }
        return moreRoom(for: origin, in: own, options)
      }
      guard parts.count == removed.count, let first = parts.first else { continue }
      return [Relaxation(text: parts.map(\.text).joined(separator: " and "), rule: first.rule)]
    }
    return []
  }

  private var relaxationWork: Int { 5_000_000 }

  private func isEnough(without removed: Set<Origin>, _ solver: Solver, _ options: SolverOptions) -> Bool {
    if case .solution? = try? solver.satisfiable(without: removed, options) { return true }
    return false
  }

  /// The narrowest waiver of a rule that would do: for what this instance is about, for what that belongs to, for all.
  private func waiver(
    of rule: RuleID, _ origin: Origin, _ solver: Solver, _ options: SolverOptions
  ) -> Relaxation? {
    let all = origins(of: rule)
    var subjects: [EntityID] = []
    for entity in stated.entities(of: origin) {
      var place: EntityID? = entity
      while let here = place, !subjects.contains(here) {
        subjects.append(here)
        place = world.parent(of: here)
      }
    }
    func dropped(by entity: EntityID) -> Set<Origin> {
      all.filter { stated.entities(of: $0).contains { world.lies($0, under: entity) } }
    }
    let name = program[rule].name
    let choices = subjects.map { (entity: $0, dropped: dropped(by: $0)) }
      .sorted { $0.dropped.count < $1.dropped.count }
    for choice in choices where isEnough(without: choice.dropped, solver, options) {
      return Relaxation(text: "waive \(name) for \(subject(choice.entity))", rule: name)
    }
    guard isEnough(without: all, solver, options) else { return nil }
    return Relaxation(text: "waive \(name)", rule: name)
  }

  /// Whether the policy's own layer may waive the rule.
  private func mayWaive(_ rule: RuleID) -> Bool {
    guard let main = program.modules.first(where: { $0.name.isEmpty }) else { return false }
    return program[rule].layer <= main.layer
  }

  /// `give fra-2 16 GiB more memory`: where the known side of a comparison is one field of an entity, by how much
  /// it would have to grow. What it would have to hold is found by the solver.
  private func moreRoom(for origin: Origin, in model: ConstraintModel, _ options: SolverOptions)
    -> Relaxation?
  {
    let constraints = model.constraints.filter { $0.origin == origin }
    if let asked = settledSide(of: origin, in: model), let side = knownSide(of: origin), side.isRight,
      side.comparison == .lessOrEqual, side.fields.count == 1, let missing = asked.subtracting(side.value),
      missing > Rational(0), let rule = stated.rule(of: origin)
    {
      return more(missing, side.fields[0], program[rule].name)
    }
    guard constraints.count == 1, constraints[0].enforcedBy.isEmpty,
      case .linear(let terms, nil, let upper?) = constraints[0].form, upper > 0,
      let side = knownSide(of: origin), side.fields.count == 1, let rule = stated.rule(of: origin),
      side.fields[0].coefficient == Rational(1), side.value > Rational(0)
    else { return nil }
    var relaxed = model.keepingConstraints { $0.origin != origin }
    relaxed.objectives = [Objective(terms: terms, origins: terms.map { _ in origin })]
    guard let solver = try? Solver(relaxed), let best = solver.solve(options).0.solution,
      let asked = decidedSide(of: origin, where: { best.values[$0.decision] }),
      let missing = asked.subtracting(side.value)
    else { return nil }
    return more(missing, side.fields[0], program[rule].name)
  }

  private func more(_ missing: Rational, _ place: KnownSide.Field, _ rule: String) -> Relaxation? {
    guard let missing = missing.divided(by: place.coefficient), missing > Rational(0) else { return nil }
    let field = program.kinds[Int(place.entity.kind)].fields[place.field]
    let amount = if case .int = field.type { String(missing.ceiling) } else { number(missing, field.type) }
    return Relaxation(
      text: "give \(world.path(of: place.entity)) \(amount) more \(field.name)", rule: rule)
  }
}

extension Outcome {
  /// The best that was found, proven or not.
  var solution: Solution? {
    switch self {
    case .optimal(let solution), .feasible(let solution): solution
    case .unsatisfiable, .unknown: nil
    }
  }
}
