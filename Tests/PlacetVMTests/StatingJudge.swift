import ConstraintModel
import Diagnostics
import Foundation
import PlacetSemantics
import PlacetVM
import Quantities
import Testing

/// Judges a stated model by running the policy with every assignment of its decisions: what the machine says of
/// the rules, the model has to say too, and the objective is worth the same.
struct StatingJudge {
  let world: World
  let stated: StatedModel

  static let repository = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  /// A module of the standard library, as it lies in the repository.
  static func module(_ name: String) -> Source? {
    let path = "stdlib/" + name.replacing(".", with: "/") + ".placet"
    let text = try? String(contentsOf: repository.appending(path: path), encoding: .utf8)
    return text.map { Source(name: path, text: $0) }
  }

  static func world(_ text: String, place: SourceLocation = #_sourceLocation) throws -> World {
    let (program, diagnostics) = Checker.check(
      main: Source(name: "policy.placet", text: text),
      modules: module)
    for each in diagnostics where each.severity == .error {
      Issue.record(
        "line \(each.primary.range.line): \(each.code) \(each.message) \(each.notes)", sourceLocation: place)
    }
    try #require(!diagnostics.contains { $0.severity == .error }, sourceLocation: place)
    let world = World(program: program)
    do {
      try world.build()
    } catch {
      Issue.record("\(error.diagnostics.map(\.message))", sourceLocation: place)
      throw error
    }
    return world
  }

  init(world: World) throws(EvaluationError) {
    self.world = world
    stated = try Stater.state(world)
  }

  init(world: World, stated: StatedModel) {
    self.world = world
    self.stated = stated
  }

  init(_ text: String, place: SourceLocation = #_sourceLocation) throws {
    world = try Self.world(text, place: place)
    do {
      stated = try Stater.state(world)
    } catch {
      Issue.record(
        "\(error.diagnostics.map { "\($0.primary.range.line): \($0.code) \($0.message)" })",
        sourceLocation: place)
      throw error
    }
  }

  struct Outcome: Equatable {
    var assignments = 0
    var admissible = 0
    /// Sums over what is admissible, by tier of the objective.
    var worth: [Rational] = []
  }

  /// Compares model and machine on every assignment of every value of the decisions' types.
  @discardableResult
  func agree(
    checksObjective: Bool = true, _ note: String = "", place: SourceLocation = #_sourceLocation
  ) throws -> Outcome {
    let universes = stated.decisions.map(universe)
    var outcome = Outcome()
    var digits = Array(repeating: 0, count: universes.count)
    guard !universes.contains(where: \.isEmpty) else { return outcome }
    let extender = AuxiliarySearch(stated)
    while true {
      let values = zip(universes, digits).map { $0[$1] }
      let known = try evaluate(values)
      let modelled = candidateNumbers(values).flatMap { extender.extend($0) }
      outcome.assignments += 1
      if known.holds { outcome.add(known.objectives) }
      if known.holds != (modelled != nil) {
        Issue.record(
          "\(note)\n\(describe(values)): the machine says \(known.holds) \(known.why), the model \(modelled != nil)",
          sourceLocation: place)
        return outcome
      }
      if checksObjective, let modelled {
        let checker = ModelChecker(stated.model, values: modelled)
        for (tier, goal) in zip(stated.model.objectives, zip(stated.objectives, known.objectives)) {
          let value = goal.0.value(of: checker.value(of: tier))
          if value != goal.1 {
            Issue.record(
              "\(note)\n\(describe(values)): \(goal.0.name) is \(goal.1), the model says \(String(describing: value))",
              sourceLocation: place)
            return outcome
          }
        }
      }
      var index = digits.count - 1
      while index >= 0, digits[index] + 1 == universes[index].count {
        digits[index] = 0
        index -= 1
      }
      if index < 0 { break }
      digits[index] += 1
    }
    world.decisions = nil
    return outcome
  }

  private func universe(_ decision: StatedDecision) -> [Value] {
    var type = decision.type
    var isOptional = false
    if case .optional(let wrapped) = type { (type, isOptional) = (wrapped, true) }
    guard case .entity(let kind) = type else { return decision.candidates }
    return world.entities(of: kind).map { Value($0) } + (isOptional ? [.none] : [])
  }

  private func candidateNumbers(_ values: [Value]) -> [Int]? {
    var result: [Int] = []
    for (decision, value) in zip(stated.decisions, values) {
      guard let number = decision.candidates.firstIndex(of: value) else { return nil }
      result.append(number)
    }
    return result
  }

  private func describe(_ values: [Value]) -> String {
    zip(stated.decisions, values).map { decision, value in
      let field = world.program.kinds[Int(decision.entity.kind)].fields[decision.field].name
      return
        "\(world.path(of: decision.entity)).\(field) = \(world.heap.describe(value, type: decision.type))"
    }.joined(separator: ", ")
  }

  private func evaluate(_ values: [Value]) throws -> (holds: Bool, why: [String], objectives: [Rational]) {
    var decisions = Decisions()
    for (decision, value) in zip(stated.decisions, values) {
      decisions[decision.entity, decision.field] = value
    }
    world.decisions = decisions
    for (decision, value) in zip(stated.decisions, values) where try !isCandidate(value, decision) {
      return (false, ["not a candidate"], [])
    }
    let report = try world.evaluateRules()
    if !report.holds {
      return (false, report.violations.map { $0.reason ?? $0.constraint.range.text }, [])
    }
    var objectives: [Rational] = []
    for goal in world.program.objective {
      if case .preferences = goal.value.form {
        objectives.append(Rational(reduced: report.unmetWeight.bits, over: report.unmetWeight.aux))
        continue
      }
      do {
        let frame = Array(repeating: Value.none, count: world.program.objectiveFrame.count)
        let value = try world.evaluate(goal.value, frame: frame)
        objectives.append(Rational(reduced: value.bits, over: value.aux))
      } catch {
        guard case .refusal(let reason, _) = error else { throw error }
        return (false, [reason], [])
      }
    }
    return (true, [], objectives)
  }

  private func isCandidate(_ value: Value, _ decision: StatedDecision) throws -> Bool {
    let field = world.program.kinds[Int(decision.entity.kind)].fields[decision.field]
    guard case .decision(let within, let condition, _) = field.form, !value.isNone else { return true }
    do {
      if let within {
        var frame = Array(repeating: Value.none, count: within.frame.count)
        frame[0] = Value(decision.entity)
        let list = try world.evaluate(within.expression, frame: frame)
        let type = within.expression.type
        if !world.heap.elements(list, type: type).contains(where: {
          world.heap.equal($0, value, type: decision.type)
        }) {
          return false
        }
      }
      if let condition {
        var frame = Array(repeating: Value.none, count: condition.frame.count)
        frame[0] = Value(decision.entity)
        frame[1] = value
        return try world.evaluate(condition.expression, frame: frame).bool
      }
    } catch {
      guard case .refusal = error else { throw error }
      return false
    }
    return true
  }
}

extension StatingJudge.Outcome {
  fileprivate mutating func add(_ objectives: [Rational]) {
    admissible += 1
    worth += Array(repeating: Rational(0), count: max(0, objectives.count - worth.count))
    for (tier, value) in objectives.enumerated() { worth[tier] = worth[tier].adding(value) ?? worth[tier] }
  }
}

/// Finds values of auxiliary decisions, one after the other, taking back what breaks a constraint.
struct AuxiliarySearch {
  let model: ConstraintModel
  let principals: [Int]
  let auxiliaries: [Int]
  /// Constraints to look at once a decision has its value: those of which it is the last.
  let due: [[Int]]
  let immediate: [Int]

  init(_ stated: StatedModel) {
    model = stated.model
    principals = stated.decisions.map(\.decision)
    let own = model.decisions.indices.filter { stated.model.decisions[$0].isAuxiliary }
    auxiliaries = own
    var due = Array(repeating: [Int](), count: model.decisions.count)
    var immediate: [Int] = []
    for (index, constraint) in model.constraints.enumerated() {
      let last = Self.decisions(of: constraint, in: model).filter { own.contains($0) }.max()
      if let last { due[last].append(index) } else { immediate.append(index) }
    }
    self.due = due
    self.immediate = immediate
  }

  func extend(_ candidates: [Int]) -> [Int]? {
    var values = Array(repeating: 0, count: model.decisions.count)
    for (decision, candidate) in zip(principals, candidates) { values[decision] = candidate }
    let checker = ModelChecker(model, values: values)
    guard immediate.allSatisfy({ checker.holds(model.constraints[$0]) }) else { return nil }
    return search(0, &values) ? values : nil
  }

  private func search(_ place: Int, _ values: inout [Int]) -> Bool {
    guard place < auxiliaries.count else { return true }
    let decision = auxiliaries[place]
    for candidate in 0..<model.decisions[decision].candidateCount {
      values[decision] = candidate
      let checker = ModelChecker(model, values: values)
      if due[decision].allSatisfy({ checker.holds(model.constraints[$0]) }), search(place + 1, &values) {
        return true
      }
    }
    return false
  }

  static func decisions(of constraint: Constraint, in model: ConstraintModel) -> Set<Int> {
    var result: Set<Int> = []
    func add(_ view: View) { result.insert(Int(view.decision.index)) }
    func add(_ terms: [LinearTerm]) {
      for term in terms {
        switch term.term {
        case .view(let view): add(view)
        case .literal(let literal): result.insert(Int(literal.decision.index))
        case .table(_, let a, let b):
          add(a)
          add(b)
        case .load(let load, _): for item in model[load].items { add(item.view) }
        case .ramp(let sum): add(model[sum].terms)
        }
      }
    }
    for literal in constraint.enforcedBy { result.insert(Int(literal.decision.index)) }
    switch constraint.form {
    case .clause(let literals): for literal in literals { result.insert(Int(literal.decision.index)) }
    case .linear(let terms, _, _): add(terms)
    case .equal(let a, let b), .allowed(_, let a, let b):
      add(a)
      add(b)
    case .allDifferent(let views, _), .rows(let views, _): views.forEach(add)
    }
    return result
  }
}
