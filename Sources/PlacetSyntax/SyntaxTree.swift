package import Diagnostics

/// One parsed file: every byte of the source stands in exactly one token or its leading trivia.
///
/// The parser always returns a tree; what it could not read is an `Item.invalid` over the skipped tokens,
/// with a diagnostic beside the tree.
package struct SyntaxTree: Sendable {
  package let source: Source
  /// All tokens in order, the last one `endOfFile`; trivia and text of all, joined, give the source back.
  package let tokens: [Token]
  package let items: [Item]
  /// The `layer` that heads the file, if any, is also in `items`.
  package init(source: Source, tokens: [Token], items: [Item]) {
    self.source = source
    self.tokens = tokens
    self.items = items
  }
}

/// A name and where it stands.
package struct Name: Sendable {
  package var text: String
  package var range: SourceRange
  package init(_ text: String, _ range: SourceRange) {
    self.text = text
    self.range = range
  }
}

/// `rules.spread`: names joined by dots.
package struct DottedName: Sendable {
  package var parts: [Name]
  package var text: String { parts.map(\.text).joined(separator: ".") }
  package var range: SourceRange { parts[0].range.through(parts[parts.count - 1].range) }
  package init(_ parts: [Name]) { self.parts = parts }
}

// MARK: - Items

package indirect enum Item: Sendable {
  case importModule(ImportItem)
  case layer(Name, range: SourceRange)
  case dimension(DefinitionItem)
  case unit(DefinitionItem)
  case enumeration(EnumItem)
  case extend(ExtendItem)
  case record(RecordItem)
  case entity(EntityItem)
  case function(FunctionItem)
  case rule(RuleItem)
  case scenario(ScenarioItem)
  case test(TestItem)
  case statement(Statement)
  /// Tokens that form no item; a diagnostic says why.
  case invalid(SourceRange)
}

/// `import rules.spread as s`
package struct ImportItem: Sendable {
  package var module: DottedName
  package var alias: Name?
  package var range: SourceRange
  package init(module: DottedName, alias: Name?, range: SourceRange) {
    self.module = module; self.alias = alias; self.range = range
  }
}

/// `dimension rate = data / time`, `unit GiB = 1024 MiB`; without value a base.
package struct DefinitionItem: Sendable {
  package var name: Name
  package var value: Expression?
  package var doc: String?
  package var range: SourceRange
  package init(name: Name, value: Expression?, doc: String?, range: SourceRange) {
    self.name = name; self.value = value; self.doc = doc; self.range = range
  }
}

package struct EnumItem: Sendable {
  package var name: Name
  package var isOpen: Bool
  package var cases: [CaseSyntax]
  package var doc: String?
  package var range: SourceRange
  package init(name: Name, isOpen: Bool, cases: [CaseSyntax], doc: String?, range: SourceRange) {
    self.name = name; self.isOpen = isOpen; self.cases = cases; self.doc = doc; self.range = range
  }
}

/// `container(cores: int)`
package struct CaseSyntax: Sendable {
  package var name: Name
  package var members: [MemberSyntax]
  package var doc: String?
  package init(name: Name, members: [MemberSyntax], doc: String?) {
    self.name = name; self.members = members; self.doc = doc
  }
}

package struct MemberSyntax: Sendable {
  package var name: Name
  package var type: TypeSyntax
  package init(name: Name, type: TypeSyntax) { self.name = name; self.type = type }
}

/// `extend host { … }`: fields for a kind, or cases for an open enumeration. Which of the two, a bare list of
/// names says: `extend k { a, b }` has cases; with `:`, `let` or `decide` it has fields.
package struct ExtendItem: Sendable {
  package enum Body: Sendable { case cases([CaseSyntax]), fields([FieldSyntax]) }
  package var name: Name
  package var body: Body
  package var range: SourceRange
  package init(name: Name, body: Body, range: SourceRange) {
    self.name = name; self.body = body; self.range = range
  }
}

package struct RecordItem: Sendable {
  package var name: Name
  package var isOpen: Bool
  package var fields: [FieldSyntax]
  package var doc: String?
  package var range: SourceRange
  package init(name: Name, isOpen: Bool, fields: [FieldSyntax], doc: String?, range: SourceRange) {
    self.name = name; self.isOpen = isOpen; self.fields = fields; self.doc = doc; self.range = range
  }
}

/// `entity vnf in service.vnfs { … }`
package struct EntityItem: Sendable {
  package var name: Name
  /// Parent kind and what the parent calls its list.
  package var parent: (kind: Name, list: Name)?
  package var fields: [FieldSyntax]
  package var doc: String?
  package var range: SourceRange
  package init(
    name: Name, parent: (kind: Name, list: Name)?, fields: [FieldSyntax], doc: String?,
    range: SourceRange
  ) {
    self.name = name; self.parent = parent; self.fields = fields; self.doc = doc; self.range = range
  }
}

package struct FieldSyntax: Sendable {
  package enum Form: Sendable {
    /// `x: T where p = e`
    case given(type: TypeSyntax, condition: Expression?, value: Expression?)
    /// `let x: T = e`
    case derived(type: TypeSyntax?, value: Expression)
    /// `decide x: T where p = e`
    case decision(type: TypeSyntax, candidates: Expression?, value: Expression?)
  }
  package var name: Name
  package var form: Form
  package var doc: String?
  package var range: SourceRange
  package init(name: Name, form: Form, doc: String?, range: SourceRange) {
    self.name = name; self.form = form; self.doc = doc; self.range = range
  }
}

package struct ParameterSyntax: Sendable {
  package var name: Name
  package var type: TypeSyntax
  package var value: Expression?
  package init(name: Name, type: TypeSyntax, value: Expression?) {
    self.name = name; self.type = type; self.value = value
  }
}

package struct FunctionItem: Sendable {
  package var name: Name
  package var parameters: [ParameterSyntax]
  package var result: TypeSyntax?
  /// The `let`s of a block body; empty for `= e`.
  package var lets: [LetStatement]
  package var body: Expression
  package var doc: String?
  package var range: SourceRange
  package init(
    name: Name, parameters: [ParameterSyntax], result: TypeSyntax?, lets: [LetStatement],
    body: Expression, doc: String?, range: SourceRange
  ) {
    self.name = name; self.parameters = parameters; self.result = result; self.lets = lets
    self.body = body; self.doc = doc; self.range = range
  }
}

package struct RuleItem: Sendable {
  package var name: Name
  /// `nil` where there is no parameter list.
  package var parameters: [ParameterSyntax]?
  package var layer: Name?
  package var body: [Statement]
  package var doc: String?
  package var range: SourceRange
  package init(
    name: Name, parameters: [ParameterSyntax]?, layer: Name?, body: [Statement], doc: String?,
    range: SourceRange
  ) {
    self.name = name; self.parameters = parameters; self.layer = layer; self.body = body
    self.doc = doc; self.range = range
  }
}

// MARK: - Types

package indirect enum TypeSyntax: Sendable {
  /// `data`, `EUR/h`, `nfv.host`: numerator, then divisors.
  case named(DottedName, dividedBy: [DottedName], range: SourceRange)
  case optional(TypeSyntax, range: SourceRange)
  /// `int in 1..8`, `site in breakouts`: the type of a value that lies in a range or list.
  case within(TypeSyntax, Expression, range: SourceRange)
  case set(TypeSyntax, range: SourceRange)
  case list(TypeSyntax, range: SourceRange)
  case map(TypeSyntax, TypeSyntax, range: SourceRange)
  case tuple([(label: Name?, type: TypeSyntax)], range: SourceRange)
  case function([TypeSyntax], TypeSyntax, range: SourceRange)
  case invalid(SourceRange)

  package var range: SourceRange {
    switch self {
    case .named(_, _, let r), .optional(_, let r), .within(_, _, let r), .set(_, let r),
      .list(_, let r), .map(_, _, let r), .tuple(_, let r), .function(_, _, let r), .invalid(let r):
      r
    }
  }
}

// MARK: - Statements

package indirect enum Statement: Sendable {
  case letBinding(LetStatement)
  case param(ParamStatement)
  case load(LoadStatement)
  case constraint(ConstraintStatement)
  case forEach(sources: [EachSource], body: [Statement], range: SourceRange)
  case ifElse(condition: Expression, then: [Statement], otherwise: [Statement]?, range: SourceRange)
  case match(subject: Expression, choices: [Choice], range: SourceRange)
  case make(MakeStatement)
  case objective([Goal], range: SourceRange)
  case use(Expression, range: SourceRange)
  case waive(WaiveStatement)
  case invalid(SourceRange)
}

package struct LetStatement: Sendable {
  package var pattern: BindingPattern
  package var type: TypeSyntax?
  package var value: Expression
  package var doc: String?
  package var range: SourceRange
  package init(
    pattern: BindingPattern, type: TypeSyntax?, value: Expression, doc: String?, range: SourceRange
  ) {
    self.pattern = pattern; self.type = type; self.value = value; self.doc = doc; self.range = range
  }
}

/// Binds names; `_` ignores.
package indirect enum BindingPattern: Sendable {
  case name(Name)
  case tuple([BindingPattern], range: SourceRange)
}

package struct ParamStatement: Sendable {
  package var name: Name
  package var type: TypeSyntax
  package var value: Expression?
  package var doc: String?
  package var range: SourceRange
  package init(name: Name, type: TypeSyntax, value: Expression?, doc: String?, range: SourceRange) {
    self.name = name; self.type = type; self.value = value; self.doc = doc; self.range = range
  }
}

/// `load host from "lab.json" at "hosts"` makes entities; `load rows: [row] from …` gives values.
package struct LoadStatement: Sendable {
  package var name: Name
  package var type: TypeSyntax?
  package var file: Expression
  package var path: Expression?
  package var range: SourceRange
  package init(
    name: Name, type: TypeSyntax?, file: Expression, path: Expression?, range: SourceRange
  ) {
    self.name = name; self.type = type; self.file = file; self.path = path; self.range = range
  }
}

package struct ConstraintStatement: Sendable {
  package enum Verb: Sendable { case require, forbid, prefer(weight: Expression) }
  package var verb: Verb
  /// The word itself, for labels.
  package var verbRange: SourceRange
  package var condition: Expression
  package var range: SourceRange
  package init(verb: Verb, verbRange: SourceRange, condition: Expression, range: SourceRange) {
    self.verb = verb; self.verbRange = verbRange; self.condition = condition; self.range = range
  }
}

/// One `host h where p` or `x in xs where p` of a `for each`.
package struct EachSource: Sendable {
  package enum Form: Sendable {
    /// `host h`: every entity of a kind.
    case kind(Name, variable: Name)
    case elements(BindingPattern, of: Expression)
  }
  package var form: Form
  package var condition: Expression?
  package var range: SourceRange
  package init(form: Form, condition: Expression?, range: SourceRange) {
    self.form = form; self.condition = condition; self.range = range
  }
}

package struct Choice: Sendable {
  package var patterns: [CasePattern]
  package var body: [Statement]
  package var range: SourceRange
  package init(patterns: [CasePattern], body: [Statement], range: SourceRange) {
    self.patterns = patterns; self.body = body; self.range = range
  }
}

/// `host "sto-[1..4]" { … }`, or `link a -> b { … }` which has ends and no name.
package struct MakeStatement: Sendable {
  /// Names as a word, or as a text that may interpolate or hold a span `[1..4]`.
  package enum Subject: Sendable {
    case name(Name)
    case text(Expression)
    case ends([DottedName])
  }
  package var kind: Name
  package var subject: Subject
  package var body: [MakePart]
  package var doc: String?
  package var range: SourceRange
  package init(
    kind: Name, subject: Subject, body: [MakePart], doc: String?, range: SourceRange
  ) {
    self.kind = kind; self.subject = subject; self.body = body; self.doc = doc; self.range = range
  }
}

package indirect enum MakePart: Sendable {
  case field(Name, Expression)
  case make(MakeStatement)
  case letBinding(LetStatement)
  case forEach(sources: [EachSource], body: [MakePart], range: SourceRange)
  case ifElse(condition: Expression, then: [MakePart], otherwise: [MakePart]?, range: SourceRange)
  case invalid(SourceRange)
}

package struct Goal: Sendable {
  package enum Sense: Sendable { case minimize, maximize }
  package var sense: Sense
  package var value: Expression
  package init(sense: Sense, value: Expression) { self.sense = sense; self.value = value }
}

package struct WaiveStatement: Sendable {
  package enum Scope: Sendable {
    case all
    case entities([Expression])
    case each([EachSource])
  }
  package var rule: DottedName
  package var scope: Scope
  package var reason: Expression
  package var range: SourceRange
  package init(rule: DottedName, scope: Scope, reason: Expression, range: SourceRange) {
    self.rule = rule; self.scope = scope; self.reason = reason; self.range = range
  }
}

// MARK: - Tests

/// What there is in a world, and what is changed.
package indirect enum Fact: Sendable {
  case letBinding(LetStatement)
  case load(LoadStatement)
  case make(MakeStatement)
  case change(Change)
  case scenario(Expression, range: SourceRange)
  case forEach(sources: [EachSource], body: [Fact], range: SourceRange)
  case invalid(SourceRange)
}

/// `anna.max_distance = 1 km`; the target is a name followed by fields and indices.
package struct Change: Sendable {
  package var target: Expression
  package var value: Expression
  package var range: SourceRange
  package init(target: Expression, value: Expression, range: SourceRange) {
    self.target = target; self.value = value; self.range = range
  }
}

package struct ScenarioItem: Sendable {
  package var name: Name
  package var parameters: [ParameterSyntax]
  package var facts: [Fact]
  package var doc: String?
  package var range: SourceRange
  package init(
    name: Name, parameters: [ParameterSyntax], facts: [Fact], doc: String?, range: SourceRange
  ) {
    self.name = name; self.parameters = parameters; self.facts = facts; self.doc = doc
    self.range = range
  }
}

package struct TestItem: Sendable {
  /// The title as written: a text without interpolation.
  package var title: Expression
  package var steps: [Step]
  package var doc: String?
  package var range: SourceRange
  package init(title: Expression, steps: [Step], doc: String?, range: SourceRange) {
    self.title = title; self.steps = steps; self.doc = doc; self.range = range
  }
}

/// `solve from a with x.y = 1`
package struct SolveSyntax: Sendable {
  package var from: Name?
  package var with: [Fact]
  package var range: SourceRange
  package init(from: Name?, with: [Fact], range: SourceRange) {
    self.from = from; self.with = with; self.range = range
  }
}

package indirect enum Step: Sendable {
  case letBinding(LetStatement)
  case letSolve(BindingPattern, SolveSyntax)
  case statement(Statement)
  case scenario(Expression, range: SourceRange)
  case solve(SolveSyntax)
  case expect(ExpectStatement)
  case forEach(sources: [EachSource], body: [Step], range: SourceRange)
  case invalid(SourceRange)
}

package struct ExpectStatement: Sendable {
  package enum Claim: Sendable {
    case condition(Expression)
    case infeasible(because: [DottedName])
    case relax([DottedName])
    case ruleBinding(DottedName)
    case ruleActive(DottedName)
    case ruleInactive(DottedName)
  }
  package var claim: Claim
  package var range: SourceRange
  package init(claim: Claim, range: SourceRange) { self.claim = claim; self.range = range }
}

// MARK: - Expressions

package enum UnaryOperator: String, Sendable { case negate = "-", not }

package enum BinaryOperator: String, Sendable {
  case implies, or, and
  case equal = "==", notEqual = "!=", less = "<", lessOrEqual = "<=", greater = ">"
  case greaterOrEqual = ">=", isIn = "in", isNotIn = "not in"
  case range = "..", rangeBefore = "..<"
  case fallback = "??"
  case add = "+", subtract = "-", multiply = "*", divide = "/", floorDivide = "div", modulo = "mod"
}

package struct ArgumentSyntax: Sendable {
  package var label: Name?
  package var value: Expression
  package init(label: Name?, value: Expression) { self.label = label; self.value = value }
}

package indirect enum Expression: Sendable {
  /// `16`, `1.5`, `16 GiB`, `0.12 EUR/h`, `80 %`: the digits as written and the unit as written (`EUR/h`).
  case number(digits: String, unit: Name?, range: SourceRange)
  /// Literal segments (escapes resolved) and interpolations in order.
  case text([TextSegment], range: SourceRange)
  case bool(Bool, range: SourceRange)
  case none(range: SourceRange)
  case this(range: SourceRange)
  case name(Name)
  /// `x.f`; `x?.f` is optional.
  case member(Expression, Name, isOptional: Bool, range: SourceRange)
  case call(Expression, [ArgumentSyntax], range: SourceRange)
  /// `sum(x for each …)`: a call whose one argument is a generator.
  case callEach(Expression, element: Expression, sources: [EachSource], range: SourceRange)
  case index(Expression, Expression, range: SourceRange)
  case unary(UnaryOperator, Expression, range: SourceRange)
  case binary(BinaryOperator, Expression, Expression, operatorRange: SourceRange, range: SourceRange)
  case conditional(Expression, then: Expression, otherwise: Expression, range: SourceRange)
  case lambda(parameters: [Name], body: Expression, range: SourceRange)
  /// `(a, b)` unlabelled: a tuple; labelled: a record without a name. One unlabelled element is itself.
  case tuple([ArgumentSyntax], range: SourceRange)
  case list([Expression], range: SourceRange)
  case listEach(element: Expression, sources: [EachSource], range: SourceRange)
  case map([(key: Expression, value: Expression)], range: SourceRange)
  case mapEach(key: Expression, value: Expression, sources: [EachSource], range: SourceRange)
  /// `set [a, b]`, `set [x for each …]`: the list inside is `.list` or `.listEach`.
  case set(Expression, range: SourceRange)
  /// `all host`
  case allOf(kind: Name, range: SourceRange)
  case refuse(Expression, range: SourceRange)
  case match(Expression, [MatchArm], range: SourceRange)
  case invalid(SourceRange)

  package var range: SourceRange {
    switch self {
    case .name(let name): name.range
    case .number(_, _, let r), .text(_, let r), .bool(_, let r), .none(let r), .this(let r),
      .member(_, _, _, let r), .call(_, _, let r), .callEach(_, _, _, let r), .index(_, _, let r),
      .unary(_, _, let r), .binary(_, _, _, _, let r), .conditional(_, _, _, let r),
      .lambda(_, _, let r), .tuple(_, let r), .list(_, let r), .listEach(_, _, let r),
      .map(_, let r), .mapEach(_, _, _, let r), .set(_, let r), .allOf(_, let r),
      .refuse(_, let r), .match(_, _, let r), .invalid(let r):
      r
    }
  }
}

package enum TextSegment: Sendable {
  case literal(String)
  case interpolation(Expression)
}

package struct MatchArm: Sendable {
  package var patterns: [CasePattern]
  package var value: Expression
  package var range: SourceRange
  package init(patterns: [CasePattern], value: Expression, range: SourceRange) {
    self.patterns = patterns; self.value = value; self.range = range
  }
}

package indirect enum CasePattern: Sendable {
  /// A bare name is a case, never a new variable; `_` matches anything.
  case named(DottedName, payload: [BindingPattern], range: SourceRange)
  /// A number or quantity, or a range of them.
  case amount(Expression, range: SourceRange)
  case amounts(Expression, Expression, includesEnd: Bool, range: SourceRange)
  case text(Expression, range: SourceRange)
  case bool(Bool, range: SourceRange)
  case none(range: SourceRange)
  case tuple([CasePattern], range: SourceRange)

  package var range: SourceRange {
    switch self {
    case .named(_, _, let r), .amount(_, let r), .amounts(_, _, _, let r), .text(_, let r),
      .bool(_, let r), .none(let r), .tuple(_, let r):
      r
    }
  }
}
