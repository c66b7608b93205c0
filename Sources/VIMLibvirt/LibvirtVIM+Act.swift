package import NFVModel
package import VIMProtocol

extension LibvirtVIM: ActingVIM, StartingVIM, ResizingVIM {
  package func create(_ instance: PlacedInstance, as token: EffectToken) async throws(VIMError)
    -> EffectOutcome
  {
    if let missing = description.capabilities.missing(for: instance).first {
      throw .rejected(.unsupported, "vim \(name), create: it does not offer \(missing.capability)")
    }
    let (vim, uuid) = (self, uuid5(token.text))
    return try await work("create", isChanging: true) { work throws(VIMError) in
      let plan = try vim.placing.locked { () throws(VIMError) -> DomainPlan? in
        if let record = try work.record(uuid) {
          guard let mark = record.mark else {
            throw work.rejected(.conflict, "domain \(record.name) has its UUID and was not made by placet")
          }
          guard try vim.isLeftWithRival(record, work) else { return nil }
          return try vim.defineAlone(instance, uuid: uuid, token: token.text, work, old: mark)
        }
        return try vim.defineAlone(instance, uuid: uuid, token: token.text, work, old: nil)
      }
      try vim.complete(uuid, plan, work)
      return vim.outcome(uuid)
    }
  }

  private func outcome(_ uuid: String) -> EffectOutcome {
    EffectOutcome(ResourceHandle(uuid), undo: .delete(ResourceHandle(uuid)))
  }

  package func find(_ token: EffectToken) async throws(VIMError) -> EffectOutcome? {
    let uuid = uuid5(token.text)
    // Defined and never started: the call that makes it is not over; asked again, it is completed.
    let isMade = try await work("find", isChanging: false) { work throws(VIMError) in
      guard let record = try work.record(uuid), record.isOurs else { return false }
      return try !work.hasNeverRun(uuid)
    }
    return isMade ? outcome(uuid) : nil
  }

  package func delete(
    _ handle: ResourceHandle, spec: PlacedInstance, as token: EffectToken
  ) async throws(VIMError) -> EffectOutcome {
    let vim = self
    let wasThere = try await work("delete", isChanging: true) { work throws(VIMError) in
      try vim.remove(handle.text, work)
    }
    return EffectOutcome(handle, undo: wasThere ? .create(spec) : .none)
  }

  package func start(_ handle: ResourceHandle, as token: EffectToken) async throws(VIMError) -> EffectOutcome
  {
    let vim = self
    let stood = try await work("start", isChanging: true) { work throws(VIMError) in
      guard let record = try work.record(handle.text) else {
        throw work.rejected(.notFound, "no domain \(handle)")
      }
      if record.isActive { return false }
      try vim.start(handle.text, nil, work)
      return true
    }
    return EffectOutcome(handle, undo: stood ? .stop(handle) : .none)
  }

  package func stop(_ handle: ResourceHandle, as token: EffectToken) async throws(VIMError) -> EffectOutcome {
    try await work("stop", isChanging: true) { work throws(VIMError) in
      let isThere = try work.ask { () throws(LibvirtFailure) in
        try work.session.domain(handle.text) { domain throws(LibvirtFailure) in
          try work.session.halt(domain)
          return true
        }
      }
      if isThere == nil { throw work.rejected(.notFound, "no domain \(handle)") }
    }
    return EffectOutcome(handle, undo: .none)
  }

  /// Cold: the machine is stopped, defined anew and started; what does not start is put back as it was.
  package func resize(
    _ handle: ResourceHandle, from: PlacedInstance, to: PlacedInstance, as token: EffectToken
  ) async throws(VIMError) -> EffectOutcome {
    if let missing = description.capabilities.missing(for: to).first {
      throw .rejected(.unsupported, "vim \(name), resize: it does not offer \(missing.capability)")
    }
    let vim = self
    return try await work("resize", isChanging: true) { work throws(VIMError) in
      guard let old = try work.record(handle.text), let mark = old.mark else {
        throw work.rejected(.notFound, "no domain \(handle) of ours")
      }
      let before = try work.xml(handle.text)
      do throws(VIMError) {
        let plan = try vim.placing.locked { () throws(VIMError) in
          try vim.defineAlone(to, uuid: handle.text, token: mark.token, work, old: mark)
        }
        try vim.start(handle.text, plan, work)
      } catch {
        if case .unknownOutcome = error { throw error }
        // Refused before anything was changed: it runs as it ran.
        if (try? work.xml(handle.text)) == before { throw error }
        try? work.ask { () throws(LibvirtFailure) in
          _ = try work.session.domain(handle.text) { domain throws(LibvirtFailure) in
            try work.session.halt(domain)
          }
          try work.session.define(before)
          _ = try work.session.domain(handle.text) { domain throws(LibvirtFailure) in
            try work.session.start(domain)
          }
        }
        throw error
      }
      try vim.placing.locked { () throws(VIMError) in vim.dropUnused(mark.networks, work) }
      return EffectOutcome(handle, undo: .restore(handle, to: from))
    }
  }
}

extension LibvirtSession {
  /// Stops a domain that runs; one that stands still stands still.
  func halt(_ domain: Handle) throws(LibvirtFailure) {
    if [.shutoff, .crashed].contains(try state(domain)) { return }
    try destroy(domain)
  }
}

extension LibvirtWork {
  func record(_ uuid: String) throws(VIMError) -> DomainRecord? {
    try ask { () throws(LibvirtFailure) in
      try session.domain(uuid) { domain throws(LibvirtFailure) in
        DomainRecord(try session.xml(domain), state: try session.state(domain))
      } ?? nil
    }
  }

  func hasNeverRun(_ uuid: String) throws(VIMError) -> Bool {
    try ask { () throws(LibvirtFailure) in
      try session.domain(uuid) { domain throws(LibvirtFailure) in try session.hasNeverRun(domain) } ?? false
    }
  }

  func xml(_ uuid: String) throws(VIMError) -> String {
    try ask { () throws(LibvirtFailure) in
      try session.domain(uuid) { domain throws(LibvirtFailure) in try session.xml(domain) } ?? ""
    }
  }
}
