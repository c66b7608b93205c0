import Planning

/// A plan's way through: what is ready runs, up to so many at once; what fails stops those that wait for it.
extension Executor {
  func walk(_ run: Run) async throws -> ExecutionReport {
    var agenda = Agenda(run.plan)
    for (number, failure) in try store.finishedActions(of: run) { agenda.finish(number, failure: failure) }
    options.observer(.began(actions: run.plan.actions.count, done: agenda.report.done.count))

    try await withThrowingTaskGroup(of: (Action, String?).self) { group in
      var working = 0
      while true {
        while working < max(1, options.parallel), let action = agenda.next() {
          working += 1
          options.observer(.started(action))
          group.addTask {
            (action, try await ActionRunner(executor: self, run: run, action: action).carryOut())
          }
        }
        guard let (action, failure) = try await group.next() else { return }
        working -= 1
        options.observer(failure.map { .failed(action, why: $0) } ?? .done(action))
        for skipped in agenda.finish(action.id, failure: failure) {
          options.observer(.skipped(skipped.action, after: skipped.after))
        }
      }
    }

    try store.end(run, agenda.report.isComplete ? .done : .stopped, now: options.clock.now())
    options.observer(.ended(agenda.report))
    return agenda.report
  }
}

/// Which actions are ready, done, failed, or will never be ready.
struct Agenda {
  private(set) var report = ExecutionReport()
  private let actions: [Action]
  /// By action: how many it still waits for.
  private var missing: [Int: Int] = [:]
  /// By action: those that wait for it.
  private var followers: [Int: [Int]] = [:]
  /// Ready, not begun, the next one last. ORDER: the lowest number is begun first.
  private var queue: [Int] = []
  private var ended: Set<Int> = []

  init(_ plan: Plan) {
    actions = plan.actions
    for action in actions {
      missing[action.id] = action.after.count
      for earlier in action.after { followers[earlier, default: []].append(action.id) }
      if action.after.isEmpty { queue.append(action.id) }
    }
    queue.sort(by: >)
  }

  /// The next action to begin.
  mutating func next() -> Action? {
    while let number = queue.popLast() { if !ended.contains(number) { return actions[number - 1] } }
    return nil
  }

  /// Books an end, and gives the actions that will now never begin.
  @discardableResult
  mutating func finish(_ number: Int, failure: String?) -> [(action: Action, after: Int)] {
    ended.insert(number)
    if let failure {
      report.failed[number] = failure
      return skipFollowers(of: number)
    }
    report.done.append(number)
    report.done.sort()
    for follower in followers[number] ?? [] {
      missing[follower, default: 0] -= 1
      guard missing[follower] == 0, !ended.contains(follower) else { continue }
      let place = queue.firstIndex { $0 < follower } ?? queue.endIndex
      queue.insert(follower, at: place)
    }
    return []
  }

  private mutating func skipFollowers(of number: Int) -> [(action: Action, after: Int)] {
    var skipped: [(action: Action, after: Int)] = []
    var stopped = [number]
    while let cause = stopped.popLast() {
      for follower in followers[cause] ?? [] where ended.insert(follower).inserted {
        report.skipped[follower] = cause
        skipped.append((actions[follower - 1], cause))
        stopped.append(follower)
      }
    }
    return skipped
  }
}
