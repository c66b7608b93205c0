import ArgumentParser
import ConstraintSolver
import Diagnostics
import Foundation
import NFVModel
import Placet
import PlacetTesting

struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Runs the unit tests of policies.",
    discussion: """
      Example: placet test examples --filter "losing any rack"
      Exit status: 0 all passed, 1 a policy is wrong, 2 a test failed.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable { case text, json, junit }

  @Argument(help: "Policies, or folders that hold some; by default the current folder.")
  var paths: [String] = ["."]

  @Option(help: "Only tests whose policy and title hold this text or match this pattern.")
  var filter: String?

  @Option(help: "text for people; json or junit for programs.")
  var format: Format = .text

  @Option(help: "Seed of the solver.")
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("Work that one question of a test may cost.", valueName: "work"))
  var steps: Int?

  func run() throws {
    let files: [String]
    do {
      files = try TestRunner.policies(at: paths)
    } catch {
      report([error.diagnostic], format: .text)
      throw Status.wrongPolicy
    }
    let options = SolverOptions(seed: seed, workLimit: steps ?? TestRunner.defaultWork)
    let runner = TestRunner(options: options, filter: filter)
    var results: [TestResult] = []
    var isWrong = false
    for file in files {
      guard let policy = try? PolicyFile.loadSound(file, format: .text) else {
        isWrong = true
        continue
      }
      results += runner.run(policy) { if format == .text { show($0) } }
    }
    if let filter, results.isEmpty, !isWrong {
      Terminal.complain("placet: no test matches '\(filter)'\n")
      throw Status.usage
    }
    switch format {
    case .text: summarize(results)
    case .json: Terminal.print(TestDocument.json(results).prettyText())
    case .junit: Terminal.print(TestDocument.junit(results))
    }
    if isWrong { throw Status.wrongPolicy }
    if results.contains(where: { $0.verdict != .passed }) { throw Status.failedTest }
  }

  private func show(_ result: TestResult) {
    let mark =
      switch result.verdict {
      case .passed: "ok  "
      case .failed: "FAIL"
      case .undecided: "OPEN"
      }
    Terminal.print("\(mark)  \(result.policy): \(result.title)\n")
    let renderer = TerminalRenderer(usesColour: false)
    if !result.failures.isEmpty { Terminal.print(renderer.render(result.failures.map(\.diagnostic))) }
    for note in result.notes { Terminal.print(renderer.render([note])) }
  }

  private func summarize(_ results: [TestResult]) {
    let failed = results.count { $0.verdict != .passed }
    Terminal.print("\(results.count - failed) passed, \(failed) failed\n")
  }
}
