package import Diagnostics

/// An expectation that did not hold, or what kept a test from asking.
package struct TestFailure: Sendable {
  package var diagnostic: Diagnostic
  /// Where a list, map, set, record or tuple is not what it was compared with; also among the notes, a few.
  package var differences: [ValueDifference]

  package init(_ diagnostic: Diagnostic, differences: [ValueDifference] = []) {
    self.diagnostic = diagnostic
    self.differences = differences
  }
}

/// How one test of a policy went.
package struct TestResult: Sendable {
  package enum Verdict: String, Sendable { case passed, failed, undecided }
  package var policy: String
  package var title: String
  package var verdict: Verdict
  /// What did not hold, each at its `expect`.
  package var failures: [TestFailure]
  /// What held only by tie-break, and the like.
  package var notes: [Diagnostic]
  package var expectations: Int
  package var seconds: Double

  package init(
    policy: String, title: String, verdict: Verdict, failures: [TestFailure], notes: [Diagnostic],
    expectations: Int, seconds: Double
  ) {
    self.policy = policy; self.title = title; self.verdict = verdict; self.failures = failures
    self.notes = notes; self.expectations = expectations; self.seconds = seconds
  }
}
