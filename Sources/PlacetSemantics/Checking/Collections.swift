import Diagnostics
import PlacetSyntax

/// What lists, sets, maps, ranges and texts can: `.count`, `.all(x => …)`, `.map(x => …)`.
extension TypeChecker {
  static let propertyNames = [
    "count", "first", "last", "keys", "values", "sorted", "reversed", "flattened", "to_set", "to_list",
    "length", "lowercase", "uppercase",
  ]

  static let collectionMethods = [
    "all", "any", "count", "map", "filter", "sum", "min", "max", "contains", "all_different", "all_equal",
  ]

  func isCollectionMethod(_ name: String, _ type: Type) -> Bool {
    switch type {
    case .list, .set, .map, .range: Self.collectionMethods.contains(name) || Self.propertyNames.contains(name)
    default: false
    }
  }

  /// `xs.count`: what is asked without a call.
  func property(_ base: TypedExpression, _ name: Name, _ range: SourceRange) -> TypedExpression? {
    func call(_ native: Native, _ type: Type) -> TypedExpression {
      narrowed(node(.native(native, [base]), type, range, [base]))
    }
    switch (name.text, base.type) {
    case ("count", .list), ("count", .set), ("count", .map), ("count", .range): return call(.count, .int)
    case ("first", .list(let t)): return call(.first, .optional(t.unwrapped))
    case ("last", .list(let t)): return call(.last, .optional(t.unwrapped))
    case ("keys", .map(let key, _)): return call(.keys, .list(key))
    case ("values", .map(_, let value)): return call(.values, .list(value))
    case ("sorted", .list(let t)) where t.isOrdered: return call(.sorted, base.type)
    case ("reversed", .list): return call(.reversed, base.type)
    case ("flattened", .list(.list(let t))): return call(.flattened, .list(t))
    case ("to_set", .list(let t)): return call(.toSet, .set(t))
    case ("to_list", .set(let t)), ("to_list", .range(let t)): return call(.toList, .list(t))
    case ("length", .text): return call(.length, .int)
    case ("lowercase", .text): return call(.lowercase, .text)
    case ("uppercase", .text): return call(.uppercase, .text)
    default: return nil
    }
  }

  /// `xs.all(x => p)` says the same as `all(p for each x in xs)`.
  func collectionMethod(
    _ base: TypedExpression, _ name: Name, _ arguments: [ArgumentSyntax], _ hint: Type?,
    _ range: SourceRange
  ) -> TypedExpression? {
    guard isCollectionMethod(name.text, base.type), arguments.count <= 1 else { return nil }
    let argument = arguments.first?.value
    switch name.text {
    case "contains":
      guard let argument, let member = memberType(of: base.type) else { return nil }
      let value = check(argument, as: member)
      return node(.binary(.isIn, value, base), .bool, range, [value, base])
    case "map":
      guard let argument else { return nil }
      var elementHint: Type?
      if case .list(let element)? = hint?.unwrapped { elementHint = element }
      return mapped(base, argument, elementHint, range)
    case "filter":
      guard let argument else { return nil }
      return filtered(base, argument, range)
    case "count":
      guard let argument else { return nil }
      return counted(base, argument, range)
    default:
      guard let aggregate = Self.aggregates[name.text] else { return nil }
      return aggregated(base, aggregate, argument, range)
    }
  }

  /// Binds the element of a collection and gives what the function says of it.
  private func each(
    _ base: TypedExpression, _ function: Expression?, hint: Type?,
    _ body: (TypedExpression, TypedSource, LocalID) -> TypedExpression
  ) -> TypedExpression {
    let element = elementType(of: base) ?? .error
    let by = raisesDecided ? base.decidedBy : []
    return inScope {
      let slot: LocalID
      let value: TypedExpression
      var target: BindTarget?
      switch function {
      case .lambda(let parameters, let inner, let range)?:
        if parameters.count == 1 {
          slot = bindParameter(parameters[0], element, decidedBy: by)
        } else {
          slot = frame.addSlot("_", element)
          target = bindPattern(
            .tuple(parameters.map { .name($0) }, range: range), element, decidedBy: by)
        }
        value = hint.map { check(inner, as: $0) } ?? infer(inner)
      case let function?:
        slot = frame.addSlot("_", element)
        let callee = infer(function, hint: .function([element], hint ?? .error))
        let argument = localNode(slot, element, function.range, by: by)
        value = apply(callee, to: argument)
      case nil:
        slot = frame.addSlot("_", element)
        value = localNode(slot, element, base.range, by: by)
      }
      let source = TypedSource(
        form: .elements(base), target: target ?? .local(slot), condition: nil, range: base.range)
      return body(value, source, slot)
    }
  }

  private func apply(_ callee: TypedExpression, to argument: TypedExpression) -> TypedExpression {
    guard callee.type != .error else { return failed(callee.range) }
    guard case .function(let types, let result) = callee.type, types.count == 1 else {
      return failed(.notCallable(describe(callee.type), at: callee.range), callee.range)
    }
    let argument = convert(argument, to: types[0])
    if case .lambda(let lambda) = callee.form, case .call(let id, let parameters) = lambda.body.form,
      parameters.count == 1, case .local(lambda.parameters[0]) = parameters[0].form
    {
      return node(.call(id, [argument]), result, callee.range, [argument, callee])
    }
    return node(.callValue(callee, [argument]), result, callee.range, [callee, argument])
  }

  private func aggregated(
    _ base: TypedExpression, _ aggregate: Aggregate, _ function: Expression?, _ range: SourceRange
  ) -> TypedExpression {
    let hint: Type? = aggregate == .all || aggregate == .any ? .bool : nil
    return each(base, function, hint: function == nil ? nil : hint) { value, source, _ in
      self.aggregateNode(aggregate, value, [source], range)
    }
  }

  /// The number of elements for which a condition holds.
  private func counted(_ base: TypedExpression, _ function: Expression, _ range: SourceRange)
    -> TypedExpression
  {
    each(base, function, hint: .bool) { condition, source, _ in
      var source = source
      source.condition = condition
      let one = self.node(.bool(true), .bool, range)
      return self.aggregateNode(.count, one, [source], range)
    }
  }

  private func mapped(
    _ base: TypedExpression, _ function: Expression, _ hint: Type?, _ range: SourceRange
  ) -> TypedExpression {
    judgeComprehension(base)
    return each(base, function, hint: nil) { value, source, _ in
      var value = value
      if let hint, let converted = self.conversion(of: value, to: hint) { value = converted }
      let type = self.definite(value)
      return self.node(
        .listEach(value, [source]), type == .error ? .error : .list(type), range, [value, base])
    }
  }

  private func filtered(_ base: TypedExpression, _ function: Expression, _ range: SourceRange)
    -> TypedExpression
  {
    judgeComprehension(base)
    guard let element = elementType(of: base) else { return failed(range) }
    return each(base, function, hint: .bool) { condition, source, slot in
      if condition.isDecided, self.raisesDecided {
        self.report(
          .decidedLength(
            condition.decidedBy, at: condition.range,
            help: "`.count`, `.all`, `.any` and `.sum` take such a condition"))
      }
      var source = source
      source.condition = condition
      let by = self.raisesDecided ? base.decidedBy : []
      var item = self.localNode(slot, element, range, by: by)
      if case .tuple(let parts) = source.target, case .tuple(let types) = element {
        let values = zip(parts, types).map { part, type in
          if case .local(let id) = part {
            self.localNode(id, type, range, by: by)
          } else {
            self.failed(range)
          }
        }
        item = self.node(.tuple(values), element, range, values)
      }
      return self.node(.listEach(item, [source]), .list(element), range, [base, condition])
    }
  }

  private func judgeComprehension(_ base: TypedExpression) {
    guard raisesDecided, hasDecidedShape(base) else { return }
    report(
      .decidedLength(
        base.decidedBy, at: base.range, help: "`count`, `sum`, `any` and `all` go through such a list"))
  }

  /// `sum(xs)`, `max(xs)`, `all_different(of: xs)`: an aggregate of a collection, or of two numbers.
  func aggregateCall(
    _ name: Name, _ arguments: [ArgumentSyntax], _ hint: Type?, _ range: SourceRange
  ) -> TypedExpression? {
    guard let aggregate = Self.aggregates[name.text] else { return nil }
    if aggregate == .min || aggregate == .max, arguments.count == 2 {
      return extreme(aggregate == .min ? .min2 : .max2, arguments, hint, range)
    }
    if aggregate == .min || aggregate == .max, arguments.count > 2 {
      return failed(
        .wrongArgument(
          "'\(name.text)' takes two values, or one list", at: range,
          "write '\(name.text)([…])' for \(arguments.count) values"), range)
    }
    let given = match(
      arguments, to: [Parameter(name: "of", type: .error, isOptional: false)], of: "'\(name.text)'", at: range
    )
    guard case .given(let expression) = given[0] else { return failed(range) }
    let base = infer(expression)
    guard base.type != .error else { return failed(range) }
    if aggregate == .count, let result = property(base, name, range) { return result }
    return aggregated(base, aggregate, nil, range)
  }

  private func extreme(
    _ native: Native, _ arguments: [ArgumentSyntax], _ hint: Type?, _ range: SourceRange
  ) -> TypedExpression {
    let values = arguments.map { infer($0.value, hint: hint) }
    for value in values where value.type.isOptional {
      return failed(optionalUsed(value, wanted: "a number"), range)
    }
    let (unified, type) = unify(values, what: "the arguments")
    if type == .error { return failed(range) }
    guard type.isOrdered else {
      return failed(.wrongOperands(native == .min2 ? "min" : "max", describe(type), nil, at: range), range)
    }
    return node(.native(native, unified), type, range, unified)
  }
}
