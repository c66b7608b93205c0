import CLibvirt

/// Networks and volumes.
extension LibvirtSession {
  /// Does something with a network; nil when there is none.
  func network<T>(_ uuid: String, _ body: (Handle) throws(LibvirtFailure) -> T) throws(LibvirtFailure) -> T? {
    guard let network = api.virNetworkLookupByUUIDString(connection, uuid) else {
      let failure = failure("virNetworkLookupByUUIDString")
      if failure.code == LibvirtFailure.noNetwork { return nil }
      throw failure
    }
    defer { _ = api.virNetworkFree(network) }
    return try body(network)
  }

  /// Defines a network (again, if it is there) and sees to it that it is up.
  func ensureNetwork(_ uuid: String, xml: String) throws(LibvirtFailure) {
    if try network(uuid, { network throws(LibvirtFailure) in try activate(network) }) != nil { return }
    guard let network = api.virNetworkDefineXML(connection, xml) else { throw failure("virNetworkDefineXML") }
    defer { _ = api.virNetworkFree(network) }
    try done("virNetworkSetAutostart", api.virNetworkSetAutostart(network, 1))
    try activate(network)
  }

  private func activate(_ network: Handle) throws(LibvirtFailure) {
    if api.virNetworkIsActive(network) == 1 { return }
    guard api.virNetworkCreate(network) < 0 else { return }
    let failure = failure("virNetworkCreate")
    // Somebody else was faster.
    if api.virNetworkIsActive(network) != 1 { throw failure }
  }

  /// Takes a network down and forgets it; one that is gone is gone.
  func removeNetwork(_ uuid: String) throws(LibvirtFailure) {
    _ = try network(uuid) { network throws(LibvirtFailure) in
      if api.virNetworkIsActive(network) == 1 {
        try done("virNetworkDestroy", api.virNetworkDestroy(network))
      }
      try done("virNetworkUndefine", api.virNetworkUndefine(network))
    }
  }

  func networks() throws(LibvirtFailure) -> [String] {
    try list("virConnectListAllNetworks", { api.virConnectListAllNetworks(connection, $0, 0) }) {
      network throws(LibvirtFailure) in
      defer { _ = api.virNetworkFree(network) }
      return try text("virNetworkGetXMLDesc", api.virNetworkGetXMLDesc(network, 0))
    }
  }

  /// The volume of `POOL/VOLUME` or of a path that a pool knows.
  func volume<T>(_ image: String, _ body: (_ volume: Handle, _ pool: Handle) throws(LibvirtFailure) -> T)
    throws(LibvirtFailure) -> T
  {
    if image.hasPrefix("/") {
      guard let volume = api.virStorageVolLookupByPath(connection, image) else {
        throw failure("virStorageVolLookupByPath")
      }
      defer { _ = api.virStorageVolFree(volume) }
      guard let pool = api.virStoragePoolLookupByVolume(volume) else {
        throw failure("virStoragePoolLookupByVolume")
      }
      defer { _ = api.virStoragePoolFree(pool) }
      return try body(volume, pool)
    }
    let parts = image.split(separator: "/", maxSplits: 1).map(String.init)
    guard let pool = api.virStoragePoolLookupByName(connection, parts.first ?? "") else {
      throw failure("virStoragePoolLookupByName")
    }
    defer { _ = api.virStoragePoolFree(pool) }
    guard let volume = api.virStorageVolLookupByName(pool, parts.count == 2 ? parts[1] : "") else {
      throw failure("virStorageVolLookupByName")
    }
    defer { _ = api.virStorageVolFree(volume) }
    return try body(volume, pool)
  }

  func volumeXML(_ volume: Handle) throws(LibvirtFailure) -> String {
    try text("virStorageVolGetXMLDesc", api.virStorageVolGetXMLDesc(volume, 0))
  }

  func path(_ volume: Handle) throws(LibvirtFailure) -> String {
    try text("virStorageVolGetPath", api.virStorageVolGetPath(volume))
  }

  /// The path of a volume of that name, made if it is not there.
  func ensureVolume(_ name: String, in pool: Handle, xml: String) throws(LibvirtFailure) -> String {
    let found = api.virStorageVolLookupByName(pool, name) ?? api.virStorageVolCreateXML(pool, xml, 0)
    guard let volume = found else { throw failure("virStorageVolCreateXML") }
    defer { _ = api.virStorageVolFree(volume) }
    return try path(volume)
  }

  /// Deletes the volume at a path; one that is gone is gone.
  func removeVolume(_ path: String) throws(LibvirtFailure) {
    guard let volume = api.virStorageVolLookupByPath(connection, path) else {
      let failure = failure("virStorageVolLookupByPath")
      if failure.code == 50 { return }
      throw failure
    }
    defer { _ = api.virStorageVolFree(volume) }
    try done("virStorageVolDelete", api.virStorageVolDelete(volume, 0))
  }
}
