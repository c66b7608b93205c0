package import Diagnostics
package import Quantities

/// A policy with all it imports, names bound and types known: what the machine compiles and runs.
package struct TypedProgram: Sendable {
  package var modules: [ModuleInfo] = []
  package var units = UnitTable()
  package var enums: [EnumDeclaration] = []
  package var records: [RecordDeclaration] = []
  package var kinds: [KindDeclaration] = []
  package var functions: [FunctionDeclaration] = []
  package var globals: [GlobalDeclaration] = []
  package var rules: [RuleDeclaration] = []
  package var scenarios: [ScenarioDeclaration] = []
  package var tests: [TestDeclaration] = []
  /// Top-level statements of all modules that act on the world, in an order in which each kind is complete
  /// before a statement ranges over it: makes, loads, for each, if, match, use, waive.
  package var statements: [TypedTopLevel] = []
  /// The objective of the policy that is run; empty if it has none.
  package var objective: [TypedGoal] = []
  package var objectiveFrame = FrameInfo()
  package var writtenNames = WrittenNames()

  package init() {}

  package subscript(id: EnumID) -> EnumDeclaration { enums[id.index] }
  package subscript(id: RecordID) -> RecordDeclaration { records[id.index] }
  package subscript(id: KindID) -> KindDeclaration { kinds[id.index] }
  package subscript(id: FunctionID) -> FunctionDeclaration { functions[id.index] }
  package subscript(id: GlobalID) -> GlobalDeclaration { globals[id.index] }
  package subscript(id: RuleID) -> RuleDeclaration { rules[id.index] }
  package subscript(id: ScenarioID) -> ScenarioDeclaration { scenarios[id.index] }
}

/// How the main policy may call entities, kinds and rules, for what is offered to be written into it.
package struct WrittenNames: Sendable {
  /// Entities without a parent that their name alone means.
  package var roots: [KindID: Set<String>] = [:]
  /// By the kind of the parent: names that mean a child after its parent's dot, and the child's kind.
  package var children: [KindID: [String: KindID]] = [:]
  /// With the prefix that they are imported under; without entry where the policy does not see them.
  package var kinds: [KindID: String] = [:]
  package var rules: [RuleID: String] = [:]
}

package struct ModuleInfo: Sendable {
  /// `rules.spread`; the main policy is "".
  package var name: String
  package var source: Source
  package var layer: Layer
  package init(name: String, source: Source, layer: Layer) {
    self.name = name; self.source = source; self.layer = layer
  }
}

/// Who speaks. Layers never override; a file may waive rules of its own layer or a lower one.
package enum Layer: Int, Sendable, Comparable {
  case vendor, service, `operator`, regulator
  package static func < (a: Layer, b: Layer) -> Bool { a.rawValue < b.rawValue }
}

/// Size of a frame and the names of its slots, for messages.
package struct FrameInfo: Sendable {
  package var localNames: [String] = []
  package var localTypes: [Type] = []
  package init() {}
  package init(localNames: [String], localTypes: [Type]) {
    self.localNames = localNames; self.localTypes = localTypes
  }
  package var count: Int { localNames.count }
}

package struct EnumDeclaration: Sendable {
  package struct Case: Sendable {
    package var name: String
    package var members: [Type.Labelled]
    package var doc: String?
    package init(name: String, members: [Type.Labelled], doc: String?) {
      self.name = name; self.members = members; self.doc = doc
    }
  }
  package var name: String
  package var isOpen: Bool
  /// With the cases that `extend` added, in module order.
  package var cases: [Case]
  package var doc: String?
  package var range: SourceRange
  package init(name: String, isOpen: Bool, cases: [Case], doc: String?, range: SourceRange) {
    self.name = name; self.isOpen = isOpen; self.cases = cases; self.doc = doc; self.range = range
  }
}

package struct RecordDeclaration: Sendable {
  package var name: String
  package var isOpen: Bool
  package var fields: [FieldDeclaration]
  package var doc: String?
  package var range: SourceRange
  package init(name: String, isOpen: Bool, fields: [FieldDeclaration], doc: String?, range: SourceRange) {
    self.name = name; self.isOpen = isOpen; self.fields = fields; self.doc = doc; self.range = range
  }
}

package struct KindDeclaration: Sendable {
  package var name: String
  /// The kind that holds this one, and this one's list there.
  package var parent: KindID?
  /// Field 0 is always `name: text`; field 1 of a kind with a parent is the parent, named after its kind.
  package var fields: [FieldDeclaration]
  package var doc: String?
  package var range: SourceRange
  package init(
    name: String, parent: KindID?, fields: [FieldDeclaration], doc: String?, range: SourceRange
  ) {
    self.name = name; self.parent = parent; self.fields = fields; self.doc = doc; self.range = range
  }

  package func fieldIndex(_ name: String) -> Int? { fields.firstIndex { $0.name == name } }
}

package struct FieldDeclaration: Sendable {
  package enum Form: Sendable {
    /// The entity's own name.
    case name
    case parent(KindID)
    /// The list that a child kind declared with `in`: the children, in order of making.
    case children(KindID)
    /// Given, with a default or without; `condition` is checked when a value is there.
    /// Frame of both bodies: local 0 is `this`.
    case given(defaultValue: TypedBody?, condition: TypedBody?)
    /// Computed once on demand. Frame: local 0 is `this`.
    case derived(TypedBody)
    /// Chosen by the solver.
    /// - `within`: the list, set or range after `in`, or nil for all values of the type (all entities of the
    ///   kind, both booleans, all cases). Frame: local 0 is `this`.
    /// - `condition`: frame: local 0 is `this`, local 1 the candidate (which the field's name stands for).
    /// - `preferred`: the candidate that ties are broken for; T or T?. Frame: local 0 is `this`.
    /// Each may read other decisions of the same entity; the candidates are then those that some value of
    /// those decisions admits, plus a constraint between them.
    /// A decision of optional type has `none` as one more candidate.
    case decision(within: TypedBody?, condition: TypedBody?, preferred: TypedBody?)
  }
  package var name: String
  package var type: Type
  package var form: Form
  /// `int in 1..8` on a given field: the values that are allowed. Frame: local 0 is `this` (absent in records).
  package var within: TypedBody?
  package var doc: String?
  package var range: SourceRange
  /// Whether reading the field reads a decision (its own or, derived, another's).
  package var isDecided: Bool
  package init(
    name: String, type: Type, form: Form, within: TypedBody? = nil, doc: String?,
    range: SourceRange, isDecided: Bool
  ) {
    self.name = name; self.type = type; self.form = form; self.within = within; self.doc = doc
    self.range = range; self.isDecided = isDecided
  }
}

/// An expression with a frame of its own.
package struct TypedBody: Sendable {
  package var frame: FrameInfo
  package var expression: TypedExpression
  package init(frame: FrameInfo, expression: TypedExpression) {
    self.frame = frame; self.expression = expression
  }
}

package struct FunctionDeclaration: Sendable {
  package var name: String
  package var module: Int
  /// Parameters are locals 0..<parameterTypes.count.
  package var parameterNames: [String]
  package var parameterTypes: [Type]
  package var resultType: Type
  package var frame: FrameInfo
  /// Bound in order before `body`.
  package var lets: [(BindTarget, TypedExpression)]
  package var body: TypedExpression
  /// Whether the body reads decisions whatever its arguments are.
  package var readsDecisions: Bool
  package var doc: String?
  package var range: SourceRange
  package init(
    name: String, module: Int, parameterNames: [String], parameterTypes: [Type], resultType: Type,
    frame: FrameInfo, lets: [(BindTarget, TypedExpression)], body: TypedExpression,
    readsDecisions: Bool, doc: String?, range: SourceRange
  ) {
    self.name = name; self.module = module; self.parameterNames = parameterNames
    self.parameterTypes = parameterTypes; self.resultType = resultType; self.frame = frame
    self.lets = lets; self.body = body; self.readsDecisions = readsDecisions; self.doc = doc
    self.range = range
  }
}

/// A `let`, `param` or `load rows:` at the top of a module; computed once on demand, cycles are errors.
package struct GlobalDeclaration: Sendable {
  package enum Form: Sendable {
    case derived(TypedBody)
    /// Set by `--set name=value`; `allowed` is the list or range after `in`.
    case param(defaultValue: TypedBody?, allowed: TypedBody?)
    case rows(TypedLoad, FrameInfo)
  }
  package var name: String
  package var module: Int
  package var type: Type
  package var form: Form
  package var readsDecisions: Bool
  package var doc: String?
  package var range: SourceRange
  package init(
    name: String, module: Int, type: Type, form: Form, readsDecisions: Bool, doc: String?,
    range: SourceRange
  ) {
    self.name = name; self.module = module; self.type = type; self.form = form
    self.readsDecisions = readsDecisions; self.doc = doc; self.range = range
  }
}

package struct RuleDeclaration: Sendable {
  package var name: String
  package var module: Int
  package var layer: Layer
  /// nil where the rule has no parameter list: it then holds without `use`.
  package var parameterNames: [String]?
  package var parameterTypes: [Type]
  /// Parameters are the first locals.
  package var frame: FrameInfo
  package var body: [TypedStatement]
  package var doc: String?
  package var range: SourceRange
  package var nameRange: SourceRange
  package init(
    name: String, module: Int, layer: Layer, parameterNames: [String]?, parameterTypes: [Type],
    frame: FrameInfo, body: [TypedStatement], doc: String?, range: SourceRange, nameRange: SourceRange
  ) {
    self.name = name; self.module = module; self.layer = layer; self.parameterNames = parameterNames
    self.parameterTypes = parameterTypes; self.frame = frame; self.body = body; self.doc = doc
    self.range = range; self.nameRange = nameRange
  }
}

package struct ScenarioDeclaration: Sendable {
  package var name: String
  package var module: Int
  package var parameterNames: [String]
  package var parameterTypes: [Type]
  package var frame: FrameInfo
  package var body: [TypedStatement]
  package var range: SourceRange
  package init(
    name: String, module: Int, parameterNames: [String], parameterTypes: [Type], frame: FrameInfo,
    body: [TypedStatement], range: SourceRange
  ) {
    self.name = name; self.module = module; self.parameterNames = parameterNames
    self.parameterTypes = parameterTypes; self.frame = frame; self.body = body; self.range = range
  }
}

package struct TestDeclaration: Sendable {
  package var title: String
  package var module: Int
  package var frame: FrameInfo
  /// World facts, solves and expects in order; runs only where `module` is the main policy's.
  package var steps: [TypedStatement]
  package var range: SourceRange
  package init(title: String, module: Int, frame: FrameInfo, steps: [TypedStatement], range: SourceRange) {
    self.title = title; self.module = module; self.frame = frame; self.steps = steps; self.range = range
  }
}

/// A statement at the top of a module, with a frame of its own.
package struct TypedTopLevel: Sendable {
  package var module: Int
  package var frame: FrameInfo
  package var statement: TypedStatement
  package init(module: Int, frame: FrameInfo, statement: TypedStatement) {
    self.module = module; self.frame = frame; self.statement = statement
  }
}

package struct TypedGoal: Sendable {
  package var isMaximized: Bool
  package var value: TypedExpression
  /// The name of the `let`, else the source text.
  package var name: String
  package init(isMaximized: Bool, value: TypedExpression, name: String) {
    self.isMaximized = isMaximized; self.value = value; self.name = name
  }
}
