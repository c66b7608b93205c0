import Foundation

/// Time, as the executor sees it: given from outside, so that tests wait for nothing.
package struct ExecutionClock: Sendable {
  /// Now, as UTC text.
  let now: @Sendable () -> String
  let sleep: @Sendable (_ milliseconds: Int) async throws -> Void

  package init(
    now: @escaping @Sendable () -> String,
    sleep: @escaping @Sendable (_ milliseconds: Int) async throws -> Void
  ) {
    self.now = now
    self.sleep = sleep
  }

  /// The machine's clock.
  package static let system = ExecutionClock(
    now: { Date.now.formatted(.iso8601) }, sleep: { try await Task.sleep(for: .milliseconds($0)) })
}

/// How long to go on asking a VIM that says "later", or nothing.
package struct RetryPolicy: Hashable, Sendable {
  /// How often an effect is asked for, the first time included.
  package var attempts = 6
  /// How often a new resource is looked at until it runs.
  package var looks = 60
  /// Milliseconds before the second asking; doubled each time.
  package var first = 500
  /// No pause is longer, in milliseconds.
  package var longest = 30_000

  package init() {}

  /// The pause after so many failures, or what the VIM asked for if that is longer.
  func pause(after failures: Int, atLeast wanted: Int?) -> Int {
    let doubled = failures < 20 ? first << (failures - 1) : longest
    return max(min(doubled, longest), wanted ?? 0)
  }
}
