import Dispatch
import Synchronization

/// Runs searches side by side up to a barrier. They share nothing that changes, so that what comes of them does not
/// depend on how many threads there are, nor on which of them is first.
struct Lanes {
  let threads: Int

  /// A search that works beside the caller's own for one round.
  ///
  /// INVARIANT: until the barrier, nobody else touches what it changes.
  struct Job: @unchecked Sendable {
    let run: (_ isDropped: @escaping () -> Bool) -> Void
  }

  /// Returns when all is done.
  ///
  /// - Parameter own: what the caller does itself; where it returns false nobody asks for what the jobs find, and
  ///   they are dropped, begun or not.
  func run(_ jobs: [Job], beside own: () -> Bool) {
    guard threads > 1, !jobs.isEmpty else {
      if own() { for job in jobs { job.run { false } } }
      return
    }
    let round = Round(jobs)
    let group = DispatchGroup()
    for _ in 0..<min(threads - 1, jobs.count) { DispatchQueue.global().async(group: group) { round.take() } }
    if !own() { round.drop() }
    // Whoever is done helps with what nobody has begun.
    round.take()
    group.wait()
  }

  private final class Round: Sendable {
    private let jobs: [Job]
    private let next = Atomic<Int>(0)
    private let isDropped = Atomic<Bool>(false)

    init(_ jobs: [Job]) { self.jobs = jobs }

    func take() {
      while case let number = next.add(1, ordering: .relaxed).oldValue, number < jobs.count {
        if isDropped.load(ordering: .relaxed) { continue }
        jobs[number].run { [self] in isDropped.load(ordering: .relaxed) }
      }
    }

    func drop() { isDropped.store(true, ordering: .relaxed) }
  }
}
