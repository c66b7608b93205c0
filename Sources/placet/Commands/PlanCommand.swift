import ArgumentParser
import Diagnostics
import Execution
import Foundation
import NFVModel
import Placement
import Placet
import Planning

/// Where state is kept, for the commands that use it.
struct StateOption: ParsableArguments {
  @Option(help: ArgumentHelp("The state folder; by default .placet beside the file.", valueName: "folder"))
  var state: String?
}

struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Solves, compares with recorded state and live inventory, and shows the plan; changes nothing.",
    discussion: """
      Example: placet plan policy.placet --inventory lab.json --out change.plan
      Exit status: 0 planned, 1 the policy is wrong, 3 no placement, 4 the limit was met first, 5 a VIM or the \
      state failed.
      """)

  @Argument(help: "The policy.")
  var file: String

  @Option(help: ArgumentHelp("Writes the plan here, for `placet apply`.", valueName: "file"))
  var out: String?

  @OptionGroup var solving: SolveArguments
  @OptionGroup var state: StateOption
  @OptionGroup var output: FormatOption

  func run() async throws {
    let deployment = Deployment(beside: file, state: state.state)
    let policy = try PolicyFile.loadSound(file, format: output.format)
    try await reportingFailures {
      let store = try deployment.store()
      let inputs = try policy.planInputs(solving, recorded: store.recordedState(), format: output.format)
      let plan = try await deployment.plan(inputs, store)
      if let out {
        try deployment.keep(inputs.inventory)
        do {
          try Data(plan.fileText.utf8).write(to: URL(fileURLWithPath: out), options: .atomic)
        } catch {
          throw Failure(code: "V0105", message: "cannot write \(out): \(Failure.reason(error))")
        }
      }
      switch output.format {
      case .json: Terminal.print(plan.fileText + "\n")
      case .text: Terminal.print(plan.text(width: Terminal.width))
      }
    }
  }
}

extension PolicyFile {
  /// Solves, with ties broken for what runs; exits with the status of `run` where there is no placement.
  func planInputs(
    _ solving: SolveArguments, recorded: RecordedState, format: OutputFormat
  ) throws -> PlanInputs {
    let (answer, inputs) = try placeForPlan(solving, recorded: recorded, format: format)
    switch answer.status {
    case .optimal, .feasible: return inputs
    case .infeasible:
      if format == .json {
        Terminal.print(RunDocument.json(answer, seconds: 0).prettyText())
      } else if let conflict = answer.conflict {
        report([conflict.diagnostic], format: .text)
      }
      throw Status.infeasible
    case .unknown:
      Terminal.complain("placet: the limit was met before a placement was found\n")
      throw Status.limitMet
    }
  }

  private func placeForPlan(
    _ solving: SolveArguments, recorded: RecordedState, format: OutputFormat
  ) throws -> (PlacementAnswer, PlanInputs) {
    defer { SolveArguments.clearProgress() }
    do {
      var inputs = solving.inputs
      inputs.recorded = recorded
      return try placeForPlan(inputs, solving.options())
    } catch {
      SolveArguments.clearProgress()
      report(error.diagnostics, format: format)
      throw Status.wrongPolicy
    }
  }
}

extension Deployment {
  /// The plan from what is recorded and observed to what the policy places.
  func plan(_ inputs: PlanInputs, _ store: StateStore) async throws -> Plan {
    let vims = try vims(inputs.inventory)
    let executor = Executor(store: store, vims: vims)
    let recorded = try store.recordedState()
    return Planner(Planner.Options(vims: vims, inventory: inputs.inventory)).plan(
      desired: inputs.assignment, recorded: recorded, live: try await executor.live(),
      policyDigest: inputs.policyDigest, inventoryDigest: inputs.inventoryDigest)
  }
}
