import ArgumentParser
import ConstraintSolver
import Diagnostics
import NFVModel
import Placement
import Placet
import PlacetVM

struct WhyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "why",
    abstract: "Says why an instance is where it is, why it is not elsewhere, or why nothing can be placed.",
    discussion: """
      Examples:
        placet why policy.placet --inventory lab.json                       the conflict, where there is no placement
        placet why policy.placet 'vepc.sgw[0]' --inventory lab.json         what stands against other hosts
        placet why policy.placet 'vepc.sgw[0]' --not h03 --inventory lab.json
      VIMs with an endpoint are asked what they have and declare, as `placet plan` does.
      Exit status: 0 answered, 1 the policy is wrong, 3 no placement, 4 the limit was met first, 5 a VIM or the state
      failed.
      """)

  @Argument(help: "The policy.")
  var file: String

  @Argument(help: "An instance, as `placet run` shows it.")
  var instance: String?

  @Option(name: .customLong("not"), help: ArgumentHelp("A host that it is not on.", valueName: "host"))
  var other: String?

  @OptionGroup var solving: SolveArguments
  @OptionGroup var state: StateOption
  @OptionGroup var output: FormatOption

  func validate() throws {
    if other != nil, instance == nil { throw ValidationError("--not wants an instance before it") }
  }

  func run() async throws {
    let policy = try PolicyFile.loadSound(file, format: output.format)
    defer { SolveArguments.clearProgress() }
    do {
      let deployment = Deployment(beside: file, state)
      let inputs = try await reportingFailures {
        try await deployment.questionInputs(policy, solving, format: output.format)
      }
      let problem = try policy.problem(inputs)
      let options = solving.options()
      try answer(problem, options)
    } catch let mistakes as Mistakes {
      SolveArguments.clearProgress()
      report(mistakes.diagnostics, format: output.format)
      throw Status.wrongPolicy
    }
  }

  private func answer(_ problem: PlacementProblem, _ options: SolverOptions) throws {
    let answer: PlacementAnswer
    do {
      try problem.solve(options)
      answer = try problem.answer(options)
    } catch {
      throw Mistakes(error.diagnostics)
    }
    SolveArguments.clearProgress()
    switch answer.status {
    case .unknown:
      Terminal.complain("placet: the limit was met before an answer\n")
      throw Status.limitMet
    case .infeasible:
      if output.format == .json {
        Terminal.print(RunDocument.json(answer, seconds: 0).prettyText())
      } else if let conflict = answer.conflict {
        report([conflict.diagnostic], format: .text)
      }
      throw Status.infeasible
    case .optimal, .feasible:
      guard let instance else {
        say(
          ["there is a placement; name an instance to ask why it is where it is"],
          RunDocument.json(answer, seconds: 0))
        return
      }
      do {
        try explain(instance, problem, options)
      } catch let error as EvaluationError {
        throw Mistakes(error.diagnostics)
      }
    }
  }

  private func explain(_ given: String, _ problem: PlacementProblem, _ options: SolverOptions) throws {
    guard let entry = problem.placing(given) else {
      throw unknown(given, "instance", among: problem.placedNames)
    }
    let name = problem.world.path(of: entry.entity)
    guard let other else {
      let why = try problem.why(entry, options)
      say(WhyText.lines(why), WhyText.json(why))
      return
    }
    guard let candidate = problem.candidate(other, of: entry) else {
      throw unknown(other, "candidate of \(name)", among: problem.candidateNames(of: entry))
    }
    let here = problem.world.decisions?[entry.entity, entry.field]
    guard candidate != here else {
      let report = WhyReport(instance: name, host: other, alternatives: [], untried: 1)
      say(["\(name) is on \(other)"], WhyText.json(report))
      return
    }
    let answer = try problem.whyNot(entry, candidate, options)
    if let conflict = answer.conflict, output.format == .text {
      var diagnostic = conflict.diagnostic
      diagnostic.message = "\(name) cannot be on \(other): these rules do not let it"
      diagnostic.severity = .note
      Terminal.print(TerminalRenderer(usesColour: false).render([diagnostic]))
      return
    }
    let report = WhyReport(
      instance: name, host: here.map { problem.world.name(of: $0.entity) },
      alternatives: [.init(hosts: [other], obstacle: answer.obstacle)], untried: 0)
    say(WhyText.lines(report), WhyText.json(report))
  }

  private func unknown(_ name: String, _ what: String, among names: [String]) -> any Error {
    let near = nearestName(to: name, among: names).map { "; did you mean '\($0)'?" }
    let help = near ?? (names.count <= 8 ? "; there are \(names.joined(separator: ", "))" : "")
    Terminal.complain("placet: there is no \(what) '\(name)'\(help)\n")
    return Status.wrongPolicy
  }

  private func say(_ lines: [String], _ json: JSONValue) {
    switch output.format {
    case .text: Terminal.print(lines.joined(separator: "\n") + "\n")
    case .json: Terminal.print(json.prettyText())
    }
  }
}
