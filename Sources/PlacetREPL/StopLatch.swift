import Synchronization

/// Remembers that Ctrl-C came while one statement is at work, however often it is asked.
final class StopLatch: Sendable {
  private let wasAsked = Atomic<Bool>(false)
  private let ask: @Sendable () -> Bool

  init(_ ask: @escaping @Sendable () -> Bool) { self.ask = ask }

  var isSet: Bool {
    if wasAsked.load(ordering: .relaxed) { return true }
    guard ask() else { return false }
    wasAsked.store(true, ordering: .relaxed)
    return true
  }

  /// Before the next statement.
  func reset() { wasAsked.store(false, ordering: .relaxed) }
}
