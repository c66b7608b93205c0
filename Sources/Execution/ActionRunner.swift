import NFVModel
import Planning
import VIMProtocol

/// Carries one action out: its effects in order, each through the journal, so that a second runner takes up
/// where a killed one was.
struct ActionRunner: Sendable {
  let executor: Executor
  let run: Run
  let action: Action

  var store: StateStore { executor.store }
  var options: Executor.Options { executor.options }

  /// What a step of the action came to.
  enum Step {
    case done(ResourceHandle)
    case failed(String)
  }

  /// Nil when it succeeded, else why it did not.
  func carryOut() async throws -> String? {
    var changes: [RecordChange] = []
    let failure: String?
    switch action.kind {
    case .create(let new): failure = try await make(new)
    case .delete(let old): failure = try await remove(old, step: "delete")
    case .replace(let old, let new): failure = try await replace(old, by: new)
    case .migrate(let old, let new): failure = try await alter(.migrate(old, to: new), step: "migrate")
    case .update(let old, let new): failure = try await alter(.resize(old, to: new), step: "resize")
    case .start(let old): failure = try await alter(.start(old), step: "start")
    case .forget(let old):
      failure = nil
      changes = [.remove(old)]
    case .record(let old, let new):
      failure = nil
      changes = [.set(RecordedResource(new, handle: old.handle))]
    }
    try options.boundary(.finishing)
    try store.finish(action.id, of: run, failure: failure, changes: changes)
    try options.boundary(.finished)
    return failure
  }

  private func make(_ new: PlacedInstance) async throws -> String? {
    switch try await effect(.create(new), step: "create") {
    case .failed(let why): why
    case .done(let handle): try await troubleStarting(handle, on: new.vim)
    }
  }

  private func remove(_ old: RecordedResource, step: String) async throws -> String? {
    if case .failed(let why) = try await effect(.delete(old), step: step) { why } else { nil }
  }

  private func alter(_ effect: Effect, step: String) async throws -> String? {
    switch try await self.effect(effect, step: step) {
    case .failed(let why): why
    case .done(let handle): try await troubleStarting(handle, on: effect.vim)
    }
  }

  /// The old one is removed only when the new one is seen to run; one that does not run is removed itself.
  private func replace(_ old: RecordedResource, by new: PlacedInstance) async throws -> String? {
    switch try await effect(.create(new), step: "create") {
    case .failed(let why): return why
    case .done(let handle):
      if let trouble = try await troubleReplacing(handle, on: new.vim) {
        let trace = try await remove(RecordedResource(new, handle: handle), step: "withdraw")
        return trace.map { "\(trouble); and it could not be removed: \($0)" } ?? trouble
      }
      return try await remove(old, step: "delete")
    }
  }

  /// What speaks against the new one. Once it was judged, and the removal of either was begun, it is not
  /// judged again.
  private func troubleReplacing(_ handle: ResourceHandle, on vim: String) async throws -> String? {
    if try store.lastEntry(run: run, action: action.id, step: "withdraw") != nil {
      return "vim \(vim) made it, and it did not run"
    }
    if try store.lastEntry(run: run, action: action.id, step: "delete") != nil { return nil }
    return try await troubleStarting(handle, on: vim)
  }

  // MARK: Looking

  /// Waits until a resource runs; what keeps it from running, if something does.
  private func troubleStarting(_ handle: ResourceHandle, on name: String) async throws -> String? {
    let vim = try executor.vim(name)
    for look in 1...max(1, options.retry.looks) {
      try Task.checkCancellation()
      let wait: String
      do throws(VIMError) {
        switch try await vim.observe([handle]).first?.status ?? .missing {
        case .running: return nil
        case .changing: wait = "until it runs"
        case .stopped: return "vim \(name), observe: it was made, and stands still"
        case .failed: return "vim \(name), observe: it was made, and has failed"
        case .missing: return "vim \(name), observe: it was made, and is gone"
        }
      } catch {
        let error = error.naming(vim: name, call: "observe")
        if case .rejected = error { return "\(error); it was made and cannot be looked at" }
        wait = "\(error)"
      }
      try await pause(after: look, atLeast: nil, wait)
    }
    return "it did not run after \(options.retry.looks) looks"
  }

  func pause(after failures: Int, atLeast wanted: Int?, _ what: String) async throws {
    let milliseconds = options.retry.pause(after: failures, atLeast: wanted)
    options.observer(.waiting(action, what: what, milliseconds: milliseconds))
    try await options.clock.sleep(milliseconds)
  }
}
