import ConstraintModel

/// The simplest solver there is: it tries every assignment.
struct Enumeration {
  let model: ConstraintModel

  /// The least objective values, or nil where no assignment satisfies the constraints.
  func optimum() -> [Int]? {
    var best: [Int]?
    forEachSolution { checker in
      let objectives = model.objectives.map { checker.value(of: $0) }
      if best.map({ objectives.lexicographicallyPrecedes($0) }) ?? true { best = objectives }
      return true
    }
    return best
  }

  /// The fewest decisions off their preferred candidate among optimal assignments.
  func fewestMoves(at objectives: [Int]) -> Int? {
    var best: Int?
    forEachSolution { checker, values in
      guard model.objectives.map({ checker.value(of: $0) }) == objectives else { return true }
      let moves = model.movedDecisions(values)
      best = min(best ?? moves, moves)
      return true
    }
    return best
  }

  var isSatisfiable: Bool {
    var found = false
    forEachSolution { _ in
      found = true
      return false
    }
    return found
  }

  var firstSolution: [Int]? {
    var first: [Int]?
    forEachSolution { _, values in
      first = values
      return false
    }
    return first
  }

  var solutionCount: Int {
    var count = 0
    forEachSolution { _ in
      count += 1
      return true
    }
    return count
  }

  func forEachSolution(_ body: (ModelChecker) -> Bool) {
    forEachSolution { checker, _ in body(checker) }
  }

  func forEachSolution(_ body: (ModelChecker, [Int]) -> Bool) {
    var values = [Int](repeating: 0, count: model.decisions.count)
    if model.decisions.contains(where: { $0.candidateCount == 0 }) { return }
    while true {
      let checker = ModelChecker(model, values: values)
      if model.constraints.allSatisfy(checker.holds), !body(checker, values) { return }
      var place = 0
      while place < values.count {
        values[place] += 1
        if values[place] < model.decisions[place].candidateCount { break }
        values[place] = 0
        place += 1
      }
      if place == values.count { return }
    }
  }
}
