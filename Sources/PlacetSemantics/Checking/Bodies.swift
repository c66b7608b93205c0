import Diagnostics
import PlacetSyntax

/// Bodies of fields, functions and globals, checked when first needed.
extension TypeChecker {
  // MARK: Fields

  func checkFields(of id: KindID) {
    for index in program[id].fields.indices { checkField(id, index) }
  }

  func checkField(_ id: KindID, _ index: Int) {
    let key = FieldKey(kind: id, index: index)
    guard let (syntax, module) = fieldSyntax[id].map({ $0[index] }), let syntax else { return }
    guard fieldProgress[key] == nil else { return }
    fieldProgress[key] = .running
    running.append("\(program[id].name).\(syntax.name.text)")
    defer {
      running.removeLast()
      fieldProgress[key] = .done
    }
    let checked = check(syntax, declared: program[id].fields[index], this: .entity(id), module: module)
    program.kinds[id.index].fields[index] = checked
  }

  func checkFields(of id: RecordID) {
    let (item, module) = recordSyntax[id.index]
    for syntax in item.fields {
      guard let index = program[id].fields.firstIndex(where: { $0.range == syntax.name.range }) else {
        continue
      }
      let declared = program[id].fields[index]
      program.records[id.index].fields[index] = check(
        syntax, declared: declared, this: .record(id), module: module)
    }
  }

  private func check(
    _ syntax: FieldSyntax, declared: FieldDeclaration, this: Type, module: Int
  ) -> FieldDeclaration {
    var field = declared
    switch syntax.form {
    case .given(let written, let condition, let value):
      if let candidates = resolvedWithin(written) {
        field.within = body(this, module) { self.checkCandidates(candidates, of: field.type) }
      }
      let test = condition.map { condition in
        body(this, module) { self.check(condition, as: .bool) }
      }
      let value = value.map { value in
        let this: Type? = if case .record = this { nil } else { this }
        return body(this, module) { self.check(value, as: field.type, because: .init(declared.range, "")) }
      }
      field.form = .given(defaultValue: value, condition: test)
    case .derived(let type, let value):
      let value = body(this, module) {
        type == nil ? self.infer(value) : self.check(value, as: field.type)
      }
      if type == nil { field.type = definite(value.expression) }
      field.form = .derived(value)
      field.isDecided = value.expression.isDecided
      if hasDecidedShape(value.expression) { decidedShapes.insert(shapeKey(of: this, field.name)) }
    case .decision(let written, let condition, let value):
      field.isDecided = true
      field.form = decision(field, written, condition, value, this: this, module: module)
    }
    return field
  }

  private func resolvedWithin(_ type: TypeSyntax) -> Expression? {
    if case .within(_, let candidates, _) = type { return candidates }
    return nil
  }

  private func decision(
    _ field: FieldDeclaration, _ written: TypeSyntax, _ condition: Expression?, _ value: Expression?,
    this: Type, module: Int
  ) -> FieldDeclaration.Form {
    let candidates = resolvedWithin(written).map { candidates in
      body(this, module) { self.checkCandidates(candidates, of: field.type) }
    }
    judgeDecidable(field.type, hasCandidates: candidates != nil, at: written.range)
    let test = condition.map { condition in
      body(this, module) {
        self.bind(Name(field.name, field.range), field.type.unwrapped)
        return self.check(condition, as: .bool)
      }
    }
    let preferred = value.map { value in
      body(this, module) {
        let value = self.infer(value, hint: field.type)
        return self.conversion(of: value, to: field.type)
          ?? self.convert(value, to: .optional(field.type.unwrapped))
      }
    }
    return .decision(within: candidates, condition: test, preferred: preferred)
  }

  private func judgeDecidable(_ type: Type, hasCandidates: Bool, at range: SourceRange) {
    switch type.unwrapped {
    case .bool, .entity, .error: return
    case .enumeration(let id) where program[id].cases.allSatisfy(\.members.isEmpty): return
    case .enumeration:
      report(
        .undecidable(describe(type), at: range, help: "only an enumeration without payload can be decided"))
    case .float:
      report(.undecidable("float", at: range, help: "use an exact quantity, or a ratio"))
    case .function, .solution, .rule:
      report(.undecidable(describe(type), at: range, help: "decide a value"))
    default:
      guard !hasCandidates else { return }
      report(
        .undecidable(
          describe(type), at: range,
          help: "say them after 'in': `\(describe(type)) in \(type == .int ? "1..8" : "[…]")`"))
    }
  }

  /// `1..8`, a list or a set of what the type holds.
  func checkCandidates(_ candidates: Expression, of type: Type) -> TypedExpression {
    let element = type.unwrapped
    let found = infer(candidates, hint: .list(element))
    switch found.type {
    case .error: return found
    case .list(let inner), .set(let inner), .range(let inner):
      if inner.matches(element) { return found }
      if let converted = conversion(of: found, to: replacingElement(of: found.type, by: element)) {
        return converted
      }
      report(
        .mismatch(
          expected: "candidates of \(describe(element))", found: describe(found.type), at: found.range))
    default:
      report(
        .mismatch(
          expected: "a range, list or set of \(describe(element))", found: describe(found.type),
          at: found.range))
    }
    return found
  }

  private func replacingElement(of type: Type, by element: Type) -> Type {
    switch type {
    case .list: .list(element)
    case .set: .set(element)
    case .range: .range(element)
    default: type
    }
  }

  /// An expression with a frame of its own, in which local 0 is `this` where there is one.
  func body(
    _ this: Type?, _ module: Int, place: Place = .field, _ check: () -> TypedExpression
  ) -> TypedBody {
    let inner = Frame(module: module, place: place)
    if let this {
      inner.this = this
      _ = inner.addSlot("this", this)
    }
    let expression = within(inner, check)
    return TypedBody(frame: inner.info, expression: expression)
  }

  /// The type of a value that a name is to have; what none alone or an empty list is, nobody can tell.
  func definite(_ value: TypedExpression) -> Type {
    switch value.type {
    case .nothing:
      report(.unknownInference("what may be there", at: value.range, help: "state the type"))
      return .error
    case .never:
      report(.unknownInference("the type", at: value.range, help: "state the type"))
      return .error
    default: return value.type
    }
  }

  // MARK: Functions

  func checkFunction(_ id: FunctionID) {
    guard functionProgress[id.index] == .waiting else { return }
    functionProgress[id.index] = .running
    let (item, module) = functionSyntax[id.index]
    running.append(item.name.text)
    defer {
      running.removeLast()
      functionProgress[id.index] = .done
    }
    let inner = Frame(module: module, place: .function)
    within(inner) {
      bindParameters(item.parameters, program[id].parameterTypes)
      var lets: [(BindTarget, TypedExpression)] = []
      for item in item.lets { lets.append(checkLet(item)) }
      let body =
        item.result == nil
        ? infer(item.body) : check(item.body, as: program[id].resultType)
      var function = program.functions[id.index]
      if item.result == nil { function.resultType = definite(body) }
      function.lets = lets
      function.body = body
      function.readsDecisions = body.isDecided
      if hasDecidedShape(body) { decidedShapes.insert("f\(id.index)") }
      function.frame = inner.info
      program.functions[id.index] = function
    }
  }

  func bindParameters(_ parameters: [ParameterSyntax], _ types: [Type]) {
    for (parameter, type) in zip(parameters, types) {
      if frame.local(parameter.name.text) == nil {
        bind(parameter.name, type)
      } else {
        _ = frame.addSlot(parameter.name.text, type)
      }
    }
    // Defaults are checked where a call leaves the argument out; here only that they fit.
    for (parameter, type) in zip(parameters, types) {
      guard let value = parameter.value else { continue }
      _ = body(nil, frame.module) { self.check(value, as: type) }
    }
  }

  /// A `let`: its value, and its names bound to slots of this frame.
  func checkLet(_ item: LetStatement) -> (BindTarget, TypedExpression) {
    let value =
      item.type.map { check(item.value, as: resolve($0)) } ?? infer(item.value)
    let type = item.type == nil ? definite(value) : value.type
    let known = frame.decisionsAreKnown && !frame.isQuantified
    let target = bindPattern(
      item.pattern, type, decidedBy: known ? [] : value.decidedBy,
      hasDecidedShape: !known && hasDecidedShape(value))
    return (target, value)
  }

  /// Binds the names of a pattern to the parts of a value.
  func bindPattern(
    _ pattern: BindingPattern, _ type: Type, decidedBy: [String], hasDecidedShape: Bool = false
  ) -> BindTarget {
    switch pattern {
    case .name(let name) where name.text == "_": return .ignore
    case .name(let name):
      return .local(bind(name, type, decidedBy: decidedBy, hasDecidedShape: hasDecidedShape))
    case .tuple(let parts, let range):
      let types = partTypes(of: type)
      if type != .error, types?.count != parts.count {
        report(
          .wrongPattern(
            "\(describe(type)) does not fall into \(parts.count) parts", at: range))
      }
      let fits = types?.count == parts.count
      return .tuple(
        parts.enumerated().map { index, part in
          bindPattern(part, fits ? (types?[index] ?? .error) : .error, decidedBy: decidedBy)
        })
    }
  }

  func partTypes(of type: Type) -> [Type]? {
    switch type {
    case .tuple(let types): types
    case .anonymous(let fields): fields.map(\.type)
    default: nil
    }
  }

  // MARK: Globals

  func checkGlobal(_ id: GlobalID) {
    guard globalProgress[id.index] == .waiting else { return }
    globalProgress[id.index] = .running
    let (form, module) = globalSyntax[id.index]
    running.append(program[id].name)
    defer {
      running.removeLast()
      globalProgress[id.index] = .done
    }
    switch form {
    case .binding(let item), .whole(let item): checkGlobal(id, item, module)
    case .part(let whole, let path, let name): checkPart(id, of: whole, path: path, name: name, module)
    case .param(let item): checkParam(id, item, module)
    case .rows(let item):
      let inner = Frame(module: module, place: .topLevel)
      let load = within(inner) { checkLoad(item, target: .global(id), type: program[id].type) }
      program.globals[id.index].form = .rows(load, inner.info)
    }
  }

  private func checkGlobal(_ id: GlobalID, _ item: LetStatement, _ module: Int) {
    let declared = program[id].type
    let value = body(nil, module, place: .global) {
      item.type == nil ? self.infer(item.value) : self.check(item.value, as: declared)
    }
    if item.type == nil { program.globals[id.index].type = definite(value.expression) }
    if case .tuple(let parts, _) = item.pattern, program[id].type != .error,
      partTypes(of: program[id].type)?.count != parts.count
    {
      report(
        .wrongPattern(
          "\(describe(program[id].type)) does not fall into \(parts.count) parts", at: item.pattern.range))
    }
    finish(id, value)
  }

  private func finish(_ id: GlobalID, _ value: TypedBody) {
    program.globals[id.index].form = .derived(value)
    program.globals[id.index].readsDecisions = value.expression.isDecided
    if hasDecidedShape(value.expression) { decidedShapes.insert("g\(id.index)") }
  }

  private func checkPart(
    _ id: GlobalID, of whole: GlobalID, path: [Int], name: Name, _ module: Int
  ) {
    let value = body(nil, module, place: .global) {
      var value = self.globalNode(whole, at: name)
      for index in path {
        let type = self.partTypes(of: value.type).flatMap { index < $0.count ? $0[index] : nil } ?? .error
        value = self.node(.element(value, index), type, name.range, [value])
      }
      return value
    }
    program.globals[id.index].type = value.expression.type
    finish(id, value)
  }

  private func checkParam(_ id: GlobalID, _ item: ParamStatement, _ module: Int) {
    let (type, candidates) = (program[id].type, resolvedWithin(item.type))
    let allowed = candidates.map { candidates in
      body(nil, module, place: .global) { self.checkCandidates(candidates, of: type) }
    }
    let value = item.value.map { value in
      body(nil, module, place: .global) { self.check(value, as: type) }
    }
    program.globals[id.index].form = .param(defaultValue: value, allowed: allowed)
  }
}

extension BindingPattern {
  var range: SourceRange {
    switch self {
    case .name(let name): name.range
    case .tuple(_, let range): range
    }
  }
}
