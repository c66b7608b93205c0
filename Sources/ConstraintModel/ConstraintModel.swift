/// Decisions, columns, constraints and objectives as plain data: what the language states and the solver reads.
///
/// The model is a conjunction of its constraints. Auxiliary boolean decisions may stand for sub-formulas; only
/// `principalDecisions` are the author's and count when placements are compared or enumerated.
package struct ConstraintModel: Sendable {
  package struct DecisionInfo: Hashable, Sendable {
    package var candidateCount: Int
    /// For traces and FlatZinc: `vepc.mme[0].host`.
    package var name: String
    package var isAuxiliary: Bool
    /// The candidate to try first: what runs today.
    package var preferred: Int?
  }

  package internal(set) var decisions: [DecisionInfo] = []
  package internal(set) var columns: [[Int]] = []
  package private(set) var masks: [Bitset] = []
  /// Rows of columns.
  package private(set) var tables: [[[Int]]] = []
  package internal(set) var loads: [Load] = []
  package private(set) var sums: [Sum] = []
  package internal(set) var constraints: [Constraint] = []
  /// Lexicographic: the first is minimised, then the second among those, and so on.
  package var objectives: [Objective] = []

  var columnIDs: [[Int]: ColumnID] = [:]
  private var maskIDs: [Bitset: MaskID] = [:]
  private var tableIDs: [[[Int]]: TableID] = [:]
  private var sumIDs: [Sum: SumID] = [:]

  package init() {}

  package mutating func addDecision(
    candidates: Int, name: String, isAuxiliary: Bool = false, preferred: Int? = nil
  ) -> Decision {
    precondition(candidates >= 0, "a decision has no negative number of candidates")
    decisions.append(
      .init(
        candidateCount: candidates, name: name, isAuxiliary: isAuxiliary, preferred: preferred))
    return Decision(decisions.count - 1)
  }

  /// Equal columns are stored once.
  package mutating func column(_ values: [Int]) -> ColumnID {
    if let known = columnIDs[values] { return known }
    columns.append(values)
    let id = ColumnID(columns.count - 1)
    columnIDs[values] = id
    return id
  }

  /// Equal masks are stored once.
  package mutating func mask(_ bits: Bitset) -> MaskID {
    if let known = maskIDs[bits] { return known }
    masks.append(bits)
    let id = MaskID(masks.count - 1)
    maskIDs[bits] = id
    return id
  }

  /// Equal tables are stored once. All rows have the same length.
  package mutating func table(_ rows: [[Int]]) -> TableID {
    if let known = tableIDs[rows] { return known }
    tables.append(rows)
    let id = TableID(tables.count - 1)
    tableIDs[rows] = id
    return id
  }

  package mutating func addLoad(_ load: Load) -> LoadID {
    precondition(load.items.allSatisfy { $0.weight >= 0 }, "a load has no negative weight")
    loads.append(load)
    return LoadID(loads.count - 1)
  }

  /// Equal sums are stored once. Ramps in it are of sums that are there already, so that none needs itself.
  package mutating func sum(_ sum: Sum) -> SumID {
    if let known = sumIDs[sum] { return known }
    for term in sum.terms {
      if case .ramp(let inner) = term.term {
        precondition(Int(inner.index) < sums.count, "a sum is made of sums that are there")
      }
    }
    sums.append(sum)
    let id = SumID(sums.count - 1)
    sumIDs[sum] = id
    return id
  }

  package mutating func post(_ constraint: Constraint) { constraints.append(constraint) }

  /// Takes back all constraints of these origins.
  ///
  /// - Returns: how many they were.
  package mutating func removeConstraints(of origins: Set<Origin>) -> Int {
    if origins.isEmpty { return 0 }
    let count = constraints.count
    constraints.removeAll { origins.contains($0.origin) }
    return count - constraints.count
  }

  /// Puts more items into the bins of a load.
  package mutating func join(_ items: [Load.Item], to load: LoadID) {
    precondition(items.allSatisfy { $0.weight >= 0 }, "a load has no negative weight")
    loads[Int(load.index)].items += items
  }

  /// Takes everything out of a load that nothing speaks of any more.
  package mutating func empty(_ load: LoadID) { loads[Int(load.index)].items = [] }

  /// Whether some decision has a candidate that runs today.
  package var hasPreferred: Bool { decisions.contains { $0.preferred != nil } }

  /// Whether it has more pairs of decision and candidate than complete search gets through: far fewer where only the
  /// positive part of a sum counts.
  package var isLarge: Bool {
    decisions.reduce(0) { $0 + ($1.isAuxiliary ? 0 : $1.candidateCount) } > (sums.isEmpty ? 50_000 : 1_000)
  }

  /// The same model without regard to what runs today: its objectives have the same best values.
  package func ignoringPreferred() -> ConstraintModel {
    if !hasPreferred { return self }
    var model = self
    for index in model.decisions.indices { model.decisions[index].preferred = nil }
    return model
  }

  /// The same decisions under fewer constraints.
  package func keepingConstraints(where isKept: (Constraint) -> Bool) -> ConstraintModel {
    var model = self
    model.constraints = constraints.filter(isKept)
    return model
  }

  /// The same decisions under these constraints, which speak of them.
  package func with(constraints: [Constraint]) -> ConstraintModel {
    var model = self
    model.constraints = constraints
    return model
  }

  package subscript(decision: Decision) -> DecisionInfo { decisions[Int(decision.index)] }
  package subscript(column: ColumnID) -> [Int] { columns[Int(column.index)] }
  package subscript(mask: MaskID) -> Bitset { masks[Int(mask.index)] }
  package subscript(table: TableID) -> [[Int]] { tables[Int(table.index)] }
  package subscript(sum: SumID) -> Sum { sums[Int(sum.index)] }
  package subscript(load: LoadID) -> Load { loads[Int(load.index)] }

  package var principalDecisions: [Decision] {
    decisions.indices.filter { !decisions[$0].isAuxiliary }.map(Decision.init)
  }
}
