import ConstraintModel

/// Constraints as rows that are kept, or as nodes that say whether they hold.
extension MoveReader {
  mutating func post(_ constraint: Constraint) {
    if case .clause(let literals) = constraint.form {
      let row = node(.hard, lower: 1)
      for condition in constraint.enforcedBy { add(!condition, to: row, 1) }
      for literal in literals { add(literal, to: row, 1) }
      return
    }
    if !constraint.enforcedBy.isEmpty {
      let row = node(.hard, lower: 1)
      for condition in constraint.enforcedBy { add(!condition, to: row, 1) }
      connect(holds(constraint.form), to: row, 1)
      return
    }
    switch constraint.form {
    case .clause: break
    case .linear(let terms, let lower, let upper):
      if terms.count == 1, terms[0].coefficient > 0, case .load(let load, let bin) = terms[0].term,
        lower ?? 0 <= 0, let upper, bin >= 0, Int(bin) < model[load].binCount
      {
        // A bin with one limit is its own row.
        let node = binNode(load, Int(bin))
        let limit = upper >= 0 ? upper / terms[0].coefficient : -1
        if net.nodes[node].kind == .sum, edgesOf[node].isEmpty {
          net.nodes.base[node].kind = .hard
          net.nodes.base[node].upper = limit
          return
        }
      }
      let row = node(.hard, lower: lower ?? .min, upper: upper ?? .max)
      for term in terms { add(term, to: row) }
    case .equal(let a, let b):
      let row = node(.hard, upper: 0)
      addPair(a, b, to: row)
    case .allDifferent(let views, let except):
      let first = differentBins(views, except)
      for (bin, _) in first.bins.enumerated() {
        net.nodes.base[first.node + bin].kind = .hard
        net.nodes.base[first.node + bin].upper = 1
      }
    case .rows: isReadable = false
    case .allowed(let table, let a, let b):
      let row = node(.hard, upper: 0)
      addTable(model[table].map { $0.map { $0 == 0 ? 1 : 0 } }, key: -1 - Int(table.index), a, b, to: row, 1)
    }
  }

  /// A node that is 1 where the form holds.
  mutating func holds(_ form: Constraint.Form) -> Int {
    switch form {
    case .clause(let literals):
      let truth = node(.truth, lower: 1)
      for literal in literals { add(literal, to: truth, 1) }
      return truth
    case .linear(let terms, let lower, let upper):
      let truth = node(.truth, lower: lower ?? .min, upper: upper ?? .max)
      for term in terms { add(term, to: truth) }
      return truth
    case .equal(let a, let b):
      let truth = node(.truth, upper: 0)
      addPair(a, b, to: truth)
      return truth
    case .allDifferent(let views, let except):
      let first = differentBins(views, except)
      let all = node(.truth, lower: first.bins.count)
      for (bin, _) in first.bins.enumerated() {
        net.nodes.base[first.node + bin].kind = .truth
        net.nodes.base[first.node + bin].upper = 1
        connect(first.node + bin, to: all, 1)
      }
      return all
    case .rows:
      isReadable = false
      return costNode
    case .allowed(let table, let a, let b):
      let truth = node(.truth, upper: 0)
      addTable(
        model[table].map { $0.map { $0 == 0 ? 1 : 0 } }, key: -1 - Int(table.index), a, b, to: truth, 1)
      return truth
    }
  }
}
