import ConstraintModel

extension InsertionSearch {
  /// The best placement as values of all the model's decisions, where it is a solution of all of the model.
  func solution(of model: ConstraintModel) -> [Int]? {
    guard isBestWhole else { return nil }
    return Completion.complete(bestValues(count: model.decisions.count), of: model)
  }
}

/// Auxiliary booleans follow from the decisions that they are about.
enum Completion {
  /// The values with auxiliary booleans set so that all constraints hold; nil where that cannot be seen.
  static func complete(_ values: [Int], of model: ConstraintModel) -> [Int]? {
    var values = values
    // A boolean may speak of another: each round settles one more level.
    for _ in 0..<4 {
      let checker = ModelChecker(model, values: values)
      let violated = checker.violated
      if violated.isEmpty { return values }
      var flipped = Set<Int>()
      for index in violated {
        for literal in model.constraints[index].enforcedBy {
          let decision = Int(literal.decision.index)
          guard model.decisions[decision].isAuxiliary, model.decisions[decision].candidateCount == 2 else {
            continue
          }
          if flipped.insert(decision).inserted { values[decision] = 1 - values[decision] }
          break
        }
      }
      if flipped.isEmpty { return nil }
    }
    return ModelChecker(model, values: values).violated.isEmpty ? values : nil
  }
}
