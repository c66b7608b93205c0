package import Diagnostics
package import PlacetSyntax

/// A policy and everything it imports, each module once, imported modules before those that import them.
package struct ModuleGraph: Sendable {
  package struct Import: Sendable {
    package var module: Int
    /// What stands before the dot: the last part of the module's name, or the word after `as`.
    package var prefix: String
    /// Whether the names are visible without prefix too (no `as`).
    package var isOpen: Bool
  }

  package struct Module: Sendable {
    /// `rules.spread`; the main policy is "".
    package var name: String
    package var tree: SyntaxTree
    package var layer: Layer
    package var imports: [Import]
  }

  package var modules: [Module]
  /// The policy that was asked for: the last one.
  package var main: Int { modules.count - 1 }
}

/// Follows imports from the main policy to a graph of parsed modules.
///
/// `units` is imported everywhere without being named. A module that is missing, or that imports itself by
/// way of others, is reported at the import and left out.
package struct ModuleLoader {
  package typealias Parse = (Source) -> (tree: SyntaxTree, diagnostics: [Diagnostic])

  private let parse: Parse
  private let find: (String) -> Source?
  private let knownNames: [String]
  private var modules: [ModuleGraph.Module] = []
  private var indices: [String: Int] = [:]
  private var path: [String] = []
  private var diagnostics: [Diagnostic] = []

  /// - Parameter knownNames: names of modules that exist, for suggestions.
  package static func load(
    main: Source, knownNames: [String] = [], parse: @escaping Parse, find: @escaping (String) -> Source?
  ) -> (graph: ModuleGraph, diagnostics: [Diagnostic]) {
    var loader = ModuleLoader(parse: parse, find: find, knownNames: knownNames)
    loader.add(name: "", source: main)
    return (ModuleGraph(modules: loader.modules), loader.diagnostics)
  }

  private init(parse: @escaping Parse, find: @escaping (String) -> Source?, knownNames: [String]) {
    self.parse = parse
    self.find = find
    self.knownNames = knownNames
  }

  private mutating func add(name: String, source: Source) {
    let (tree, problems) = parse(source)
    diagnostics += problems
    path.append(name)
    var imports: [ModuleGraph.Import] = []
    if name != "units", !isUnits(source), let units = moduleIfPresent("units", at: nil) {
      imports.append(.init(module: units, prefix: "units", isOpen: true))
    }
    var layer = Layer.service
    for item in tree.items {
      switch item {
      case .importModule(let item):
        guard let index = moduleIfPresent(item.module.text, at: item.module.range) else { continue }
        let prefix = item.alias?.text ?? item.module.parts.last?.text ?? item.module.text
        imports.append(.init(module: index, prefix: prefix, isOpen: item.alias == nil))
      case .layer(let name, _):
        if let known = Layer(named: name.text) {
          layer = known
        } else {
          diagnostics.append(.unknownLayer(name))
        }
      default: continue
      }
    }
    path.removeLast()
    indices[name] = modules.count
    modules.append(.init(name: name, tree: tree, layer: layer, imports: imports))
  }

  /// Whether the policy that is asked for is the library of units itself.
  private func isUnits(_ source: Source) -> Bool {
    path == [""] && find("units")?.bytes == source.bytes
  }

  private mutating func moduleIfPresent(_ name: String, at use: SourceRange?) -> Int? {
    if let index = indices[name] { return index }
    if let start = path.firstIndex(of: name) {
      if let use { diagnostics.append(.importCycle(Array(path[start...]) + [name], at: use)) }
      return nil
    }
    guard path.count < 200, let source = find(name) else {
      if let use { diagnostics.append(.unknownModule(name, at: use, known: knownNames)) }
      return nil
    }
    add(name: name, source: source)
    return indices[name]
  }
}

extension Layer {
  package static let names = ["vendor", "service", "operator", "regulator"]

  package init?(named name: String) {
    guard let index = Self.names.firstIndex(of: name) else { return nil }
    self.init(rawValue: index)
  }

  package var name: String { Self.names[rawValue] }
}
