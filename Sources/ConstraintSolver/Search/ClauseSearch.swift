/// The kernel on clauses alone: what propagation costs, with nothing of placement in it.
package enum ClauseSearch {
  package enum Verdict: String, Sendable { case satisfiable, unsatisfiable, unknown }

  package struct Report: Sendable {
    package var verdict: Verdict
    package var propagations: Int
    package var conflicts: Int
    package var decisions: Int
    /// By variable, where there is a solution.
    package var values: [Bool]
  }

  /// - Parameters:
  ///   - clauses: variables from 1 on, negative where negated, as in DIMACS.
  ///   - conflicts: how many conflicts it may meet.
  package static func run(variables: Int, clauses: [[Int]], conflicts: Int) -> Report {
    var kernel = Kernel()
    for _ in 0..<variables { _ = kernel.makeDecision(candidates: 2, initial: [3]) }
    kernel.rebuildHeap()
    for clause in clauses {
      kernel.addClause(
        clause.map {
          let literal = kernel.valueLiteral(abs($0) - 1, 1)
          return $0 < 0 ? !literal : literal
        })
    }
    var limits = Kernel.Limits()
    limits.conflicts = conflicts
    let verdict: Verdict
    switch kernel.search(assuming: [], limits: limits) {
    case .satisfied: verdict = .satisfiable
    case .unsatisfiable, .refuted: verdict = .unsatisfiable
    case .limit: verdict = .unknown
    }
    var values: [Bool] = []
    if verdict == .satisfiable {
      for decision in 0..<variables { values.append(kernel.solution[decision] == 1) }
    }
    return Report(
      verdict: verdict, propagations: kernel.propagations, conflicts: kernel.conflicts,
      decisions: kernel.decisionCount, values: values)
  }
}
