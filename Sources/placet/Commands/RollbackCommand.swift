import ArgumentParser
import Execution
import Placet
import Planning

struct RollbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Takes an apply back that was not carried through, from what the journal knows.",
    discussion: """
      Example: placet rollback policy.placet --yes
      Exit status: 0 everything is as it was before, 5 a VIM or the state failed, or there is nothing to take back.
      """)

  @Argument(help: "The policy.")
  var file: String

  @Flag(help: "Do not ask.")
  var yes = false

  @Option(help: "How many actions are at work at once.")
  var parallel = 64

  @OptionGroup var state: StateOption

  func validate() throws {
    if parallel < 1 { throw ValidationError("--parallel wants a number above 0, not \(parallel)") }
  }

  func run() async throws {
    let deployment = Deployment(beside: file, state)
    try await reportingFailures {
      let store = try deployment.store()
      let inventory = try deployment.keptInventory()
      let vims = try await deployment.vims(inventory)
      var options = Executor.Options()
      let progress = ProgressDisplay(showsDetail: true)
      options.observer = { progress.show($0) }
      options.boundary = KillSwitch.boundary
      options.parallel = parallel
      let executor = Executor(store: store, vims: vims, options: options)
      let plan = try await executor.rollbackPlan(options: Planner.Options(vims: vims, inventory: inventory))
      Terminal.print(plan.text(width: Terminal.width))
      guard try Confirmation.isGiven("Take it back?", yes: yes) else { return }
      let report = try await executor.rollBack(plan)
      if let failure = report.failed.min(by: { $0.key < $1.key }) {
        throw Failure(
          code: "V0208", message: "not everything was taken back; run rollback again: \(failure.value)")
      }
    }
  }
}
