import NFVModel
import Planning
import VIMProtocol

/// One call that changes a VIM, as the journal keeps it: enough to make it, and to book what it led to.
enum Effect: Hashable, Sendable {
  case create(PlacedInstance)
  case delete(RecordedResource)
  case migrate(RecordedResource, to: PlacedInstance)
  case resize(RecordedResource, to: PlacedInstance)
  case start(RecordedResource)

  var verb: String {
    switch self {
    case .create: "create"
    case .delete: "delete"
    case .migrate: "migrate"
    case .resize: "resize"
    case .start: "start"
    }
  }

  var vim: String {
    switch self {
    case .create(let spec): spec.vim
    case .delete(let old), .migrate(let old, _), .resize(let old, _), .start(let old): old.spec.vim
    }
  }

  func perform(on vim: any VIM, as token: EffectToken) async throws(VIMError) -> EffectOutcome {
    switch self {
    case .create(let spec): return try await vim.create(spec, as: token)
    case .delete(let old): return try await vim.delete(old.handle, spec: old.spec, as: token)
    case .migrate(let old, let new):
      guard let able = vim as? any MigratingVIM else { throw unsupported(by: vim) }
      return try await able.migrate(old.handle, from: old.spec, to: new, as: token)
    case .resize(let old, let new):
      guard let able = vim as? any ResizingVIM else { throw unsupported(by: vim) }
      return try await able.resize(old.handle, from: old.spec, to: new, as: token)
    case .start(let old):
      guard let able = vim as? any StartingVIM else { throw unsupported(by: vim) }
      return try await able.start(old.handle, as: token)
    }
  }

  private func unsupported(by vim: any VIM) -> VIMError {
    .rejected(.unsupported, "vim \(vim.name) has no way to \(verb)")
  }

  /// What the records say afterwards.
  func changes(_ outcome: EffectOutcome) -> [RecordChange] {
    switch self {
    case .create(let spec): [.set(RecordedResource(spec, handle: outcome.handle))]
    case .delete(let old): [.remove(old)]
    case .migrate(_, let new), .resize(_, let new): [.set(RecordedResource(new, handle: outcome.handle))]
    case .start: []
    }
  }
}

/// A change of the records.
enum RecordChange: Hashable, Sendable {
  case set(RecordedResource)
  case remove(RecordedResource)
}

extension Effect {
  var json: JSONValue {
    switch self {
    case .create(let spec): ["do": .string(verb), "to": spec.json]
    case .delete(let old), .start(let old): ["do": .string(verb), "from": old.json]
    case .migrate(let old, let new), .resize(let old, let new):
      ["do": .string(verb), "from": old.json, "to": new.json]
    }
  }

  init(_ json: JSONCursor) throws(JSONShapeError) {
    func from() throws(JSONShapeError) -> RecordedResource { try RecordedResource(try json.field("from")) }
    func to() throws(JSONShapeError) -> PlacedInstance { try PlacedInstance(try json.field("to")) }
    let word = try json.field("do")
    switch try word.text() {
    case "create": self = .create(try to())
    case "delete": self = .delete(try from())
    case "migrate": self = .migrate(try from(), to: try to())
    case "resize": self = .resize(try from(), to: try to())
    case "start": self = .start(try from())
    case let other: throw word.failure("no effect is called '\(other)'")
    }
  }
}
