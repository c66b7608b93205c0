import VIMProtocol

extension NameUUID {
  /// The UUID of a name that Placet gives in vSphere.
  init(_ name: String) { self.init(name, in: "6d1bd0a4-6f0f-5d9c-9a59-0c1c5e3f7a10") }
}
