import ConstraintSolver
import NFVModel
package import Placement
import Quantities

/// What `placet run` shows a person: the placement, its cost, what it took, in 80 columns or what the terminal has. Without seconds, what the search took is left out.
package struct RunTable {
  package var width: Int

  package init(width: Int = 80) { self.width = width }

  package func text(_ answer: PlacementAnswer, policy: String, seconds: Double?) -> String {
    var lines: [String] = []
    lines += wrapped("\(policy): \(headline(answer))", indent: 0)
    if answer.isPlaced {
      lines += placements(answer.assignment)
      lines += decisions(answer.decisions)
      lines += objectives(answer.objectives)
      lines += rules(answer)
    }
    if !answer.waived.isEmpty {
      lines += ["", "  waived"]
      lines += answer.waived.flatMap { wrapped("\($0.rule) for \($0.subject): \($0.because)", indent: 4) }
    }
    if let seconds { lines += ["", footer(answer, seconds)] }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Lines that fit, those after the first two columns further in.
  private func wrapped(_ text: String, indent: Int) -> [String] {
    var lines: [String] = []
    var line = String(repeating: " ", count: indent)
    var isFresh = true
    for word in text.split(separator: " ") {
      if !isFresh, line.count + 1 + word.count > width {
        lines.append(line)
        line = String(repeating: " ", count: indent + 2)
        isFresh = true
      }
      line += (isFresh ? "" : " ") + word
      isFresh = false
    }
    return lines + [line]
  }

  private func headline(_ answer: PlacementAnswer) -> String {
    let instances = count(answer.assignment.instances.count, "instance")
    let hosts = count(Set(answer.assignment.instances.map { "\($0.vim)/\($0.host)" }).count, "host")
    switch answer.status {
    case .optimal where answer.objectives.isEmpty: return "placed, \(instances) on \(hosts)"
    case .optimal: return "placed and proved optimal, \(instances) on \(hosts)"
    case .feasible: return "placed, not proved optimal\(gap(answer)), \(instances) on \(hosts)"
    case .infeasible: return "no placement satisfies the rules"
    case .unknown: return "the limit was met before a placement was found"
    }
  }

  private func gap(_ answer: PlacementAnswer) -> String {
    guard let open = answer.objectives.first(where: { !$0.isProved }) else { return "" }
    let value = Double(open.value.numerator) / Double(open.value.denominator)
    let bound = Double(open.bound.numerator) / Double(open.bound.denominator)
    guard value != 0 else { return "" }
    let tenths = Int((abs(value - bound) / abs(value) * 1000).rounded(.up))
    return " (\(open.name) within \(tenths / 10).\(tenths % 10) %)"
  }

  private func placements(_ assignment: Assignment) -> [String] {
    guard !assignment.instances.isEmpty else { return [] }
    let hasCells = assignment.instances.contains { $0.cells?.isEmpty == false }
    var table = TextTable(
      header: ["instance", "host", "vim", "site"] + (hasCells ? ["cells"] : []), width: width)
    table.rows = assignment.instances.map { instance in
      [instance.id, instance.host, instance.vim, instance.site ?? ""]
        + (hasCells ? [(instance.cells ?? []).map(String.init).joined(separator: " ")] : [])
    }
    return [""] + table.lines
  }

  private func decisions(_ decisions: [DecidedField]) -> [String] {
    let own = decisions.filter { !$0.isOfInstance }
    var lines: [String] = []
    if !own.isEmpty {
      var table = TextTable(header: ["also decided", "", ""], width: width)
      table.rows = own.map { [$0.entity, $0.field, $0.value] }
      lines += [""] + table.lines
    }
    let inside = decisions.count - own.count
    if inside > 0 {
      lines += ["", "  and \(count(inside, "decision")) inside instances, which --format json shows"]
    }
    return lines
  }

  private func objectives(_ objectives: [ObjectiveValue]) -> [String] {
    guard !objectives.isEmpty else { return [] }
    var table = TextTable(header: ["objective", "value", "proved bound"], width: width)
    table.rows = objectives.map { [$0.name, $0.valueText, $0.isProved ? "the same" : $0.boundText] }
    return [""] + table.lines
  }

  private func rules(_ answer: PlacementAnswer) -> [String] {
    let stated = answer.rules.filter { $0.constraints > 0 }
    guard !stated.isEmpty else { return [] }
    var table = TextTable(header: ["rule", "layer", "held", "unmet wishes"], width: width)
    table.rows = stated.map {
      [$0.name, $0.layer, String($0.constraints), $0.unmetWishes == 0 ? "" : String($0.unmetWishes)]
    }
    return [""] + table.lines
  }

  private func footer(_ answer: PlacementAnswer, _ seconds: Double) -> String {
    let statistics = answer.statistics
    let hundredths = Int((seconds * 100).rounded())
    let parts = [
      count(statistics.decisions, "decision"), count(statistics.conflicts, "conflict"),
      "work \(statistics.steps)", "seed \(answer.seed)",
      "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100) s",
    ]
    return "  " + parts.joined(separator: ", ")
  }

  private func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}
