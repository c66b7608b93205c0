package import Diagnostics

/// What a name is bound to: a slot, or the parts of a tuple.
package indirect enum BindTarget: Sendable {
  case local(LocalID)
  case ignore
  case tuple([BindTarget])
}

/// One source of a `for each`, a comprehension or an aggregate.
package struct TypedSource: Sendable {
  package enum Form: Sendable {
    case allOf(KindID)
    /// A list, set, range, or map (which gives tuples of key and value).
    case elements(TypedExpression)
  }
  package var form: Form
  package var target: BindTarget
  /// Sees the target and all earlier sources. May be decided only in aggregates and in `for each` of rules.
  package var condition: TypedExpression?
  package var range: SourceRange
  package init(form: Form, target: BindTarget, condition: TypedExpression?, range: SourceRange) {
    self.form = form; self.target = target; self.condition = condition; self.range = range
  }
}

/// A statement with names bound, in whatever place it stands: module, rule, entity body, scenario, test.
package indirect enum TypedStatement: Sendable {
  case bind(BindTarget, TypedExpression)
  case constraint(TypedConstraint)
  case forEach([TypedSource], [TypedStatement], range: SourceRange)
  case ifElse(TypedExpression, then: [TypedStatement], otherwise: [TypedStatement], range: SourceRange)
  /// Exhaustive; the first arm with a matching pattern.
  case match(TypedExpression, [TypedChoice], range: SourceRange)
  case make(TypedMake)
  /// Inside the body of a make: gives a field of the entity in local `owner` its value.
  case setField(owner: LocalID, field: Int, TypedExpression, range: SourceRange)
  case load(TypedLoad)
  case use(RuleID, [TypedExpression], range: SourceRange)
  case waive(TypedWaiver)
  // Scenarios and tests.
  case scenario(ScenarioID, [TypedExpression], range: SourceRange)
  case change(TypedChange)
  case objective([TypedGoal], range: SourceRange)
  case solve(TypedSolve)
  case expect(TypedExpect)
}

package struct TypedConstraint: Sendable {
  package enum Verb: Sendable { case require, forbid, prefer(weight: TypedExpression) }
  package var verb: Verb
  package var condition: TypedExpression
  package var verbRange: SourceRange
  package var range: SourceRange
  package init(verb: Verb, condition: TypedExpression, verbRange: SourceRange, range: SourceRange) {
    self.verb = verb; self.condition = condition; self.verbRange = verbRange; self.range = range
  }
}

package struct TypedChoice: Sendable {
  package var patterns: [TypedPattern]
  package var body: [TypedStatement]
  package var range: SourceRange
  package init(patterns: [TypedPattern], body: [TypedStatement], range: SourceRange) {
    self.patterns = patterns; self.body = body; self.range = range
  }
}

package indirect enum TypedPattern: Sendable {
  case anything
  /// A case of an enumeration, with what its payload binds. Sees through one optional of the subject.
  case enumCase(EnumID, Int, [BindTarget])
  /// An entity, number, quantity, text or bool that the subject equals. Sees through one optional.
  case value(TypedExpression)
  case values(TypedExpression, TypedExpression, includesEnd: Bool)
  case none
  case tuple([TypedPattern])
}

/// Makes one entity, or several where the name holds a span `[1..4]`.
package struct TypedMake: Sendable {
  package enum Naming: Sendable {
    /// A text; `[a..b]` inside a literal name makes one entity for each number where `hasSpan`.
    case text(TypedExpression, hasSpan: Bool)
    /// `link a -> b -> c`: the name is made of the names of the ends (`a->b->c`), and the list goes into
    /// the field `ends` (index given).
    case ends([TypedExpression], field: Int)
  }
  package var kind: KindID
  package var naming: Naming
  /// Where the made entity is, in `body` and for nested makes.
  package var owner: LocalID
  /// The entity that it is nested in, or nil.
  package var parent: LocalID?
  /// `setField`, nested `make`, `bind`, `forEach`, `ifElse`. Field values may be computed late (on demand):
  /// they may name entities that are made further down.
  package var body: [TypedStatement]
  package var range: SourceRange
  package init(
    kind: KindID, naming: Naming, owner: LocalID, parent: LocalID?, body: [TypedStatement],
    range: SourceRange
  ) {
    self.kind = kind; self.naming = naming; self.owner = owner; self.parent = parent; self.body = body
    self.range = range
  }
}

package struct TypedLoad: Sendable {
  package enum Target: Sendable {
    case entities(KindID)
    /// The rows become the value of a global (in a test: in that test's world), of type `list` or `map`
    /// of what is loaded.
    case global(GlobalID)
    case local(LocalID)
  }
  package var target: Target
  /// The type wanted of the data: `[row]`, …; for entities `.list(.entity(kind))`.
  package var type: Type
  package var file: TypedExpression
  package var path: TypedExpression?
  /// Directory-relative names are looked up beside this source.
  package var range: SourceRange
  package init(target: Target, type: Type, file: TypedExpression, path: TypedExpression?, range: SourceRange)
  {
    self.target = target; self.type = type; self.file = file; self.path = path; self.range = range
  }
}

package struct TypedWaiver: Sendable {
  package enum Scope: Sendable {
    case all
    case entities([TypedExpression])
    case each([TypedSource], variable: LocalID)
  }
  package var rule: RuleID
  package var scope: Scope
  package var reason: TypedExpression
  package var range: SourceRange
  package init(rule: RuleID, scope: Scope, reason: TypedExpression, range: SourceRange) {
    self.rule = rule; self.scope = scope; self.reason = reason; self.range = range
  }
}

/// `anna.max_distance = 1 km`, `at_hour = 14`.
package struct TypedChange: Sendable {
  package enum Target: Sendable {
    case field(TypedExpression, Int)
    case global(GlobalID)
  }
  package var target: Target
  package var value: TypedExpression
  package var range: SourceRange
  package init(target: Target, value: TypedExpression, range: SourceRange) {
    self.target = target; self.value = value; self.range = range
  }
}

package struct TypedSolve: Sendable {
  /// The solution that runs (its decisions are what `preferred` and moves refer to).
  package var from: LocalID?
  package var changes: [TypedStatement]
  package var result: LocalID?
  package var range: SourceRange
  package init(from: LocalID?, changes: [TypedStatement], result: LocalID?, range: SourceRange) {
    self.from = from; self.changes = changes; self.result = result; self.range = range
  }
}

package struct TypedExpect: Sendable {
  package enum Claim: Sendable {
    case condition(TypedExpression)
    case infeasible(because: [RuleID])
    case relax([RuleID])
    case ruleBinding(RuleID)
    case ruleActive(RuleID)
    case ruleInactive(RuleID)
  }
  package var claim: Claim
  package var range: SourceRange
  package init(claim: Claim, range: SourceRange) { self.claim = claim; self.range = range }
}
