import Foundation
import GRDB
import NFVModel
package import Planning
import VIMProtocol

/// The records and the journal of one policy, in one SQLite file: `.placet/state.db`.
///
/// Every method is one transaction, on disk when it returns; being killed at any instruction loses nothing
/// that was answered. Readers may look on while an apply is at work.
package final class StateStore: Sendable {
  package let path: String
  private let database: DatabaseQueue
  /// Tells the tokens of this state from those of any other.
  let nonce: String

  /// Opens the state in a directory (`.placet`), making both when they are not there. A damaged, newer or
  /// foreign file is refused and not touched; an older one is brought up to date.
  package convenience init(directory: String) throws(StateError) {
    try self.init(directory: directory, schema: .current)
  }

  init(directory: String, schema: Schema) throws(StateError) {
    path = directory + "/state.db"
    do {
      try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
      if !FileManager.default.fileExists(atPath: path) { try Self.make(path, schema) }
    } catch {
      throw .inaccessible(path: path, detail: Self.reason(error))
    }
    database = try Self.open(path, schema)
    do {
      nonce = try database.read { try String.fetchOne($0, sql: "SELECT nonce FROM identity") } ?? ""
    } catch {
      throw Self.stateError(error, path)
    }
  }

  /// What the system said, without Foundation's preamble.
  private static func reason(_ error: any Error) -> String {
    guard (error as NSError).domain == NSCocoaErrorDomain else { return "\(error)" }
    return error.localizedDescription.replacing("The operation could not be completed. ", with: "")
  }

  /// The lock that an apply holds from beginning to end.
  func lock(now: String) throws(StateError) -> StateLock {
    try StateLock(path: path + ".lock", now: now)
  }

  /// Runs one transaction.
  func write<T>(_ body: (Database) throws -> T) throws(StateError) -> T {
    do { return try database.write(body) } catch { throw Self.stateError(error, path) }
  }

  /// Looks without changing.
  func read<T>(_ body: (Database) throws -> T) throws(StateError) -> T {
    do { return try database.read(body) } catch { throw Self.stateError(error, path) }
  }

  // MARK: Records

  /// What the records say was made.
  package func recordedState() throws(StateError) -> RecordedState { try read(Self.recordedState) }

  static func recordedState(_ db: Database) throws -> RecordedState {
    var resources: [RecordedResource] = []
    let rows = try Row.fetchCursor(db, sql: "SELECT handle, spec FROM resource")
    while let row = try rows.next() {
      let spec = try PlacedInstance(JSONCursor(try JSONValue.parse(row["spec"] as String)))
      resources.append(RecordedResource(spec, handle: ResourceHandle(row["handle"])))
    }
    return RecordedState(resources: resources)
  }

  static func apply(_ changes: [RecordChange], _ db: Database) throws {
    for change in changes {
      switch change {
      case .set(let resource):
        try db.execute(
          sql: "INSERT OR REPLACE INTO resource (vim, handle, spec) VALUES (?, ?, ?)",
          arguments: [resource.spec.vim, resource.handle.text, resource.spec.json.canonicalText])
      case .remove(let resource):
        try db.execute(
          sql: "DELETE FROM resource WHERE vim = ? AND handle = ?",
          arguments: [resource.spec.vim, resource.handle.text])
      }
    }
  }

  // MARK: Opening

  /// Makes a new state beside its place and links it there whole: half a file is never at its place, and
  /// whoever comes second finds the first one's.
  private static func make(_ path: String, _ schema: Schema) throws {
    let draft = "\(path).\(getpid()).\(UUID().uuidString).new"
    defer { unlink(draft) }
    let queue = try DatabaseQueue(path: draft)
    try queue.write { db in
      try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
      for step in schema.steps { try step(db) }
      try db.execute(sql: "INSERT INTO identity VALUES (?)", arguments: [UUID().uuidString.lowercased()])
      try db.execute(sql: "PRAGMA user_version = \(schema.version)")
    }
    try queue.close()
    guard link(draft, path) == 0 || errno == EEXIST else { throw CocoaError(.fileWriteUnknown) }
  }

  private static func open(_ path: String, _ schema: Schema) throws(StateError) -> DatabaseQueue {
    let size = (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? 0
    guard size > 0 else { throw .damaged(path: path, detail: "it is empty") }
    do {
      var configuration = Configuration()
      configuration.busyMode = .timeout(10)
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.writeWithoutTransaction { db in
        let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        guard application == Schema.applicationID else { throw StateError.foreign(path: path) }
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard version <= schema.version else {
          throw StateError.newer(path: path, version: version, known: schema.version)
        }
        let complaint = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)") ?? ""
        guard complaint == "ok" else { throw StateError.damaged(path: path, detail: complaint) }
        // A write-ahead log lets others look on, and costs one flush a transaction; FULL flushes each.
        try db.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
        try db.inTransaction(.immediate) {
          let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
          for step in schema.steps.dropFirst(version) { try step(db) }
          try db.execute(sql: "PRAGMA user_version = \(schema.version)")
          return .commit
        }
      }
      return queue
    } catch {
      throw stateError(error, path)
    }
  }

  private static func stateError(_ error: any Error, _ path: String) -> StateError {
    switch error {
    case let error as StateError: error
    case let error as DatabaseError where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode):
      .damaged(path: path, detail: error.message ?? "\(error.resultCode)")
    case let error as DatabaseError: .inaccessible(path: path, detail: error.message ?? "\(error.resultCode)")
    case let error as JSONSyntaxError: .damaged(path: path, detail: "\(error)")
    case let error as JSONShapeError: .damaged(path: path, detail: "\(error)")
    case let error as PlanFileError: .damaged(path: path, detail: "\(error)")
    default: .inaccessible(path: path, detail: "\(error)")
    }
  }
}
