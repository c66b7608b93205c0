package import Diagnostics
package import Quantities

/// An expression with its type and binding time.
package final class TypedExpression: Sendable {
  package let form: Form
  package let type: Type
  package let range: SourceRange
  /// What decides the value, as the author wrote it (`i.host`), at most a few; empty where it is known.
  /// Inside a function the parameters count as known.
  package let decidedBy: [String]

  package var isDecided: Bool { !decidedBy.isEmpty }

  package init(_ form: Form, type: Type, range: SourceRange, decidedBy: [String] = []) {
    self.form = form
    self.type = type
    self.range = range
    self.decidedBy = decidedBy
  }

  package indirect enum Form: Sendable {
    // Constants
    case bool(Bool)
    case int(Int)
    /// In base units.
    case quantity(Rational)
    case float(Double)
    case text(String)
    case none

    // Names
    case local(LocalID)
    case global(GlobalID)
    /// A field of an entity or record, by index in its declaration.
    case field(TypedExpression, Int)
    /// A member of a tuple or of a record without a name.
    case element(TypedExpression, Int)
    /// The entity of a kind with a name; inside a parent where names repeat. An error with a suggestion
    /// where there is none.
    case entityNamed(KindID, TypedExpression, parent: TypedExpression?)
    case allOf(KindID)
    case rule(RuleID)

    // Conversions, always explicit here
    /// T to T?.
    case some(TypedExpression)
    /// int to ratio.
    case ratio(TypedExpression)
    /// T? to T where the checker knows that it is not none (narrowing after `x != none`).
    case unwrapped(TypedExpression)

    // Operators
    case not(TypedExpression)
    case negate(TypedExpression)
    case binary(Operator, TypedExpression, TypedExpression)
    /// `a ?? b`: a's value unless none; b may be `refuse`.
    case coalesce(TypedExpression, TypedExpression)
    /// `a?.f`: a is bound to the local where it is not none; the result is optional (never doubly).
    case optionalChain(TypedExpression, LocalID, TypedExpression)
    case conditional(TypedExpression, then: TypedExpression, otherwise: TypedExpression)
    case match(TypedExpression, [TypedArm])

    // Making values
    case interpolation([TypedExpression])
    case list([TypedExpression])
    case set([TypedExpression])
    /// Keys are distinct, or it is an error at run time.
    case map([(key: TypedExpression, value: TypedExpression)])
    case tuple([TypedExpression])
    /// Fields in order of declaration (for anonymous records: of the type); defaults are filled in.
    case record([TypedExpression])
    case range(TypedExpression, TypedExpression, includesEnd: Bool)
    case enumCase(EnumID, Int, [TypedExpression])
    case lambda(Lambda)
    case listEach(TypedExpression, [TypedSource])
    case setEach(TypedExpression, [TypedSource])
    case mapEach(key: TypedExpression, value: TypedExpression, [TypedSource])
    /// `sum(e for each …)`, and `xs.all(x => e)`, which says the same.
    case aggregate(Aggregate, TypedExpression, [TypedSource])

    // Calls
    case call(FunctionID, [TypedExpression])
    case callValue(TypedExpression, [TypedExpression])
    case native(Native, [TypedExpression])
    /// Element of a list (out of range is a refusal) or value of a map (an optional).
    case index(TypedExpression, TypedExpression)
    /// Never returns; states that the condition under which it is evaluated is false, with the text as reason.
    case refuse(TypedExpression)

    // Objectives and tests
    /// The weighted sum of unmet `prefer`s.
    case preferences
    case always(TypedExpression)
    case possible(TypedExpression)
    case never(TypedExpression)
    /// The expression read in the world of a solution: `a.cost`, `after[s].upf`.
    case inSolution(TypedExpression, TypedExpression)
    /// `why(x, not: candidate)`: list of (rule, text).
    case why(TypedExpression, not: TypedExpression?)
    /// Number of instances that sit elsewhere than in the solution that was solved `from`.
    case planMoves
  }

  package struct Lambda: Sendable {
    package var parameters: [LocalID]
    package var body: TypedExpression
    package init(parameters: [LocalID], body: TypedExpression) {
      self.parameters = parameters
      self.body = body
    }
  }
}

/// Operand types are equal on both sides (int or ratio already converted), as the checker guarantees:
/// arithmetic on int, float, quantities; comparison also on text; equality on everything but functions.
package enum Operator: String, Sendable {
  case add, subtract, multiply
  /// Exact: of ints it gives a ratio; quantities divide their dimensions.
  case divide
  /// Floor division and its remainder, on int (and quantities of one dimension: `div` gives int).
  case floorDivide, modulo
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
  case and, or, implies
  /// Left in list, set, range, or key of map.
  case isIn, isNotIn
}

package struct TypedArm: Sendable {
  package var patterns: [TypedPattern]
  package var value: TypedExpression
  package init(patterns: [TypedPattern], value: TypedExpression) {
    self.patterns = patterns
    self.value = value
  }
}

package enum Aggregate: String, Sendable {
  /// Of int, float or quantity; nothing gives 0.
  case sum
  /// Number of combinations of the sources that meet the conditions (the element is not looked at).
  case count
  /// T?; none of nothing.
  case min, max
  /// Of bool.
  case all, any
  /// All elements distinct / the same (bool): `all_different(x for each …)`.
  case allDifferent, allEqual
}

/// Library functions with native backing. The comment is the signature; `T` any type.
package enum Native: String, Sendable, CaseIterable {
  // Numbers
  /// `min(a, b)`, `max(a, b)`: (N, N) -> N
  case min2, max2
  /// (N) -> N
  case abs
  /// `floor(x)`, `ceil(x)`, `round(x)`: (ratio or float) -> int
  case floor, ceil, round
  /// `floor(x, to: step)` …: (quantity, quantity) -> quantity; (float, quantity-less step) not allowed
  case floorTo, ceilTo, roundTo
  /// (int or ratio) -> float
  case toFloat
  // Collections: list, set, map, range
  /// `.count`: int
  case count
  /// `.first`, `.last`: T? of a list
  case first, last
  /// `.keys`, `.values` of a map: lists in insertion order
  case keys, values
  /// `.sorted` of a list of int, quantity or text
  case sorted
  /// `.reversed`
  case reversed
  /// `.flattened` of a list of lists
  case flattened
  /// `.to_set` of a list, `.to_list` of a set or range
  case toSet, toList
  /// `pairs(xs)`: all unordered pairs (a, b), a before b; `steps(xs)`: neighbours
  case pairs, steps
  /// `reach(from: [T], along: T => [T])`: [T], each once, in order of first reach, the start included
  case reach
  /// union, intersection, difference of sets: `a.union(b)` …; `a.is_subset(b)`: bool
  case union, intersection, difference, isSubset
  // Text
  /// `.length`: int (characters); `.contains(t)`, `.starts_with(t)`, `.ends_with(t)`: bool
  case length, textContains, startsWith, endsWith
  /// `.lowercase`, `.uppercase`; `.split(t)`: [text]; `.join(t)` of [text]
  case lowercase, uppercase, split, join
  /// `int_of(text)`: int?
  case parseInt
  // Geometry
  /// `distance(a, b)` of two (float, float) coordinates in degrees, great circle, correctly rounded whole
  /// metres by integer arithmetic: (tuple, tuple) -> quantity(distance)
  case distance
  // Constraints over lists of decided values
  /// `all_different(xs)`, `all_equal(xs)`: ([T]) -> bool
  case allDifferent, allEqual
  /// `at_most(n, bs)`, `at_least(n, bs)`, `exactly(n, bs)`: (int, [bool]) -> bool
  case atMost, atLeast, exactly
  /// `between(x, low, high)`: (N, N, N) -> bool
  case between
  /// `table(xs, rows)`: ([T], [[T]]) -> bool: xs in order is one of the rows
  case table
  /// `precedes(a, b)`: (T, T) -> bool: a comes no later than b; lists and tuples member by member, a shorter list
  /// before a longer one that begins with it, `none` first, entities in order of making, cases of declaration
  case precedes
}
