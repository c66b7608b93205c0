package import ConstraintModel

/// A placement that follows its world: it is kept between changes with all that the search knows of it, so that a
/// change costs what it touches.
///
/// For a REPL, a plan after the loss of a host, a test that overrides one thing. What is changed in place is a loss of
/// candidates; any other change is a new model, which is read again, beginning where everything stands. Every placement
/// was taken by `ModelChecker`, all constraints among them that the search does not read.
package final class PlacementSession {
  package private(set) var model: ConstraintModel
  private var search: InsertionSearch
  private let options: SolverOptions
  /// The placement as it is now; nil where the last change left none that was found.
  package private(set) var solution: Solution?
  /// Decisions that stand elsewhere than before the last change.
  package private(set) var moves = 0

  /// Whether a model says no more of its decisions than insertion reads.
  package static func canFollow(_ model: ConstraintModel) -> Bool {
    guard let read = InsertionReader.read(model) else { return false }
    read.deallocate()
    return true
  }

  /// - Parameter start: what runs, by decision; nil for what does not run yet.
  /// - Returns: nil where the model says more than insertion reads, or nothing was found in the effort of some
  ///   thousand trials for each item.
  package convenience init?(
    _ model: ConstraintModel, from start: [Int?], _ options: SolverOptions = SolverOptions()
  ) {
    self.init(model, from: start, beginningWith: [:], options)
  }

  private init?(
    _ model: ConstraintModel, from start: [Int?], beginningWith choices: [Decision: Int],
    _ options: SolverOptions
  ) {
    guard let read = InsertionReader.read(model) else { return nil }
    self.model = model
    self.options = options
    search = InsertionSearch(read, seed: options.seed)
    _ = search.begin(at: start, after: choices)
    settle(before: start)
    if solution == nil { return nil }
  }

  /// The same where nothing runs.
  package init?(_ model: ConstraintModel, _ options: SolverOptions = SolverOptions()) {
    guard let search = InsertionSearch.begun(on: model, options) else { return nil }
    self.model = model
    self.options = options
    self.search = search
    settle(before: [])
    if solution == nil { return nil }
  }

  /// Hosts that are lost: candidates that no item may have any more. True where there is a placement without them.
  package func lose(candidates: [Int]) -> Bool {
    let before: [Int?] = solution.map { $0.values } ?? []
    var isLeft = Bitset(count: search.model.candidateCount, filled: true)
    for candidate in candidates { isLeft.remove(candidate) }
    let mask = model.mask(isLeft)
    for decision in search.model.decisions.array {
      model.post(Constraint(.clause([Literal(Decision(decision), in: mask)]), origin: Origin(0)))
    }
    search.lose(candidates)
    settle(before: before)
    return solution != nil
  }

  /// Another model of the same world: constraints of other rule instances, more decisions or fewer. True where there is
  /// a placement of it.
  ///
  /// - Parameters:
  ///   - choices: decisions that are made first, whoever stands there; who has no room then is placed elsewhere.
  ///   - decision: for each decision of the new model the one of the old that it was, or nil.
  package func change(
    to changed: ConstraintModel, beginningWith choices: [Decision: Int] = [:], was decision: (Int) -> Int?
  ) -> Bool {
    let values = solution?.values
    let start = changed.decisions.indices.map { number in decision(number).flatMap { values?[$0] } }
    guard let next = PlacementSession(changed, from: start, beginningWith: choices, options) else {
      return false
    }
    model = changed
    swap(&search, &next.search)
    solution = next.solution
    moves = next.moves
    return true
  }

  /// Goes on looking for something cheaper, moves playing no part.
  package func improve(work: Int) {
    guard search.improve(until: search.work + work, shouldStop: options.shouldStop) else { return }
    settle(before: solution.map { $0.values } ?? [])
  }

  /// About a millisecond.
  private static let polish = 60_000

  private func settle(before: [Int?]) {
    solution = nil
    let effort = 4_000 * search.model.itemCount
    guard
      search.isBestWhole || search.mend(effort: effort, polish: Self.polish, shouldStop: options.shouldStop),
      let values = search.solution(of: model)
    else { return }
    let checker = ModelChecker(model, values: values)
    let objectives = model.objectives.map { checker.value(of: $0) }
    solution = Solution(values: values, objectives: objectives, bounds: objectives.map { _ in Int.min })
    moves =
      before.isEmpty
      ? 0 : search.model.decisions.array.count { before[$0] != nil && before[$0] != values[$0] }
  }
}
