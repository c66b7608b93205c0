import Synchronization

/// Remembers that Ctrl-C came while one statement is at work, however often it is asked.
final class StopLatch: Sendable {
  private let wasAsked = Atomic<Bool>(false)
  /// The search alone is stopped: what it found so far is still checked and shown.
  private let sparesEvaluation = Atomic<Bool>(false)
  private let ask: @Sendable () -> Bool

  init(_ ask: @escaping @Sendable () -> Bool) { self.ask = ask }

  var isSet: Bool {
    if wasAsked.load(ordering: .relaxed) { return true }
    guard ask() else { return false }
    wasAsked.store(true, ordering: .relaxed)
    return true
  }

  /// What known code asks while it runs.
  var stopsEvaluation: Bool { !sparesEvaluation.load(ordering: .relaxed) && isSet }

  /// Runs a search whose best answer so far is wanted when it is stopped.
  func sparingEvaluation<T, Failure: Error>(_ body: () throws(Failure) -> T) throws(Failure) -> T {
    sparesEvaluation.store(true, ordering: .relaxed)
    defer { sparesEvaluation.store(false, ordering: .relaxed) }
    return try body()
  }

  /// Before the next statement.
  func reset() { wasAsked.store(false, ordering: .relaxed) }
}
