package import ConstraintModel

/// A placement that follows its world: it is kept between changes with all that the search knows of it, so that a
/// change costs what it touches.
///
/// For a REPL, a plan after the loss of a host, a test that overrides one thing. A change comes as a delta by rule
/// instance, and what is read of the model is patched by it. Every placement was taken by `ModelChecker`, all
/// constraints among them that the search does not read.
package final class PlacementSession {
  private var reader: InsertionReader
  private var search: InsertionSearch
  private let options: SolverOptions
  /// Where everything stood before a change that left nothing which insertion reads: the next one is read anew.
  private var unread: [Int?]?
  /// Candidates that were lost; what is read of the model does not know of it before it is read anew.
  private var lost: [Int] = []
  /// Where the statements come from that lost candidates are for nobody.
  private static let loss = Origin(Int(Int32.max))
  /// The placement as it is now; nil where the last change left none that was found.
  package private(set) var solution: Solution?
  /// Decisions that stand elsewhere than before the last change.
  package private(set) var moves = 0
  /// Work that mending after a change may take; nil for some thousand trials for each item.
  package var patience: Int?
  /// Whether the last change was patched in; else the model was read anew.
  package private(set) var wasPatched = false

  package var model: ConstraintModel { reader.model }

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
    guard let reader = InsertionReader.reader(of: model) else { return nil }
    self.reader = reader
    self.options = options
    search = InsertionSearch(reader.result, seed: options.seed)
    search.ownsModel = false
    _ = search.begin(at: start, after: choices)
    settle(before: start)
    if solution == nil { return nil }
  }

  /// The same where nothing runs.
  package init?(_ model: ConstraintModel, _ options: SolverOptions = SolverOptions()) {
    guard let reader = InsertionReader.reader(of: model),
      var search = InsertionSearch.begun(on: model, reading: reader.result, options)
    else { return nil }
    search.ownsModel = false
    self.reader = reader
    self.options = options
    self.search = search
    settle(before: [])
    if solution == nil { return nil }
  }

  deinit { reader.result.deallocate() }

  // MARK: what a delta is made of

  /// A mask of the model, which a delta may speak of.
  package func mask(_ bits: Bitset) -> MaskID { reader.model.mask(bits) }

  package func column(_ values: [Int]) -> ColumnID { reader.model.column(values) }

  package func table(_ rows: [[Int]]) -> TableID { reader.model.table(rows) }

  // MARK: changes

  /// Takes a delta. True where there is a placement of what the model is now.
  ///
  /// Where none is found the model has changed all the same, and what was placed is where the next change begins.
  ///
  /// - Parameter choices: decisions that are made first, whoever stands there; who has no room then is placed elsewhere.
  package func change(_ delta: ModelDelta, beginningWith choices: [Decision: Int] = [:]) -> Bool {
    let before: [Int?] = standing
    if unread == nil {
      wasPatched = reader.patch(delta)
    } else {
      wasPatched = false
      _ = reader.model.apply(delta)
    }
    if !wasPatched {
      let model = reader.model
      guard let anew = InsertionReader.reader(of: model) else {
        solution = nil
        unread = before
        return false
      }
      reader.result.deallocate()
      reader = anew
      unread = nil
    }
    var start = before + Array(repeating: nil, count: reader.model.decisions.count - before.count)
    for decision in delta.retired { start[Int(decision.index)] = nil }
    search = InsertionSearch(reader.result, seed: options.seed)
    search.ownsModel = false
    if wasPatched { search.lose(lost) }
    search.begin(at: start, after: choices)
    settle(before: start)
    return solution != nil
  }

  /// Hosts that are lost: candidates that no item may have any more. True where there is a placement without them.
  package func lose(candidates: [Int]) -> Bool {
    let before = standing
    var isLeft = Bitset(count: search.model.candidateCount, filled: true)
    for candidate in candidates { isLeft.remove(candidate) }
    let mask = reader.model.mask(isLeft)
    for decision in search.model.decisions.array {
      reader.model.post(Constraint(.clause([Literal(Decision(decision), in: mask)]), origin: Self.loss))
    }
    lost += candidates
    search.lose(candidates)
    settle(before: before)
    return solution != nil
  }

  /// Another model of the same world, of which no delta is known: it is read as a whole, beginning where everything
  /// stands. True where there is a placement of it.
  ///
  /// - Parameters:
  ///   - choices: decisions that are made first, whoever stands there; who has no room then is placed elsewhere.
  ///   - decision: for each decision of the new model the one of the old that it was, or nil.
  package func change(
    to changed: ConstraintModel, beginningWith choices: [Decision: Int] = [:], was decision: (Int) -> Int?
  ) -> Bool {
    let values = standing
    let start = changed.decisions.indices.map { number in decision(number).flatMap { values[$0] } }
    guard let next = PlacementSession(changed, from: start, beginningWith: choices, options) else {
      return false
    }
    swap(&reader, &next.reader)
    swap(&search, &next.search)
    solution = next.solution
    moves = next.moves
    lost = []
    wasPatched = false
    return true
  }

  /// Goes on looking for something cheaper, moves playing no part. It only ever goes downhill: in the time of a change,
  /// annealing would not have cooled down again.
  package func improve(work: Int) {
    guard solution != nil, search.descend(work: work, shouldStop: options.shouldStop) else { return }
    settle(before: standing)
  }

  /// About a millisecond.
  private static let polish = 60_000

  /// Where everything is that has a place.
  private var standing: [Int?] {
    if let unread { return unread }
    if let solution { return solution.values }
    var values: [Int?] = Array(repeating: nil, count: reader.model.decisions.count)
    for (item, decision) in search.model.decisions.array.enumerated() where search.best[item] >= 0 {
      values[decision] = Int(search.best[item])
      for guest in Int(search.model.guestStart[item])..<Int(search.model.guestStart[item + 1]) {
        values[search.model.guestDecisions[guest]] = Int(search.bestGuests[guest])
      }
    }
    return values
  }

  private func settle(before: [Int?]) {
    solution = nil
    let effort = patience ?? 4_000 * search.model.itemCount
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
