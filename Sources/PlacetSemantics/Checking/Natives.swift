import Diagnostics
import PlacetSyntax
import Quantities

/// Functions with native backing, by the names under which policies call them.
extension TypeChecker {
  static let nativeParameters: [String: [String]] = [
    "abs": ["x"], "floor": ["x", "to"], "ceil": ["x", "to"], "round": ["x", "to"], "to_float": ["x"],
    "pairs": ["of"], "steps": ["of"], "reach": ["from", "along"], "union": ["a", "b"],
    "intersection": ["a", "b"], "difference": ["a", "b"], "is_subset": ["a", "of"],
    "contains": ["in", "text"], "starts_with": ["x", "with"], "ends_with": ["x", "with"],
    "split": ["x", "by"], "join": ["of", "by"], "int_of": ["text"], "distance": ["a", "b"],
    "at_most": ["n", "of"], "at_least": ["n", "of"], "exactly": ["n", "of"],
    "between": ["x", "low", "high"], "table": ["of", "rows"], "path": ["of", "along"],
    "pack": ["of", "into", "at", "size", "room"], "precedes": ["a", "b"],
  ]

  static let nativeNames = nativeParameters.keys.sorted()

  /// A call of a native function, nil where the name is none.
  func native(
    _ name: Name, receiver: TypedExpression?, _ arguments: [ArgumentSyntax], _ hint: Type?,
    _ range: SourceRange
  ) -> TypedExpression? {
    if receiver == nil, let result = aggregateCall(name, arguments, hint, range) { return result }
    guard let names = Self.nativeParameters[name.text] else { return nil }
    let parameters = names.map {
      Parameter(name: $0, type: .error, isOptional: $0 == "to" && names[0] == "x")
    }
    let count = diagnostics.count
    let given = match(arguments, to: parameters, receiver: receiver, of: "'\(name.text)'", at: range)
    guard diagnostics.count == count else { return failed(range) }
    return native(name.text, given, hint, range)
  }

  private func native(
    _ name: String, _ given: [Given], _ hint: Type?, _ range: SourceRange
  ) -> TypedExpression {
    switch name {
    case "abs": magnitude(given, hint, range)
    case "floor": rounded(.floor, .floorTo, given, range)
    case "ceil": rounded(.ceil, .ceilTo, given, range)
    case "round": rounded(.round, .roundTo, given, range)
    case "to_float": toFloat(given, range)
    case "pairs": neighbours(.pairs, given, range)
    case "steps": neighbours(.steps, given, range)
    case "reach": reach(given, range)
    case "union": sets(.union, given, range)
    case "intersection": sets(.intersection, given, range)
    case "difference": sets(.difference, given, range)
    case "is_subset": sets(.isSubset, given, range)
    case "contains": texts(.textContains, given, .bool, range)
    case "starts_with": texts(.startsWith, given, .bool, range)
    case "ends_with": texts(.endsWith, given, .bool, range)
    case "split": texts(.split, given, .list(.text), range)
    case "join": simple(.join, given, [.list(.text), .text], .text, range)
    case "int_of": simple(.parseInt, given, [.text], .optional(.int), range)
    case "distance": distance(given, range)
    case "at_most": simple(.atMost, given, [.int, .list(.bool)], .bool, range)
    case "at_least": simple(.atLeast, given, [.int, .list(.bool)], .bool, range)
    case "exactly": simple(.exactly, given, [.int, .list(.bool)], .bool, range)
    case "between": between(given, range)
    case "path": path(given, range)
    case "pack": pack(given, range)
    case "precedes": precedes(given, range)
    default: table(given, range)
    }
  }

  func value(_ given: Given, hint: Type? = nil, _ range: SourceRange) -> TypedExpression {
    switch given {
    case .given(let expression): infer(expression, hint: hint)
    case .typed(let value): value
    case .missing: failed(range)
    }
  }

  private func value(_ given: Given, as type: Type, _ range: SourceRange) -> TypedExpression {
    convert(value(given, hint: type, range), to: type)
  }

  private func simple(
    _ native: Native, _ given: [Given], _ types: [Type], _ result: Type, _ range: SourceRange
  ) -> TypedExpression {
    let values = zip(given, types).map { value($0, as: $1, range) }
    return node(.native(native, values), result, range, values)
  }

  private func texts(
    _ native: Native, _ given: [Given], _ result: Type, _ range: SourceRange
  ) -> TypedExpression {
    simple(native, given, [.text, .text], result, range)
  }

  // MARK: Numbers

  func wrong(_ name: String, _ value: TypedExpression, _ range: SourceRange) -> TypedExpression {
    if value.type == .error { return failed(range) }
    if case .optional = value.type { return failed(optionalUsed(value, wanted: "a value"), range) }
    return failed(.wrongOperands(name, describe(value.type), nil, at: value.range), range)
  }

  private func magnitude(_ given: [Given], _ hint: Type?, _ range: SourceRange) -> TypedExpression {
    let x = value(given[0], hint: hint, range)
    guard x.type.isNumber else { return wrong("abs", x, range) }
    return node(.native(.abs, [x]), x.type, range, [x])
  }

  private func rounded(
    _ plain: Native, _ toStep: Native, _ given: [Given], _ range: SourceRange
  ) -> TypedExpression {
    let x = value(given[0], range)
    if case .missing = given[1] {
      switch x.type {
      case .ratio, .float: return node(.native(plain, [x]), .int, range, [x])
      case .int: return x
      case .quantity(let dimension):
        let unit = program.units.unitNames.first { program.units.units[$0]?.dimension == dimension }
        return failed(
          .wrongArgument(
            "say to which step: `\(plain.rawValue)(x, to: 1 \(unit ?? "…"))`", at: range, "no step"), range)
      default: return wrong(plain.rawValue, x, range)
      }
    }
    guard case .quantity = x.type else {
      if x.type == .int, let widened = conversion(of: x, to: .ratio) {
        let step = value(given[1], as: .ratio, range)
        return node(.native(toStep, [widened, step]), .ratio, range, [widened, step])
      }
      return wrong(plain.rawValue, x, range)
    }
    let step = value(given[1], as: x.type, range)
    return node(.native(toStep, [x, step]), x.type, range, [x, step])
  }

  private func toFloat(_ given: [Given], _ range: SourceRange) -> TypedExpression {
    let x = value(given[0], range)
    guard x.type == .int || x.type == .ratio else { return wrong("to_float", x, range) }
    return node(.native(.toFloat, [x]), .float, range, [x])
  }

  private func between(_ given: [Given], _ range: SourceRange) -> TypedExpression {
    let x = value(given[0], range)
    let values = [x, value(given[1], hint: x.type, range), value(given[2], hint: x.type, range)]
    let (unified, type) = unify(values, what: "the arguments")
    if type == .error { return failed(range) }
    guard type.isOrdered else { return wrong("between", x, range) }
    return node(.native(.between, unified), .bool, range, unified)
  }

  // MARK: Collections

  private func neighbours(_ native: Native, _ given: [Given], _ range: SourceRange) -> TypedExpression {
    let xs = value(given[0], range)
    guard case .list(let element) = xs.type else { return wrong(native.rawValue, xs, range) }
    return node(.native(native, [xs]), .list(.tuple([element, element])), range, [xs])
  }

  private func reach(_ given: [Given], _ range: SourceRange) -> TypedExpression {
    let start = value(given[0], range)
    guard case .list(let element) = start.type else { return wrong("reach", start, range) }
    let along = value(given[1], as: .function([element], .list(element)), range)
    for part in [start, along] where part.isDecided && raisesDecided {
      report(.decidedWhereKnown("what `reach` walks along", part.decidedBy, at: part.range))
    }
    return node(.native(.reach, [start, along]), start.type, range, [start, along])
  }

  private func sets(_ native: Native, _ given: [Given], _ range: SourceRange) -> TypedExpression {
    let a = value(given[0], range)
    guard case .set = a.type else { return wrong(native.rawValue, a, range) }
    let b = value(given[1], as: a.type, range)
    return node(.native(native, [a, b]), native == .isSubset ? .bool : a.type, range, [a, b])
  }

  private func table(_ given: [Given], _ range: SourceRange) -> TypedExpression {
    let xs = value(given[0], range)
    guard case .list = xs.type else { return wrong("table", xs, range) }
    let rows = value(given[1], as: .list(xs.type), range)
    if rows.isDecided, raisesDecided {
      report(.decidedWhereKnown("the rows of a table", rows.decidedBy, at: rows.range))
    }
    return node(.native(.table, [xs, rows]), .bool, range, [xs, rows])
  }

  /// `precedes(a, b)`: a stands no later than b in lexicographic order.
  private func precedes(_ given: [Given], _ range: SourceRange) -> TypedExpression {
    let a = value(given[0], range)
    let (both, type) = unify([a, value(given[1], hint: a.type, range)], what: "the arguments")
    if type == .error { return failed(range) }
    guard hasOrder(type) else {
      return failed(.wrongOperands("precedes", describe(type), nil, at: a.range), range)
    }
    return node(.native(.precedes, both), .bool, range, both)
  }

  /// Whether `precedes` knows which of two values comes first.
  private func hasOrder(_ type: Type) -> Bool {
    switch type {
    case .bool, .entity: true
    case .enumeration(let id): program[id].cases.allSatisfy(\.members.isEmpty)
    case .list(let inner), .optional(let inner): hasOrder(inner)
    case .tuple(let types): types.allSatisfy(hasOrder)
    default: type.isOrdered
    }
  }

  // MARK: Geometry

  private func distance(_ given: [Given], _ range: SourceRange) -> TypedExpression {
    let place = Type.tuple([.float, .float])
    guard let dimension = program.units.dimensions["distance"] else {
      return failed(.wrongDefinition("no dimension 'distance' is declared", at: range), range)
    }
    return simple(.distance, given, [place, place], .quantity(dimension), range)
  }
}
