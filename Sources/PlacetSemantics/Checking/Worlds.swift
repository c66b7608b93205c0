import Diagnostics
import PlacetSyntax

/// Scenarios, and the facts and changes of worlds.
extension TypeChecker {
  func checkScenario(_ id: ScenarioID) {
    let (item, module) = scenarioSyntax[id.index]
    let inner = Frame(module: module, place: .scenario)
    within(inner) {
      inner.worlds = [scenarioWorlds[id.index]] + worlds(usedIn: item.facts, seen: [id])
      bindParameters(item.parameters, program[id].parameterTypes)
      let body = checkFacts(item.facts)
      program.scenarios[id.index].body = body
      program.scenarios[id.index].frame = inner.info
    }
  }

  /// The worlds of the scenarios that facts name, and of those that these name.
  func worlds(usedIn facts: [Fact], seen: Set<ScenarioID> = []) -> [StaticWorld] {
    facts.flatMap { fact -> [StaticWorld] in
      switch fact {
      case .scenario(let expression, _): worlds(of: expression, seen: seen)
      case .forEach(_, let body, _): worlds(usedIn: body, seen: seen)
      default: []
      }
    }
  }

  func worlds(of expression: Expression, seen: Set<ScenarioID>) -> [StaticWorld] {
    var callee = expression
    if case .call(let inner, _, _) = expression { callee = inner }
    guard let name = dotted(callee),
      let id = find(name, in: \.scenarios, from: frame.module).first, !seen.contains(id)
    else { return [] }
    let facts = scenarioSyntax[id.index].item.facts
    return [scenarioWorlds[id.index]] + worlds(usedIn: facts, seen: seen.union([id]))
  }

  func checkFacts(_ facts: [Fact]) -> [TypedStatement] { facts.compactMap(checkFact) }

  private func checkFact(_ fact: Fact) -> TypedStatement? {
    depth += 1
    defer { depth -= 1 }
    guard depth < 200 else { return nil }
    switch fact {
    case .letBinding(let item):
      let (target, value) = checkLet(item)
      return .bind(target, value)
    case .load(let item): return checkLoadStatement(item)
    case .make(let item): return checkMake(item, nested: nil).map { .make($0) }
    case .change(let change): return checkChange(change)
    case .scenario(let expression, let range): return checkScenarioUse(expression, range)
    case .forEach(let sources, let body, let range):
      return inScope {
        let sources = checkSources(sources, .making)
        return .forEach(sources, checkFacts(body), range: range)
      }
    case .invalid: return nil
    }
  }

  func checkScenarioUse(_ expression: Expression, _ range: SourceRange) -> TypedStatement? {
    var arguments: [ArgumentSyntax] = []
    var callee = expression
    if case .call(let inner, let given, _) = expression { (callee, arguments) = (inner, given) }
    guard let name = dotted(callee) else {
      report(.outOfPlace("the name of a scenario is expected", at: expression.range))
      return nil
    }
    guard let id = find(name, in: \.scenarios, from: frame.module).first else {
      report(
        .unknownScenario(
          Name(name.text, name.range), known: names(in: \.scenarios, from: frame.module)))
      return nil
    }
    if frame.place == .scenario, isUsed(id, by: id, seen: []) {
      let name = program[id].name
      report(.recursion([name, name], at: range))
      return nil
    }
    let values = checkArguments(
      arguments, scenarioSyntax[id.index].item.parameters, program[id].parameterTypes,
      module: program[id].module, of: "'\(program[id].name)'", at: range)
    return .scenario(id, values, range: range)
  }

  /// Whether a scenario comes back to itself by those that it uses.
  private func isUsed(_ wanted: ScenarioID, by id: ScenarioID, seen: Set<ScenarioID>) -> Bool {
    func used(_ facts: [Fact], _ module: Int) -> [ScenarioID] {
      facts.flatMap { fact -> [ScenarioID] in
        switch fact {
        case .scenario(let expression, _):
          var callee = expression
          if case .call(let inner, _, _) = expression { callee = inner }
          return dotted(callee).map { find($0, in: \.scenarios, from: module) } ?? []
        case .forEach(_, let body, _): return used(body, module)
        default: return []
        }
      }
    }
    let (item, module) = scenarioSyntax[id.index]
    return used(item.facts, module).contains { next in
      next == wanted || (!seen.contains(next) && isUsed(wanted, by: next, seen: seen.union([next])))
    }
  }

  // MARK: Changes

  private func checkChange(_ change: Change) -> TypedStatement? {
    guard let (target, type, because) = changeTarget(change.target) else {
      _ = infer(change.value)
      return nil
    }
    let value = check(change.value, as: type, because: .init(because, ""))
    return .change(TypedChange(target: target, value: value, range: change.range))
  }

  private func changeTarget(_ target: Expression) -> (TypedChange.Target, Type, SourceRange)? {
    let value = infer(target)
    var form = value.form
    if case .unwrapped(let inner) = form { form = inner.form }
    switch form {
    case _ where value.type == .error: return nil
    case .field(let base, let index):
      guard case .entity(let kind) = base.type else { break }
      let field = program[kind].fields[index]
      let name = Name(field.name, target.range)
      if case .name = field.form { break }
      guard isGiven(kind, index, name) else { return nil }
      return (.field(base, index), field.type, field.range)
    case .global(let id):
      return (.global(id), program[id].type, program[id].range)
    default: break
    }
    report(.notChangeable("'\(written(target.range))'", at: target.range))
    return nil
  }
}
