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

  /// `give fra-2 16 GiB more memory`: where the known side of a comparison is a field of an entity, by how much
  /// it would have to grow. The smallest sum that the decided side can have is found by the solver.
  private func moreRoom(for origin: Origin, in model: ConstraintModel, _ options: SolverOptions) -> Relaxation? {
    let constraints = model.constraints.filter { $0.origin == origin }
    guard constraints.count == 1, constraints[0].enforcedBy.isEmpty,
      case .linear(let terms, nil, let upper?) = constraints[0].form, upper > 0,
      let (side, value) = knownSide(of: origin), let rule = stated.rule(of: origin)
    else { return nil }
    let inner = if case .ratio(let int) = side.form { int } else { side }
    guard case .field(let owner, let field) = inner.form, case .entity(let kind) = owner.type else { return nil }
    var relaxed = model.keepingConstraints { $0.origin != origin }
    relaxed.objectives = [
      Objective(terms: terms, origins: terms.map { _ in origin })
    ]
    guard let solver = try? Solver(relaxed), let best = solver.solve(options).0.best, best > upper else { return nil }
    // The constraint was scaled to integers: its bound and the field say by how much.
    let known = knownNumber(value, side.type)
    guard known.numerator > 0, let scale = known.divided(by: Rational(upper)),
      let missing = Rational(best - upper).multiplied(by: scale)
    else { return nil }
    var frame = stated.origins[Int(origin.index)].frame
    guard let entity = try? world.evaluate(owner, frame: &frame).entity else { return nil }
    let amount: String
    switch inner.type {
    case .int: amount = String(missing.ceiling)
    case .quantity(let dimension): amount = program.units.text(missing, of: dimension)
    default: return nil
    }
    let name = program[kind].fields[field].name
    return Relaxation(
      text: "give \(world.path(of: entity)) \(amount) more \(name)", rule: program[rule].name)
  }

  private func knownNumber(_ value: Value, _ type: Type) -> Rational {
    if case .quantity = type { return value.rational }
    return Rational(value.bits)
  }
}

extension Outcome {
  /// The value of the first objective of a proven best solution.
  var best: Int? {
    if case .optimal(let solution) = self { return solution.objectives.first }
    return nil
  }
}
