import Foundation
import GRDB
import NFVModel
import Planning
import Testing

@testable import Execution

@Suite final class StateStoreTests {
  private let directory = NSTemporaryDirectory() + "placet-state-\(UUID().uuidString)"
  private var path: String { directory + "/state.db" }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  @Test func `a state that is not there is made, and is the same when opened again`() throws {
    let first = try StateStore(directory: directory)
    let second = try StateStore(directory: directory)

    #expect(try first.recordedState() == RecordedState())
    #expect(first.nonce == second.nonce && !first.nonce.isEmpty)
  }

  @Test func `a newer state is refused with both versions, and not touched`() throws {
    do { _ = try StateStore(directory: directory) }
    let newer = Schema(
      steps: Schema.current.steps + [{ try $0.execute(sql: "ALTER TABLE run ADD COLUMN x") }])
    do { _ = try StateStore(directory: directory, schema: newer) }
    let bytes = try Data(contentsOf: URL(fileURLWithPath: path))

    #expect(throws: StateError.newer(path: path, version: newer.version, known: Schema.current.version)) {
      try StateStore(directory: directory)
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
  }

  @Test func `an older state is brought up to date and keeps its records`() throws {
    let resource = RecordedResource(placed("a", "h1"), handle: "sto-1")
    do {
      let store = try StateStore(directory: directory)
      try store.write { try StateStore.apply([.set(resource)], $0) }
    }
    let newer = Schema(
      steps: Schema.current.steps + [{ try $0.execute(sql: "ALTER TABLE run ADD COLUMN x") }])

    let store = try StateStore(directory: directory, schema: newer)

    #expect(try store.recordedState().resources.map(\.handle) == ["sto-1"])
    #expect(try store.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == newer.version)
  }

  @Test(arguments: ["empty", "garbage", "truncated", "overwritten"])
  func `a damaged state is reported and never written over`(_ damage: String) throws {
    do {
      let store = try StateStore(directory: directory)
      let many = (0..<200).map {
        RecordChange.set(RecordedResource(placed("a[\($0)]", "h1"), handle: ResourceHandle("sto-\($0)")))
      }
      try store.write { try StateStore.apply(many, $0) }
    }
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    switch damage {
    case "empty": bytes = Data()
    case "garbage": bytes = Data(repeating: 0x58, count: 10_000)
    case "truncated": bytes = bytes.prefix(bytes.count / 2)
    default:
      bytes.replaceSubrange(
        (bytes.count - 8000)..<(bytes.count - 100), with: repeatElement(0xAA, count: 7900))
    }
    try bytes.write(to: URL(fileURLWithPath: path))

    #expect {
      try StateStore(directory: directory)
    } throws: { error in
      if case .damaged(path, _) = error as? StateError { true } else { false }
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
  }

  @Test func `a database of something else is refused`() throws {
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    try DatabaseQueue(path: path).write { try $0.execute(sql: "CREATE TABLE theirs (x)") }

    #expect(throws: StateError.foreign(path: path)) { try StateStore(directory: directory) }
  }

  @Test func `a second apply is refused and told who is first`() throws {
    let (first, second) = (try StateStore(directory: directory), try StateStore(directory: directory))
    let lock = try first.lock(now: "2026-11-22T14:00:00Z")

    #expect {
      try second.lock(now: "later")
    } throws: { error in
      guard case .locked(let holder?) = error as? StateError else { return false }
      return holder.process == Int(getpid()) && holder.since == "2026-11-22T14:00:00Z"
        && !holder.machine.isEmpty
    }
    withExtendedLifetime(lock) {}
  }

  @Test func `a lock that was given back is free, and one left by a killed process says whose it was`() throws
  {
    let store = try StateStore(directory: directory)
    do { _ = try store.lock(now: "first") }
    #expect(try store.lock(now: "second").abandonedBy == nil)

    let left = #"{"process": 999999, "machine": "elsewhere", "since": "yesterday"}"#
    try left.write(toFile: path + ".lock", atomically: false, encoding: .utf8)

    let holder = LockHolder(process: 999_999, machine: "elsewhere", since: "yesterday")
    #expect(try store.lock(now: "third").abandonedBy == holder)
  }

  @Test func `ten processes' worth of openers at once agree on one state`() async throws {
    let nonces = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<10 { group.addTask { [directory] in try StateStore(directory: directory).nonce } }
      return try await group.reduce(into: Set()) { $0.insert($1) }
    }

    #expect(nonces.count == 1)
  }
}
