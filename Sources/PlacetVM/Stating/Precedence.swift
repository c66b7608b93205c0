import Diagnostics
import PlacetSemantics

/// `precedes(a, b)` on decided values: lexicographic order as a chain of comparisons.
///
/// `a ≤ b` is `a₁ ≤ b₁ and (a₁ < b₁ or rest)`, so that the first pair is bounded whatever the rest says.
extension Stater {
  /// nil where a list is not known member by member.
  func precedes(
    _ x: Value, _ y: Value, _ type: Type, _ e: TypedExpression, _ path: FormulaID
  ) throws(EvaluationError) -> FormulaID? {
    let wrapped = type.wrapped
    switch wrapped {
    case .list, .tuple:
      guard type == wrapped, let a = membersInOrder(x, wrapped, at: e.range),
        let b = membersInOrder(y, wrapped, at: e.range)
      else { return nil }
      var result = FormulaID(a.count <= b.count)
      for index in (0..<min(a.count, b.count)).reversed() {
        let member = wrapped.member(index, in: program)
        guard let isBefore = try precedes(a[index], b[index], member, e, path),
          let isAfter = try precedes(b[index], a[index], member, e, path)
        else { return nil }
        result = builder.and(isBefore, builder.or(builder.negated(isAfter), result))
      }
      return result
    default:
      if type == wrapped, type.isExactNumber || type == .text || type == .float {
        return try ordered(.lessOrEqual, x, y, type, e, path)
      }
      if type == .bool { return builder.implies(try formula(x, at: e.range), try formula(y, at: e.range)) }
      if case .text = wrapped { return nil }
      if wrapped.isExactNumber || wrapped == .float { return nil }
      let rank = operation(.rank, type: .int)
      let a = try apply(rank, [x], path: path, at: e.range)
      return try ordered(.lessOrEqual, a, try apply(rank, [y], path: path, at: e.range), .int, e, path)
    }
  }

  private func membersInOrder(_ value: Value, _ type: Type, at range: SourceRange) -> [Value]? {
    if case .composite(let members, _) = stated(value) { return members }
    if value.isDecided || value.isVoid { return nil }
    return world.heap.elements(value, type: type)
  }
}
