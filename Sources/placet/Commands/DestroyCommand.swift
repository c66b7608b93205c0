import ArgumentParser
import Execution
import Placet
import Planning

struct DestroyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "destroy", abstract: "Removes everything that was placed for a policy.",
    discussion:
      "Example: placet destroy policy.placet --yes\nExit status: 0, or 5 where a VIM or the state failed.")

  @Argument(help: "The policy.")
  var file: String

  @Flag(help: "Do not ask.")
  var yes = false

  @OptionGroup var state: StateOption

  func run() async throws {
    let deployment = Deployment(beside: file, state)
    try await reportingFailures {
      let store = try deployment.store()
      var options = Executor.Options()
      let progress = ProgressDisplay(showsDetail: true)
      options.observer = { progress.show($0) }
      options.boundary = KillSwitch.boundary
      let executor = Executor(
        store: store, vims: try await deployment.vims(deployment.keptInventory()), options: options)
      try await executor.settle()
      let plan = try await executor.destroyPlan()
      Terminal.print(plan.text(width: Terminal.width))
      guard !plan.isEmpty else { return }
      guard try Confirmation.isGiven("Remove all of it?", yes: yes) else { return }
      let report = try await executor.apply(plan)
      if let failure = report.failed.min(by: { $0.key < $1.key }) {
        throw Failure(
          code: "V0208", message: "not everything was removed; run destroy again: \(failure.value)")
      }
    }
  }
}
