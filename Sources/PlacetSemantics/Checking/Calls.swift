import Diagnostics
import PlacetSyntax

/// Calls: `f(a)`, `x.f(a)`, `f(e for each …)`.
extension TypeChecker {
  func call(
    _ callee: Expression, _ arguments: [ArgumentSyntax], hint: Type?, _ range: SourceRange
  ) -> TypedExpression {
    switch callee {
    case .name(let name): return call(named: name, arguments, hint: hint, range)
    case .member(let base, let name, let isOptional, _):
      if let result = qualifiedCall(base, name, arguments, range) { return result }
      return method(base, name, isOptional: isOptional, arguments, hint, range)
    default:
      return callValue(infer(callee), arguments, range)
    }
  }

  private func call(
    named name: Name, _ arguments: [ArgumentSyntax], hint: Type?, _ range: SourceRange
  ) -> TypedExpression {
    if let binding = frame.local(name.text) {
      if case .function = binding.type {
        return callValue(localNode(binding, at: name.range), arguments, range)
      }
    }
    if case .enumeration(let id)? = hint?.unwrapped,
      let index = program[id].cases.firstIndex(where: { $0.name == name.text })
    {
      return caseNode(id, index, arguments: arguments, at: range)
    }
    for symbol in find(name.text, in: \.values, from: frame.module) {
      switch symbol {
      case .function(let id): return callFunction(id, nil, arguments, at: name.range, range)
      case .global(let id):
        let value = globalNode(id, at: name)
        if case .function = value.type { return callValue(value, arguments, range) }
      }
    }
    for symbol in find(name.text, in: \.types, from: frame.module) {
      if case .record(let id) = symbol { return construct(id, arguments, range) }
    }
    if let special = testCall(name, arguments, range) { return special }
    if let result = native(name, receiver: nil, arguments, hint, range) { return result }
    let cases = casesInScope(named: name.text)
    if cases.count == 1 { return caseNode(cases[0].id, cases[0].index, arguments: arguments, at: range) }
    if cases.count > 1 {
      return failed(
        .ambiguous(name, candidates: cases.map { "the case of \(program[$0.id].name)" }), range)
    }
    for argument in arguments { checkLoosely(argument.value) }
    if let near = nearValue(name) {
      return failed(.notCallable(describe(near.type), at: name.range), range)
    }
    if kindIfPresent(named: name.text) != nil {
      return failed(
        .outOfPlace(
          "an entity is made by a statement", at: name.range,
          help: "`\(name.text) NAME { … }`, and `\(name.text)[\"NAME\"]` is one that is there"), range)
    }
    return failed(
      .unknownName(name, known: callableNames(hint), what: "no function"), range)
  }

  private func callableNames(_ hint: Type?) -> [String] {
    var known = names(in: \.values, from: frame.module) + names(in: \.types, from: frame.module)
    known += Self.nativeNames + Self.aggregates.keys
    if case .enumeration(let id)? = hint?.unwrapped { known += program[id].cases.map(\.name) }
    return known.sorted()
  }

  /// An argument of a call that could not be made out: its own mistakes are still told, once it has a type.
  private func checkLoosely(_ expression: Expression) {
    switch expression {
    case .lambda, .name, .list, .none: return
    default: _ = infer(expression)
    }
  }

  /// `rules.spread.keep_apart(…)`
  private func qualifiedCall(
    _ base: Expression, _ name: Name, _ arguments: [ArgumentSyntax], _ range: SourceRange
  ) -> TypedExpression? {
    guard let prefix = dotted(base), symbols[frame.module].prefixes[prefix.text] != nil else { return nil }
    let whole = DottedName(prefix.parts + [name])
    for symbol in find(whole, in: \.values, from: frame.module) {
      if case .function(let id) = symbol { return callFunction(id, nil, arguments, at: name.range, range) }
    }
    for symbol in find(whole, in: \.types, from: frame.module) {
      if case .record(let id) = symbol { return construct(id, arguments, range) }
    }
    return nil
  }

  func callValue(
    _ value: TypedExpression, _ arguments: [ArgumentSyntax], _ range: SourceRange
  ) -> TypedExpression {
    guard value.type != .error else {
      for argument in arguments { checkLoosely(argument.value) }
      return failed(range)
    }
    guard case .function(let types, let result) = value.type else {
      return failed(.notCallable(describe(value.type), at: value.range), range)
    }
    let parameters = types.enumerated().map { Parameter(name: "\($0)", type: $1, isOptional: false) }
    let given = match(arguments, to: parameters, of: "this function", at: range)
    let values = zip(given, types).map { argument, type in
      if case .given(let expression) = argument {
        self.check(expression, as: type)
      } else {
        self.failed(range)
      }
    }
    return node(.callValue(value, values), result, range, [value] + values)
  }

  // MARK: Functions

  /// A function whose result type is known; reports a recursion.
  func callable(_ id: FunctionID, at range: SourceRange) -> FunctionDeclaration? {
    if functionProgress[id.index] == .running {
      let name = program[id].name
      let start = running.firstIndex(of: name) ?? 0
      report(.recursion(Array(running[start...]) + [name], at: range))
      return nil
    }
    if functionProgress[id.index] == .waiting, isNotTooDeep(range) { checkFunction(id) }
    return program[id]
  }

  func callFunction(
    _ id: FunctionID, _ receiver: TypedExpression?, _ arguments: [ArgumentSyntax], at place: SourceRange,
    _ range: SourceRange
  ) -> TypedExpression {
    guard let function = callable(id, at: place) else {
      for argument in arguments { checkLoosely(argument.value) }
      return failed(range)
    }
    let values = checkArguments(
      arguments, functionSyntax[id.index].item.parameters, function.parameterTypes,
      module: function.module, receiver: receiver, of: "'\(function.name)'", at: range)
    return narrowed(
      node(
        .call(id, values), function.resultType, range, values,
        by: function.readsDecisions ? [written(range)] : []))
  }

  /// `point(x: 1, y: 2)`
  private func construct(
    _ id: RecordID, _ arguments: [ArgumentSyntax], _ range: SourceRange
  ) -> TypedExpression {
    let record = program[id]
    let (item, module) = recordSyntax[id.index]
    let defaults = record.fields.map { field -> Expression? in
      for written in item.fields where written.name.range == field.range {
        if case .given(_, _, let value) = written.form { return value }
      }
      return nil
    }
    let parameters = zip(record.fields, defaults).map {
      Parameter(name: $0.name, type: $0.type, isOptional: $1 != nil || $0.type.isOptional)
    }
    let given = match(arguments, to: parameters, of: "'\(record.name)'", at: range)
    let values = given.enumerated().map { index, argument -> TypedExpression in
      let field = record.fields[index]
      switch argument {
      case .given(let expression): return check(expression, as: field.type, because: .init(field.range, ""))
      case .typed(let value): return value
      case .missing:
        if let value = defaults[index] { return defaultValue(value, as: field.type, module: module) }
        return field.type.isOptional ? node(.none, field.type, range) : failed(range)
      }
    }
    return node(.record(values), .record(id), range, values)
  }

  // MARK: Methods

  /// `x.f(a)`: a function in a field, what collections can, then `f(x, a)`.
  private func method(
    _ base: Expression, _ name: Name, isOptional: Bool, _ arguments: [ArgumentSyntax], _ hint: Type?,
    _ range: SourceRange
  ) -> TypedExpression {
    let value = infer(base)
    guard value.type != .error else {
      for argument in arguments { checkLoosely(argument.value) }
      return failed(range)
    }
    if isOptional, case .optional(let inner) = value.type {
      return chain(value, inner, range) { self.method(on: $0, name, arguments, hint, range) }
    }
    return method(on: value, name, arguments, hint, range)
  }

  private func method(
    on value: TypedExpression, _ name: Name, _ arguments: [ArgumentSyntax], _ hint: Type?,
    _ range: SourceRange
  ) -> TypedExpression {
    if case .function? = memberTypeIfField(value, name) {
      return callValue(memberOrReport(value, name, range), arguments, range)
    }
    for symbol in find(name.text, in: \.values, from: frame.module) {
      guard case .function(let id) = symbol, let first = program[id].parameterTypes.first,
        conversion(of: value, to: first) != nil || !isCollectionMethod(name.text, value.type)
      else { continue }
      return callFunction(id, value, arguments, at: name.range, range)
    }
    if case .optional = value.type { return failed(optionalUsed(value, wanted: "a value"), range) }
    if let result = collectionMethod(value, name, arguments, hint, range) { return result }
    if let result = native(name, receiver: value, arguments, hint, range) { return result }
    if arguments.isEmpty, let result = property(value, name, range) { return result }
    for argument in arguments { checkLoosely(argument.value) }
    var known = callableNames(nil)
    known += Self.propertyNames + Self.collectionMethods
    return failed(
      .unknownMember(name, of: describe(value.type), known: known + memberNames(of: value)), range)
  }

  private func memberTypeIfField(_ value: TypedExpression, _ name: Name) -> Type? {
    switch value.type {
    case .record(let id): program[id].fields.first { $0.name == name.text }?.type
    case .entity(let id): program[id].fields.first { $0.name == name.text }?.type
    case .anonymous(let fields): fields.first { $0.label == name.text }?.type
    default: nil
    }
  }

  // MARK: Generators

  func callEach(
    _ callee: Expression, _ element: Expression, _ sources: [EachSource], hint: Type?, _ range: SourceRange
  ) -> TypedExpression {
    guard case .name(let name) = callee, let aggregate = Self.aggregates[name.text],
      find(name.text, in: \.values, from: frame.module).isEmpty
    else {
      let list = Expression.listEach(element: element, sources: sources, range: range)
      return call(callee, [ArgumentSyntax(label: nil, value: list)], hint: hint, range)
    }
    return inScope {
      let typed = checkSources(sources, .aggregate)
      let elementHint: Type? =
        switch aggregate {
        case .all, .any: .bool
        case .sum: hint
        case .min, .max: hint?.unwrapped
        case .count, .allDifferent, .allEqual: nil
        }
      let value = infer(element, hint: elementHint)
      return aggregateNode(aggregate, value, typed, range)
    }
  }

  static let aggregates: [String: Aggregate] = [
    "sum": .sum, "count": .count, "min": .min, "max": .max, "all": .all, "any": .any,
    "all_different": .allDifferent, "all_equal": .allEqual,
  ]

  /// The aggregate of a checked element over checked sources, with its type.
  func aggregateNode(
    _ aggregate: Aggregate, _ value: TypedExpression, _ sources: [TypedSource], _ range: SourceRange
  ) -> TypedExpression {
    if value.type == .error { return failed(range) }
    var value = value
    let type: Type
    switch aggregate {
    case .all, .any:
      value = convert(value, to: .bool)
      type = .bool
    case .count: type = .int
    case .allDifferent, .allEqual: type = .bool
    case .sum, .min, .max:
      if value.type == .never { value = retyped(value, .int) }
      if case .optional = value.type { return failed(optionalUsed(value, wanted: "a number"), range) }
      guard aggregate == .sum ? value.type.isNumber : value.type.isOrdered else {
        return failed(.wrongOperands(aggregate.rawValue, describe(value.type), nil, at: value.range), range)
      }
      type = aggregate == .sum ? value.type : .optional(value.type)
    }
    // The element of a count is not looked at.
    let used = aggregate == .count ? parts(of: sources) : [value] + parts(of: sources)
    return node(.aggregate(aggregate, value, sources), type, range, used)
  }
}
