import ConstraintModel

extension Solver {
  /// Pairs of decision and candidate beyond which a kernel is not made: it would need gigabytes.
  private static let largestKernel = 6_000_000
  /// Pairs below which complete search is as quick, and takes the first candidates where many are alike.
  private static let smallestForMoves = 1_000

  /// Work of the first turn of the bound from classes: some hundred rounds at ten thousand items.
  private static let firstPricing = 250_000_000

  /// Pairs of decision and candidate.
  var pairs: Int { model.decisions.reduce(0) { $0 + ($1.isAuxiliary ? 0 : $1.candidateCount) } }

  var isTooLargeForKernel: Bool { pairs > Self.largestKernel }

  /// Whether search by insertion or by moves gains anything on complete search.
  var isLargeForMoves: Bool { pairs > Self.smallestForMoves }

  /// Where something runs, insertion would move it for nothing.
  var isWorthInserting: Bool { isLargeForMoves && !model.hasPreferred }

  /// Answers a model that is too large for the kernel, where insertion finds a placement of it; nil for all others.
  ///
  /// What is shown to be proven is what classes of candidates cost at least, where the model is a packing, and else
  /// what each decision costs at least by itself.
  func solveByInsertionAlone(_ options: SolverOptions) -> (Outcome, SolverStatistics)? {
    guard let begun = InsertionSearch.begun(on: model, options) else { return nil }
    let insertion = SideInsertion(begun)
    guard let first = insertion.search.solution(of: model) else { return nil }
    let guided = model.objectives.firstIndex { !$0.terms.isEmpty }
    var bounds = model.objectives.indices.map { $0 == guided ? insertion.search.trivialBound : Int.min }
    func solution(_ values: [Int]) -> Solution {
      let checker = ModelChecker(model, values: values)
      return Solution(
        values: values, objectives: model.objectives.map { checker.value(of: $0) }, bounds: bounds)
    }
    var best = solution(first)
    let limit = options.workLimit ?? .max
    let shouldStop = options.shouldStop
    var turn = 40_000_000
    var pace = Pace(options)
    var pricing: AggregateBound?
    var hasSoughtPacking = false
    var spent = insertion.search.work
    func tell(_ best: Solution) {
      options.progress(
        SolverProgress(
          objectives: best.objectives, tier: guided ?? 0, bound: guided.map { best.bounds[$0] }, work: spent))
    }
    while spent < limit && !shouldStop() {
      let isFirst = !hasSoughtPacking && turn > 40_000_000
      if let guided, isFirst {
        hasSoughtPacking = true
        pricing = AggregateBound.read(model, objective: model.objectives[guided])
      }
      var (moving, climbing) = (min(turn, limit - spent), 0)
      if pricing?.isDone == false {
        // What prices say of where to begin is worth more than the moves that it takes.
        climbing = min(isFirst ? max(turn, Self.firstPricing) : turn / 2, limit - spent)
        moving = isFirst ? 0 : min(turn, limit - spent - climbing)
      }
      turn += turn / 4
      let job = Lanes.Job { isDropped in insertion.run(work: moving) { isDropped() || shouldStop() } }
      let (climbed, moved) = (pricing?.work ?? 0, insertion.search.work)
      Lanes(threads: options.threads).run(moving > 0 ? [job] : []) {
        guard let guided, climbing > 0 else { return true }
        pricing?.run(work: climbing, upper: best.objectives[guided], shouldStop: shouldStop)
        return !shouldStop()
      }
      // In shares, so that a run that was stopped is repeated by its work.
      let improved = insertion.search.work - moved
      spent +=
        (improved > 0 || !shouldStop() ? climbing : min(climbing, (pricing?.work ?? 0) - climbed)) + improved
      if let guided, let pricing, case let bound = BranchAndPrice.roundedUp(pricing.bound),
        bound > bounds[guided]
      {
        bounds[guided] = bound
        best.bounds = bounds
        tell(best)
      }
      if spent < limit, !shouldStop() {
        if isFirst, let pricing {
          insertion.search.begin(guidedBy: pricing)
          pace.note(own: insertion.search.work, all: spent)
        } else if let order = pace.order(own: insertion.search.work, all: spent) {
          insertion.search.follow(order)
        }
      }
      guard moving > 0, let values = insertion.improvement(of: model),
        case let better = solution(values), better.objectives.lexicographicallyPrecedes(best.objectives)
      else { continue }
      best = better
      tell(best)
    }
    var statistics = SolverStatistics()
    statistics.decisions = model.principalDecisions.count
    statistics.work = spent
    statistics.pace = pace.code(for: options)
    return (.feasible(best), statistics)
  }
}

extension InsertionSearch {
  /// A search that has found a placement which the whole model takes; nil where it finds none soon, or where the
  /// model says more than insertion reads.
  static func begun(on model: ConstraintModel, _ options: SolverOptions) -> InsertionSearch? {
    InsertionReader.read(model).flatMap { begun(on: model, reading: $0, options) }
  }

  /// The same of what was read of the model already, which the search owns from now on.
  static func begun(
    on model: ConstraintModel, reading read: InsertionModel, _ options: SolverOptions
  ) -> InsertionSearch? {
    var search = InsertionSearch(read, seed: options.seed)
    // Each item is tried some thousand times; beyond that, learning finds what is wrong sooner.
    let effort = min(options.workLimit ?? .max, 4_000 * read.itemCount * max(1, read.classCount / 8))
    // Where something runs, what still holds of it stays.
    let running = model.hasPreferred ? model.decisions.map(\.preferred) : nil
    if let start = options.start ?? running {
      search.begin(at: start)
      search.mend(effort: effort, polish: 0, shouldStop: options.shouldStop)
    } else {
      search.construct()
    }
    if !search.isBestWhole {
      _ = search.improve(until: effort, untilWhole: true, shouldStop: options.shouldStop)
    }
    guard let values = search.solution(of: model) else { return nil }
    let checker = ModelChecker(model, values: values)
    let objectives = model.objectives.map { checker.value(of: $0) }
    let guided = model.objectives.firstIndex { !$0.terms.isEmpty }
    guard guided.map({ objectives[$0] == search.bestObjective }) ?? true else { return nil }
    options.progress(SolverProgress(objectives: objectives, bound: nil, work: search.work))
    return search
  }
}
