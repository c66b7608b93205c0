package import NFVModel
package import VIMProtocol

/// Actions on a server carry no token. None is needed: each looks at what is there first, takes up what is under
/// way, and does only what is left to do.
extension OpenStackVIM: StartingVIM {
  package func start(_ handle: ResourceHandle, as token: EffectToken) async throws(VIMError) -> EffectOutcome
  {
    let server = try await present(handle)
    guard server.observedStatus != .running else { return EffectOutcome(handle, undo: .none) }
    try await act(server, ["os-start": .null])
    try await expect(try await settled(server.id), .running)
    return EffectOutcome(handle, undo: .stop(handle))
  }

  package func stop(_ handle: ResourceHandle, as token: EffectToken) async throws(VIMError) -> EffectOutcome {
    let server = try await present(handle)
    guard server.observedStatus != .stopped else { return EffectOutcome(handle, undo: .none) }
    try await act(server, ["os-stop": .null])
    try await expect(try await settled(server.id), .stopped)
    return EffectOutcome(handle, undo: .none)
  }
}

extension OpenStackVIM: MigratingVIM {
  /// Live where the server runs and has no device of the host; otherwise it is stopped, moved and started again.
  package func migrate(
    _ handle: ResourceHandle, from: PlacedInstance, to: PlacedInstance, as token: EffectToken
  ) async throws(VIMError) -> EffectOutcome {
    let server = try await confirmed(try await present(handle))
    if server.host != to.host {
      let shape = MachineShape(to)
      let isLive = server.status == "ACTIVE" && shape.virtualFunctions == 0 && shape.devices.isEmpty
      try await move(server, to: to.host, isLive: isLive)
    }
    try await note(to, of: server.id)
    return EffectOutcome(handle, undo: .restore(handle, to: from))
  }

  private func move(_ server: Server, to host: String, isLive: Bool) async throws(VIMError) {
    let action: JSONValue =
      isLive
      ? ["os-migrateLive": ["host": .string(host), "block_migration": "auto"]]
      : ["migrate": ["host": .string(host)]]
    // Where Nova breaks off it has judged the request: what came of it is seen, and is no doubt.
    let answer = try await act(server, action, allowing: [500])
    let moved = try await confirmed(try await settled(server.id))
    if moved.observedStatus == .failed {
      throw .rejected(
        .conflict,
        "vim \(name), POST /servers/\(server.id)/action: it failed on the way: \(moved.fault ?? "nova does not say why")"
      )
    }
    guard moved.host == host else {
      var words = answer.status == 500 ? serviceWords(answer.body) ?? "status 500" : nil
      if words == nil { words = try await lastTrouble(of: server.id) ?? moved.fault }
      let how = isLive ? "moved live" : "moved"
      throw .rejected(
        words.map(Server.saysFull) == true ? .noCapacity(host) : .conflict,
        "vim \(name), POST /servers/\(server.id)/action: it was not \(how) to \(host), it is still on \(moved.host ?? "no host"): \(words ?? "nova does not say why")"
      )
    }
  }

  /// What Nova says of the last thing that went wrong with a server.
  private func lastTrouble(of id: String) async throws(VIMError) -> String? {
    let actions = try await session.read(.compute, "/servers/\(id)/os-instance-actions")
    let last = actions["instanceActions"]?.arrayValue?.first
    guard let request = last?["request_id"]?.stringValue else { return nil }
    let events = try await session.read(.compute, "/servers/\(id)/os-instance-actions/\(request)")
    let failed = events["instanceAction"]?["events"]?.arrayValue?.first {
      $0["result"]?.stringValue == "Error"
    }
    return (failed?["details"]?.stringValue ?? last?["message"]?.stringValue).map(oneLine)
  }
}

extension OpenStackVIM: ResizingVIM {
  /// Nova chooses the host of a resized server. Where that is another than the plan says, it is moved back, cold.
  package func resize(
    _ handle: ResourceHandle, from: PlacedInstance, to: PlacedInstance, as token: EffectToken
  ) async throws(VIMError) -> EffectOutcome {
    var server = try await confirmed(try await present(handle))
    let flavor = try Flavor(MachineShape(to), project: try await session.project)
    let old = server.flavorName
    if old != flavor.name {
      let key = "flavor \(flavor.id)"
      _ = try await shared.hold(key) { () throws(VIMError) in
        try await self.ensuring { () throws(VIMError) in try await self.ensure(flavor) }
      }
      do throws(VIMError) {
        try await act(server, ["resize": ["flavorRef": .string(flavor.id)]])
        server = try await confirmed(try await settled(server.id))
      } catch {
        await shared.release(key)
        await removeParts(of: to)
        throw error
      }
      await shared.release(key)
      guard server.flavorName == flavor.name else {
        let words = try await lastTrouble(of: server.id) ?? server.fault ?? "nova does not say why"
        await removeParts(of: to)
        throw .rejected(
          .noCapacity(to.host), "vim \(name), POST /servers/\(server.id)/action: it was not resized: \(words)"
        )
      }
    }
    if server.host != to.host { try await move(server, to: to.host, isLive: false) }
    try await note(to, of: server.id)
    if let old, old != flavor.name, old.hasPrefix("placet-") {
      await removeParts(of: from, flavor: String(old.dropFirst("placet-".count)))
    }
    return EffectOutcome(handle, undo: .restore(handle, to: from))
  }
}

extension OpenStackVIM {
  private func present(_ handle: ResourceHandle) async throws(VIMError) -> Server {
    guard let server = try await server(handle.text), server.observedStatus != .missing else {
      throw .rejected(.notFound, "vim \(name) has no server \(handle)")
    }
    return server.isChanging ? try await settled(server.id) : server
  }

  /// A moved or resized server waits to be told that it is well: it is told so.
  private func confirmed(_ server: Server) async throws(VIMError) -> Server {
    guard server.status == "VERIFY_RESIZE" else { return server }
    _ = try await session.ask(
      .compute, "POST", "/servers/\(server.id)/action", ["confirmResize": .null], allowing: [409])
    let start = clock.now()
    while clock.now() - start < options.patience {
      let now = try await settled(server.id)
      if now.status != "VERIFY_RESIZE" { return now }
      await clock.sleep(options.pauses.lowerBound)
    }
    throw .unknownOutcome("vim \(name), POST /servers/\(server.id)/action: still VERIFY_RESIZE")
  }

  @discardableResult
  private func act(
    _ server: Server, _ action: JSONValue, allowing allowed: Set<Int> = []
  ) async throws(VIMError) -> OpenStackSession.Answer {
    try await session.ask(
      .compute, "POST", "/servers/\(server.id)/action", action, allowing: allowed)
  }

  private func expect(_ server: Server, _ status: ObservedResource.Status) async throws(VIMError) {
    guard server.observedStatus == status else {
      throw .unavailable(
        .conflict,
        "vim \(name), POST /servers/\(server.id)/action: it is \(server.status)\(server.fault.map { ": " + $0 } ?? "")",
        retryAfter: nil)
    }
  }

  /// Writes the plan down with the server again: where it is to be.
  private func note(_ instance: PlacedInstance, of id: String) async throws(VIMError) {
    var metadata: [String: JSONValue] = [Mark.host: .string(instance.host)]
    if let cells = instance.cells, !cells.isEmpty {
      metadata[Mark.cells] = .string(cells.map(String.init).joined(separator: ","))
    }
    _ = try await session.ask(
      .compute, "POST", "/servers/\(id)/metadata", ["metadata": .object(metadata)])
  }
}
