package import NFVModel

/// Compares what should be, what is recorded and what is there: the fewest actions that lead from one to
/// the other, in an order that the hosts have room for. Touches nothing, reads no clock.
package struct Planner: Sendable {
  /// What the planner may count on.
  package struct Options: Sendable {
    /// VIMs that can move a resource without making it anew.
    package var migrating: Set<String> = []
    /// VIMs that can change a resource's demand where it is.
    package var resizing: Set<String> = []
    /// VIMs that can start what stands still.
    package var starting: Set<String> = []
    /// What a host has in total, by the names and in the units of `PlacedInstance.demand`. A host or an
    /// amount that is not listed is taken to have room.
    package var capacity: [HostKey: [String: Int]] = [:]
    /// The hosts that there are; nil where nobody says. What is on another can only be made anew.
    package var hosts: Set<HostKey>?
    /// Groups of instances of which one at a time may be moved, rebuilt or updated, by name.
    package var oneAtATime: [[String]] = []

    package init() {}
  }

  /// A host of a VIM.
  package struct HostKey: Hashable, Sendable {
    package let vim: String
    package let host: String

    package init(vim: String, host: String) {
      self.vim = vim
      self.host = host
    }
  }

  package let options: Options

  package init(_ options: Options = Options()) { self.options = options }

  /// The plan from `recorded` to `desired`. `live` is what the VIMs said of the recorded resources, by
  /// handle; a resource that no VIM was asked about is taken to be as recorded.
  package func plan(
    desired: Assignment, recorded: RecordedState, live: [ObservedResource] = [],
    policyDigest: String, inventoryDigest: String
  ) -> Plan {
    let difference = Difference(desired: desired, recorded: recorded, live: live, options: options)
    let ordered = Ordering(difference, options: options).actions
    return Plan(
      inputs: .init(policy: policyDigest, inventory: inventoryDigest, state: recorded.digest),
      actions: ordered, waivers: desired.waivers, unchanged: difference.unchanged, notes: difference.notes)
  }
}
