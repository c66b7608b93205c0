import GRDB
import NFVModel
package import Planning
import VIMProtocol

/// One apply: a plan that was begun.
package struct Run: Hashable, Sendable {
  package enum Ending: String, Hashable, Sendable {
    /// Every action succeeded.
    case done
    /// Some failed, or it was given up; it can be rolled back.
    case stopped
    /// It was, later.
    case rolledBack
  }

  package let id: Int
  package let plan: Plan
  /// The run that this one takes back.
  package let undoes: Int?
  package let began: String
  /// Nil while it is at work, or when it was cut short.
  package let ending: Ending?
}

/// One effect in the journal. Unanswered, it is in doubt: it may have happened.
struct JournalEntry: Hashable, Sendable {
  let id: Int
  let step: String
  let attempt: Int
  let token: EffectToken
  let effect: Effect
  var answer: EffectOutcome?
  var refusal: String?

  var isInDoubt: Bool { answer == nil && refusal == nil }
}

/// The journal: intents are written before effects, answers after, together with what they do to the records.
extension StateStore {
  // MARK: Runs

  /// The run that has no end: at work now, or cut short.
  package func openRun() throws(StateError) -> Run? {
    try read { try Self.run($0, "WHERE ending IS NULL ORDER BY id DESC LIMIT 1") }
  }

  /// The newest run that is no undoing of another.
  package func lastRun() throws(StateError) -> Run? {
    try read { try Self.run($0, "WHERE undoes IS NULL ORDER BY id DESC LIMIT 1") }
  }

  private static func run(_ db: Database, _ clause: String) throws -> Run? {
    guard let row = try Row.fetchOne(db, sql: "SELECT * FROM run \(clause)") else { return nil }
    return Run(
      id: row["id"], plan: try Plan.parse(Array((row["plan"] as String).utf8)), undoes: row["undoes"],
      began: row["began"], ending: (row["ending"] as String?).flatMap { Run.Ending(rawValue: $0) })
  }

  /// Begins a run; nil when the records are not those that the plan was made from.
  func begin(_ plan: Plan, undoes: Int?, now: String) throws(StateError) -> Run? {
    try write { db in
      guard try Self.recordedState(db).digest == plan.inputs.state else { return nil }
      try db.execute(
        sql: "INSERT INTO run (plan, digest, undoes, began) VALUES (?, ?, ?, ?)",
        arguments: [plan.fileText, plan.digest, undoes, now])
      let id = Int(db.lastInsertedRowID)
      try Self.prune(db, keeping: Self.keptRuns)
      return Run(id: id, plan: plan, undoes: undoes, began: now, ending: nil)
    }
  }

  /// How many runs that have ended are kept: whoever wants to know what happened reads a handful.
  static let keptRuns = 32

  /// Forgets runs that ended long ago, with their actions and effects. What can still be rolled back or is in doubt
  /// is among the kept ones; numbers of runs are never given again, so neither are tokens.
  private static func prune(_ db: Database, keeping count: Int) throws {
    guard
      let oldest = try Int.fetchOne(
        db, sql: "SELECT id FROM run WHERE ending IS NOT NULL ORDER BY id DESC LIMIT 1 OFFSET ?",
        arguments: [count - 1])
    else { return }
    let last =
      try Int.fetchOne(db, sql: "SELECT max(id) FROM run WHERE undoes IS NULL AND ending IS NOT NULL") ?? 0
    let old = try Int.fetchAll(
      db,
      sql: """
        SELECT id FROM run WHERE id < ? AND id <> ? AND ending IS NOT NULL
          AND id NOT IN (SELECT undoes FROM run WHERE undoes IS NOT NULL AND id >= ?)
          AND id NOT IN (SELECT run FROM effect WHERE answered IS NULL)
        ORDER BY id DESC
        """, arguments: [oldest, last, oldest])
    for id in old {
      try db.execute(sql: "DELETE FROM effect WHERE run = ?", arguments: [id])
      try db.execute(sql: "DELETE FROM action WHERE run = ?", arguments: [id])
      try db.execute(sql: "UPDATE run SET undoes = NULL WHERE undoes = ?", arguments: [id])
      try db.execute(sql: "DELETE FROM run WHERE id = ?", arguments: [id])
    }
  }

  /// Ends a run; one that took another back to the end marks that one too.
  func end(_ run: Run, _ ending: Run.Ending, now: String) throws(StateError) {
    try write { db in
      let sql = "UPDATE run SET ending = ?, ended = ? WHERE id = ?"
      try db.execute(sql: sql, arguments: [ending.rawValue, now, run.id])
      guard ending == .done, let undone = run.undoes else { return }
      try db.execute(sql: sql, arguments: [Run.Ending.rolledBack.rawValue, now, undone])
    }
  }

  // MARK: Actions

  /// Books that an action came to its end, with what it does to the records by itself.
  func finish(_ action: Int, of run: Run, failure: String?, changes: [RecordChange] = []) throws(StateError) {
    try write { db in
      try Self.apply(changes, db)
      try db.execute(
        sql: "INSERT OR REPLACE INTO action (run, number, failure) VALUES (?, ?, ?)",
        arguments: [run.id, action, failure])
    }
  }

  /// The actions of a run that came to their end, with the failure of each that failed.
  func finishedActions(of run: Run) throws(StateError) -> [Int: String?] {
    try read { db in
      let rows = try Row.fetchAll(
        db, sql: "SELECT number, failure FROM action WHERE run = ?", arguments: [run.id])
      return Dictionary(uniqueKeysWithValues: rows.map { ($0["number"] as Int, $0["failure"] as String?) })
    }
  }

  // MARK: Effects

  /// Writes an intent down. INVARIANT: this is on disk before the effect is asked for.
  func intend(
    _ effect: Effect, run: Run, action: Int, step: String, attempt: Int, now: String
  ) throws(StateError) -> JournalEntry {
    let token = EffectToken("\(nonce)-\(run.id)-\(action)-\(step)-\(attempt)")
    let id = try write { db in
      try db.execute(
        sql: """
          INSERT INTO effect (run, action, step, attempt, token, vim, request, intended)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          run.id, action, step, attempt, token.text, effect.vim, effect.json.canonicalText, now,
        ])
      return Int(db.lastInsertedRowID)
    }
    return JournalEntry(id: id, step: step, attempt: attempt, token: token, effect: effect)
  }

  /// Writes an answer down together with what it does to the records.
  func answer(_ entry: JournalEntry, _ outcome: EffectOutcome, now: String) throws(StateError) {
    try write { db in
      try db.execute(
        sql: "UPDATE effect SET answer = ?, answered = ? WHERE id = ?",
        arguments: [outcome.json.canonicalText, now, entry.id])
      try Self.apply(entry.effect.changes(outcome), db)
    }
  }

  /// Writes down that the effect did not happen, and why.
  func refuse(_ entry: JournalEntry, _ why: String, now: String) throws(StateError) {
    try write { db in
      try db.execute(
        sql: "UPDATE effect SET refusal = ?, answered = ? WHERE id = ?", arguments: [why, now, entry.id])
    }
  }

  /// The last attempt at a step, if there was one.
  func lastEntry(run: Run, action: Int, step: String) throws(StateError) -> JournalEntry? {
    try entries(
      "WHERE run = ? AND action = ? AND step = ? ORDER BY attempt DESC LIMIT 1", [run.id, action, step]
    ).first
  }

  /// The effects of a run, and of runs that tried to take it back, that happened, in the order in which they
  /// were intended.
  func effects(of run: Run) throws(StateError) -> [JournalEntry] {
    try entries(
      "WHERE (run = ? OR run IN (SELECT id FROM run WHERE undoes = ?)) AND answer IS NOT NULL ORDER BY id",
      [run.id, run.id])
  }

  /// All that is in doubt, oldest first.
  func doubts() throws(StateError) -> [JournalEntry] { try entries("WHERE answered IS NULL ORDER BY id", []) }

  private func entries(_ clause: String, _ arguments: StatementArguments) throws(StateError) -> [JournalEntry]
  {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM effect \(clause)", arguments: arguments).map { row in
        let answer = try (row["answer"] as String?).map {
          try EffectOutcome(JSONCursor(try JSONValue.parse($0)))
        }
        return JournalEntry(
          id: row["id"], step: row["step"], attempt: row["attempt"], token: EffectToken(row["token"]),
          effect: try Effect(JSONCursor(try JSONValue.parse(row["request"] as String))), answer: answer,
          refusal: row["refusal"])
      }
    }
  }
}
