package import Diagnostics
package import PlacetSemantics

/// The world that a policy describes: entities with their fields, and the values of its globals.
///
/// Fields and globals are computed on demand, once. After `build` the entities are closed; all given fields
/// have values then, checked.
package final class World {
  package let program: TypedProgram
  package let inputs: WorldInputs
  package let heap: Heap
  var store: EntityStore

  /// Rules that hold, in order: those without parameters, then `use`d ones.
  package internal(set) var uses: [RuleUse] = []
  package internal(set) var waivers: [WaiverInForce] = []
  /// Constraints that a test states itself.
  package internal(set) var localStatements: [LocalStatement] = []
  /// The frame of the facts after `build`: what a test has bound.
  package internal(set) var frame: [Value] = []
  /// Whether all entities are made.
  package internal(set) var isClosed = false

  /// What the solver chose; reads of decided fields give it, and what is derived from it is computed anew.
  package var decisions: Decisions? {
    get { chosen }
    set {
      let isChange = chosen != nil || newValue != nil
      chosen = newValue
      if isChange { decisionsChanged() }
    }
  }
  private var chosen: Decisions?
  /// The decision without a value that evaluation stopped at last.
  package var lastUndecided: Decisions.Key?
  /// Who answers what only a solver can: `always(…)`, `a.cost`, `why(…)`, `preferences`.
  package var oracle: ((TypedExpression, _ frame: [Value]) throws(EvaluationError) -> Value)?
  /// Set before `build`, it counts what is evaluated.
  package var coverage: Coverage?

  struct Made {
    var range: SourceRange?
    /// `lab.json: hosts[7]` where it was loaded.
    var place: String?
  }
  struct CaseKey: Hashable {
    var id: EnumID
    var number: Int
  }

  private(set) lazy var chains = EntityChains(program: program, store: store)
  private(set) lazy var machine: Machine = Machine(world: self)
  var chunks: [Chunk] = []
  var expressionChunks: [ObjectIdentifier: Int] = [:]
  var functionChunks: [FunctionID: Int] = [:]
  var ruleChunks: [RuleID: Int] = [:]
  var textConstants: [String: Value] = [:]
  var caseConstants: [CaseKey: Value] = [:]
  var allocatingFunctions: [FunctionID: Bool] = [:]
  var refusingFunctions: [FunctionID: Bool] = [:]
  var refusingColumns: [Int: Bool] = [:]
  var refusingGlobals: [GlobalID: Bool] = [:]
  /// Kind and field of each column.
  let columnOwner: [(kind: Int, field: Int)]
  var made: [[Made]]
  var listsOfAll: [KindID: Value] = [:]
  var lateParents: [LateParent] = []
  var lateData: [LateData] = []
  var parameterData: [GlobalID: Int] = [:]
  var rowOverrides: [GlobalID: RowOverride] = [:]
  var ruleRun = RuleRun()
  /// What acted on the world when it was made.
  var acted: [TypedStatement] = []
  /// Slots of the frame that facts of a test bound.
  var factSlots: Set<Int> = []

  package init(program: TypedProgram, inputs: WorldInputs = WorldInputs()) {
    self.program = program
    self.inputs = inputs
    heap = Heap(program: program, budget: inputs.budget)
    store = EntityStore(program: program)
    columnOwner = program.kinds.enumerated().flatMap { kind, declaration in
      declaration.fields.indices.map { (kind, $0) }
    }
    made = Array(repeating: [], count: program.kinds.count)
    heap.pathOfEntity = { [unowned self] in path(of: $0) }
    for (index, global) in program.globals.enumerated() { machine.globals[index] = Self.initial(global) }
  }

  /// A world of its own with the same entities and values, whose decisions are open; values are good in both.
  ///
  /// - Parameter program: the other's, or one that it is the beginning of.
  init(copying other: World, program: TypedProgram) {
    self.program = program
    inputs = other.inputs
    heap = Heap(copying: other.heap)
    store = other.store.copy()
    columnOwner = other.columnOwner
    uses = other.uses
    waivers = other.waivers
    localStatements = other.localStatements
    frame = other.frame
    isClosed = other.isClosed
    chosen = other.chosen
    coverage = other.coverage
    expressionChunks = other.expressionChunks
    functionChunks = other.functionChunks
    ruleChunks = other.ruleChunks
    textConstants = other.textConstants
    caseConstants = other.caseConstants
    allocatingFunctions = other.allocatingFunctions
    refusingFunctions = other.refusingFunctions
    refusingColumns = other.refusingColumns
    refusingGlobals = other.refusingGlobals
    made = other.made
    listsOfAll = other.listsOfAll
    lateParents = other.lateParents
    lateData = other.lateData
    parameterData = other.parameterData
    rowOverrides = other.rowOverrides
    acted = other.acted
    factSlots = other.factSlots
    heap.pathOfEntity = { [unowned self] in path(of: $0) }
    for chunk in other.chunks {
      chunks.append(chunk)
      machine.add(chunk, number: chunks.count - 1)
    }
    for index in program.globals.indices {
      machine.globals[index] =
        index < other.program.globals.count
        ? other.machine.globals[index] : Self.initial(program.globals[index])
    }
    decisions = nil
  }

  /// What a global waits for at first.
  private static func initial(_ global: GlobalDeclaration) -> Value {
    let reason =
      switch global.form {
      case .derived, .param(.some, _): Waiting.body
      case .param(nil, _): Waiting.unset
      case .rows: Waiting.data
      }
    return Value(bits: 0, aux: reason)
  }

  deinit {
    store.deallocate()
    ruleRun.evaluated.deallocate()
  }

  // MARK: Entities

  package func count(of kind: KindID) -> Int { store.counts[kind.index] }

  package func entities(of kind: KindID) -> [EntityID] {
    (0..<store.counts[kind.index]).map { EntityID(kind: Int32(kind.index), index: Int32($0)) }
  }

  package func name(of entity: EntityID) -> String { heap.text(store[entity, 0]) }

  /// The entity's parent, if its kind has one and it is known.
  package func parent(of entity: EntityID) -> EntityID? {
    guard program.kinds[Int(entity.kind)].parent != nil else { return nil }
    let value = store[entity, 1]
    return value.isWaiting || value.isNone ? nil : value.entity
  }

  /// Whether the entity is `other` or lies under it by the chain of parents.
  package func lies(_ entity: EntityID, under other: EntityID) -> Bool {
    var place: EntityID? = entity
    while let here = place {
      if here == other { return true }
      place = parent(of: here)
    }
    return false
  }

  /// `vepc.mme[0]`: names from the outermost parent; a number stands in brackets, and a child that is
  /// named as its parent is not said twice.
  package func path(of entity: EntityID) -> String {
    let name = name(of: entity)
    guard let parent = parent(of: entity) else { return name }
    let above = path(of: parent)
    if name == self.name(of: parent) { return above }
    if !name.isEmpty, name.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) { return "\(above)[\(name)]" }
    return "\(above).\(name)"
  }

  /// Where an entity was made: the make or load, and the place in the data file.
  package func origin(of entity: EntityID) -> (range: SourceRange?, place: String?) {
    let made = made[Int(entity.kind)][Int(entity.index)]
    return (made.range, made.place)
  }

  /// The entity of a kind with a name, inside a parent if one is given; nil where none or several are.
  package func find(_ kind: KindID, _ name: String, parent: EntityID? = nil) -> EntityID? {
    if let parent { return store.named(name, kind: kind, parent: parent) }
    let all = store.allNamed(name, kind: kind)
    return all.count == 1 ? all.first : nil
  }

  // MARK: Values

  /// The value of a field, computed if need be. A decided field needs `decisions`.
  package func read(_ entity: EntityID, field: Int) throws(EvaluationError) -> Value {
    let column = store.firstColumn[Int(entity.kind)] + field
    let row = Int(entity.index)
    while true {
      let value = store.columns[column][row]
      if !value.isWaiting { return value }
      let declared = program.kinds[Int(entity.kind)].fields[field].range
      guard let start = try start(column: column, row: row, asker: { declared }) else { continue }
      return try machine.run(
        start.chunk, action: .field, target: row, column: column, saved: start.saved, start.fill)
    }
  }

  package func global(_ id: GlobalID) throws(EvaluationError) -> Value {
    while true {
      let value = machine.globals[id.index]
      if !value.isWaiting { return value }
      let declared = program[id].range
      guard let start = try startGlobal(id.index, asker: { declared }) else { continue }
      return try machine.run(start.chunk, action: .global, target: id.index, saved: start.saved, start.fill)
    }
  }

  /// The value of an expression whose locals are in `frame`; compiled once per expression.
  package func evaluate(_ expression: TypedExpression, frame: [Value]) throws(EvaluationError) -> Value {
    let chunk = chunk(of: expression)
    return try machine.run(chunk) { registers in
      for index in 0..<min(frame.count, chunks[chunk].inputCount) { registers[index] = frame[index] }
    }
  }

  package func evaluate(_ expression: TypedExpression, frame: inout [Value]) throws(EvaluationError) -> Value
  {
    try evaluate(expression, frame: frame)
  }

  package func call(_ function: FunctionID, _ arguments: [Value]) throws(EvaluationError) -> Value {
    try machine.run(chunk(of: function)) { registers in
      for (index, argument) in arguments.enumerated() { registers[index] = argument }
    }
  }

  /// Calls a function value: a lambda's.
  package func call(_ function: Value, _ arguments: [Value]) throws(EvaluationError) -> Value {
    try machine.run(heap.element(function, 0).bits) { registers in
      for (index, argument) in arguments.enumerated() { registers[index] = argument }
      for index in 1..<heap.count(function) {
        registers[arguments.count + index - 1] = heap.element(function, index)
      }
    }
  }

  /// Steps used so far, of the budget.
  package var stepsUsed: Int { inputs.budget.steps - machine.stepsLeft }

  /// Another value for a few decisions; the others keep theirs.
  package func decide(_ changes: [(key: Decisions.Key, value: Value)]) {
    for (key, value) in changes {
      if chosen == nil { chosen = Decisions() }
      chosen?[key.entity, key.field] = value
      let kind = Int(key.entity.kind)
      for (column, owner) in columnOwner.enumerated() where owner.kind == kind && owner.field == key.field {
        store.columns[column][Int(key.entity.index)] = value
      }
    }
    forgetDerived()
  }

  /// Decided fields get their values; all that was derived from decisions waits again.
  private func decisionsChanged() {
    chains.forget()
    for (column, owner) in columnOwner.enumerated() {
      guard case .decision = program.kinds[owner.kind].fields[owner.field].form else { continue }
      let initial = store.initial(kind: owner.kind, field: owner.field)
      for row in 0..<store.counts[owner.kind] {
        let entity = EntityID(kind: Int32(owner.kind), index: Int32(row))
        store.columns[column][row] = chosen?[entity, owner.field] ?? initial
      }
    }
    forgetDerived()
  }

  private func forgetDerived() {
    for (column, owner) in columnOwner.enumerated() {
      let field = program.kinds[owner.kind].fields[owner.field]
      guard field.isDecided else { continue }
      switch field.form {
      case .given, .decision: continue
      default: break
      }
      let initial = store.initial(kind: owner.kind, field: owner.field)
      for row in 0..<store.counts[owner.kind] { store.columns[column][row] = initial }
    }
    for (index, global) in program.globals.enumerated() where global.readsDecisions {
      if case .derived = global.form { machine.globals[index] = Value(bits: 0, aux: Waiting.body) }
    }
  }
}
