import Diagnostics
import Placet
import PlacetSemantics
import PlacetSyntax
import PlacetVM
import Quantities
import Placement

/// What could stand at the cursor: commands and their arguments, names, and after a dot what the type has.
extension REPLSession {
  /// - Parameter line: the line being typed, up to the cursor.
  package func complete(_ line: String) -> Completion {
    let trimmed = line.drop { $0.isWhitespace }
    if !isOpen, trimmed.hasPrefix(":") {
      let body = trimmed.dropFirst()
      guard let blank = body.firstIndex(where: \.isWhitespace) else {
        return Self.completion(of: String(body), among: REPLCommand.allCases.map(\.rawValue))
      }
      let argument = String(body[blank...].drop { $0.isWhitespace })
      return completeArgument(of: Self.command(String(body[..<blank]).lowercased()), argument)
    }
    return completeText(isOpen ? pendingText + "\n" + line : line)
  }

  private static func completion(of start: String, among names: [String]) -> Completion {
    Completion(replacing: start, candidates: Set(names.filter { $0.hasPrefix(start) }).sorted())
  }

  private func completeArgument(of command: REPLCommand?, _ argument: String) -> Completion {
    switch command {
    case .load, .inventory, .save:
      let last = argument.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? ""
      return Completion(replacing: last, candidates: LocalFiles.names(completing: argument))
    case .type, .trace: return completeText(argument)
    case .doc:
      let names = Documentation(program: checker.program, world: nil).names
      return argument.contains(".") ? completeDotted(argument) : Self.completion(of: argument, among: names)
    case .set: return Self.completion(of: argument, among: parameterNames.map { $0 + "=" })
    case .why: return Self.completion(of: argument, among: solved?.problem.placedNames ?? [])
    case .whynot:
      guard let blank = argument.firstIndex(where: \.isWhitespace) else {
        return Self.completion(of: argument, among: solved?.problem.placedNames ?? [])
      }
      let host = String(argument[blank...].drop { $0.isWhitespace })
      let entry = solved?.problem.placing(String(argument[..<blank]))
      return Self.completion(of: host, among: entry.flatMap { solved?.problem.candidateNames(of: $0) } ?? [])
    case .help, .reload, .solve, .relax, .plan, .diff, .quit, nil:
      return Completion(replacing: "", candidates: [])
    }
  }

  /// `host.co` of `:doc`.
  private func completeDotted(_ argument: String) -> Completion {
    let parts = argument.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(
      String.init)
    let program = checker.program
    let fields = program.kinds.filter { $0.name == parts[0] }.flatMap { $0.fields.map(\.name) }
    let others = program.records.filter { $0.name == parts[0] }.flatMap { $0.fields.map(\.name) }
    let cases = program.enums.filter { $0.name == parts[0] }.flatMap { $0.cases.map(\.name) }
    return Self.completion(of: parts[1], among: fields + others + cases)
  }

  // MARK: - In a statement

  private func completeText(_ text: String) -> Completion {
    let cursor = TextBeforeCursor(text)
    guard !cursor.isInTextOrComment else { return Completion(replacing: "", candidates: []) }
    guard let base = cursor.base else { return Self.completion(of: cursor.word, among: namesHere(cursor)) }
    for reading in cursor.readings(of: base) {
      let members = self.members(of: Source(name: "<repl>", text: reading + "\n"))
      if !members.isEmpty { return Self.completion(of: cursor.word, among: members) }
    }
    return Completion(replacing: cursor.word, candidates: [])
  }

  /// Fields, children by name, and functions whose first parameter the value fits.
  private func members(of source: Source) -> [String] {
    guard let body = checker.expression(of: source) else { return [] }
    let type = body.expression.type
    var names = checker.members(of: source)
    names += checker.program.functions.filter { $0.parameterTypes.first.map { $0 == type } ?? false }.map(
      \.name)
    switch type {
    case .list, .set, .map, .range: names += ["all", "any", "map", "filter", "sum", "min", "max", "contains"]
    case .entity(let kind):
      // The entities that data made are known once the world is.
      guard !body.expression.isDecided, let world = try? currentWorld(),
        let value = try? evaluate(body.expression, in: world), !value.isNone
      else { break }
      names += childNames(of: value.entity, kind, in: world)
    default: break
    }
    return names
  }

  private func childNames(of entity: EntityID, _ kind: KindID, in world: World) -> [String] {
    checker.program[kind].fields.flatMap { field -> [String] in
      guard case .children(let child) = field.form else { return [] }
      return world.entities(of: child).filter { world.parent(of: $0) == entity }.map { world.name(of: $0) }
        .filter { $0.first?.isLetter == true && $0.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } }
    }
  }

  private func namesHere(_ cursor: TextBeforeCursor) -> [String] {
    let program = checker.program
    let rules = program.rules.map(\.name)
    let units = program.units.unitNames
    if cursor.followsNumber { return units }
    if let word = cursor.wordBefore, ["use", "waive"].contains(word) { return rules }
    if let word = cursor.wordBefore, ["all", "each", "extend", "in"].contains(word) {
      return program.kinds.map(\.name) + checker.names
    }
    let types = program.records.map(\.name) + program.enums.map(\.name)
    let functions = BuiltInFunction.all.map(\.name)
    return checker.names + Words.reserved + types + rules + functions + cursor.boundNames
  }
}
