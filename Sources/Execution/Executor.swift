import NFVModel
package import Planning
package import VIMProtocol

/// Carries plans out over VIMs: journal first, so that it can be killed anywhere and run again.
///
/// Methods throw `ExecutionError` when they refuse as a whole, `StateError` when the records fail,
/// `CancellationError` when their task is cancelled (the run stays open, and `resume` goes on with it).
/// A VIM's refusal of one action is no throw: it is in the report.
package struct Executor: Sendable {
  package struct Options: Sendable {
    /// How many actions are at work at once.
    package var parallel = 64
    package var retry = RetryPolicy()
    package var clock = ExecutionClock.system
    /// Told of everything that happens, in order for each action.
    package var observer: @Sendable (ExecutionEvent) -> Void = { _ in }
    /// Called at every boundary; what it throws ends the apply on the spot, as being killed would.
    package var boundary: @Sendable (Boundary) throws -> Void = { _ in }

    package init() {}
  }

  let store: StateStore
  let vims: [String: any VIM]
  let options: Options
  let gate = Gate()

  package init(store: StateStore, vims: [any VIM], options: Options = Options()) {
    self.store = store
    self.vims = Dictionary(vims.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    self.options = options
  }

  /// Carries a plan out; one that was cut short is gone on with.
  ///
  /// Refused: another apply at work, an unfinished apply of another plan, a state that has changed since the
  /// plan was made, digests of policy or inventory (where given) that are not the plan's, an instance that
  /// its VIM would not take.
  @discardableResult
  package func apply(
    _ plan: Plan, policyDigest: String? = nil, inventoryDigest: String? = nil
  ) async throws -> ExecutionReport {
    if let policyDigest, policyDigest != plan.inputs.policy { throw ExecutionError.stale(.policy) }
    if let inventoryDigest, inventoryDigest != plan.inputs.inventory {
      throw ExecutionError.stale(.inventory)
    }
    return try await locked {
      if let open = try store.openRun() {
        guard open.plan.digest == plan.digest else { throw ExecutionError.unfinished(open.plan.digest) }
        return try await walk(open)
      }
      return try await begin(plan, undoes: nil)
    }
  }

  /// Goes on with an apply that was cut short; nil when there is none.
  package func resume() async throws -> ExecutionReport? {
    try await locked {
      guard let open = try store.openRun() else { return nil }
      return try await walk(open)
    }
  }

  /// Finds out what became of effects that have no answer, and closes an apply that was cut short without
  /// going on with it. After this the records are true, and a new plan can be made.
  package func settle() async throws {
    try await locked { try await settleUnlocked() }
  }

  /// A plan that removes everything that the records know.
  package func destroyPlan(options: Planner.Options = Planner.Options()) async throws -> Plan {
    let recorded = try store.recordedState()
    return Planner(options).plan(
      desired: Assignment(), recorded: recorded, live: try await live(), policyDigest: "destroy",
      inventoryDigest: "")
  }

  // MARK: Shared by all

  func begin(_ plan: Plan, undoes: Int?) async throws -> ExecutionReport {
    try await settleUnlocked()
    guard try store.recordedState().digest == plan.inputs.state else { throw ExecutionError.stale(.state) }
    // An empty plan leaves no trace, so that an earlier part-done one can still be rolled back.
    if plan.isEmpty, undoes == nil { return ExecutionReport() }
    try await validate(plan)
    guard let run = try store.begin(plan, undoes: undoes, now: options.clock.now()) else {
      throw ExecutionError.stale(.state)
    }
    try options.boundary(.begun)
    return try await walk(run)
  }

  func locked<T>(_ body: () async throws -> T) async throws -> T {
    let lock = try store.lock(now: options.clock.now())
    defer { withExtendedLifetime(lock) {} }
    if let holder = lock.abandonedBy { options.observer(.tookOver(holder)) }
    return try await body()
  }

  func vim(_ name: String) throws -> any VIM {
    guard let vim = vims[name] else { throw ExecutionError.noVIM(name) }
    return vim
  }

  func settleUnlocked() async throws {
    var complaints: [String] = []
    for entry in try store.doubts() {
      let vim = try vim(entry.effect.vim)
      let found: EffectOutcome?
      do throws(VIMError) {
        found = try await vim.find(entry.token)
      } catch {
        let trouble = error.naming(vim: vim.name, call: "find")
        complaints.append("\(trouble); whether the \(entry.effect.verb) happened is open")
        continue
      }
      if let found {
        try store.answer(entry, found, now: options.clock.now())
      } else {
        try store.refuse(entry, "it did not happen", now: options.clock.now())
      }
    }
    guard complaints.isEmpty else { throw ExecutionError.inDoubt(complaints) }
    if let open = try store.openRun() { try store.end(open, .stopped, now: options.clock.now()) }
  }

  /// Everything that a plan makes is shown to its VIM before anything is changed.
  private func validate(_ plan: Plan) async throws {
    var complaints: [String] = []
    for action in plan.actions {
      if let existing = action.existing { _ = try vim(existing.spec.vim) }
      guard let new = action.desired else { continue }
      let vim = try vim(new.vim)
      guard action.makesAnew else { continue }
      do { complaints += try await vim.validate(new) } catch {
        complaints.append("vim \(vim.name): \(error)")
      }
    }
    guard complaints.isEmpty else { throw ExecutionError.invalid(complaints) }
  }
}

extension Action {
  fileprivate var makesAnew: Bool {
    switch kind {
    case .create, .replace, .migrate, .update: true
    case .delete, .start, .forget, .record: false
    }
  }
}
