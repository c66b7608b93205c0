import PlacetSemantics

/// What records say of a world that runs already.
extension World {
  /// What is recorded of a field.
  func recorded(_ entity: EntityID, field: Int) -> String? {
    if inputs.recorded.isEmpty { return nil }
    return inputs.recorded[path(of: entity)]?[program.kinds[Int(entity.kind)].fields[field].name]
  }

  /// Gives fields that say what runs (`was`) what the records say: they are younger than what was written.
  func giveRecorded() {
    if inputs.recorded.isEmpty { return }
    let names = Set(inputs.recorded.values.flatMap(\.keys))
    for (kind, declaration) in program.kinds.enumerated() {
      for (index, field) in declaration.fields.enumerated() where names.contains(field.name) {
        guard case .given = field.form, case .optional(.entity(let target)) = field.type else { continue }
        for entity in entities(of: KindID(kind)) {
          guard let text = recorded(entity, field: index) else { continue }
          store[entity, index] = find(target, text).map { Value($0) } ?? .none
        }
      }
    }
  }
}
