import Synchronization
import Testing

@testable import ConstraintSolver

/// Searches side by side: each once, and none that nobody asks for.
@Suite struct LanesTests {
  @Test(arguments: [1, 2, 4, 16])
  func `every job runs once, beside the caller's own`(threads: Int) {
    for count in 0..<6 {
      let runs = Mutex([Int](repeating: 0, count: count))
      let jobs = (0..<count).map { number in
        Lanes.Job { isDropped in
          #expect(!isDropped())
          runs.withLock { $0[number] += 1 }
        }
      }
      var own = 0
      Lanes(threads: threads).run(jobs) {
        own += 1
        return true
      }
      #expect(own == 1)
      #expect(runs.withLock { $0.allSatisfy { $0 == 1 } })
    }
  }

  @Test(arguments: [1, 2, 4])
  func `what is dropped ends, begun or not`(threads: Int) {
    let ended = Mutex(0)
    let jobs = (0..<3).map { _ in
      Lanes.Job { isDropped in
        while !isDropped() {}
        ended.withLock { $0 += 1 }
      }
    }
    Lanes(threads: threads).run(jobs) { false }
    // Alone, the caller is done before any of them has begun.
    #expect(threads > 1 || ended.withLock { $0 } == 0)
  }
}
