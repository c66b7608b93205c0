package import Diagnostics
package import PlacetSemantics

/// What a world is made from besides its program.
package struct WorldInputs {
  package enum FileAnswer {
    case file(DataFile)
    /// Why there is none, in a few words: `no such file`.
    case missing(String)
    /// The file is there and is not what it claims to be.
    case broken([Diagnostic])
  }

  /// Reads a data file by the name that a policy gave, relative to the policy that asked.
  package var readFile: (_ name: String, _ asker: Source) -> FileAnswer
  /// `--set name=value`, as written.
  package var parameters: [String: String]
  /// What runs, by the path of an entity and the name of a field, as `describe` writes values. A decided field
  /// prefers it; a given field that names an entity (`was`) is it, or none where that entity is gone.
  package var recorded: [String: [String: String]]
  package var budget: Budget
  /// Asked now and then while known code runs; true ends it with a located `E0512` (Ctrl-C at the prompt).
  package var shouldStop: () -> Bool = { false }

  package init(
    parameters: [String: String] = [:], recorded: [String: [String: String]] = [:], budget: Budget = Budget(),
    readFile: @escaping (_ name: String, _ asker: Source) -> FileAnswer = { _, _ in
      .missing("no files here")
    }
  ) {
    self.readFile = readFile
    self.parameters = parameters
    self.recorded = recorded
    self.budget = budget
  }
}

/// What a test (or the prompt) adds to the policy's own world.
package struct WorldAdditions {
  /// A test's world is the policy less the entities that it loads; rows are values, read where they are asked for.
  package var runsLoads = true
  /// Statements before the solve: makes, loads, scenarios, `let`, for each, if, use, waive, and constraints.
  package var facts: [TypedStatement] = []
  /// The `with` of the solve.
  package var changes: [TypedStatement] = []
  /// The frame of facts and changes, with what is in it at the start (missing slots are empty).
  package var frame = FrameInfo()
  package var values: [Value] = []
  package init() {}
}

/// A rule that holds with these arguments: by `use`, or because it has no parameters.
package struct RuleUse: Hashable, Sendable {
  package var rule: RuleID
  package var arguments: [Value]
  /// Of the `use`; the rule's own range where it needs none.
  package var range: SourceRange
}

/// A waiver whose entities are known.
package struct WaiverInForce: Hashable, Sendable {
  package var rule: RuleID
  /// nil: all instances of the rule.
  package var entities: Set<EntityID>?
  package var reason: String
  package var range: SourceRange
}

/// A constraint (or what stands around it) of a test, with the frame that it sees.
package struct LocalStatement {
  package var statement: TypedStatement
  package var frame: [Value]
  package var info: FrameInfo
}

/// What the solver chose: a value for each decided field.
package struct Decisions: Sendable {
  package struct Key: Hashable, Sendable {
    package var entity: EntityID
    package var field: Int
    package init(_ entity: EntityID, _ field: Int) {
      self.entity = entity
      self.field = field
    }
  }
  package var values: [Key: Value] = [:]
  package init() {}
  package subscript(entity: EntityID, field: Int) -> Value? {
    get { values[Key(entity, field)] }
    set { values[Key(entity, field)] = newValue }
  }
}
