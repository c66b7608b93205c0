package import Diagnostics

/// Orders statements so that each kind is complete before a statement ranges over it.
///
/// For the statements at the top of the modules the checker does it; a test's world, which adds facts of its
/// own, is ordered by whoever builds it.
/// ORDER: among statements that may come in any order, the given one.
/// Values of fields are computed on demand and do not count: they may name what is made further down.
/// What changes, waives or uses looks at the finished world and comes last.
package struct Stratifier {
  private let program: TypedProgram
  /// Found once for each field, function and global.
  private var ofField: [TypeChecker.FieldKey: Set<KindID>] = [:]
  private var ofFunction: [FunctionID: Set<KindID>] = [:]
  private var ofGlobal: [GlobalID: Set<KindID>] = [:]

  package init(_ program: TypedProgram) { self.program = program }

  /// Kinds that depend on each other, the first repeated at the end, and the statements that make it so.
  package struct Cycle {
    package var kinds: [KindID]
    package var places: [SourceRange]
  }

  /// Indices of the statements in order; those of a cycle come last.
  package mutating func order(_ statements: [TypedStatement]) -> (order: [Int], cycle: Cycle?) {
    let made = statements.map(kindsMade)
    let needed = statements.map { kindsNeeded(by: $0) }
    var makers: [KindID: [Int]] = [:]
    for (index, kinds) in made.enumerated() {
      for kind in kinds { makers[kind, default: []].append(index) }
    }
    let all = makers.values.reduce(into: Set<Int>()) { $0.formUnion($1) }
    let before = statements.indices.map { index in
      Self.looksAtFinishedWorld(statements[index]) && made[index].isEmpty
        ? all : Set(needed[index].flatMap { makers[$0] ?? [] })
    }
    var (order, isPlaced) = Self.sort(before)
    guard let stuck = statements.indices.first(where: { !isPlaced[$0] }) else { return (order, nil) }
    order += statements.indices.filter { !isPlaced[$0] }
    return (order, cycle(from: stuck, statements, before, made, needed, isPlaced))
  }

  /// The first that waits for nothing is next; what it frees may stand before it.
  private static func sort(_ before: [Set<Int>]) -> (order: [Int], isPlaced: [Bool]) {
    var order: [Int] = []
    var isPlaced = [Bool](repeating: false, count: before.count)
    var waiting = before.map(\.count)
    var after = [[Int]](repeating: [], count: before.count)
    for (index, earlier) in before.enumerated() {
      for other in earlier { after[other].append(index) }
    }
    var cursor = 0
    while cursor < before.count {
      guard !isPlaced[cursor], waiting[cursor] == 0 else {
        cursor += 1
        continue
      }
      isPlaced[cursor] = true
      order.append(cursor)
      var next = cursor + 1
      for later in after[cursor] {
        waiting[later] -= 1
        if waiting[later] == 0 { next = min(next, later) }
      }
      cursor = next
    }
    return (order, isPlaced)
  }

  private func cycle(
    from start: Int, _ statements: [TypedStatement], _ before: [Set<Int>], _ made: [Set<KindID>],
    _ needed: [Set<KindID>], _ isPlaced: [Bool]
  ) -> Cycle? {
    var path = [start]
    while let next = before[path[path.count - 1]].filter({ !isPlaced[$0] }).min() {
      guard let first = path.firstIndex(of: next) else {
        path.append(next)
        continue
      }
      let circle = Array(path[first...])
      // Each statement of the circle needs a kind that the next one makes.
      let kinds = circle.enumerated().compactMap { position, index in
        needed[index].intersection(made[circle[(position + 1) % circle.count]]).min { $0.index < $1.index }
      }
      let places = circle.map { statements[$0].range }
      return kinds.isEmpty || places.isEmpty ? nil : Cycle(kinds: kinds + [kinds[0]], places: places)
    }
    return nil
  }

  private static func looksAtFinishedWorld(_ statement: TypedStatement) -> Bool {
    switch statement {
    case .change, .use, .waive, .constraint: true
    case .forEach(_, let body, _): body.contains(where: looksAtFinishedWorld)
    case .ifElse(_, let yes, let no, _): (yes + no).contains(where: looksAtFinishedWorld)
    case .match(_, let choices, _): choices.flatMap(\.body).contains(where: looksAtFinishedWorld)
    default: false
    }
  }

  // MARK: What is made

  /// The kinds of which a statement makes entities.
  package func kindsMade(by statement: TypedStatement) -> Set<KindID> {
    switch statement {
    case .make(let make): Set(make.body.flatMap(kindsMade)).union([make.kind])
    case .load(let load):
      if case .entities(let kind) = load.target { [kind] } else { [] }
    case .forEach(_, let body, _): Set(body.flatMap(kindsMade))
    case .ifElse(_, let yes, let no, _): Set((yes + no).flatMap(kindsMade))
    case .match(_, let choices, _): Set(choices.flatMap(\.body).flatMap(kindsMade))
    default: []
    }
  }

  // MARK: What is needed

  /// The kinds that must be complete before a statement runs.
  package mutating func kindsNeeded(by statement: TypedStatement) -> Set<KindID> {
    switch statement {
    case .make(let make):
      var needed = all(make.body)
      if case .text(let name, _) = make.naming { needed.formUnion(kindsNeeded(by: name)) }
      return needed
    case .forEach(let sources, let body, _):
      var needed = all(body)
      for source in sources {
        if let kind = source.rangedKind { needed.insert(kind) }
        for part in source.expressions { needed.formUnion(kindsNeeded(by: part)) }
      }
      return needed
    case .ifElse(let condition, let yes, let no, _):
      return all(yes + no).union(kindsNeeded(by: condition))
    case .match(let subject, let choices, _):
      return all(choices.flatMap(\.body)).union(kindsNeeded(by: subject))
    case .load(let load):
      return kindsNeeded(by: load.file).union(load.path.map { kindsNeeded(by: $0) } ?? [])
    default: return []
    }
  }

  private mutating func all(_ statements: [TypedStatement]) -> Set<KindID> {
    var needed: Set<KindID> = []
    for statement in statements { needed.formUnion(kindsNeeded(by: statement)) }
    return needed
  }

  private mutating func kindsNeeded(by e: TypedExpression) -> Set<KindID> {
    var needed = Set(e.rangedKinds)
    switch e.form {
    case .field(let base, let index):
      if case .entity(let kind) = base.type {
        needed.formUnion(kindsNeeded(byField: .init(kind: kind, index: index)))
      }
    case .call(let id, _): needed.formUnion(kindsNeeded(byFunction: id))
    case .global(let id): needed.formUnion(kindsNeeded(byGlobal: id))
    case .entityNamed(let kind, _, _): needed.insert(kind)
    default: break
    }
    for child in e.children { needed.formUnion(kindsNeeded(by: child)) }
    return needed
  }

  private mutating func kindsNeeded(byField key: TypeChecker.FieldKey) -> Set<KindID> {
    if let known = ofField[key] { return known }
    ofField[key] = []
    var needed: Set<KindID> = []
    switch program[key.kind].fields[key.index].form {
    case .children(let child): needed = [child]
    case .derived(let body): needed = kindsNeeded(by: body.expression)
    case .given(let value, _): needed = value.map { kindsNeeded(by: $0.expression) } ?? []
    case .name, .parent, .decision: break
    }
    ofField[key] = needed
    return needed
  }

  private mutating func kindsNeeded(byFunction id: FunctionID) -> Set<KindID> {
    if let known = ofFunction[id] { return known }
    ofFunction[id] = []
    let function = program[id]
    var needed = kindsNeeded(by: function.body)
    for (_, value) in function.lets { needed.formUnion(kindsNeeded(by: value)) }
    ofFunction[id] = needed
    return needed
  }

  private mutating func kindsNeeded(byGlobal id: GlobalID) -> Set<KindID> {
    if let known = ofGlobal[id] { return known }
    ofGlobal[id] = []
    var needed: Set<KindID> = []
    if case .derived(let body) = program[id].form { needed = kindsNeeded(by: body.expression) }
    ofGlobal[id] = needed
    return needed
  }
}

extension TypedStatement {
  /// Where it stands, for messages.
  package var range: SourceRange {
    switch self {
    case .forEach(_, _, let range), .ifElse(_, _, _, let range), .match(_, _, let range),
      .setField(_, _, _, let range), .use(_, _, let range), .scenario(_, _, let range),
      .objective(_, let range):
      range
    case .make(let make): make.range
    case .load(let load): load.range
    case .waive(let waiver): waiver.range
    case .constraint(let constraint): constraint.range
    case .change(let change): change.range
    case .solve(let solve): solve.range
    case .expect(let expect): expect.range
    case .bind(_, let value): value.range
    }
  }
}
