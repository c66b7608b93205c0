import Diagnostics
import PlacetSemantics

/// Runs statements that act on a world: makes, loads, loops around them, changes.
final class StatementRunner {
  let world: World
  /// What waits for all entities: arguments of `use`, waivers.
  private var late: [Late] = []
  /// Fields and globals that were given another value.
  private(set) var changed: [TypedChange.Target] = []

  private enum Late {
    case use(RuleID, [TypedExpression], range: SourceRange, frame: FrameBox)
    case waive(TypedWaiver, frame: FrameBox)
  }

  /// Once the entities are closed.
  func finish() throws(EvaluationError) {
    for each in late {
      switch each {
      case .use(let rule, let arguments, let range, let frame):
        var known: [Value] = []
        for argument in arguments { known.append(try world.evaluate(argument, frame: frame.values)) }
        world.uses.append(RuleUse(rule: rule, arguments: known, range: range))
      case .waive(let waiver, let frame): try waive(waiver, frame)
      }
    }
  }

  init(world: World) { self.world = world }

  private var heap: Heap { world.heap }

  func run(_ item: Schedule.Item) throws(EvaluationError) {
    switch item.action {
    case .statement(let statement): try run(statement, item.frame, isFact: item.isFact)
    case .argument(let local, let value, let caller):
      item.frame.set(local, try world.evaluate(value, frame: caller.values))
    }
  }

  private func run(_ body: [TypedStatement], _ frame: FrameBox, isFact: Bool) throws(EvaluationError) {
    for statement in body { try run(statement, frame, isFact: isFact) }
  }

  func run(_ statement: TypedStatement, _ frame: FrameBox, isFact: Bool) throws(EvaluationError) {
    switch statement {
    case .bind(let target, let value):
      if value.isDecided {
        state(statement, frame)
      } else {
        bind(target, try world.evaluate(value, frame: frame.values), frame)
      }
    case .constraint: state(statement, frame)
    case .forEach(let sources, let body, _):
      if sources.contains(where: { $0.expressions.contains(where: \.isDecided) }) {
        state(statement, frame)
      } else {
        try each(sources[...], frame) { () throws(EvaluationError) in
          try self.run(body, frame, isFact: isFact)
        }
      }
    case .ifElse(let condition, let then, let otherwise, _):
      if condition.isDecided {
        state(statement, frame)
      } else {
        try run(
          try world.evaluate(condition, frame: frame.values).bool ? then : otherwise, frame, isFact: isFact)
      }
    case .match(let subject, let choices, _):
      if subject.isDecided { return state(statement, frame) }
      let value = try world.evaluate(subject, frame: frame.values)
      for choice in choices {
        for pattern in choice.patterns where try matches(pattern, value, subject.type, frame) {
          return try run(choice.body, frame, isFact: isFact)
        }
      }
    case .make(let make): try self.make(make, frame, isFact: isFact)
    case .setField(let owner, let field, let value, _):
      try set(frame.values[owner.index].entity, field, value, frame)
    case .load(let load): try self.load(load, frame)
    case .use(let rule, let arguments, let range):
      late.append(
        .use(rule, arguments, range: range, frame: FrameBox(frame.info, values: frame.values)))
    case .waive(let waiver):
      late.append(.waive(waiver, frame: FrameBox(frame.info, values: frame.values)))
    case .scenario(let id, let arguments, _):
      let scenario = world.program[id]
      let inner = FrameBox(scenario.frame)
      for (index, argument) in arguments.enumerated() {
        inner.set(LocalID(index), try world.evaluate(argument, frame: frame.values))
      }
      try run(scenario.body, inner, isFact: true)
    case .change(let change): try self.change(change, frame)
    case .objective, .solve, .expect: break
    }
  }

  /// A constraint of a test, or what stands around one and is decided.
  private func state(_ statement: TypedStatement, _ frame: FrameBox) {
    world.localStatements.append(LocalStatement(statement: statement, frame: frame.values, info: frame.info))
  }

  // MARK: Binding

  func bind(_ target: BindTarget, _ value: Value, _ frame: FrameBox) {
    switch target {
    case .ignore: break
    case .local(let id): frame.set(id, value)
    case .tuple(let parts):
      for (index, part) in parts.enumerated() { bind(part, heap.element(value, index), frame) }
    }
  }

  func each(
    _ sources: ArraySlice<TypedSource>, _ frame: FrameBox, _ body: () throws(EvaluationError) -> Void
  ) throws(EvaluationError) {
    guard let source = sources.first else { return try body() }
    let values: [Value]
    switch source.form {
    case .allOf(let kind): values = world.entities(of: kind).map { Value($0) }
    case .elements(let expression):
      let collection = try world.evaluate(expression, frame: frame.values)
      if case .range = expression.type.unwrapped {
        let (first, last) = heap.bounds(collection)
        let (span, overflow) = last.subtractingReportingOverflow(first)
        if first <= last, overflow || !heap.admits(slots: span) {
          throw .limit(.outOfMemory(world.inputs.budget.memory, at: expression.range))
        }
      }
      values = heap.elements(collection, type: expression.type)
    }
    for value in values {
      bind(source.target, value, frame)
      if let condition = source.condition, try !world.evaluate(condition, frame: frame.values).bool {
        continue
      }
      try each(sources.dropFirst(), frame, body)
    }
  }

  private func matches(
    _ pattern: TypedPattern, _ value: Value, _ type: Type, _ frame: FrameBox
  ) throws(EvaluationError) -> Bool {
    switch pattern {
    case .anything: return true
    case .none: return value.isNone
    case .enumCase(let id, let number, let targets):
      guard !value.isNone, heap.caseIndex(value, of: id) == number else { return false }
      for (index, target) in targets.enumerated() {
        if case .ignore = target { continue }
        bind(target, heap.payload(value, index), frame)
      }
      return true
    case .value(let wanted):
      return heap.equal(try world.evaluate(wanted, frame: frame.values), value, type: wanted.type)
    case .values(let low, let high, let includesEnd):
      if value.isNone { return false }
      let range = heap.makeRange(
        try world.evaluate(low, frame: frame.values), try world.evaluate(high, frame: frame.values),
        includesEnd: includesEnd)
      return world.contains(range, type: .range(low.type), value, low.type)
    case .tuple(let parts):
      if value.isNone { return false }
      guard case .tuple(let types) = type.unwrapped else { return false }
      for (index, part) in parts.enumerated() {
        if try !matches(part, heap.element(value, index), types[index], frame) { return false }
      }
      return true
    }
  }

  // MARK: Making

  private func make(_ make: TypedMake, _ frame: FrameBox, isFact: Bool) throws(EvaluationError) {
    let parent = make.parent.map { frame.values[$0.index].entity }
    var names: [String]
    var ends: Value?
    switch make.naming {
    case .text(let expression, let hasSpan):
      let name = heap.text(try world.evaluate(expression, frame: frame.values))
      if hasSpan {
        guard let spread = NameSpan.names(name) else {
          throw EvaluationError(.badSpan(name, at: expression.range))
        }
        names = spread
      } else {
        names = [name]
      }
    case .ends(let expressions, _):
      var values: [Value] = []
      for expression in expressions { values.append(try world.evaluate(expression, frame: frame.values)) }
      names = [values.map { world.name(of: $0.entity) }.joined(separator: "->")]
      ends = heap.makeList(values)
    }
    for name in names {
      let entity = try world.make(make.kind, named: name, parent: parent, range: make.range, place: nil)
      if let ends, case .ends(_, let field) = make.naming { world.store[entity, field] = ends }
      frame.set(make.owner, Value(entity))
      try run(make.body, frame, isFact: isFact)
    }
  }

  private func set(
    _ entity: EntityID, _ field: Int, _ value: TypedExpression, _ frame: FrameBox
  ) throws(EvaluationError) {
    if case .parent = world.program.kinds[Int(entity.kind)].fields[field].form {
      if let parent = try? world.evaluate(value, frame: frame.values) {
        try world.giveParent(parent.entity, to: entity)
      } else {
        world.lateParents.append(
          LateParent(entity: entity, value: value, frame: FrameBox(frame.info, values: frame.values)))
      }
      return
    }
    world.store[entity, field] = waiting(value, frame)
  }

  /// Constants are had at once; the rest when it is asked for.
  private func waiting(_ value: TypedExpression, _ frame: FrameBox) -> Value {
    switch value.form {
    case .bool(let known): Value(known)
    case .int(let known): Value(known)
    case .quantity(let known): Value(known)
    case .float(let known): Value(known)
    case .text(let known): world.constantText(known)
    case .none: .none
    case .enumCase(let id, let number, let payload) where payload.isEmpty: world.constantCase(id, number)
    case .some(let inner), .ratio(let inner), .unwrapped(let inner): waiting(inner, frame)
    default: World.waiting(chunk: world.chunk(of: value), frame: frame.capture(in: heap))
    }
  }

  private func change(_ change: TypedChange, _ frame: FrameBox) throws(EvaluationError) {
    changed.append(change.target)
    switch change.target {
    case .field(let target, let field):
      let entity = try world.evaluate(target, frame: frame.values).entity
      world.store[entity, field] = waiting(change.value, frame)
    case .global(let id): world.machine.globals[id.index] = waiting(change.value, frame)
    }
  }

  private func load(_ load: TypedLoad, _ frame: FrameBox) throws(EvaluationError) {
    switch load.target {
    case .entities(let kind): try world.loadEntities(load, kind: kind, frame: frame.values)
    case .global(let id):
      world.rowOverrides[id] = RowOverride(load: load, frame: frame.values)
      world.machine.globals[id.index] = Value(bits: 0, aux: Waiting.data)
    case .local(let id): frame.set(id, try world.loadRows(load, frame: frame.values))
    }
  }

  private func waive(_ waiver: TypedWaiver, _ frame: FrameBox) throws(EvaluationError) {
    var entities: Set<EntityID>?
    switch waiver.scope {
    case .all: break
    case .entities(let all):
      var found: Set<EntityID> = []
      for expression in all { found.insert(try world.evaluate(expression, frame: frame.values).entity) }
      entities = found
    case .each(let sources, let variable):
      var found: Set<EntityID> = []
      try each(sources[...], frame) { () throws(EvaluationError) in
        found.insert(frame.values[variable.index].entity)
      }
      entities = found
    }
    let reason = heap.text(try world.evaluate(waiver.reason, frame: frame.values))
    world.waivers.append(
      WaiverInForce(rule: waiver.rule, entities: entities, reason: reason, range: waiver.range))
  }
}

/// `r-[1..4]`, `sto-[01..12]`: names with a number in them.
enum NameSpan {
  /// nil where the span is none; leading zeros of the first number give the width.
  static func names(_ text: String) -> [String]? {
    let bytes = Array(text.utf8)
    guard let open = bytes.firstIndex(of: UInt8(ascii: "[")) else { return [text] }
    guard let close = bytes[open...].firstIndex(of: UInt8(ascii: "]")) else { return nil }
    let inside = String(decoding: bytes[(open + 1)..<close], as: UTF8.self)
    let dots = Array(inside.utf8)
    guard let middle = dots.indices.dropLast().first(where: { dots[$0] == 0x2E && dots[$0 + 1] == 0x2E })
    else { return nil }
    let low = String(decoding: dots[..<middle], as: UTF8.self)
    let high = String(decoding: dots[(middle + 2)...], as: UTF8.self)
    guard let first = Int(low), let last = Int(high), first >= 0, first <= last, last - first < 1_000_000
    else { return nil }
    let head = String(decoding: bytes[..<open], as: UTF8.self)
    guard let tails = names(String(decoding: bytes[(close + 1)...], as: UTF8.self)) else { return nil }
    let width = low.utf8.first == UInt8(ascii: "0") ? low.utf8.count : 0
    return (first...last).flatMap { number -> [String] in
      let digits = String(number)
      let padded = String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
      return tails.map { head + padded + $0 }
    }
  }
}
