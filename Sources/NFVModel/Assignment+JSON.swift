extension PlacedInstance {
  /// What is empty, and what is as usual, is left out.
  package var json: JSONValue {
    var fields: [String: JSONValue] = ["id": .string(id), "vim": .string(vim), "host": .string(host)]
    if let site { fields["site"] = .string(site) }
    if let cells { fields["cells"] = .array(cells.map { .int($0) }) }
    if !demand.isEmpty { fields["demand"] = .object(demand.mapValues { .int($0) }) }
    if !attributes.isEmpty { fields["attributes"] = .object(attributes.mapValues(\.json)) }
    if !decisions.isEmpty { fields["decisions"] = .object(decisions.mapValues(\.json)) }
    if !requires.isEmpty { fields["requires"] = .array(requires.map(\.json)) }
    if !rules.isEmpty { fields["rules"] = .strings(rules) }
    if !mayOverlap { fields["mayOverlap"] = false }
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
      site: try json.fieldIfPresent("site")?.text(), rules: try json.fieldIfPresent("rules")?.texts() ?? [],
      mayOverlap: try json.fieldIfPresent("mayOverlap")?.bool() ?? true)
    if let list = try json.fieldIfPresent("cells")?.list() {
      var cells: [Int] = []
      for cell in list { cells.append(try cell.int()) }
      self.cells = cells
    }
    for (key, amount) in try json.fieldIfPresent("demand")?.members() ?? [] { demand[key] = try amount.int() }
    attributes = try Self.attributes(try json.fieldIfPresent("attributes"))
    decisions = try Self.attributes(try json.fieldIfPresent("decisions"))
    for entry in try json.fieldIfPresent("requires")?.list() ?? [] {
      requires.append(try CapabilityRequirement(entry))
    }
  }

  private static func attributes(_ json: JSONCursor?) throws(JSONShapeError) -> [String: AttributeValue] {
    var attributes: [String: AttributeValue] = [:]
    for (key, field) in try json?.members() ?? [] { attributes[key] = AttributeValue(field.value) }
    return attributes
  }
}

extension CapabilityRequirement {
  var json: JSONValue { ["capability": .string(capability), "rule": .string(rule)] }

  init(_ json: JSONCursor) throws(JSONShapeError) {
    try json.allow(["capability", "rule"])
    self.init(try json.field("capability").text(), rule: try json.field("rule").text())
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
