/// Where lines come from: GNU readline on a terminal, plain standard input in a pipe, a script in a test.
package protocol LineEditor: AnyObject {
  func readLine(prompt: String) -> LineRead
  /// Keeps a whole statement, which may have several lines, for this session and the next.
  func remember(_ statement: String)
  /// Whether Ctrl-C was pressed since the last call; asked while something is evaluated.
  func takeInterrupt() -> Bool
  /// Whether a person sees prompts.
  var isInteractive: Bool { get }
  /// What could stand at the end of the line up to the cursor.
  var completer: (@Sendable (_ lineToCursor: String) -> Completion)? { get set }
}

package enum LineRead: Sendable {
  case line(String)
  /// Ctrl-C: what was typed is dropped.
  case interrupted
  case endOfInput
}

/// Candidates for the last `replacing` characters before the cursor.
package struct Completion: Sendable {
  package var replacing: String
  package var candidates: [String]
  package init(replacing: String, candidates: [String]) {
    self.replacing = replacing
    self.candidates = candidates
  }
}

/// Lines of standard input without editing; prompts are not shown.
package final class PipedLineEditor: LineEditor {
  package var completer: (@Sendable (String) -> Completion)?
  package let isInteractive = false
  private let next: () -> String?

  package init(next: @escaping () -> String? = { Swift.readLine() }) { self.next = next }

  package func readLine(prompt: String) -> LineRead { next().map(LineRead.line) ?? .endOfInput }
  package func remember(_ statement: String) {}
  package func takeInterrupt() -> Bool { false }
}
