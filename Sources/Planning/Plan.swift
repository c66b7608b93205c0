package import NFVModel

/// What will be done, in which order and why: a value, made without changing anything.
///
/// INVARIANT: actions are numbered from 1 in an order in which they can be done one by one.
package struct Plan: Hashable, Sendable {
  /// What the plan was made from; the executor refuses when one of them is no longer so.
  package struct Inputs: Hashable, Sendable {
    /// Digest of the policy's text, as its loader computes it.
    package let policy: String
    /// `Inventory.digest` of the inventory that was solved on.
    package let inventory: String
    /// `RecordedState.digest` of the records that it starts from.
    package let state: String

    package init(policy: String, inventory: String, state: String) {
      self.policy = policy
      self.inventory = inventory
      self.state = state
    }
  }

  package let inputs: Inputs
  package let actions: [Action]
  package let waivers: [Waiver]
  /// How many instances are as they should be.
  package let unchanged: Int
  /// What the operator should know besides: strangers on a VIM, things that are down for a while.
  package let notes: [String]

  package init(
    inputs: Inputs, actions: [Action], waivers: [Waiver] = [], unchanged: Int = 0, notes: [String] = []
  ) {
    self.inputs = inputs
    self.actions = actions
    self.waivers = waivers
    self.unchanged = unchanged
    self.notes = notes
  }

  package var isEmpty: Bool { actions.isEmpty }

  /// Names this plan: covers every byte of its content, inputs included.
  package var digest: String { SHA256.hex(of: content.canonicalBytes) }

  /// How many actions there are of each verb.
  package var counts: [String: Int] { Dictionary(grouping: actions, by: \.verb).mapValues(\.count) }

  /// Instances that leave their host: what `plan.moves` counts.
  package var moves: Int {
    var created: [String: PlacedInstance] = [:]
    for case .create(let new) in actions.map(\.kind) { created[new.id] = new }
    return actions.count { action in
      switch action.kind {
      case .create, .start, .forget, .record: return false
      case .replace(let old, let new), .migrate(let old, let new), .update(let old, let new):
        return !old.spec.isOnSameHost(as: new)
      case .delete(let old):
        guard let new = created[old.spec.id] else { return false }
        return !old.spec.isOnSameHost(as: new)
      }
    }
  }
}

extension PlacedInstance {
  func isOnSameHost(as other: PlacedInstance) -> Bool { vim == other.vim && host == other.host }
}

/// Why a plan file is not taken.
package enum PlanFileError: Error, Hashable, Sendable {
  /// No JSON at all.
  case unreadable(JSONSyntaxError)
  /// Another version than ours: the version.
  case version(Int)
  /// Its content is not what its digest was taken of.
  case edited(digest: String, computed: String)
  /// It lacks something, or holds what no plan has.
  case malformed(JSONShapeError)
}

extension PlanFileError {
  /// The diagnostic's code.
  package var code: String {
    switch self {
    case .unreadable: "V0301"
    case .version: "V0302"
    case .edited: "V0303"
    case .malformed: "V0304"
    }
  }

  /// The diagnostic's message.
  package var message: String {
    switch self {
    case .unreadable(let error): "this is no plan file: \(error)"
    case .version(let version): "this plan has version \(version), this placet knows \(Plan.version)"
    case .edited: "the plan was edited after it was made: its content does not match its digest; plan again"
    case .malformed(let error): "this is no plan: \(error)"
    }
  }
}

extension Inventory {
  /// Names what there is, whenever it was looked at: dates do not count, so that looking again at an
  /// unchanged world gives the same digest.
  package var digest: String {
    let undated = Inventory(parts: parts.map { Part(source: $0.source, date: "", entities: $0.entities) })
    return SHA256.hex(of: undated.json.canonicalBytes)
  }
}
