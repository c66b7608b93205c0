package import Diagnostics

/// How one test of a policy went.
package struct TestResult: Sendable {
  package enum Verdict: String, Sendable { case passed, failed, undecided }
  package var policy: String
  package var title: String
  package var verdict: Verdict
  /// What did not hold, each at its `expect`.
  package var failures: [Diagnostic]
  /// What held only by tie-break, and the like.
  package var notes: [Diagnostic]
  package var expectations: Int
  package var seconds: Double

  package init(
    policy: String, title: String, verdict: Verdict, failures: [Diagnostic], notes: [Diagnostic],
    expectations: Int, seconds: Double
  ) {
    self.policy = policy; self.title = title; self.verdict = verdict; self.failures = failures
    self.notes = notes; self.expectations = expectations; self.seconds = seconds
  }
}
