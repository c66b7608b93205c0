import Diagnostics
import PlacetSyntax

/// What a bare name means: a local, a field of `this`, then what is expected there (a case, an entity, a
/// rule), then the one thing in scope that is called so.
extension TypeChecker {
  func inferName(_ name: Name, hint: Type?) -> TypedExpression {
    let wanted = hint?.unwrapped
    if let near = nearValue(name) {
      if wanted == nil || fits(near, wanted) { return near }
      if let other = expectedMeaning(name, wanted, mayGuess: false) { return other }
      return near
    }
    if let expected = expectedMeaning(name, wanted, mayGuess: true) { return expected }
    return uniqueMeaning(name, wanted)
  }

  private func fits(_ value: TypedExpression, _ wanted: Type?) -> Bool {
    guard let wanted else { return true }
    return conversion(of: value, to: .optional(wanted)) != nil
  }

  /// A local, or a field of `this`.
  func nearValue(_ name: Name) -> TypedExpression? {
    if let binding = frame.local(name.text) { return localNode(binding, at: name.range) }
    return fieldOfThis(name)
  }

  private func fieldOfThis(_ name: Name) -> TypedExpression? {
    guard let this = frame.this else { return nil }
    let base = localNode(LocalID(0), this, name.range)
    switch this {
    case .entity(let kind):
      if let index = program[kind].fieldIndex(name.text) { return fieldNode(base, index, at: name.range) }
    case .record(let record):
      if let index = program[record].fields.firstIndex(where: { $0.name == name.text }) {
        return fieldNode(base, index, at: name.range)
      }
    default: break
    }
    return nil
  }

  /// The case, entity, rule or function that the expected type makes of a name.
  private func expectedMeaning(_ name: Name, _ wanted: Type?, mayGuess: Bool) -> TypedExpression? {
    switch wanted {
    case .enumeration(let id)?:
      if let index = program[id].cases.firstIndex(where: { $0.name == name.text }) {
        return caseNode(id, index, arguments: [], at: name.range)
      }
    case .entity(let kind)?:
      if let entity = entity(named: name, of: kind) { return entity }
      guard mayGuess, globalFitting(name, wanted) == nil else { return nil }
      return guessedEntity(name, of: kind)
    case .rule?:
      if find(name.text, in: \.values, from: frame.module).isEmpty,
        let rule = rule(named: DottedName([name]))
      {
        return node(.rule(rule), .rule, name.range)
      }
    default: break
    }
    return nil
  }

  private func globalFitting(_ name: Name, _ wanted: Type?) -> TypedExpression? {
    for symbol in find(name.text, in: \.values, from: frame.module) {
      if case .global(let id) = symbol {
        let value = globalNode(id, at: name)
        if fits(value, wanted) { return value }
      }
    }
    return nil
  }

  /// An entity that the text makes: a sibling in the enclosing make first, then one of the whole world.
  func entity(named name: Name, of kind: KindID) -> TypedExpression? {
    for make in frame.makes.reversed() where program[kind].parent == make.kind {
      if make.entity?.children[name.text]?.contains(where: { $0.kind == kind }) == true {
        let parent = localNode(make.owner, .entity(make.kind), name.range)
        return node(
          .entityNamed(kind, textNode(name.text, name.range), parent: parent), .entity(kind), name.range)
      }
    }
    let found = staticEntities(named: name.text).filter { $0.kind == kind }
    guard let first = found.first else { return nil }
    let paths = Set(found.map(\.path))
    if paths.count > 1 {
      return failed(
        .ambiguous(name, candidates: paths.sorted().map { "\(program[kind].name) \($0)" }), name.range)
    }
    return entityNode(first, at: name.range)
  }

  func entityNode(_ entity: StaticEntity, at range: SourceRange) -> TypedExpression {
    let parent = entity.parent.map { entityNode($0, at: range) }
    return node(
      .entityNamed(entity.kind, textNode(entity.name.text, range), parent: parent), .entity(entity.kind),
      range)
  }

  /// An entity that only data can bring: looked up when the policy runs.
  private func guessedEntity(_ name: Name, of kind: KindID) -> TypedExpression {
    for make in frame.makes.reversed() where program[kind].parent == make.kind {
      if visibleWorlds.contains(where: { $0.nested[make.kind]?[name.text]?.contains(kind) == true }) {
        let parent = localNode(make.owner, .entity(make.kind), name.range)
        return node(
          .entityNamed(kind, textNode(name.text, name.range), parent: parent), .entity(kind), name.range)
      }
    }
    let known = visibleWorlds.flatMap { world in
      world.byName.filter { $0.value.contains { $0.kind == kind } }.keys
    }
    let isOpen = visibleWorlds.contains { $0.openKinds.contains(kind) }
    if !isOpen, nearestName(to: name.text, among: known) != nil {
      report(.unknownEntity(name, kind: program[kind].name, known: known.sorted()))
    }
    return node(
      .entityNamed(kind, textNode(name.text, name.range), parent: nil), .entity(kind), name.range)
  }

  /// The one thing in scope that is called so.
  private func uniqueMeaning(_ name: Name, _ wanted: Type?) -> TypedExpression {
    var meanings: [(what: String, value: () -> TypedExpression)] = []
    for symbol in find(name.text, in: \.values, from: frame.module) {
      switch symbol {
      case .global(let id): meanings.append(("a value", { self.globalNode(id, at: name) }))
      case .function(let id): meanings.append(("a function", { self.functionNode(id, at: name) }))
      }
    }
    if meanings.isEmpty {
      let found = staticEntities(named: name.text).map { ("\(program[$0.kind].name) \($0.path)", $0) }
      for (what, entity) in Dictionary(found, uniquingKeysWith: { a, _ in a }).sorted(by: { $0.key < $1.key })
      {
        meanings.append((what, { self.entityNode(entity, at: name.range) }))
      }
      if case .enumeration? = wanted, meanings.isEmpty { return failed(unknown(name, wanted), name.range) }
      if meanings.isEmpty || wanted != nil {
        for (id, index) in casesInScope(named: name.text) {
          let what = "the case of \(program[id].name)"
          meanings.append((what, { self.caseNode(id, index, arguments: [], at: name.range) }))
        }
      }
    }
    if meanings.isEmpty, let special = specialValue(name) { return special }
    if wanted == .error, meanings.count != 1 { return failed(name.range) }
    if meanings.count > 1 {
      return failed(.ambiguous(name, candidates: meanings.map(\.what)), name.range)
    }
    if let meaning = meanings.first { return meaning.value() }
    return failed(unknown(name, wanted), name.range)
  }

  private func unknown(_ name: Name, _ wanted: Type?) -> Diagnostic {
    if case .enumeration(let id)? = wanted {
      return .unknownCase(name, of: program[id].name, known: program[id].cases.map(\.name))
    }
    if kindIfPresent(named: name.text) != nil {
      var diagnostic = Diagnostic.unknownName(name, known: [])
      diagnostic.message = "'\(name.text)' is a kind of entity, not a value"
      diagnostic.notes.append("help: `all \(name.text)` lists them, `\(name.text)[\"…\"]` is one of them")
      return diagnostic
    }
    return .unknownName(name, known: namesInScope())
  }

  /// Every name that could stand for a value here.
  func namesInScope() -> [String] {
    var known = frame.localNames + names(in: \.values, from: frame.module)
    known += visibleWorlds.flatMap(\.byName.keys).sorted()
    switch frame.this {
    case .entity(let kind)?: known += program[kind].fields.map(\.name)
    case .record(let record)?: known += program[record].fields.map(\.name)
    default: break
    }
    known += program.enums.flatMap { $0.cases.map(\.name) }
    return frame.place == .objective || frame.place == .test ? known + ["preferences", "moves"] : known
  }

  /// `preferences` and `moves`, where no one else took the name.
  private func specialValue(_ name: Name) -> TypedExpression? {
    switch name.text {
    case "preferences" where frame.place == .objective || frame.place == .test || frame.place == .global:
      // What a weight is, the rules say.
      checkRules()
      return node(.preferences, weights.first?.type ?? .int, name.range)
    case "moves" where frame.place == .objective || frame.place == .test || frame.place == .global:
      return node(.planMoves, .int, name.range)
    default: return nil
    }
  }

  /// A function as a value: a lambda that calls it.
  func functionNode(_ id: FunctionID, at name: Name) -> TypedExpression {
    guard let function = callable(id, at: name.range) else { return failed(name.range) }
    let locals = zip(function.parameterNames, function.parameterTypes).map { frame.addSlot($0, $1) }
    let arguments = zip(locals, function.parameterTypes).map { localNode($0, $1, name.range) }
    let call = node(
      .call(id, arguments), function.resultType, name.range,
      by: function.readsDecisions ? [name.text] : [])
    return node(
      .lambda(.init(parameters: locals, body: call)),
      .function(function.parameterTypes, function.resultType), name.range, [call])
  }

  /// A case with its payload: labels may be left out, and so may members that may be none.
  func caseNode(
    _ id: EnumID, _ index: Int, arguments: [ArgumentSyntax], at range: SourceRange
  ) -> TypedExpression {
    let item = program[id].cases[index]
    let parameters = item.members.map {
      Parameter(name: $0.label, type: $0.type, isOptional: $0.type.isOptional)
    }
    let given = match(arguments, to: parameters, of: "'\(item.name)'", at: range)
    let values = zip(given, item.members).map { argument, member in
      switch argument {
      case .given(let expression): self.check(expression, as: member.type)
      case .typed(let value): value
      case .missing: self.node(.none, member.type, range)
      }
    }
    return node(.enumCase(id, index, values), .enumeration(id), range, values)
  }
}
