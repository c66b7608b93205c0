import Diagnostics
import PlacetSyntax

/// The sources of `for each`, of comprehensions and of aggregates.
extension TypeChecker {
  enum SourceUse {
    /// What comes out is counted or added up: conditions and lengths may be decided.
    case aggregate
    /// A list is made: its length must be known.
    case list
    /// Statements are repeated: a decided condition guards them, a decided length is refused.
    case rule
    /// Entities are made or the world is changed: everything is known.
    case making
  }

  /// Binds the names of each source in the current scope.
  func checkSources(_ sources: [EachSource], _ use: SourceUse) -> [TypedSource] {
    sources.map { checkSource($0, use) }
  }

  private func checkSource(_ source: EachSource, _ use: SourceUse) -> TypedSource {
    var form: TypedSource.Form
    var target: BindTarget
    switch source.form {
    case .kind(let name, let variable):
      let kind = kind(named: name)
      let type: Type = kind.map { .entity($0) } ?? .error
      form = kind.map { .allOf($0) } ?? .elements(failed(name.range))
      target = variable.text == "_" ? .ignore : .local(bind(variable, type))
    case .elements(let pattern, let collection):
      let collection = infer(collection)
      judgeLength(of: collection, use)
      form = .elements(collection)
      target = bindPattern(
        pattern, elementType(of: collection) ?? .error, decidedBy: known(collection.decidedBy))
    }
    var condition: TypedExpression?
    if let written = source.condition {
      let checked = check(written, as: .bool)
      frame.narrowed.formUnion(pathsPresent(checked, when: true))
      judge(condition: checked, use)
      condition = checked
    }
    return TypedSource(form: form, target: target, condition: condition, range: source.range)
  }

  /// What a loop over a value binds; reports what has no elements.
  func elementType(of collection: TypedExpression) -> Type? {
    switch collection.type {
    case .list(let element), .set(let element): return element
    case .range(.int): return .int
    case .map(let key, let value): return .tuple([key, value])
    case .error: return .error
    case .optional:
      report(optionalUsed(collection, wanted: "a list"))
      return nil
    case .int:
      report(
        .notIterable(
          "int", at: collection.range, help: "a range has elements: `0..<\(written(collection.range))`"))
      return nil
    default:
      report(.notIterable(describe(collection.type), at: collection.range, help: nil))
      return nil
    }
  }

  private func known(_ decidedBy: [String]) -> [String] { raisesDecided ? decidedBy : [] }

  private func judgeLength(of collection: TypedExpression, _ use: SourceUse) {
    guard raisesDecided, use != .aggregate else { return }
    if use == .making, collection.isDecided {
      report(.decidedWhereKnown("what is gone through", collection.decidedBy, at: collection.range))
    } else if hasDecidedShape(collection) {
      report(
        .decidedLength(
          collection.decidedBy, at: collection.range,
          help: "go through what is known and ask for the decision: `for each x in … where …`"))
    }
  }

  private func judge(condition: TypedExpression, _ use: SourceUse) {
    guard condition.isDecided, raisesDecided else { return }
    switch use {
    case .aggregate: return
    case .list:
      report(
        .decidedLength(
          condition.decidedBy, at: condition.range,
          help: "`count(… for each … where …)`, `sum`, `any` and `all` take such a condition"))
    case .rule: return
    case .making: report(.madeByDecision(condition.decidedBy, at: condition.range))
    }
  }
}
