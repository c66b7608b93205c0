import Diagnostics
import PlacetSyntax

/// The second walk: enumerations get their cases, records, kinds, functions and rules their types.
extension TypeChecker {
  func declareTypes() {
    declareParents()
    eachItem { item in
      switch item {
      case .enumeration(let item):
        if let id = self.enumeration(named: item.name) { self.addCases(item.cases, to: id) }
      default: break
      }
    }
    for index in recordSyntax.indices { declareRecordFields(RecordID(index)) }
    for index in kindSyntax.indices { declareOwnFields(KindID(index)) }
    for index in kindSyntax.indices { declareChildList(of: KindID(index)) }
    eachItem { item in
      if case .extend(let item) = item { self.extend(item) }
    }
    declareSignatures()
  }

  private func eachItem(_ body: (Item) -> Void) {
    for (index, module) in graph.modules.enumerated() {
      within(Frame(module: index, place: .topLevel)) {
        for item in module.tree.items { body(item) }
      }
    }
  }

  private func enumeration(named name: Name) -> EnumID? {
    guard case .enumeration(let id) = symbols[frame.module].types[name.text],
      program[id].range == name.range
    else { return nil }
    return id
  }

  private func addCases(_ cases: [CaseSyntax], to id: EnumID) {
    for item in cases {
      guard !program[id].cases.contains(where: { $0.name == item.name.text }) else {
        report(
          .declaredTwice(
            item.name, what: "case", first: definitionRanges["case \(id.index) \(item.name.text)"]))
        continue
      }
      definitionRanges["case \(id.index) \(item.name.text)"] = item.name.range
      var labels: [String: SourceRange] = [:]
      let members = item.members.map { member in
        if let first = labels.updateValue(member.name.range, forKey: member.name.text) {
          report(.declaredTwice(member.name, what: "member", first: first))
        }
        return Type.Labelled(label: member.name.text, type: resolve(member.type))
      }
      program.enums[id.index].cases.append(.init(name: item.name.text, members: members, doc: item.doc))
    }
  }

  private func extend(_ item: ExtendItem) {
    let found = find(item.name.text, in: \.types, from: frame.module)
    guard let symbol = found.first else {
      return report(.unknownType(item.name, known: names(in: \.types, from: frame.module)))
    }
    switch (symbol, item.body) {
    case (.enumeration(let id), .cases(let cases)):
      guard program[id].isOpen || enumModules[id.index] == frame.module else {
        return report(
          .wrongExtension("'\(item.name.text)' is not open", at: item.name.range, first: program[id].range))
      }
      addCases(cases, to: id)
    case (.kind(let id), .fields(let fields)):
      for field in fields { addField(field, to: id) }
    case (.kind, .cases(let cases)) where cases.isEmpty: return
    case (.enumeration, .fields(let fields)) where fields.isEmpty: return
    case (.record, _):
      report(.wrongExtension("a record cannot be extended", at: item.name.range))
    case (.kind, .cases):
      report(.wrongExtension("a kind of entity takes fields, not cases", at: item.name.range))
    case (.enumeration, .fields):
      report(.wrongExtension("an enumeration takes cases, not fields", at: item.name.range))
    }
  }

  // MARK: Fields

  private func declareParents() {
    for (index, syntax) in kindSyntax.enumerated() {
      guard let parent = syntax.item.parent else { continue }
      within(Frame(module: syntax.module, place: .topLevel)) {
        program.kinds[index].parent = kind(named: parent.kind)
      }
    }
    for index in program.kinds.indices {
      var seen: [KindID] = [KindID(index)]
      while let parent = program[seen[seen.count - 1]].parent {
        if parent == KindID(index) {
          let names = (seen + [parent]).map { program[$0].name }
          report(.recursion(names, at: program.kinds[index].range))
          program.kinds[index].parent = nil
        }
        if seen.contains(parent) { break }
        seen.append(parent)
      }
    }
  }

  private func declareOwnFields(_ id: KindID) {
    let (item, module) = kindSyntax[id.index]
    within(Frame(module: module, place: .topLevel)) {
      append(
        FieldDeclaration(
          name: "name", type: .text, form: .name, doc: nil, range: item.name.range, isDecided: false),
        syntax: nil, to: id)
      if let parent = program[id].parent, let written = item.parent {
        append(
          FieldDeclaration(
            name: program[parent].name, type: .entity(parent), form: .parent(parent), doc: nil,
            range: written.kind.range, isDecided: false), syntax: nil, to: id)
      }
      for field in item.fields { addField(field, to: id) }
    }
  }

  private func declareChildList(of id: KindID) {
    guard let parent = program[id].parent, let written = kindSyntax[id.index].item.parent else { return }
    let field = FieldDeclaration(
      name: written.list.text, type: .list(.entity(id)), form: .children(id), doc: program[id].doc,
      range: written.list.range, isDecided: false)
    if let first = program[parent].fields.first(where: { $0.name == field.name }) {
      return report(.declaredTwice(written.list, what: "field", first: first.range))
    }
    append(field, syntax: nil, to: parent)
  }

  private func append(_ field: FieldDeclaration, syntax: FieldSyntax?, to id: KindID) {
    program.kinds[id.index].fields.append(field)
    fieldSyntax[id, default: []].append((syntax, frame.module))
  }

  private func addField(_ field: FieldSyntax, to id: KindID) {
    if let first = program[id].fields.first(where: { $0.name == field.name.text }) {
      return report(.declaredTwice(field.name, what: "field", first: first.range))
    }
    var declaration = declaration(of: field)
    if case .decision = field.form { declaration.isDecided = true }
    append(declaration, syntax: field, to: id)
  }

  private func declaration(of field: FieldSyntax) -> FieldDeclaration {
    let type: Type =
      switch field.form {
      case .given(let type, _, _), .decision(let type, _, _): resolveRestricted(type).type
      case .derived(let type, _): type.map(resolve) ?? .error
      }
    return FieldDeclaration(
      name: field.name.text, type: type, form: .given(defaultValue: nil, condition: nil), doc: field.doc,
      range: field.name.range, isDecided: false)
  }

  private func declareRecordFields(_ id: RecordID) {
    let (item, module) = recordSyntax[id.index]
    within(Frame(module: module, place: .topLevel)) {
      for field in item.fields {
        if let first = program[id].fields.first(where: { $0.name == field.name.text }) {
          report(.declaredTwice(field.name, what: "field", first: first.range))
          continue
        }
        if case .given = field.form {
        } else {
          report(
            .outOfPlace(
              "a record has given fields alone", at: field.name.range,
              help: "write a function of the record, or make it an entity"))
        }
        program.records[id.index].fields.append(declaration(of: field))
      }
    }
  }

  // MARK: Signatures

  private func declareSignatures() {
    for (index, syntax) in functionSyntax.enumerated() {
      within(Frame(module: syntax.module, place: .topLevel)) {
        program.functions[index].parameterTypes = parameterTypes(syntax.item.parameters)
        if let result = syntax.item.result { program.functions[index].resultType = resolve(result) }
      }
    }
    for (index, syntax) in ruleSyntax.enumerated() {
      within(Frame(module: syntax.module, place: .topLevel)) {
        program.rules[index].parameterTypes = parameterTypes(syntax.item.parameters ?? [])
      }
    }
    for (index, syntax) in scenarioSyntax.enumerated() {
      within(Frame(module: syntax.module, place: .topLevel)) {
        program.scenarios[index].parameterTypes = parameterTypes(syntax.item.parameters)
      }
    }
    for (index, syntax) in globalSyntax.enumerated() {
      within(Frame(module: syntax.module, place: .topLevel)) {
        switch syntax.form {
        case .binding(let item), .whole(let item):
          if let type = item.type { program.globals[index].type = resolve(type) }
        case .param(let item): program.globals[index].type = resolveRestricted(item.type).type
        case .rows(let item): if let type = item.type { program.globals[index].type = resolve(type) }
        case .part: break
        }
      }
    }
  }

  private func parameterTypes(_ parameters: [ParameterSyntax]) -> [Type] {
    var names: [String: SourceRange] = [:]
    for parameter in parameters {
      guard let first = names.updateValue(parameter.name.range, forKey: parameter.name.text) else { continue }
      report(.declaredTwice(parameter.name, what: "parameter", first: first))
    }
    return parameters.map { resolve($0.type) }
  }
}
