import Diagnostics

/// What a statement at the top needs to be complete before it runs, and what it makes.
struct StructuralNeeds {
  /// Found once for each field, function and global.
  var ofField: [TypeChecker.FieldKey: Set<KindID>] = [:]
  var ofFunction: [FunctionID: Set<KindID>] = [:]
  var ofGlobal: [GlobalID: Set<KindID>] = [:]
}

/// Orders the statements at the top so that each kind is complete before a statement ranges over it.
///
/// ORDER: among statements that may come in any order, modules in order of import, then the text.
/// Values of fields are computed on demand and do not count: they may name what is made further down.
extension TypeChecker {
  func orderStatements() {
    let statements = program.statements
    let made = statements.map { kindsMade(by: $0.statement) }
    let needed = statements.map { kindsNeeded(by: $0.statement) }
    var makers: [KindID: [Int]] = [:]
    for (index, kinds) in made.enumerated() {
      for kind in kinds { makers[kind, default: []].append(index) }
    }
    let before = needed.enumerated().map { index, kinds in
      Set(kinds.flatMap { makers[$0] ?? [] })
    }
    var order: [Int] = []
    var isPlaced = [Bool](repeating: false, count: statements.count)
    var waiting = before.map(\.count)
    var after = [[Int]](repeating: [], count: statements.count)
    for (index, earlier) in before.enumerated() {
      for other in earlier { after[other].append(index) }
    }
    var ready = Set(statements.indices.filter { waiting[$0] == 0 })
    while let next = ready.min() {
      ready.remove(next)
      isPlaced[next] = true
      order.append(next)
      for later in after[next] {
        waiting[later] -= 1
        if waiting[later] == 0 { ready.insert(later) }
      }
    }
    if let stuck = statements.indices.first(where: { !isPlaced[$0] }) {
      reportCycle(from: stuck, before, made, needed, isPlaced)
      order += statements.indices.filter { !isPlaced[$0] }
    }
    program.statements = order.map { statements[$0] }
  }

  private func reportCycle(
    from start: Int, _ before: [Set<Int>], _ made: [Set<KindID>], _ needed: [Set<KindID>], _ isPlaced: [Bool]
  ) {
    var path = [start]
    while let next = before[path[path.count - 1]].filter({ !isPlaced[$0] }).min() {
      if let first = path.firstIndex(of: next) {
        let cycle = Array(path[first...])
        // Each statement of the cycle needs a kind that the next one makes.
        var names: [String] = []
        for (position, index) in cycle.enumerated() {
          let other = cycle[(position + 1) % cycle.count]
          let kind = needed[index].intersection(made[other]).min { $0.index < $1.index }
          if let kind { names.append(program[kind].name) }
        }
        let places = cycle.compactMap { range(of: program.statements[$0].statement) }
        guard let first = names.first, !places.isEmpty else { return }
        report(.makingCycle(names + [first], at: places))
        return
      }
      path.append(next)
    }
  }

  private func range(of statement: TypedStatement) -> SourceRange? {
    switch statement {
    case .forEach(_, _, let range), .ifElse(_, _, _, let range), .match(_, _, let range): range
    case .make(let make): make.range
    case .load(let load): load.range
    case .waive(let waiver): waiver.range
    case .use(_, _, let range): range
    default: nil
    }
  }

  // MARK: What is made

  private func kindsMade(by statement: TypedStatement) -> Set<KindID> {
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

  private func kindsNeeded(by statement: TypedStatement) -> Set<KindID> {
    switch statement {
    case .make(let make):
      var needed = Set(make.body.flatMap(kindsNeeded))
      if case .text(let name, _) = make.naming { needed.formUnion(kindsNeeded(by: name)) }
      return needed
    case .forEach(let sources, let body, _):
      return sources.reduce(into: Set(body.flatMap(kindsNeeded))) { needed, source in
        if let kind = source.rangedKind { needed.insert(kind) }
        for part in source.expressions { needed.formUnion(kindsNeeded(by: part)) }
      }
    case .ifElse(let condition, let yes, let no, _):
      return Set((yes + no).flatMap(kindsNeeded)).union(kindsNeeded(by: condition))
    case .match(let subject, let choices, _):
      return Set(choices.flatMap(\.body).flatMap(kindsNeeded)).union(kindsNeeded(by: subject))
    case .load(let load):
      return kindsNeeded(by: load.file).union(load.path.map(kindsNeeded) ?? [])
    case .waive, .use:
      // Both look at the finished world.
      return Set(program.kinds.indices.map { KindID($0) })
    default: return []
    }
  }

  private func kindsNeeded(by e: TypedExpression) -> Set<KindID> {
    var needed = Set(e.rangedKinds)
    switch e.form {
    case .field(let base, let index):
      if case .entity(let kind) = base.type { needed.formUnion(kindsNeeded(byField: .init(kind: kind, index: index))) }
    case .call(let id, _): needed.formUnion(kindsNeeded(byFunction: id))
    case .global(let id): needed.formUnion(kindsNeeded(byGlobal: id))
    case .entityNamed(let kind, _, _): needed.insert(kind)
    default: break
    }
    for child in e.children { needed.formUnion(kindsNeeded(by: child)) }
    return needed
  }

  private func kindsNeeded(byField key: FieldKey) -> Set<KindID> {
    if let known = needs.ofField[key] { return known }
    needs.ofField[key] = []
    var needed: Set<KindID> = []
    switch program[key.kind].fields[key.index].form {
    case .children(let child): needed = [child]
    case .derived(let body): needed = kindsNeeded(by: body.expression)
    case .given(let value, _): needed = value.map { kindsNeeded(by: $0.expression) } ?? []
    case .name, .parent, .decision: break
    }
    needs.ofField[key] = needed
    return needed
  }

  private func kindsNeeded(byFunction id: FunctionID) -> Set<KindID> {
    if let known = needs.ofFunction[id] { return known }
    needs.ofFunction[id] = []
    let function = program[id]
    let needed = function.lets.reduce(into: kindsNeeded(by: function.body)) {
      $0.formUnion(kindsNeeded(by: $1.1))
    }
    needs.ofFunction[id] = needed
    return needed
  }

  private func kindsNeeded(byGlobal id: GlobalID) -> Set<KindID> {
    if let known = needs.ofGlobal[id] { return known }
    needs.ofGlobal[id] = []
    var needed: Set<KindID> = []
    if case .derived(let body) = program[id].form { needed = kindsNeeded(by: body.expression) }
    needs.ofGlobal[id] = needed
    return needed
  }

  // MARK: Candidates

  /// Candidates of a decision may read other decisions of the same entity, in an order without a cycle.
  func checkCandidateCycles() {
    for (kindIndex, kind) in program.kinds.enumerated() {
      let reads = kind.fields.map { decisionsRead(by: $0, of: KindID(kindIndex)) }
      for start in kind.fields.indices where !reads[start].isEmpty {
        var path = [start]
        while let next = reads[path[path.count - 1]].min(), !path.contains(next) { path.append(next) }
        guard let next = reads[path[path.count - 1]].min(), next == start, path.min() == start else { continue }
        report(
          .candidateCycle((path + [start]).map { kind.fields[$0].name }, at: kind.fields[start].range))
      }
    }
  }

  private func decisionsRead(by field: FieldDeclaration, of kind: KindID) -> Set<Int> {
    guard case .decision(let within, let condition, _) = field.form else { return [] }
    var found: Set<Int> = []
    func walk(_ e: TypedExpression) {
      if case .field(let base, let index) = e.form, case .local(LocalID(0)) = base.form,
        case .decision = program[kind].fields[index].form
      {
        found.insert(index)
      }
      for child in e.children { walk(child) }
    }
    for body in [within, condition] { if let body { walk(body.expression) } }
    return found
  }
}
