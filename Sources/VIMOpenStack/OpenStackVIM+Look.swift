package import NFVModel
package import VIMProtocol

extension OpenStackVIM: LookingVIM {
  /// Logs in and speaks to every service once.
  package func probe() async throws(VIMError) {
    _ = try await session.read(.compute, "/limits")
    _ = try await session.read(.placement, "/resource_providers?name=\(Mark.owner)")
    _ = try await session.read(.image, "/images?limit=1")
    _ = try await session.read(.network, "/networks?limit=1")
  }

  package func inventory() async throws(VIMError) -> Inventory.Part {
    try await Discovery(vim: self).part()
  }

  /// Few are asked for one by one, many by reading all of ours.
  package func observe(_ handles: [ResourceHandle]) async throws(VIMError) -> [ObservedResource] {
    var servers: [String: Server] = [:]
    if handles.count > 8 {
      for server in try await ownServers() { servers[server.id] = server }
    }
    let missing = handles.map(\.text).filter { servers[$0] == nil }
    for server in try await inParallel(missing, { id throws(VIMError) in try await self.server(id) }) {
      if let server { servers[server.id] = server }
    }
    return handles.map { observed($0, servers[$0.text]) }
  }

  func observed(_ handle: ResourceHandle, _ server: Server?) -> ObservedResource {
    ObservedResource(
      vim: name, handle: handle, status: server?.observedStatus ?? .missing, host: server?.host)
  }

  // MARK: Servers

  /// Nil when Nova does not have it (any more).
  func server(_ id: String) async throws(VIMError) -> Server? {
    let answer = try await session.ask(.compute, "GET", "/servers/\(id.queryEscaped)", allowing: [404, 400])
    guard answer.status == 200 else { return nil }
    return try server(answer.body["server"] ?? .null, call: "GET /servers/\(id)")
  }

  func ownServers() async throws(VIMError) -> [Server] {
    try await servers("/servers/detail?tags=\(Mark.owner)&limit=1000")
  }

  func servers(_ path: String) async throws(VIMError) -> [Server] {
    var servers: [Server] = []
    for entry in try await session.readAll(.compute, path, "servers") {
      servers.append(try server(entry, call: "GET /servers/detail"))
    }
    return servers
  }

  private func server(_ json: JSONValue, call: String) throws(VIMError) -> Server {
    guard let server = Server(json) else {
      throw .unavailable(
        .unreachable, "vim \(name), \(call): the answer makes no sense: a server without id or status",
        retryAfter: nil)
    }
    return server
  }
}

extension OpenStackVIM: AdoptingVIM {
  package func strangers(besides known: Set<ResourceHandle>) async throws(VIMError) -> [ObservedResource] {
    try await servers("/servers/detail?limit=1000").map { (ResourceHandle($0.id), $0) }
      .filter { !known.contains($0.0) }.map { observed($0.0, $0.1) }
      .sorted { naturallyPrecedes($0.handle.text, $1.handle.text) }
  }
}
