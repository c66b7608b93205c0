import ConstraintModel

extension Solver {
  /// Where something runs, most of it stays: the quick way is to begin there. Costs beyond a load are hard for complete
  /// search at a tenth of the size.
  var isWorthMoving: Bool { model.hasPreferred && isLargeForMoves || !model.sums.isEmpty && pairs > 100 }

  /// Whether sums of which only the positive part counts have more terms than the kernel gets through.
  var hasLargeSums: Bool {
    var size = 0
    for sum in model.sums {
      for term in sum.terms {
        if case .load(let load, _) = term.term { size += model[load].items.count } else { size += 1 }
      }
    }
    return size > 100_000
  }

  /// Answers a model that is too large for the kernel, where moves find a placement of it; nil for all others.
  func solveByMovesAlone(_ options: SolverOptions) -> (Outcome, SolverStatistics)? {
    guard isWorthMoving, var search = MoveSearch.begun(on: model, options) else { return nil }
    let guided = model.objectives.firstIndex { !$0.terms.isEmpty }
    let floor =
      guided.flatMap {
        StayBound.bound(model, model.objectives[$0]) ?? RampBound.bound(model, model.objectives[$0])
      }
      ?? .min
    let bounds = model.objectives.indices.map {
      $0 == guided ? floor : model.objectives[$0].terms.isEmpty ? model.objectives[$0].constant : Int.min
    }
    func solution(_ values: [Int]) -> Solution {
      let checker = ModelChecker(model, values: values)
      return Solution(
        values: values, objectives: model.objectives.map { checker.value(of: $0) }, bounds: bounds)
    }
    var best = search.solution(of: model).map(solution)
    let limit = options.workLimit ?? .max
    // Where everything stays that can, there is nothing to look for.
    func isBest() -> Bool {
      model.objectives.indices.allSatisfy {
        model.objectives[$0].terms.isEmpty || best?.objectives[$0] == bounds[$0]
      }
    }
    var turn = 20_000_000
    var pace = Pace(options)
    while search.work < limit && !options.shouldStop() && !isBest() {
      if let order = pace.order(own: search.work, all: search.work) { search.follow(order) }
      let end = min(limit, search.work + turn)
      turn += turn / 4
      guard search.improve(until: end, shouldStop: options.shouldStop),
        let values = search.solution(of: model),
        case let better = solution(values),
        best.map({ better.objectives.lexicographicallyPrecedes($0.objectives) }) ?? true
      else { continue }
      best = better
      options.progress(
        SolverProgress(objectives: better.objectives, bound: guided.map { bounds[$0] }, work: search.work))
    }
    var statistics = SolverStatistics()
    statistics.decisions = model.principalDecisions.count
    statistics.work = search.work
    statistics.pace = pace.code(for: options)
    guard let best else { return nil }
    return (isBest() ? .optimal(best) : .feasible(best), statistics)
  }
}
