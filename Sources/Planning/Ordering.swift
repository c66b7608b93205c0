import NFVModel

/// Gives changes an order in which every host has room at every step, however the executor interleaves them.
///
/// INVARIANT: take the actions that need room on a host in plan order. Each has the room that was free at
/// the start, plus what the actions it waits for have freed, less what all earlier ones took. So it has room
/// in every interleaving that keeps to `after`, and it waits for nothing when the host had room anyway.
struct Ordering {
  private(set) var actions: [Action] = []

  private typealias Amounts = [String: Int]
  private let options: Planner.Options
  /// What is left of each host's room once all actions so far have taken theirs and given nothing back.
  private var left: [Planner.HostKey: Amounts] = [:]
  /// The actions that free room on a host, in plan order, with how much.
  private var freed: [Planner.HostKey: [(id: Int, amounts: Amounts)]] = [:]
  /// Changes that had no room yet, by the host that they need, in natural order.
  private var waiting: [Planner.HostKey: [Step]] = [:]
  /// What waits and would leave a host, by that host: the name of each, and the host that it waits for.
  private var leaving: [Planner.HostKey: [String: Planner.HostKey]] = [:]
  /// Hosts that have freed room which no one was offered yet.
  private var roomier: [Planner.HostKey] = []

  /// A change, and the numbers of actions that it must follow for reasons other than room.
  private struct Step {
    var change: Difference.Change
    var after: Set<Int> = []
  }

  init(_ difference: Difference, options: Planner.Options) {
    self.options = options
    for (host, capacity) in options.capacity { left[host] = capacity }
    for resource in difference.present { take(resource.spec.demand, on: Self.host(of: resource.spec)) }

    schedule(difference.changes)
    while let host = crowdedHost() { relieve(host) }
    keepGroupsApart()
  }

  // MARK: Scheduling

  /// What has room goes first, so that the new is there before the old goes; then what frees room or needs
  /// none, letting in what waited for it; last what must see its old self gone.
  private mutating func schedule(_ changes: [Difference.Change]) {
    let isLate = { (change: Difference.Change) in
      change.stopsFirst || Self.newcomer(change).map { !$0.mayOverlap } ?? false
    }
    for change in changes where Self.newcomer(change) != nil && !isLate(change) {
      offer(Step(change: change))
    }
    var gone: [String: Set<Int>] = [:]
    for change in changes where Self.newcomer(change) == nil {
      let id = emit(Step(change: change))
      if case .delete(let old) = change.kind { gone[old.spec.id, default: []].insert(id) }
      admitWaiting()
    }
    for change in changes {
      guard let new = Self.newcomer(change), isLate(change) else { continue }
      let step = Step(change: change, after: gone[new.id] ?? [])
      if change.stopsFirst { split(step, because: "two of it may not run side by side") } else { offer(step) }
      admitWaiting()
    }
  }

  /// Schedules the step when its host can have room for it, else lets it wait for that host.
  private mutating func offer(_ step: Step) {
    guard let new = Self.newcomer(step.change) else { return _ = emit(step) }
    let host = Self.host(of: new)
    if waiting[host]?.isEmpty ?? true, let after = roomyAfter(need(step.change), on: host) {
      emit(Step(change: step.change, after: step.after.union(after)))
    } else {
      waiting[host, default: []].append(step)
      if let old = step.change.kind.mover?.spec { leaving[Self.host(of: old), default: [:]][old.id] = host }
    }
  }

  /// Takes a step out of a host's line.
  private mutating func dequeue(_ index: Int, of host: Planner.HostKey) -> Step? {
    guard let step = waiting[host]?.remove(at: index) else { return nil }
    if let old = step.change.kind.mover?.spec { leaving[Self.host(of: old)]?[old.id] = nil }
    return step
  }

  /// The freeing actions to wait for so that the host has the room: none when it has it now, nil when all
  /// of them together do not free enough.
  private func roomyAfter(_ need: Amounts, on host: Planner.HostKey) -> [Int]? {
    guard let room = left[host] else { return [] }
    var short = need.compactMapValues { $0 > 0 ? $0 : nil }
    for (key, amount) in short {
      guard let known = room[key] else { short[key] = nil; continue }
      short[key] = amount > known ? amount - known : nil
    }
    var after: [Int] = []
    for (id, amounts) in freed[host] ?? [] where !short.isEmpty {
      let helps = short.keys.contains { amounts[$0, default: 0] > 0 }
      guard helps else { continue }
      after.append(id)
      for (key, amount) in short {
        let rest = amount - amounts[key, default: 0]
        short[key] = rest > 0 ? rest : nil
      }
    }
    return short.isEmpty ? after : nil
  }

  @discardableResult
  private mutating func emit(_ step: Step) -> Int {
    let id = actions.count + 1
    let change = step.change
    actions.append(
      Action(id: id, change.kind, reason: change.reason, rules: change.rules, after: step.after.sorted()))
    if let new = Self.newcomer(change) { take(need(change), on: Self.host(of: new)) }
    if let (host, amounts) = release(change) {
      freed[host, default: []].append((id, amounts))
      roomier.append(host)
    }
    return id
  }

  /// Offers again what waits for hosts that have more room now, in order, up to the first on each that
  /// still has none.
  private mutating func admitWaiting() {
    while let host = roomier.popLast() {
      while let first = waiting[host]?.first, let after = roomyAfter(need(first.change), on: host) {
        _ = dequeue(0, of: host)
        emit(Step(change: first.change, after: first.after.union(after)))
      }
    }
  }

  // MARK: Hosts that wait for each other

  private func crowdedHost() -> Planner.HostKey? {
    waiting.filter { !$0.value.isEmpty }.keys.min {
      $0.vim == $1.vim ? naturallyPrecedes($0.host, $1.host) : naturallyPrecedes($0.vim, $1.vim)
    }
  }

  /// Nothing that waits can go on. From a crowded host, follow what wants to leave it to the host that this
  /// waits for, and so on. Where the way comes round again, the first by name on the round is stopped, and
  /// made again when its new host has room. Where nothing wants to leave, the records hold more than the
  /// host has: what waits there is let through after all that frees room, and the VIM has the last word.
  private mutating func relieve(_ start: Planner.HostKey) {
    var host = start
    var way: [(from: Planner.HostKey, leaver: Leaver)] = []
    while let leaver = leaver(of: host) {
      way.append((host, leaver))
      host = leaver.target
      guard let entrance = way.firstIndex(where: { $0.from == host }) else { continue }
      let round = way[entrance...]
      guard let (from, first) = round.min(by: { naturallyPrecedes($0.leaver.name, $1.leaver.name) }),
        let step = dequeue(first.index, of: first.target)
      else { return }
      split(step, because: "it makes room on \(from.host), whose newcomers wait for each other")
      return admitWaiting()
    }
    let index = waiting[host]?.firstIndex { roomyAfter(need($0.change), on: host) != nil } ?? 0
    guard let step = dequeue(index, of: host) else { return }
    let after = roomyAfter(need(step.change), on: host) ?? (freed[host] ?? []).map(\.id)
    emit(Step(change: step.change, after: step.after.union(after)))
    roomier.append(host)
    admitWaiting()
  }

  /// Something that would leave a host and waits for another: where it stands in that one's line.
  private struct Leaver {
    let target: Planner.HostKey
    let index: Int
    let name: String
  }

  /// The first, by name, of what waits for another host and would leave this one.
  private func leaver(of host: Planner.HostKey) -> Leaver? {
    guard let (name, target) = leaving[host]?.min(by: { naturallyPrecedes($0.key, $1.key) }),
      let index = waiting[target]?.firstIndex(where: { $0.change.kind.mover?.spec.id == name })
    else { return nil }
    return Leaver(target: target, index: index, name: name)
  }

  /// Does a move as a deletion and a later creation.
  private mutating func split(_ step: Step, because why: String) {
    guard let old = step.change.kind.mover, let new = Self.newcomer(step.change) else {
      preconditionFailure("only a move is split in two")
    }
    let stop = Difference.Change(
      kind: .delete(old), reason: "\(why); it is down until it is created again", rules: step.change.rules)
    let id = emit(Step(change: stop, after: step.after))
    let start = Difference.Change(kind: .create(new), reason: step.change.reason, rules: step.change.rules)
    offer(Step(change: start, after: [id]))
  }

  // MARK: Groups

  /// Chains the actions of a group that touch what runs, in plan order. Two that swap places on full hosts
  /// are down together for a while all the same: there is no other way.
  private mutating func keepGroupsApart() {
    let made = Set(actions.compactMap { if case .create(let new) = $0.kind { new.id } else { nil } })
    let gone = Set(actions.compactMap { if case .delete(let old) = $0.kind { old.spec.id } else { nil } })
    let remade = made.intersection(gone)
    for group in options.oneAtATime {
      let members = Set(group)
      var previous: Int?
      for (index, action) in actions.enumerated() where members.contains(action.instance) {
        guard action.disturbs(remade) else { continue }
        if let previous, !action.after.contains(previous) {
          actions[index] = Action(
            id: action.id, action.kind, reason: action.reason, rules: action.rules,
            after: (action.after + [previous]).sorted())
        }
        previous = action.id
      }
    }
  }

  // MARK: Room

  private mutating func take(_ amounts: Amounts, on host: Planner.HostKey) {
    for (key, amount) in amounts { left[host]?[key]? -= amount }
  }

  /// What the change takes of its new host before it gives anything back.
  private func need(_ change: Difference.Change) -> Amounts {
    switch change.kind {
    case .create(let new), .replace(_, let new), .migrate(_, let new): new.demand
    case .update(let old, let new): Self.growth(from: old.spec.demand, to: new.demand)
    case .delete, .start, .forget, .record: [:]
    }
  }

  /// What it gives back when it is done, and where.
  private func release(_ change: Difference.Change) -> (Planner.HostKey, Amounts)? {
    switch change.kind {
    case .delete(let old), .replace(let old, _), .migrate(let old, _):
      (Self.host(of: old.spec), old.spec.demand)
    case .update(let old, let new): (Self.host(of: new), Self.growth(from: new.demand, to: old.spec.demand))
    case .create, .start, .forget, .record: nil
    }
  }

  private static func growth(from old: Amounts, to new: Amounts) -> Amounts {
    new.reduce(into: [:]) { result, entry in
      let more = entry.value - old[entry.key, default: 0]
      if more > 0 { result[entry.key] = more }
    }
  }

  private static func newcomer(_ change: Difference.Change) -> PlacedInstance? {
    switch change.kind {
    case .create(let new), .replace(_, let new), .migrate(_, let new), .update(_, let new): new
    case .delete, .start, .forget, .record: nil
    }
  }

  private static func host(of spec: PlacedInstance) -> Planner.HostKey {
    Planner.HostKey(vim: spec.vim, host: spec.host)
  }
}

extension Action.Kind {
  /// What leaves its place when this is done.
  var mover: RecordedResource? {
    switch self {
    case .replace(let old, _), .migrate(let old, _): old
    case .create, .delete, .update, .start, .forget, .record: nil
    }
  }
}

extension Action {
  /// Whether something that runs is touched, given the instances that are deleted and made again.
  fileprivate func disturbs(_ remade: Set<String>) -> Bool {
    switch kind {
    case .replace, .migrate, .update: true
    case .delete, .create: remade.contains(instance)
    case .start, .forget, .record: false
    }
  }
}
