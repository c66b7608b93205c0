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

  @Flag(help: "Do not verify the certificates of VIMs. For a test bed alone.")
  var insecure = false
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
    let deployment = Deployment(beside: file, state)
    let policy = try PolicyFile.loadSound(file, format: output.format)
    try await reportingFailures {
      let store = try deployment.store()
      let inputs = try await deployment.planInputs(policy, solving, store, format: output.format)
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
  func planInputs(_ inputs: RunInputs, _ solving: SolveArguments, format: OutputFormat) throws -> PlanInputs {
    let (answer, planInputs) = try reportingMistakes(format) { () throws(Mistakes) in
      try placeForPlan(inputs, solving.options())
    }
    switch answer.status {
    case .optimal, .feasible: return planInputs
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
}

/// Runs what evaluates or solves; says what is wrong with policy or data and exits with 1.
func reportingMistakes<T>(_ format: OutputFormat, _ work: () throws(Mistakes) -> T) throws -> T {
  defer { SolveArguments.clearProgress() }
  do {
    return try work()
  } catch {
    SolveArguments.clearProgress()
    report(error.diagnostics, format: format)
    throw Status.wrongPolicy
  }
}

extension Deployment {
  /// What a run is given where VIMs are looked at: what they have now, and where what was placed is now.
  func liveInputs(
    _ policy: PolicyFile, _ solving: SolveArguments, format: OutputFormat
  ) async throws -> RunInputs {
    var inputs = solving.inputs
    let endpoints = try reportingMistakes(format) { () throws(Mistakes) in try policy.endpoints(inputs) }
    inputs.live = try await discover(endpoints)
    return inputs
  }

  /// What a question about the next plan is answered from: the VIMs as they are, and what runs. A policy without
  /// endpoints is a question about itself.
  func questionInputs(
    _ policy: PolicyFile, _ solving: SolveArguments, format: OutputFormat
  ) async throws -> RunInputs {
    var inputs = try await liveInputs(policy, solving, format: format)
    guard !inputs.live.isEmpty, hasRecords else { return inputs }
    let store = try store()
    let executor = Executor(store: store, vims: try await vims(keptInventory()))
    inputs.recorded = try store.recordedState().moved(to: try await executor.live())
    return inputs
  }

  /// Solves for the world as its VIMs have it, with ties broken for what runs where it runs now.
  func planInputs(
    _ policy: PolicyFile, _ solving: SolveArguments, _ store: StateStore, format: OutputFormat
  ) async throws -> PlanInputs {
    var inputs = try await liveInputs(policy, solving, format: format)
    let recorded = try store.recordedState()
    if !recorded.resources.isEmpty {
      let executor = Executor(store: store, vims: try await vims(keptInventory()))
      inputs.recorded = recorded.moved(to: try await executor.live())
    }
    return try policy.planInputs(inputs, solving, format: format)
  }

  /// The plan from what is recorded and observed to what the policy places.
  func plan(_ inputs: PlanInputs, _ store: StateStore) async throws -> Plan {
    let vims = try await vims(inputs.inventory)
    let executor = Executor(store: store, vims: vims)
    let recorded = try store.recordedState()
    return Planner(Planner.Options(vims: vims, inventory: inputs.inventory)).plan(
      desired: inputs.assignment, recorded: recorded, live: try await executor.live(),
      policyDigest: inputs.policyDigest, inventoryDigest: inputs.inventoryDigest)
  }
}
