package import Planning

/// What an apply is doing, as it does it: for a progress display.
package enum ExecutionEvent: Hashable, Sendable {
  /// The lock was left by a process that was killed.
  case tookOver(LockHolder)
  /// So many actions in all, so many of them were done before.
  case began(actions: Int, done: Int)
  case started(Action)
  /// The action waits: for what, and for how many milliseconds.
  case waiting(Action, what: String, milliseconds: Int)
  case done(Action)
  case failed(Action, why: String)
  /// Not begun, because the action with this number did not succeed.
  case skipped(Action, after: Int)
  case ended(ExecutionReport)
}

/// How an apply ended.
package struct ExecutionReport: Hashable, Sendable {
  package var done: [Int] = []
  /// By action: why.
  package var failed: [Int: String] = [:]
  /// By action: the failed or skipped one that it had to wait for.
  package var skipped: [Int: Int] = [:]

  /// Whether everything was done.
  package var isComplete: Bool { failed.isEmpty && skipped.isEmpty }
}

/// The places between two durable steps where an apply can be killed: what tests stop at.
package enum Boundary: String, Hashable, Sendable, CaseIterable {
  /// The run is on record.
  case begun
  /// About to write an intent.
  case intending
  /// The intent is on record, the effect is not asked for.
  case intended
  /// The effect has happened, the answer is not on record.
  case effected
  /// The answer is on record.
  case answered
  /// The action is done, and that is not on record.
  case finishing
  /// The action is on record as ended.
  case finished
}
