import Diagnostics
import PlacetSyntax
import Quantities

/// Types as written become types as known.
extension TypeChecker {
  /// The type, and what stands after `in`: only where a value is declared that a check or a solver restricts.
  func resolveRestricted(_ syntax: TypeSyntax) -> (type: Type, within: Expression?) {
    if case .within(let base, let candidates, _) = syntax { return (resolve(base), candidates) }
    return (resolve(syntax), nil)
  }

  func resolve(_ syntax: TypeSyntax) -> Type {
    depth += 1
    defer { depth -= 1 }
    guard depth < 200 else {
      report(.tooDeep(at: syntax.range))
      return .error
    }
    switch syntax {
    case .named(let name, let divisors, let range): return named(name, dividedBy: divisors, at: range)
    case .optional(let inner, _):
      let type = resolve(inner)
      if case .optional = type { return type }
      return type == .error ? .error : .optional(type)
    case .within(let base, _, let range):
      report(
        .outOfPlace(
          "a type with 'in' stands at a field or a param", at: range,
          help: "leave out 'in', and state a condition"))
      return resolve(base)
    case .set(let inner, _): return .set(resolve(inner))
    case .list(let inner, _): return .list(resolve(inner))
    case .map(let key, let value, _): return .map(resolve(key), resolve(value))
    case .tuple(let slots, _): return tuple(slots)
    case .function(let parameters, let result, _):
      return .function(parameters.map(resolve), resolve(result))
    case .invalid: return .error
    }
  }

  private func tuple(_ slots: [(label: Name?, type: TypeSyntax)]) -> Type {
    let types = slots.map { resolve($0.type) }
    if slots.count == 1, slots[0].label == nil { return types[0] }
    guard slots.contains(where: { $0.label != nil }) else { return .tuple(types) }
    return .anonymous(zip(slots, types).map { Type.Labelled(label: $0.label?.text ?? "_", type: $1) })
  }

  private func named(_ name: DottedName, dividedBy divisors: [DottedName], at range: SourceRange) -> Type {
    if divisors.isEmpty, let type = simple(name) { return type }
    guard var result = dimension(named: name) else { return .error }
    for divisor in divisors {
      guard let dimension = dimension(named: divisor) else { return .error }
      result = result.divided(by: dimension)
    }
    return .quantity(result)
  }

  /// `int`, an enumeration, a record, a kind; nil where it may be a dimension.
  private func simple(_ name: DottedName) -> Type? {
    let found = find(name, in: \.types, from: frame.module)
    if found.count > 1, let last = name.parts.last {
      report(.ambiguous(last, candidates: found.map { describe(type(of: $0)) }))
    }
    if let symbol = found.first { return type(of: symbol) }
    return Self.simpleTypes[name.text]
  }

  static let simpleTypes: [String: Type] = [
    "bool": .bool, "int": .int, "float": .float, "text": .text, "ratio": .ratio, "rule": .rule,
  ]

  private func type(of symbol: TypeSymbol) -> Type {
    switch symbol {
    case .enumeration(let id): .enumeration(id)
    case .record(let id): .record(id)
    case .kind(let id): .entity(id)
    }
  }

  /// A dimension by its own name, or by the name of one of its units: `EUR`, `month`.
  private func dimension(named name: DottedName) -> Dimension? {
    if let dimension = program.units.dimensions[name.text] { return dimension }
    if let unit = program.units.units[name.text] { return unit.dimension }
    var known = Self.simpleTypes.keys.sorted() + names(in: \.types, from: frame.module)
    known += program.units.dimensionNames + program.units.unitNames
    report(.unknownType(Name(name.text, name.range), known: known))
    return nil
  }
}
