package import ConstraintModel
package import ConstraintSolver
package import Diagnostics
package import NFVModel
package import Quantities

/// What a policy came to: a placement that was re-checked, a conflict, or neither within the limit.
package struct PlacementAnswer: Sendable {
  package enum Status: String, Sendable { case optimal, feasible, infeasible, unknown }

  package var status: Status
  /// Empty unless placed.
  package var objectives: [ObjectiveValue] = []
  package var assignment = Assignment()
  /// Decisions of entities that are not placed instances.
  package var decisions: [DecidedField] = []
  /// Present where infeasible.
  package var conflict: Conflict?
  package var waived: [Waiver] = []
  /// Rules that held, in order of declaration.
  package var rules: [RuleSummary] = []
  package var statistics = SolverStatistics()
  package var seed: UInt64 = 1

  package init(status: Status) { self.status = status }

  package var isPlaced: Bool { status == .optimal || status == .feasible }
}

/// One tier of the objective.
package struct ObjectiveValue: Hashable, Sendable {
  package var name: String
  /// In base units.
  package var value: Rational
  /// Proven: no placement does better (given the tiers before).
  package var bound: Rational
  package var isMaximized: Bool
  /// As a person reads them: `1240 EUR/month`.
  package var valueText: String
  package var boundText: String
  package init(
    name: String, value: Rational, bound: Rational, isMaximized: Bool, valueText: String,
    boundText: String
  ) {
    self.name = name; self.value = value; self.bound = bound; self.isMaximized = isMaximized
    self.valueText = valueText; self.boundText = boundText
  }
  package var isProved: Bool { value == bound }
}

/// A decided field and its value, both as the author would write them.
package struct DecidedField: Hashable, Sendable {
  package var entity: String
  package var field: String
  package var value: String
  /// Whether the entity is a part of a placed instance: a cell, a virtual function.
  package var isOfInstance: Bool
  package init(entity: String, field: String, value: String, isOfInstance: Bool = false) {
    self.entity = entity; self.field = field; self.value = value; self.isOfInstance = isOfInstance
  }
}

/// A rule of the program and how it fared in the placement that is shown.
package struct RuleSummary: Hashable, Sendable {
  package var name: String
  package var layer: String
  /// Constraint statements that were stated, over all instances of the rule.
  package var constraints: Int
  /// Unmet wishes and what they weigh.
  package var unmetWishes: Int
  package init(name: String, layer: String, constraints: Int, unmetWishes: Int) {
    self.name = name; self.layer = layer; self.constraints = constraints; self.unmetWishes = unmetWishes
  }
}

/// A minimal set of rules that no placement keeps together: leaving out any one member lets the rest hold.
package struct Conflict: Sendable {
  /// One constraint of one or more rule instances.
  package struct Member: Sendable {
    package var rule: String
    package var layer: String
    package var doc: String?
    /// The verb of the constraint that takes part.
    package var range: SourceRange
    /// Where a label goes.
    package var verbRange: SourceRange
    /// What the constraint is about: `vepc.sgw[0]`, `host fra-2`.
    package var about: [String]
    /// The sentence at the carets.
    package var text: String
  }
  package var members: [Member]
  /// The constraints themselves, one for each statement of each rule instance.
  package var core: [Origin] = []
  /// Inventory facts that matter, a line each, with where they come from.
  package var facts: [String]
  package var relaxations: [Relaxation]
  package init(members: [Member], facts: [String] = [], relaxations: [Relaxation] = []) {
    self.members = members; self.facts = facts; self.relaxations = relaxations
  }

  /// Names of the rules that take part, each once, in order.
  package var rules: [String] {
    var seen: Set<String> = []
    return members.map(\.rule).filter { seen.insert($0).inserted }
  }
}

/// A change that would let the policy have a placement.
package struct Relaxation: Hashable, Sendable {
  package var text: String
  package var rule: String
  /// What the objective comes to with this change, tier by tier, proved; empty where there is no objective or the
  /// limit of work was met first.
  package var objectives: [ObjectiveValue] = []
  package init(text: String, rule: String) {
    self.text = text
    self.rule = rule
  }

  /// With what the first objective comes to: `waive capacity for host only (cost 12 EUR/month)`.
  package var line: String {
    guard let first = objectives.first else { return text }
    return "\(text) (\(first.name.count > 24 ? "objective" : first.name) \(first.valueText))"
  }
}
