/// Keeps everyone from a VIM that asked to be left alone for a while: whoever was told waits, and the others wait for
/// them.
actor Gate {
  private var closed: [String: Int] = [:]
  private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]

  func close(_ vim: String) { closed[vim, default: 0] += 1 }

  func open(_ vim: String) {
    closed[vim, default: 1] -= 1
    guard closed[vim] == 0 else { return }
    for waiter in waiting.removeValue(forKey: vim) ?? [] { waiter.resume() }
  }

  /// Comes back when nobody keeps it closed.
  func pass(_ vim: String) async {
    while closed[vim, default: 0] > 0 {
      await withCheckedContinuation { waiting[vim, default: []].append($0) }
    }
  }
}
