import ArgumentParser
import Foundation
import Placet
import PlacetREPL
import ReadlineEditor

struct REPLCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repl",
    abstract: "The interactive session: expressions, declarations, :solve, :why and more; :help lists the commands.",
    discussion: """
      Example: placet repl policy.placet --inventory lab.json
      Piped input works as a script: printf '1 GiB * 3\\n' | placet repl
      The history is kept in $XDG_STATE_HOME/placet/history, else ~/.local/state/placet/history.
      Exit status: 0.
      """)

  @Argument(help: "A policy to begin with.")
  var file: String?

  @Option(help: ArgumentHelp("An inventory file, as `placet vim inventory` writes it.", valueName: "file"))
  var inventory: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Sets a param of the policy; may be repeated.", valueName: "name=value"))
  var settings: [String] = []

  @Option(help: "Breaks ties; the same seed gives the same answer.")
  var seed: UInt64 = 1

  func validate() throws {
    for setting in settings where setting.split(separator: "=", maxSplits: 1).count != 2 {
      throw ValidationError("--set wants name=value, not '\(setting)'")
    }
  }

  func run() {
    let editor: any LineEditor =
      Terminal.isInteractive ? ReadlineEditor(historyFile: Self.historyFile()) : PipedLineEditor()
    nonisolated(unsafe) let asked = editor
    let session = REPLSession(
      inputs: inputs, seed: seed, width: Terminal.width, usesColour: editor.isInteractive && Terminal.showsColour,
      shouldStop: { asked.takeInterrupt() })
    if editor.isInteractive { Terminal.print("Placet: :help lists the commands, Ctrl-D ends.\n") }
    if let file { Terminal.print(session.load(file)) }
    REPL(session: session, editor: editor, write: Terminal.print).run()
  }

  private var inputs: RunInputs {
    var parameters: [String: String] = [:]
    for setting in settings {
      let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
      parameters[parts[0]] = parts[1]
    }
    return RunInputs(parameters: parameters, inventory: inventory)
  }

  /// Where the history is kept; nil where no folder can be made for it.
  private static func historyFile() -> String? {
    let environment = ProcessInfo.processInfo.environment
    let state: String
    if let folder = environment["XDG_STATE_HOME"], folder.hasPrefix("/") {
      state = folder
    } else if let home = environment["HOME"], !home.isEmpty {
      state = home + "/.local/state"
    } else {
      return nil
    }
    let folder = state + "/placet"
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      return nil
    }
    return folder + "/history"
  }
}
