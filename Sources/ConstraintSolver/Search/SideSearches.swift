import ConstraintModel

// Searches that have nothing to do with the kernel and may run beside it: what they begin with is given before a
// round, what they have found is asked for after it.

/// Insertion, with whether the last round has made it better.
final class SideInsertion {
  var search: InsertionSearch
  private var hasImproved = false

  init(_ search: consuming InsertionSearch) { self.search = search }

  func run(work: Int, shouldStop: () -> Bool) {
    hasImproved = !shouldStop() && search.improve(until: search.work + work, shouldStop: shouldStop)
  }

  /// What the last round has found.
  func improvement(of model: ConstraintModel) -> [Int]? { hasImproved ? search.solution(of: model) : nil }
}

/// Moves from where everything runs, with whether the last round has made it better.
final class SideMoves {
  var search: MoveSearch
  private var hasImproved = false

  init(_ search: consuming MoveSearch) { self.search = search }

  func run(work: Int, shouldStop: () -> Bool) {
    hasImproved = !shouldStop() && search.improve(until: search.work + work, shouldStop: shouldStop)
  }

  /// What the last round has found.
  func improvement(of model: ConstraintModel) -> [Int]? { hasImproved ? search.solution(of: model) : nil }
}

/// Branch and price over the packing in a model; a round ends early where there is something to propose.
final class SidePricing {
  let search: BranchAndPrice

  init(_ packing: HostPacking, upper: Int, rewards: [Int: Int]) {
    search = BranchAndPrice(packing, upper: upper, rewards: rewards, shouldStop: { false })
  }

  /// Whether there is anything left to do.
  var isIdle: Bool { search.isDone || search.isExhausted }

  /// - Parameter most: what a dive, which cannot pause, may go on for.
  func run(work: Int, most: Int?, shouldStop: @escaping () -> Bool) {
    let start = search.work
    search.shouldStop = shouldStop
    while case let spent = search.work - start, spent < work, !shouldStop(), !isIdle,
      search.proposals.isEmpty
    {
      search.run(work: work - spent, most: most.map { $0 - spent })
    }
  }
}
