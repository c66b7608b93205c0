package import Diagnostics
import PlacetSyntax

/// Turns a policy and what it imports into a typed program, with everything there is to say about it.
package struct Checker {
  /// Finds the text of a module by its dotted name: from the standard library, or a file beside the policy.
  package typealias FindModule = (String) -> Source?

  /// All diagnostics of all files, in the order of the files and then of the text.
  ///
  /// The program is there also where errors were found, for completion and the prompt; it runs only without.
  /// - Parameter moduleNames: modules that exist, for suggestions.
  package static func check(
    main: Source, moduleNames: [String] = [],
    parse: @escaping ModuleLoader.Parse = { Parser.parse($0) }, modules: @escaping FindModule
  ) -> (program: TypedProgram, diagnostics: [Diagnostic]) {
    let (checker, diagnostics) = run(
      main: main, moduleNames: moduleNames, parse: parse, modules: modules)
    return (checker.program, diagnostics)
  }

  static func run(
    main: Source, moduleNames: [String], parse: @escaping ModuleLoader.Parse, modules: @escaping FindModule
  ) -> (checker: TypeChecker, diagnostics: [Diagnostic]) {
    let (graph, problems) = ModuleLoader.load(
      main: main, knownNames: moduleNames, parse: parse, find: modules)
    let checker = settled(graph)
    return (checker, sorted(problems + checker.diagnostics, in: graph))
  }

  /// Repeats the check while a recursive derived field turns out decided that was taken for known.
  private static func settled(_ graph: ModuleGraph) -> TypeChecker {
    var assumed: Set<TypeChecker.FieldKey> = []
    while true {
      let checker = TypeChecker(graph: graph, assumedDecided: assumed)
      checker.run()
      let decided = checker.readWhileRunning.filter {
        checker.program[$0.kind].fields[$0.index].isDecided && !assumed.contains($0)
      }
      if decided.isEmpty { return checker }
      assumed.formUnion(decided)
    }
  }

  /// In order of files and text, each once.
  static func sorted(_ diagnostics: [Diagnostic], in graph: ModuleGraph) -> [Diagnostic] {
    var rank: [Source: Int] = [:]
    for (index, module) in graph.modules.enumerated() { rank[module.tree.source] = index }
    var seen: Set<Diagnostic> = []
    let once = diagnostics.filter { seen.insert($0).inserted }
    return once.enumerated().sorted { a, b in
      let (x, y) = (a.element.primary.range, b.element.primary.range)
      return (rank[x.source] ?? -1, x.start, a.offset) < (rank[y.source] ?? -1, y.start, b.offset)
    }.map(\.element)
  }
}
