/// How much a run may use; each limit that is met is a located error and not a trap.
package struct Budget: Hashable, Sendable {
  /// Iterations of loops and calls.
  package var steps: Int
  /// Bytes of values.
  package var memory: Int
  /// Calls and derived fields that wait for one another.
  package var depth: Int

  package init(steps: Int = 2_000_000_000, memory: Int = 4 << 30, depth: Int = 100_000) {
    self.steps = steps
    self.memory = memory
    self.depth = depth
  }
}
