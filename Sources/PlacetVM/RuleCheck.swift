package import Diagnostics
package import PlacetSemantics
import Quantities

/// What running the rules with all decisions known has found.
package struct RuleReport {
  /// A constraint of a rule for one value of its variables.
  package struct Instance {
    /// nil for a constraint that a test states itself.
    package var rule: RuleID?
    package var constraint: TypedConstraint
    /// Arguments and loop variables, outermost first.
    package var variables: [(name: String, value: Value, type: Type)]
    /// Of a refusal.
    package var reason: String?
    /// Of an unmet `prefer`.
    package var weight: Value?
  }
  /// Constraint instances that were evaluated.
  package internal(set) var evaluated = 0
  /// `require` and `forbid` that do not hold, and refusals.
  package internal(set) var violations: [Instance] = []
  /// `prefer`s that do not hold.
  package internal(set) var unmet: [Instance] = []
  /// The sum of their weights, an int or an amount of money.
  package internal(set) var unmetWeight = Value(0)
  /// Waivers that no instance has met.
  package internal(set) var mistakes: [Diagnostic] = []
  /// How many instances of each rule were evaluated: 0 means that it is never active.
  package internal(set) var activity: [RuleID: Int] = [:]

  package var holds: Bool { violations.isEmpty }
}

/// State of a run of the rules, for the machine.
struct RuleRun {
  let evaluated: UnsafeMutablePointer<Int> = {
    let pointer = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    pointer.initialize(to: 0)
    return pointer
  }()
  var report = RuleReport()
  var rule: RuleID?
  /// Numbers of the waivers of the rule that runs.
  var waivers: [Int] = []
  var matched: Set<Int> = []
  var weight = Rational(0)
  var overflow: SourceRange?
}

extension World {
  /// Runs every instance of every rule (or of some) with decisions known. Refusals in a rule are violations
  /// with their reason; mistakes of evaluation end the run.
  package func evaluateRules(only chosen: Set<RuleID>? = nil) throws(EvaluationError) -> RuleReport {
    ruleRun.report = RuleReport()
    ruleRun.matched = []
    ruleRun.weight = Rational(0)
    ruleRun.overflow = nil
    for use in uses {
      if let chosen, !chosen.contains(use.rule) { continue }
      ruleRun.rule = use.rule
      ruleRun.waivers = waivers.indices.filter { waivers[$0].rule == use.rule }
      ruleRun.evaluated.pointee = 0
      _ = try machine.run(chunk(of: use.rule)) { registers in
        for (index, argument) in use.arguments.enumerated() { registers[index] = argument }
      }
      ruleRun.report.evaluated += ruleRun.evaluated.pointee
      ruleRun.report.activity[use.rule, default: 0] += ruleRun.evaluated.pointee
    }
    if chosen == nil { try evaluateLocalStatements() }
    if let range = ruleRun.overflow { throw EvaluationError(.overflow(at: range)) }
    ruleRun.report.unmetWeight = Value(ruleRun.weight)
    if chosen == nil {
      for (index, waiver) in waivers.enumerated() where !ruleRun.matched.contains(index) {
        ruleRun.report.mistakes.append(
          .waiverMatchesNothing(program[waiver.rule].name, at: waiver.range))
      }
    }
    return ruleRun.report
  }

  /// Whether a waiver in force drops an instance of the rule with this argument or loop variable.
  package func waiver(of rule: RuleID, for entity: EntityID) -> WaiverInForce? {
    waivers.first { waiver in
      waiver.rule == rule && (waiver.entities.map { $0.contains { lies(entity, under: $0) } } ?? true)
    }
  }

  private func evaluateLocalStatements() throws(EvaluationError) {
    ruleRun.rule = nil
    ruleRun.waivers = []
    ruleRun.evaluated.pointee = 0
    var start = 0
    while start < localStatements.count {
      // What one frame sees stands together, so that a `let` reaches the constraints after it.
      let first = localStatements[start]
      let body = localStatements[start...].prefix { $0.frame == first.frame }
      start += body.count
      let chunk = add(
        Compiler.statements(
          body.map(\.statement), frame: first.info, inputs: first.frame.count, variables: [], rule: nil,
          range: program.tests.first?.range ?? SourceRange(Source(name: "", text: ""), 0, 0), in: self))
      _ = try machine.run(chunk) { registers in
        for (index, value) in first.frame.enumerated() { registers[index] = value }
      }
    }
    ruleRun.report.evaluated += ruleRun.evaluated.pointee
  }

  private func chunk(of rule: RuleID) -> Int {
    if let number = ruleChunks[rule] { return number }
    let declaration = program[rule]
    let names = declaration.parameterNames ?? []
    let variables = names.enumerated().map { index, name in
      (name: name, register: index, type: declaration.parameterTypes[index])
    }
    let number = add(
      Compiler.statements(
        declaration.body, frame: declaration.frame, inputs: names.count, variables: variables, rule: rule,
        range: declaration.range, in: self))
    ruleChunks[rule] = number
    return number
  }

  // MARK: For compiler and machine

  func hasWaivers(_ rule: RuleID) -> Bool { waivers.contains { $0.rule == rule } }

  /// nil asks for waivers of the whole rule.
  func isWaivedNow(_ value: Value?) -> Bool {
    if let value, value.isNone { return false }
    for number in ruleRun.waivers {
      let isMet: Bool
      if let entities = waivers[number].entities {
        guard let value else { continue }
        isMet = entities.contains { lies(value.entity, under: $0) }
      } else {
        isMet = value == nil
      }
      if isMet {
        ruleRun.matched.insert(number)
        return true
      }
    }
    return false
  }

  @inline(never)
  func reportUnheld(
    _ chunk: Int, _ statement: Int, _ registers: UnsafeMutablePointer<Value>, weight: Value?
  ) {
    var instance = instance(chunk, statement, registers)
    instance.weight = weight
    if let weight {
      if let sum = ruleRun.weight.adding(weight.rational) {
        ruleRun.weight = sum
      } else {
        ruleRun.overflow = instance.constraint.range
      }
      ruleRun.report.unmet.append(instance)
    } else {
      ruleRun.report.violations.append(instance)
    }
  }

  @inline(never)
  func reportRefusal(
    _ chunk: Int, _ statement: Int, _ registers: UnsafeMutablePointer<Value>, reason: Value
  ) {
    var instance = instance(chunk, statement, registers)
    instance.reason = heap.text(reason)
    ruleRun.evaluated.pointee += 1
    ruleRun.report.violations.append(instance)
  }

  private func instance(
    _ chunk: Int, _ number: Int, _ registers: UnsafeMutablePointer<Value>
  ) -> RuleReport.Instance {
    let statement = chunks[chunk].statements[number]
    heap.pin()
    return RuleReport.Instance(
      rule: ruleRun.rule, constraint: statement.constraint,
      variables: statement.variables.map { ($0.name, registers[$0.register], $0.type) }, reason: nil,
      weight: nil)
  }
}
