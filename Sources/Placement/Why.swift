import ConstraintModel
package import ConstraintSolver
import Diagnostics
import NFVModel
package import PlacetSemantics
package import PlacetVM
import Quantities

/// Why an instance is where it is, and what stands against other places.
package struct WhyReport: Sendable {
  /// One other place: what forbids it, or what it would cost.
  package struct Alternative: Sendable {
    package enum Obstacle: Sendable {
      /// The rules that forbid it together.
      case forbidden(Conflict)
      /// Objectives that would be worse, as `cost 1240 EUR instead of 1200 EUR`.
      case costlier([String])
      /// As good: the tie was broken.
      case asGood
      case undecided
    }
    package var hosts: [String]
    package var obstacle: Obstacle

    package init(hosts: [String], obstacle: Obstacle) {
      self.hosts = hosts
      self.obstacle = obstacle
    }
  }
  package var instance: String
  package var host: String?
  package var alternatives: [Alternative]
  /// Hosts beyond those that were tried one by one.
  package var untried: Int

  package init(instance: String, host: String?, alternatives: [Alternative], untried: Int) {
    self.instance = instance; self.host = host; self.alternatives = alternatives; self.untried = untried
  }
}

extension PlacementProblem {
  /// The decision that places an instance, by its path (`vepc.mme[0]`) or its name where that is unique.
  package func placing(_ name: String) -> StatedDecision? {
    let all = stated.decisions.filter { isPlacing($0) }
    if let exact = all.first(where: { world.path(of: $0.entity) == name }) { return exact }
    let named = all.filter {
      world.name(of: $0.entity) == name || world.path(of: $0.entity).hasSuffix("." + name)
    }
    return named.count == 1 ? named[0] : nil
  }

  /// The decision of a field of an entity, if it is one.
  package func decision(of entity: EntityID, field: Int) -> StatedDecision? {
    stated.decisions.first { $0.entity == entity && $0.field == field }
  }

  package var placedNames: [String] {
    stated.decisions.filter { isPlacing($0) }.map { world.path(of: $0.entity) }
  }

  /// Those that are placed somewhere where the world is that of a placement; otherwise all that have to be.
  package var wantedNames: [String] {
    stated.decisions.filter { entry in
      guard isPlacing(entry) else { return false }
      if let value = world.decisions?[entry.entity, entry.field] { return !value.isNone }
      return !entry.candidates.contains { $0.isNone }
    }.map { world.path(of: $0.entity) }.sorted(by: naturallyPrecedes)
  }

  /// The candidate of a decision with a name.
  package func candidate(_ name: String, of entry: StatedDecision) -> Value? {
    entry.candidates.first { !$0.isNone && world.name(of: $0.entity) == name }
  }

  package func candidateNames(of entry: StatedDecision) -> [String] {
    entry.candidates.filter { !$0.isNone }.map { world.name(of: $0.entity) }
  }

  /// What stands against a place: the minimal conflict of putting the instance there, or what the best placement
  /// with it there costs more.
  package func whyNot(
    _ entry: StatedDecision, _ candidate: Value, _ options: SolverOptions
  ) throws(EvaluationError) -> (conflict: Conflict?, obstacle: WhyReport.Alternative.Obstacle) {
    let pinned = pinned(entry, to: candidate)
    let solver = try solver(for: pinned.model)
    switch solver.solve(options).0 {
    case .unsatisfiable:
      guard case .core(let core) = solver.minimalCore(ranked: ranks(in: pinned.model), options)
      else {
        return (nil, .undecided)
      }
      var conflict = describe(core, in: pinned.model)
      conflict.core = core
      return (conflict, .forbidden(conflict))
    case .optimal(let other):
      guard let solution else { return (nil, .undecided) }
      let worse = zip(stated.objectives, zip(solution.objectives, other.objectives)).compactMap {
        objective, values -> String? in
        guard values.0 != values.1, let here = objective.value(of: values.0),
          let there = objective.value(of: values.1)
        else { return nil }
        return "\(objective.name) \(number(there, objective.type)) instead of \(number(here, objective.type))"
      }
      return (nil, worse.isEmpty ? .asGood : .costlier(worse))
    case .feasible, .unknown: return (nil, .undecided)
    }
  }

  private func pinned(_ entry: StatedDecision, to candidate: Value) -> StatedModel {
    let decisions = world.decisions
    world.decisions = nil
    defer { world.decisions = decisions }
    let pinned = stater.pinning([Decisions.Key(entry.entity, entry.field): candidate])
    adoptOrigins(of: pinned)
    return pinned
  }

  /// Tries other places: all hosts that a rule of one decision rules out are told together.
  package func why(
    _ entry: StatedDecision, _ options: SolverOptions, trying limit: Int = 6
  ) throws(EvaluationError) -> WhyReport {
    let here = world.decisions?[entry.entity, entry.field]
    var report = WhyReport(
      instance: world.path(of: entry.entity),
      host: here.map { world.heap.describe($0, type: entry.type) }, alternatives: [], untried: 0)
    var groups: [String: Int] = [:]
    var tried = 0
    for candidate in entry.candidates where candidate != here && !candidate.isNone {
      guard tried < limit || !groups.isEmpty && tried < 4 * limit else {
        report.untried += 1
        continue
      }
      tried += 1
      let obstacle = try whyNot(entry, candidate, options).obstacle
      let host = world.name(of: candidate.entity)
      let key = "\(obstacle.key)"
      if let index = groups[key] {
        report.alternatives[index].hosts.append(host)
      } else {
        groups[key] = report.alternatives.count
        report.alternatives.append(.init(hosts: [host], obstacle: obstacle))
      }
    }
    return report
  }

  /// `why(x, not: h)` of tests: (rule, text) of each member of the conflict, empty where the place is admissible.
  package func whyValue(
    _ subject: TypedExpression, not candidate: TypedExpression?, _ frame: [Value], _ options: SolverOptions,
    type: Type
  ) throws(EvaluationError) -> Value {
    var entity = try world.evaluate(subject, frame: frame).entity
    // A VNF stands for its first instance.
    if stated.decisions.first(where: { $0.entity == entity && isPlacing($0) }) == nil,
      let instance = stated.decisions.first(where: { isPlacing($0) && world.lies($0.entity, under: entity) })
    {
      entity = instance.entity
    }
    guard let entry = stated.decisions.first(where: { $0.entity == entity && isPlacing($0) }), let candidate
    else {
      return world.heap.makeList([])
    }
    let place = try world.evaluate(candidate, frame: frame)
    var members: [(RuleID, String)] = []
    for host in entry.candidates
    where !host.isNone && (host == place || belongs(host.entity, to: place.entity)) {
      guard let conflict = try whyNot(entry, host, options).conflict else { return world.heap.makeList([]) }
      for member in conflict.members {
        guard let rule = program.rules.firstIndex(where: { $0.name == member.rule }) else { continue }
        if !members.contains(where: { $0.0.index == rule && $0.1 == member.text }) {
          members.append((RuleID(rule), member.text))
        }
      }
    }
    return world.heap.makeList(
      members.map { world.heap.makeList([Value($0.0.index), world.heap.makeText($0.1)]) })
  }

  /// Whether a host names the other entity in one of its fields (its VIM, its rack, its site).
  private func belongs(_ host: EntityID, to place: EntityID) -> Bool {
    let fields = program.kinds[Int(host.kind)].fields
    return fields.indices.contains { index in
      guard case .entity(let kind) = fields[index].type, kind.index == Int(place.kind) else { return false }
      return (try? world.read(host, field: index))?.entity == place
    }
  }
}

extension WhyReport.Alternative.Obstacle {
  /// Equal for places that are out for the same reason.
  fileprivate var key: String {
    switch self {
    case .forbidden(let conflict): "forbidden " + conflict.rules.joined(separator: ",")
    case .costlier(let lines): "costlier " + lines.joined(separator: ",")
    case .asGood: "as good"
    case .undecided: "undecided"
    }
  }
}
