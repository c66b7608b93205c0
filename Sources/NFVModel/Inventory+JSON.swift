/// The inventory file: versioned, entities by kind, a row an entity.
///
///     {"placet-inventory": 1, "parts": [{"source": "vim sto", "date": "2026-11-22T14:00:00Z",
///       "entities": {"host": [{"name": "sto-1", "vim": "sto", "memory": "64 GiB"}],
///                    "cell": [{"name": "sto-1.c0", "in": "host sto-1", "cores": 24}]}}]}
///
/// `in` names the parent as the language writes it; it is a word of the language, so no field has that name.
extension Inventory {
  package static let version = 1

  package var json: JSONValue {
    ["placet-inventory": .int(Self.version), "parts": .array(parts.map(\.json))]
  }

  package init(_ json: JSONValue) throws(JSONShapeError) {
    let document = JSONCursor(json)
    let version = try document.field("placet-inventory").int()
    guard version == Self.version else {
      throw document.failure(
        "this is inventory version \(version), and \(Self.version) is the one known here")
    }
    try document.allow(["placet-inventory", "parts"])
    var parts: [Part] = []
    for part in try document.field("parts").list() { parts.append(try Part(part)) }
    self.init(parts: parts)
  }
}

extension Inventory.Part {
  var json: JSONValue {
    let rows = Dictionary(grouping: entities, by: \.id.kind)
    return [
      "source": .string(source), "date": .string(date),
      "entities": .object(rows.mapValues { .array($0.map(\.json)) }),
    ]
  }

  init(_ part: JSONCursor) throws(JSONShapeError) {
    try part.allow(["source", "date", "entities"])
    var entities: [Entity] = []
    for (kind, rows) in try part.field("entities").members() {
      for row in try rows.list() { entities.append(try Entity(kind: kind, row)) }
    }
    self.init(
      source: try part.field("source").text(), date: try part.field("date").text(), entities: entities)
  }
}

extension Entity {
  var json: JSONValue {
    var row = attributes.mapValues(\.json)
    row["name"] = .string(id.name)
    if let parent { row["in"] = .string(parent.description) }
    return .object(row)
  }

  init(kind: String, _ row: JSONCursor) throws(JSONShapeError) {
    let name = try row.field("name").text()
    var parent: EntityReference?
    if let place = try row.fieldIfPresent("in") {
      let words = try place.text().split(separator: " ", maxSplits: 1)
      guard words.count == 2 else { throw place.failure("expected a kind and a name, as in 'host sto-1'") }
      parent = EntityReference(kind: String(words[0]), name: String(words[1]))
    }
    var attributes: [String: AttributeValue] = [:]
    for (key, cursor) in try row.members() where key != "name" && key != "in" {
      attributes[key] = AttributeValue(cursor.value)
    }
    self.init(kind, name, in: parent, attributes)
  }
}
