package import NFVModel
package import VIMProtocol

extension PluginVIM: ActingVIM, StartingVIM, MigratingVIM, ResizingVIM {
  package func create(_ instance: PlacedInstance, as token: EffectToken) async throws(VIMError)
    -> EffectOutcome
  {
    try need(instance)
    let answer = try await act("create", parameters(instance, token))
    return try reading(isChanging: true) { () throws(JSONShapeError) in try made(answer) }
  }

  package func find(_ token: EffectToken) async throws(VIMError) -> EffectOutcome? {
    let answer = try await look("find", ["token": .string(token.text)])
    if answer.value == .null { return nil }
    return try reading { () throws(JSONShapeError) in try made(answer) }
  }

  /// Something that is there, whole or in part.
  private func made(_ answer: JSONCursor) throws(JSONShapeError) -> EffectOutcome {
    try answer.allow(["handle", "missing"])
    let handle = ResourceHandle(try answer.field("handle").text())
    return EffectOutcome(
      handle, undo: .delete(handle), missing: try answer.fieldIfPresent("missing")?.texts() ?? [])
  }

  package func delete(
    _ handle: ResourceHandle, spec: PlacedInstance, as token: EffectToken
  ) async throws(VIMError) -> EffectOutcome {
    let wasThere = try await change(
      "delete", ["handle": .string(handle.text), "token": .string(token.text)])
    return EffectOutcome(handle, undo: wasThere ? .create(spec) : .none)
  }

  package func start(_ handle: ResourceHandle, as token: EffectToken) async throws(VIMError) -> EffectOutcome
  {
    try need(PluginGreeting.Ability.start)
    let stood = try await change("start", ["handle": .string(handle.text), "token": .string(token.text)])
    return EffectOutcome(handle, undo: stood ? .stop(handle) : .none)
  }

  package func stop(_ handle: ResourceHandle, as token: EffectToken) async throws(VIMError) -> EffectOutcome {
    try need(PluginGreeting.Ability.stop)
    _ = try await change("stop", ["handle": .string(handle.text), "token": .string(token.text)])
    return EffectOutcome(handle, undo: .none)
  }

  package func migrate(
    _ handle: ResourceHandle, from: PlacedInstance, to: PlacedInstance, as token: EffectToken
  ) async throws(VIMError) -> EffectOutcome {
    try need(PluginGreeting.Ability.migrate)
    return try await alter("migrate", handle, from: from, to: to, token)
  }

  package func resize(
    _ handle: ResourceHandle, from: PlacedInstance, to: PlacedInstance, as token: EffectToken
  ) async throws(VIMError) -> EffectOutcome {
    try need(PluginGreeting.Ability.resize)
    return try await alter("resize", handle, from: from, to: to, token)
  }

  private func alter(
    _ method: String, _ handle: ResourceHandle, from: PlacedInstance, to: PlacedInstance, _ token: EffectToken
  ) async throws(VIMError) -> EffectOutcome {
    try need(to)
    _ = try await change(
      method,
      [
        "handle": .string(handle.text), "from": from.json, "fromShape": MachineShape(from).json,
        "to": to.json, "toShape": MachineShape(to).json, "token": .string(token.text),
      ])
    return EffectOutcome(handle, undo: .restore(handle, to: from))
  }

  /// A change of what is there; whether there was anything to change.
  private func change(_ method: String, _ parameters: JSONValue) async throws(VIMError) -> Bool {
    let answer = try await act(method, parameters)
    return try reading(isChanging: true) { () throws(JSONShapeError) in
      try answer.allow(["changed"])
      return try answer.field("changed").bool()
    }
  }

  func parameters(_ instance: PlacedInstance, _ token: EffectToken? = nil) -> JSONValue {
    var fields: [String: JSONValue] = ["instance": instance.json, "shape": MachineShape(instance).json]
    if let token { fields["token"] = .string(token.text) }
    return .object(fields)
  }
}

extension MachineShape {
  /// The machine in base units, so that a plug-in need not read the policy's fields.
  var json: JSONValue {
    var fields: [String: JSONValue] = [
      "cpus": .int(cpus), "memory": .int(memory), "disk": .int(disk),
      "cpuPolicy": .string(cpuPolicy.rawValue),
      "threads": .string(threads.rawValue), "isolatesEmulator": .bool(isolatesEmulator),
      "guestCells": .array(guestCells.map { .int($0) }), "virtualFunctions": .int(virtualFunctions),
      "devicePolicy": .string(devicePolicy), "devices": .strings(devices), "isRealtime": .bool(isRealtime),
      "traits": .strings(traits), "networks": .strings(networks),
    ]
    if let pageSize { fields["pageSize"] = .int(pageSize) }
    if let mac { fields["mac"] = .string(mac) }
    if let nicModel { fields["nicModel"] = .string(nicModel) }
    if let diskBus { fields["diskBus"] = .string(diskBus) }
    if let image { fields["image"] = .string(image) }
    if let apartGroup { fields["apartGroup"] = .string(apartGroup) }
    return .object(fields)
  }
}
