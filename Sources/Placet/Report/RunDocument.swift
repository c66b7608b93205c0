import ConstraintSolver
import Diagnostics
package import NFVModel
package import Placement
import Quantities

/// What `placet run --format json` prints: version 1 of the documented shape. Two runs with the same inputs and
/// seed differ in `solver.seconds` alone.
package enum RunDocument {
  package static func json(_ answer: PlacementAnswer, seconds: Double) -> JSONValue {
    var document: [String: JSONValue] = [
      "placet": 1,
      "status": .string(answer.status.rawValue),
      "waived": .array(
        answer.waived.map {
          ["rule": .string($0.rule), "for": .string($0.subject), "because": .string($0.because)]
        }),
      "solver": [
        "seed": .int(Int(clamping: answer.seed)), "decisions": .int(answer.statistics.decisions),
        "conflicts": .int(answer.statistics.conflicts),
        "propagations": .int(answer.statistics.propagations), "work": .int(answer.statistics.steps),
        "seconds": .number(decimals(seconds)),
      ],
    ]
    if answer.isPlaced {
      document["objectives"] = .array(answer.objectives.map(json))
      document["placements"] = .object(
        Dictionary(
          answer.assignment.instances.map { ($0.id, json($0)) }, uniquingKeysWith: { first, _ in first }))
      if !answer.decisions.isEmpty {
        var byEntity: [String: [String: JSONValue]] = [:]
        for decision in answer.decisions {
          byEntity[decision.entity, default: [:]][decision.field] = .string(decision.value)
        }
        document["decisions"] = .object(byEntity.mapValues(JSONValue.object))
      }
    }
    if let conflict = answer.conflict {
      document["conflict"] = .array(conflict.members.map(json))
      document["relaxations"] = .array(
        conflict.relaxations.map { relaxation in
          [
            "text": .string(relaxation.text), "rule": .string(relaxation.rule),
            "cost": relaxation.objectives.first.map { split($0.valueText, $0.value).number } ?? .null,
            "objectives": .array(relaxation.objectives.map(json)),
          ]
        })
    }
    return .object(document)
  }

  private static func json(_ objective: ObjectiveValue) -> JSONValue {
    let value = split(objective.valueText, objective.value)
    let bound = split(objective.boundText, objective.bound)
    return [
      "name": .string(objective.name), "value": value.number, "unit": value.unit, "bound": bound.number,
    ]
  }

  /// `1240 EUR/month` as a number and a unit.
  private static func split(_ text: String, _ value: Rational) -> (number: JSONValue, unit: JSONValue) {
    let parts = text.split(separator: " ", maxSplits: 1)
    let digits = parts.first.map(String.init) ?? value.description
    let isPlain = !digits.contains("/")
    return (
      isPlain ? .number(digits) : .string(digits),
      parts.count == 2 ? .string(String(parts[1])) : .null
    )
  }

  private static func json(_ instance: PlacedInstance) -> JSONValue {
    var fields: [String: JSONValue] = ["host": .string(instance.host), "vim": .string(instance.vim)]
    fields["site"] = instance.site.map(JSONValue.string)
    if let cells = instance.cells { fields["cells"] = .array(cells.map(JSONValue.int)) }
    return .object(fields)
  }

  static func json(_ member: Conflict.Member) -> JSONValue {
    [
      "rule": .string(member.rule), "file": .string(member.range.source.name),
      "line": .int(member.range.line), "about": .strings(member.about), "text": .string(member.text),
    ]
  }

  private static func decimals(_ seconds: Double) -> String {
    let milliseconds = Int((seconds * 1000).rounded())
    let rest = String(milliseconds % 1000)
    return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
  }
}
