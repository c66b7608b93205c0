import Diagnostics
import PlacetSyntax

/// The third walk: entities that the text makes by written names, which can then be named anywhere.
extension TypeChecker {
  func collectStaticEntities() {
    for (statement, module) in topLevel {
      collect(statement, in: world, module: module, under: nil, isRepeated: false)
    }
    for (item, module) in scenarioSyntax {
      let world = StaticWorld()
      collect(item.facts, in: world, module: module, isRepeated: false)
      scenarioWorlds.append(world)
    }
  }

  private func collect(
    _ statement: Statement, in world: StaticWorld, module: Int, under parent: StaticEntity?, isRepeated: Bool
  ) {
    switch statement {
    case .make(let make): collect(make, in: world, module: module, under: nil, parentKind: nil, isRepeated)
    case .load(let load):
      if load.type == nil, let kind = kindIfPresent(named: load.name.text, from: module) {
        world.openKinds.insert(kind)
      }
    case .forEach(_, let body, _):
      for inner in body { collect(inner, in: world, module: module, under: nil, isRepeated: true) }
    case .ifElse(_, let yes, let no, _):
      for inner in yes + (no ?? []) {
        collect(inner, in: world, module: module, under: nil, isRepeated: isRepeated)
      }
    case .match(_, let choices, _):
      for inner in choices.flatMap(\.body) {
        collect(inner, in: world, module: module, under: nil, isRepeated: isRepeated)
      }
    default: return
    }
  }

  func collect(_ facts: [Fact], in world: StaticWorld, module: Int, isRepeated: Bool) {
    for fact in facts {
      switch fact {
      case .make(let make): collect(make, in: world, module: module, under: nil, parentKind: nil, isRepeated)
      case .load(let load):
        collect(.load(load), in: world, module: module, under: nil, isRepeated: isRepeated)
      case .forEach(_, let body, _): collect(body, in: world, module: module, isRepeated: true)
      default: continue
      }
    }
  }

  func collect(
    _ make: MakeStatement, in world: StaticWorld, module: Int, under parent: StaticEntity?,
    parentKind: KindID?, _ isRepeated: Bool
  ) {
    guard let kind = kindIfPresent(named: make.kind.text, from: module) else { return }
    var entity: StaticEntity?
    if let name = staticName(make.subject) {
      if let parentKind { world.nested[parentKind, default: [:]][name.text, default: []].insert(kind) }
      if !isRepeated, parentKind == nil || parent != nil {
        let made = StaticEntity(name: name, kind: kind, parent: parent)
        judgeRepeated(made, in: world)
        parent?.children[name.text, default: []].append(made)
        if parent == nil { world.roots[name.text, default: []].append(made) }
        staticEntities[name.range] = made
        world.byName[name.text, default: []].append(made)
        entity = made
      }
    } else {
      world.openKinds.insert(kind)
    }
    collect(make.body, of: kind, entity, in: world, module: module, isRepeated)
  }

  private func collect(
    _ parts: [MakePart], of kind: KindID, _ entity: StaticEntity?, in world: StaticWorld, module: Int,
    _ isRepeated: Bool
  ) {
    for part in parts {
      switch part {
      case .make(let inner):
        collect(
          inner, in: world, module: module, under: entity, parentKind: kind, isRepeated || entity == nil)
      case .forEach(_, let body, _): collect(body, of: kind, nil, in: world, module: module, true)
      case .ifElse(_, let yes, let no, _):
        collect(yes, of: kind, entity, in: world, module: module, isRepeated)
        collect(no ?? [], of: kind, entity, in: world, module: module, isRepeated)
      default: continue
      }
    }
  }

  /// A kind whose parent may also be given as a field repeats names under different parents.
  private func judgeRepeated(_ made: StaticEntity, in world: StaticWorld) {
    guard made.parent != nil || program[made.kind].parent == nil else { return }
    let others = (made.parent?.children ?? world.roots)[made.name.text] ?? []
    if let first = others.first(where: { $0.kind == made.kind }) {
      report(.madeTwice(program[made.kind].name, made.name, first: first.name.range))
    }
  }

  /// A name as written: a word, or a text without interpolation and without a span.
  private func staticName(_ subject: MakeStatement.Subject) -> Name? {
    switch subject {
    case .name(let name): return name
    case .text(.text(let segments, let range)):
      guard segments.count == 1, case .literal(let text) = segments[0], !hasSpan(text) else { return nil }
      return Name(text, range)
    default: return nil
    }
  }

  /// Whether a text holds `[1..4]`: it then names several entities.
  func hasSpan(_ text: String) -> Bool {
    var rest = text[...]
    while let open = rest.firstIndex(of: "[") {
      rest = rest[rest.index(after: open)...]
      guard let close = rest.firstIndex(of: "]") else { return false }
      let bounds = rest[..<close].split(separator: ".", omittingEmptySubsequences: false)
      if bounds.count == 3, bounds[1].isEmpty, Int(bounds[0]) != nil, Int(bounds[2]) != nil { return true }
    }
    return false
  }
}
