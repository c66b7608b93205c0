import Execution
import Planning
import Synchronization

/// Shows an apply as it goes: a line for each action that ends, and on a terminal what is at work below.
final class ProgressDisplay: Sendable {
  private struct Work {
    var total = 0
    var ended = 0
    var running: [Int: String] = [:]
    /// What actions wait for.
    var waiting: [Int: String] = [:]
    /// Ended in this run, and since when it has been going on.
    var fresh = 0
    var start = ContinuousClock.now
  }
  private let work = Mutex(Work())
  private let showsDetail: Bool

  init(showsDetail: Bool) { self.showsDetail = showsDetail }

  func show(_ event: ExecutionEvent) {
    guard showsDetail else { return }
    work.withLock { work in
      switch event {
      case .tookOver(let holder):
        line("took over from process \(holder.process), which was killed")
      case .began(let actions, let done):
        work.total = actions
        work.ended = done
        work.start = .now
        if done > 0 { line("\(done) of \(actions) actions were done before") }
      case .started(let action): work.running[action.id] = "\(action.verb) \(action.instance)"
      case .waiting(let action, let what, _):
        work.waiting[action.id] = what
      case .done(let action): end(action, "done", &work)
      case .failed(let action, let why): end(action, "FAILED: \(why)", &work)
      case .skipped(let action, let after): end(action, "skipped, after action \(after)", &work)
      case .ended: break
      }
      status(work)
    }
  }

  private func end(_ action: Action, _ how: String, _ work: inout Work) {
    work.running[action.id] = nil
    work.waiting[action.id] = nil
    work.ended += 1
    work.fresh += 1
    line("[\(work.ended)/\(work.total)] \(action.verb) \(action.instance) \(how)")
  }

  private func line(_ text: String) {
    Terminal.complain((Terminal.showsProgress ? "\r\u{1B}[K" : "") + text + "\n")
  }

  private func status(_ work: Work) {
    guard Terminal.showsProgress else { return }
    let seconds = (ContinuousClock.now - work.start) / .seconds(1)
    let text = Self.summary(
      total: work.total, ended: work.ended, rate: seconds > 0 ? Double(work.fresh) / seconds : 0,
      running: work.running, waiting: work.waiting)
    Terminal.complain("\r\u{1B}[K" + text.prefix(Terminal.width - 1))
  }

  /// `12 of 200 done, 3.4/s, 64 at work, 2 waiting: create a[7] for unreachable: busy`
  static func summary(
    total: Int, ended: Int, rate: Double, running: [Int: String], waiting: [Int: String]
  ) -> String {
    guard !running.isEmpty else { return "" }
    var parts = ["\(ended) of \(total) done"]
    // A VIM that takes a minute for each is no VIM that stands still.
    if rate >= 1 { parts.append("\((rate * 10).rounded() / 10)/s") }
    if rate > 0, rate < 1 { parts.append("\(Int((rate * 60).rounded()))/min") }
    parts.append("\(running.count - waiting.count) at work")
    guard let first = waiting.min(by: { $0.key < $1.key }) else {
      let names = running.sorted { $0.key < $1.key }.map(\.value).prefix(3).joined(separator: ", ")
      return parts.joined(separator: ", ") + ": " + names
    }
    parts.append("\(waiting.count) waiting: \(running[first.key] ?? "") for \(first.value)")
    return parts.joined(separator: ", ")
  }
}
