import ArgumentParser
import Diagnostics
import Foundation
import Placet
import PlacetSyntax

struct FormatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fmt", abstract: "Formats policies in place.",
    discussion:
      "Example: placet fmt policy.placet\nWith --check nothing is written; exit status 1 names what differs.")

  @Argument(help: "Policy files; - reads standard input and writes standard output.")
  var files: [String]

  @Flag(help: "Write nothing; exit with 1 where a file is not formatted.")
  var check = false

  func run() throws {
    var failed = false
    for file in files {
      do {
        let bytes =
          file == "-"
          ? [UInt8](FileHandle.standardInput.readDataToEndOfFile())
          : try PolicyFile.readBytes(path: file)
        failed = try !format(Source(name: file, bytes: bytes)) || failed
      } catch let problem as FileProblem {
        report([problem.diagnostic], format: .text)
        failed = true
      }
    }
    if failed { throw Status.wrongPolicy }
  }

  /// False where the file has errors, or differs and is only checked.
  private func format(_ source: Source) throws -> Bool {
    let (tree, diagnostics) = Parser.parse(source)
    guard !diagnostics.contains(where: { $0.severity == .error }) else {
      report(diagnostics, format: .text)
      return false
    }
    let text = Formatter.format(tree)
    if source.name == "-" {
      Terminal.print(text)
    } else if text != source.text {
      if check {
        Terminal.complain("\(source.name) is not formatted\n")
        return false
      }
      try Data(text.utf8).write(to: URL(fileURLWithPath: source.name), options: .atomic)
    }
    return true
  }
}
