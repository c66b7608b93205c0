import GRDB

/// The state file's shape, as the steps that led to it. A file's version is how many steps it has taken.
///
/// ORDER: files in the field have taken these steps; append only.
struct Schema: Sendable {
  let steps: [@Sendable (Database) throws -> Void]

  var version: Int { steps.count }

  /// Says that a database is ours: `PLCT`.
  static let applicationID = 0x504C_4354

  static let current = Schema(steps: [
    { db in
      try db.execute(
        sql: """
          CREATE TABLE identity (nonce TEXT NOT NULL);
          CREATE TABLE run (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            plan TEXT NOT NULL, digest TEXT NOT NULL, undoes INTEGER REFERENCES run(id),
            began TEXT NOT NULL, ended TEXT, ending TEXT);
          CREATE TABLE action (
            run INTEGER NOT NULL REFERENCES run(id), number INTEGER NOT NULL, failure TEXT,
            PRIMARY KEY (run, number)) WITHOUT ROWID;
          CREATE TABLE effect (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            run INTEGER NOT NULL REFERENCES run(id), action INTEGER NOT NULL, step TEXT NOT NULL,
            attempt INTEGER NOT NULL, token TEXT NOT NULL UNIQUE, vim TEXT NOT NULL, request TEXT NOT NULL,
            intended TEXT NOT NULL, answer TEXT, refusal TEXT, answered TEXT,
            UNIQUE (run, action, step, attempt));
          CREATE INDEX effect_unanswered ON effect(id) WHERE answered IS NULL;
          CREATE TABLE resource (
            vim TEXT NOT NULL, handle TEXT NOT NULL, spec TEXT NOT NULL,
            PRIMARY KEY (vim, handle)) WITHOUT ROWID;
          """)
    }
  ])
}
