package import ConstraintSolver
package import Diagnostics
import NFVModel
import PlacetSemantics
package import PlacetVM

/// A rule that what runs does not keep.
package struct RuleBreach: Sendable {
  package var rule: String
  /// The resources that break it together, in natural order: `vepc.mme[0]`.
  package var resources: [String]
  /// Where the rule says so, with the reason.
  package var diagnostic: Diagnostic
}

extension PlacementProblem {
  /// The rules that a placement breaks which the solver did not find: by the path of an entity and the name of a
  /// field, as `describe` writes values. What is left open (an instance that is gone) may be anywhere.
  ///
  /// After this the world is that of the placement, where it is whole. Nil where a limit was met first.
  package func breaches(
    of reality: [String: [String: String]], _ options: SolverOptions
  ) throws(EvaluationError) -> [RuleBreach]? {
    world.decisions = nil
    var decisions = Decisions()
    var open: [StatedDecision] = []
    var breaches: [RuleBreach] = []
    for entry in stated.decisions {
      let path = world.path(of: entry.entity)
      let field = program.kinds[Int(entry.entity.kind)].fields[entry.field]
      guard let text = reality[path]?[field.name] else {
        open.append(entry)
        continue
      }
      if let value = entry.candidates.first(where: { describes($0, text, entry) }) {
        decisions[entry.entity, entry.field] = value
      } else if isPlacing(entry), let host = anyHost(named: text, for: entry) {
        decisions[entry.entity, entry.field] = host
        breaches.append(outside(field, path, "\(path) is on \(text), where this does not let it be"))
      } else if isPlacing(entry) {
        breaches.append(outside(field, path, "\(path) is on \(text), and no such host is there any more"))
        open.append(entry)
      } else {
        open.append(entry)
      }
    }
    if !open.isEmpty {
      switch try complete(&decisions, open, options) {
      case .completed: break
      case .conflict(let conflict): return breaches + self.breaches(of: conflict)
      case .unknown: return nil
      }
    }
    world.decisions = decisions
    let report = try world.evaluateRules()
    guard report.mistakes.isEmpty else { throw .mistakes(report.mistakes) }
    var hosts: [EntityID: EntityID] = [:]
    for entry in stated.decisions where isPlacing(entry) {
      if let host = decisions[entry.entity, entry.field], !host.isNone { hosts[entry.entity] = host.entity }
    }
    return breaches + report.violations.map { breach($0, hosts) }
  }

  private func describes(_ value: Value, _ text: String, _ entry: StatedDecision) -> Bool {
    if isPlacing(entry), !value.isNone { return world.name(of: value.entity) == text }
    return world.heap.describe(value, type: entry.type) == text
  }

  /// A host that is there and is no candidate: what runs is where its declaration does not let it be.
  private func anyHost(named name: String, for entry: StatedDecision) -> Value? {
    guard case .entity(let kind) = bare(entry.type) else { return nil }
    return world.entities(of: kind).first { world.name(of: $0) == name }.map { Value($0) }
  }

  private func outside(_ field: FieldDeclaration, _ path: String, _ text: String) -> RuleBreach {
    let diagnostic = Diagnostic(
      "V0501", "what runs breaks the declaration of '\(field.name)'", at: .init(field.range, text))
    return RuleBreach(rule: field.name, resources: [path], diagnostic: diagnostic)
  }

  private enum Completion {
    case completed
    case conflict(Conflict)
    case unknown
  }

  /// Gives what is open a value that goes with the rest; the conflict where nothing does.
  private func complete(
    _ decisions: inout Decisions, _ open: [StatedDecision], _ options: SolverOptions
  ) throws(EvaluationError) -> Completion {
    let pinned = stater.pinning(decisions.values)
    adoptOrigins(of: pinned)
    switch try ask([], options, model: pinned.model) {
    case .solution(let solution):
      let found = pinned.decisions(of: solution.values)
      for entry in open { decisions[entry.entity, entry.field] = found[entry.entity, entry.field] }
      return .completed
    case .unsatisfiable:
      let solver = try solver(for: pinned.model)
      guard case .core(let core) = solver.minimalCore(retractable: retractable(in: pinned.model), options)
      else { return .unknown }
      return .conflict(describe(core, in: pinned.model))
    case .unknown: return .unknown
    }
  }

  private func breaches(of conflict: Conflict) -> [RuleBreach] {
    var seen: Set<String> = []
    return conflict.members.filter { seen.insert($0.rule).inserted }.map { member in
      RuleBreach(
        rule: member.rule, resources: member.about,
        diagnostic: Diagnostic(
          "V0501", "what runs leaves no way to keep rule \(member.rule)",
          at: .init(member.verbRange, member.text)))
    }
  }

  private func breach(_ violation: RuleReport.Instance, _ hosts: [EntityID: EntityID]) -> RuleBreach {
    let rule = violation.rule.map { program[$0].name } ?? "of a test"
    var about: Set<EntityID> = []
    var places: [String] = []
    for variable in violation.variables where !variable.value.isNone {
      guard case .entity = bare(variable.type) else { continue }
      let entity = variable.value.entity
      let under = hosts.keys.filter { world.lies($0, under: entity) || world.lies(entity, under: $0) }
      about.formUnion(under)
      guard under.isEmpty else { continue }
      places.append("\(program.kinds[Int(entity.kind)].name) \(world.path(of: entity))")
      about.formUnion(hosts.filter { world.lies(entity, under: $0.value) }.keys)
    }
    let named = about.map { (name: world.path(of: $0), host: hosts[$0].map(world.name)) }
      .sorted { naturallyPrecedes($0.name, $1.name) }
    let subject = Self.listed(named.map { $0.name + ($0.host.map { " is on \($0)" } ?? "") })
    let what = subject.isEmpty ? places.joined(separator: ", ") : subject
    let text = [what, violation.reason ?? ""].filter { !$0.isEmpty }.joined(separator: ": ")
    var diagnostic = Diagnostic(
      "V0501", "what runs breaks rule \(rule)",
      at: .init(violation.constraint.range, text.isEmpty ? "this does not hold" : text))
    if !places.isEmpty, !subject.isEmpty { diagnostic.notes = ["at \(places.joined(separator: ", "))"] }
    return RuleBreach(rule: rule, resources: named.map(\.name), diagnostic: diagnostic)
  }

  private func bare(_ type: Type) -> Type { if case .optional(let wrapped) = type { wrapped } else { type } }

  private static func listed(_ items: [String]) -> String {
    items.count <= 6
      ? items.joined(separator: ", ")
      : items.prefix(5).joined(separator: ", ") + " and \(items.count - 5) more"
  }
}
