import Diagnostics
import PlacetSemantics

/// Loads: data files into entities and rows; parameters.
extension World {
  // MARK: Files

  private func open(
    _ load: TypedLoad, frame: [Value]
  ) throws(EvaluationError) -> (node: DataNode, place: DataPlace) {
    let name = heap.text(try evaluate(load.file, frame: frame))
    let file: DataFile
    switch inputs.readFile(name, load.range.source) {
    case .file(let known): file = known
    case .missing(let reason): throw EvaluationError(.noFile(name, reason, at: load.file.range))
    case .broken(let diagnostics): throw .mistakes(diagnostics)
    }
    var node = file.root
    var place = DataPlace(file: file, path: "", line: node.line, load: load.range)
    guard let expression = load.path else { return (node, place) }
    let path = heap.text(try evaluate(expression, frame: frame))
    for key in CallText.split(path, at: ".") where !key.isEmpty {
      guard case .object(let members) = node.form, let member = members.first(where: { $0.key == key })
      else {
        let keys: [String] = if case .object(let members) = node.form { members.map(\.key) } else { [] }
        throw EvaluationError(
          .noPath(
            path, file: file.name, missing: key, nearest: nearestName(to: key, among: keys),
            at: expression.range))
      }
      node = member.value
      place = place.member(key, line: node.line)
    }
    return (node, place)
  }

  // MARK: Rows

  func loadRows(_ load: TypedLoad, frame: [Value]) throws(EvaluationError) -> Value {
    let (node, place) = try open(load, frame: frame)
    return try DataReader(world: self).value(node, load.type, place)
  }

  func rows(of id: GlobalID) throws(EvaluationError) -> Value {
    if let number = parameterData[id] { return try readData(number) }
    if let override = rowOverrides[id] { return try loadRows(override.load, frame: override.frame) }
    guard case .rows(let load, _) = program[id].form else {
      preconditionFailure("only loaded rows wait for data")
    }
    return try loadRows(load, frame: [])
  }

  func readData(_ number: Int) throws(EvaluationError) -> Value {
    let late = lateData[number]
    return try DataReader(world: self).value(late.node, late.type, late.place)
  }

  // MARK: Entities

  func loadEntities(_ load: TypedLoad, kind: KindID, frame: [Value]) throws(EvaluationError) {
    let (node, place) = try open(load, frame: frame)
    var mistakes: [Diagnostic] = []
    try entities(in: node, kind: kind, parent: nil, place, &mistakes)
    if !mistakes.isEmpty { throw .mistakes(mistakes) }
  }

  private func entities(
    in node: DataNode, kind: KindID, parent: EntityID?, _ place: DataPlace, _ mistakes: inout [Diagnostic]
  ) throws(EvaluationError) {
    switch node.form {
    case .list(let rows):
      for (index, row) in rows.enumerated() {
        let place = place.element(index, line: row.line)
        guard case .object(let members) = row.form else {
          try note(wrong(kind, row, place), &mistakes)
          continue
        }
        guard let name = members.first(where: { $0.key == "name" })?.value else {
          try note(.missingKey(place, key: "name", type: "text"), &mistakes)
          continue
        }
        guard case .text(let text) = name.form else {
          try note(
            .wrongData(
              place.member("name", line: name.line), wanted: "text", found: DataReader.found(name)),
            &mistakes)
          continue
        }
        try entity(text, members, kind: kind, parent: parent, place, &mistakes)
      }
    case .object(let rows):
      for (name, row) in rows {
        let place = place.member(name, line: row.line)
        guard case .object(let members) = row.form else {
          try note(wrong(kind, row, place), &mistakes)
          continue
        }
        try entity(name, members, kind: kind, parent: parent, place, &mistakes)
      }
    default:
      try note(
        .wrongData(
          place, wanted: "a list of \(program[kind].name) objects", found: DataReader.found(node)),
        &mistakes)
    }
  }

  private func wrong(_ kind: KindID, _ row: DataNode, _ place: DataPlace) -> Diagnostic {
    .wrongData(place, wanted: "an object for \(program[kind].name)", found: DataReader.found(row))
  }

  private func note(_ diagnostic: Diagnostic, _ mistakes: inout [Diagnostic]) throws(EvaluationError) {
    try collect(EvaluationError(diagnostic), into: &mistakes)
  }

  private func entity(
    _ name: String, _ members: [(key: String, value: DataNode)], kind: KindID, parent: EntityID?,
    _ place: DataPlace, _ mistakes: inout [Diagnostic]
  ) throws(EvaluationError) {
    let declaration = program[kind]
    let entity: EntityID
    do throws(EvaluationError) {
      entity = try make(kind, named: name, parent: parent, range: nil, place: place.text)
    } catch {
      return try note(.repeatedInData(place, what: "\(declaration.name) '\(name)'"), &mistakes)
    }
    made[kind.index][Int(entity.index)].range = place.range ?? place.load
    for (key, node) in members where key != "name" {
      let inner = place.member(key, line: node.line)
      guard let index = declaration.fieldIndex(key) else {
        try note(
          .unknownKey(
            inner, key: key, of: declaration.name,
            nearest: nearestName(to: key, among: declaration.givenNames)),
          &mistakes)
        continue
      }
      do throws(EvaluationError) {
        try give(declaration.fields[index], index, node, to: entity, inner, &mistakes)
      } catch { try collect(error, into: &mistakes) }
    }
  }

  private func give(
    _ field: FieldDeclaration, _ index: Int, _ node: DataNode, to entity: EntityID, _ place: DataPlace,
    _ mistakes: inout [Diagnostic]
  ) throws(EvaluationError) {
    switch field.form {
    case .name: break
    case .children(let child): try entities(in: node, kind: child, parent: entity, place, &mistakes)
    case .parent(let kind):
      let parent = try DataReader(world: self).value(node, .entity(kind), place)
      try giveParent(parent.entity, to: entity)
    case .given:
      if place.isUntyped, node.isEmptyText, field.hasDefault || field.type.isOptional {
        if field.type.isOptional, !field.hasDefault { store[entity, index] = .none }
        return
      }
      if case .null = node.form, field.hasDefault, !field.type.isOptional { return }
      if field.type.namesEntities(in: program) {
        lateData.append(LateData(node: node, type: field.type, place: place))
        store[entity, index] = Value(bits: lateData.count - 1, aux: Waiting.data)
      } else {
        store[entity, index] = try DataReader(world: self).value(node, field.type, place)
      }
    case .derived, .decision:
      let what = if case .derived = field.form { "derived" } else { "decided" }
      throw EvaluationError(
        .wrongData(place, wanted: "no '\(field.name)', which is \(what)", found: DataReader.found(node)))
    }
  }

  // MARK: Parameters

  func setParameters() throws(EvaluationError) {
    var mistakes: [Diagnostic] = []
    let names = program.globals.filter(\.isParameter).map(\.name)
    for (name, text) in inputs.parameters.sorted(by: { $0.key < $1.key }) {
      let source = Source(name: "--set", text: "\(name)=\(text)")
      let range = SourceRange(source, 0, source.bytes.count)
      guard let index = program.globals.firstIndex(where: { $0.isParameter && $0.name == name }) else {
        try note(
          .unknownParameter(name, nearest: nearestName(to: name, among: names), at: range), &mistakes)
        continue
      }
      let global = program.globals[index]
      var file = DataFile(name: "--set \(name)", root: DataNode(.text(text), line: 1), source: source)
      file.isUntyped = true
      let place = DataPlace(file: file, path: "", line: 1, load: global.range)
      if global.type.namesEntities(in: program) {
        lateData.append(LateData(node: file.root, type: global.type, place: place))
        parameterData[GlobalID(index)] = lateData.count - 1
        machine.globals[index] = Value(bits: 0, aux: Waiting.data)
        continue
      }
      do throws(EvaluationError) {
        machine.globals[index] = try DataReader(world: self).value(file.root, global.type, place)
      } catch { try collect(error, into: &mistakes) }
    }
    if !mistakes.isEmpty { throw .mistakes(mistakes) }
  }

  func checkParameter(
    _ global: GlobalDeclaration, _ value: Value, _ allowed: TypedBody
  ) throws(EvaluationError) {
    if value.isNone { return }
    let collection = try evaluate(allowed.expression, frame: [])
    if contains(collection, type: allowed.expression.type, value, global.type.unwrapped) { return }
    throw EvaluationError(
      .parameterNotAllowed(
        global.name, value: heap.describe(value, type: global.type), allowed: allowed.expression.range,
        at: global.range))
  }
}

extension GlobalDeclaration {
  var isParameter: Bool { if case .param = form { true } else { false } }
}

extension KindDeclaration {
  /// Fields that data may give.
  var givenNames: [String] {
    fields.compactMap { field in
      switch field.form {
      case .name, .parent, .children, .given: field.name
      case .derived, .decision: nil
      }
    }
  }
}

extension DataPlace {
  /// The line in the data file, where its text is at hand.
  var range: SourceRange? {
    guard let source = file.source, line > 0, line <= source.lineStarts.count else { return nil }
    let start = source.lineStarts[line - 1]
    return SourceRange(source, start, start + source.line(line).utf8.count)
  }
}

extension Type {
  /// Whether values name entities, so that they can only be read when those are there.
  func namesEntities(in program: TypedProgram) -> Bool {
    var seen: Set<Type> = []
    func look(_ type: Type) -> Bool {
      guard seen.insert(type).inserted else { return false }
      return switch type {
      case .entity: true
      case .optional(let inner), .list(let inner), .set(let inner), .range(let inner): look(inner)
      case .map(let key, let value): look(key) || look(value)
      case .tuple(let members): members.contains(where: look)
      case .anonymous(let members): members.contains { look($0.type) }
      case .record(let id): program[id].fields.contains { look($0.type) }
      case .enumeration(let id): program[id].cases.contains { $0.members.contains { look($0.type) } }
      default: false
      }
    }
    return look(self)
  }
}
