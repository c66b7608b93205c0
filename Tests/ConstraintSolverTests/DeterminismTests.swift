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
    var options = SolverOptions(seed: 3, workLimit: 20_000)
    let first = Answer(try Solver(model).solve(options))
    #expect(first.values != nil)
    var left = 99
    for width in [1, 2, 4] {
      options.threads = width
      for _ in 0..<33 / width + (width == 4 ? 1 : 0) {
        let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
          for _ in 0..<width { group.addTask { [options] in Answer(try Solver(model).solve(options)) } }
          return try await group.reduce(into: [Answer]()) { $0.append($1) }
        }
        #expect(Set(answers) == [first])
        left -= width
      }
    }
    #expect(left <= 0)
  }

  /// What a run says on its way, and how it ends, with rounds so short that all searches have many.
  private func course(_ model: ConstraintModel, threads: Int, work: Int) -> [[Int]] {
    let course = Mutex<[[Int]]>([])
    var options = SolverOptions(
      workLimit: work,
      progress: { step in course.withLock { $0.append(step.objectives + [step.bound ?? -1, step.work]) } })
    options.threads = threads
    var minimiser = Minimiser(
      model, constraints: model.constraints, options: options, firstTurn: 1_000,
      insertion: InsertionSearch.begun(on: model, options))
    let result = minimiser.run()
    let work = minimiser.statistics.work
    switch result {
    case .optimal(let solution), .feasible(let solution):
      course.withLock { $0 += [solution.values, solution.objectives, solution.bounds, [work]] }
    case .unsatisfiable, .unknown: course.withLock { $0.append([work]) }
    }
    return course.withLock { $0 }
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func `one, two and four threads say and find the same`(seed: UInt64) throws {
    let model = model(seed)
    for work in [3_000, 40_000, 600_000] {
      let alone = course(model, threads: 1, work: work)
      for threads in [2, 4, 2, 4] {
        #expect(
          course(model, threads: threads, work: work) == alone, "seed \(seed), \(work), \(threads) threads")
      }
    }
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
        var repeated = SolverOptions(seed: seed)
        repeated.limit(toSteps: max(1, first.statistics.steps))
        let again = Answer(try Solver(model).solve(repeated))
        #expect(again == first, "seed \(seed), \(polls) polls")
      }
    }
    #expect(stopped >= 3)
  }

  /// Time as somebody tells it who has seen little of it: a share of the limit goes by with each look at the clock.
  private final class Clock: Sendable {
    private let looks = Mutex(0)
    let limit: Int
    /// How often the clock stood still, or ran ahead.
    let jumps: Set<Int>

    init(limit: Int, jumps: Set<Int>) { (self.limit, self.jumps) = (limit, jumps) }

    func look() -> Double {
      looks.withLock { looks in
        looks += jumps.contains(looks) ? 5 : 1
        return Double(looks) / Double(limit)
      }
    }
    var isOver: Bool { looks.withLock { $0 >= limit } }
  }

  @Test func `a run that was fitted to a limit of time is repeated by its work`() throws {
    var paces: Set<Int> = []
    for seed in 1...3 as ClosedRange<UInt64> {
      let model = model(seed)
      for limit in [12, 40, 150] {
        let clock = Clock(limit: limit, jumps: [20, 30])
        var options = SolverOptions(
          seed: seed,
          shouldStop: {
            _ = clock.look()
            return clock.isOver
          })
        options.elapsed = { clock.look() }
        func answer(_ options: SolverOptions) -> Answer {
          var minimiser = Minimiser(
            model, constraints: model.constraints, options: options, firstTurn: 4_000,
            insertion: InsertionSearch.begun(on: model, options))
          switch minimiser.run() {
          case .optimal(let solution): return Answer((.optimal(solution), minimiser.statistics))
          case .feasible(let solution): return Answer((.feasible(solution), minimiser.statistics))
          case .unsatisfiable, .unknown: return Answer((.unknown, minimiser.statistics))
          }
        }
        let first = answer(options)
        paces.insert(first.statistics.pace)
        #expect(first.values != nil)
        var repeated = SolverOptions(seed: seed)
        repeated.limit(toSteps: first.statistics.steps)
        for threads in [1, 4] {
          repeated.threads = threads
          #expect(answer(repeated) == first, "seed \(seed), \(limit) looks, \(threads) threads")
        }
      }
    }
    #expect(paces.count > 2, "passes were begun at several paces: \(paces)")
  }
}
