/// Where everything is to be: the checked answer of a solve, and what a plan makes true.
///
/// INVARIANT: instances in natural order of their names, each name once.
package struct Assignment: Hashable, Sendable {
  package let instances: [PlacedInstance]
  /// The waivers that the answer rests on; every plan prints them.
  package let waivers: [Waiver]

  package init(instances: [PlacedInstance] = [], waivers: [Waiver] = []) {
    self.instances = instances.sorted { naturallyPrecedes($0.id, $1.id) }
    self.waivers = waivers
    for (one, next) in zip(self.instances, self.instances.dropFirst()) {
      precondition(one.id != next.id, "two placed instances are named \(one.id)")
    }
  }
}

/// One instance with its place and all that a VIM needs to make it.
package struct PlacedInstance: Hashable, Sendable {
  /// `vepc.mme[0]`: unique, and the same in every plan of the policy.
  package var id: String
  package var vim: String
  package var host: String
  package var site: String?
  /// The NUMA cells of the host, where the policy decides them.
  package var cells: [Int]?
  /// What it takes of its host, by the host's name for it, in base units: `cores` and `vfs` are counts,
  /// `memory` and `storage` bytes.
  package var demand: [String: Int]
  /// What else the VIM needs to make it: image, ports, pages, fixed addresses.
  package var attributes: [String: AttributeValue]
  /// Other fields that the solver decided: kept on record, shown to no VIM. What a VIM must know stands in
  /// `attributes`.
  package var decisions: [String: AttributeValue]
  /// What its VIM must be able to do for it, each with the rule that says so.
  package var requires: [CapabilityRequirement]
  /// The rules that speak of it: the reasons of its actions.
  package var rules: [String]
  /// Whether an old and a new one may run side by side while it moves. A fixed address says no.
  package var mayOverlap: Bool

  package init(
    _ id: String, vim: String, host: String, site: String? = nil, cells: [Int]? = nil,
    demand: [String: Int] = [:], attributes: [String: AttributeValue] = [:],
    decisions: [String: AttributeValue] = [:], requires: [CapabilityRequirement] = [],
    rules: [String] = [], mayOverlap: Bool = true
  ) {
    self.id = id
    self.vim = vim
    self.host = host
    self.site = site
    self.cells = cells
    self.demand = demand
    self.attributes = attributes
    self.decisions = decisions
    self.requires = requires
    self.rules = rules
    self.mayOverlap = mayOverlap
  }
}

/// A capability in the words of `VIMProtocol.Capability` (`pinning`, `hugepages(1073741824)`), and the rule
/// that asks for it.
package struct CapabilityRequirement: Hashable, Sendable {
  package let capability: String
  package let rule: String

  package init(_ capability: String, rule: String) {
    self.capability = capability
    self.rule = rule
  }
}

/// A rule that was waived, for whom and why.
package struct Waiver: Hashable, Sendable {
  package let rule: String
  package let subject: String
  package let because: String

  package init(rule: String, for subject: String, because: String) {
    self.rule = rule
    self.subject = subject
    self.because = because
  }
}
