/// What there is: entities of any kind, gathered from dated sources. A value that can be kept and replayed.
///
/// Sites, VIMs, hosts and cells are entities like any other. What a source does not reveal is absent,
/// never zero. INVARIANT: parts in order of their sources, entities in order of kind and whole name.
package struct Inventory: Hashable, Sendable {
  /// One answer of one source.
  package struct Part: Hashable, Sendable {
    /// Who says so: `vim sto`, `file lab.json`.
    package let source: String
    /// When it was said, as UTC text: `2026-11-22T14:00:00Z`.
    package let date: String
    package let entities: [Entity]

    package init(source: String, date: String, entities: [Entity]) {
      self.source = source
      self.date = date
      self.entities = entities.sorted { $0.id < $1.id }
    }
  }

  package let parts: [Part]

  package init(parts: [Part] = []) {
    self.parts = parts.sorted { naturallyPrecedes($0.source, $1.source) }
  }

  /// All entities of all parts, in order of kind and whole name.
  package var entities: [Entity] {
    parts.count == 1 ? parts[0].entities : parts.flatMap(\.entities).sorted { $0.id < $1.id }
  }

  package func entities(of kind: String) -> [Entity] { entities.filter { $0.id.kind == kind } }

  package func entity(_ id: EntityReference) -> Entity? {
    for part in parts { if let found = part.entities.first(where: { $0.id == id }) { return found } }
    return nil
  }

  /// This inventory with the parts of another; a part of the same source is replaced.
  package func merging(_ newer: Inventory) -> Inventory {
    let replaced = Set(newer.parts.map(\.source))
    return Inventory(parts: parts.filter { !replaced.contains($0.source) } + newer.parts)
  }
}

/// One thing of a kind, with what its source says of it.
package struct Entity: Hashable, Sendable {
  package let id: EntityReference
  /// What it lies in: the host of a cell.
  package let parent: EntityReference?
  package let attributes: [String: AttributeValue]

  package init(
    _ kind: String, _ name: String, in parent: EntityReference? = nil,
    _ attributes: [String: AttributeValue] = [:]
  ) {
    self.id = EntityReference(kind: kind, name: name)
    self.parent = parent
    self.attributes = attributes
  }

  package subscript(_ field: String) -> AttributeValue? { attributes[field] }
}
