import NFVModel
package import Planning
import VIMProtocol

/// Taking a part-done plan back, from the undo records that its effects left.
extension Executor {
  /// Finds out what became of the part-done apply, closes it, and plans the way back to where it began.
  /// Changes nothing in any VIM.
  package func rollbackPlan(options planning: Planner.Options = Planner.Options()) async throws -> Plan {
    try await locked {
      try await settleUnlocked()
      let run = try stoppedRun()
      let recorded = try store.recordedState()
      return Planner(planning).plan(
        desired: try before(run, recorded), recorded: recorded, live: try await live(),
        policyDigest: "rollback of \(run.plan.digest)", inventoryDigest: "")
    }
  }

  /// Carries a plan of `rollbackPlan` out. Cut short, it is resumed like any other.
  @discardableResult
  package func rollBack(_ plan: Plan) async throws -> ExecutionReport {
    try await locked {
      if let open = try store.openRun() { throw ExecutionError.unfinished(open.plan.digest) }
      let run = try stoppedRun()
      guard plan.inputs.policy == "rollback of \(run.plan.digest)" else {
        throw ExecutionError.stale(.policy)
      }
      return try await begin(plan, undoes: run.id)
    }
  }

  private func stoppedRun() throws -> Run {
    guard let run = try store.lastRun(), run.ending == .stopped else {
      throw ExecutionError.nothingToRollBack
    }
    return run
  }

  /// What was placed before the run: its undo records, newest first, applied to the records of now.
  private func before(_ run: Run, _ recorded: RecordedState) throws -> Assignment {
    struct Key: Hashable {
      let vim: String
      let handle: ResourceHandle
    }
    var specs = Dictionary(
      uniqueKeysWithValues: recorded.resources.map { (Key(vim: $0.spec.vim, handle: $0.handle), $0.spec) })
    for entry in try store.effects(of: run).reversed() {
      guard let answer = entry.answer else { continue }
      switch answer.undo {
      case .delete(let handle): specs[Key(vim: entry.effect.vim, handle: handle)] = nil
      case .create(let spec): specs[Key(vim: entry.effect.vim, handle: answer.handle)] = spec
      case .restore(let handle, let spec): specs[Key(vim: entry.effect.vim, handle: handle)] = spec
      case .stop, .none: break
      }
    }
    // Of several of one instance (an even earlier apply stopped half way) one is what was wanted: the first.
    let ordered = specs.sorted { ($0.key.vim, $0.key.handle.text) < ($1.key.vim, $1.key.handle.text) }
    let unique = Dictionary(ordered.map { ($0.value.id, $0.value) }, uniquingKeysWith: { first, _ in first })
    return Assignment(instances: Array(unique.values), waivers: run.plan.waivers)
  }
}
