import Diagnostics
import PlacetSyntax
import Quantities

/// How typed expressions are put together, and what they tell about themselves.
extension TypeChecker {
  /// An expression that is decided by what decides its parts, and by `extra`.
  func node(
    _ form: TypedExpression.Form, _ type: Type, _ range: SourceRange, _ parts: [TypedExpression] = [],
    by extra: [String] = []
  ) -> TypedExpression {
    var decidedBy: [String] = []
    for name in parts.flatMap(\.decidedBy) + extra where decidedBy.count < 6 && !decidedBy.contains(name) {
      decidedBy.append(name)
    }
    return TypedExpression(form, type: type, range: range, decidedBy: decidedBy)
  }

  /// Stands for what was reported.
  func failed(_ range: SourceRange) -> TypedExpression {
    TypedExpression(.bool(false), type: .error, range: range)
  }

  func failed(_ diagnostic: Diagnostic, _ range: SourceRange) -> TypedExpression {
    report(diagnostic)
    return failed(range)
  }

  func retyped(_ e: TypedExpression, _ type: Type) -> TypedExpression {
    TypedExpression(e.form, type: type, range: e.range, decidedBy: e.decidedBy)
  }

  func textNode(_ text: String, _ range: SourceRange) -> TypedExpression {
    TypedExpression(.text(text), type: .text, range: range)
  }

  func localNode(_ binding: LocalBinding, at range: SourceRange) -> TypedExpression {
    narrowed(node(.local(binding.id), binding.type, range, by: binding.decidedBy))
  }

  func localNode(_ id: LocalID, _ type: Type, _ range: SourceRange, by: [String] = []) -> TypedExpression {
    node(.local(id), type, range, by: by)
  }

  /// A global, checked before it is used; one that needs itself is reported.
  func globalNode(_ id: GlobalID, at name: Name) -> TypedExpression {
    if globalProgress[id.index] == .running {
      let start = running.firstIndex(of: program[id].name) ?? 0
      report(.recursion(Array(running[start...]) + [program[id].name], at: name.range))
      return failed(name.range)
    }
    if globalProgress[id.index] == .waiting, isNotTooDeep(name.range) { checkGlobal(id) }
    let global = program[id]
    return narrowed(
      node(.global(id), global.type, name.range, by: global.readsDecisions ? [name.text] : []))
  }

  /// A field of an entity or a record; what a solution holds of it, if the base is read in one.
  func fieldNode(_ base: TypedExpression, _ index: Int, at range: SourceRange) -> TypedExpression {
    if case .inSolution(let solution, let inner) = base.form {
      let field = fieldNode(inner, index, at: range)
      return TypedExpression(.inSolution(solution, field), type: field.type, range: range)
    }
    switch base.type {
    case .entity(let kind):
      let isDecided = readsDecisions(kind, index)
      let field = program[kind].fields[index]
      return narrowed(
        node(.field(base, index), field.type, range, [base], by: isDecided ? [written(range)] : []))
    case .record(let record):
      return narrowed(node(.field(base, index), program[record].fields[index].type, range, [base]))
    default:
      return failed(range)
    }
  }

  /// Whether reading a field reads a decision; checks a derived field first.
  private func readsDecisions(_ kind: KindID, _ index: Int) -> Bool {
    let key = FieldKey(kind: kind, index: index)
    guard let syntax = fieldSyntax[kind]?[index].syntax else { return false }
    switch syntax.form {
    case .decision: return true
    case .given: return false
    case .derived(let type, _):
      if fieldProgress[key] == .running {
        readWhileRunning.insert(key)
        if type == nil {
          let name = "\(program[kind].name).\(syntax.name.text)"
          let start = running.firstIndex(of: name) ?? 0
          var cycle = Diagnostic.recursion(Array(running[start...]) + [name], at: syntax.name.range)
          cycle.notes = [cycle.notes.first ?? "", "help: state the type of the field"]
          report(cycle)
        }
        return assumedDecided.contains(key)
      }
      if fieldProgress[key] == nil, isNotTooDeep(syntax.name.range) { checkField(kind, index) }
      return program[kind].fields[index].isDecided
    }
  }

  /// What the author wrote, where it is short enough to be repeated.
  func written(_ range: SourceRange) -> String {
    let text = range.text
    if text.utf8.count <= 60, !text.contains("\n") { return text }
    return String(text.prefix { $0 != "\n" }.prefix(56)) + "…"
  }

  /// Whether one more body may be checked inside of those that wait for it.
  ///
  /// Bodies are checked in an order in which only what comes back to itself waits for long.
  func isNotTooDeep(_ range: SourceRange) -> Bool {
    if depth < 150 { return true }
    report(.recursion(Array(running.prefix(6)) + ["…"], at: range))
    return false
  }

  // MARK: None

  /// A name for a place that holds the same value throughout a body: `i.cell`, nil for a computed one.
  func path(of e: TypedExpression) -> String? {
    switch e.form {
    case .local(let id): "l\(id.index)"
    case .global(let id): "g\(id.index)"
    case .field(let base, let index), .element(let base, let index):
      path(of: base).map { "\($0).\(index)" }
    case .unwrapped(let inner): path(of: inner)
    default: nil
    }
  }

  /// `e` without its `?` where it is known not to be none.
  func narrowed(_ e: TypedExpression) -> TypedExpression {
    guard !frame.narrowed.isEmpty, case .optional(let inner) = e.type, let path = path(of: e),
      frame.narrowed.contains(path)
    else { return e }
    return node(.unwrapped(e), inner, e.range, [e])
  }

  /// The paths that are not none where the condition is `outcome`.
  func pathsPresent(_ condition: TypedExpression, when outcome: Bool) -> Set<String> {
    switch condition.form {
    case .not(let inner): return pathsPresent(inner, when: !outcome)
    case .binary(.and, let a, let b):
      return outcome ? pathsPresent(a, when: true).union(pathsPresent(b, when: true)) : []
    case .binary(.or, let a, let b):
      return outcome ? [] : pathsPresent(a, when: false).union(pathsPresent(b, when: false))
    case .binary(.implies, let a, let b):
      return outcome ? [] : pathsPresent(a, when: true).union(pathsPresent(b, when: false))
    case .binary(.notEqual, let a, let b): return outcome ? none(a, b) : equal(a, b)
    case .binary(.equal, let a, let b): return outcome ? equal(a, b) : none(a, b)
    default: return []
    }
  }

  /// The path that is compared with `none`.
  private func none(_ a: TypedExpression, _ b: TypedExpression) -> Set<String> {
    if case .none = b.form, let path = path(of: a) { return [path] }
    if case .none = a.form, let path = path(of: b) { return [path] }
    return []
  }

  /// The path of an optional that equals a value.
  private func equal(_ a: TypedExpression, _ b: TypedExpression) -> Set<String> {
    if case .some = b.form, let path = path(of: a) { return [path] }
    if case .some = a.form, let path = path(of: b) { return [path] }
    return []
  }

  // MARK: Lengths

  func shapeKey(of type: Type, _ field: String) -> String { "\(describe(type)).\(field)" }

  /// Whether the length of a collection would depend on a decision.
  func hasDecidedShape(_ e: TypedExpression) -> Bool {
    guard e.isDecided else { return false }
    switch e.form {
    case .list, .map: return false
    case .listEach(_, let sources), .mapEach(_, _, let sources):
      return sources.contains { source in
        if source.condition?.isDecided == true { return true }
        if case .elements(let collection) = source.form { return hasDecidedShape(collection) }
        return false
      }
    case .local(let id):
      for scope in frame.scopes {
        for binding in scope.values where binding.id == id { return binding.hasDecidedShape }
      }
      return false
    case .global(let id): return decidedShapes.contains("g\(id.index)")
    case .field(let base, let index):
      if base.isDecided { return true }
      guard case .entity(let kind) = base.type else { return false }
      let field = program[kind].fields[index]
      if case .derived = field.form { return decidedShapes.contains(shapeKey(of: base.type, field.name)) }
      return true
    case .call(let id, let arguments):
      return decidedShapes.contains("f\(id.index)") || arguments.contains(where: \.isDecided)
    case .native(let native, let arguments):
      switch native {
      case .reversed, .sorted, .pairs, .steps, .values: return arguments.contains(where: hasDecidedShape)
      default: return true
      }
    case .some(let inner), .unwrapped(let inner): return hasDecidedShape(inner)
    case .inSolution: return false
    default: return true
    }
  }
}
