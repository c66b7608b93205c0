package import NFVModel

/// The plan file: versioned, and sealed with a digest over all the rest of it.
extension Plan {
  package static let version = 1

  /// The file as a document.
  package var json: JSONValue {
    var document = content.objectValue ?? [:]
    document["digest"] = .string(digest)
    return .object(document)
  }

  /// The file's text.
  package var fileText: String { json.prettyText() }

  /// Reads a plan file; refuses one that was edited by so much as a digit.
  package static func parse(_ bytes: [UInt8]) throws(PlanFileError) -> Plan {
    let json: JSONValue
    do { json = try JSONValue.parse(bytes) } catch { throw .unreadable(error) }
    return try parse(json)
  }

  package static func parse(_ json: JSONValue) throws(PlanFileError) -> Plan {
    let (version, digest): (Int, String)
    do throws(JSONShapeError) {
      version = try JSONCursor(json).field("placet-plan").int()
      digest = try JSONCursor(json).field("digest").text()
    } catch {
      throw .malformed(error)
    }
    guard version == Self.version else { throw .version(version) }
    var content = json.objectValue ?? [:]
    content["digest"] = nil
    let computed = SHA256.hex(of: JSONValue.object(content).canonicalBytes)
    guard digest == computed else { throw .edited(digest: digest, computed: computed) }
    do { return try Plan(content: JSONCursor(json)) } catch { throw .malformed(error) }
  }

  /// All but the digest.
  var content: JSONValue {
    [
      "placet-plan": .int(Self.version),
      "inputs": [
        "policy": .string(inputs.policy), "inventory": .string(inputs.inventory),
        "state": .string(inputs.state),
      ],
      "actions": .array(actions.map(\.json)), "waivers": .array(waivers.map(\.json)),
      "unchanged": .int(unchanged), "notes": .strings(notes),
    ]
  }

  private init(content json: JSONCursor) throws(JSONShapeError) {
    try json.allow(["placet-plan", "digest", "inputs", "actions", "waivers", "unchanged", "notes"])
    let inputs = try json.field("inputs")
    var (actions, waivers): ([Action], [Waiver]) = ([], [])
    for entry in try json.field("actions").list() {
      let action = try Action(entry)
      guard action.id == actions.count + 1, action.after.allSatisfy({ 1..<action.id ~= $0 }) else {
        throw entry.failure("actions are numbered from 1, and each comes after those that it waits for")
      }
      actions.append(action)
    }
    for entry in try json.field("waivers").list() { waivers.append(try Waiver(entry)) }
    self.init(
      inputs: .init(
        policy: try inputs.field("policy").text(), inventory: try inputs.field("inventory").text(),
        state: try inputs.field("state").text()),
      actions: actions, waivers: waivers, unchanged: try json.field("unchanged").int(),
      notes: try json.field("notes").texts())
  }
}

extension Action {
  package var json: JSONValue {
    var fields: [String: JSONValue] = [
      "id": .int(id), "do": .string(word), "reason": .string(reason), "rules": .strings(rules),
      "after": .array(after.map { .int($0) }),
    ]
    if let existing { fields["from"] = existing.json }
    if let target { fields["to"] = target.json }
    return .object(fields)
  }

  package init(_ json: JSONCursor) throws(JSONShapeError) {
    try json.allow(["id", "do", "reason", "rules", "after", "from", "to"])
    var after: [Int] = []
    for entry in try json.field("after").list() { after.append(try entry.int()) }
    self.init(
      id: try json.field("id").int(), try Kind(json), reason: try json.field("reason").text(),
      rules: try json.field("rules").texts(), after: after)
  }

  /// The word for the kind in a file.
  private var word: String {
    switch kind {
    case .create: "create"
    case .delete: "delete"
    case .replace: "replace"
    case .migrate: "migrate"
    case .update: "update"
    case .start: "start"
    case .forget: "forget"
    case .record: "record"
    }
  }

  /// What stands under `to`: only what is not said by `from`.
  private var target: PlacedInstance? { if case .start = kind { nil } else { desired } }
}

extension Action.Kind {
  fileprivate init(_ json: JSONCursor) throws(JSONShapeError) {
    func from() throws(JSONShapeError) -> RecordedResource { try RecordedResource(try json.field("from")) }
    func to() throws(JSONShapeError) -> PlacedInstance { try PlacedInstance(try json.field("to")) }
    let word = try json.field("do")
    switch try word.text() {
    case "create": self = .create(try to())
    case "delete": self = .delete(try from())
    case "replace": self = .replace(try from(), by: try to())
    case "migrate": self = .migrate(try from(), to: try to())
    case "update": self = .update(try from(), to: try to())
    case "start": self = .start(try from())
    case "forget": self = .forget(try from())
    case "record": self = .record(try from(), as: try to())
    case let other: throw word.failure("no action is called '\(other)'")
    }
  }
}
