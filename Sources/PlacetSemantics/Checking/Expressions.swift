import Diagnostics
import PlacetSyntax
import Quantities

/// Expressions: what is expected flows down (`hint`), what is found flows up.
extension TypeChecker {
  /// The expression as a value of `type`.
  func check(
    _ expression: Expression, as type: Type, because: Diagnostic.Label? = nil
  ) -> TypedExpression {
    convert(infer(expression, hint: type), to: type, because: because)
  }

  /// The expression with the type that it has by itself; `hint` helps where that is open.
  func infer(_ expression: Expression, hint: Type? = nil) -> TypedExpression {
    depth += 1
    defer { depth -= 1 }
    guard depth < 200 else {
      if depth == 200 { report(.tooDeep(at: expression.range)) }
      return failed(expression.range)
    }
    switch expression {
    case .number(let digits, let unit, let range): return number(digits, unit, hint, range)
    case .text(let segments, let range): return text(segments, range)
    case .bool(let value, let range): return node(.bool(value), .bool, range)
    case .none(let range): return node(.none, .nothing, range)
    case .this(let range): return this(range)
    case .name(let name): return inferName(name, hint: hint)
    case .member, .index, .call, .callEach: return postfix(expression, hint: hint)
    case .unary(let symbol, let operand, let range): return unary(symbol, operand, hint, range)
    case .binary(let symbol, let a, let b, let symbolRange, let range):
      return binary(symbol, a, b, hint: hint, at: symbolRange, range)
    case .conditional(let condition, let yes, let no, let range):
      return conditional(condition, yes, no, hint, range)
    case .lambda(let parameters, let body, let range): return lambda(parameters, body, hint, range)
    case .tuple(let elements, let range): return tuple(elements, hint, range)
    case .list(let elements, let range): return list(elements, hint, range)
    case .listEach(let element, let sources, let range): return listEach(element, sources, hint, range)
    case .map(let entries, let range): return map(entries, hint, range)
    case .mapEach(let key, let value, let sources, let range):
      return mapEach(key, value, sources, hint, range)
    case .set(let inner, let range): return set(inner, hint, range)
    case .allOf(let name, let range):
      guard let kind = kind(named: name) else { return failed(range) }
      return node(.allOf(kind), .list(.entity(kind)), range)
    case .refuse(let reason, let range):
      let reason = check(reason, as: .text)
      return node(.refuse(reason), .never, range, [reason])
    case .match(let subject, let arms, let range): return match(subject, arms, hint, range)
    case .invalid(let range): return failed(range)
    }
  }

  private func number(_ digits: String, _ unit: Name?, _ hint: Type?, _ range: SourceRange) -> TypedExpression
  {
    if unit == nil {
      if hint?.unwrapped == .float {
        guard let value = Double(digits.filter { $0 != "_" }) else {
          return failed(.numberTooLarge(at: range), range)
        }
        return node(.float(value), .float, range)
      }
      if !digits.contains(".") {
        guard let value = Int(digits.filter { $0 != "_" }) else {
          return failed(.numberTooLarge(at: range), range)
        }
        return node(.int(value), .int, range)
      }
    }
    guard let (amount, dimension) = amount(digits: digits, unit: unit, at: range) else {
      return failed(range)
    }
    return node(.quantity(amount), .quantity(dimension), range)
  }

  func text(_ segments: [TextSegment], _ range: SourceRange) -> TypedExpression {
    var parts: [TypedExpression] = []
    for segment in segments {
      switch segment {
      case .literal(let text): parts.append(textNode(text, range))
      case .interpolation(let expression):
        let part = infer(expression)
        switch part.type {
        case .function, .solution, .nothing:
          report(.mismatch(expected: "something to write", found: describe(part.type), at: part.range))
        default: break
        }
        parts.append(part)
      }
    }
    if parts.isEmpty { return textNode("", range) }
    if parts.count == 1, case .text = parts[0].form { return parts[0] }
    return node(.interpolation(parts), .text, range, parts)
  }

  private func this(_ range: SourceRange) -> TypedExpression {
    guard let type = frame.this else {
      return failed(
        .outOfPlace("'this' stands inside the declaration of an entity or a record", at: range), range)
    }
    return localNode(LocalID(0), type, range)
  }

  private func conditional(
    _ condition: Expression, _ yes: Expression, _ no: Expression, _ hint: Type?, _ range: SourceRange
  ) -> TypedExpression {
    let condition = check(condition, as: .bool)
    let yes = inScope {
      frame.narrowed.formUnion(pathsPresent(condition, when: true))
      return infer(yes, hint: hint)
    }
    let no = inScope {
      frame.narrowed.formUnion(pathsPresent(condition, when: false))
      return infer(no, hint: hint ?? yes.type)
    }
    let (values, type) = unify(fitting([yes, no], hint), what: "the branches")
    return node(
      .conditional(condition, then: values[0], otherwise: values[1]), type, range, [condition] + values)
  }

  /// Each converted to the hint, where all of them can be.
  func fitting(_ values: [TypedExpression], _ hint: Type?) -> [TypedExpression] {
    guard let hint else { return values }
    let converted = values.compactMap { conversion(of: $0, to: hint) }
    return converted.count == values.count ? converted : values
  }

  private func lambda(
    _ parameters: [Name], _ body: Expression, _ hint: Type?, _ range: SourceRange
  ) -> TypedExpression {
    guard case .function(let types, let result)? = hint?.unwrapped else {
      if hint == .error { return failed(range) }
      return failed(
        .unknownInference(
          "the types of the parameters", at: range, help: "a lambda stands where a function is expected"),
        range)
    }
    guard types.count == parameters.count else {
      return failed(
        .wrongArgument(
          "a function of \(types.count) is expected", at: range, "takes \(parameters.count)"), range)
    }
    return inScope {
      let locals = zip(parameters, types).map { bindParameter($0, $1) }
      let hint: Type? = result == .error ? nil : result
      let body = hint.map { check(body, as: $0) } ?? infer(body)
      return node(
        .lambda(.init(parameters: locals, body: body)), .function(types, body.type), range, [body])
    }
  }

  /// A parameter of a lambda: `_` takes a slot without a name.
  func bindParameter(_ name: Name, _ type: Type, decidedBy: [String] = []) -> LocalID {
    name.text == "_" ? frame.addSlot("_", type) : bind(name, type, decidedBy: decidedBy)
  }

  private func tuple(_ elements: [ArgumentSyntax], _ hint: Type?, _ range: SourceRange) -> TypedExpression {
    let hint = hint?.unwrapped
    if elements.count == 1, elements[0].label == nil { return infer(elements[0].value, hint: hint) }
    if elements.isEmpty {
      return failed(
        .unknownInference("what stands in these brackets", at: range, help: "write a value"), range)
    }
    let hints = hint.flatMap(partTypes(of:))
    let values = elements.enumerated().map { index, element in
      infer(element.value, hint: hints.flatMap { index < $0.count ? $0[index] : nil })
    }
    let labels = elements.map(\.label)
    var fits = hints?.count == values.count
    if case .anonymous(let wanted)? = hint { fits = fits && wanted.map(\.label) == labels.map { $0?.text } }
    let fitted = fits ? zip(values, hints ?? []).map { conversion(of: $0, to: $1) ?? $0 } : values
    for value in fitted { _ = definite(value) }
    if labels.allSatisfy({ $0 == nil }) {
      return node(.tuple(fitted), .tuple(fitted.map(\.type)), range, fitted)
    }
    var seen: [String: SourceRange] = [:]
    for (element, label) in zip(elements, labels) {
      guard let label else {
        return failed(
          .wrongArgument("every part has a label or none has", at: element.value.range, "no label"), range)
      }
      if let first = seen.updateValue(label.range, forKey: label.text) {
        report(.declaredTwice(label, what: "label", first: first))
      }
    }
    let fields = zip(labels, fitted).map { Type.Labelled(label: $0?.text ?? "", type: $1.type) }
    return node(.record(fitted), .anonymous(fields), range, fitted)
  }

  // MARK: Collections

  private func elementHint(_ hint: Type?) -> Type? {
    switch hint?.unwrapped {
    case .list(let element), .set(let element), .range(let element): element == .error ? nil : element
    default: nil
    }
  }

  private func list(_ elements: [Expression], _ hint: Type?, _ range: SourceRange) -> TypedExpression {
    var element = elementHint(hint)
    guard !elements.isEmpty else {
      if case .map(let key, let value)? = hint?.unwrapped {
        return node(.map([]), .map(key, value), range)
      }
      if hint == .error { return failed(range) }
      guard let element else {
        return failed(
          .unknownInference("what this list holds", at: range, help: "state the type: `let xs: [int] = []`"),
          range)
      }
      return node(.list([]), .list(element), range)
    }
    var values: [TypedExpression] = []
    for expression in elements {
      let value = infer(expression, hint: element)
      if element == nil, value.type != .error, value.type != .nothing { element = value.type }
      values.append(value)
    }
    let (unified, type) = unify(fitting(values, elementHint(hint)), what: "the elements")
    return node(.list(unified), type == .error ? .error : .list(type), range, unified)
  }

  private func listEach(
    _ element: Expression, _ sources: [EachSource], _ hint: Type?, _ range: SourceRange
  ) -> TypedExpression {
    inScope {
      let sources = checkSources(sources, .list)
      let hint = elementHint(hint)
      var value = infer(element, hint: hint)
      if let hint, let converted = conversion(of: value, to: hint) { value = converted }
      let type = definite(value)
      return node(
        .listEach(value, sources), type == .error ? .error : .list(type), range,
        [value] + parts(of: sources))
    }
  }

  private func set(_ inner: Expression, _ hint: Type?, _ range: SourceRange) -> TypedExpression {
    let inner = infer(inner, hint: hint ?? nil)
    switch (inner.form, inner.type) {
    case (.list(let elements), .list(let type)): return node(.set(elements), .set(type), range, elements)
    case (.listEach(let element, let sources), .list(let type)):
      return node(.setEach(element, sources), .set(type), range, [inner])
    default: return failed(range)
    }
  }

  private func map(
    _ entries: [(key: Expression, value: Expression)], _ hint: Type?, _ range: SourceRange
  ) -> TypedExpression {
    var (keyHint, valueHint): (Type?, Type?) = (nil, nil)
    if case .map(let key, let value)? = hint?.unwrapped { (keyHint, valueHint) = (key, value) }
    guard !entries.isEmpty else {
      if hint == .error { return failed(range) }
      guard let keyHint, let valueHint else {
        return failed(
          .unknownInference(
            "what this map holds", at: range, help: "state the type: `let m: [text: int] = [:]`"),
          range)
      }
      return node(.map([]), .map(keyHint, valueHint), range)
    }
    var (keys, values): ([TypedExpression], [TypedExpression]) = ([], [])
    for entry in entries {
      keys.append(infer(entry.key, hint: keyHint ?? keys.first?.type))
      values.append(infer(entry.value, hint: valueHint ?? values.first?.type))
    }
    let (unifiedKeys, key) = unify(fitting(keys, keyHint), what: "the keys")
    let (unifiedValues, value) = unify(fitting(values, valueHint), what: "the values")
    let pairs = zip(unifiedKeys, unifiedValues).map { (key: $0, value: $1) }
    if let decided = unifiedKeys.first(where: \.isDecided) {
      report(.decidedWhereKnown("a key of a map", decided.decidedBy, at: decided.range))
    }
    return node(.map(pairs), .map(key, value), range, unifiedKeys + unifiedValues)
  }

  private func mapEach(
    _ key: Expression, _ value: Expression, _ sources: [EachSource], _ hint: Type?, _ range: SourceRange
  ) -> TypedExpression {
    inScope {
      var (keyHint, valueHint): (Type?, Type?) = (nil, nil)
      if case .map(let key, let value)? = hint?.unwrapped { (keyHint, valueHint) = (key, value) }
      let sources = checkSources(sources, .list)
      var key = infer(key, hint: keyHint)
      var value = infer(value, hint: valueHint)
      if let keyHint { key = conversion(of: key, to: keyHint) ?? key }
      if let valueHint { value = conversion(of: value, to: valueHint) ?? value }
      if key.isDecided, raisesDecided {
        report(.decidedWhereKnown("a key of a map", key.decidedBy, at: key.range))
      }
      return node(
        .mapEach(key: key, value: value, sources), .map(definite(key), definite(value)), range,
        [key, value] + parts(of: sources))
    }
  }

  /// What the sources are made of, for binding time.
  func parts(of sources: [TypedSource]) -> [TypedExpression] {
    sources.flatMap { source in
      var parts = source.condition.map { [$0] } ?? []
      if case .elements(let collection) = source.form { parts.append(collection) }
      return parts
    }
  }

  /// Whether a decided value in a place for known ones is an error here: after `solve` it is known.
  var raisesDecided: Bool { !(frame.place == .test && frame.decisionsAreKnown && !frame.isQuantified) }
}
