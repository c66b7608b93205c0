/// Why the records cannot be used. Nothing was changed.
package enum StateError: Error, Hashable, Sendable {
  /// The file is there and is broken; it is never written over.
  case damaged(path: String, detail: String)
  /// A later Placet wrote it.
  case newer(path: String, version: Int, known: Int)
  /// A database of something else.
  case foreign(path: String)
  /// Another apply is at work.
  case locked(LockHolder?)
  /// The disk, the permissions, another process that holds the file.
  case inaccessible(path: String, detail: String)

  /// The diagnostic's code.
  package var code: String {
    switch self {
    case .damaged: "V0101"
    case .newer: "V0102"
    case .foreign: "V0103"
    case .locked: "V0104"
    case .inaccessible: "V0105"
    }
  }

  /// The diagnostic's message.
  package var message: String {
    switch self {
    case .damaged(let path, let detail):
      "the state file \(path) is damaged: \(detail); it is left as it is, restore it from a copy"
    case .newer(let path, let version, let known):
      "the state file \(path) has version \(version), this placet knows up to \(known)"
    case .foreign(let path): "\(path) is a database, but no state of placet"
    case .locked(let holder?):
      "another apply is at work: process \(holder.process) on \(holder.machine), since \(holder.since)"
    case .locked(nil): "another apply is at work"
    case .inaccessible(let path, let detail): "cannot use the state file \(path): \(detail)"
    }
  }
}

/// Why an apply was refused as a whole, before any effect.
package enum ExecutionError: Error, Hashable, Sendable {
  /// The plan was made from something that has changed since.
  case stale(Input)
  /// An earlier apply was cut short: the digest of its plan. Resume, abandon or roll it back first.
  case unfinished(String)
  /// The plan speaks of a VIM that is not there.
  case noVIM(String)
  /// What the VIMs would not take, a sentence each.
  case invalid([String])
  /// There is no part-done apply.
  case nothingToRollBack
  /// A VIM did not say what became of earlier effects: which, and why.
  case inDoubt([String])

  package enum Input: String, Hashable, Sendable { case policy, inventory, state }

  /// The diagnostic's code.
  package var code: String {
    switch self {
    case .stale: "V0201"
    case .unfinished: "V0202"
    case .noVIM: "V0203"
    case .invalid: "V0204"
    case .nothingToRollBack: "V0205"
    case .inDoubt: "V0206"
    }
  }

  /// The diagnostic's message.
  package var message: String {
    switch self {
    case .stale(let input): "the \(input.rawValue) has changed since the plan was made: plan again"
    case .unfinished(let digest):
      "an earlier apply of plan \(digest.prefix(19)) was cut short: resume it or roll it back"
    case .noVIM(let name): "the plan needs vim \(name), which is not there"
    case .invalid(let complaints): "the VIMs would refuse the plan: \(complaints.joined(separator: "; "))"
    case .nothingToRollBack: "there is no part-done apply to roll back"
    case .inDoubt(let complaints): "it is not known what became of \(complaints.joined(separator: "; "))"
    }
  }
}
