import Diagnostics
import PlacetSyntax

/// How names are found: what a module declares itself comes first, then what its imports declare.
extension TypeChecker {
  /// All meanings of a name in a module; several only where two imports declare it.
  func find<Symbol: Hashable>(
    _ name: String, in table: KeyPath<ModuleSymbols, [String: Symbol]>, from module: Int
  ) -> [Symbol] {
    if let own = symbols[module][keyPath: table][name] { return [own] }
    var found: [Symbol] = []
    for other in symbols[module].open {
      if let symbol = symbols[other][keyPath: table][name], !found.contains(symbol) { found.append(symbol) }
    }
    return found
  }

  /// The meanings of `name` or `prefix.name`.
  func find<Symbol: Hashable>(
    _ dotted: DottedName, in table: KeyPath<ModuleSymbols, [String: Symbol]>, from module: Int
  ) -> [Symbol] {
    guard dotted.parts.count > 1, let last = dotted.parts.last else {
      return find(dotted.text, in: table, from: module)
    }
    let prefix = dotted.parts.dropLast().map(\.text).joined(separator: ".")
    let modules = symbols[module].prefixes[prefix] ?? []
    return modules.compactMap { symbols[$0][keyPath: table][last.text] }
  }

  /// Every name that a module sees in a table, for suggestions.
  func names<Symbol>(in table: KeyPath<ModuleSymbols, [String: Symbol]>, from module: Int) -> [String] {
    var names = Array(symbols[module][keyPath: table].keys)
    for other in symbols[module].open { names += symbols[other][keyPath: table].keys }
    return names.sorted()
  }

  /// The modules that `name.` may stand for.
  func modules(prefix name: String) -> [Int] { symbols[frame.module].prefixes[name] ?? [] }

  func rule(named dotted: DottedName) -> RuleID? {
    let found = find(dotted, in: \.rules, from: frame.module)
    if found.count > 1, let last = dotted.parts.last {
      report(.ambiguous(last, candidates: found.map { "the rule of \(moduleName(program[$0].module))" }))
    }
    if let rule = found.first { return rule }
    var known = names(in: \.rules, from: frame.module)
    for (prefix, modules) in symbols[frame.module].prefixes {
      for module in modules { known += symbols[module].rules.keys.map { "\(prefix).\($0)" } }
    }
    report(.unknownRule(Name(dotted.text, dotted.range), known: known.sorted()))
    return nil
  }

  func kind(named name: Name) -> KindID? {
    kindIfPresent(named: name.text)
      ?? {
        report(.unknownKind(name, known: kindNames()))
        return nil
      }()
  }

  func kindIfPresent(named name: String) -> KindID? { kindIfPresent(named: name, from: frame.module) }

  func kindIfPresent(named name: String, from module: Int) -> KindID? {
    for symbol in find(name, in: \.types, from: module) {
      if case .kind(let kind) = symbol { return kind }
    }
    return nil
  }

  func kindNames() -> [String] {
    names(in: \.types, from: frame.module).filter { kindIfPresent(named: $0) != nil }
  }

  func moduleName(_ index: Int) -> String {
    graph.modules[index].name.isEmpty ? "the policy" : graph.modules[index].name
  }

  /// The worlds whose entities are known by name at this point, nearest first.
  var visibleWorlds: [StaticWorld] { frame.worlds + [world] }

  func staticEntities(named name: String) -> [StaticEntity] {
    visibleWorlds.flatMap { $0.byName[name] ?? [] }
  }

  /// The cases of a name over all enumerations that this module sees.
  func casesInScope(named name: String) -> [(id: EnumID, index: Int)] {
    var ids: [EnumID] = []
    let module = frame.module
    for table in [module] + symbols[module].open {
      for symbol in symbols[table].types.values {
        if case .enumeration(let id) = symbol, !ids.contains(id) { ids.append(id) }
      }
    }
    return ids.sorted { $0.index < $1.index }.compactMap { id in
      program[id].cases.firstIndex { $0.name == name }.map { (id, $0) }
    }
  }
}
