package import NFVModel
package import VIMProtocol

extension OpenStackVIM: ActingVIM {
  package func create(_ instance: PlacedInstance, as token: EffectToken) async throws(VIMError)
    -> EffectOutcome
  {
    if let missing = Self.capabilities.missing(for: instance).first {
      throw .rejected(
        .unsupported, "vim \(name) does not offer \(missing.capability), which rule \(missing.rule) asks for")
    }
    if let there = try await adopt(token) { return try await judged(there, cleaning: true) }
    let parts = try await ensureParts(of: instance)
    do throws(VIMError) {
      let server = try await post(instance, parts, as: token)
      await parts.release(from: shared)
      return try await judged(server, cleaning: true)
    } catch {
      await parts.release(from: shared)
      // Nothing of it is left behind where nothing of it was made; what is in doubt stays to be found.
      if case .unknownOutcome = error { throw error }
      if try await serverIDs(of: token).isEmpty { await removeParts(of: instance, token: token) }
      throw error
    }
  }

  package func find(_ token: EffectToken) async throws(VIMError) -> EffectOutcome? {
    guard let there = try await adopt(token) else { return nil }
    return try await judged(there, cleaning: false)
  }

  // MARK: By token

  private func serverIDs(of token: EffectToken) async throws(VIMError) -> [Server] {
    try await servers("/servers/detail?tags=\(Mark.token(token))").filter { $0.observedStatus != .missing }
      .sorted { ($0.created, $0.id) < ($1.created, $1.id) }
  }

  /// The server that was made for a token; if the same asking made several, the first stays.
  private func adopt(_ token: EffectToken) async throws(VIMError) -> Server? {
    let found = try await serverIDs(of: token)
    for surplus in found.dropFirst() { try await remove(surplus.id) }
    return found.first
  }

  // MARK: Making

  private func post(
    _ instance: PlacedInstance, _ parts: InstanceParts, as token: EffectToken
  ) async throws(VIMError) -> Server {
    let networks = Networks(session: session)
    var interfaces: [JSONValue] = []
    for (number, interface) in parts.interfaces.enumerated() {
      guard interface.needsPort else {
        interfaces.append(["uuid": .string(interface.network)])
        continue
      }
      let name = Mark.port(token, number)
      let port = try await ensuring { () throws(VIMError) in
        try await networks.ensurePort(interface, name: name, instance: instance.id)
      }
      interfaces.append(["port": .string(port)])
    }
    let body = request(instance, parts, interfaces, as: token)
    var answer = try await session.ask(.compute, "POST", "/servers", body, allowing: [400])
    if answer.status == 400 {
      // A shared part may have gone since it was looked at: nothing was made, so it is made sure of once more.
      try await parts.renew(in: self)
      answer = try await session.ask(.compute, "POST", "/servers", body)
    }
    guard let id = answer.body["server"]?["id"]?.stringValue else {
      throw .unknownOutcome("vim \(name), POST /servers: the answer has no id")
    }
    return try await settled(id)
  }

  private func request(
    _ instance: PlacedInstance, _ parts: InstanceParts, _ interfaces: [JSONValue], as token: EffectToken
  ) -> JSONValue {
    var metadata: [String: JSONValue] = [
      Mark.owner: "1", Mark.instance: .string(String(instance.id.prefix(255))),
      Mark.tokenKey: .string(String(token.text.prefix(255))), Mark.host: .string(instance.host),
    ]
    if let cells = instance.cells, !cells.isEmpty {
      metadata[Mark.cells] = .string(cells.map(String.init).joined(separator: ","))
    }
    var server: [String: JSONValue] = [
      "name": .string(String(instance.id.prefix(255))), "flavorRef": .string(parts.flavor.id),
      "imageRef": .string(parts.image), "host": .string(instance.host), "metadata": .object(metadata),
      "tags": [.string(Mark.owner), .string(Mark.token(token))],
      "networks": interfaces.isEmpty ? "none" : .array(interfaces),
    ]
    server["description"] = .string("\(Mark.owner) \(instance.id)")
    var body: [String: JSONValue] = ["server": .object(server)]
    if let group = parts.group { body["os:scheduler_hints"] = ["group": .string(group)] }
    return .object(body)
  }

  // MARK: Waiting and judging

  /// The server once Nova is done with it, as long as patience lasts.
  func settled(_ id: String) async throws(VIMError) -> Server {
    let start = clock.now()
    var pause = options.pauses.lowerBound
    while true {
      guard let server = try await server(id) else {
        throw .unavailable(
          .notFound, "vim \(name), GET /servers/\(id): it was made, and is gone", retryAfter: nil)
      }
      if !server.isChanging || server.status == "VERIFY_RESIZE" { return server }
      guard clock.now() - start < options.patience else {
        throw .unknownOutcome(
          "vim \(name), GET /servers/\(id): still \(server.status) after \(options.patience / 1000) s")
      }
      await clock.sleep(pause)
      pause = min(pause * 3 / 2, options.pauses.upperBound)
    }
  }

  /// What a new server came to: whether it is where and what the plan says.
  /// - Parameter cleaning: what is no good is removed and refused; otherwise it is told as made in part.
  private func judged(_ made: Server, cleaning: Bool) async throws(VIMError) -> EffectOutcome {
    let server = made.isChanging ? try await settled(made.id) : made
    let handle = ResourceHandle(server.id)
    let trouble = try await trouble(with: server)
    guard let trouble else { return EffectOutcome(handle, undo: .delete(handle)) }
    let partial = EffectOutcome(handle, undo: .delete(handle), missing: [trouble.message])
    guard cleaning, let refusal = trouble.refusal else { return partial }
    do throws(VIMError) { try await remove(server.id) } catch { return partial }
    throw refusal
  }

  /// What is wrong with a server that was made.
  struct Trouble: Sendable {
    let message: String
    /// How the making of it is refused; nil where making it anew may help.
    let refusal: VIMError?
  }

  private func trouble(with server: Server) async throws(VIMError) -> Trouble? {
    let text = "vim \(name), POST /servers: "
    if server.observedStatus == .failed {
      let words = server.fault ?? "it failed, and nova does not say why"
      return Trouble(
        message: words,
        refusal: Server.saysFull(words)
          ? .rejected(.noCapacity(server.metadata[Mark.host] ?? "host"), text + words)
          : .unavailable(.conflict, text + words, retryAfter: nil))
    }
    if let planned = server.metadata[Mark.host], let host = server.host, host != planned {
      let words = "nova put \(server.name) on \(host), and the plan says \(planned)"
      return Trouble(message: words, refusal: .rejected(.conflict, text + words))
    }
    return try await troubleInside(server, text)
  }

  /// Pins, cells and pages, where the shape asks for them.
  private func troubleInside(_ server: Server, _ text: String) async throws(VIMError) -> Trouble? {
    let specs = server.extraSpecs
    let isPinned = specs["hw:cpu_policy"] == "dedicated"
    let page = specs["hw:mem_page_size"].flatMap { Int($0) }
    let cells = server.plannedCells
    guard isPinned || page != nil || cells != nil else { return nil }
    let topology = ServerTopology(try await session.read(.compute, "/servers/\(server.id)/topology"))
    if isPinned, topology.cells.isEmpty || topology.cells.contains(where: { $0.pins.isEmpty }) {
      let words = "nova did not pin \(server.name) to CPUs of its own"
      return Trouble(message: words, refusal: .rejected(.conflict, text + words))
    }
    if let page, topology.cells.contains(where: { $0.pageSize != page }) {
      let words = "nova did not back \(server.name) with pages of \(page) KiB"
      return Trouble(message: words, refusal: .rejected(.conflict, text + words))
    }
    let found = topology.cells.compactMap(\.host)
    if let cells, found.count == topology.cells.count, Set(found) != Set(cells) {
      // Nova takes no wish for a cell: what is free decides, and that changes.
      let list = { (cells: [Int]) in cells.sorted().map(String.init).joined(separator: ", ") }
      return Trouble(
        message: "cell \(list(cells)) of \(server.host ?? "its host"), nova chose \(list(found))",
        refusal: nil)
    }
    return nil
  }

  /// In making what is only looked for by name before, a lost answer is no doubt: asking again finds it.
  func ensuring<Result>(_ body: () async throws(VIMError) -> Result) async throws(VIMError) -> Result {
    do throws(VIMError) { return try await body() } catch {
      if case .unknownOutcome(let text) = error { throw .unavailable(.unreachable, text, retryAfter: nil) }
      throw error
    }
  }
}
