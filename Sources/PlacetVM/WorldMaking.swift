import Diagnostics
import PlacetSemantics

/// Making entities.
extension World {
  func make(
    _ kind: KindID, named name: String, parent: EntityID?, range: SourceRange?, place: String?
  ) throws(EvaluationError) -> EntityID {
    let declaration = program[kind]
    if declaration.parent == nil || parent != nil,
      let first = store.named(name, kind: kind, parent: declaration.parent == nil ? nil : parent)
    {
      let origin = origin(of: first)
      throw EvaluationError(
        .repeatedName(
          name, kind: declaration.name, at: range ?? declaration.range, first: origin.range,
          loaded: origin.place))
    }
    let entity = store.make(
      kind, named: name, text: constantText(name), parent: declaration.parent == nil ? nil : parent,
      hasParent: declaration.parent != nil)
    made[kind.index].append(Made(range: range, place: place))
    if let parent, declaration.parent != nil { childrenChanged(of: parent, kind: kind) }
    try giveDeclared(entity, declaration, named: name, range ?? declaration.range)
    return entity
  }

  /// Gives an entity that was just made what the outside says of it, so that what the policy says comes later and
  /// goes before it. Fields that its kind does not have are left out.
  private func giveDeclared(
    _ entity: EntityID, _ declaration: KindDeclaration, named name: String, _ range: SourceRange
  ) throws(EvaluationError) {
    guard declaration.parent == nil, let fields = inputs.declared[declaration.name]?[name] else { return }
    for (field, node) in fields {
      guard let index = declaration.fieldIndex(field), case .given = declaration.fields[index].form else {
        continue
      }
      let file = DataFile(name: "what \(declaration.name) \(name) declares", root: node)
      let place = DataPlace(file: file, path: field, line: 0, load: range)
      store[entity, index] = try DataReader(world: self).value(node, declaration.fields[index].type, place)
    }
  }

  /// A parent that a field names: the name must be free there.
  func giveParent(_ parent: EntityID, to entity: EntityID) throws(EvaluationError) {
    let kind = KindID(Int(entity.kind))
    let name = name(of: entity)
    if let first = store.named(name, kind: kind, parent: parent), first != entity {
      throw EvaluationError(
        .repeatedName(
          name, kind: program[kind].name, at: origin(of: entity).range ?? program[kind].range,
          first: origin(of: first).range))
    }
    adopt(entity, by: parent)
  }
}
