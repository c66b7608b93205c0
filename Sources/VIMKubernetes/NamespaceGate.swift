/// Keeps those who make something in a namespace and whoever removes it as empty out of each other's way, within
/// this process.
actor NamespaceGate {
  private var makers = 0
  private var isClosed = false
  private var makersWaiting: [CheckedContinuation<Void, Never>] = []
  private var closersWaiting: [CheckedContinuation<Void, Never>] = []

  /// Before something is made; waits while somebody tidies.
  func enter() async {
    while isClosed { await withCheckedContinuation { makersWaiting.append($0) } }
    makers += 1
  }

  func leave() {
    makers -= 1
    if makers == 0 { wake(&closersWaiting) }
  }

  /// Waits until nobody makes anything, and lets nobody begin until `open()`.
  func close() async {
    while isClosed { await withCheckedContinuation { closersWaiting.append($0) } }
    isClosed = true
    while makers > 0 { await withCheckedContinuation { closersWaiting.append($0) } }
  }

  func open() {
    isClosed = false
    wake(&makersWaiting)
    wake(&closersWaiting)
  }

  private func wake(_ waiting: inout [CheckedContinuation<Void, Never>]) {
    let all = waiting
    waiting = []
    for one in all { one.resume() }
  }
}
