/// The parts of typed trees, for whoever walks them.
extension TypedExpression {
  /// The expressions directly inside this one, in the order in which they are written.
  package var children: [TypedExpression] {
    switch form {
    case .bool, .int, .quantity, .float, .text, .none, .local, .global, .allOf, .rule, .preferences,
      .planMoves:
      []
    case .field(let e, _), .element(let e, _), .some(let e), .ratio(let e), .unwrapped(let e), .not(let e),
      .negate(let e), .refuse(let e), .always(let e), .possible(let e), .never(let e):
      [e]
    case .entityNamed(_, let name, let parent): (parent.map { [$0] } ?? []) + [name]
    case .binary(_, let a, let b), .coalesce(let a, let b), .optionalChain(let a, _, let b),
      .range(let a, let b, _), .index(let a, let b), .inSolution(let a, let b):
      [a, b]
    case .conditional(let a, let b, let c): [a, b, c]
    case .match(let subject, let arms):
      [subject] + arms.flatMap { $0.patterns.flatMap(\.expressions) + [$0.value] }
    case .interpolation(let es), .list(let es), .set(let es), .tuple(let es), .record(let es),
      .enumCase(_, _, let es), .call(_, let es), .native(_, let es):
      es
    case .map(let entries): entries.flatMap { [$0.key, $0.value] }
    case .lambda(let lambda): [lambda.body]
    case .listEach(let e, let sources), .setEach(let e, let sources), .aggregate(_, let e, let sources):
      sources.flatMap(\.expressions) + [e]
    case .mapEach(let key, let value, let sources): sources.flatMap(\.expressions) + [key, value]
    case .callValue(let f, let es): [f] + es
    case .why(let e, let other): [e] + (other.map { [$0] } ?? [])
    }
  }

  /// The kinds over which the sources of this expression range.
  var rangedKinds: [KindID] {
    switch form {
    case .allOf(let kind): [kind]
    case .listEach(_, let sources), .setEach(_, let sources), .aggregate(_, _, let sources),
      .mapEach(_, _, let sources):
      sources.compactMap(\.rangedKind)
    default: []
    }
  }
}

extension TypedSource {
  var expressions: [TypedExpression] {
    var all: [TypedExpression] = []
    if case .elements(let collection) = form { all.append(collection) }
    if let condition { all.append(condition) }
    return all
  }

  var rangedKind: KindID? {
    if case .allOf(let kind) = form { kind } else { nil }
  }
}

extension TypedPattern {
  var expressions: [TypedExpression] {
    switch self {
    case .value(let value): [value]
    case .values(let low, let high, _): [low, high]
    case .tuple(let parts): parts.flatMap(\.expressions)
    case .anything, .enumCase, .none: []
    }
  }
}
