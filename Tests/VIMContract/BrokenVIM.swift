import NFVModel
import Synchronization
import VIMContract
import VIMProtocol
import VIMSimulated

/// One way to break the contract each, and the check that has to see it.
enum Breakage: String, CaseIterable, Sendable {
  case noKind, noAnswer
  case foreignSource, noDate, hostOfAnother, orphanCell, bareAmount, twoOfOneName, otherEntities, noHosts
  case findsAnything, throwsOnMissing, missingRuns, speaksOfFewer
  case takesWhatItDoesNotOffer, refusesTheSmallest, takesUnknownHosts, takesTooMuch
  case makesInPart, neverRuns, elsewhere, noUndo
  case forgetsTokens, findsNothing, forgetsWhenReopened, unordered, hidesStrangers, showsKnown
  case stopsNothing, startsNothing, noStopUndo
  case migratesNothing, noWayBackFromMigration, resizeStops, noWayBackFromResize
  case deletesNothing, noDeleteUndo, goneIsAnError, undoesAnother
  case oneForTwo, losesInARush
  case lostIsRejected, lostIsForgotten, garbledIsRejected, unsentIsRejected, unsentIsMade, pauseIsDropped
  case quotaIsCapacity, capacityIsQuota, partIsWhole, partIsLost, sessionEnds
  case garbageUnnamed, garbageTaken, impatient, leaks, inventoryShrinks

  var check: ContractCheck {
    switch self {
    case .noKind: .describe
    case .noAnswer: .probe
    case .foreignSource, .noDate, .hostOfAnother, .orphanCell, .bareAmount, .twoOfOneName, .otherEntities,
      .noHosts:
      .inventory
    case .findsAnything: .unknownToken
    case .throwsOnMissing, .missingRuns, .speaksOfFewer: .missingHandle
    case .takesWhatItDoesNotOffer, .refusesTheSmallest: .undeclared
    case .takesUnknownHosts: .unknownHost
    case .takesTooMuch: .tooMuch
    case .makesInPart, .neverRuns, .elsewhere, .noUndo: .create
    case .forgetsTokens: .sameToken
    case .findsNothing: .find
    case .forgetsWhenReopened: .afterCrash
    case .unordered: .order
    case .hidesStrangers, .showsKnown: .strangers
    case .stopsNothing, .startsNothing, .noStopUndo: .stopStart
    case .migratesNothing, .noWayBackFromMigration: .migrate
    case .resizeStops, .noWayBackFromResize: .resize
    case .deletesNothing, .noDeleteUndo: .delete
    case .goneIsAnError: .deleteGone
    case .undoesAnother: .undo
    case .oneForTwo: .sideBySide
    case .losesInARush: .concurrency
    case .lostIsRejected, .lostIsForgotten: .lostAnswer
    case .garbledIsRejected: .garbledAnswer
    case .unsentIsRejected, .unsentIsMade: .lostRequest
    case .pauseIsDropped: .later
    case .quotaIsCapacity: .quota
    case .capacityIsQuota: .noCapacity
    case .partIsWhole, .partIsLost: .partial
    case .sessionEnds: .expired
    case .garbageUnnamed, .garbageTaken: .garbage
    case .impatient: .slow
    case .leaks, .inventoryShrinks: .nothingLeft
    }
  }
}

/// A good VIM with one thing wrong.
struct BrokenVIM: VIM, StartingVIM, MigratingVIM, ResizingVIM, AdoptingVIM {
  let real: SimulatedVIM
  let trouble: SimulatedTrouble
  /// Nil: a good one after all.
  let breakage: Breakage?
  let memory = Memory()

  final class Memory: Sendable {
    let made = Mutex<[(id: String, outcome: EffectOutcome)]>([])
    let calls = Mutex(0)
    /// Counts, from 1.
    func next() -> Int {
      calls.withLock {
        $0 += 1; return $0
      }
    }
  }

  var name: String { real.name }

  func describe() -> VIMDescription {
    let good = real.describe()
    return VIMDescription(
      kind: breakage == .noKind ? "" : good.kind, version: good.version, capabilities: good.capabilities)
  }

  func probe() async throws(VIMError) {
    if breakage == .noAnswer { throw .unavailable(.unreachable, "vim sto, probe: nobody", retryAfter: nil) }
    try await real.probe()
  }

  func inventory() async throws(VIMError) -> Inventory.Part {
    let isSenseless = trouble.current == .garbage
    if isSenseless, breakage == .garbageUnnamed { throw .rejected(.invalid("answer"), "unexpected '<'") }
    if isSenseless, breakage == .garbageTaken {
      return Inventory.Part(source: "vim sto", date: "", entities: [])
    }
    let good = try await real.inventory()
    let host = Entity("host", "h1", ["vim": .text("sto"), "memory": .text("lots")])
    var entities = good.entities
    switch breakage {
    case .foreignSource: return Inventory.Part(source: "sto", date: good.date, entities: entities)
    case .noDate: return Inventory.Part(source: good.source, date: "today", entities: entities)
    case .hostOfAnother: entities.append(Entity("host", "h9", ["vim": .text("fra")]))
    case .orphanCell: entities.append(Entity("cell", "h9.c0", in: EntityReference(kind: "host", name: "h9")))
    case .bareAmount: entities = [host]
    case .twoOfOneName: entities.append(entities[0])
    case .noHosts: entities = []
    case .otherEntities: entities.append(Entity("zone", "z\(memory.next())"))
    case .inventoryShrinks where !memory.made.withLock(\.isEmpty): entities.removeLast()
    default: break
    }
    return Inventory.Part(source: good.source, date: good.date, entities: entities)
  }

  func observe(_ handles: [ResourceHandle]) async throws(VIMError) -> [ObservedResource] {
    var seen = try await real.observe(handles)
    switch breakage {
    case .throwsOnMissing where seen.contains { $0.status == .missing }:
      throw .rejected(.notFound, "vim sto, observe: no such server")
    case .missingRuns:
      seen = seen.map { $0.status == .missing ? $0.with(.running) : $0 }
    case .speaksOfFewer: seen = seen.filter { $0.status != .missing }
    case .neverRuns: seen = seen.map { $0.status == .running ? $0.with(.changing) : $0 }
    case .elsewhere:
      seen = seen.map { ObservedResource(vim: $0.vim, handle: $0.handle, status: $0.status, host: "h7") }
    case .unordered: seen.sort { $0.handle.text < $1.handle.text }
    default: break
    }
    return seen
  }

  func validate(_ instance: PlacedInstance) async throws(VIMError) -> [String] {
    switch breakage {
    case .takesWhatItDoesNotOffer where !instance.requires.isEmpty: []
    case .refusesTheSmallest: ["too small"]
    case .takesUnknownHosts where instance.host != "h1" && instance.host != "h2": []
    case .takesTooMuch: []
    default: try await real.validate(instance)
    }
  }

  func strangers(besides known: Set<ResourceHandle>) async throws(VIMError) -> [ObservedResource] {
    switch breakage {
    case .hidesStrangers: []
    case .showsKnown: try await real.strangers(besides: [])
    default: try await real.strangers(besides: known)
    }
  }
}

extension ObservedResource {
  func with(_ status: Status) -> Self { Self(vim: vim, handle: handle, status: status, host: host ?? "h1") }
}
