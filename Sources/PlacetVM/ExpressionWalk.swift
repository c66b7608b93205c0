import PlacetSemantics

/// The parts of expressions and statements, for passes that look at all of them alike.
extension TypedExpression {
  /// The slots that this expression itself binds.
  var boundLocals: [LocalID] {
    switch form {
    case .optionalChain(_, let local, _): [local]
    case .match(_, let arms): arms.flatMap { $0.patterns.flatMap(\.boundLocals) }
    case .lambda(let lambda): lambda.parameters
    case .listEach(_, let sources), .setEach(_, let sources), .mapEach(_, _, let sources),
      .aggregate(_, _, let sources):
      sources.flatMap(\.target.locals)
    default: []
    }
  }

  /// This and everything inside, outside first.
  func visitAll(_ visit: (TypedExpression) -> Void) {
    visit(self)
    for child in children { child.visitAll(visit) }
  }

  /// Slots that are read or bound anywhere inside.
  func locals() -> (read: Set<Int>, bound: Set<Int>) {
    var read: Set<Int> = []
    var bound: Set<Int> = []
    visitAll { part in
      if case .local(let id) = part.form { read.insert(id.index) }
      for id in part.boundLocals { bound.insert(id.index) }
    }
    return (read, bound)
  }
}

extension TypedSource {
  var expressions: [TypedExpression] {
    var result: [TypedExpression] = []
    if case .elements(let all) = form { result.append(all) }
    if let condition { result.append(condition) }
    return result
  }
}

extension BindTarget {
  var locals: [LocalID] {
    switch self {
    case .local(let id): [id]
    case .ignore: []
    case .tuple(let parts): parts.flatMap(\.locals)
    }
  }
}

extension TypedPattern {
  var expressions: [TypedExpression] {
    switch self {
    case .anything, .enumCase, .none: []
    case .value(let value): [value]
    case .values(let low, let high, _): [low, high]
    case .tuple(let parts): parts.flatMap(\.expressions)
    }
  }
  var boundLocals: [LocalID] {
    switch self {
    case .enumCase(_, _, let targets): targets.flatMap(\.locals)
    case .tuple(let parts): parts.flatMap(\.boundLocals)
    case .anything, .value, .values, .none: []
    }
  }
}

extension TypedStatement {
  /// Expressions that stand directly in this statement.
  var expressions: [TypedExpression] {
    switch self {
    case .bind(_, let value): [value]
    case .constraint(let constraint):
      if case .prefer(let weight) = constraint.verb {
        [weight, constraint.condition]
      } else {
        [constraint.condition]
      }
    case .forEach(let sources, _, _): sources.flatMap(\.expressions)
    case .ifElse(let condition, _, _, _): [condition]
    case .match(let subject, let choices, _):
      [subject] + choices.flatMap { $0.patterns.flatMap(\.expressions) }
    case .make(let make):
      switch make.naming {
      case .text(let name, _): [name]
      case .ends(let ends, _): ends
      }
    case .setField(_, _, let value, _): [value]
    case .load(let load): [load.file] + (load.path.map { [$0] } ?? [])
    case .use(_, let arguments, _), .scenario(_, let arguments, _): arguments
    case .waive(let waiver):
      switch waiver.scope {
      case .all: [waiver.reason]
      case .entities(let all): all + [waiver.reason]
      case .each(let sources, _): sources.flatMap(\.expressions) + [waiver.reason]
      }
    case .change(let change):
      switch change.target {
      case .field(let entity, _): [entity, change.value]
      case .global: [change.value]
      }
    case .objective(let goals, _): goals.map(\.value)
    case .solve, .expect: []
    }
  }

  /// Statements that stand inside this one.
  var inner: [TypedStatement] {
    switch self {
    case .forEach(_, let body, _): body
    case .ifElse(_, let then, let otherwise, _): then + otherwise
    case .match(_, let choices, _): choices.flatMap(\.body)
    case .make(let make): make.body
    case .solve(let solve): solve.changes
    default: []
    }
  }

  var boundLocals: [LocalID] {
    switch self {
    case .bind(let target, _): target.locals
    case .forEach(let sources, _, _): sources.flatMap(\.target.locals)
    case .match(_, let choices, _): choices.flatMap { $0.patterns.flatMap(\.boundLocals) }
    case .make(let make): [make.owner]
    case .load(let load):
      if case .local(let id) = load.target { [id] } else { [] }
    case .waive(let waiver):
      if case .each(let sources, _) = waiver.scope { sources.flatMap(\.target.locals) } else { [] }
    case .solve(let solve): solve.result.map { [$0] } ?? []
    default: []
    }
  }
}
