/// That the value of a decision lies in a mask, or (negated) that it does not.
package struct Literal: Hashable, Sendable {
  package var decision: Decision
  package var mask: MaskID
  package var isNegated: Bool

  package init(_ decision: Decision, in mask: MaskID, isNegated: Bool = false) {
    self.decision = decision
    self.mask = mask
    self.isNegated = isNegated
  }

  package static prefix func ! (literal: Literal) -> Literal {
    Literal(literal.decision, in: literal.mask, isNegated: !literal.isNegated)
  }
}

/// A decision seen through a column: the integer that the column holds for the decision's value.
package struct View: Hashable, Sendable {
  package var decision: Decision
  package var column: ColumnID
  package init(_ decision: Decision, _ column: ColumnID) {
    self.decision = decision
    self.column = column
  }
}

/// One integer that depends on decisions.
package enum Term: Hashable, Sendable {
  /// The column's integer for the decision's value.
  case view(View)
  /// 1 where the literal is true, else 0.
  case literal(Literal)
  /// `tables[t][first][second]`: both views give row and column numbers of the table.
  case table(TableID, View, View)
  /// The sum of the weights of the items in a bin of a load.
  case load(LoadID, bin: Int32)
  /// What the sum exceeds 0 by: `max(0, sum)`.
  case ramp(SumID)
}

/// `constant + Σ coefficient · term`, none of the terms with a greater number than its own where they are ramps.
package struct Sum: Hashable, Sendable {
  package var terms: [LinearTerm]
  package var constant: Int
  package init(_ terms: [LinearTerm], constant: Int) {
    self.terms = terms
    self.constant = constant
  }
}

package struct LinearTerm: Hashable, Sendable {
  package var coefficient: Int
  package var term: Term
  package init(_ coefficient: Int, _ term: Term) {
    self.coefficient = coefficient
    self.term = term
  }
}

/// What is put where: item i adds its weight to the bin that its view names; a negative bin number is no bin.
///
/// Capacities, counts per host or site, and "is anything here" are all linear constraints over bins of a load,
/// so that a packing is stated once and not host by host.
package struct Load: Hashable, Sendable {
  package struct Item: Hashable, Sendable {
    package var view: View
    /// Never negative.
    package var weight: Int
    package init(_ view: View, weight: Int) {
      self.view = view
      self.weight = weight
    }
  }
  package var items: [Item]
  package var binCount: Int
  package init(items: [Item], binCount: Int) {
    self.items = items
    self.binCount = binCount
  }
}

/// A statement about decisions.
package struct Constraint: Hashable, Sendable {
  package indirect enum Form: Hashable, Sendable {
    /// At least one literal is true. The empty clause is false.
    case clause([Literal])
    /// `lower <= Σ coefficient · term <= upper`; a missing side is no side.
    case linear([LinearTerm], lower: Int?, upper: Int?)
    /// Both views have the same value.
    case equal(View, View)
    /// No two views have the same value; views with value `except` do not count.
    case allDifferent([View], except: Int?)
    /// The values of the views, in order, are one of the rows.
    case rows([View], [[Int]])
    /// `tables[t][first][second] != 0`.
    case allowed(TableID, View, View)
  }
  package var form: Form
  /// The constraint is asked for only where all of these are true.
  package var enforcedBy: [Literal]
  package var origin: Origin

  package init(_ form: Form, enforcedBy: [Literal] = [], origin: Origin) {
    self.form = form
    self.enforcedBy = enforcedBy
    self.origin = origin
  }
}

/// One tier of a lexicographic objective: minimise `constant + Σ coefficient · term`.
package struct Objective: Hashable, Sendable {
  package var terms: [LinearTerm]
  package var constant: Int
  /// Where each term came from, parallel to `terms` (a `prefer` of a rule, or the goal itself).
  package var origins: [Origin]
  package init(terms: [LinearTerm] = [], constant: Int = 0, origins: [Origin] = []) {
    self.terms = terms
    self.constant = constant
    self.origins = origins
  }
}
