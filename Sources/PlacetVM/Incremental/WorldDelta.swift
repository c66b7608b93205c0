import Diagnostics
package import PlacetSemantics

/// What a world has more than the one before it, or otherwise: statements that come last, new declarations, rules that
/// read otherwise.
package struct WorldDelta {
  /// What the old program is the beginning of, with its declarations under the same numbers.
  package var program: TypedProgram
  /// Statements of the policy that the old program does not have.
  package var statements: [TypedTopLevel] = []
  /// Statements of a test's `with`, with the frame that they see.
  package var changes: [TypedStatement] = []
  package var frame = FrameInfo()
  package var values: [Value] = []
  /// Rules that read otherwise than in the old program.
  package var rewritten: Set<RuleID> = []
  /// Whether a waiver that drops nothing is a mistake: not in the world of a test, where it may be for what the policy
  /// loads.
  package var waiversHaveToMatch = true

  package init(program: TypedProgram) { self.program = program }

  /// What a later check of a policy has more than an earlier one; nil where it is no continuation of it: kinds, types
  /// or imports differ, or a function or value that was there does.
  ///
  /// A name that is declared anew must be one that meant nothing before; the caller knows.
  ///
  /// - Parameter base: what the world was made of, where that is not the old program itself but one of the same
  ///   declarations: checked another time, or with statements of its own.
  package init?(from old: TypedProgram, to new: TypedProgram, in base: TypedProgram? = nil) {
    guard old.modules.count == new.modules.count,
      zip(old.modules, new.modules).allSatisfy({
        $0.name == $1.name && $0.layer == $1.layer
          && ($0.source === $1.source || $0.source.bytes == $1.source.bytes)
      }),
      old.enums.count == new.enums.count,
      zip(old.enums, new.enums).allSatisfy({ $0.cases.count == $1.cases.count && same($0.range, $1.range) }),
      old.records.count == new.records.count,
      zip(old.records, new.records).allSatisfy({ same($0.range, $1.range) }),
      old.kinds.count == new.kinds.count,
      zip(old.kinds, new.kinds).allSatisfy({ same($0.range, $1.range) && areAlike($0.fields, $1.fields) }),
      zip(old.functions, new.functions).allSatisfy({ $0.readsDecisions == $1.readsDecisions }),
      zip(old.globals, new.globals).allSatisfy({ $0.readsDecisions == $1.readsDecisions }),
      continues(old.functions, new.functions, { $0.range }),
      continues(old.globals, new.globals, { $0.range }),
      continues(old.scenarios, new.scenarios, { $0.range }),
      new.rules.count >= old.rules.count,
      old.objective.count == new.objective.count,
      zip(old.objective, new.objective).allSatisfy({
        $0.isMaximized == $1.isMaximized && same($0.value.range, $1.value.range)
      })
    else { return nil }
    // What is known of an expression is known by its object: what was there stays the same objects.
    var program = base ?? old
    program.units = new.units
    program.functions += new.functions[old.functions.count...]
    program.globals += new.globals[old.globals.count...]
    program.scenarios += new.scenarios[old.scenarios.count...]
    program.tests = new.tests
    for (index, rule) in old.rules.enumerated() where !same(rule.range, new.rules[index].range) {
      guard rule.name == new.rules[index].name, rule.parameterNames == nil,
        new.rules[index].parameterNames == nil
      else { return nil }
      program.rules[index] = new.rules[index]
      rewritten.insert(RuleID(index))
    }
    program.rules += new.rules[old.rules.count...]
    var left = old.statements[...]
    for statement in new.statements {
      guard let first = left.first, same(first.statement.range, statement.statement.range) else {
        statements.append(statement)
        continue
      }
      left = left.dropFirst()
    }
    // Statements come in an order that fits all of them; where that is another for the old ones, so be it.
    guard left.isEmpty else { return nil }
    program.statements += statements
    self.program = program
  }
}

/// Whether fields are decided may hang on what is given to them elsewhere.
private func areAlike(_ old: [FieldDeclaration], _ new: [FieldDeclaration]) -> Bool {
  old.count == new.count
    && zip(old, new).allSatisfy { $0.name == $1.name && $0.isDecided == $1.isDecided }
}

/// Declarations that begin with the old ones.
private func continues<Declaration>(
  _ old: [Declaration], _ new: [Declaration], _ range: (Declaration) -> SourceRange
) -> Bool {
  new.count >= old.count && zip(old, new).allSatisfy { same(range($0), range($1)) }
}

/// The same place of the same text, which may have been read twice.
private func same(_ a: SourceRange, _ b: SourceRange) -> Bool {
  a.start == b.start && a.end == b.end
    && (a.source === b.source || a.source.name == b.source.name && a.source.bytes == b.source.bytes)
}

extension WorldDelta {
  /// Names of the entities that its statements make, as far as a word elsewhere can mean them: not those that are put
  /// together when they run.
  package var madeNames: [String] { statements.flatMap { $0.statement.madeNames } }
}

extension TypedStatement {
  fileprivate var madeNames: [String] {
    var names = inner.flatMap(\.madeNames)
    if case .make(let make) = self, case .text(let name, let hasSpan) = make.naming,
      case .text(let text) = name.form
    {
      names += hasSpan ? NameSpan.names(text) ?? [] : [text]
    }
    return names
  }
}
