import ConstraintModel
package import ConstraintSolver
import Diagnostics
package import PlacetSemantics
package import PlacetVM
import Quantities

/// Why there is no placement: a minimal set of constraints that cannot hold together, in the author's lines.
extension PlacementProblem {
  /// The conflict of the whole model; `P0102`-like when a limit is met first is left to the caller: the conflict
  /// is then all rules of the core that was found.
  package func conflict(_ options: SolverOptions) throws(EvaluationError) -> Conflict? {
    try conflict(of: stated.model, options)
  }

  func conflict(of model: ConstraintModel, _ options: SolverOptions) throws(EvaluationError) -> Conflict? {
    let solver = try solver(for: model)
    guard case .core(let core) = solver.minimalCore(retractable: retractable(in: model), options) else {
      return nil
    }
    var conflict = describe(core, in: model)
    conflict.relaxations = relaxations(of: core, in: model, solver, options)
    return conflict
  }

  func solver(for model: ConstraintModel) throws(EvaluationError) -> Solver {
    do {
      return try Solver(model)
    } catch {
      throw .mistakes([overflowDiagnostic(error)])
    }
  }

  /// Origins that may be left out, what may go first before what is to be kept: lower layers before regulation.
  func retractable(in model: ConstraintModel) -> [Origin] {
    let present = Set(model.constraints.map(\.origin))
    // A pin or a claim is the question: it is not part of the answer.
    let free = present.filter {
      if case .assumption = stated.origins[Int($0.index)].subject { return false }
      return !stated.origins[Int($0.index)].isStructural
    }
    return free.sorted { (layer(of: $0), $0.index) < (layer(of: $1), $1.index) }
  }

  private func layer(of origin: Origin) -> Int {
    stated.rule(of: origin).map { program[$0].layer.rawValue } ?? Layer.regulator.rawValue
  }

  /// Notes for a test that meets a world without placement.
  package func conflictNotes(_ options: SolverOptions) -> [String] {
    guard let conflict = try? conflict(options) else { return [] }
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
    var facts: [String] = []
    let members = order.compactMap { range -> Conflict.Member? in
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
        text: sentence(for: origins, about: about, in: model))
    }
    guard members.isEmpty else { return Conflict(members: members, facts: facts) }
    return Conflict(members: withoutRules(in: model), facts: kindsWithoutEntities)
  }

  /// `there is no host`, for kinds that decisions choose from.
  private var kindsWithoutEntities: [String] {
    var facts: [String] = []
    for case .entity(let kind) in stated.decisions.filter(\.candidates.isEmpty).map(\.type)
    where world.entities(of: kind).isEmpty {
      let name = program[kind].name
      let fact = "there is no \(name): the policy makes none, and no file or inventory gave one"
      if !facts.contains(fact) { facts.append(fact) }
    }
    return facts
  }

  /// Where no rule is to blame: decisions that have no candidate, else all whose candidates exclude each other.
  private func withoutRules(in model: ConstraintModel) -> [Conflict.Member] {
    let empty = stated.decisions.filter(\.candidates.isEmpty)
    let blamed = empty.isEmpty ? stated.decisions : empty
    var order: [SourceRange] = []
    var groups: [SourceRange: [StatedDecision]] = [:]
    for entry in blamed {
      let range = program.kinds[Int(entry.entity.kind)].fields[entry.field].range
      if groups[range] == nil { order.append(range) }
      groups[range, default: []].append(entry)
    }
    return order.compactMap { range in
      guard let entries = groups[range], let first = entries.first else { return nil }
      let field = program.kinds[Int(first.entity.kind)].fields[first.field]
      let about = entries.map { subject($0.entity) }
      let why = empty.isEmpty ? "candidates exclude each other for" : "there is no candidate for"
      return Conflict.Member(
        rule: "\(program.kinds[Int(first.entity.kind)].name).\(field.name)", layer: "", doc: nil,
        range: range, verbRange: range, about: about, text: "\(why) \(field.name) of \(list(about))")
    }
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

  private func sentence(for origins: [Origin], about: [String], in model: ConstraintModel) -> String {
    let info = stated.origins[Int(origins[0].index)]
    let names = list(about)
    if let refusal = info.refusal { return about.isEmpty ? refusal.reason : "\(names): \(refusal.reason)" }
    if origins.count == 1, let only = allowedCandidates(of: origins[0], in: model) {
      return names.isEmpty ? only : "\(names): \(only)"
    }
    if let bound = boundText(of: origins[0]) {
      return names.isEmpty ? "at most \(bound)" : "\(names): \(bound)"
    }
    return names.isEmpty ? "asked for here" : "asked for \(names)"
  }

  private func list(_ names: [String], limit: Int = 4) -> String {
    if names.count <= limit { return names.joined(separator: ", ") }
    return names.prefix(limit - 1).joined(separator: ", ") + " and \(names.count - limit + 1) more"
  }

  /// What a constraint on a single decision leaves: `one of 2 hosts: fra-1, fra-2`.
  private func allowedCandidates(of origin: Origin, in model: ConstraintModel) -> String? {
    let constraints = model.constraints.filter { $0.origin == origin }
    var decision: Decision?
    var allowed: Bitset?
    for constraint in constraints {
      guard case .clause(let literals) = constraint.form else { return nil }
      let all = literals + constraint.enforcedBy.map { !$0 }
      guard let first = all.first, all.allSatisfy({ $0.decision == first.decision }) else { return nil }
      if let decision, decision != first.decision { return nil }
      decision = first.decision
      let count = model[first.decision].candidateCount
      var union = Bitset(count: count)
      for literal in all {
        union = union.union(literal.isNegated ? model[literal.mask].complement : model[literal.mask])
      }
      allowed = allowed.map { $0.intersection(union) } ?? union
    }
    guard let decision, let allowed, let entry = stated.entry(of: decision) else { return nil }
    let field = program.kinds[Int(entry.entity.kind)].fields[entry.field].name
    let names = allowed.members.map { world.heap.describe(entry.candidates[$0], type: entry.type) }
    if names.isEmpty { return "no \(field) will do" }
    if names.count <= 4 { return "only \(field) \(names.joined(separator: " or ")) will do" }
    return "\(names.count) of \(entry.candidates.count) candidates for \(field) will do"
  }

  // MARK: Known sides

  /// `h.cores is 20`
  private func boundText(of origin: Origin) -> String? {
    guard let side = knownSide(of: origin) else { return nil }
    let source = side.known.text.split(whereSeparator: \.isNewline).joined(separator: " ")
    return "\(source) is \(number(side.value, side.type))"
  }

  /// What the inventory says that matters: known sides that are a field of an entity.
  private func facts(of origin: Origin) -> [String] {
    guard let side = knownSide(of: origin) else { return [] }
    return side.fields.compactMap { each in
      guard let value = try? world.read(each.entity, field: each.field), !value.isNone else { return nil }
      let field = program.kinds[Int(each.entity.kind)].fields[each.field]
      return "\(subject(each.entity)) has \(field.name) \(world.heap.describe(value, type: field.type))"
    }
  }

  /// The comparison with a known number that an origin states; read without decisions.
  func knownSide(of origin: Origin) -> KnownSide? {
    let decisions = world.decisions
    world.decisions = nil
    defer { world.decisions = decisions }
    return stated.knownSide(of: origin, in: world)
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
