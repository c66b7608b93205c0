import ConstraintModel
import ConstraintSolver
import PlacetSemantics
import PlacetVM
import Quantities

/// A change that would do, with the model that it leaves.
struct Remedy {
  var relaxation: Relaxation
  /// Made when it is asked for: a large one takes milliseconds.
  var model: () -> ConstraintModel
  /// Whether it is more of what there is.
  var isRoom = false
}

/// What would resolve a conflict: more of an amount, a waiver, a rule less.
extension PlacementProblem {
  /// Changes each of which lets the whole policy have a placement, the cheapest first; where nothing is known of
  /// their cost, amounts before waivers that the policy may give.
  func relaxations(
    of core: [Origin], in model: ConstraintModel, _ solver: Solver, _ options: SolverOptions
  ) -> [Relaxation] {
    var cheap = options
    cheap.workLimit = min(options.workLimit ?? Int.max, relaxationWork)
    var judge = RemedyJudge(
      model, core: core, solver: solver, isDefinition: isAlwaysInForce, cheap)
    // Where nothing is placed without the conflict either, there is another one beside it.
    var other: [Origin] = []
    if model.isLarge, judge.isAtSize, !judge.hasRest {
      other = conflict(besides: core, in: model, cheap)
      judge = RemedyJudge(
        model, core: core + other, solver: solver, isDefinition: isAlwaysInForce, cheap)
    }
    var amounts: [Remedy] = []
    var waivers: [Remedy] = []
    var tried: Set<RuleID> = []
    var shared: Set<Origin> = []
    for origin in core {
      guard let rule = stated.rule(of: origin) else { continue }
      if amounts.count(where: { $0.relaxation.rule == program[rule].name }) < 2, !shared.contains(origin),
        let more = amount(for: origin, of: core + other, in: model, judge, &shared)
      {
        if !amounts.contains(where: { $0.relaxation == more.relaxation }) { amounts.append(more) }
        // Where the amount is not what hosts have, the rule may as well be waived.
        if more.isRoom {
          tried.insert(rule)
          continue
        }
      }
      if tried.insert(rule).inserted, mayWaive(rule),
        let waiver = waiver(of: rule, origin, in: model, judge)
      {
        waivers.append(waiver)
      }
    }
    if amounts.isEmpty { amounts = amountsTogether(in: model, solver, judge, cheap) }
    if amounts.isEmpty && waivers.isEmpty {
      if other.isEmpty { other = conflict(besides: core, in: model, cheap) }
      waivers = waiversTogether(core, other, in: model, judge)
    }
    // At size no price would be proved in the work that there is.
    if judge.isAtSize { return (amounts + waivers).prefix(6).map(\.relaxation) }
    return priced(Array((amounts + waivers).prefix(6)), options)
  }

  /// Another amount for a member of a conflict, and for all that is compared with the same field.
  private func amount(
    for origin: Origin, of core: [Origin], in model: ConstraintModel, _ judge: RemedyJudge,
    _ shared: inout Set<Origin>
  ) -> Remedy? {
    guard let side = knownSide(of: origin), side.fields.count == 1 else { return nil }
    let sharing = sharing(origin, side, core, isAtSize: judge.isAtSize)
    guard judge.isAtSize || judge.isEnough(without: Set(sharing)) else { return nil }
    if sharing.count > 1, let together = sharedAmount(of: sharing, side, in: model, judge) {
      shared.formUnion(sharing)
      return together
    }
    guard judge.isAtSize || sharing.count == 1 || judge.isEnough(without: [origin]) else { return nil }
    return otherAmount(for: origin, in: model, judge)
  }

  /// A conflict that is left where another one is resolved; empty where none is seen.
  private func conflict(
    besides core: [Origin], in model: ConstraintModel, _ options: SolverOptions
  ) -> [Origin] {
    let resolved = Set(core)
    let rest = model.keepingConstraints { !resolved.contains($0.origin) }
    guard let solver = try? Solver(rest),
      case .core(let other) = solver.minimalCore(ranked: ranks(in: rest), options)
    else { return [] }
    return other
  }

  /// The narrowest waivers that resolve two conflicts together: one of each.
  private func waiversTogether(
    _ core: [Origin], _ other: [Origin], in model: ConstraintModel, _ judge: RemedyJudge
  ) -> [Remedy] {
    func narrowest(_ core: [Origin]) -> [(rule: RuleID, waiver: Waiver)] {
      var seen: Set<RuleID> = []
      return core.compactMap { origin in
        guard let rule = stated.rule(of: origin), seen.insert(rule).inserted, mayWaive(rule) else {
          return nil
        }
        return waivers(of: rule, origin).first.map { (rule, $0) }
      }
    }
    let second = narrowest(other)
    for (rule, one) in narrowest(core) {
      for (_, two) in second {
        let dropped = one.dropped.union(two.dropped)
        guard judge.isEnough(without: dropped) else { continue }
        return [
          Remedy(
            relaxation: Relaxation(text: "\(one.text) and \(two.text)", rule: program[rule].name),
            model: { model.keepingConstraints { !dropped.contains($0.origin) } })
        ]
      }
    }
    return []
  }

  /// What the objective comes to with each change, and the changes in that order.
  private func priced(_ remedies: [Remedy], _ options: SolverOptions) -> [Relaxation] {
    guard !stated.objectives.isEmpty else { return remedies.map(\.relaxation) }
    var left = min(options.workLimit ?? .max, pricingWork)
    var priced: [(relaxation: Relaxation, value: [Int]?)] = []
    for (place, remedy) in remedies.enumerated() {
      var relaxation = remedy.relaxation
      var value: [Int]?
      // What runs does not matter for the objective, and hides that hosts are alike.
      if left > 0, let solver = try? Solver(remedy.model().ignoringPreferred()) {
        let share = SolverOptions(
          seed: options.seed, workLimit: left / (remedies.count - place), shouldStop: options.shouldStop)
        let (outcome, statistics) = solver.solve(share)
        left -= statistics.work
        if case .optimal(let solution) = outcome {
          value = solution.objectives
          relaxation.objectives = objectiveValues(solution)
        }
      }
      priced.append((relaxation, value))
    }
    let order = priced.indices.sorted { a, b in
      switch (priced[a].value, priced[b].value) {
      case (let x?, let y?) where x != y: x.lexicographicallyPrecedes(y)
      case (_?, nil): true
      case (nil, _?): false
      default: a < b
      }
    }
    return order.map { priced[$0].relaxation }
  }

  /// Work that is spent on what all of the changes would cost.
  private var pricingWork: Int { 1_500_000 }

  /// Amounts that do it together where none does by itself: `give only 8 more cores and give only 48 GiB more memory`.
  private func amountsTogether(
    in model: ConstraintModel, _ solver: Solver, _ judge: RemedyJudge, _ options: SolverOptions
  ) -> [Remedy] {
    if judge.isAtSize { return [] }
    let bounds = retractable(in: model).filter { knownSide(of: $0)?.fields.count == 1 }
    guard bounds.count <= 200 else { return [] }
    for removed in solver.relaxations(retractable: bounds, count: 3, options) where removed.count <= 3 {
      var relaxed = model.keepingConstraints { !removed.contains($0.origin) }
      var parts: [Relaxation] = []
      // One after the other: the first has all of the others free, the next what the first left.
      for origin in removed {
        var own = relaxed
        for constraint in model.constraints where constraint.origin == origin { own.post(constraint) }
        guard let part = otherAmount(for: origin, in: own, judge) else { break }
        parts.append(part.relaxation)
        relaxed = part.model()
      }
      guard parts.count == removed.count, let first = parts.first else { continue }
      let text = parts.map(\.text).joined(separator: " and ")
      let left = relaxed
      return [Remedy(relaxation: Relaxation(text: text, rule: first.rule), model: { left })]
    }
    return []
  }

  private var relaxationWork: Int { 5_000_000 }

  private struct Waiver {
    var text: String
    var dropped: Set<Origin>
  }

  /// Waivers of a rule, the narrowest first: for what this instance is about, for what that belongs to, for all.
  private func waivers(of rule: RuleID, _ origin: Origin) -> [Waiver] {
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
    // As the policy would say it: what is offered can be written into it.
    let name = program.writtenNames.rules[rule] ?? program[rule].name
    let choices = subjects.map {
      Waiver(text: "waive \(name) for \(world.expression(for: $0))", dropped: dropped(by: $0))
    }
    return choices.sorted { $0.dropped.count < $1.dropped.count }
      + [Waiver(text: "waive \(name)", dropped: all)]
  }

  /// The narrowest waiver of a rule that would do.
  private func waiver(
    of rule: RuleID, _ origin: Origin, in model: ConstraintModel, _ judge: RemedyJudge
  ) -> Remedy? {
    guard let found = waivers(of: rule, origin).first(where: { judge.isEnough(without: $0.dropped) }) else {
      return nil
    }
    return Remedy(
      relaxation: Relaxation(text: found.text, rule: program[rule].name),
      model: { model.keepingConstraints { !found.dropped.contains($0.origin) } })
  }

  /// Whether the policy's own layer may waive the rule.
  private func mayWaive(_ rule: RuleID) -> Bool {
    guard let main = program.modules.first(where: { $0.name.isEmpty }) else { return false }
    return program[rule].layer <= main.layer
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
