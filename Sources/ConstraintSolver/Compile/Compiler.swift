import ConstraintModel

/// Turns a model, or a part of it, into a kernel.
///
/// Every form becomes clauses, chains and capacities; a constraint whose origin is retractable holds only
/// under the assumption literal of that origin.
struct Compiler: ~Copyable {
  let model: ConstraintModel
  var kernel = Kernel()
  /// The literal under which the constraints of a retractable origin hold.
  var assumptions: [Origin: Lit] = [:]
  private let retractable: Set<Origin>
  private var columnOffsets: [[Int]: Int] = [:]
  var groupCache: [GroupKey: Groups] = [:]
  var pendingCapacities: [[PendingCapacity]]
  /// Rows by what they sum, in order of first appearance.
  var rows: [(signature: RowSignature, rows: [PendingRow])] = []
  var rowGroups: [RowSignature: Int] = [:]
  let expansion: Expansion
  var pendingDemands: [[(bin: Int, enforcement: Lit)]]
  /// For each load that was looked at, the least weight of its items where it can be asked for demands.
  var demandSupport: [Int: Int?] = [:]
  var oneToOne: [ColumnID: Bool] = [:]
  var channelLayouts: [ColumnPair: ChannelLayout] = [:]
  var distinctLayouts: [DistinctKey: [ColumnID: DistinctLayout]] = [:]

  struct GroupKey: Hashable {
    var decision: Int32
    var column: Int32
  }
  struct PendingCapacity {
    var bin: Int
    var limit: Int
    var enforcement: Lit
  }

  /// - Parameters:
  ///   - known: a solution that every nogood is checked against.
  ///   - expansion: what is written out and what is not.
  init(
    _ model: ConstraintModel, constraints: [Constraint], retractable: Set<Origin>, known: [Int]? = nil,
    expansion: Expansion = Expansion()
  ) {
    self.model = model
    self.expansion = expansion
    pendingDemands = Array(repeating: [], count: model.loads.count)
    self.retractable = retractable
    pendingCapacities = Array(repeating: [], count: model.loads.count)
    if let known {
      kernel.isChecking = true
      for value in known { kernel.known.append(Int32(value)) }
    }
    for origin in Set(constraints.map(\.origin)).intersection(retractable).sorted() {
      assumptions[origin] = Lit(variable: kernel.makeVariable(.plain, truth: 1))
    }
    makeDecisions(constraints)
    for constraint in constraints { post(constraint) }
    for load in pendingCapacities.indices { finishLoad(load) }
    finishRows()
  }

  consuming func finish() -> Kernel { kernel }

  // MARK: decisions

  private mutating func makeDecisions(_ constraints: [Constraint]) {
    var initial = model.decisions.map { Bitset(count: $0.candidateCount, filled: true) }
    for constraint in constraints where constraint.enforcedBy.isEmpty {
      guard !retractable.contains(constraint.origin), case .clause(let literals) = constraint.form,
        literals.count == 1
      else { continue }
      let literal = literals[0]
      let decision = Int(literal.decision.index)
      let mask = model[literal.mask]
      initial[decision] =
        literal.isNegated
        ? initial[decision].subtracting(mask) : initial[decision].intersection(mask)
    }
    for (index, info) in model.decisions.enumerated() {
      let decision = kernel.makeDecision(
        candidates: info.candidateCount, initial: initial[index].words)
      if let preferred = info.preferred { kernel.saved[decision] = Int32(preferred) }
    }
  }

  // MARK: literals

  mutating func literal(_ literal: Literal) -> Lit {
    let made = kernel.maskLiteral(Int(literal.decision.index), model[literal.mask].words)
    return literal.isNegated ? !made : made
  }

  /// A literal that is true where all of these are; not the converse.
  mutating func conjunction(_ literals: [Lit]) -> Lit {
    if literals.contains(where: { kernel.isFalse($0) }) { return .no }
    let open = literals.filter { !kernel.isTrue($0) }
    if open.isEmpty { return .yes }
    if open.count == 1 { return open[0] }
    let truth = open.map { self.truth(of: $0) }.min() ?? 1
    let both = Lit(variable: kernel.makeVariable(.plain, truth: truth))
    kernel.addClause(open.map { !$0 } + [both])
    return both
  }

  func truth(of literal: Lit) -> Int8 {
    let truth = kernel.variables[literal.variable].truth
    return truth < 0 ? -1 : literal.isNegated ? 1 - truth : truth
  }

  mutating func enforcement(_ constraint: Constraint) -> Lit {
    var literals = constraint.enforcedBy.map { literal($0) }
    if let assumption = assumptions[constraint.origin] { literals.append(assumption) }
    return conjunction(literals)
  }

  static func words(_ count: Int, _ members: [Int]) -> [UInt64] {
    var words = [UInt64](repeating: 0, count: (count + 63) / 64)
    for member in members { words[member >> 6] |= 1 << UInt64(member & 63) }
    return words
  }

  /// Where a column lies in the kernel; equal columns lie at the same place.
  mutating func addColumn(_ values: [Int]) -> Int {
    if let known = columnOffsets[values] { return known }
    let offset = kernel.columnValues.count
    for value in values { kernel.columnValues.append(value) }
    columnOffsets[values] = offset
    return offset
  }

  // MARK: forms

  mutating func post(_ constraint: Constraint) {
    let enforcement = enforcement(constraint)
    if enforcement == .no || kernel.isContradictory { return }
    switch constraint.form {
    case .clause(let literals):
      kernel.addClause([!enforcement] + literals.map { literal($0) })
    case .linear(let terms, let lower, let upper):
      postLinear(terms, lower: lower, upper: upper, enforcement)
    case .equal(let a, let b): postEqual(a, b, enforcement)
    case .allDifferent(let views, let except): postAllDifferent(views, except: except, enforcement)
    case .rows(let views, let rows): postRows(views, rows, enforcement)
    case .allowed(let table, let row, let column):
      let matrix = model[table]
      postAllowed(row, column, enforcement) { matrix[$0][$1] != 0 }
    }
  }

  private mutating func postUnary(_ decision: Decision, _ enforcement: Lit, _ isAllowed: (Int) -> Bool) {
    let count = model[decision].candidateCount
    let words = Self.words(count, (0..<count).filter(isAllowed))
    kernel.addClause([!enforcement, kernel.maskLiteral(Int(decision.index), words)])
  }

  private mutating func postEqual(_ a: View, _ b: View, _ enforcement: Lit) {
    if a.decision == b.decision {
      let (first, second) = (model[a.column], model[b.column])
      postUnary(a.decision, enforcement) { first[$0] == second[$0] }
      return
    }
    if postChannel(a, b, enforcement) { return }
    identify(groups(a), groups(b), enforcement)
  }

  mutating func postAllowed(
    _ a: View, _ b: View, _ enforcement: Lit, _ isAllowed: (Int, Int) -> Bool
  ) {
    if a.decision == b.decision {
      let (first, second) = (model[a.column], model[b.column])
      postUnary(a.decision, enforcement) { isAllowed(first[$0], second[$0]) }
      return
    }
    let first = groups(a)
    let second = groups(b)
    for (value, literal) in zip(first.values, first.literals) {
      let partners = supports(b) { isAllowed(value, $0) }
      kernel.addClause([!enforcement, !literal, partners])
    }
    for (value, literal) in zip(second.values, second.literals) {
      let partners = supports(a) { isAllowed($0, value) }
      kernel.addClause([!enforcement, !literal, partners])
    }
  }

  /// Both have the same value.
  private mutating func identify(_ first: Groups, _ second: Groups, _ enforcement: Lit) {
    var (x, y) = (0, 0)
    while x < first.values.count || y < second.values.count {
      let left = x < first.values.count ? first.values[x] : Int.max
      let right = y < second.values.count ? second.values[y] : Int.max
      if left == right && x < first.values.count && y < second.values.count {
        kernel.addClause([!enforcement, !first.literals[x], second.literals[y]])
        kernel.addClause([!enforcement, first.literals[x], !second.literals[y]])
        x += 1
        y += 1
      } else if y >= second.values.count || (x < first.values.count && left < right) {
        kernel.addClause([!enforcement, !first.literals[x]])
        x += 1
      } else {
        kernel.addClause([!enforcement, !second.literals[y]])
        y += 1
      }
    }
  }

  private mutating func supports(_ view: View, _ isAllowed: (Int) -> Bool) -> Lit {
    let column = model[view.column]
    let members = column.indices.filter { isAllowed(column[$0]) }
    return kernel.maskLiteral(Int(view.decision.index), Self.words(column.count, members))
  }

  private mutating func postRows(_ views: [View], _ rows: [[Int]], _ enforcement: Lit) {
    let domains = views.map { groups($0) }
    let reachable = rows.filter { row in
      row.count == views.count && row.indices.allSatisfy { domains[$0][row[$0]] != nil }
    }
    if reachable.isEmpty {
      kernel.addClause([!enforcement])
      return
    }
    if kernel.isChecking {
      let values = views.map { model[$0.column][Int(kernel.known[Int($0.decision.index)])] }
      kernel.known.append(Int32(reachable.firstIndex(of: values) ?? 0))
    }
    let selector = kernel.makeDecision(
      candidates: reachable.count, initial: Bitset(count: reachable.count, filled: true).words)
    for (index, domain) in domains.enumerated() {
      identify(domain, groups(selector, reachable.map { $0[index] }), enforcement)
    }
  }

  /// At most one view in each value: a load of ones with capacity one.
  private mutating func postAllDifferent(_ views: [View], except: Int?, _ enforcement: Lit) {
    if postDistinct(views, except: except, enforcement) { return }
    var values = Set<Int>()
    for view in views {
      let decision = Int(view.decision.index)
      for (candidate, value) in model[view.column].enumerated()
      where kernel.contains(decision, candidate) && value != except { values.insert(value) }
    }
    let ordered = values.sorted()
    var bins: [Int: Int] = [:]
    for (index, value) in ordered.enumerated() { bins[value] = index }
    addLoad(
      items: views.map { view in
        CompiledItem(
          decision: view.decision, column: model[view.column].map { bins[$0] ?? -1 }, weight: 1)
      },
      binCount: ordered.count,
      capacities: ordered.indices.map {
        PendingCapacity(bin: $0, limit: 1, enforcement: enforcement)
      })
  }

  private mutating func finishLoad(_ index: Int) {
    let capacities = pendingCapacities[index]
    if capacities.isEmpty && pendingDemands[index].isEmpty { return }
    let load = model.loads[index]
    let number = kernel.loads.count
    addLoad(
      items: load.items.map {
        CompiledItem(decision: $0.view.decision, column: model[$0.view.column], weight: $0.weight)
      },
      binCount: load.binCount, capacities: capacities, demanded: pendingDemands[index].map(\.bin))
    finishDemands(index, inKernel: number)
  }
}

struct CompiledItem {
  var decision: Decision
  var column: [Int]
  var weight: Int
}
