import Diagnostics

/// What is judged when everything is typed: the order of making, and that of deciding.
extension TypeChecker {
  func orderStatements() {
    var stratifier = Stratifier(program)
    let (order, cycle) = stratifier.order(program.statements.map(\.statement))
    if let cycle {
      report(.makingCycle(cycle.kinds.map { program[$0].name }, at: cycle.places))
    }
    program.statements = order.map { program.statements[$0] }
  }

  // MARK: Candidates

  /// Candidates of a decision may read other decisions of the same entity, in an order without a cycle.
  func checkCandidateCycles() {
    for (kindIndex, kind) in program.kinds.enumerated() {
      let reads = kind.fields.map { decisionsRead(by: $0, of: KindID(kindIndex)) }
      for start in kind.fields.indices where !reads[start].isEmpty {
        var path = [start]
        while let next = reads[path[path.count - 1]].min(), !path.contains(next) { path.append(next) }
        guard let next = reads[path[path.count - 1]].min(), next == start, path.min() == start else {
          continue
        }
        report(
          .candidateCycle((path + [start]).map { kind.fields[$0].name }, at: kind.fields[start].range))
      }
    }
  }

  private func decisionsRead(by field: FieldDeclaration, of kind: KindID) -> Set<Int> {
    guard case .decision(let within, let condition, _) = field.form else { return [] }
    var found: Set<Int> = []
    func walk(_ e: TypedExpression) {
      if case .field(let base, let index) = e.form, case .local(LocalID(0)) = base.form,
        case .decision = program[kind].fields[index].form
      {
        found.insert(index)
      }
      for child in e.children { walk(child) }
    }
    for body in [within, condition] { if let body { walk(body.expression) } }
    return found
  }
}
