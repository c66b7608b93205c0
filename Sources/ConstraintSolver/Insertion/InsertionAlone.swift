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
    guard var search = InsertionSearch.begun(on: model, options), let first = search.solution(of: model)
    else {
      return nil
    }
    let guided = model.objectives.firstIndex { !$0.terms.isEmpty }
    var bounds = model.objectives.indices.map { $0 == guided ? search.trivialBound : Int.min }
    func solution(_ values: [Int]) -> Solution {
      let checker = ModelChecker(model, values: values)
      return Solution(
        values: values, objectives: model.objectives.map { checker.value(of: $0) }, bounds: bounds)
    }
    var best = solution(first)
    let limit = options.workLimit ?? .max
    var turn = 40_000_000
    var pricing: AggregateBound?
    var hasSoughtPacking = false
    var spent: Int { search.work + (pricing?.work ?? 0) }
    func tell(_ best: Solution) {
      options.progress(
        SolverProgress(
          objectives: best.objectives, tier: guided ?? 0, bound: guided.map { best.bounds[$0] }, work: spent))
    }
    while spent < limit && !options.shouldStop() {
      if let guided, turn > 40_000_000, pricing?.isDone != true {
        let isFirst = !hasSoughtPacking
        if isFirst { pricing = AggregateBound.read(model, objective: model.objectives[guided]) }
        hasSoughtPacking = true
        if let pricing {
          // What prices say of where to begin is worth more than the moves that it takes.
          let amount = isFirst ? max(turn, Self.firstPricing) : turn / 2
          pricing.run(
            work: min(amount, limit - spent), upper: best.objectives[guided], shouldStop: options.shouldStop)
          let bound = BranchAndPrice.roundedUp(pricing.bound)
          if bound > bounds[guided] {
            bounds[guided] = bound
            best.bounds = bounds
            tell(best)
          }
          if spent >= limit || options.shouldStop() { break }
          if isFirst { search.begin(guidedBy: pricing) }
        }
      }
      let end = search.work + min(turn, limit - spent)
      turn += turn / 4
      guard search.improve(until: end, shouldStop: options.shouldStop),
        let values = search.solution(of: model),
        case let better = solution(values), better.objectives.lexicographicallyPrecedes(best.objectives)
      else { continue }
      best = better
      tell(best)
    }
    var statistics = SolverStatistics()
    statistics.decisions = model.principalDecisions.count
    statistics.work = spent
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
