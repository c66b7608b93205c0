package import Diagnostics
package import PlacetSemantics

/// A rule with its arguments and the values of the `for each` variables around a statement of it.
package struct RuleInstance {
  package struct Binding {
    package var name: String
    package var value: Value
    package var type: Type
  }
  package var rule: RuleID
  package var arguments: [Binding]
  package var variables: [Binding]
  /// Number of the use that it is of, among the world's.
  var use: Int?

  /// Entities that the instance is about: arguments first, then variables, outermost first.
  package var entities: [EntityID] {
    (arguments + variables).compactMap { binding in
      guard case .entity = binding.type, !binding.value.isDecided, binding.value.aux > 0 else { return nil }
      return binding.value.entity
    }
  }
}

/// What a constraint of the model means in the author's words.
package struct OriginInfo {
  package enum Subject: Hashable {
    /// Says only what auxiliary decisions mean; always in force.
    case definition
    /// The candidates of a decision; always in force.
    case decision(EntityID, Int)
    /// Index of a rule instance.
    case rule(Int)
    /// A constraint of a test's own, by number.
    case local(Int)
    case objective(Int)
    /// Added by whoever asked: a pin, a negated claim.
    case assumption(String)
  }
  package struct Refusal {
    package var reason: String
    package var range: SourceRange
  }
  package var subject: Subject
  /// The statement, if there is one.
  package var constraint: TypedConstraint?
  package var range: SourceRange?
  /// Decided conditions around the statement, outermost first.
  package var guards: [SourceRange] = []
  /// Set where this is what a `refuse` posts.
  package var refusal: Refusal?
  /// The values of the locals at the statement, for evaluation of its known sides.
  package var frame: [Value] = []
  /// Number of the use of a rule that posted it, among the world's.
  var use: Int?

  init(
    subject: Subject, constraint: TypedConstraint? = nil, range: SourceRange? = nil,
    guards: [SourceRange] = [], refusal: Refusal? = nil, frame: [Value] = []
  ) {
    self.subject = subject
    self.constraint = constraint
    self.range = range
    self.guards = guards
    self.refusal = refusal
    self.frame = frame
  }

  package var isStructural: Bool {
    switch subject {
    case .definition, .decision: true
    case .rule, .local, .objective, .assumption: false
    }
  }
}
