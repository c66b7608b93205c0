package import ConstraintSolver
package import NFVModel
import PlacetSemantics
package import PlacetVM
import Quantities

extension PlacementProblem {
  /// The outcome of the last solve as an answer; the conflict of an infeasible one is found here.
  package func answer(_ options: SolverOptions) throws(EvaluationError) -> PlacementAnswer {
    var answer = PlacementAnswer(status: status)
    answer.statistics = statistics
    answer.seed = options.seed
    answer.waived = waivers
    if let solution {
      answer.objectives = objectiveValues(solution)
      decisionsUnder = decisionsByPlaced()
      answer.assignment = Assignment(instances: instances, waivers: waivers)
      answer.decisions = otherDecisions
      answer.rules = ruleSummaries
    }
    if case .unsatisfiable = outcome { answer.conflict = try conflict(options) }
    return answer
  }

  private var status: PlacementAnswer.Status {
    switch outcome {
    case .optimal: .optimal
    case .feasible: .feasible
    case .unsatisfiable: .infeasible
    case .unknown, nil: .unknown
    }
  }

  // MARK: Objectives

  func objectiveValues(_ solution: Solution) -> [ObjectiveValue] {
    stated.objectives.enumerated().compactMap { index, objective in
      guard index < solution.objectives.count else { return nil }
      let value = objective.value(of: solution.objectives[index])
      let bound = objective.value(of: solution.bounds[index])
      guard let value, let bound else { return nil }
      return ObjectiveValue(
        name: objective.name, value: value, bound: bound, isMaximized: objective.isMaximized,
        valueText: text(value, objective.type), boundText: text(bound, objective.type))
    }
  }

  private func text(_ amount: Rational, _ type: Type) -> String {
    if case .quantity(let dimension) = type { return program.units.text(amount, of: dimension) }
    return amount.description
  }

  // MARK: Placements

  private var reader: WorldReader { WorldReader(world: world) }

  private var instances: [PlacedInstance] {
    let rules = ruleNames
    let machines = MachineAttributes(stated, placing: isPlacing, reader: reader)
    return stated.decisions.filter { isPlacing($0) }.compactMap { entry in
      guard let host = reader.entity(entry.entity, "host") else { return nil }
      var instance = placed(entry.entity, on: host, rules)
      machines.add(to: &instance, of: entry.entity)
      return instance
    }
  }

  private func placed(_ entity: EntityID, on host: EntityID, _ rules: [EntityID: [String]])
    -> PlacedInstance
  {
    var instance = PlacedInstance(
      world.path(of: entity), vim: reader.name(host, "vim") ?? "", host: world.name(of: host),
      site: reader.site(of: host), cells: reader.cells(of: entity))
    if let (memory, type) = reader.field(entity, "memory"), let bytes = reader.bytes(memory, type) {
      instance.demand["memory"] = bytes
    }
    for (name, owner) in [("vnf", reader.entity(entity, "vnf")), ("vdu", reader.entity(entity, "vdu"))] {
      guard let owner else { continue }
      attributes(of: owner, prefix: name, into: &instance)
    }
    for name in lineage(of: entity).flatMap({ rules[$0] ?? [] }) where !instance.rules.contains(name) {
      instance.rules.append(name)
    }
    instance.decisions = decisions(under: entity)
    return instance
  }

  /// What else is decided for a placed entity, as `cell0.cell`: kept on record, so that it stays as it is.
  private func decisions(under placed: EntityID) -> [String: AttributeValue] {
    let path = world.path(of: placed)
    var result: [String: AttributeValue] = [:]
    for entry in decisionsUnder[placed] ?? [] {
      guard let value = world.decisions?[entry.entity, entry.field] else { continue }
      let place = world.path(of: entry.entity).dropFirst(path.count).drop { $0 == "." }
      let field = program.kinds[Int(entry.entity.kind)].fields[entry.field].name
      result[place.isEmpty ? field : "\(place).\(field)"] = .text(
        world.heap.describe(value, type: entry.type))
    }
    return result
  }

  /// Decisions that place nothing themselves, by the placed entity that they belong to.
  private func decisionsByPlaced() -> [EntityID: [StatedDecision]] {
    let placed = Set(stated.decisions.filter { isPlacing($0) }.map(\.entity))
    var result: [EntityID: [StatedDecision]] = [:]
    for entry in stated.decisions where !isPlacing(entry) {
      var above: EntityID? = entry.entity
      while let here = above, !placed.contains(here) { above = world.parent(of: here) }
      if let above { result[above, default: []].append(entry) }
    }
    return result
  }

  /// What is given of a VNF or VDU, by `vnf.field`.
  private func attributes(of owner: EntityID, prefix: String, into instance: inout PlacedInstance) {
    for (index, field) in program.kinds[Int(owner.kind)].fields.enumerated() {
      guard case .given = field.form, field.name != "count", let (value, type) = reader.field(owner, index),
        let attribute = reader.attribute(value, type)
      else { continue }
      if case .list(let items) = attribute, items.isEmpty { continue }
      instance.attributes["\(prefix).\(field.name)"] = attribute
    }
  }

  /// Names of the rules that have an instance about an entity, by entity, in order of the rules.
  private var ruleNames: [EntityID: [String]] {
    var rules: [EntityID: [RuleID]] = [:]
    for instance in stated.instances {
      for entity in instance.entities where rules[entity]?.last != instance.rule {
        rules[entity, default: []].append(instance.rule)
      }
    }
    return rules.mapValues { found in Set(found).sorted { $0.index < $1.index }.map { program[$0].name } }
  }

  /// An entity and all that it lies in: a rule about a VNF speaks of each of its instances.
  private func lineage(of entity: EntityID) -> [EntityID] {
    Array(sequence(first: entity) { self.world.parent(of: $0) })
  }

  private var otherDecisions: [DecidedField] {
    let inside = Set(decisionsUnder.values.joined().map(\.decision))
    return stated.decisions.filter { !isPlacing($0) }.compactMap { entry in
      guard let value = world.decisions?[entry.entity, entry.field] else { return nil }
      return DecidedField(
        entity: world.path(of: entry.entity),
        field: program.kinds[Int(entry.entity.kind)].fields[entry.field].name,
        value: world.heap.describe(value, type: entry.type), isOfInstance: inside.contains(entry.decision))
    }
  }

  // MARK: Rules

  private var ruleSummaries: [RuleSummary] {
    guard let report = ruleReport else { return [] }
    return program.rules.indices.map { RuleID($0) }.compactMap { id in
      guard let count = report.activity[id] else { return nil }
      let rule = program[id]
      return RuleSummary(
        name: rule.name, layer: "\(rule.layer)", constraints: count,
        unmetWishes: report.unmet.count { $0.rule == id })
    }
  }

  /// Waivers in force, a row for each entity that one names.
  package var waivers: [Waiver] {
    world.waivers.flatMap { waiver in
      let rule = program[waiver.rule].name
      let subjects = waiver.entities.map { $0.map(world.path).sorted(by: naturallyPrecedes) } ?? ["all"]
      return subjects.map { Waiver(rule: rule, for: $0, because: waiver.reason) }
    }
  }

  /// The hosts of the world with their cells, and their VIMs, for the plan and for simulated VIMs.
  package func inventory(date: String) -> Inventory {
    var parts: [Inventory.Part] = []
    for (kind, declaration) in program.kinds.enumerated()
    where ["vim", "host", "cell"].contains(declaration.name) {
      let entities = world.entities(of: KindID(kind)).map { entity in
        var attributes: [String: AttributeValue] = [:]
        for (index, field) in declaration.fields.enumerated() {
          guard case .given = field.form, let (value, type) = reader.field(entity, index),
            let attribute = reader.attribute(value, type)
          else { continue }
          attributes[field.name] = attribute
        }
        guard let parent = world.parent(of: entity) else {
          return Entity(declaration.name, world.name(of: entity), attributes)
        }
        let place = EntityReference(kind: reader.kind(of: parent).name, name: world.path(of: parent))
        return Entity(declaration.name, world.path(of: entity), in: place, attributes)
      }
      parts.append(Inventory.Part(source: "the policy's world", date: date, entities: entities))
    }
    return Inventory(parts: parts)
  }
}
