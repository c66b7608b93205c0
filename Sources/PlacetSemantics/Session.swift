package import Diagnostics
package import PlacetSyntax

extension Checker {
  /// A policy that grows at a prompt: declarations are added to it, expressions are read in it.
  ///
  /// What is added counts as written at the end of the policy; a declaration replaces one of the same name
  /// that was added before. Every addition checks the whole again.
  package struct Session {
    private let main: Source
    private let moduleNames: [String]
    private let modules: FindModule
    /// What was added, in order; what a later addition replaced is gone.
    package private(set) var added: [Item] = []
    private var checker: TypeChecker
    /// Of the policy with what was added.
    package private(set) var diagnostics: [Diagnostic]

    package var program: TypedProgram { checker.program }

    package init(main: Source, moduleNames: [String] = [], modules: @escaping FindModule) {
      self.main = main
      self.moduleNames = moduleNames
      self.modules = modules
      (checker, diagnostics) = Self.check(main, [], moduleNames, modules)
    }

    private static func check(
      _ main: Source, _ added: [Item], _ moduleNames: [String], _ modules: @escaping FindModule
    ) -> (TypeChecker, [Diagnostic]) {
      Checker.run(
        main: main, moduleNames: moduleNames,
        parse: { source in
          let (tree, diagnostics) = Parser.parse(source)
          guard source == main else { return (tree, diagnostics) }
          return (SyntaxTree(source: source, tokens: tree.tokens, items: tree.items + added), diagnostics)
        }, modules: modules)
    }

    /// What was typed, read as declarations, an expression, or the beginning of either.
    package enum Input {
      /// Declarations, now part of the policy.
      case declarations
      /// An expression in a frame of its own; decisions in it read as known, if there is a solution.
      case expression(TypedBody)
      /// More lines are wanted.
      case incomplete
      /// It was not taken; the policy is as before.
      case refused([Diagnostic])
    }

    package mutating func read(_ source: Source) -> Input {
      let fragment = Parser.parseFragment(source)
      if fragment.isIncomplete { return .incomplete }
      if !fragment.diagnostics.isEmpty { return .refused(fragment.diagnostics) }
      switch fragment.content {
      case .items(let items): return add(items)
      case .expression(let expression):
        let (body, problems) = typed(expression)
        return problems.contains { $0.severity == .error } ? .refused(problems) : .expression(body)
      }
    }

    private mutating func add(_ items: [Item]) -> Input {
      // What replaces another takes its place, so that what was there keeps its number.
      var all = added
      for item in items {
        if let name = item.declaredName, let place = all.firstIndex(where: { $0.declaredName == name }) {
          all[place] = item
        } else {
          all.append(item)
        }
      }
      let (checker, told) = Self.check(main, all, moduleNames, modules)
      let before = Set(diagnostics)
      let problems = told.filter { $0.severity == .error && !before.contains($0) }
      guard problems.isEmpty else { return .refused(problems) }
      added = all
      self.checker = checker
      diagnostics = told
      return .declarations
    }

    /// `int, decided by i.host`; nil where the text is no expression or holds mistakes.
    package func typeDescription(of source: Source) -> String? {
      guard case .expression(let expression) = Parser.parseFragment(source).content else { return nil }
      let (body, problems) = typed(expression)
      guard !problems.contains(where: { $0.severity == .error }) else { return nil }
      return program.typeDescription(of: body.expression)
    }

    /// The expression that a text is, with its type; nil where it is none or holds mistakes.
    package func expression(of source: Source) -> TypedBody? {
      guard case .expression(let expression) = Parser.parseFragment(source).content else { return nil }
      let (body, problems) = typed(expression)
      return problems.contains { $0.severity == .error } ? nil : body
    }

    /// What may stand after the dot of an expression: fields and entities, for completion.
    package func members(of source: Source) -> [String] {
      guard case .expression(let expression) = Parser.parseFragment(source).content else { return [] }
      return checker.memberNames(of: typed(expression).body.expression)
    }

    /// Every name that means something at the prompt.
    package var names: [String] {
      let frame = Frame(module: checker.graph.main, place: .test)
      return Set(checker.within(frame) { checker.namesInScope() + checker.kindNames() }).sorted()
    }

    private func typed(_ expression: Expression) -> (body: TypedBody, diagnostics: [Diagnostic]) {
      let count = checker.diagnostics.count
      let frame = Frame(module: checker.graph.main, place: .test)
      frame.decisionsAreKnown = true
      let value = checker.within(frame) { checker.infer(expression) }
      let problems = Array(checker.diagnostics[count...])
      checker.diagnostics.removeSubrange(count...)
      return (TypedBody(frame: frame.info, expression: value), problems)
    }
  }
}

extension TypedProgram {
  /// The type of an expression and what decides it: `int, decided by i.host`.
  package func typeDescription(of expression: TypedExpression) -> String {
    let type = describe(expression.type)
    guard expression.isDecided else { return type }
    return "\(type), decided by \(expression.decidedBy.joined(separator: ", "))"
  }
}

extension Item {
  /// The one name that an item declares, if it does.
  package var declaredName: String? {
    switch self {
    case .enumeration(let item): item.name.text
    case .record(let item): item.name.text
    case .entity(let item): item.name.text
    case .function(let item): item.name.text
    case .rule(let item): item.name.text
    case .scenario(let item): item.name.text
    case .statement(.letBinding(let item)):
      if case .name(let name) = item.pattern { name.text } else { nil }
    case .statement(.param(let item)): item.name.text
    case .statement(.objective): "minimize"
    default: nil
    }
  }
}
