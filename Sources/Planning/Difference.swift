import NFVModel

/// What has to change, instance by instance, before any thought of order.
struct Difference {
  /// One change that is not yet an action: it has no number and waits for nothing.
  struct Change {
    var kind: Action.Kind
    var reason: String
    var rules: [String]
    /// The old one must be gone before the new one is made.
    var stopsFirst = false
  }

  /// In natural order of instance.
  private(set) var changes: [Change] = []
  private(set) var unchanged = 0
  private(set) var notes: [String] = []
  /// What the hosts carry now: recorded, where it really is, less what is missing.
  private(set) var present: [RecordedResource] = []

  private let options: Planner.Options
  private let live: [Key: ObservedResource]

  private struct Key: Hashable {
    let vim: String
    let handle: ResourceHandle
  }

  init(desired: Assignment, recorded: RecordedState, live: [ObservedResource], options: Planner.Options) {
    self.options = options
    self.live = Dictionary(live.map { (Key(vim: $0.vim, handle: $0.handle), $0) }, uniquingKeysWith: { $1 })
    let wanted = Dictionary(uniqueKeysWithValues: desired.instances.map { ($0.id, $0) })
    let byInstance = Dictionary(grouping: recorded.resources, by: \.spec.id)

    for id in Set(wanted.keys).union(byInstance.keys).sorted(by: naturallyPrecedes) {
      compare(wanted[id], with: byInstance[id] ?? [])
    }
    noteStrangers(live, recorded)
  }

  // MARK: One instance

  private mutating func compare(_ wanted: PlacedInstance?, with recorded: [RecordedResource]) {
    var here: [RecordedResource] = []
    for resource in recorded {
      if status(of: resource) == .missing {
        add(.forget(resource), "vim \(resource.spec.vim) no longer has \(resource.handle)", resource.spec)
      } else {
        here.append(whereItIs(resource))
      }
    }
    present += here

    guard let wanted else {
      for old in here { add(.delete(old), "no policy places it any more", old.spec) }
      return
    }
    guard let kept = here.min(by: { rank($0, for: wanted) < rank($1, for: wanted) }) else {
      let lost = recorded.isEmpty ? "" : ", and it is lost"
      add(.create(wanted), "the policy places it on \(wanted.host)\(lost)", wanted)
      return
    }
    for old in here where old != kept {
      add(.delete(old), "left on \(old.spec.host) by an earlier apply", old.spec)
    }
    let asRecorded = recorded.contains(kept)
    bring(kept, to: wanted, asRecorded: asRecorded)
  }

  private mutating func bring(_ old: RecordedResource, to wanted: PlacedInstance, asRecorded: Bool) {
    let isHere = old.spec.isOnSameHost(as: wanted)
    // The cells of one host say nothing about those of another, nor about where a VIM put what it moved.
    let changed = changedFields(from: old.spec, to: wanted, comparingCells: asRecorded && isHere)
    guard isHere else {
      let isLost = options.hosts.map { !$0.contains(.init(vim: old.spec.vim, host: old.spec.host)) } ?? false
      let reason =
        "the policy places it on \(wanted.host), it is on \(old.spec.host)\(isLost ? ", which is gone" : "")"
      let mayMigrate =
        !isLost && changed.isEmpty && old.spec.vim == wanted.vim && options.migrating.contains(wanted.vim)
        && status(of: old) != .failed
      if mayMigrate {
        add(.migrate(old, to: wanted), reason, wanted)
      } else {
        replace(old, by: wanted, reason)
      }
      return
    }
    if status(of: old) == .failed {
      replace(old, by: wanted, "vim \(wanted.vim) says that it has failed")
    } else if !changed.isEmpty {
      let reason = "changed: " + changed.joined(separator: ", ")
      let inPlace = changed == ["demand"] && options.resizing.contains(wanted.vim)
      if inPlace { add(.update(old, to: wanted), reason, wanted) } else { replace(old, by: wanted, reason) }
    } else if status(of: old) == .stopped {
      let reason = "vim \(wanted.vim) says that it stands still"
      let mayStart = options.starting.contains(wanted.vim)
      if mayStart { add(.start(old), reason, wanted) } else { replace(old, by: wanted, reason) }
    } else {
      keep(old, as: wanted, asRecorded: asRecorded)
    }
  }

  /// Nothing changes in the VIM; the records may have to.
  private mutating func keep(_ old: RecordedResource, as wanted: PlacedInstance, asRecorded: Bool) {
    let decided = Self.differences(old.spec.decisions, wanted.decisions)
    if !asRecorded {
      add(.record(old, as: wanted), "it is on \(wanted.host) already, where it belongs", wanted)
    } else if !decided.isEmpty {
      add(.record(old, as: wanted), "decided anew: \(decided.joined(separator: ", "))", wanted)
    } else {
      unchanged += 1
    }
  }

  private mutating func replace(_ old: RecordedResource, by new: PlacedInstance, _ reason: String) {
    add(.replace(old, by: new), reason, new)
    if !new.mayOverlap || !old.spec.mayOverlap { changes[changes.count - 1].stopsFirst = true }
  }

  private mutating func add(_ kind: Action.Kind, _ reason: String, _ subject: PlacedInstance) {
    // What is removed or lost is so for no rule that once spoke of it.
    let rules: [String] =
      switch kind {
      case .delete, .forget: []
      default: subject.rules
      }
    changes.append(Change(kind: kind, reason: reason, rules: rules))
  }

  // MARK: What is known of a resource

  private func status(of resource: RecordedResource) -> ObservedResource.Status {
    live[Key(vim: resource.spec.vim, handle: resource.handle)]?.status ?? .running
  }

  /// The resource with the host that its VIM names, which is not always the recorded one.
  private func whereItIs(_ resource: RecordedResource) -> RecordedResource {
    guard let host = live[Key(vim: resource.spec.vim, handle: resource.handle)]?.host,
      host != resource.spec.host
    else { return resource }
    var spec = resource.spec
    spec.host = host
    return RecordedResource(spec, handle: resource.handle)
  }

  /// Which of several to keep: the one that needs the least.
  private func rank(_ resource: RecordedResource, for wanted: PlacedInstance) -> Int {
    let differs = changedFields(from: resource.spec, to: wanted, comparingCells: true).isEmpty ? 0 : 1
    let place = resource.spec.isOnSameHost(as: wanted) ? 0 : resource.spec.vim == wanted.vim ? 2 : 4
    return (status(of: resource) == .failed ? 8 : 0) + place + differs
  }

  /// What a VIM would have to change, by name. Values are compared in their plain form: records come back
  /// from a file, where an amount is text.
  private func changedFields(
    from old: PlacedInstance, to new: PlacedInstance, comparingCells: Bool
  ) -> [String] {
    var names: [String] = []
    if old.demand != new.demand { names.append("demand") }
    if comparingCells, old.cells != new.cells { names.append("cells") }
    return names + Self.differences(old.attributes, new.attributes)
  }

  private static func differences(_ a: [String: AttributeValue], _ b: [String: AttributeValue]) -> [String] {
    Set(a.keys).union(b.keys).filter { a[$0]?.json != b[$0]?.json }.sorted()
  }

  private mutating func noteStrangers(_ live: [ObservedResource], _ recorded: RecordedState) {
    let ours = Set(recorded.resources.map { Key(vim: $0.spec.vim, handle: $0.handle) })
    for found in live
    where found.status != .missing && !ours.contains(Key(vim: found.vim, handle: found.handle)) {
      notes.append("vim \(found.vim) has \(found.handle), which no record here knows: it is left alone")
    }
    notes.sort()
  }
}
