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
  func delta(from before: Checker.Session, of problem: PlacementProblem?) -> WorldDelta? {
    guard let problem, added.count >= before.added.count else { return nil }
    let known = Set(before.names)
    let isNew = added[before.added.count...].allSatisfy { item in
      guard let made = item.madeNames else { return false }
      return (made + (item.declaredName.map { [$0] } ?? [])).allSatisfy { !known.contains($0) }
    }
    return isNew ? WorldDelta(from: before.program, to: program, in: problem.program) : nil
  }

  /// What was added, as text, a paragraph each.
  var addedText: String { added.map { $0.range.withComments + "\n" }.joined(separator: "\n") }
}

extension Item {
  /// Names of the entities that it makes, as far as a word elsewhere can mean them; nil where they are not known.
  fileprivate var madeNames: [String]? {
    if case .statement(let statement) = self { statement.madeNames } else { [] }
  }
}

extension Statement {
  fileprivate var madeNames: [String]? {
    switch self {
    case .make(let make): make.madeNames
    case .forEach(_, let body, _): joined(body.map(\.madeNames))
    case .ifElse(_, let then, let otherwise, _): joined((then + (otherwise ?? [])).map(\.madeNames))
    case .match(_, let choices, _): choices.isEmpty ? [] : nil
    default: []
    }
  }
}

extension MakeStatement {
  fileprivate var madeNames: [String]? {
    let own: [String]?
    switch subject {
    case .name(let name): own = [name.text]
    case .text(.text(let segments, _)):
      switch segments.first {
      case .literal(let text)? where segments.count == 1: own = text.contains("[") ? nil : [text]
      // What is put together when it runs, no word means.
      default: own = []
      }
    case .text, .ends: own = []
    }
    return joined([own] + body.map(\.madeNames))
  }
}

extension MakePart {
  fileprivate var madeNames: [String]? {
    switch self {
    case .make(let make): make.madeNames
    case .forEach(_, let body, _): joined(body.map(\.madeNames))
    case .ifElse(_, let then, let otherwise, _): joined((then + (otherwise ?? [])).map(\.madeNames))
    case .field, .letBinding, .invalid: []
    }
  }
}

private func joined(_ parts: [[String]?]) -> [String]? {
  parts.contains { $0 == nil } ? nil : parts.compactMap { $0 }.flatMap { $0 }
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
