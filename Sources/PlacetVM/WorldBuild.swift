import Diagnostics
import PlacetSemantics

/// A frame of statements that run one after the other.
final class FrameBox {
  private(set) var values: [Value]
  private var captured: Value?
  let info: FrameInfo

  init(_ info: FrameInfo, values: [Value] = []) {
    self.info = info
    self.values = values + Array(repeating: .none, count: max(0, info.count - values.count))
  }

  func set(_ local: LocalID, _ value: Value) {
    if local.index >= values.count {
      values += Array(repeating: .none, count: local.index + 1 - values.count)
    }
    values[local.index] = value
    captured = nil
  }

  /// The frame as it is now, for what is computed later.
  func capture(in heap: Heap) -> Value {
    if let captured { return captured }
    let value = heap.makeList(values)
    captured = value
    return value
  }
}

/// A parent that a field gives and that could not be had yet.
struct LateParent {
  var entity: EntityID
  var value: TypedExpression
  var frame: FrameBox
}

/// `load rows` of a test, in place of the policy's.
struct RowOverride {
  var load: TypedLoad
  var frame: [Value]
}

extension World {
  /// Makes the entities, forces given fields, checks their conditions; all errors of one step together.
  package func build(_ additions: WorldAdditions = WorldAdditions()) throws(EvaluationError) {
    try setParameters()
    let box = FrameBox(additions.frame, values: additions.values)
    var schedule = Schedule(world: self)
    func add(_ statement: TypedStatement, _ frame: FrameBox, isFact: Bool) {
      schedule.add(statement, frame: frame, isFact: isFact)
      acted.append(statement)
    }
    for statement in additions.facts { add(statement, box, isFact: true) }
    factSlots = Set(additions.facts.flatMap(\.boundLocals).map(\.index))
    for statement in program.statements {
      if !additions.runsLoads, case .load = statement.statement { continue }
      add(statement.statement, FrameBox(statement.frame), isFact: false)
    }
    for statement in additions.changes { add(statement, box, isFact: true) }
    let runner = StatementRunner(world: self)
    while let item = schedule.next() { try runner.run(item) }
    frame = box.values
    resolveParents()
    isClosed = true
    giveRecorded()
    try forceGivenFields()
    for (index, rule) in program.rules.enumerated() where rule.parameterNames == nil {
      uses.append(RuleUse(rule: RuleID(index), arguments: [], range: rule.nameRange))
    }
    try runner.finish()
  }

  /// Values of given fields, and whether they are allowed.
  ///
  /// - Parameter isDue: which rows of a column are asked; all of them where it is nil.
  func forceGivenFields(
    _ isDue: ((_ column: Int, _ kind: Int) -> Range<Int>)? = nil
  ) throws(EvaluationError) {
    var mistakes: [Diagnostic] = []
    for (index, global) in program.globals.enumerated() {
      guard case .param(_, let allowed) = global.form else { continue }
      do throws(EvaluationError) {
        let value = try self.global(GlobalID(index))
        if let allowed { try checkParameter(global, value, allowed) }
      } catch { try collect(error, into: &mistakes) }
    }
    for (column, owner) in columnOwner.enumerated() {
      let field = program.kinds[owner.kind].fields[owner.field]
      let condition: TypedBody?
      switch field.form {
      case .given(_, let body): condition = body
      case .parent: condition = nil
      default: continue
      }
      if field.isDecided { continue }
      for row in isDue?(column, owner.kind) ?? 0..<store.counts[owner.kind] {
        let entity = EntityID(kind: Int32(owner.kind), index: Int32(row))
        do throws(EvaluationError) {
          if store.columns[column][row].isWaiting { _ = try read(entity, field: owner.field) }
          if field.within != nil || condition != nil {
            try check(field, condition, of: entity, column: column)
          }
        } catch { try collect(error, into: &mistakes) }
      }
    }
    if !mistakes.isEmpty { throw .mistakes(mistakes) }
  }

  /// Keeps mistakes, at most so many; a limit that is met ends everything.
  func collect(_ error: EvaluationError, into mistakes: inout [Diagnostic]) throws(EvaluationError) {
    if case .limit = error { throw error }
    for diagnostic in error.diagnostics where !mistakes.contains(diagnostic) { mistakes.append(diagnostic) }
    if mistakes.count >= 20 { throw .mistakes(Array(mistakes.prefix(20))) }
  }

  private func check(
    _ field: FieldDeclaration, _ condition: TypedBody?, of entity: EntityID, column: Int
  ) throws(EvaluationError) {
    let value = store.columns[column][Int(entity.index)]
    if let within = field.within, !value.isNone {
      let allowed = try evaluate(within.expression, frame: [Value(entity)])
      if !contains(allowed, type: within.expression.type, value, field.type.unwrapped) {
        throw notAllowed(field, value, of: entity, by: within.expression.range)
      }
    }
    if let condition, !field.type.isOptional || !value.isNone {
      if try !evaluate(condition.expression, frame: [Value(entity), value]).bool {
        throw notAllowed(field, value, of: entity, by: condition.expression.range)
      }
    }
  }

  private func notAllowed(
    _ field: FieldDeclaration, _ value: Value, of entity: EntityID, by condition: SourceRange
  ) -> EvaluationError {
    let made = origin(of: entity)
    let place = made.place.map { "\($0).\(field.name)" }
    return EvaluationError(
      .conditionNotMet(
        field.name, value: heap.describe(value, type: field.type), entity: path(of: entity),
        at: made.range ?? field.range, condition: condition, place: place))
  }

  /// Whether a list, set, range or map's keys hold a value.
  func contains(_ collection: Value, type: Type, _ value: Value, _ element: Type) -> Bool {
    if case .range = type.unwrapped {
      return Arithmetic.isIn(
        value, range: heap.arena.pointee.slots + collection.bits,
        kind: UInt8(Numeric(element).rawValue))
    }
    let shape = heap.shape(element)
    return heap.elements(collection, type: type).contains { heap.equal($0, value, shape) }
  }

  // MARK: Parents

  /// Parents that fields give, as far as they can be had by now.
  func resolveParents() {
    if lateParents.isEmpty { return }
    let waiting = lateParents
    lateParents = []
    for late in waiting {
      if let parent = try? evaluate(late.value, frame: late.frame.values) {
        adopt(late.entity, by: parent.entity)
      } else {
        lateParents.append(late)
      }
    }
  }

  /// Whether the parent could be had.
  func resolveParent(of entity: EntityID) -> Bool {
    resolveParents()
    return !store[entity, 1].isWaiting
  }

  func adopt(_ entity: EntityID, by parent: EntityID) {
    store.adopt(entity, named: name(of: entity), by: parent)
    childrenChanged(of: parent, kind: KindID(Int(entity.kind)))
  }

  /// The list of children is made anew when it is asked for next.
  func childrenChanged(of parent: EntityID, kind: KindID) {
    for (index, field) in program.kinds[Int(parent.kind)].fields.enumerated() {
      if case .children(let child) = field.form, child == kind {
        store[parent, index] = Value(bits: 0, aux: Waiting.children)
      }
    }
  }
}

extension Type {
  var isOptional: Bool { if case .optional = self { true } else { false } }
}
