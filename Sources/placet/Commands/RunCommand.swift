import ArgumentParser
import NFVModel
import Placet
import Placement

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Evaluates a policy, solves, re-checks, and shows the placement, its cost and what it took.",
    discussion: """
      Example: placet run policy.placet --inventory lab.json --set racks=4 --limit 10s
      Exit status: 0 placed, 1 the policy is wrong, 3 no placement, 4 the limit was met first.
      """)

  @Argument(help: "The policy.")
  var file: String

  @OptionGroup var solving: SolveArguments
  @OptionGroup var output: FormatOption

  func run() throws {
    let clock = ContinuousClock()
    let start = clock.now
    let policy = try PolicyFile.loadSound(file, format: output.format)
    let answer = try policy.placeOrReport(solving, format: output.format)
    let seconds = (clock.now - start) / .seconds(1)
    show(answer, seconds)
    switch answer.status {
    case .optimal, .feasible: break
    case .infeasible: throw Status.infeasible
    case .unknown: throw Status.limitMet
    }
  }

  private func show(_ answer: PlacementAnswer, _ seconds: Double) {
    switch output.format {
    case .json:
      Terminal.print(RunDocument.json(answer, seconds: seconds).prettyText())
    case .text:
      if let conflict = answer.conflict {
        report([conflict.diagnostic], format: .text)
      } else {
        Terminal.print(RunTable(width: Terminal.width).text(answer, policy: file, seconds: seconds))
      }
    }
  }
}

extension PolicyFile {
  /// Places, or says what is wrong with policy or data and exits with 1.
  func placeOrReport(_ solving: SolveArguments, format: OutputFormat) throws -> PlacementAnswer {
    defer { SolveArguments.clearProgress() }
    do {
      return try place(solving.inputs, solving.options())
    } catch {
      SolveArguments.clearProgress()
      report(error.diagnostics, format: format)
      throw Status.wrongPolicy
    }
  }
}
