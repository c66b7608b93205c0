import ConstraintModel

/// Linear sums: terms on one decision are one chain, a single decision is a mask, a single load is a capacity.
extension Compiler {
  mutating func postLinear(_ terms: [LinearTerm], lower: Int?, upper: Int?, _ enforcement: Lit) {
    let terms = terms.filter { $0.coefficient != 0 }
    if terms.count == 1 {
      let coefficient = terms[0].coefficient
      switch terms[0].term {
      case .table(let table, let row, let column):
        let matrix = model[table]
        postAllowed(row, column, enforcement) {
          let value = coefficient * matrix[$0][$1]
          return (lower ?? .min) <= value && value <= (upper ?? .max)
        }
        return
      case .load(let load, let bin) where coefficient > 0:
        if let upper {
          pendingCapacities[Int(load.index)].append(
            PendingCapacity(
              bin: Int(bin), limit: Self.floor(upper, coefficient), enforcement: enforcement))
        }
        if let lower, lower > 0,
          !postDemand(load, bin: Int(bin), lower: (lower + coefficient - 1) / coefficient, enforcement)
        {
          addLinear(terms, negated: true, bound: -lower, enforcement)
        }
        return
      case .load(let load, let bin):
        if let lower {
          pendingCapacities[Int(load.index)].append(
            PendingCapacity(
              bin: Int(bin), limit: Self.floor(-lower, -coefficient), enforcement: enforcement))
        }
        if let upper, upper < 0 { addLinear(terms, negated: false, bound: upper, enforcement) }
        return
      default: break
      }
    }
    if let upper, !postRow(terms, negated: false, bound: upper, enforcement) {
      addLinear(terms, negated: false, bound: upper, enforcement)
    }
    if let lower, !postRow(terms, negated: true, bound: -lower, enforcement) {
      addLinear(terms, negated: true, bound: -lower, enforcement)
    }
  }

  private static func floor(_ a: Int, _ b: Int) -> Int {
    let quotient = a / b
    return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient
  }

  private mutating func addLinear(
    _ terms: [LinearTerm], negated: Bool, bound: Int, _ enforcement: Lit
  ) {
    let (parts, constant) = chains(terms, negated: negated)
    let ramps = ramps(terms, negated: negated)
    if !ramps.isEmpty {
      kernel.addLinear(parts, constant: constant, upper: bound, enforcement: enforcement, ramps: ramps)
      return
    }
    var most = constant
    var least = constant
    for part in parts {
      least += part[0].contribution
      most += part[part.count - 1].contribution
    }
    if most <= bound { return }
    if least > bound {
      kernel.addClause([!enforcement])
      return
    }
    if parts.count == 1 {
      // One chain: the first step too high is forbidden.
      if let step = parts[0].first(where: { $0.contribution + constant > bound }) {
        kernel.addClause([!enforcement, !step.literal])
      }
      return
    }
    // Each chain but at its lowest is already enough, or nothing smaller is: a clause.
    let gains = parts.map { $0[1].contribution - $0[0].contribution }
    if parts.allSatisfy({ $0.count == 2 }), let smallest = gains.min(),
      most - smallest <= bound
    {
      kernel.addClause([!enforcement] + parts.map { !$0[1].literal })
      return
    }
    kernel.addLinear(parts, constant: constant, upper: bound, enforcement: enforcement)
  }

  /// The ramps of a sum, each with a linear of its own that follows what is in it.
  mutating func ramps(_ terms: [LinearTerm], negated: Bool) -> [Ramp] {
    var result: [Ramp] = []
    for term in terms {
      guard case .ramp(let id) = term.term else { continue }
      let factor = negated ? -term.coefficient : term.coefficient
      if factor == 0 { continue }
      // What is earned by an excess rests on its upper bound: that of the sum's negation from below.
      let sum = model[id]
      let (parts, constant) = chains(sum.terms, negated: factor < 0)
      let inner = ramps(sum.terms, negated: factor < 0)
      let child = kernel.addLinear(
        parts, constant: constant + (factor < 0 ? -sum.constant : sum.constant), upper: Self.unbounded,
        enforcement: .yes, ramps: inner)
      result.append(Ramp(child: Int32(child), factor: factor))
    }
    return result
  }

  /// The sum as chains and a constant, but for its ramps.
  mutating func chains(_ terms: [LinearTerm], negated: Bool) -> ([[Step]], Int) {
    var onDecision: [Int: [LinearTerm]] = [:]
    var inBins: [Int: [(Int, View, Int)]] = [:]
    var tables: [LinearTerm] = []
    for term in terms {
      var term = term
      if negated { term.coefficient = -term.coefficient }
      switch term.term {
      case .view(let view): onDecision[Int(view.decision.index), default: []].append(term)
      case .literal(let literal): onDecision[Int(literal.decision.index), default: []].append(term)
      case .table(_, let row, let column):
        if row.decision == column.decision {
          onDecision[Int(row.decision.index), default: []].append(term)
        } else {
          tables.append(term)
        }
      case .load(let load, let bin):
        for item in model[load].items where item.weight > 0 {
          inBins[Int(item.view.decision.index), default: []]
            .append((term.coefficient * item.weight, item.view, Int(bin)))
        }
      case .ramp: continue
      }
    }
    var parts: [[Step]] = []
    var constant = 0
    func add(_ part: [Step]) {
      if part.count == 1 { constant += part[0].contribution } else if part.count > 1 { parts.append(part) }
    }
    for decision in Set(onDecision.keys).union(inBins.keys).sorted() {
      var column = [Int](repeating: 0, count: model.decisions[decision].candidateCount)
      for term in onDecision[decision] ?? [] { accumulate(term, in: &column) }
      for (weight, view, bin) in inBins[decision] ?? [] {
        let values = model[view.column]
        for candidate in column.indices where values[candidate] == bin { column[candidate] += weight }
      }
      add(chain(decision, column))
    }
    for term in tables { add(tableChain(term)) }
    return (parts, constant)
  }

  private mutating func accumulate(_ term: LinearTerm, in column: inout [Int]) {
    let coefficient = term.coefficient
    switch term.term {
    case .view(let view):
      let values = model[view.column]
      for candidate in column.indices { column[candidate] += coefficient * values[candidate] }
    case .literal(let literal):
      let mask = model[literal.mask]
      for candidate in column.indices where mask.contains(candidate) != literal.isNegated {
        column[candidate] += coefficient
      }
    case .table(let table, let row, let other):
      let matrix = model[table]
      let (rows, columns) = (model[row.column], model[other.column])
      for candidate in column.indices {
        column[candidate] += coefficient * matrix[rows[candidate]][columns[candidate]]
      }
    case .load, .ramp: preconditionFailure("a load or a ramp is not on one decision")
    }
  }

  /// The chain of a decision's contributions; a single step where they are all the same.
  mutating func chain(_ decision: Int, _ column: [Int]) -> [Step] {
    let candidates = column.indices.filter { kernel.contains(decision, $0) }
    let sorted = candidates.sorted {
      column[$0] != column[$1] ? column[$0] > column[$1] : $0 < $1
    }
    var steps: [Step] = []
    var words = [UInt64](repeating: 0, count: (column.count + 63) / 64)
    for (place, candidate) in sorted.enumerated() {
      words[candidate >> 6] |= 1 << UInt64(candidate & 63)
      let isLast = place + 1 == sorted.count
      if isLast || column[sorted[place + 1]] != column[candidate] {
        let literal = isLast ? Lit.yes : kernel.maskLiteral(decision, words)
        steps.append(Step(contribution: column[candidate], literal: literal))
      }
    }
    return steps.reversed()
  }

  /// The contribution of a table read by two decisions: plain literals that the pairs imply.
  private mutating func tableChain(_ term: LinearTerm) -> [Step] {
    guard case .table(let table, let row, let column) = term.term else { return [] }
    let matrix = model[table]
    let rows = groups(row)
    let columns = groups(column)
    func value(_ r: Int, _ c: Int) -> Int { term.coefficient * matrix[r][c] }
    var reached = Set<Int>()
    for r in rows.values { for c in columns.values { reached.insert(value(r, c)) } }
    let contributions = reached.sorted()
    guard !contributions.isEmpty else { return [Step(contribution: 0, literal: .yes)] }
    var actual: Int?
    if kernel.isChecking {
      let r = model[row.column][Int(kernel.known[Int(row.decision.index)])]
      let c = model[column.column][Int(kernel.known[Int(column.decision.index)])]
      actual = value(r, c)
    }
    var steps = [Step(contribution: contributions[0], literal: .yes)]
    var literals = [contributions[0]: Lit.yes]
    for contribution in contributions.dropFirst() {
      let truth: Int8 = actual.map { $0 >= contribution ? 1 : 0 } ?? -1
      let literal = Lit(variable: kernel.makeVariable(.plain, truth: truth))
      if let below = steps.last { kernel.addClause([!literal, below.literal]) }
      steps.append(Step(contribution: contribution, literal: literal))
      literals[contribution] = literal
    }
    for r in rows.values {
      for contribution in Set(columns.values.map { value(r, $0) }).sorted() {
        guard let reached = literals[contribution], reached != .yes else { continue }
        let cheaper = mask(column) { value(r, $0) < contribution }
        kernel.addClause([!(rows[r] ?? .no), cheaper, reached])
      }
    }
    for c in columns.values {
      for contribution in Set(rows.values.map { value($0, c) }).sorted() {
        guard let reached = literals[contribution], reached != .yes else { continue }
        let cheaper = mask(row) { value($0, c) < contribution }
        kernel.addClause([!(columns[c] ?? .no), cheaper, reached])
      }
    }
    return steps
  }

  private mutating func mask(_ view: View, _ isMember: (Int) -> Bool) -> Lit {
    let column = model[view.column]
    let members = column.indices.filter {
      kernel.contains(Int(view.decision.index), $0) && isMember(column[$0])
    }
    return kernel.maskLiteral(Int(view.decision.index), Self.words(column.count, members))
  }
}
