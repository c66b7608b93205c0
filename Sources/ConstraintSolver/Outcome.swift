package import ConstraintModel

/// What a solver may use and must repeat: same model, same options, same answer.
package struct SolverOptions: Sendable {
  package var seed: UInt64
  /// Deterministic work units after which the best answer so far is returned; nil is no limit.
  package var workLimit: Int?
  /// Asked now and then; true ends the search with the best answer so far (Ctrl-C, a limit in seconds).
  package var shouldStop: @Sendable () -> Bool
  /// The share of a limit in seconds that has passed, where there is one: annealing is fitted to it.
  package var elapsed: (@Sendable () -> Double)?
  /// How a run that is to be repeated went, as `SolverStatistics` reported it; 0 for one of its own.
  package var pace = 0
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

  /// Repeats a run from what it reported as `SolverStatistics.steps`; other numbers are limits of work as they are, and so
  /// are round ones, since no run reports a pace without work.
  package mutating func limit(toSteps steps: Int) {
    let (above, work) = steps.quotientAndRemainder(dividingBy: SolverStatistics.mostWork)
    (pace, workLimit) = work > 0 ? (above, work) : (0, steps)
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
  /// How annealing was fitted to a limit that is not one of work.
  package var pace = 0
  package init() {}

  /// More than a run does in a day.
  static let mostWork = 1_000_000_000_000

  /// The limit with which a run goes the same way, and ends where this one did: its work, with the pace above that.
  package var steps: Int { work < Self.mostWork ? work + pace * Self.mostWork : work }

  /// Of two runs for one answer.
  package func adding(_ other: SolverStatistics) -> SolverStatistics {
    var sum = self
    sum.decisions += other.decisions
    sum.conflicts += other.conflicts
    sum.propagations += other.propagations
    sum.restarts += other.restarts
    sum.learnt += other.learnt
    sum.work += other.work
    sum.pace = max(pace, other.pace)
    return sum
  }
}
