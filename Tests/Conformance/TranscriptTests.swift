import Foundation
import Testing

/// Sessions at a shell, as a person has them: `cases/cli/*.txt`.
///
///     with: small-lab
///     $ placet check policy.placet
///     [exit 0]
///
/// Lines before the first `$` are notes but for `with:`, which names the fixtures that the session starts from, and
/// `serving:`, which starts fake services for it (`Services`). What depends on the machine or on the search is shown
/// alike: folders, seconds, work, digests, processes, ports.
@Suite struct TranscriptTests {
  @Test(arguments: Cases.files("cli", ".txt"))
  func `goes as it is written down`(_ path: String) async throws {
    let transcript = Transcript(try Cases.text(path))
    let folder = try Executable.folder(with: transcript.fixtures)
    defer { try? FileManager.default.removeItem(at: folder) }
    let services = transcript.isServed ? try await Services() : nil
    try services?.write(to: folder)
    services?.obey(folder)
    let environment = services?.environment() ?? [:]
    var played = transcript.head
    for command in transcript.commands {
      let run = try await Executable.session(command, in: folder, environment: environment)
      played += "$ \(command)\n\(Transcript.normal(run.text, folder: folder.path))[exit \(run.status)]\n"
    }
    let difference = try Cases.golden(path, played)
    #expect(difference == nil, "\(difference ?? "")")
  }
}

struct Transcript {
  var head = ""
  var fixtures: [String] = []
  var commands: [String] = []
  var isServed = false

  init(_ text: String) {
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("$ ") {
        commands.append(String(line.dropFirst(2)))
      } else if commands.isEmpty {
        head += line + "\n"
        if line.hasPrefix("serving: ") { isServed = true }
        if line.hasPrefix("with: ") { fixtures = line.dropFirst(6).split(separator: " ").map(String.init) }
      }
    }
  }

  static func normal(_ text: String, folder: String) -> String {
    var text = text.replacing(folder, with: "FOLDER")
    for (pattern, shown) in [
      ("sha256:[0-9a-f]+", "sha256:…"), ("[0-9]+ decisions?, [0-9]+ conflicts?, work [0-9]+", "some work"),
      ("[0-9]+\\.[0-9]+ s(?![a-z])", "0.00 s"), ("\"seconds\": [0-9.e-]+", "\"seconds\": 0.0"),
      ("\"(conflicts|decisions|propagations|work)\": [0-9]+", "\"$1\": 0"),
      ("time=\"[0-9.]+\"", "time=\"0.000\""),
      ("process [0-9]+ on .*, since .*", "process 1 on here, since now"),
      ("process [0-9]+", "process 1"), ("127\\.0\\.0\\.1:[0-9]+", "127.0.0.1:1"),
      ("(placet/(pods/)?[a-z0-9-]+)-[0-9a-f]{16}", "$1-…"),
    ] {
      text = text.replacingOccurrences(of: pattern, with: shown, options: .regularExpression)
    }
    return text.isEmpty || text.hasSuffix("\n") ? text : text + "\n"
  }
}
