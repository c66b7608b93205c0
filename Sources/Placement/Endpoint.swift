package import PlacetVM
import PlacetSemantics

/// A VIM of a policy that is to be reached for real: what policies call it, where it is, and in which site.
package struct Endpoint: Hashable, Sendable {
  package let vim: String
  /// As the policy has it: `openstack:lab`.
  package let address: String
  package let site: String?

  package init(vim: String, address: String, site: String?) {
    self.vim = vim
    self.address = address
    self.site = site
  }
}

extension World {
  /// The VIMs of the world that name an endpoint, in order.
  package var endpoints: [Endpoint] {
    let reader = WorldReader(world: self)
    guard let kind = program.kinds.firstIndex(where: { $0.name == "vim" }) else { return [] }
    return entities(of: KindID(kind)).compactMap { vim in
      guard let (value, type) = reader.field(vim, "endpoint"), case .text = type else { return nil }
      return Endpoint(vim: name(of: vim), address: heap.text(value), site: reader.name(vim, "site"))
    }
  }
}
