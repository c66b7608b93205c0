import ArgumentParser
import ConstraintSolver
import Foundation
import Placet
import Synchronization

/// Inputs and limits that `run`, `why`, `plan` and `apply` share.
struct SolveArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp("What there is, as docs/language/inventory-file.md describes it.", valueName: "file"))
  var inventory: String?

  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Sets a param of the policy; may be repeated.", valueName: "name=value"))
  var settings: [String] = []

  @Option(help: ArgumentHelp("Stop after this long with the best so far: 10s, 500ms, 2m.", valueName: "time"))
  var limit: String?

  @Option(help: ArgumentHelp("Stop after this much work; repeatable to the byte.", valueName: "work"))
  var steps: Int?

  @Option(help: "Breaks ties; the same seed gives the same answer.")
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "Searches that may run at the same time; the answer does not depend on it.", valueName: "count"))
  var threads = 1

  func validate() throws {
    if !(1...Self.mostThreads).contains(threads) {
      throw ValidationError("--threads wants a number from 1 to \(Self.mostThreads), not \(threads)")
    }
    if let steps, steps <= 0 { throw ValidationError("--steps wants a number above 0, not \(steps)") }
    if let limit, Self.seconds(limit) == nil {
      throw ValidationError("--limit wants a time such as 10s, 500ms or 2m, not '\(limit)'")
    }
    for setting in settings where setting.split(separator: "=", maxSplits: 1).count != 2 {
      throw ValidationError("--set wants name=value, not '\(setting)'")
    }
  }

  /// More than anything here can use.
  private static let mostThreads = 64

  static func seconds(_ text: String) -> Double? {
    let units: [(String, Double)] = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)]
    for (unit, factor) in units where text.hasSuffix(unit) {
      guard let number = Double(text.dropLast(unit.count)), number > 0 else { return nil }
      return number * factor
    }
    return nil
  }

  var inputs: RunInputs {
    var parameters: [String: String] = [:]
    for setting in settings {
      let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
      parameters[parts[0]] = parts[1]
    }
    var inputs = RunInputs(parameters: parameters, inventory: inventory)
    // For Benchmarks: seconds of CPU at the end of each stage, on standard error.
    if Self.showsTiming {
      inputs.stageEnded = { Terminal.complain("timing \($0) \(Self.cpuSeconds) s CPU\n") }
    }
    if Terminal.showsProgress {
      inputs.progressed = { Terminal.complain("\r\u{1B}[Kbest so far: \($0)") }
    }
    return inputs
  }

  private static var showsTiming: Bool { ProcessInfo.processInfo.environment["PLACET_TIMING"] != nil }
  private static var cpuSeconds: Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

  /// Options whose `shouldStop` watches the time limit and Ctrl-C.
  func options() -> SolverOptions {
    Interrupt.watch()
    let begin = ContinuousClock.now
    let seconds = limit.flatMap(Self.seconds)
    let deadline = seconds.map { begin + .seconds($0) }
    let showsTiming = Self.showsTiming
    var options = SolverOptions(
      seed: seed,
      shouldStop: { Interrupt.happened || (deadline.map { ContinuousClock.now >= $0 } ?? false) },
      progress: { progress in
        guard showsTiming else { return }
        Terminal.complain(
          "timing best \(progress.objectives) \(Self.cpuSeconds) s CPU, work \(progress.work)\n")
      })
    if let steps { options.limit(toSteps: steps) }
    if let seconds { options.elapsed = { (ContinuousClock.now - begin) / .seconds(seconds) } }
    options.threads = threads
    return options
  }

  /// Takes the progress line away before anything else is printed.
  static func clearProgress() {
    if Terminal.showsProgress { Terminal.complain("\r\u{1B}[K") }
  }
}

/// Ctrl-C: the first asks for the best so far, the second ends the program.
enum Interrupt {
  private static let count = Atomic<Int>(0)

  static var happened: Bool { count.load(ordering: .relaxed) > 0 }

  static func watch() {
    signal(SIGINT) { _ in
      if Interrupt.count.add(1, ordering: .relaxed).oldValue > 0 { _exit(130) }
    }
  }
}
