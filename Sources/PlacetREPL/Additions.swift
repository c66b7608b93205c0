import Diagnostics
import PlacetSemantics
import PlacetSyntax
import PlacetVM
import Placement

extension Checker.Session {
  /// Whether what was added since another state are functions and values under new names, and types: nothing that was
  /// there before can mean something else, so a placement stays what it is.
  func onlyAddsValues(to before: Checker.Session) -> Bool {
    guard added.count >= before.added.count else { return false }
    let isKept = zip(added, before.added).allSatisfy { $0.range == $1.range }
    let known = Set(before.names)
    return isKept
      && added[before.added.count...].allSatisfy { item in
        switch item {
        case .function, .statement(.letBinding): item.declaredName.map { !known.contains($0) } ?? false
        case .scenario, .test: true
        default: false
        }
      }
  }

  /// What was added since another state, to a problem of which the program of that state was stated; nil where
  /// something that was there may mean something else now.
  func delta(from before: Checker.Session, to problem: PlacementProblem) -> WorldDelta? {
    guard added.count >= before.added.count,
      let delta = WorldDelta(from: before.program, to: program, in: problem.program)
    else { return nil }
    let names = added[before.added.count...].compactMap(\.declaredName) + delta.madeNames
    return Set(before.names).isDisjoint(with: names) ? delta : nil
  }

  /// What was added, as text, a paragraph each.
  var addedText: String { added.map { $0.range.withComments + "\n" }.joined(separator: "\n") }
}

extension SourceRange {
  /// The text, with the lines of comments right above it.
  var withComments: String {
    var line = self.line
    var lines = [text]
    while line > 1, source.line(line - 1).drop(while: \.isWhitespace).hasPrefix("//") {
      line -= 1
      lines.insert(source.line(line), at: 0)
    }
    return lines.joined(separator: "\n")
  }
}

extension Diagnostic {
  /// `always(e)` where the solver was stopped, or was not there.
  static func unanswered(at range: SourceRange) -> Self {
    Diagnostic("P0102", "the limit was met before an answer", at: .init(range, "this is open"))
  }
}

extension TypedExpression {
  /// Whether it reads no entity, no global and no function of the policy.
  var needsNoWorld: Bool {
    switch form {
    case .entityNamed, .allOf, .global, .call, .callValue, .always, .possible, .never, .inSolution, .why,
      .planMoves,
      .preferences, .rule:
      false
    case .aggregate, .listEach, .setEach, .mapEach, .lambda, .match, .refuse: false
    default: children.allSatisfy(\.needsNoWorld)
    }
  }
}

extension StringProtocol {
  var trimmingBlanks: String {
    var text = self[...]
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return String(text)
  }

  /// Runs of blanks and newlines as one blank.
  var onOneLine: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}
