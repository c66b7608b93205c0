import PlacetSemantics

/// Loops over the entities of a kind of which a decided field is to have some value.
extension Compiler {
  /// A field of the loop's variable that is to be what does not depend on it.
  struct Selection {
    var column: Int
    var key: TypedExpression
  }

  /// What is asked first of each entity, where it is `v.field == key` (or turned round), the field a decision for one
  /// entity, and the key nothing that could refuse.
  ///
  /// What is asked after it is asked of fewer, as it would not have been reached for the others.
  func selection(_ source: TypedSource, asking condition: TypedExpression?) -> Selection? {
    guard case .allOf(let kind) = source.form, case .local(let variable) = source.target,
      var first = condition
    else { return nil }
    while case .binary(.and, let left, _) = first.form { first = left }
    guard case .binary(.equal, let a, let b) = first.form else { return nil }
    for (owned, key) in [(a, b), (b, a)] {
      guard case .field(let owner, let field) = owned.form, case .local(variable) = owner.form,
        case .decision = world.program[kind].fields[field].form,
        case .entity = owned.type, case .entity = key.type, !world.mayRefuse(key),
        isIndependent(key, of: variable)
      else { continue }
      return Selection(column: world.store.firstColumn[kind.index] + field, key: key)
    }
    return nil
  }

  /// A chain of fields from another variable.
  private func isIndependent(_ key: TypedExpression, of variable: LocalID) -> Bool {
    switch key.form {
    case .local(let other): other != variable
    case .field(let owner, _): isIndependent(owner, of: variable)
    default: false
    }
  }

  /// As `each` for one source without hooks, over what the selection leaves.
  func each(
    _ selection: Selection, _ counter: Register, condition: TypedExpression?, releases: Bool,
    _ body: () -> Void
  ) {
    let (top, next, end) = (makeLabel(), makeLabel(), makeLabel())
    let mark = releases ? temporary() : 0
    scoped {
      emit(.eachWith, a: counter, b: operand(selection.key), e: selection.column, to: end)
    }
    if releases { emit(.heapMark, a: mark) }
    place(top)
    if let condition { branch(condition, when: false, to: next) }
    body()
    place(next)
    if releases { emit(.heapRelease, a: mark) }
    emit(.stepWith, a: counter, e: selection.column, to: top)
    place(end)
  }
}
