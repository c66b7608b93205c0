import ArgumentParser
import Diagnostics
import Execution
import Foundation
import NFVModel
import Placet
import Planning
import Synchronization
import VIMProtocol

struct ApplyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "apply",
    abstract: "Carries a plan out, showing progress; run again, it goes on where it was cut short.",
    discussion: """
      Examples:
        placet apply policy.placet --inventory lab.json --yes
        placet apply change.plan
      Exit status: 0 done, 1 the policy or plan is wrong, 3 no placement, 5 a VIM or the state failed.
      """)

  @Argument(help: "A policy, or a plan that `placet plan --out` wrote.")
  var file: String

  @Flag(help: "Do not ask.")
  var yes = false

  @Option(help: "How many actions are at work at once.")
  var parallel = 64

  @OptionGroup var solving: SolveArguments
  @OptionGroup var state: StateOption
  @OptionGroup var output: FormatOption

  func validate() throws {
    if parallel < 1 { throw ValidationError("--parallel wants a number above 0, not \(parallel)") }
  }

  func run() async throws {
    let deployment = Deployment(beside: file, state)
    let saved = try savedPlan()
    let policy = saved == nil ? try PolicyFile.loadSound(file, format: output.format) : nil
    try await reportingFailures {
      let store = try deployment.store()
      if try await goOn(deployment, store, instead: saved) { return }
      let plan: Plan
      var inventory = try deployment.keptInventory()
      if let saved {
        plan = saved
      } else if let policy {
        let inputs = try await deployment.planInputs(policy, solving, store, format: output.format)
        inventory = inputs.inventory
        plan = try await deployment.plan(inputs, store)
      } else {
        return
      }
      if output.format == .text { Terminal.print(plan.text(width: Terminal.width)) }
      guard !plan.isEmpty else { return try conclude(nil, of: plan) }
      guard try Confirmation.isGiven("Carry it out?", yes: yes) else { return }
      try deployment.keep(inventory)
      try conclude(try await executor(store, try await deployment.vims(inventory)).apply(plan), of: plan)
    }
  }

  /// What a killed apply left is finished first: its plan was agreed to. True where that plan is the one that is
  /// asked for now.
  private func goOn(_ deployment: Deployment, _ store: StateStore, instead saved: Plan?) async throws -> Bool
  {
    guard let open = try store.openRun() else { return false }
    let executor = executor(store, try await deployment.vims(deployment.keptInventory()))
    guard let report = try await executor.resume() else { return false }
    Terminal.complain("went on with the apply that was cut short\n")
    let isSame = saved?.digest == open.plan.digest
    if isSame || !report.isComplete { try conclude(report, of: open.plan) }
    return isSame
  }

  /// The plan where the file is one; nil for a policy.
  private func savedPlan() throws -> Plan? {
    let bytes: [UInt8]
    do {
      bytes = try PolicyFile.readBytes(path: file)
    } catch {
      report([error.diagnostic], format: output.format)
      throw Status.wrongPolicy
    }
    guard bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") else { return nil }
    do {
      return try Plan.parse(bytes)
    } catch {
      Terminal.complain("error[\(error.code)]: \(file): \(error.message)\n")
      throw Status.wrongPolicy
    }
  }

  private func executor(_ store: StateStore, _ vims: [any VIM]) -> Executor {
    var options = Executor.Options()
    options.parallel = parallel
    let progress = ProgressDisplay(showsDetail: output.format == .text)
    options.observer = { progress.show($0) }
    options.boundary = KillSwitch.boundary
    return Executor(store: store, vims: vims, options: options)
  }

  /// Says what became of a plan; nil where there was nothing to do.
  private func conclude(_ report: ExecutionReport?, of plan: Plan) throws {
    let isComplete = report?.isComplete ?? true
    let reasons = (report?.failed ?? [:]).sorted { $0.key < $1.key }
    if output.format == .json {
      let failed = Dictionary(
        uniqueKeysWithValues: reasons.map { (String($0.key), JSONValue.string($0.value)) })
      let document: JSONValue = [
        "placet": 1, "plan": .string(plan.digest), "actions": .int(plan.actions.count),
        "unchanged": .int(plan.unchanged), "status": isComplete ? "done" : "part-done",
        "failed": .object(failed),
      ]
      Terminal.print(document.prettyText())
    }
    if isComplete { return }
    let failures = reasons.map { "  action \($0.key): \($0.value)" }
    throw Failure(
      code: "V0208",
      message: (["not everything was done; run apply again to go on"] + failures).joined(separator: "\n"))
  }
}

/// Whether a person agrees, or said so before.
enum Confirmation {
  /// - Throws: usage, where nobody can be asked.
  static func isGiven(_ question: String, yes: Bool) throws -> Bool {
    if yes { return true }
    guard Terminal.isInteractive else {
      Terminal.complain("nothing was changed: say --yes where nobody can be asked\n")
      throw Status.usage
    }
    Terminal.print("\(question) [y/N] ")
    return ["y", "yes"].contains((readLine() ?? "").lowercased())
  }
}

/// For tests of being killed: `PLACET_KILL_AT=7` ends the process with SIGKILL at the seventh boundary, and
/// `PLACET_STOP_AT=7` stops it there with SIGSTOP, until somebody lets it go on.
enum KillSwitch {
  private static let seen = Atomic<Int>(0)
  private static let end = number("PLACET_KILL_AT")
  private static let pause = number("PLACET_STOP_AT")

  private static func number(_ variable: String) -> Int? {
    ProcessInfo.processInfo.environment[variable].flatMap(Int.init)
  }

  static let boundary: @Sendable (Boundary) throws -> Void = { _ in
    guard end != nil || pause != nil else { return }
    let number = seen.add(1, ordering: .relaxed).newValue
    if let end, number >= end { kill(getpid(), SIGKILL) }
    // To this thread, which then does nothing more: to the process, it might come a moment later.
    if number == pause { raise(SIGSTOP) }
  }
}
