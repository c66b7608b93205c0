import ArgumentParser
import Diagnostics
import Execution
import NFVModel
import Placement
import Placet
import Planning

struct DriftCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drift",
    abstract: "Says which rules of a policy what runs now breaks, and what is lost; changes nothing.",
    discussion: """
      Example: placet drift policy.placet
      What moved and breaks no rule is said, and is no drift. `placet plan` shows what would put things right.
      Exit status: 0 no rule is broken and nothing is lost, 1 the policy is wrong, 4 the limit was met first, 5 a VIM \
      or the state failed, 6 drift.
      """)

  @Argument(help: "The policy.")
  var file: String

  @OptionGroup var solving: SolveArguments
  @OptionGroup var state: StateOption
  @OptionGroup var output: FormatOption

  func run() async throws {
    let deployment = Deployment(beside: file, state)
    let policy = try PolicyFile.loadSound(file, format: output.format)
    try await reportingFailures {
      let store = try deployment.store()
      let executor = Executor(store: store, vims: try await deployment.vims(deployment.keptInventory()))
      let rows = try await executor.status()
      if let trouble = rows.compactMap(\.trouble).first { throw Failure(code: "V0402", message: trouble) }
      let inputs = try await deployment.liveInputs(policy, solving, format: output.format)
      let drift = try reportingMistakes(output.format) { () throws(Mistakes) in
        try policy.drift(inputs, rows: rows, solving.options())
      }
      guard let drift else {
        Terminal.complain("placet: the limit was met before an answer\n")
        throw Status.limitMet
      }
      show(drift)
      if drift.isDrift { throw Status.drift }
    }
  }

  private func show(_ drift: DriftReport) {
    switch output.format {
    case .json: Terminal.print(drift.json.prettyText())
    case .text:
      if !drift.diagnostics.isEmpty { report(drift.diagnostics, format: .text) }
      Terminal.print(drift.lines.joined(separator: "\n") + "\n")
    }
  }
}
