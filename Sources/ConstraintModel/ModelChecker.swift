/// Judges a full assignment by the meaning of the model and nothing else: the simple judge of every solver.
///
/// `values[d]` is the candidate number of decision d.
package struct ModelChecker {
  private let model: ConstraintModel
  private let values: [Int]
  /// What is in each bin of each load.
  private let sums: [[Int]]

  package init(_ model: ConstraintModel, values: [Int]) {
    precondition(values.count == model.decisions.count, "one value for each decision")
    self.model = model
    self.values = values
    sums = model.loads.map { load in
      var bins = Array(repeating: 0, count: load.binCount)
      for item in load.items {
        let bin = model[item.view.column][values[Int(item.view.decision.index)]]
        if bins.indices.contains(bin) { bins[bin] += item.weight }
      }
      return bins
    }
  }

  /// Indices of the constraints that do not hold.
  package var violated: [Int] {
    model.constraints.indices.filter { !holds(model.constraints[$0]) }
  }

  package func holds(_ literal: Literal) -> Bool {
    model[literal.mask].contains(values[Int(literal.decision.index)]) != literal.isNegated
  }

  package func value(of view: View) -> Int { model[view.column][values[Int(view.decision.index)]] }

  package func value(of term: Term) -> Int {
    switch term {
    case .view(let view): value(of: view)
    case .literal(let literal): holds(literal) ? 1 : 0
    case .table(let table, let row, let column):
      model[table][value(of: row)][value(of: column)]
    case .load(let load, let bin):
      sums[Int(load.index)].indices.contains(Int(bin)) ? sums[Int(load.index)][Int(bin)] : 0
    case .ramp(let sum): max(0, model[sum].constant + value(of: model[sum].terms))
    }
  }

  package func value(of terms: [LinearTerm]) -> Int {
    terms.reduce(0) { $0 + $1.coefficient * value(of: $1.term) }
  }

  package func value(of objective: Objective) -> Int {
    objective.constant + value(of: objective.terms)
  }

  package func holds(_ constraint: Constraint) -> Bool {
    guard constraint.enforcedBy.allSatisfy(holds) else { return true }
    switch constraint.form {
    case .clause(let literals): return literals.contains(where: holds)
    case .linear(let terms, let lower, let upper):
      let sum = value(of: terms)
      return (lower.map { $0 <= sum } ?? true) && (upper.map { sum <= $0 } ?? true)
    case .equal(let a, let b): return value(of: a) == value(of: b)
    case .allDifferent(let views, let except):
      let counted = views.map(value(of:)).filter { $0 != except }
      return Set(counted).count == counted.count
    case .rows(let views, let rows): return rows.contains(views.map(value(of:)))
    case .allowed(let table, let row, let column):
      return value(of: .table(table, row, column)) != 0
    }
  }
}
