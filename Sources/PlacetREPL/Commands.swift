import Diagnostics
import Placet
import PlacetSemantics
import PlacetSyntax

/// What the commands do, but for those about placements.
extension REPLSession {
  /// Carries out `:name argument`; a beginning of a name that is no other's will do.
  func perform(_ line: String, _ reply: inout Reply) {
    stop.reset()
    let body = line.dropFirst()
    let word = body.prefix { !$0.isWhitespace }.lowercased()
    let argument = body.dropFirst(word.count).trimmingBlanks
    guard let command = Self.command(word) else {
      reply.output += Self.unknown(word)
      return
    }
    if command == .quit {
      reply.isOver = true
      return
    }
    if argument.isEmpty, !command.argument.isEmpty, !command.argument.hasPrefix("[") {
      reply.output += ":\(command) wants more: :\(command) \(command.argument)\n"
      return
    }
    reply.output += perform(command, argument)
  }

  static func command(_ word: String) -> REPLCommand? {
    if let exact = REPLCommand(rawValue: word) { return exact }
    let begun = REPLCommand.allCases.filter { $0.rawValue.hasPrefix(word) }
    return word.isEmpty || begun.count != 1 ? nil : begun[0]
  }

  private static func unknown(_ word: String) -> String {
    let names = REPLCommand.allCases.map(\.rawValue)
    let begun = word.isEmpty ? [] : names.filter { $0.hasPrefix(word) }
    if begun.count > 1 {
      return ":\(word) could be " + begun.map { ":\($0)" }.joined(separator: " or ") + "\n"
    }
    let help = nearestName(to: word, among: names).map { "did you mean :\($0)?" } ?? ":help lists the commands"
    return "there is no command :\(word); \(help)\n"
  }

  private func perform(_ command: REPLCommand, _ argument: String) -> String {
    switch command {
    case .help: REPLCommand.helpText
    case .load: load(argument)
    case .reload: reload()
    case .type: type(of: argument)
    case .doc: document(argument)
    case .solve: solve()
    case .why: why(argument)
    case .whynot: whyNot(argument)
    case .relax: relax()
    case .plan: plan()
    case .diff: difference()
    case .inventory: takeInventory(argument)
    case .trace: trace(argument)
    case .set: set(argument)
    case .save: save(to: argument)
    case .quit: ""
    }
  }

  // MARK: - Files

  /// Starts over with a policy; one that is wrong is reported and not taken.
  package func load(_ path: String) -> String {
    self.path = path
    let source: Source
    do throws(FileProblem) {
      source = Source(name: path, bytes: try PolicyFile.readBytes(path: path))
    } catch {
      return render([error.diagnostic])
    }
    let fresh = Self.checker(of: source)
    let output = render(fresh.diagnostics)
    guard !fresh.diagnostics.contains(where: { $0.severity == .error }) else { return output }
    start(source, fresh)
    return output + "\(path): \(summary)\n"
  }

  private func start(_ source: Source, _ checker: Checker.Session) {
    main = source
    self.checker = checker
    forgetWorld(placementMayChange: true)
    solved = nil
    previous = nil
  }

  /// Reads the policy again, with what it imports and the data it loads, and adds what was typed anew.
  private func reload() -> String {
    guard let path else { return "nothing was loaded\n" }
    let source: Source
    do throws(FileProblem) {
      source = Source(name: path, bytes: try PolicyFile.readBytes(path: path))
    } catch {
      return render([error.diagnostic])
    }
    var fresh = Self.checker(of: source)
    var output = render(fresh.diagnostics)
    guard !fresh.diagnostics.contains(where: { $0.severity == .error }) else { return output }
    for item in checker.added {
      let text = item.range.withComments
      if case .refused(let problems) = fresh.read(Source(name: "<repl>", text: text + "\n")) {
        output += "this no longer fits and was dropped:\n" + render(problems)
      }
    }
    let wasSolved = solved != nil
    main = source
    checker = fresh
    forgetWorld(placementMayChange: true)
    output += "\(path): \(summary)\n"
    return wasSolved ? output + Self.staleNote : output
  }

  /// `3 kinds, 12 rules`: what there is to work with.
  private var summary: String {
    func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
    let program = checker.program
    let rules = program.rules.count { $0.parameterNames == nil }
    return "\(count(program.kinds.count, "kind")), \(count(rules, "rule")), \(count(program.tests.count, "test"))"
  }

  private func save(to path: String) -> String {
    if LocalFiles.exists(path), !saved.contains(path) {
      return "there is a file \(path) already; it is left as it is\n"
    }
    var text = main.text
    if !text.isEmpty, !text.hasSuffix("\n") { text += "\n" }
    let added = checker.addedText
    if !text.isEmpty, !added.isEmpty { text += "\n" }
    text += added
    do throws(FileProblem) {
      try LocalFiles.write(text, to: path)
    } catch {
      return "\(path) was not written: \(error.message)\n"
    }
    saved.insert(path)
    let count = checker.added.count
    return "\(path) has the policy and \(count) addition\(count == 1 ? "" : "s")\n"
  }

  // MARK: - Inputs

  private func takeInventory(_ path: String) -> String {
    change { $0.inventory = path }
  }

  private func set(_ argument: String) -> String {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return ":set wants NAME=VALUE\n" }
    let name = parts[0].trimmingBlanks
    let names = parameterNames
    guard names.contains(name) else {
      let help = nearestName(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
      return "the policy has no param '\(name)'\(help)\n"
    }
    return change { $0.parameters[name] = parts[1].trimmingBlanks }
  }

  var parameterNames: [String] {
    checker.program.globals.compactMap { global in
      if case .param = global.form { global.name } else { nil }
    }
  }

  /// Changes the inputs, unless the policy's world cannot be made with them.
  private func change(_ body: (inout RunInputs) -> Void) -> String {
    let (oldInputs, oldSolve) = (inputs, solved)
    body(&inputs)
    forgetWorld(placementMayChange: true)
    do throws(Mistakes) {
      _ = try currentWorld()
    } catch {
      inputs = oldInputs
      forgetWorld(placementMayChange: false)
      solved = oldSolve
      return render(error)
    }
    return oldSolve == nil || oldSolve?.isStale == true ? "" : Self.staleNote
  }

  // MARK: - Looking

  private func type(of text: String) -> String {
    let source = Source(name: "<repl>", text: text + "\n")
    guard case .expression = Parser.parseFragment(source).content else { return "this is no expression\n" }
    var trial = checker
    switch trial.read(source) {
    case .expression(let body): return checker.program.typeDescription(of: body.expression) + "\n"
    case .refused(let problems): return render(problems)
    case .incomplete: return render(Parser.parseFragment(source).diagnostics)
    case .declarations: return "this is no expression\n"
    }
  }

  private func trace(_ text: String) -> String {
    let source = Source(name: "<repl>", text: text + "\n")
    guard case .expression = Parser.parseFragment(source).content else { return "this is no expression\n" }
    var trial = checker
    switch trial.read(source) {
    case .expression(let body):
      do throws(Mistakes) {
        let world = try currentWorld()
        keepCompiled(body.expression)
        let trace = Trace(world: world, isPlaced: isPlaced, shouldStop: { [stop] in stop.isSet })
        return trace.lines(of: body).map { $0 + "\n" }.joined()
      } catch {
        return render(error)
      }
    case .refused(let problems): return render(problems)
    case .incomplete, .declarations: return render(Parser.parseFragment(source).diagnostics)
    }
  }

  private func document(_ name: String) -> String {
    let pages = Documentation(program: checker.program, world: try? currentWorld()).pages(of: name)
    if !pages.isEmpty { return pages.joined(separator: "\n") }
    let names = Documentation(program: checker.program, world: nil).names
    let help = nearestName(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
    return "nothing is called '\(name)'\(help)\n"
  }
}
