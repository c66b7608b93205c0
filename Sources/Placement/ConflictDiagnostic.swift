package import Diagnostics

extension Conflict {
  /// The conflict as an author is told: each rule at its line, the facts, and what would resolve it.
  package var diagnostic: Diagnostic {
    guard let first = members.first else {
      preconditionFailure("a conflict without members: please report this with the policy and inventory")
    }
    let message =
      members.count == 1
      ? "no placement satisfies this" : "no placement satisfies these rules together"
    var diagnostic = Diagnostic("P0101", message, at: .init(first.verbRange, first.text))
    diagnostic.secondary = members.dropFirst().map { .init($0.verbRange, $0.text) }
    diagnostic.notes = facts
    if relaxations.count == 1 {
      diagnostic.notes.append("this would do: \(relaxations[0].line)")
    } else if !relaxations.isEmpty {
      diagnostic.notes.append(
        "any one of these would do:\n" + relaxations.map { "    \($0.line)" }.joined(separator: "\n"))
    }
    return diagnostic
  }
}
