/// The loop between an editor and a session: prompts, history, Ctrl-C, the end of input.
package struct REPL {
  private let session: REPLSession
  private let editor: any LineEditor
  private let write: (String) -> Void

  package init(session: REPLSession, editor: any LineEditor, write: @escaping (String) -> Void) {
    self.session = session
    self.editor = editor
    self.write = write
  }

  /// Runs until `:quit` or the end of input.
  package func run() {
    nonisolated(unsafe) let session = session
    editor.completer = { session.complete($0) }
    defer { editor.completer = nil }
    while true {
      let prompt = !editor.isInteractive ? "" : session.isOpen ? "   ... " : "placet> "
      switch editor.readLine(prompt: prompt) {
      case .line(let line):
        if answer(session.submit(line)) { return }
      case .interrupted: session.abandon()
      case .endOfInput:
        if editor.isInteractive { write("\n") }
        _ = answer(session.end())
        return
      }
    }
  }

  private func answer(_ reply: REPLSession.Reply) -> Bool {
    for entry in reply.entries { editor.remember(entry) }
    if !reply.output.isEmpty { write(reply.output) }
    return reply.isOver
  }
}
