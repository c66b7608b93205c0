package import ConstraintModel
package import ConstraintSolver
import Diagnostics
package import PlacetSemantics
package import PlacetVM
import Quantities

/// Why there is no placement: a minimal set of constraints that cannot hold together, in the author's lines.
extension PlacementProblem {
  /// The conflict of the whole model; `P0102`-like when a limit is met first is left to the caller: the conflict
  /// is then all rules of the core that was found.
  ///
  /// - Parameter relaxing: whether to look for what would do, which takes longer than the conflict itself.
  package func conflict(
    _ options: SolverOptions, relaxing: Bool = true
  ) throws(EvaluationError) -> Conflict? {
    let model = stated.model
    let solver = try makeSolver()
    guard case .core(let core) = solver.minimalCore(ranked: ranks(in: model), options) else {
      return nil
    }
    var conflict = describe(core, in: model)
    conflict.core = core
    stageEnded("core")
    if relaxing {
      conflict.relaxations = relaxations(of: core, in: model, solver, options)
      stageEnded("relaxations")
    }
    return conflict
  }

  /// Whether there is a placement that keeps these constraints of rules and what may be decided at all, by a solver
  /// that knows nothing else: the judge of conflicts. nil where the limit was met first.
  package func hasPlacement(under origins: [Origin], _ options: SolverOptions) throws(EvaluationError)
    -> Bool?
  {
    let kept = Set(origins)
    let model = stated.model.keepingConstraints { kept.contains($0.origin) || isAlwaysInForce($0.origin) }
    switch try? solver(for: model).satisfiable(options) {
    case .solution: return true
    case .unsatisfiable: return false
    case .unknown, nil: return nil
    }
  }

  func solver(for model: ConstraintModel) throws(EvaluationError) -> Solver {
    do {
      return try Solver(model)
    } catch {
      throw .mistakes([overflowDiagnostic(error)])
    }
  }

  /// Origins that may be left out, what may go first before what is to be kept: lower layers before regulation.
  func retractable(in model: ConstraintModel) -> [Origin] { Array(ranks(in: model).joined()) }

  /// The same by layer: of several conflicts the one is shown that says least of the lower layers.
  func ranks(in model: ConstraintModel) -> [[Origin]] {
    let stated = self.stated
    var isPresent = Array(repeating: false, count: stated.origins.count)
    for constraint in model.constraints { isPresent[Int(constraint.origin.index)] = true }
    var ranks: [Int: [Origin]] = [:]
    for index in isPresent.indices where isPresent[index] {
      let layer: Layer?
      switch stated.origins[index].subject {
      // What is asked, and what may be decided at all, are not part of the answer.
      case .assumption, .definition, .decision: continue
      case .rule(let instance): layer = program[stated.instances[instance].rule].layer
      case .local, .objective: layer = nil
      }
      ranks[(layer ?? .regulator).rawValue, default: []].append(Origin(index))
    }
    return ranks.isEmpty ? [[]] : ranks.keys.sorted().compactMap { ranks[$0] }
  }

  /// Whether it says what may be decided at all, or is what was asked.
  func isAlwaysInForce(_ origin: Origin) -> Bool {
    let info = stated.origins[Int(origin.index)]
    if case .assumption = info.subject { return true }
    return info.isStructural
  }

  /// Notes for a test that meets a world without placement.
  package func conflictNotes(_ options: SolverOptions) -> [String] {
    guard let conflict = try? conflict(options, relaxing: false) else { return [] }
    return conflict.members.map { "\($0.rule) (line \($0.range.line)): \($0.text)" } + conflict.facts
  }

  // MARK: Describing

  /// One member for each statement of each rule, about all of its instances in the core.
  func describe(_ core: [Origin], in model: ConstraintModel) -> Conflict {
    var order: [SourceRange] = []
    var groups: [SourceRange: [Origin]] = [:]
    for origin in core {
      let range = stated.origins[Int(origin.index)].range ?? emptyRange
      if groups[range] == nil { order.append(range) }
      groups[range, default: []].append(origin)
    }
    let reader = ConflictReader(problem: self, model: model, core: core)
    var facts: [String] = []
    var members = order.compactMap { range -> Conflict.Member? in
      guard let origins = groups[range], let first = origins.first else { return nil }
      let info = stated.origins[Int(first.index)]
      let rule = stated.rule(of: first).map { program[$0] }
      var about: [String] = []
      for origin in origins {
        for subject in subjects(of: origin) where !about.contains(subject) { about.append(subject) }
      }
      for origin in origins.prefix(4) {
        for fact in self.facts(of: origin) where !facts.contains(fact) { facts.append(fact) }
      }
      return Conflict.Member(
        rule: rule?.name ?? "the test", layer: rule.map { "\($0.layer)" } ?? "test", doc: rule?.doc,
        range: range, verbRange: info.constraint?.verbRange ?? range, about: about,
        text: reader.sentence(for: origins, about: about))
    }
    if members.isEmpty { members = [structure(in: model)] }
    return Conflict(members: members, facts: facts)
  }

  /// What is wrong where no rule is: a decision that has nothing to choose from.
  private func structure(in model: ConstraintModel) -> Conflict.Member {
    let empty = stated.decisions.filter(\.candidates.isEmpty)
    let entry = empty.first ?? stated.decisions.first
    let field = entry.map { program.kinds[Int($0.entity.kind)].fields[$0.field] }
    let about = (empty.isEmpty ? stated.decisions : empty).map { world.path(of: $0.entity) }
    let text =
      empty.isEmpty
      ? "what may be decided here leaves nothing to choose"
      : "\(ConflictReader.list(about)) \(about.count == 1 ? "has" : "have") nothing to choose from\(none(field))"
    let range = field?.range ?? emptyRange
    return Conflict.Member(
      rule: "candidates", layer: "structure", doc: nil, range: range, verbRange: range, about: about,
      text: text)
  }

  /// `: there is no host`
  private func none(_ field: FieldDeclaration?) -> String {
    guard case .entity(let kind)? = field?.type, world.count(of: kind) == 0 else { return "" }
    return ": there is no \(program[kind].name)"
  }

  private func subjects(of origin: Origin) -> [String] {
    stated.entities(of: origin).map(subject)
  }

  /// `vepc.sgw[0]`; `host fra-2` where the name alone would not say what it is.
  func subject(_ entity: EntityID) -> String {
    let path = world.path(of: entity)
    return path.contains(".") || path.contains("[")
      ? path : "\(program.kinds[Int(entity.kind)].name) \(path)"
  }

  // MARK: Known sides

  /// What the inventory says that matters: known sides that are a field of an entity, with where that stands.
  private func facts(of origin: Origin) -> [String] {
    guard let side = knownSide(of: origin) else { return [] }
    return side.fields.compactMap { each in
      guard let value = try? world.read(each.entity, field: each.field), !value.isNone else { return nil }
      let field = program.kinds[Int(each.entity.kind)].fields[each.field]
      let fact = "\(subject(each.entity)) has \(field.name) \(world.heap.describe(value, type: field.type))"
      let made = world.origin(of: each.entity)
      if let place = made.place { return "\(place).\(field.name): \(fact)" }
      guard let range = made.range else { return fact }
      return "\(range.source.name):\(range.line): \(fact)"
    }
  }

  /// The comparison with a known number that an origin states; read without decisions.
  func knownSide(of origin: Origin) -> KnownSide? {
    let decisions = world.decisions
    world.decisions = nil
    defer { world.decisions = decisions }
    return stated.knownSide(of: origin, in: world)
  }

  /// What stands left of a comparison where nothing is left to decide: all that it reads has one candidate.
  func settledSide(of origin: Origin, in model: ConstraintModel) -> Rational? {
    guard model.constraints.filter({ $0.origin == origin }).map(\.form) == [.clause([])],
      let info = Optional(stated.origins[Int(origin.index)]),
      case .binary(_, let left, _)? = info.constraint?.condition.form, knownSide(of: origin) != nil
    else { return nil }
    let decisions = world.decisions
    var settled = Decisions()
    for entry in stated.decisions where entry.candidates.count == 1 {
      settled[entry.entity, entry.field] = entry.candidates[0]
    }
    world.decisions = settled
    defer { world.decisions = decisions }
    guard let value = try? world.evaluate(left, frame: info.frame), !value.isNone, value.aux > 0 else {
      return nil
    }
    return Rational(reduced: value.bits, over: value.aux)
  }

  /// What the decided side of a comparison is worth where decisions are these candidates, by number. The model's own
  /// numbers are scaled and rounded; these are the author's.
  func decidedSide(of origin: Origin, where candidate: @escaping (StatedDecision) -> Int) -> Rational? {
    decidedSides(of: origin, choices: [candidate])[0]
  }

  /// The same for several choices, which differ in some decisions alone; nil where one of them is refused.
  func decidedSides(
    of origin: Origin, choices: [(StatedDecision) -> Int], varying: [Decision] = []
  ) -> [Rational?] {
    guard let side = knownSide(of: origin),
      case .binary(_, let left, let right)? = stated.origins[Int(origin.index)].constraint?.condition.form
    else { return choices.map { _ in nil } }
    let decided = side.isRight ? left : right
    return values(of: decided, origin, choices: choices, varying: varying.isEmpty ? nil : varying).map {
      value in
      guard let value, !value.isNone, value.aux > 0 else { return nil }
      return Rational(reduced: value.bits, over: value.aux)
    }
  }

  /// The values of an expression of a statement under several choices of candidates, by number.
  ///
  /// - Parameter varying: decisions in which the choices differ; nil where that is not known.
  func values(
    of expression: TypedExpression, _ origin: Origin, choices: [(StatedDecision) -> Int],
    varying: [Decision]? = nil
  ) -> [Value?] {
    let before = world.decisions
    defer { world.decisions = before }
    let frame = stated.origins[Int(origin.index)].frame
    guard let first = choices.first else { return [] }
    var chosen = Decisions()
    for entry in stated.decisions where entry.candidates.indices.contains(first(entry)) {
      chosen[entry.entity, entry.field] = entry.candidates[first(entry)]
    }
    world.decisions = chosen
    let entries = varying.map { $0.compactMap(stated.entry) } ?? stated.decisions
    var current = entries.map(first)
    return choices.map { choice in
      let next = entries.map(choice)
      let changed = entries.indices.filter { next[$0] != current[$0] }
      guard changed.allSatisfy({ entries[$0].candidates.indices.contains(next[$0]) }) else { return nil }
      if !changed.isEmpty {
        world.decide(
          changed.map {
            (Decisions.Key(entries[$0].entity, entries[$0].field), entries[$0].candidates[next[$0]])
          })
      }
      current = next
      return try? world.evaluate(expression, frame: frame)
    }
  }

  func number(_ value: Rational, _ type: Type) -> String {
    if case .quantity(let dimension) = type { return program.units.text(value, of: dimension) }
    return value.description
  }
}

extension StatedModel {
  func rule(of origin: Origin) -> RuleID? { instance(of: origin)?.rule }
  func entities(of origin: Origin) -> [EntityID] { instance(of: origin)?.entities ?? [] }

  /// The author's decision behind one of the model's, if it is one.
  func entry(of decision: Decision) -> StatedDecision? {
    decisions.first { $0.decision == Int(decision.index) }
  }
}

extension TypedExpression {
  /// A literal, with or without a conversion.
  package var isConstant: Bool {
    switch form {
    case .bool, .int, .quantity, .float, .text, .none, .rule: true
    case .ratio(let a), .some(let a), .negate(let a): a.isConstant
    case .enumCase(_, _, let payload): payload.allSatisfy(\.isConstant)
    default: false
    }
  }
}
