import NFVModel
import Planning
import Testing
import VIMProtocol
import VIMSimulated

@testable import Execution

/// Random worlds, random plans, random faults, random deaths: called again until it says that nothing is
/// left to do, every world ends as wanted, and the records say what the VIMs hold.
@Suite struct ConvergenceTests {
  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func `random plans with random faults converge`(_ seed: UInt64) async throws {
    var random = SeededGenerator(seed)
    let world = try World(capacity: 12)
    for _ in 0..<3 {
      let wanted = assignment(&random, capacity: world.capacity)
      for vim in [world.sto, world.fra] { await vim.setFaults(faults(&random, seed)) }
      await die(&random, in: world, on: wanted)

      #expect(
        try await world.converge(on: wanted, parallel: Int.random(in: 1...4, using: &random)), "seed \(seed)")

      #expect(try await world.holdings() == wanted, "seed \(seed)")
      let recorded = try world.store().recordedState().resources.map(\.spec)
      #expect(
        recorded.map(\.id) == wanted.map(\.id) && recorded.map(\.host) == wanted.map(\.host), "seed \(seed)")
    }
  }

  /// A first try that is killed somewhere, or goes through.
  private func die(_ random: inout SeededGenerator, in world: World, on wanted: [PlacedInstance]) async {
    let kill = KillSwitch(at: Int.random(in: 1...60, using: &random))
    guard let plan = try? await world.plan(wanted) else { return }
    _ = try? await world.executor(parallel: 2, boundary: kill.pass).apply(plan)
  }

  private func assignment(_ random: inout SeededGenerator, capacity: Int) -> [PlacedInstance] {
    var free: [String: Int] = [:]
    for vim in ["sto", "fra"] { for host in 1...3 { free["\(vim)/h\(host)"] = capacity } }
    var result: [PlacedInstance] = []
    for number in 0..<12 where Int.random(in: 0..<5, using: &random) > 0 {
      let cores = Int.random(in: 1...8, using: &random)
      guard let place = free.filter({ $0.value >= cores }).keys.sorted().randomElement(using: &random) else {
        continue
      }
      free[place, default: 0] -= cores
      let names = place.split(separator: "/").map(String.init)
      result.append(placed("i[\(number)]", names[1], vim: names[0], cores: cores, overlap: number % 4 != 0))
    }
    return result
  }

  private func faults(_ random: inout SeededGenerator, _ seed: UInt64) -> FaultScript {
    let kinds: [FaultScript.Fault] = [
      .rejected(.quota), .unavailable(retryAfter: nil), .unavailable(retryAfter: 5), .unknownAfterEffect,
      .unknownBeforeEffect, .partial(["port"]), .slow(0), .lose,
    ]
    let verbs: [FaultScript.Verb] = [.create, .create, .delete, .migrate, .resize, .find, .start]
    return FaultScript(
      (0..<Int.random(in: 0...10, using: &random)).compactMap { _ in
        guard let verb = verbs.randomElement(using: &random), let kind = kinds.randomElement(using: &random)
        else { return nil }
        // A partial deletion or migration is nothing that a VIM may say.
        if verb != .create, case .partial = kind { return nil }
        return .init(verb, call: Int.random(in: 1...40, using: &random), kind)
      })
  }
}
