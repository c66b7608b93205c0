import Diagnostics
import PlacetSemantics

extension World {
  /// A world that has a delta more, made of this one, which stays as it is.
  ///
  /// - Returns: nil where what is there would have come out otherwise with the delta in it (a statement that ranges over
  ///   a kind which grows, a given value that is made of what changes): then the world is to be made anew.
  func grown(by delta: WorldDelta) throws(EvaluationError) -> (world: World, change: WorldChange)? {
    guard isClosed else { return nil }
    var uses = KindUses()
    for statement in delta.statements.map(\.statement) + delta.changes {
      guard Self.canComeLast(statement, in: delta.program) else { return nil }
      uses.add(statement, in: delta.program)
    }
    for statement in acted {
      var old = KindUses()
      old.add(statement, in: delta.program)
      guard old.ranges.isDisjoint(with: uses.makes), old.ranges.isDisjoint(with: uses.changes) else {
        return nil
      }
    }
    let world = World(copying: self, program: delta.program)
    let change = try world.take(delta, after: self)
    guard let change, world.keepsWhatWasGiven(change, by: acted) else { return nil }
    try world.settle(change)
    return (world, change)
  }

  /// Rows in place of a policy's are for a world that is made as a whole.
  private static func canComeLast(_ statement: TypedStatement, in program: TypedProgram) -> Bool {
    switch statement {
    case .load(let load): if case .global = load.target { return false }
    case .change(let change): return change.isOfGiven(in: program)
    case .scenario(let id, _, _):
      return program[id].body.allSatisfy { canComeLast($0, in: program) }
    default: break
    }
    return statement.inner.allSatisfy { canComeLast($0, in: program) }
  }

  /// Runs the statements of a delta. nil where names become ambiguous.
  private func take(_ delta: WorldDelta, after old: World) throws(EvaluationError) -> WorldChange? {
    var change = WorldChange(rewritten: delta.rewritten)
    let counts = program.kinds.indices.map { store.counts[$0] }
    let (oldWaivers, oldLocals, oldUses) = (waivers.count, localStatements.count, self.uses.count)
    var values = delta.values
    // What the facts bound is seen by the changes.
    values += Array(repeating: .none, count: max(0, delta.frame.count - values.count))
    for slot in factSlots where slot < values.count && slot < frame.count { values[slot] = frame[slot] }
    let box = FrameBox(delta.frame, values: values)
    isClosed = false
    var schedule = Schedule(world: self)
    for each in delta.statements {
      schedule.add(each.statement, frame: FrameBox(each.frame), isFact: false)
      acted.append(each.statement)
    }
    for statement in delta.changes {
      schedule.add(statement, frame: box, isFact: true)
      acted.append(statement)
    }
    let runner = StatementRunner(world: self)
    while let item = schedule.next() { try runner.run(item) }
    if !delta.changes.isEmpty { frame = box.values }
    resolveParents()
    isClosed = true
    giveRecorded()
    for (kind, first) in counts.enumerated() where store.counts[kind] > first {
      change.grown[KindID(kind)] = first
      for index in first..<store.counts[kind] {
        let entity = EntityID(kind: Int32(kind), index: Int32(index))
        // A name that one entity had is not one entity's any more.
        let sameName = store.allNamed(name(of: entity), kind: KindID(kind))
        if sameName.count(where: { Int($0.index) < first }) == 1 { return nil }
      }
    }
    note(runner.changed, in: &change)
    for (index, rule) in program.rules.enumerated().dropFirst(old.program.rules.count)
    where rule.parameterNames == nil {
      self.uses.append(RuleUse(rule: RuleID(index), arguments: [], range: rule.nameRange))
    }
    try runner.finish()
    change.waived = Set(waivers[oldWaivers...].map(\.rule))
    change.oldUses = oldUses
    change.oldLocals = oldLocals
    for rule in change.waived.union(change.rewritten) { ruleChunks[rule] = nil }
    return change
  }

  private func note(_ targets: [TypedChange.Target], in change: inout WorldChange) {
    for target in targets {
      switch target {
      case .global(let id): change.globals.insert(id)
      case .field(let owner, let field):
        guard case .entity(let kind) = owner.type.unwrapped else { continue }
        change.columns.insert(store.firstColumn[kind.index] + field)
      }
    }
  }

  /// Whether all that statements gave to what was there, once and for all, would be given again.
  private func keepsWhatWasGiven(_ change: WorldChange, by statements: [TypedStatement]) -> Bool {
    var dependence = Dependence(program, change, firstColumn: store.firstColumn)
    func isKept(_ statement: TypedStatement) -> Bool {
      switch statement {
      // Rules are asked when they are stated.
      case .constraint: true
      case .change(let old):
        old.isOfGiven(in: program) && !dependence.reaches(old.value)
      case .use(_, let arguments, _): !arguments.contains { dependence.reaches($0) }
      case .scenario(let id, let arguments, _):
        !arguments.contains { dependence.reaches($0) } && program[id].body.allSatisfy(isKept)
      case .make, .forEach, .ifElse, .match:
        !statement.expressions.contains { dependence.reaches($0) }
          && !statement.sources.contains { dependence.ranges($0) }
          && statement.inner.allSatisfy(isKept)
      default: !dependence.reaches(statement)
      }
    }
    func isKept(_ body: TypedBody?) -> Bool { body.map { !dependence.reaches($0.expression) } ?? true }
    for kind in program.kinds {
      for field in kind.fields {
        switch field.form {
        case .given(let value, let condition): guard isKept(value), isKept(condition) else { return false }
        case .decision(let within, let condition, let preferred):
          guard isKept(within), isKept(condition), isKept(preferred) else { return false }
          // All entities of the kind are its candidates.
          if within == nil, case .entity(let candidates) = field.type.unwrapped,
            change.grown[candidates] != nil
          {
            return false
          }
        case .name, .parent, .children, .derived: break
        }
        if !isKept(field.within) { return false }
      }
    }
    for global in program.globals {
      if case .param(let value, let allowed) = global.form {
        guard isKept(value), isKept(allowed) else { return false }
      }
    }
    return statements.allSatisfy(isKept)
  }

  /// What is computed of what changed waits again; what is new is given its values.
  private func settle(_ change: WorldChange) throws(EvaluationError) {
    var dependence = Dependence(program, change, firstColumn: store.firstColumn)
    for (kind, declaration) in program.kinds.enumerated() {
      for (index, field) in declaration.fields.enumerated() {
        guard case .derived = field.form, dependence.reaches(KindID(kind), index) else { continue }
        let initial = store.initial(kind: kind, field: index)
        for row in 0..<store.counts[kind] { store.columns[store.firstColumn[kind] + index][row] = initial }
      }
    }
    for (index, global) in program.globals.enumerated() {
      guard case .derived = global.form, !change.globals.contains(GlobalID(index)),
        dependence.reaches(GlobalID(index))
      else { continue }
      machine.globals[index] = Value(bits: 0, aux: Waiting.body)
    }
    try forceGivenFields { [store] column, kind in
      change.columns.contains(column)
        ? 0..<store.counts[kind] : (change.grown[KindID(kind)] ?? store.counts[kind])..<store.counts[kind]
    }
  }
}

extension TypedChange {
  /// Whether it gives a value that was given before: what overrides a computed one would have to be kept apart.
  fileprivate func isOfGiven(in program: TypedProgram) -> Bool {
    switch target {
    case .field(let owner, let field):
      guard case .entity(let kind) = owner.type.unwrapped, case .given = program[kind].fields[field].form
      else {
        return false
      }
      return true
    case .global(let id):
      if case .param = program[id].form { return true }
      return false
    }
  }
}
