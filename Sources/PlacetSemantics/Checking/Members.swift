import Diagnostics
import PlacetSyntax

/// `x.f`, `x?.f`, `x[i]`: fields, entities by path, members of modules and of solutions.
extension TypeChecker {
  func postfix(_ expression: Expression, hint: Type?) -> TypedExpression {
    switch expression {
    case .member(let base, let name, let isOptional, let range):
      return member(base, name, isOptional: isOptional, hint: hint, range)
    case .index(let base, let index, let range): return indexed(base, index, range)
    case .call(let callee, let arguments, let range): return self.call(callee, arguments, hint: hint, range)
    case .callEach(let callee, let element, let sources, let range):
      return callEach(callee, element, sources, hint: hint, range)
    default: return failed(expression.range)
    }
  }

  /// `a.b.c` as a dotted name, where no part is more than a name and the first is no local.
  func dotted(_ expression: Expression) -> DottedName? {
    switch expression {
    case .name(let name):
      guard frame.local(name.text) == nil else { return nil }
      return DottedName([name])
    case .member(let base, let name, false, _):
      guard let base = dotted(base) else { return nil }
      return DottedName(base.parts + [name])
    default: return nil
    }
  }

  // MARK: Members

  private func member(
    _ base: Expression, _ name: Name, isOptional: Bool, hint: Type?, _ range: SourceRange
  ) -> TypedExpression {
    if let qualified = qualified(base, name, hint: hint, range) { return qualified }
    if case .name(let plan) = base, plan.text == "plan", frame.place == .test, nearValue(plan) == nil,
      find("plan", in: \.values, from: frame.module).isEmpty
    {
      if name.text == "moves" { return node(.planMoves, .int, range) }
      return failed(.unknownMember(name, of: "the plan", known: ["moves"]), range)
    }
    let value = infer(base)
    guard value.type != .error else { return failed(range) }
    if case .optional(let inner) = value.type {
      guard isOptional else {
        return failed(optionalUsed(value, wanted: describe(inner)), range)
      }
      return chain(value, inner, range) { self.memberOrReport($0, name, range) }
    }
    return memberOrReport(value, name, range)
  }

  /// `law.eu`: a value or a rule of an imported module.
  private func qualified(
    _ base: Expression, _ name: Name, hint: Type?, _ range: SourceRange
  ) -> TypedExpression? {
    guard let prefix = dotted(base), symbols[frame.module].prefixes[prefix.text] != nil else { return nil }
    let whole = DottedName(prefix.parts + [name])
    if let symbol = find(whole, in: \.values, from: frame.module).first {
      switch symbol {
      case .global(let id): return globalNode(id, at: Name(name.text, range))
      case .function(let id): return functionNode(id, at: Name(name.text, range))
      }
    }
    if hint?.unwrapped == .rule, let rule = find(whole, in: \.rules, from: frame.module).first {
      return node(.rule(rule), .rule, range)
    }
    // A service may be called like the module that makes it.
    if prefix.parts.count == 1, let first = prefix.parts.first {
      if nearValue(first) != nil || !staticEntities(named: first.text).isEmpty { return nil }
      if !find(first.text, in: \.values, from: frame.module).isEmpty { return nil }
    }
    if symbols[frame.module].prefixes.keys.contains(where: {
      $0.hasPrefix("\(whole.text).") || $0 == whole.text
    }) {
      return nil
    }
    let known = (symbols[frame.module].prefixes[prefix.text] ?? []).flatMap { symbols[$0].values.keys }
    return failed(.unknownName(name, known: known.sorted(), what: "nothing in '\(prefix.text)'"), range)
  }

  /// `value?.…`: what `body` makes of the value where there is one.
  func chain(
    _ value: TypedExpression, _ inner: Type, _ range: SourceRange,
    _ body: (TypedExpression) -> TypedExpression
  ) -> TypedExpression {
    let slot = frame.addSlot("_", inner)
    let result = body(localNode(slot, inner, value.range, by: value.decidedBy))
    guard result.type != .error else { return failed(range) }
    let type: Type = result.type.isOptional ? result.type : .optional(result.type)
    return node(.optionalChain(value, slot, result), type, range, [value, result])
  }

  func memberOrReport(_ base: TypedExpression, _ name: Name, _ range: SourceRange) -> TypedExpression {
    if let value = memberIfPresent(base, name, range) { return value }
    return failed(
      .unknownMember(name, of: describeOwner(base), known: memberNames(of: base)), range)
  }

  private func describeOwner(_ base: TypedExpression) -> String {
    switch base.type {
    case .list: "a list"
    case .set: "a set"
    case .map: "a map"
    case .optional: "an optional"
    case .entity(let kind): "\(program[kind].name)"
    default: describe(base.type)
    }
  }

  /// Names that may stand after the dot, for suggestions and completion.
  func memberNames(of base: TypedExpression) -> [String] {
    switch base.type {
    case .entity(let kind):
      let nested = visibleWorlds.flatMap { $0.nested[kind].map { Array($0.keys) } ?? [] }
      return program[kind].fields.map(\.name) + nested.sorted()
    case .record(let id): return program[id].fields.map(\.name)
    case .anonymous(let fields): return fields.map(\.label)
    case .solution: return names(in: \.values, from: frame.module)
    default: return Self.propertyNames
    }
  }

  func memberIfPresent(_ base: TypedExpression, _ name: Name, _ range: SourceRange) -> TypedExpression? {
    switch base.type {
    case .error: return failed(range)
    case .entity(let kind):
      if let index = program[kind].fieldIndex(name.text) { return fieldNode(base, index, at: range) }
      return child(of: base, kind, name, range)
    case .record(let id):
      guard let index = program[id].fields.firstIndex(where: { $0.name == name.text }) else { return nil }
      return fieldNode(base, index, at: range)
    case .anonymous(let fields):
      guard let index = fields.firstIndex(where: { $0.label == name.text }) else { return nil }
      return narrowed(node(.element(base, index), fields[index].type, range, [base]))
    case .solution:
      let inner = inSolutionFrame { infer(.name(name)) }
      guard inner.type != .error else { return failed(range) }
      return TypedExpression(.inSolution(base, inner), type: inner.type, range: range)
    case .list(.anonymous(let fields)) where name.text == "rules" && fields.contains(Self.ruleLabel):
      return rules(ofWhy: base, fields, range)
    default: return property(base, name, range)
    }
  }

  /// Names after `a.` mean what they mean outside, read in the world of the solution.
  private func inSolutionFrame(_ body: () -> TypedExpression) -> TypedExpression {
    let scopes = frame.scopes
    frame.scopes = [[:]]
    defer { frame.scopes = scopes }
    return body()
  }

  static let ruleLabel = Type.Labelled(label: "rule", type: .rule)

  /// `why(x).rules`: the set of rules that speak.
  private func rules(
    ofWhy base: TypedExpression, _ fields: [Type.Labelled], _ range: SourceRange
  ) -> TypedExpression {
    let slot = frame.addSlot("_", .anonymous(fields))
    let index = fields.firstIndex(of: Self.ruleLabel) ?? 0
    let element = node(.element(localNode(slot, .anonymous(fields), range), index), .rule, range)
    let source = TypedSource(form: .elements(base), target: .local(slot), condition: nil, range: range)
    return node(.setEach(element, [source]), .set(.rule), range)
  }

  /// `vepc.sgw`: an entity nested in another, by its name.
  private func child(
    of base: TypedExpression, _ kind: KindID, _ name: Name, _ range: SourceRange
  ) -> TypedExpression? {
    var kinds: Set<KindID> = []
    for world in visibleWorlds { kinds.formUnion(world.nested[kind]?[name.text] ?? []) }
    guard let found = kinds.min(by: { $0.index < $1.index }) else { return nil }
    if kinds.count > 1 {
      let names = kinds.map { "the \(program[$0].name)" }.sorted()
      return failed(.ambiguous(name, candidates: names), range)
    }
    let make = { (base: TypedExpression) in
      self.node(
        .entityNamed(found, self.textNode(name.text, name.range), parent: base), .entity(found), range,
        [base])
    }
    if case .inSolution(let solution, let inner) = base.form {
      let entity = make(inner)
      return TypedExpression(.inSolution(solution, entity), type: entity.type, range: range)
    }
    return make(base)
  }

  // MARK: Indices

  private func indexed(_ base: Expression, _ index: Expression, _ range: SourceRange) -> TypedExpression {
    if let kind = indexedKind(base) {
      let name = check(index, as: .text)
      if name.isDecided, raisesDecided {
        report(.decidedWhereKnown("the name of an entity", name.decidedBy, at: name.range))
      }
      return node(.entityNamed(kind, name, parent: nil), .entity(kind), range, [name])
    }
    let base = infer(base)
    switch base.type {
    case .error:
      _ = infer(index)
      return failed(range)
    case .list(let element): return listIndex(base, element, index, range)
    case .map(let key, let value):
      let index = check(index, as: key)
      let type: Type = value.isOptional ? value : .optional(value)
      return narrowed(node(.index(base, index), type, range, [base, index]))
    case .solution:
      let inner = infer(index)
      guard inner.type != .error else { return failed(range) }
      return TypedExpression(.inSolution(base, inner), type: inner.type, range: range)
    case .optional: return failed(optionalUsed(base, wanted: "a list or a map"), range)
    default:
      return failed(
        .notIterable(describe(base.type), at: base.range, help: "lists and maps have an index"), range)
    }
  }

  /// `host["r1"]`: a kind, where no value of that name can be indexed.
  private func indexedKind(_ base: Expression) -> KindID? {
    if case .name(let name) = base {
      if let near = nearValue(name) {
        switch near.type {
        case .list, .map, .solution: return nil
        default: break
        }
      }
      return kindIfPresent(named: name.text)
    }
    guard let dotted = dotted(base), dotted.parts.count > 1 else { return nil }
    for symbol in find(dotted, in: \.types, from: frame.module) {
      if case .kind(let kind) = symbol { return kind }
    }
    return nil
  }

  private func listIndex(
    _ base: TypedExpression, _ element: Type, _ index: Expression, _ range: SourceRange
  ) -> TypedExpression {
    let index = infer(index, hint: .int)
    if index.type == .text, let (parent, kind) = childList(base) {
      return node(.entityNamed(kind, index, parent: parent), .entity(kind), range, [parent, index])
    }
    let converted = convert(index, to: .int)
    if converted.isDecided, raisesDecided {
      report(.decidedIndex(converted.decidedBy, at: converted.range))
    }
    return narrowed(node(.index(base, converted), element, range, [base, converted]))
  }

  /// `d.instances`, a list of children that can be found by name.
  private func childList(_ list: TypedExpression) -> (parent: TypedExpression, kind: KindID)? {
    guard case .field(let parent, let index) = list.form, case .entity(let kind) = parent.type,
      case .children(let child) = childForm(kind, index)
    else { return nil }
    return (parent, child)
  }

  /// What stands in a field, known also before its body is checked.
  func childForm(_ kind: KindID, _ index: Int) -> FieldDeclaration.Form { program[kind].fields[index].form }
}
