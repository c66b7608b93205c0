import Diagnostics
import PlacetSyntax
import Quantities

/// `int` to `ratio` and `T` to `T?`: the only conversions, spelt out in the tree.
extension TypeChecker {
  /// `e` as a value of `type`; nil where it is none.
  func conversion(of e: TypedExpression, to type: Type) -> TypedExpression? {
    if e.type == type { return e }
    switch (e.type, type) {
    case (.error, _), (_, .error): return retyped(e, .error)
    case (.never, _): return retyped(e, type)
    case (.nothing, .optional): return retyped(e, type)
    case (.int, .ratio):
      if case .int(let value) = e.form { return node(.quantity(Rational(value)), .ratio, e.range) }
      return node(.ratio(e), .ratio, e.range, [e])
    case (.int, .float):
      if case .int(let value) = e.form { return node(.float(Double(value)), .float, e.range) }
      if case .negate(let inner) = e.form, case .int(let value) = inner.form {
        return node(.float(-Double(value)), .float, e.range)
      }
      return nil
    case (.optional, .optional): return e.type.matches(type) ? retyped(e, type) : nil
    case (_, .optional(let inner)):
      return conversion(of: e, to: inner).map { node(.some($0), type, e.range, [$0]) }
    case (.list, .list(let inner)):
      guard case .list(let elements) = e.form else { break }
      return all(elements, to: inner).map { node(.list($0), type, e.range, $0) }
    case (.set, .set(let inner)):
      guard case .set(let elements) = e.form else { break }
      return all(elements, to: inner).map { node(.set($0), type, e.range, $0) }
    case (.tuple, .tuple(let types)):
      guard case .tuple(let elements) = e.form, elements.count == types.count else { break }
      let converted = zip(elements, types).compactMap { conversion(of: $0, to: $1) }
      return converted.count == types.count ? node(.tuple(converted), type, e.range, converted) : nil
    case (.range, .range(let inner)):
      guard case .range(let low, let high, let includesEnd) = e.form else { break }
      guard let low = conversion(of: low, to: inner), let high = conversion(of: high, to: inner) else {
        return nil
      }
      return node(.range(low, high, includesEnd: includesEnd), type, e.range, [low, high])
    default: break
    }
    return e.type.matches(type) ? retyped(e, type.hasError ? e.type : type) : nil
  }

  private func all(_ elements: [TypedExpression], to type: Type) -> [TypedExpression]? {
    let converted = elements.compactMap { conversion(of: $0, to: type) }
    return converted.count == elements.count ? converted : nil
  }

  /// The conversion, or a report of what was expected and what was found.
  func convert(
    _ e: TypedExpression, to type: Type, because: Diagnostic.Label? = nil
  ) -> TypedExpression {
    if let converted = conversion(of: e, to: type) { return converted }
    if case .optional(let inner) = e.type,
      inner.matches(type) || conversion(of: retyped(e, inner), to: type) != nil
    {
      return failed(optionalUsed(e, wanted: describe(type)), e.range)
    }
    let because = because.map { Diagnostic.Label($0.range, "\(describe(type)) is required here") }
    return failed(
      .mismatch(
        expected: describe(type), found: describe(e.type), at: e.range, because: because,
        help: conversionHelp(from: e, to: type)), e.range)
  }

  private func conversionHelp(from e: TypedExpression, to type: Type) -> String? {
    switch (e.type, type.unwrapped) {
    case (.int, .quantity(let dimension)), (.ratio, .quantity(let dimension)):
      let units = program.units.unitNames.filter { program.units.units[$0]?.dimension == dimension }
      if let unit = units.first(where: { _ in true }) {
        return "write the unit directly after the number: `\(written(e.range)) \(unit)`"
      }
      return nil
    case (.ratio, .int), (.float, .int): return "`round(x)`, `floor(x)` or `ceil(x)` gives an int"
    case (.list, .set): return "`.to_set`, or `set [ … ]`"
    case (.set, .list), (.range, .list): return "`.to_list`"
    default: return nil
    }
  }

  func optionalUsed(_ e: TypedExpression, wanted: String) -> Diagnostic {
    let text = written(e.range)
    return .optionalUsed(
      describe(e.type), wanted: wanted, at: e.range,
      help: "say what holds without it: `\(text) ?? …`, `\(text)?.…`, or ask `\(text) != none` first")
  }

  /// The type that both are values of, if there is one.
  func join(_ a: Type, _ b: Type) -> Type? {
    if a == b { return a }
    switch (a, b) {
    case (.error, _), (_, .error): return .error
    case (.never, let other), (let other, .never): return other
    case (.int, .ratio), (.ratio, .int): return .ratio
    case (.nothing, .optional(let t)), (.optional(let t), .nothing): return .optional(t)
    case (.nothing, let t), (let t, .nothing): return .optional(t)
    case (.optional(let t), .optional(let u)), (.optional(let t), let u), (let t, .optional(let u)):
      return join(t, u).map { .optional($0) }
    case (.tuple(let ts), .tuple(let us)) where ts.count == us.count:
      let joined = zip(ts, us).compactMap { join($0, $1) }
      return joined.count == ts.count ? .tuple(joined) : nil
    default: return a.matches(b) ? (a.hasError ? b : a) : nil
    }
  }

  /// All of one type; the first that fits none of the earlier is reported.
  func unify(_ values: [TypedExpression], what: String) -> (values: [TypedExpression], type: Type) {
    guard var type = values.first?.type else { return ([], .error) }
    for value in values.dropFirst() {
      guard let joined = join(type, value.type) else {
        report(
          .mismatch(
            expected: describe(type), found: describe(value.type), at: value.range,
            because: .init(values[0].range, "\(what) begin with \(describe(type))")))
        return (values, .error)
      }
      type = joined
    }
    return (values.map { conversion(of: $0, to: type) ?? $0 }, type)
  }
}
