import ConstraintModel
import Diagnostics
import PlacetSemantics
import Quantities

/// What a `for each` of a rule does while its sources are walked.
struct StatingHooks {
  /// After a source has bound its variables: false skips the element.
  var isWanted: (_ source: TypedSource, _ frame: [Value]) -> Bool
  /// After a source's list or condition was walked.
  var walked: (_ source: TypedSource, _ frame: [Value]) -> Void
}

/// Sources of `for each`, comprehensions and aggregates, with conditions that may be decided.
extension Stater {
  /// Calls `body` for each combination of the sources that can be there, with the condition (beyond `path`)
  /// under which it is.
  ///
  /// - Parameter extents: for each source that ranges over a kind, which of its entities; empty for all of them.
  func enumerate(
    _ sources: [TypedSource], _ frame: inout [Value], _ path: FormulaID, extents: [Range<Int>?] = [],
    hooks: StatingHooks? = nil,
    _ body: (_ frame: inout [Value], _ condition: FormulaID) throws(EvaluationError) -> Void
  ) throws(EvaluationError) {
    try enumerate(sources[...], &frame, path, .always, extents, hooks, body)
  }

  private func enumerate(
    _ sources: ArraySlice<TypedSource>, _ frame: inout [Value], _ path: FormulaID, _ soFar: FormulaID,
    _ extents: [Range<Int>?], _ hooks: StatingHooks?,
    _ body: (_ frame: inout [Value], _ condition: FormulaID) throws(EvaluationError) -> Void
  ) throws(EvaluationError) {
    guard let source = sources.first else { return try body(&frame, soFar) }
    let rest = sources.dropFirst()
    func visit(
      _ element: Value, _ type: Type, _ condition: FormulaID, _ frame: inout [Value]
    ) throws(EvaluationError) {
      try tick(at: source.range)
      let outside = builder.and(path, condition)
      if outside == .never { return }
      try bind(source.target, element, type, &frame, outside, at: source.range)
      if let hooks, !hooks.isWanted(source, frame) { return }
      guard let filter = source.condition else {
        return try enumerate(rest, &frame, path, condition, extents, hooks, body)
      }
      let holds = try formula(filter, &frame, outside)
      hooks?.walked(source, frame)
      if holds == .never { return }
      try enumerate(rest, &frame, path, builder.and(condition, holds), extents, hooks, body)
    }
    switch source.form {
    case .allOf(let kind):
      let extent = extents.isEmpty ? nil : extents[sources.startIndex]
      for index in extent ?? 0..<world.count(of: kind) {
        let entity = Value(EntityID(kind: Int32(kind.index), index: Int32(index)))
        try visit(entity, .entity(kind), soFar, &frame)
      }
    case .elements(let expression):
      let list = try walk(expression, &frame, builder.and(path, soFar))
      hooks?.walked(source, frame)
      let type = expression.type.wrapped
      let elementType = type.member(0, in: program)
      for alternative in try alternatives(of: list, at: source.range) where !alternative.value.isVoid {
        let condition = builder.and(soFar, alternative.condition)
        if condition == .never || alternative.value.isNone && !alternative.value.isDecided { continue }
        for element in try elements(alternative.value, type, at: source.range) {
          try visit(element, elementType, condition, &frame)
        }
      }
    }
  }

  /// Of a collection whose length is known.
  func elements(_ list: Value, _ type: Type, at range: SourceRange) throws(EvaluationError) -> [Value] {
    if case .composite(let members, _) = stated(list) { return members }
    if list.isDecided { throw EvaluationError(.decidedLength("this", at: range)) }
    let elementType = type.member(0, in: program)
    return world.heap.elements(list, type: type).map { builder.canonical($0, elementType) }
  }

  /// `[g.cell for each g in guest_cells]`: the elements may be decided, which ones there are may not.
  func list(
    _ element: TypedExpression, _ sources: [TypedSource], _ e: TypedExpression, _ frame: inout [Value],
    _ path: FormulaID
  ) throws(EvaluationError) -> Value {
    var members: [Value] = []
    try enumerate(sources, &frame, path) { (frame: inout [Value], condition) throws(EvaluationError) in
      guard condition == .always else { throw EvaluationError(.decidedLength("this list", at: e.range)) }
      members.append(try self.walk(element, &frame, path))
    }
    return composite(members, e.type)
  }
}
