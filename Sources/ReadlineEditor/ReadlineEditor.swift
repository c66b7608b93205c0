import CReadline
import Foundation
package import PlacetREPL

/// GNU readline: editing as `~/.inputrc` says, history kept in a file, completion, Ctrl-C that ends the line and
/// not the session.
///
/// There is one, since readline has one state for the process.
package final class ReadlineEditor: LineEditor {
  package let isInteractive = true
  private let historyFile: String?

  /// Characters that end a word for completion; a dot does not, so that `i.host.vi` completes by its type.
  private static let breaks = " \t\n()[]{}<>=!+-*/,;:\"'?|&"

  package var completer: (@Sendable (String) -> Completion)? {
    didSet { Self.shared.completer = completer }
  }

  /// What the C callback reaches; set from the one thread that reads lines.
  private final class Shared: @unchecked Sendable {
    var completer: (@Sendable (String) -> Completion)?
    var candidates: [String] = []
    var next = 0
  }
  private static let shared = Shared()

  package init(historyFile: String?) {
    self.historyFile = historyFile
    placet_readline_prepare(Self.complete, Self.breaks)
    placet_catch_interrupts()
    using_history()
    stifle_history(10_000)
    if let historyFile { read_history(historyFile) }
  }

  private static let complete: @convention(c) (UnsafePointer<CChar>?, Int32, Int32) -> UnsafeMutablePointer<
    UnsafeMutablePointer<CChar>?
  >? = { text, _, end in
    placet_no_default_completion()
    guard let completer = shared.completer, let buffer = placet_line_buffer(), let text else { return nil }
    let line = String(decoding: Data(bytes: buffer, count: Int(end)), as: UTF8.self)
    let word = String(cString: text)
    let completion = completer(line)
    shared.candidates = fit(completion, to: word)
    shared.next = 0
    guard !shared.candidates.isEmpty else { return nil }
    return rl_completion_matches(text) { _, _ in
      guard shared.next < shared.candidates.count else { return nil }
      defer { shared.next += 1 }
      return strdup(shared.candidates[shared.next])
    }
  }

  /// Readline replaces the word that it sees, which may be longer than what the completion replaces (`i.host.vi`) or
  /// shorter (`vepc.sgw[0`).
  private static func fit(_ completion: Completion, to word: String) -> [String] {
    let replaced = completion.replacing
    if word.hasSuffix(replaced) {
      let kept = word.dropLast(replaced.count)
      return completion.candidates.map { kept + $0 }
    }
    guard replaced.hasSuffix(word) else { return [] }
    let dropped = replaced.dropLast(word.count)
    return completion.candidates.filter { $0.hasPrefix(dropped) }.map { String($0.dropFirst(dropped.count)) }
  }

  package func readLine(prompt: String) -> LineRead {
    guard let line = placet_readline(prompt) else { return .endOfInput }
    defer { free(line) }
    if placet_read_was_interrupted() != 0 {
      placet_clear_interrupt()
      return .interrupted
    }
    return .line(String(cString: line))
  }

  package func remember(_ statement: String) {
    if let last = placet_last_history(), String(cString: last) == statement { return }
    add_history(statement)
    if let historyFile { write_history(historyFile) }
  }

  package func takeInterrupt() -> Bool {
    defer { placet_clear_interrupt() }
    return placet_interrupted() != 0
  }
}
