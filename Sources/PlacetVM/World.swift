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
  package internal(set) var warnings: [Diagnostic] = []

  /// What the solver chose; reads of decided fields give it, and what is derived from it is computed anew.
  package var decisions: Decisions? { didSet { decisionsChanged() } }

  package init(program: TypedProgram, inputs: WorldInputs = WorldInputs()) {
    self.program = program
    self.inputs = inputs
    heap = Heap(program: program, budget: inputs.budget)
    store = EntityStore(program: program)
    heap.pathOfEntity = { [unowned self] in path(of: $0) }
  }

  deinit { store.deallocate() }

  /// Makes the entities, forces given fields, checks their conditions; all errors of one step together.
  package func build(_ additions: WorldAdditions = WorldAdditions()) throws(EvaluationError) {
    preconditionFailure("the machine is not in yet")
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

  /// The entity of a kind with a name, inside a parent if one is given; nil where none or several are.
  package func find(_ kind: KindID, _ name: String, parent: EntityID? = nil) -> EntityID? {
    if let parent { return store.named(name, kind: kind, parent: parent) }
    let all = store.allNamed(name, kind: kind)
    return all.count == 1 ? all.first : nil
  }

  // MARK: Values

  /// The value of a field, computed if need be. A decided field needs `decisions`.
  package func read(_ entity: EntityID, field: Int) throws(EvaluationError) -> Value {
    let value = store[entity, field]
    if !value.isWaiting { return value }
    preconditionFailure("the machine is not in yet")
  }

  package func global(_ id: GlobalID) throws(EvaluationError) -> Value {
    preconditionFailure("the machine is not in yet")
  }

  /// The value of an expression whose locals are in `frame`; compiled once per expression.
  package func evaluate(_ expression: TypedExpression, frame: inout [Value]) throws(EvaluationError) -> Value {
    preconditionFailure("the machine is not in yet")
  }

  package func call(_ function: FunctionID, _ arguments: [Value]) throws(EvaluationError) -> Value {
    preconditionFailure("the machine is not in yet")
  }

  /// Calls a function value: a lambda's.
  package func call(_ function: Value, _ arguments: [Value]) throws(EvaluationError) -> Value {
    preconditionFailure("the machine is not in yet")
  }

  private func decisionsChanged() {}
}
