package import ConstraintModel
import Diagnostics
import PlacetSemantics
import Quantities

/// States rules, objectives and candidates as a constraint model.
///
/// Known code is compiled and run by the machine; decided code is walked here. What is decided becomes a stated
/// value: a column over the candidates of one decision, a grid over classes of two, a sum, a formula.
/// A refusal met on the way posts that its condition is false.
package final class Stater {
  package let world: World
  /// The world's: a property of its own, as reading a part of it through the world would copy all of it.
  let program: TypedProgram
  let builder: ModelBuilder

  // What is remembered of code
  var facts: [ObjectIdentifier: ExpressionFacts] = [:]
  var operations: [Operation] = []
  var operationNumbers: [OperationKey: Int32] = [:]

  // What is remembered of values
  var fieldMemo: [FieldKey: Remembered] = [:]
  var globalMemo: [GlobalID: Remembered] = [:]
  var callMemo: [CallKey: Remembered] = [:]
  var loads: [LoadKey: BuiltLoad?] = [:]
  /// Aggregates that are no load everywhere: what they say is in what was stated of them.
  var summedUp: Set<ObjectIdentifier> = []
  /// Sums that read no local and refuse nothing.
  var closedSums: [ObjectIdentifier: Linear] = [:]
  /// What is being computed, to find cycles.
  var pending: [Pending] = []

  // Decisions
  var decisionOf: [FieldKey: Decision] = [:]
  var principals: [StatedDecision] = []
  var listDomains: [Value: DomainID] = [:]
  var typeDomains: [Type: DomainID] = [:]
  var filteredDomains: [IndicatorKey: DomainID] = [:]
  /// Candidates by how they are described, for records.
  var namesOfCandidates: [MappingID: [String: Int]] = [:]

  // Where the walk is
  /// Number of the use of a rule that is being stated, of the world's.
  var use: Int?
  /// Refusals met so far and not yet dealt with.
  var refusals: [Refusal] = []
  /// What is applied right now, for messages of arithmetic.
  var here: SourceRange
  var scope = Scope()
  /// Loops so far, to ask now and then whether to stop.
  private var ticks = 0

  // What comes out
  var origins: [OriginInfo] = [OriginInfo(subject: .definition)]
  var instances: [RuleInstance] = []
  var waived: [RuleInstance] = []
  /// Waivers that dropped something.
  var matchedWaivers: Set<WaiverInForce> = []
  var preferences: [Preference] = []
  var preferenceOrigins: [Linear.Base: Origin] = [:]
  var objectives: [StatedObjective] = []
  /// What the model has more than that of the stater from which this one went on, or otherwise.
  package internal(set) var delta: ModelDelta?
  /// Values of decisions in the solution that runs, where one does.
  package var previous: Decisions?

  /// A world that is built, without decisions.
  package init(world: World) {
    self.world = world
    program = world.program
    builder = ModelBuilder(heap: world.heap)
    here = SourceRange(Source(name: "", text: ""), 0, 0)
  }

  /// Of a world that another has grown into, with all that is known of the other.
  init(copying other: Stater, world: World) {
    self.world = world
    program = world.program
    builder = ModelBuilder(copying: other.builder, heap: world.heap)
    here = other.here
    facts = other.facts.mapValues { ExpressionFacts(copying: $0) }
    operations = other.operations
    operationNumbers = other.operationNumbers
    fieldMemo = other.fieldMemo
    globalMemo = other.globalMemo
    callMemo = other.callMemo
    loads = other.loads
    summedUp = other.summedUp
    closedSums = other.closedSums
    decisionOf = other.decisionOf
    principals = other.principals
    listDomains = other.listDomains
    typeDomains = other.typeDomains
    filteredDomains = other.filteredDomains
    namesOfCandidates = other.namesOfCandidates
    origins = other.origins
    instances = other.instances
    waived = other.waived
    matchedWaivers = other.matchedWaivers
    preferences = other.preferences
    preferenceOrigins = other.preferenceOrigins
    objectives = other.objectives
    previous = other.previous
  }

  struct FieldKey: Hashable {
    var entity: EntityID
    var field: Int
  }
  struct CallKey: Hashable {
    var function: FunctionID
    var arguments: [Value]
  }
  /// A decided value with what its evaluation refuses.
  struct Remembered {
    var value: Value
    var refusals: [Refusal]
  }
  enum Pending: Hashable {
    case field(FieldKey)
    case global(GlobalID)
  }
  /// The condition has to be false.
  struct Refusal: Hashable {
    var condition: FormulaID
    var reason: String
    var range: SourceRange
  }
  /// A `prefer`: what it costs where it is not met.
  struct Preference {
    var weight: Rational
    var violation: FormulaID
    var origin: Origin
  }

  /// Once for each round of a loop: Ctrl-C ends what is stated as it ends what runs.
  func tick(at range: SourceRange) throws(EvaluationError) {
    ticks &+= 1
    if ticks & 0x3FF == 0, world.inputs.shouldStop() { throw .limit(.stopped(at: range)) }
  }

  func facts(_ expression: TypedExpression) -> ExpressionFacts {
    let key = ObjectIdentifier(expression)
    if let known = facts[key] { return known }
    var reader = ExpressionReader(program: program)
    reader.read(expression)
    let result = ExpressionFacts(
      expression: expression, readsDecisions: reader.readsDecisions, freeLocals: reader.freeLocals)
    facts[key] = result
    return result
  }

  /// Whether the machine can evaluate it.
  func isKnown(_ facts: ExpressionFacts, _ frame: [Value]) -> Bool {
    if facts.readsDecisions { return false }
    for local in facts.freeLocals where frame[local].aux == .min || frame[local].isVoid { return false }
    return true
  }

  // MARK: Refusals

  /// An evaluation that failed under a condition: a refusal makes the condition false, a mistake is one
  /// where the condition can hold.
  func refuse(_ error: EvaluationError, where condition: FormulaID) throws(EvaluationError) {
    if condition == .never { return }
    guard case .refusal(let reason, let range) = error else { throw error }
    refusals.append(Refusal(condition: condition, reason: reason, range: range))
  }

  /// Evaluates something that is used from several places, once; its refusals hold wherever it is used.
  func remembering(
    _ body: () throws(EvaluationError) -> Value
  ) throws(EvaluationError) -> Remembered {
    let outer = refusals
    refusals = []
    defer { refusals = outer }
    let value = try body()
    return Remembered(value: value, refusals: refusals)
  }

  func recall(_ remembered: Remembered, path: FormulaID) -> Value {
    for refusal in remembered.refusals {
      let condition = builder.and(path, refusal.condition)
      if condition == .never { continue }
      refusals.append(Refusal(condition: condition, reason: refusal.reason, range: refusal.range))
    }
    return remembered.value
  }

  func whilePending(
    _ what: Pending, at range: SourceRange, _ body: () throws(EvaluationError) -> Remembered
  ) throws(EvaluationError) -> Remembered {
    if let start = pending.firstIndex(of: what) {
      let path = (pending[start...] + [what]).map { each in
        switch each {
        case .field(let key):
          "\(world.path(of: key.entity)).\(program.kinds[Int(key.entity.kind)].fields[key.field].name)"
        case .global(let id): program[id].name
        }
      }
      throw EvaluationError(.decisionCycle(path, at: range))
    }
    pending.append(what)
    defer { pending.removeLast() }
    return try body()
  }

  func unwrap<T>(_ value: T?, at range: SourceRange) throws(EvaluationError) -> T {
    guard let value else { throw EvaluationError(.tooLarge(at: range)) }
    return value
  }
}
