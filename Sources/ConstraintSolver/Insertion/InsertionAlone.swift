import ConstraintModel

extension Solver {
  /// Pairs of decision and candidate beyond which a kernel is not made: it would need gigabytes.
  private static let largestKernel = 6_000_000

  /// Answers a model that is too large for the kernel, where insertion finds a placement of it; nil for all others.
  ///
  /// What is shown to be proven is then what each decision costs at least by itself.
  func solveByInsertionAlone(_ options: SolverOptions) -> (Outcome, SolverStatistics)? {
    let pairs = model.decisions.reduce(0) { $0 + ($1.isAuxiliary ? 0 : $1.candidateCount) }
    guard pairs > Self.largestKernel, let read = InsertionReader.read(model) else { return nil }
    var search = InsertionSearch(read, seed: options.seed)
    let limit = options.workLimit ?? .max
    var best: Solution?
    let bounds = model.objectives.indices.map { tier in
      tier == model.objectives.firstIndex { !$0.terms.isEmpty } ? search.trivialBound : Int.min
    }
    func take() {
      guard let values = search.solution(of: model) else { return }
      let checker = ModelChecker(model, values: values)
      let objectives = model.objectives.map { checker.value(of: $0) }
      if let best, !objectives.lexicographicallyPrecedes(best.objectives) { return }
      best = Solution(values: values, objectives: objectives, bounds: bounds)
      options.progress(
        SolverProgress(objectives: objectives, bound: bounds.first == .min ? nil : bounds.first, work: search.work))
    }
    search.construct()
    take()
    var turn = 40_000_000
    while search.work < limit && !options.shouldStop() {
      let isFirst = best == nil
      let end = min(limit, search.work + turn)
      if search.improve(until: end, untilWhole: isFirst, shouldStop: options.shouldStop) { take() }
      if isFirst && best == nil && search.work > 100 * turn { return nil }
      turn += turn / 4
    }
    var statistics = SolverStatistics()
    statistics.decisions = model.principalDecisions.count
    statistics.work = search.work
    return (best.map { .feasible($0) } ?? .unknown, statistics)
  }
}
