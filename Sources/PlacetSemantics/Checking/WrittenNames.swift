import PlacetSyntax

/// The last walk: how the main policy may call what it sees, for texts that go back into it.
extension TypeChecker {
  func collectWrittenNames() {
    let main = graph.main
    var names = WrittenNames()
    for (name, entities) in world.roots where Words.isName(name) {
      // Another entity, a value or a function of the name makes the bare word mean something else, or nothing.
      guard let entity = entities.first, world.byName[name]?.count == 1,
        find(name, in: \.values, from: main).isEmpty
      else { continue }
      names.roots[entity.kind, default: []].insert(name)
    }
    for (parent, children) in world.nested {
      for (name, kinds) in children where Words.isName(name) && program[parent].fieldIndex(name) == nil {
        if kinds.count == 1 { names.children[parent, default: [:]][name] = kinds.first }
      }
    }
    for (index, kind) in program.kinds.enumerated() {
      names.kinds[KindID(index)] = spelling(of: .kind(KindID(index)), kind.name, in: \.types)
    }
    for (index, rule) in program.rules.enumerated() {
      names.rules[RuleID(index)] = spelling(of: RuleID(index), rule.name, in: \.rules)
    }
    program.writtenNames = names
  }

  /// `name`, or `prefix.name` where the policy imports it so; nil where it has no name there.
  private func spelling<Symbol: Hashable>(
    of symbol: Symbol, _ name: String, in table: KeyPath<ModuleSymbols, [String: Symbol]>
  ) -> String? {
    if find(name, in: table, from: graph.main) == [symbol] { return name }
    for (prefix, modules) in symbols[graph.main].prefixes.sorted(by: { $0.key < $1.key })
    where modules.contains(where: { symbols[$0][keyPath: table][name] == symbol }) {
      return "\(prefix).\(name)"
    }
    return nil
  }
}
