import ConstraintModel

extension Solver {
  /// Solves with a known solution at hand and tells the first step that it refutes: a propagation, a conflict or a
  /// learnt clause that is wrong. For whoever looks for a bug of the solver with a placement that it ought to find.
  ///
  /// Debug builds only: in a release this says so. nil where no step is wrong.
  ///
  /// - Parameter known: a candidate number for each decision of the model, auxiliary ones included.
  package func wrongStep(against known: [Int], _ options: SolverOptions = SolverOptions()) -> String? {
    guard Kernel.canCheck else { return "this is a release build, which checks nothing" }
    guard known.count == model.decisions.count else {
      return "\(known.count) values are not one for each decision"
    }
    let violated = ModelChecker(model, values: known).violated
    if let first = violated.first { return "this is no solution: it breaks \(model.constraints[first])" }
    var minimiser = Minimiser(model, constraints: model.constraints, options: options, known: known)
    _ = minimiser.run()
    return minimiser.wrongStep
  }
}
