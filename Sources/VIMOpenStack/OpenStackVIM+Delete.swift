package import NFVModel
package import VIMProtocol

extension OpenStackVIM {
  /// Waits until the server is gone, then removes its ports, and what it was the last to use.
  package func delete(
    _ handle: ResourceHandle, spec: PlacedInstance, as token: EffectToken
  ) async throws(VIMError) -> EffectOutcome {
    let server = try await server(handle.text)
    try await remove(handle.text)
    let flavor = server?.flavorName.flatMap { name in
      name.hasPrefix("placet-") ? String(name.dropFirst("placet-".count)) : nil
    }
    await removeParts(of: spec, flavor: flavor)
    return EffectOutcome(handle, undo: server == nil ? .none : .create(spec))
  }

  /// Removes a server and the ports that were made for it, and waits until both are gone.
  func remove(_ id: String) async throws(VIMError) {
    let networks = Networks(session: session)
    let ports = try await networks.ports(of: id)
    let answer = try await session.ask(
      .compute, "DELETE", "/servers/\(id.queryEscaped)", allowing: [404, 409])
    if answer.status != 404 { try await awaitGone(id) }
    try await networks.removePorts(ports)
  }

  private func awaitGone(_ id: String) async throws(VIMError) {
    let start = clock.now()
    var pause = options.pauses.lowerBound
    var asked = 1
    while let server = try await server(id) {
      if server.status == "DELETED" { return }
      if server.status == "SOFT_DELETED" {
        // Kept for a while, as the cloud is set up: what Placet removes is to be gone.
        _ = try await session.ask(
          .compute, "POST", "/servers/\(id)/action", ["forceDelete": .null], allowing: [404, 409])
      } else if server.task == nil, asked < 5 {
        // Refused while something else was done with it, or failed underway.
        asked += 1
        _ = try await session.ask(.compute, "DELETE", "/servers/\(id)", allowing: [404, 409])
      }
      guard clock.now() - start < options.patience else {
        throw .unavailable(
          .unreachable,
          "vim \(name), DELETE /servers/\(id): still \(server.status) after \(options.patience / 1000) s",
          retryAfter: nil)
      }
      await clock.sleep(pause)
      pause = min(pause * 3 / 2, options.pauses.upperBound)
    }
  }
}
