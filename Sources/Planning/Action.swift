package import NFVModel

/// One change of one instance, with its reason. What it does to the world is `kind`; what must have been
/// done before it is `after`.
package struct Action: Hashable, Sendable {
  package enum Kind: Hashable, Sendable {
    /// Make what is not there.
    case create(PlacedInstance)
    /// Remove what is not wanted, or not wanted there.
    case delete(RecordedResource)
    /// Make the new one, see that it runs, remove the old one: also for a change on the same host.
    case replace(RecordedResource, by: PlacedInstance)
    /// Have the VIM move it without making it anew.
    case migrate(RecordedResource, to: PlacedInstance)
    /// Have the VIM change it where it is.
    case update(RecordedResource, to: PlacedInstance)
    /// Start what stands still.
    case start(RecordedResource)
    /// Strike from the records what the VIM no longer has; touches no VIM.
    case forget(RecordedResource)
    /// Put right where the records say a resource is; touches no VIM.
    case record(RecordedResource, as: PlacedInstance)
  }

  /// Its number in the plan, from 1.
  package let id: Int
  package let kind: Kind
  /// Why, as one sentence without a full stop: `the policy places it on sto-3`.
  package let reason: String
  /// The rules that speak of the instance.
  package let rules: [String]
  /// The actions that must have succeeded before this one begins, ascending.
  package let after: [Int]

  package init(id: Int, _ kind: Kind, reason: String, rules: [String] = [], after: [Int] = []) {
    self.id = id
    self.kind = kind
    self.reason = reason
    self.rules = rules
    self.after = after
  }

  /// The instance that it is about.
  package var instance: String { (desired ?? existing?.spec)?.id ?? "" }

  /// What it starts from, when there is something.
  package var existing: RecordedResource? {
    switch kind {
    case .create: nil
    case .delete(let old), .start(let old), .forget(let old): old
    case .replace(let old, _), .migrate(let old, _), .update(let old, _), .record(let old, _): old
    }
  }

  /// What it leads to, when it leaves something.
  package var desired: PlacedInstance? {
    switch kind {
    case .create(let new): new
    case .delete, .forget: nil
    case .start(let old): old.spec
    case .replace(_, let new), .migrate(_, let new), .update(_, let new), .record(_, let new): new
    }
  }

  /// The word for it: `create`, `move`, `rebuild`, …
  package var verb: String {
    switch kind {
    case .create: "create"
    case .delete: "delete"
    case .replace(let old, let new): old.spec.isOnSameHost(as: new) ? "rebuild" : "move"
    case .migrate: "migrate"
    case .update: "update"
    case .start: "start"
    case .forget: "forget"
    case .record: "record"
    }
  }
}
