package import ConstraintSolver
import PlacetSemantics
import PlacetVM
import Quantities

/// Says how far a search is, in the author's units: `cost 6706 EUR/month, at least 6541 EUR/month (gap 2.5 %)`.
package struct ProgressWording: Sendable {
  let objectives: [StatedObjective]
  let units: UnitTable

  package func text(_ step: SolverProgress) -> String {
    let values = zip(objectives, step.objectives).map { objective, value in
      "\(objective.name) \(text(value, objective) ?? "too large to show")"
    }
    guard let bound = step.bound, objectives.indices.contains(step.tier),
      let best = objectives[step.tier].value(of: step.objectives[step.tier]),
      let proved = objectives[step.tier].value(of: bound), let shown = text(bound, objectives[step.tier])
    else { return values.joined(separator: ", ") }
    let side = objectives[step.tier].isMaximized ? "most" : "least"
    let gap = ObjectiveValue.gap(best, proved).map { " (gap \($0))" } ?? ""
    return values.joined(separator: ", ") + ", at \(side) \(shown)\(gap)"
  }

  private func text(_ tier: Int, _ objective: StatedObjective) -> String? {
    guard let amount = objective.value(of: tier) else { return nil }
    if case .quantity(let dimension) = objective.type { return units.text(amount, of: dimension) }
    return amount.description
  }
}

extension PlacementProblem {
  package var progressWording: ProgressWording {
    ProgressWording(objectives: stated.objectives, units: program.units)
  }
}

extension ObjectiveValue {
  /// How far what was found may be from the best there is, in percent of what was found: `2.5 %`.
  package var gapText: String? { Self.gap(value, bound) }

  static func gap(_ value: Rational, _ bound: Rational) -> String? {
    guard value != bound, value != Rational(0),
      let share = value.subtracting(bound)?.divided(by: value)?.multiplied(by: Rational(10_000))
    else { return nil }
    let hundredths = abs(share.ceiling)
    // Two digits: rounded up, because it is a promise.
    if hundredths >= 1_000 { return "\((hundredths + 99) / 100) %" }
    if hundredths >= 100 { return "\((hundredths + 9) / 100).\((hundredths + 9) / 10 % 10) %" }
    return "0.\(hundredths < 10 ? "0" : "")\(hundredths) %"
  }
}
