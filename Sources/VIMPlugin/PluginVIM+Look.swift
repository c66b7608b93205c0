package import NFVModel
package import VIMProtocol

extension PluginVIM: LookingVIM, ValidatingVIM, AdoptingVIM {
  package func probe() async throws(VIMError) { _ = try await look("probe") }

  package func inventory() async throws(VIMError) -> Inventory.Part {
    let answer = try await look("inventory")
    return try reading { () throws(JSONShapeError) in
      try answer.allow(["entities"])
      let part: JSONValue = [
        "source": .string("vim \(name)"), "date": .string(options.now()),
        "entities": try answer.field("entities").value,
      ]
      let read = try Inventory(["placet-inventory": .int(Inventory.version), "parts": .array([part])]).parts[
        0]
      return Inventory.Part(source: read.source, date: read.date, entities: read.entities.map(ours))
    }
  }

  /// A host without a word on its VIM is ours.
  private func ours(_ entity: Entity) -> Entity {
    guard entity.id.kind == "host", entity["vim"] == nil else { return entity }
    return Entity(
      entity.id.kind, entity.id.name, in: entity.parent,
      entity.attributes.merging(["vim": .reference(kind: "vim", name: name)]) { own, _ in own })
  }

  package func observe(_ handles: [ResourceHandle]) async throws(VIMError) -> [ObservedResource] {
    if handles.isEmpty { return [] }
    let answer = try await look("observe", ["handles": .strings(handles.map(\.text))])
    return try reading { () throws(JSONShapeError) in
      let seen = try observed(answer)
      guard seen.map(\.handle) == handles else {
        throw answer.failure("expected the \(handles.count) handles that were asked for, in their order")
      }
      return seen
    }
  }

  package func strangers(besides known: Set<ResourceHandle>) async throws(VIMError) -> [ObservedResource] {
    try need(.strangers)
    let answer = try await look("strangers", ["known": .strings(known.map(\.text).sorted())])
    return try reading { () throws(JSONShapeError) in try observed(answer) }
      .filter { !known.contains($0.handle) }
      .sorted { naturallyPrecedes($0.handle.text, $1.handle.text) }
  }

  package func validate(_ instance: PlacedInstance) async throws(VIMError) -> [String] {
    let missing = greeting.description.capabilities.missing(for: instance).map {
      "\(name) does not offer \($0.capability), which rule \($0.rule) asks for"
    }
    let answer = try await look("validate", parameters(instance))
    return try reading { () throws(JSONShapeError) in missing + (try answer.texts()) }
  }

  private func observed(_ answer: JSONCursor) throws(JSONShapeError) -> [ObservedResource] {
    var seen: [ObservedResource] = []
    for entry in try answer.list() {
      try entry.allow(["handle", "status", "host"])
      let word = try entry.field("status")
      guard let status = ObservedResource.Status(rawValue: try word.text()) else {
        throw word.failure("no status is called '\(try word.text())'")
      }
      seen.append(
        ObservedResource(
          vim: name, handle: ResourceHandle(try entry.field("handle").text()), status: status,
          host: try entry.fieldIfPresent("host")?.text()))
    }
    return seen
  }
}
