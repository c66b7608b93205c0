extension PlacedInstance {
  package var json: JSONValue {
    var fields: [String: JSONValue] = [
      "id": .string(id), "vim": .string(vim), "host": .string(host),
      "demand": .object(demand.mapValues { .int($0) }),
      "attributes": .object(attributes.mapValues(\.json)),
      "decisions": .object(decisions.mapValues(\.json)),
      "requires": .array(requires.map { ["capability": .string($0.capability), "rule": .string($0.rule)] }),
      "rules": .strings(rules), "mayOverlap": .bool(mayOverlap),
    ]
    if let site { fields["site"] = .string(site) }
    if let cells { fields["cells"] = .array(cells.map { .int($0) }) }
    return .object(fields)
  }

  /// Reads the plain form: attributes come back with all text as `.text`.
  package init(_ json: JSONCursor) throws(JSONShapeError) {
    try json.allow([
      "id", "vim", "host", "demand", "attributes", "decisions", "requires", "rules", "mayOverlap", "site",
      "cells",
    ])
    self.init(
      try json.field("id").text(), vim: try json.field("vim").text(), host: try json.field("host").text(),
      rules: try json.field("rules").texts(), mayOverlap: try json.field("mayOverlap").bool())
    site = try json.fieldIfPresent("site")?.text()
    if let list = try json.fieldIfPresent("cells")?.list() {
      var cells: [Int] = []
      for cell in list { cells.append(try cell.int()) }
      self.cells = cells
    }
    for (key, amount) in try json.field("demand").members() { demand[key] = try amount.int() }
    for (key, field) in try json.field("attributes").members() { attributes[key] = AttributeValue(field.value) }
    for (key, field) in try json.field("decisions").members() { decisions[key] = AttributeValue(field.value) }
    for entry in try json.field("requires").list() {
      let (capability, rule) = (try entry.field("capability").text(), try entry.field("rule").text())
      requires.append(CapabilityRequirement(capability, rule: rule))
    }
  }
}

extension Waiver {
  package var json: JSONValue {
    ["rule": .string(rule), "for": .string(subject), "because": .string(because)]
  }

  package init(_ json: JSONCursor) throws(JSONShapeError) {
    try json.allow(["rule", "for", "because"])
    self.init(
      rule: try json.field("rule").text(), for: try json.field("for").text(),
      because: try json.field("because").text())
  }
}

extension Assignment {
  package var json: JSONValue {
    ["instances": .array(instances.map(\.json)), "waivers": .array(waivers.map(\.json))]
  }

  /// Refuses two instances of one name, which a hand-written file may hold.
  package init(_ json: JSONCursor) throws(JSONShapeError) {
    try json.allow(["instances", "waivers"])
    var (instances, waivers, seen): ([PlacedInstance], [Waiver], Set<String>) = ([], [], [])
    for entry in try json.field("instances").list() {
      let instance = try PlacedInstance(entry)
      guard seen.insert(instance.id).inserted else { throw entry.failure("\(instance.id) is placed twice") }
      instances.append(instance)
    }
    for entry in try json.field("waivers").list() { waivers.append(try Waiver(entry)) }
    self.init(instances: instances, waivers: waivers)
  }
}
