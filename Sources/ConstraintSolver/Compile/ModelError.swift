package import ConstraintModel

/// Why a model is refused before any search.
package enum ModelError: Error, Hashable, Sendable {
  /// The sum of a constraint or of an objective could leave 64 bits.
  case overflow(Origin)
}

/// Whether every sum of the model stays well inside 64 bits.
struct OverflowCheck {
  /// Sums below this leave room for the difference of any two of them.
  static var roof: Int { Int.max / 8 }

  private let model: ConstraintModel
  private let columnPeaks: [Int]
  private let tablePeaks: [Int]
  private let loadPeaks: [Int]

  init(_ model: ConstraintModel) {
    self.model = model
    columnPeaks = model.columns.map { Self.peak($0) }
    tablePeaks = model.tables.map { $0.reduce(0) { max($0, Self.peak($1)) } }
    loadPeaks = model.loads.map { load in
      var sum = 0
      for item in load.items { sum = Self.add(sum, item.weight) }
      return sum
    }
  }

  func check(_ constraints: [Constraint]) throws(ModelError) {
    for constraint in constraints {
      guard case .linear(let terms, let lower, let upper) = constraint.form else { continue }
      var sum = max(Self.size(lower ?? 0), Self.size(upper ?? 0))
      for term in terms { sum = Self.add(sum, peak(term)) }
      if sum >= Self.roof { throw .overflow(constraint.origin) }
    }
  }

  func check(_ objectives: [Objective]) throws(ModelError) {
    for objective in objectives {
      var sum = Self.size(objective.constant)
      for (index, term) in objective.terms.enumerated() {
        sum = Self.add(sum, peak(term))
        if sum >= Self.roof {
          throw .overflow(index < objective.origins.count ? objective.origins[index] : Origin(0))
        }
      }
    }
  }

  func peak(_ term: LinearTerm) -> Int {
    let inner =
      switch term.term {
      case .view(let view): columnPeaks[Int(view.column.index)]
      case .literal: 1
      case .table(let table, _, _): tablePeaks[Int(table.index)]
      case .load(let load, _): loadPeaks[Int(load.index)]
      case .ramp(let sum):
        model[sum].terms.reduce(Self.size(model[sum].constant)) { Self.add($0, peak($1)) }
      }
    let (product, overflow) = Self.size(term.coefficient).multipliedReportingOverflow(by: inner)
    return overflow ? Int.max : product
  }

  private static func peak(_ values: [Int]) -> Int { values.reduce(0) { max($0, size($1)) } }
  private static func size(_ value: Int) -> Int { value == .min ? .max : abs(value) }
  private static func add(_ a: Int, _ b: Int) -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
  }
}
