package import NFVModel

/// What would take an effect back: given by the back end with each effect, kept in the journal.
package enum UndoRecord: Hashable, Sendable {
  /// It was made: remove it.
  case delete(ResourceHandle)
  /// It was removed: make it again, as it was.
  case create(PlacedInstance)
  /// It was moved or changed: bring it back to what it was.
  case restore(ResourceHandle, to: PlacedInstance)
  /// It was started.
  case stop(ResourceHandle)
  /// There is nothing to take back, or no way.
  case none

  package var json: JSONValue {
    switch self {
    case .delete(let handle): ["undo": "delete", "handle": .string(handle.text)]
    case .create(let spec): ["undo": "create", "spec": spec.json]
    case .restore(let handle, let spec):
      ["undo": "restore", "handle": .string(handle.text), "spec": spec.json]
    case .stop(let handle): ["undo": "stop", "handle": .string(handle.text)]
    case .none: ["undo": "none"]
    }
  }

  package init(_ json: JSONCursor) throws(JSONShapeError) {
    func handle() throws(JSONShapeError) -> ResourceHandle { ResourceHandle(try json.field("handle").text()) }
    func spec() throws(JSONShapeError) -> PlacedInstance { try PlacedInstance(try json.field("spec")) }
    let word = try json.field("undo")
    switch try word.text() {
    case "delete": self = .delete(try handle())
    case "create": self = .create(try spec())
    case "restore": self = .restore(try handle(), to: try spec())
    case "stop": self = .stop(try handle())
    case "none": self = .none
    case let other: throw word.failure("no undo record is called '\(other)'")
    }
  }
}

/// What an effect led to.
package struct EffectOutcome: Hashable, Sendable {
  /// The resource that was made or touched.
  package let handle: ResourceHandle
  package let undo: UndoRecord
  /// What could not be made of it (a port, a volume): empty when all of it was. A partial success is an
  /// outcome: the handle names what there is, so that it can be completed or removed.
  package let missing: [String]

  package init(_ handle: ResourceHandle, undo: UndoRecord, missing: [String] = []) {
    self.handle = handle
    self.undo = undo
    self.missing = missing
  }

  package var isPartial: Bool { !missing.isEmpty }

  package var json: JSONValue {
    ["handle": .string(handle.text), "undo": undo.json, "missing": .strings(missing)]
  }

  package init(_ json: JSONCursor) throws(JSONShapeError) {
    try json.allow(["handle", "undo", "missing"])
    handle = ResourceHandle(try json.field("handle").text())
    undo = try UndoRecord(try json.field("undo"))
    missing = try json.field("missing").texts()
  }
}
