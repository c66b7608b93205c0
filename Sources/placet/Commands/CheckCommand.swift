import ArgumentParser
import Diagnostics
import Placet

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Parses, resolves and type-checks policies; shows all diagnostics.",
    discussion: "Example: placet check policy.placet\nExit status: 0 sound, 1 not.")

  @Argument(help: "Policy files.")
  var files: [String]

  @OptionGroup var output: FormatOption

  func run() throws {
    var all: [Diagnostic] = []
    for file in files {
      do {
        all += try PolicyFile.load(path: file).diagnostics
      } catch {
        all.append(error.diagnostic)
      }
    }
    if output.format == .json {
      Terminal.print(JSONRenderer().render(all))
    } else if !all.isEmpty {
      report(all, format: .text)
    }
    if all.contains(where: { $0.severity == .error }) { throw Status.wrongPolicy }
  }
}
