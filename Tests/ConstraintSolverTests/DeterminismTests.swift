import ConstraintModel
import Synchronization
import Testing

@testable import ConstraintSolver

/// Same model, seed and limit of work: the same answer, whatever else runs; and the work of a run that time has ended
/// repeats it.
@Suite struct DeterminismTests {
  private func model(_ seed: UInt64) -> ConstraintModel {
    InsertionTests.Sample(seed: seed, items: 16, hosts: 64, guests: 4).model
  }

  private struct Answer: Hashable, Sendable {
    var values: [Int]?
    var bounds: [Int]?
    var statistics: SolverStatistics

    init(_ answer: (Outcome, SolverStatistics)) {
      let solution: Solution? =
        switch answer.0 {
        case .optimal(let solution), .feasible(let solution): solution
        case .unsatisfiable, .unknown: nil
        }
      values = solution?.values
      bounds = solution?.bounds
      statistics = answer.1
    }
  }

  @Test func `a hundred runs, alone, two and four at a time, give the same answer`() async throws {
    let model = model(4)
    let options = SolverOptions(seed: 3, workLimit: 20_000)
    let first = Answer(try Solver(model).solve(options))
    #expect(first.values != nil)
    var left = 99
    for width in [1, 2, 4] {
      for _ in 0..<33 / width + (width == 4 ? 1 : 0) {
        let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
          for _ in 0..<width { group.addTask { Answer(try Solver(model).solve(options)) } }
          return try await group.reduce(into: [Answer]()) { $0.append($1) }
        }
        #expect(Set(answers) == [first])
        left -= width
      }
    }
    #expect(left <= 0)
  }

  @Test func `a run that was stopped is repeated by its work`() throws {
    var stopped = 0
    for seed in 1...3 as ClosedRange<UInt64> {
      let model = model(seed)
      for polls in [1, 2, 5] {
        let left = Mutex(polls)
        let byTime = SolverOptions(
          seed: seed,
          shouldStop: {
            left.withLock { left in
              left -= 1
              return left < 0
            }
          })
        let first = Answer(try Solver(model).solve(byTime))
        if left.withLock({ $0 }) < 0 { stopped += 1 }
        let again = Answer(
          try Solver(model).solve(SolverOptions(seed: seed, workLimit: max(1, first.statistics.work))))
        #expect(again == first, "seed \(seed), \(polls) polls")
      }
    }
    #expect(stopped >= 3)
  }
}
