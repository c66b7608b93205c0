/// Where a VIM is, named as its own world names it: `openstack:CLOUD`, `kubernetes:CONTEXT`, `vsphere:URL`,
/// `libvirt:URI`, `simulated:DIR`, `plugin:NAME`.
package struct VIMAddress: Hashable, Sendable, CustomStringConvertible {
  package enum Kind: String, CaseIterable, Sendable {
    case openstack, kubernetes, vsphere, libvirt, simulated, plugin
  }

  package let kind: Kind
  /// What comes after the colon: never empty.
  package let rest: String

  package init(_ kind: Kind, _ rest: String) {
    self.kind = kind
    self.rest = rest
  }

  /// Reads what `description` writes; nil for anything else.
  package init?(_ text: String) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, let kind = Kind(rawValue: String(parts[0])), !parts[1].isEmpty else { return nil }
    self.init(kind, String(parts[1]))
  }

  package var description: String { "\(kind.rawValue):\(rest)" }
}
