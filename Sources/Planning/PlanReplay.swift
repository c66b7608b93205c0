package import NFVModel

/// The planner's judge: does a plan's actions one by one, on paper, in any order that `after` allows.
///
/// Knows what runs where at every step, so that whoever holds rules during a change can be asked at each.
package struct PlanReplay: Sendable {
  /// What there is, old and new side by side where they are.
  package private(set) var resources: [PlacedInstance]
  package private(set) var done: Set<Int> = []

  package init(from recorded: RecordedState) { resources = recorded.resources.map(\.spec) }

  /// Whether the action's turn has come.
  package func isReady(_ action: Action) -> Bool {
    !done.contains(action.id) && action.after.allSatisfy(done.contains)
  }

  /// The first half: what is made is there, what it takes the place of still is too.
  package mutating func begin(_ action: Action) {
    switch action.kind {
    case .create(let new), .replace(_, let new), .migrate(_, let new): resources.append(new)
    case .update(let old, let new), .record(let old, let new):
      remove(old.spec)
      resources.append(new)
    case .delete, .start, .forget: break
    }
  }

  /// The second half: what goes is gone.
  package mutating func finish(_ action: Action) {
    switch action.kind {
    case .delete(let old), .forget(let old), .replace(let old, _), .migrate(let old, _): remove(old.spec)
    case .create, .update, .start, .record: break
    }
    done.insert(action.id)
  }

  /// Does a plan's actions one after the other, as an executor with one hand would, and shows what there is
  /// while each is at work (old and new side by side) and when it is done: for whoever judges whether rules
  /// hold on the way.
  package static func follow(
    _ plan: Plan, from recorded: RecordedState,
    _ visit: (_ action: Action, _ isDone: Bool, _ present: [PlacedInstance]) -> Void
  ) {
    var replay = PlanReplay(from: recorded)
    for action in plan.actions {
      replay.begin(action)
      visit(action, false, replay.resources)
      replay.finish(action)
      visit(action, true, replay.resources)
    }
  }

  private mutating func remove(_ spec: PlacedInstance) {
    let index =
      resources.firstIndex(of: spec) ?? resources.firstIndex { $0.id == spec.id && $0.vim == spec.vim }
    if let index { resources.remove(at: index) }
  }

  /// What each host carries, by `Planner.HostKey`.
  package var load: [Planner.HostKey: [String: Int]] {
    resources.reduce(into: [:]) { load, spec in
      load[Planner.HostKey(vim: spec.vim, host: spec.host), default: [:]].merge(
        spec.demand, uniquingKeysWith: +)
    }
  }
}
