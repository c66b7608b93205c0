import NFVModel
import Synchronization
import VIMContract
import VIMProtocol
import VIMSimulated

extension BrokenVIM {
  func create(_ instance: PlacedInstance, as token: EffectToken) async throws(VIMError) -> EffectOutcome {
    var (instance, token) = (instance, token)
    switch breakage {
    case .takesUnknownHosts where instance.host != "h1" && instance.host != "h2": instance.host = "h1"
    case .takesTooMuch: instance.demand = [:]
    case .forgetsTokens: token = EffectToken("\(token)-\(memory.next())")
    case .oneForTwo:
      if let known = memory.made.withLock({ $0.first { $0.id == instance.id } }) { return known.outcome }
    case .losesInARush where instance.id.contains("many"):
      if memory.next() % 5 == 0, let other = memory.made.withLock({ $0.last }) { return other.outcome }
    case .unsentIsMade where trouble.current == .lostRequest:
      await trouble.calm()
      _ = try await real.create(instance, as: token)
      throw .unknownOutcome("vim sto, create: cut off")
    default: break
    }
    let outcome: EffectOutcome
    do throws(VIMError) {
      outcome = try await real.create(instance, as: token)
    } catch {
      throw changed(error)
    }
    memory.made.withLock { $0.append((instance.id, outcome)) }
    return try await changed(outcome, of: instance)
  }

  private func changed(_ error: VIMError) -> VIMError {
    switch (trouble.current, breakage) {
    case (.lostAnswer, .lostIsRejected), (.garbledAnswer, .garbledIsRejected),
      (.lostRequest, .unsentIsRejected):
      .rejected(.conflict, "vim sto, create: cut off")
    case (.later, .pauseIsDropped): .unavailable(.unreachable, "vim sto, create: busy", retryAfter: nil)
    case (.quota, .quotaIsCapacity): .rejected(.noCapacity("cores"), "vim sto, create: full")
    case (.noCapacity, .capacityIsQuota): .rejected(.quota, "vim sto, create: full")
    default: error
    }
  }

  private func changed(_ outcome: EffectOutcome, of instance: PlacedInstance) async throws(VIMError)
    -> EffectOutcome
  {
    switch breakage {
    case .makesInPart: return EffectOutcome(outcome.handle, undo: outcome.undo, missing: ["port 2"])
    case .noUndo: return EffectOutcome(outcome.handle, undo: .none)
    case .undoesAnother where instance.id.contains("undo"):
      return EffectOutcome(outcome.handle, undo: .delete(ResourceHandle("sto-99")))
    case .partIsWhole where trouble.current == .partial:
      return EffectOutcome(outcome.handle, undo: outcome.undo)
    case .partIsLost where trouble.current == .partial:
      throw .rejected(.conflict, "vim sto, create: no port")
    case .sessionEnds where trouble.current == .expired:
      throw .rejected(.unauthorised, "vim sto, create: who are you")
    case .impatient where trouble.current == .slow:
      throw .unavailable(.unreachable, "vim sto, create: too slow", retryAfter: nil)
    default: return outcome
    }
  }

  func delete(
    _ handle: ResourceHandle, spec: PlacedInstance, as token: EffectToken
  ) async throws(VIMError) -> EffectOutcome {
    switch breakage {
    case .deletesNothing: return EffectOutcome(handle, undo: .create(spec))
    case .goneIsAnError:
      guard try await real.observe([handle]).first?.status != .missing else {
        throw .rejected(.notFound, "vim sto, delete: no such server")
      }
    case .leaks where spec.id.contains("many3"):
      var leftover = spec
      leftover.id = "leftover"
      _ = try await real.create(leftover, as: EffectToken("leak-\(token)"))
    default: break
    }
    let outcome = try await real.delete(handle, spec: spec, as: token)
    return breakage == .noDeleteUndo ? EffectOutcome(handle, undo: .none) : outcome
  }

  func find(_ token: EffectToken) async throws(VIMError) -> EffectOutcome? {
    switch breakage {
    case .findsNothing: return nil
    case .findsAnything: return EffectOutcome(ResourceHandle("sto-1"), undo: .none)
    case .lostIsForgotten:
      let found = try await real.find(token)
      let isKnown = memory.made.withLock { $0.contains { $0.outcome == found } }
      return isKnown ? found : nil
    default: return try await real.find(token)
    }
  }

  func start(_ handle: ResourceHandle, as token: EffectToken) async throws(VIMError) -> EffectOutcome {
    if breakage == .startsNothing { return EffectOutcome(handle, undo: .stop(handle)) }
    let outcome = try await real.start(handle, as: token)
    return breakage == .noStopUndo ? EffectOutcome(handle, undo: .none) : outcome
  }

  func stop(_ handle: ResourceHandle, as token: EffectToken) async throws(VIMError) -> EffectOutcome {
    if breakage == .stopsNothing { return EffectOutcome(handle, undo: .none) }
    return try await real.stop(handle, as: token)
  }

  func migrate(
    _ handle: ResourceHandle, from: PlacedInstance, to: PlacedInstance, as token: EffectToken
  ) async throws(VIMError) -> EffectOutcome {
    if breakage == .migratesNothing { return EffectOutcome(handle, undo: .restore(handle, to: from)) }
    let outcome = try await real.migrate(handle, from: from, to: to, as: token)
    return breakage == .noWayBackFromMigration
      ? EffectOutcome(handle, undo: .restore(handle, to: to)) : outcome
  }

  func resize(
    _ handle: ResourceHandle, from: PlacedInstance, to: PlacedInstance, as token: EffectToken
  ) async throws(VIMError) -> EffectOutcome {
    let outcome = try await real.resize(handle, from: from, to: to, as: token)
    if breakage == .resizeStops { _ = try await real.stop(handle, as: EffectToken("stop-\(token)")) }
    return breakage == .noWayBackFromResize ? EffectOutcome(handle, undo: .none) : outcome
  }
}
