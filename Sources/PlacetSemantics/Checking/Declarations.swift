import Diagnostics
import PlacetSyntax

/// The first walk over the modules: who declares which name.
extension TypeChecker {
  func collectSymbols() {
    for (index, module) in graph.modules.enumerated() {
      program.modules.append(ModuleInfo(name: module.name, source: module.tree.source, layer: module.layer))
      var table = ModuleSymbols()
      for item in module.imports {
        table.prefixes[item.prefix, default: []].append(item.module)
        let dotted = graph.modules[item.module].name
        if item.isOpen {
          table.open.append(item.module)
          if dotted != item.prefix { table.prefixes[dotted, default: []].append(item.module) }
        }
      }
      symbols.append(table)
      for item in module.tree.items { collect(item, module: index) }
    }
  }

  private func collect(_ item: Item, module: Int) {
    switch item {
    case .enumeration(let item):
      let id = EnumID(program.enums.count)
      guard declare(item.name, .enumeration(id), in: \.types, what: "type", module: module) else { return }
      program.enums.append(
        EnumDeclaration(
          name: item.name.text, isOpen: item.isOpen, cases: [], doc: item.doc, range: item.name.range))
      enumModules.append(module)
    case .record(let item):
      let id = RecordID(program.records.count)
      guard declare(item.name, .record(id), in: \.types, what: "type", module: module) else { return }
      program.records.append(
        RecordDeclaration(
          name: item.name.text, isOpen: item.isOpen, fields: [], doc: item.doc, range: item.name.range))
      recordSyntax.append((item, module))
    case .entity(let item):
      let id = KindID(program.kinds.count)
      guard declare(item.name, .kind(id), in: \.types, what: "type", module: module) else { return }
      program.kinds.append(
        KindDeclaration(name: item.name.text, parent: nil, fields: [], doc: item.doc, range: item.name.range))
      kindSyntax.append((item, module))
    case .function(let item):
      let id = FunctionID(program.functions.count)
      guard declare(item.name, .function(id), in: \.values, what: "name", module: module) else { return }
      let placeholder = TypedExpression(.bool(true), type: .error, range: item.range)
      program.functions.append(
        FunctionDeclaration(
          name: item.name.text, module: module, parameterNames: item.parameters.map(\.name.text),
          parameterTypes: [], resultType: .error, frame: FrameInfo(), lets: [], body: placeholder,
          readsDecisions: false, doc: item.doc, range: item.name.range))
      functionSyntax.append((item, module))
      functionProgress.append(.waiting)
    case .rule(let item):
      let id = RuleID(program.rules.count)
      guard declare(item.name, id, in: \.rules, what: "rule", module: module) else { return }
      var layer = graph.modules[module].layer
      if let name = item.layer {
        if let known = Layer(named: name.text) { layer = known } else { report(.unknownLayer(name)) }
      }
      program.rules.append(
        RuleDeclaration(
          name: item.name.text, module: module, layer: layer,
          parameterNames: item.parameters?.map(\.name.text), parameterTypes: [], frame: FrameInfo(),
          body: [], doc: item.doc, range: item.range, nameRange: item.name.range))
      ruleSyntax.append((item, module))
    case .scenario(let item):
      let id = ScenarioID(program.scenarios.count)
      guard declare(item.name, id, in: \.scenarios, what: "scenario", module: module) else { return }
      program.scenarios.append(
        ScenarioDeclaration(
          name: item.name.text, module: module, parameterNames: item.parameters.map(\.name.text),
          parameterTypes: [], frame: FrameInfo(), body: [], range: item.range))
      scenarioSyntax.append((item, module))
    case .statement(let statement):
      collect(statement, module: module)
    case .extend, .importModule, .layer, .dimension, .unit, .test, .invalid:
      return
    }
  }

  private func collect(_ statement: Statement, module: Int) {
    switch statement {
    case .letBinding(let item):
      switch item.pattern {
      case .name(let name):
        if name.text != "_" { addGlobal(name, .binding(item), doc: item.doc, module: module) }
      case .tuple(let parts, let range):
        let whole = addGlobal(Name(range.text, range), .whole(item), doc: item.doc, module: module)
        collectParts(parts, of: whole, path: [], module: module)
      }
    case .param(let item):
      addGlobal(item.name, .param(item), doc: item.doc, module: module)
    case .load(let item) where item.type != nil:
      addGlobal(item.name, .rows(item), doc: nil, module: module)
    case .objective(let goals, let range):
      objectives.append((goals, range, module))
    case .invalid:
      return
    default:
      topLevel.append((statement, module))
    }
  }

  private func collectParts(_ parts: [BindingPattern], of whole: GlobalID, path: [Int], module: Int) {
    for (index, part) in parts.enumerated() {
      switch part {
      case .name(let name) where name.text == "_": continue
      case .name(let name):
        addGlobal(name, .part(of: whole, path: path + [index], name: name), doc: nil, module: module)
      case .tuple(let inner, _): collectParts(inner, of: whole, path: path + [index], module: module)
      }
    }
  }

  @discardableResult
  private func addGlobal(_ name: Name, _ form: GlobalSyntax, doc: String?, module: Int) -> GlobalID {
    let id = GlobalID(program.globals.count)
    let placeholder = TypedExpression(.bool(true), type: .error, range: name.range)
    program.globals.append(
      GlobalDeclaration(
        name: name.text, module: module, type: .error,
        form: .derived(TypedBody(frame: FrameInfo(), expression: placeholder)), readsDecisions: false,
        doc: doc, range: name.range))
    globalSyntax.append((form, module))
    globalProgress.append(.waiting)
    _ = declare(name, .global(id), in: \.values, what: "name", module: module)
    return id
  }

  private func declare<Symbol>(
    _ name: Name, _ symbol: Symbol, in table: WritableKeyPath<ModuleSymbols, [String: Symbol]>,
    what: String, module: Int
  ) -> Bool {
    if let first = symbols[module][keyPath: table][name.text] {
      report(.declaredTwice(name, what: what, first: range(of: first)))
      return false
    }
    symbols[module][keyPath: table][name.text] = symbol
    return true
  }

  private func range<Symbol>(of symbol: Symbol) -> SourceRange? {
    switch symbol {
    case let symbol as TypeSymbol:
      switch symbol {
      case .enumeration(let id): program[id].range
      case .record(let id): program[id].range
      case .kind(let id): program[id].range
      }
    case let symbol as ValueSymbol:
      switch symbol {
      case .function(let id): program[id].range
      case .global(let id): program[id].range
      }
    case let id as RuleID: program[id].nameRange
    case let id as ScenarioID: program[id].range
    default: nil
    }
  }
}
