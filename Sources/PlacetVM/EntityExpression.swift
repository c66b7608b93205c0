import PlacetSemantics

/// Entities as the main policy writes them.
extension World {
  /// The expression that means an entity: `vepc.sgw.instances[0]` where the policy's text names `vepc.sgw`,
  /// `host["fra-2"]` where data brought it. (`path(of:)` is what a person reads.)
  package func expression(for entity: EntityID) -> String {
    let kind = KindID(Int(entity.kind))
    let name = name(of: entity)
    let written = program.writtenNames
    guard let parent = parent(of: entity) else {
      if written.roots[kind]?.contains(name) == true { return name }
      return "\(written.kinds[kind] ?? program[kind].name)[\(Heap.quoted(name))]"
    }
    let owner = KindID(Int(parent.kind))
    let base = expression(for: parent)
    if written.children[owner]?[name] == kind { return "\(base).\(name)" }
    guard let field = program[owner].fields.firstIndex(where: { $0.isList(of: kind) }) else { return base }
    let list = "\(base).\(program[owner].fields[field].name)"
    if let place = Int(name), let children = try? read(parent, field: field),
      0..<heap.count(children) ~= place, heap.element(children, place).entity == entity
    {
      return "\(list)[\(place)]"
    }
    return "\(list)[\(Heap.quoted(name))]"
  }
}

extension FieldDeclaration {
  /// Whether this is the list of a parent that its children of a kind stand in.
  fileprivate func isList(of kind: KindID) -> Bool {
    if case .children(kind) = form { true } else { false }
  }
}
