package import ConstraintModel

/// What a solver may use and must repeat: same model, same options, same answer.
package struct SolverOptions: Sendable {
  package var seed: UInt64
  /// Deterministic work units after which the best answer so far is returned; nil is no limit.
  package var workLimit: Int?
  /// Asked now and then; true ends the search with the best answer so far (Ctrl-C, a limit in seconds).
  package var shouldStop: @Sendable () -> Bool
  /// What runs, by decision of the model, where the search is to begin from it; nil for what does not run.
  package var start: [Int?]?
  /// How many of the searches that a solve consists of may run at the same time; the answer does not depend on it.
  package var threads = 1
  /// Told of every better placement, and of every better bound.
  package var progress: @Sendable (SolverProgress) -> Void

  package init(
    seed: UInt64 = 1, workLimit: Int? = nil, shouldStop: @escaping @Sendable () -> Bool = { false },
    progress: @escaping @Sendable (SolverProgress) -> Void = { _ in }
  ) {
    self.seed = seed
    self.workLimit = workLimit
    self.shouldStop = shouldStop
    self.progress = progress
  }
}

/// How far a search is.
package struct SolverProgress: Sendable {
  /// Values of the best that was found.
  package var objectives: [Int]
  /// The first tier that is not proved.
  package var tier: Int
  /// What its value is at least, where something is known.
  package var bound: Int?
  package var work: Int
  package init(objectives: [Int], tier: Int = 0, bound: Int?, work: Int) {
    self.objectives = objectives
    self.tier = tier
    self.bound = bound
    self.work = work
  }
}

/// An assignment of all decisions, with the value of each objective and what is proven of it.
package struct Solution: Hashable, Sendable {
  /// Candidate number of each decision of the model.
  package var values: [Int]
  package var objectives: [Int]
  /// Proven lower bound of each objective, given the ones before it at their value.
  package var bounds: [Int]
  package init(values: [Int], objectives: [Int], bounds: [Int]) {
    self.values = values
    self.objectives = objectives
    self.bounds = bounds
  }
}

package enum Outcome: Sendable {
  /// Every objective is at its bound.
  case optimal(Solution)
  /// Feasible, and the limit was met before the proof.
  case feasible(Solution)
  /// No assignment; the origins of one set of constraints that together have none (not minimal yet).
  case unsatisfiable(core: [Origin])
  /// The limit was met first.
  case unknown
}

/// Counters of one run; all deterministic.
package struct SolverStatistics: Hashable, Sendable {
  package var decisions = 0
  package var conflicts = 0
  package var propagations = 0
  package var restarts = 0
  package var learnt = 0
  package var work = 0
  package init() {}

  /// Of two runs for one answer.
  package func adding(_ other: SolverStatistics) -> SolverStatistics {
    var sum = self
    sum.decisions += other.decisions
    sum.conflicts += other.conflicts
    sum.propagations += other.propagations
    sum.restarts += other.restarts
    sum.learnt += other.learnt
    sum.work += other.work
    return sum
  }
}
