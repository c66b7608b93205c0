/// The name of an object of vSphere's: `host-23` of type `HostSystem`.
struct ManagedObject: Hashable, Sendable, CustomStringConvertible {
  let type: String
  let value: String

  init(_ type: String, _ value: String) {
    self.type = type
    self.value = value
  }

  init?(_ node: XMLNode?) {
    guard let node, let type = node.type, !node.text.isEmpty else { return nil }
    self.init(type, node.text)
  }

  var description: String { value }

  static let serviceInstance = ManagedObject("ServiceInstance", "ServiceInstance")
}
