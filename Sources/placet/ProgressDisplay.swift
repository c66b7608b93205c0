import Execution
import Planning
import Synchronization

/// Shows an apply as it goes: a line for each action that ends, and on a terminal what is at work below.
final class ProgressDisplay: Sendable {
  private struct Work {
    var total = 0
    var ended = 0
    var running: [Int: String] = [:]
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
        if done > 0 { line("\(done) of \(actions) actions were done before") }
      case .started(let action): work.running[action.id] = "\(action.verb) \(action.instance)"
      case .waiting(let action, let what, _):
        work.running[action.id] = "\(action.verb) \(action.instance) waits for \(what)"
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
    work.ended += 1
    line("[\(work.ended)/\(work.total)] \(action.verb) \(action.instance) \(how)")
  }

  private func line(_ text: String) {
    Terminal.complain((Terminal.showsProgress ? "\r\u{1B}[K" : "") + text + "\n")
  }

  private func status(_ work: Work) {
    guard Terminal.showsProgress else { return }
    let running = work.running.sorted { $0.key < $1.key }.map(\.value).prefix(3).joined(separator: ", ")
    Terminal.complain("\r\u{1B}[K" + (running.isEmpty ? "" : running.prefix(Terminal.width - 1)))
  }
}
