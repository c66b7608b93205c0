import PlacetSemantics

/// The order of statements that make a world: a kind is complete, and changed as the test says, before a
/// statement ranges over it.
///
/// The program's own statements come in such an order already; those of a test are fitted in. Only names of
/// single entities may be out of order where nothing else helps.
struct Schedule {
  struct Item {
    enum Action {
      case statement(TypedStatement)
      /// Of a scenario: evaluated in the frame of the caller.
      case argument(LocalID, TypedExpression, FrameBox)
    }
    var action: Action
    var frame: FrameBox
    var isFact: Bool
    var uses = KindUses()
    var isDone = false
  }

  private let world: World
  private var items: [Item] = []
  private var first = 0
  private var makers: [KindID: Int] = [:]
  private var changers: [KindID: Int] = [:]

  init(world: World) { self.world = world }

  mutating func add(_ statement: TypedStatement, frame: FrameBox, isFact: Bool) {
    if case .scenario(let id, let arguments, _) = statement {
      let scenario = world.program[id]
      let inner = FrameBox(scenario.frame)
      for (index, argument) in arguments.enumerated() {
        var uses = KindUses()
        uses.add(argument, in: world.program)
        uses.bound.insert(SlotKey(inner, index))
        uses.read = Set(argument.locals().read.map { SlotKey(frame, $0) })
        append(
          Item(action: .argument(LocalID(index), argument, frame), frame: inner, isFact: true, uses: uses))
      }
      for each in scenario.body { add(each, frame: inner, isFact: true) }
      return
    }
    var uses = KindUses()
    uses.add(statement, in: world.program)
    uses.read = Set(uses.readSlots.map { SlotKey(frame, $0) })
    for local in statement.boundLocals { uses.bound.insert(SlotKey(frame, local.index)) }
    append(Item(action: .statement(statement), frame: frame, isFact: isFact, uses: uses))
  }

  private mutating func append(_ item: Item) {
    items.append(item)
    for kind in item.uses.makes { makers[kind, default: 0] += 1 }
    for kind in item.uses.changes { changers[kind, default: 0] += 1 }
  }

  /// The next statement to run, until there is none.
  mutating func next() -> Item? {
    while first < items.count, items[first].isDone { first += 1 }
    if first == items.count { return nil }
    let index = choose(strict: true) ?? choose(strict: false) ?? first
    items[index].isDone = true
    for kind in items[index].uses.makes { makers[kind, default: 0] -= 1 }
    for kind in items[index].uses.changes { changers[kind, default: 0] -= 1 }
    return items[index]
  }

  private func choose(strict: Bool) -> Int? {
    var bound: Set<SlotKey> = []
    for index in first..<items.count where !items[index].isDone {
      let uses = items[index].uses
      if isReady(uses, strict: strict), uses.read.isDisjoint(with: bound) { return index }
      if items[index].isFact { bound.formUnion(uses.bound) }
    }
    return nil
  }

  private func isReady(_ uses: KindUses, strict: Bool) -> Bool {
    func isComplete(_ kind: KindID) -> Bool {
      (makers[kind] ?? 0) <= (uses.makes.contains(kind) ? 1 : 0)
        && (uses.changes.contains(kind) || (changers[kind] ?? 0) == 0)
    }
    return uses.ranges.allSatisfy(isComplete) && (!strict || uses.names.allSatisfy(isComplete))
  }
}

/// A slot of one frame among several.
struct SlotKey: Hashable {
  var frame: ObjectIdentifier
  var slot: Int
  init(_ frame: FrameBox, _ slot: Int) {
    self.frame = ObjectIdentifier(frame)
    self.slot = slot
  }
}

/// What a statement does with kinds when it runs; values of fields do not count, they are computed later.
struct KindUses {
  var makes: Set<KindID> = []
  var changes: Set<KindID> = []
  /// All entities of the kind are needed.
  var ranges: Set<KindID> = []
  /// Single entities of the kind are needed, by name.
  var names: Set<KindID> = []
  var readSlots: Set<Int> = []
  var read: Set<SlotKey> = []
  var bound: Set<SlotKey> = []
  private var seenFunctions: Set<FunctionID> = []
  private var seenGlobals: Set<GlobalID> = []
  private var seenFields: Set<Int> = []

  mutating func add(_ statement: TypedStatement, in program: TypedProgram) {
    for expression in statement.expressions {
      expression.visitAll { if case .local(let id) = $0.form { readSlots.insert(id.index) } }
    }
    switch statement {
    case .setField: return
    case .use, .waive, .constraint, .solve, .expect, .objective: return
    case .bind(_, let value): if !value.isDecided { add(value, in: program) }
    case .make(let make):
      makes.insert(make.kind)
      if case .text(let name, _) = make.naming { add(name, in: program) }
    case .load(let load):
      add(load.file, in: program)
      if case .entities(let kind) = load.target { addLoaded(kind, in: program) }
    case .change(let change):
      if case .field(let target, _) = change.target {
        add(target, in: program)
        if case .entity(let kind) = target.type.unwrapped {
          changes.insert(kind)
          ranges.insert(kind)
        }
      }
      return
    case .scenario(let id, let arguments, _):
      for argument in arguments { add(argument, in: program) }
      for inner in program[id].body { add(inner, in: program) }
    case .forEach, .ifElse, .match:
      for source in statement.sources { if case .allOf(let kind) = source.form { ranges.insert(kind) } }
      for expression in statement.expressions where !expression.isDecided { add(expression, in: program) }
    }
    for inner in statement.inner { add(inner, in: program) }
  }

  /// Data may hold children with their parents.
  private mutating func addLoaded(_ kind: KindID, in program: TypedProgram) {
    guard makes.insert(kind).inserted else { return }
    for field in program[kind].fields {
      if case .children(let child) = field.form { addLoaded(child, in: program) }
    }
  }

  mutating func add(_ expression: TypedExpression, in program: TypedProgram) {
    var inside: [TypedExpression] = []
    expression.visitAll { part in
      switch part.form {
      case .allOf(let kind): ranges.insert(kind)
      case .entityNamed(let kind, _, _): names.insert(kind)
      case .listEach(_, let sources), .setEach(_, let sources), .mapEach(_, _, let sources),
        .aggregate(_, _, let sources):
        for source in sources { if case .allOf(let kind) = source.form { ranges.insert(kind) } }
      case .field(let owner, let field):
        guard case .entity(let kind) = owner.type.unwrapped else { return }
        guard seenFields.insert(kind.index << 20 | field).inserted else { return }
        switch program[kind].fields[field].form {
        case .children(let child): ranges.insert(child)
        case .derived(let body): inside.append(body.expression)
        case .given(let body, _): if let body { inside.append(body.expression) }
        default: break
        }
      case .call(let id, _):
        guard seenFunctions.insert(id).inserted else { return }
        inside += program[id].lets.map { $0.1 } + [program[id].body]
      case .global(let id):
        guard seenGlobals.insert(id).inserted else { return }
        switch program[id].form {
        case .derived(let body): inside.append(body.expression)
        case .param(let body, _): if let body { inside.append(body.expression) }
        case .rows: break
        }
      default: break
      }
    }
    for each in inside { add(each, in: program) }
  }
}

extension TypedStatement {
  var sources: [TypedSource] {
    if case .forEach(let sources, _, _) = self { sources } else { [] }
  }
}
