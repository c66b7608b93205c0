import ConstraintModel
import ConstraintSolver
import PlacetSemantics
import PlacetVM
import Quantities

/// What would resolve a conflict: more of an amount, a waiver, a rule less.
extension PlacementProblem {
  /// Changes each of which lets the whole policy have a placement; cheap and small ones first.
  func relaxations(
    of core: [Origin], in model: ConstraintModel, _ solver: Solver, _ options: SolverOptions
  ) -> [Relaxation] {
    var cheap = options
    cheap.workLimit = min(options.workLimit ?? Int.max, relaxationWork)
    var found: [Relaxation] = []
    for origin in core {
      if found.count >= 4 { break }
      guard let answer = try? solver.satisfiable(without: [origin], cheap), case .solution = answer else { continue }
      let relaxation = moreRoom(for: origin, in: model, cheap) ?? leavingOut([origin])
      if !found.contains(relaxation) { found.append(relaxation) }
    }
    if found.isEmpty { found = byRule(core, solver, cheap) }
    return found
  }

  private var relaxationWork: Int { 5_000_000 }

  /// Leaving out all instances of one rule of the conflict.
  private func byRule(_ core: [Origin], _ solver: Solver, _ options: SolverOptions) -> [Relaxation] {
    var rules: [RuleID] = []
    for rule in core.compactMap(stated.rule) where !rules.contains(rule) { rules.append(rule) }
    return rules.compactMap { rule in
      guard case .solution? = try? solver.satisfiable(without: origins(of: rule), options) else { return nil }
      let name = program[rule].name
      return Relaxation(text: mayWaive(rule) ? "waive \(name)" : "do without \(name)", rule: name)
    }
  }

  private func leavingOut(_ origins: [Origin]) -> Relaxation {
    let parts = origins.map { origin -> String in
      guard let rule = stated.rule(of: origin) else { return "leave out the test's own constraint" }
      let subjects = stated.entities(of: origin)
      let verb = mayWaive(rule) ? "waive" : "do without"
      let whom = subjects.first.map { " for \(subject($0))" } ?? ""
      return "\(verb) \(program[rule].name)\(whom)"
    }
    let rule = origins.first.flatMap(stated.rule).map { program[$0].name } ?? ""
    return Relaxation(text: parts.joined(separator: " and "), rule: rule)
  }

  /// Whether the policy's own layer may waive the rule.
  private func mayWaive(_ rule: RuleID) -> Bool {
    guard let main = program.modules.first(where: { $0.name.isEmpty }) else { return false }
    return program[rule].layer <= main.layer
  }

  /// `give fra-2 16 GiB more memory`: where the known side of a comparison is one field of an entity, by how much
  /// it would have to grow. The smallest sum that the decided side can have is found by the solver.
  private func moreRoom(for origin: Origin, in model: ConstraintModel, _ options: SolverOptions) -> Relaxation? {
    let constraints = model.constraints.filter { $0.origin == origin }
    guard constraints.count == 1, constraints[0].enforcedBy.isEmpty,
      case .linear(let terms, nil, let upper?) = constraints[0].form, upper > 0,
      let side = knownSide(of: origin), side.fields.count == 1, let rule = stated.rule(of: origin),
      side.fields[0].coefficient == Rational(1), side.value > Rational(0)
    else { return nil }
    var relaxed = model.keepingConstraints { $0.origin != origin }
    relaxed.objectives = [Objective(terms: terms, origins: terms.map { _ in origin })]
    guard let solver = try? Solver(relaxed), let best = solver.solve(options).0.best, best > upper else { return nil }
    // The constraint was scaled to integers: its bound and the known side say by how much.
    guard let scale = side.value.divided(by: Rational(upper)),
      let missing = Rational(best - upper).multiplied(by: scale)
    else { return nil }
    let place = side.fields[0]
    let field = program.kinds[Int(place.entity.kind)].fields[place.field]
    let amount = if case .int = field.type { String(missing.ceiling) } else { number(missing, field.type) }
    return Relaxation(
      text: "give \(world.path(of: place.entity)) \(amount) more \(field.name)", rule: program[rule].name)
  }
}

extension Outcome {
  /// The value of the first objective of a proven best solution.
  var best: Int? {
    if case .optimal(let solution) = self { return solution.objectives.first }
    return nil
  }
}
