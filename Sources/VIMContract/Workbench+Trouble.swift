import NFVModel
import VIMProtocol

/// Checks of what a back end makes of trouble on the way to its VIM.
extension Workbench {
  private func arrange(_ trouble: Trouble) async throws {
    guard let disturber = options.disturber else { throw Untried("nobody makes trouble here") }
    guard await disturber.arrange(trouble) else { throw Untried("this trouble cannot be made here") }
  }

  /// One try, with no patience; nil for an outcome that is unknown.
  private enum Answer {
    case outcome(EffectOutcome)
    case error(VIMError)
  }

  private func attempt(_ spec: PlacedInstance, _ token: EffectToken) async -> Answer {
    do throws(VIMError) {
      let outcome = try await vim.create(spec, as: token)
      made[outcome.handle] = spec
      return .outcome(outcome)
    } catch {
      return .error(error)
    }
  }

  /// Asked again in peace, the token gives one resource that runs.
  private func expectRecovery(_ spec: PlacedInstance, _ token: EffectToken) async throws {
    await options.disturber?.calm()
    let outcome = try await make(spec, as: token)
    try await expect(outcome.handle, is: .running, after: "asking again")
    try await expectNoNewcomers("after asking again")
  }

  func lostAnswer(_ trouble: Trouble) async throws {
    let (spec, token) = (try sample("doubt"), newToken())
    try await arrange(trouble)
    switch await attempt(spec, token) {
    // It read what became of it by itself, before it answered.
    case .outcome, .error(.unknownOutcome): break
    case .error(let error): throw Breach("it happened, and it said: \(error)")
    }
    await options.disturber?.calm()
    guard let found = try await patiently({ try await vim.find(token) }) else {
      made = [:]
      throw Breach("it happened, and its token finds nothing")
    }
    made[found.handle] = spec
    try await expectRecovery(spec, token)
    try expect(made.count == 1, "asked again, it made another beside \(found.handle)")
  }

  func lostRequest() async throws {
    let (spec, token) = (try sample("unsent"), newToken())
    try await arrange(.lostRequest)
    switch await attempt(spec, token) {
    // It asked again by itself, after it had read that nothing happened.
    case .outcome: break
    case .error(.unknownOutcome), .error(.unavailable):
      await options.disturber?.calm()
      try await expectNothing(of: token, "though the request was lost")
    case .error(let error): throw Breach("the request was lost, and it said: \(error)")
    }
    try await expectRecovery(spec, token)
  }

  func later() async throws {
    let (spec, token) = (try sample("later"), newToken())
    try await arrange(.later)
    switch await attempt(spec, token) {
    case .outcome: break
    case .error(.unavailable(_, _, let pause)):
      let wanted = Trouble.pause
      try expect(
        (pause ?? 0) >= wanted,
        "told to wait \(wanted) ms, it says \(pause.map { "\($0) ms" } ?? "nothing of it")")
      await options.disturber?.calm()
      try await expectNothing(of: token, "though it was refused for now")
    case .error(let error): throw Breach("told to wait, it said: \(error)")
    }
    try await expectRecovery(spec, token)
  }

  func refused(_ trouble: Trouble, as isReason: (VIMError.Reason) -> Bool) async throws {
    let (spec, token) = (try sample("refused"), newToken())
    try await arrange(trouble)
    switch await attempt(spec, token) {
    case .outcome(let outcome): throw Breach("it was refused, and it says that it made \(outcome.handle)")
    case .error(.rejected(let reason, let text)):
      try expect(isReason(reason), "it was refused, and it says: \(reason): \(text)")
    case .error(let error): throw Breach("it was refused, and it says: \(error)")
    }
    await options.disturber?.calm()
    try await expectNothing(of: token, "after the refusal")
  }

  func partial() async throws {
    let (spec, token) = (try sample("partial"), newToken())
    try await arrange(.partial)
    switch await attempt(spec, token) {
    case .outcome(let outcome):
      try expect(outcome.isPartial, "it was made in part, and it says that it is whole")
      await options.disturber?.calm()
      let seen = try await look(outcome.handle)
      try expect(
        seen.status != .missing, "what was made in part is missing, and there is nothing to complete")
      try await remove(outcome.handle, spec)
    case .error(let error):
      await options.disturber?.calm()
      if case .unknownOutcome = error { throw Breach("it was made in part, and it says: \(error)") }
      try await expectNothing(of: token, "after it said \(error)")
    }
    try await expectNoNewcomers("after what was made in part was deleted")
  }

  func undisturbed(by trouble: Trouble) async throws {
    let (spec, token) = (try sample("calm"), newToken())
    try await arrange(trouble)
    switch await attempt(spec, token) {
    case .outcome(let outcome): try await expect(outcome.handle, is: .running, after: "create")
    case .error(let error): throw Breach("it said: \(error)")
    }
    try await expectNoNewcomers("after the trouble")
  }

  func garbage() async throws {
    try await arrange(.garbage)
    let answer: Result<Inventory.Part, VIMError>
    do throws(VIMError) { answer = .success(try await vim.inventory()) } catch { answer = .failure(error) }
    await options.disturber?.calm()
    let names = before?.entities.map(\.id)
    switch answer {
    // It asked again by itself.
    case .success(let part):
      try expect(part.entities.map(\.id) == names, "it took a senseless answer for an inventory")
    case .failure(let error):
      try expect("\(error)".contains(vim.name), "its error does not name the VIM: \(error)")
    }
    let part = try await patiently { try await vim.inventory() }
    try expect(part.entities.map(\.id) == names, "the next inventory has other entities")
  }
}
