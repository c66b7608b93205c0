import PlacetSyntax

/// Checks functions, values and derived fields before what mentions their names, so that a body rarely has
/// to be checked in the middle of another: chains of any length need no stack.
///
/// Names alone decide, which is more than what is needed and never less.
extension TypeChecker {
  private enum Body {
    case function(FunctionID)
    case global(GlobalID)
    case field(KindID, Int)
  }

  func checkInOrderOfNames() {
    var bodies: [Body] = []
    var mentioned: [[String]] = []
    var named: [String: [Int]] = [:]
    func add(_ body: Body, _ name: String, _ expressions: [Expression]) {
      named[name, default: []].append(bodies.count)
      bodies.append(body)
      var names: Set<String> = []
      for expression in expressions { expression.collectNames(into: &names) }
      mentioned.append(names.sorted())
    }
    for (index, syntax) in functionSyntax.enumerated() {
      add(
        .function(FunctionID(index)), syntax.item.name.text,
        syntax.item.lets.map(\.value) + [syntax.item.body])
    }
    for (index, syntax) in globalSyntax.enumerated() {
      switch syntax.form {
      case .binding(let item), .whole(let item):
        add(.global(GlobalID(index)), program.globals[index].name, [item.value])
      default: continue
      }
    }
    for kind in program.kinds.indices.map({ KindID($0) }) {
      for (index, field) in (fieldSyntax[kind] ?? []).enumerated() {
        if case .derived(_, let value)? = field.syntax?.form {
          add(.field(kind, index), field.syntax?.name.text ?? "", [value])
        }
      }
    }
    for index in Self.dependenciesFirst(mentioned.map { $0.flatMap { named[$0] ?? [] } }) {
      switch bodies[index] {
      case .function(let id): checkFunction(id)
      case .global(let id): checkGlobal(id)
      case .field(let kind, let field): checkField(kind, field)
      }
    }
  }

  /// Every node, those it leads to first where there is no circle; without recursion.
  private static func dependenciesFirst(_ edges: [[Int]]) -> [Int] {
    var order: [Int] = []
    var isSeen = [Bool](repeating: false, count: edges.count)
    for start in edges.indices where !isSeen[start] {
      isSeen[start] = true
      var stack = [(node: start, next: 0)]
      while let (node, next) = stack.last {
        guard next < edges[node].count else {
          order.append(node)
          stack.removeLast()
          continue
        }
        stack[stack.count - 1].next += 1
        let target = edges[node][next]
        if !isSeen[target] {
          isSeen[target] = true
          stack.append((target, 0))
        }
      }
    }
    return order
  }
}

extension Expression {
  /// Every name that the expression mentions: of values, functions, fields.
  func collectNames(into names: inout Set<String>) {
    switch self {
    case .number, .bool, .none, .this, .allOf, .invalid: return
    case .name(let name): names.insert(name.text)
    case .text(let segments, _):
      for case .interpolation(let inner) in segments { inner.collectNames(into: &names) }
    case .member(let base, let name, _, _):
      names.insert(name.text)
      base.collectNames(into: &names)
    case .call(let callee, let arguments, _):
      callee.collectNames(into: &names)
      for argument in arguments { argument.value.collectNames(into: &names) }
    case .callEach(let callee, let element, let sources, _):
      callee.collectNames(into: &names)
      element.collectNames(into: &names)
      Self.collectNames(sources, into: &names)
    case .index(let a, let b, _), .binary(_, let a, let b, _, _):
      a.collectNames(into: &names)
      b.collectNames(into: &names)
    case .unary(_, let inner, _), .set(let inner, _), .refuse(let inner, _), .lambda(_, let inner, _):
      inner.collectNames(into: &names)
    case .conditional(let a, let b, let c, _): for part in [a, b, c] { part.collectNames(into: &names) }
    case .tuple(let elements, _): for element in elements { element.value.collectNames(into: &names) }
    case .list(let elements, _): for element in elements { element.collectNames(into: &names) }
    case .listEach(let element, let sources, _):
      element.collectNames(into: &names)
      Self.collectNames(sources, into: &names)
    case .map(let entries, _):
      for entry in entries {
        entry.key.collectNames(into: &names)
        entry.value.collectNames(into: &names)
      }
    case .mapEach(let key, let value, let sources, _):
      key.collectNames(into: &names)
      value.collectNames(into: &names)
      Self.collectNames(sources, into: &names)
    case .match(let subject, let arms, _):
      subject.collectNames(into: &names)
      for arm in arms { arm.value.collectNames(into: &names) }
    }
  }

  private static func collectNames(_ sources: [EachSource], into names: inout Set<String>) {
    for source in sources {
      if case .elements(_, let collection) = source.form { collection.collectNames(into: &names) }
      source.condition?.collectNames(into: &names)
    }
  }
}
