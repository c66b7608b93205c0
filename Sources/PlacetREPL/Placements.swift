import ConstraintSolver
import Diagnostics
import NFVModel
import Placet
import PlacetVM
import Placement

/// Commands about placements.
extension REPLSession {
  func solve() -> String {
    do throws(Mistakes) {
      let problem = try currentProblem()
      let answer: PlacementAnswer
      do {
        answer = try stop.sparingEvaluation { () throws(EvaluationError) in
          // What stood there is where the search begins; what it proves, it proves all the same.
          var options = options
          if let solved, solved.answer.isPlaced { options.start = problem.start(from: solved.problem) }
          try problem.solve(options)
          return try problem.answer(options)
        }
      } catch {
        throw Mistakes(error.diagnostics)
      }
      if let solved, solved.answer.isPlaced { previous = solved.answer }
      solved = Solve(
        problem: problem, answer: answer, inputs: inputs,
        policyDigest: policy.digest(parameters: inputs.parameters))
      forgetOwnWorld()
      if let conflict = answer.conflict { return render([conflict.diagnostic]) }
      if answer.status == .unknown, stop.isSet { return "stopped before a placement was found\n" }
      return RunTable(width: width).text(answer, policy: path ?? main.name, seconds: nil)
    } catch {
      return render(error)
    }
  }

  /// The last solve, where it has a placement; else what to say instead.
  private enum Placed {
    case yes(Solve, note: String)
    case no(String)
  }

  private var placed: Placed {
    guard let solved else { return .no("nothing was solved yet; :solve finds a placement\n") }
    let note = solved.isStale ? "(of the last :solve, before a change)\n" : ""
    if let conflict = solved.answer.conflict { return .no(note + render([conflict.diagnostic])) }
    guard solved.answer.isPlaced else { return .no(note + "the last :solve found no placement in time\n") }
    return .yes(solved, note: note)
  }

  func why(_ name: String) -> String {
    switch placed {
    case .no(let text): return text
    case .yes(let solved, let note):
      if name.isEmpty { return note + "there is a placement; :why INSTANCE says why it is where it is\n" }
      guard let entry = solved.problem.placing(name) else {
        return unknown(name, "instance", among: solved.problem.placedNames)
      }
      do {
        let report = try solved.problem.why(entry, options)
        if stop.isSet { return "stopped\n" }
        return note + WhyText.lines(report).map { $0 + "\n" }.joined()
      } catch {
        return render(Mistakes(error.diagnostics))
      }
    }
  }

  func whyNot(_ argument: String) -> String {
    let words = argument.split(whereSeparator: \.isWhitespace).map(String.init)
    guard words.count == 2 else { return ":whynot wants an instance and a host\n" }
    switch placed {
    case .no(let text): return text
    case .yes(let solved, let note):
      guard let entry = solved.problem.placing(words[0]) else {
        return unknown(words[0], "instance", among: solved.problem.placedNames)
      }
      guard let candidate = solved.problem.candidate(words[1], of: entry) else {
        return unknown(words[1], "candidate of \(words[0])", among: solved.problem.candidateNames(of: entry))
      }
      let instance = solved.problem.world.path(of: entry.entity)
      if solved.problem.world.decisions?[entry.entity, entry.field] == candidate {
        return note + "\(instance) is on \(words[1])\n"
      }
      do {
        let (conflict, obstacle) = try solved.problem.whyNot(entry, candidate, options)
        if stop.isSet { return "stopped\n" }
        if let conflict, !conflict.members.isEmpty {
          var diagnostic = conflict.diagnostic
          diagnostic.severity = .note
          diagnostic.message = "\(instance) cannot be on \(words[1]): these rules do not let it"
          return note + render([diagnostic])
        }
        let report = WhyReport(
          instance: instance, host: nil, alternatives: [.init(hosts: [words[1]], obstacle: obstacle)],
          untried: 0)
        return note + WhyText.lines(report).map { $0 + "\n" }.joined()
      } catch {
        return render(Mistakes(error.diagnostics))
      }
    }
  }

  func relax() -> String {
    guard let solved else { return "nothing was solved yet; :solve finds a placement\n" }
    guard let conflict = solved.answer.conflict else {
      return solved.answer.isPlaced
        ? "there is a placement: nothing has to give\n" : "the last :solve met no conflict\n"
    }
    let lines = conflict.relaxations.map { "  \($0.line)\n" }
    if lines.isEmpty { return "no one change would do\n" }
    return (lines.count == 1 ? "this would do:\n" : "any one of these would do:\n") + lines.joined()
  }

  func plan() -> String {
    switch placed {
    case .no(let text): return text
    case .yes(let solved, let note):
      return note
        + PlanPreview.text(
          from: previous, to: solved.answer, policyDigest: solved.policyDigest,
          inventoryDigest: PlanPreview.inventoryDigest(of: solved.problem), width: width)
    }
  }

  func difference() -> String {
    guard let solved, let previous, solved.answer.isPlaced else {
      return "two solves with a placement are needed to compare\n"
    }
    let lines = PlacementDifference(from: previous, to: solved.answer).lines
    return lines.isEmpty ? "the last two placements are the same\n" : lines.map { $0 + "\n" }.joined()
  }

  private func unknown(_ name: String, _ what: String, among names: [String]) -> String {
    let help = nearestName(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
    return "there is no \(what) '\(name)'\(help)\n"
  }
}
