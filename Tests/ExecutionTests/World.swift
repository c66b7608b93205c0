import Foundation
import NFVModel
import Planning
import Synchronization
import VIMProtocol
import VIMSimulated

@testable import Execution

func placed(
  _ id: String, _ host: String, vim: String = "sto", cores: Int = 2, overlap: Bool = true
) -> PlacedInstance {
  PlacedInstance(id, vim: vim, host: host, demand: ["cores": cores], rules: ["spread"], mayOverlap: overlap)
}

/// A state and two simulated VIMs of three hosts each, in a directory that goes when this goes.
final class World: Sendable {
  let directory: String
  let capacity: Int
  let onDisk: Bool
  let sto: SimulatedVIM
  let fra: SimulatedVIM
  let pauses = Mutex<[Int]>([])
  let events = Mutex<[ExecutionEvent]>([])
  private let ownsDirectory: Bool

  init(capacity: Int = 16, onDisk: Bool = false, directory: String? = nil, capabilities: Capabilities = .all)
    throws
  {
    // In memory where the system has a file system there: a killed process needs no disk to be survived.
    let root = FileManager.default.isWritableFile(atPath: "/dev/shm") ? "/dev/shm/" : NSTemporaryDirectory()
    let path = directory ?? root + "placet-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    self.directory = path
    self.ownsDirectory = directory == nil
    self.capacity = capacity
    self.onDisk = onDisk
    let hosts = (1...3).map { SimulatedHost("h\($0)", capacity: ["cores": capacity]) }
    let storage = onDisk ? SimulatedVIM.Storage.directory(path) : .memory
    sto = try SimulatedVIM("sto", hosts: hosts, capabilities: capabilities, storage: storage)
    fra = try SimulatedVIM("fra", hosts: hosts, capabilities: capabilities, storage: storage)
  }

  deinit { if ownsDirectory { try? FileManager.default.removeItem(atPath: directory) } }

  func store() throws -> StateStore { try StateStore(directory: directory + "/.placet") }

  /// An executor as a fresh process would have it; it waits for nothing.
  func executor(
    parallel: Int = 1, boundary: @escaping @Sendable (Boundary) throws -> Void = { _ in }
  ) throws -> Executor {
    var options = Executor.Options()
    options.parallel = parallel
    options.boundary = boundary
    options.retry.attempts = 4
    options.retry.looks = 4
    options.clock = ExecutionClock(
      now: { "2026-11-22T14:00:00Z" },
      sleep: { [self] pause in
        pauses.withLock { $0.append(pause) }
        await Task.yield()
      })
    options.observer = { [self] event in events.withLock { $0.append(event) } }
    return Executor(store: try store(), vims: [sto, fra], options: options)
  }

  func plannerOptions() -> Planner.Options {
    let entities = ["sto", "fra"].flatMap { vim in
      (1...3).map { Entity("host", "h\($0)", ["vim": .text(vim), "cores": .int(capacity)]) }
    }
    let parts = Dictionary(grouping: entities) { $0["vim"]?.json.stringValue ?? "" }
      .map { Inventory.Part(source: "vim \($0)", date: "", entities: $1) }
    return Planner.Options(vims: [sto, fra], inventory: Inventory(parts: parts))
  }

  func plan(_ desired: [PlacedInstance], migrating: Bool = true) async throws -> Plan {
    let executor = try executor()
    var options = plannerOptions()
    if !migrating { options.migrating = [] }
    return Planner(options).plan(
      desired: Assignment(instances: desired), recorded: try executor.store.recordedState(),
      live: try await executor.live(), policyDigest: "p", inventoryDigest: "i")
  }

  /// Plans and applies, as one who calls again until nothing is left to do.
  func converge(on desired: [PlacedInstance], parallel: Int = 1, rounds: Int = 12) async throws -> Bool {
    for _ in 0..<rounds {
      _ = try await executor(parallel: parallel).resume()
      do { try await executor().settle() } catch ExecutionError.inDoubt { continue }
      let plan = try await plan(desired)
      if plan.isEmpty { return true }
      try await executor(parallel: parallel).apply(plan)
    }
    return false
  }

  /// What both VIMs really hold.
  func holdings() async throws -> [PlacedInstance] {
    (try await sto.holdings() + fra.holdings()).sorted { naturallyPrecedes($0.id, $1.id) }
  }

  /// How often each instance was made, on both.
  func timesMade() async throws -> [String: Int] {
    try await sto.timesMade().merging(try await fra.timesMade(), uniquingKeysWith: +)
  }

  /// `sto/h1 a`, sorted.
  func map() async throws -> [String] {
    try await holdings().map { "\($0.id) \($0.vim)/\($0.host) \($0.demand["cores"] ?? 0)" }
  }
}

/// Kills at the n-th boundary, and at every one after it: a dead process does nothing more.
final class KillSwitch: Sendable {
  struct Killed: Error {}
  private let left: Mutex<Int>

  init(at boundary: Int) { left = Mutex(boundary) }

  func pass(_: Boundary) throws {
    let isDead = left.withLock { left in
      left -= 1
      return left <= 0
    }
    if isDead { throw Killed() }
  }

  var hasKilled: Bool { left.withLock { $0 <= 0 } }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
