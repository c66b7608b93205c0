package import ConstraintModel

/// Writes a constraint model as FlatZinc, which every solver of the MiniZinc family reads: the outside judge
/// of our own solver, and its rival.
///
/// Decision `d` becomes the integer variable `d<index>` with values from 1, candidate number plus one, marked
/// for output. Every constraint is written as it is defined, through a reified boolean, and nothing is
/// simplified: this is a judge, not a fast model.
package struct FlatZincWriter {
  private let model: ConstraintModel
  private var variables: [String] = []
  private var constraints: [String] = []
  private var names = 0
  private var literals: [Literal: String] = [:]
  private var views: [View: (name: String, range: ClosedRange<Int>)] = [:]

  private init(_ model: ConstraintModel) { self.model = model }

  /// - Parameters:
  ///   - tier: the objective to minimise; nil only asks for satisfaction.
  ///   - earlier: the values at which the objectives before `tier` are held.
  package static func write(
    _ model: ConstraintModel, minimizing tier: Int? = nil, holding earlier: [Int] = []
  ) -> String {
    var writer = FlatZincWriter(model)
    return writer.write(tier, earlier)
  }

  private mutating func write(_ tier: Int?, _ earlier: [Int]) -> String {
    for (index, info) in model.decisions.enumerated() {
      variables.append("var 1..\(info.candidateCount): d\(index) :: output_var;")
    }
    for constraint in model.constraints { post(constraint) }
    for (objective, value) in zip(model.objectives, earlier) {
      let (name, constant) = sum(objective.terms)
      constraints.append("constraint int_le(\(name), \(value - objective.constant - constant));")
    }
    var goal = "solve satisfy;"
    if let tier {
      let (name, constant) = sum(model.objectives[tier].terms)
      let range = "\(Self.least)..\(Self.most)"
      variables.append("var \(range): objective :: output_var;")
      let shift = constant + model.objectives[tier].constant
      constraints.append("constraint int_lin_eq([1,-1],[objective,\(name)],\(shift));")
      goal = "solve minimize objective;"
    }
    if model.decisions.contains(where: { $0.candidateCount == 0 }) {
      return "constraint bool_eq(true, false);\nsolve satisfy;\n"
    }
    return (variables + constraints + [goal]).joined(separator: "\n") + "\n"
  }

  /// Sums stay within what 32-bit solvers take.
  private static let least = -100_000_000
  private static let most = 100_000_000

  // MARK: names

  private mutating func newBoolean() -> String {
    names += 1
    variables.append("var bool: b\(names);")
    return "b\(names)"
  }

  private mutating func newInteger(_ range: ClosedRange<Int>) -> String {
    names += 1
    variables.append("var \(range.lowerBound)..\(range.upperBound): i\(names);")
    return "i\(names)"
  }

  private mutating func name(_ literal: Literal) -> String {
    if let known = literals[literal] { return known }
    let boolean = newBoolean()
    let mask = model[literal.mask]
    let members = (literal.isNegated ? mask.complement : mask).members.map { "\($0 + 1)" }
    if members.isEmpty {
      constraints.append("constraint bool_eq(\(boolean), false);")
    } else {
      let set = members.joined(separator: ",")
      constraints.append(
        "constraint set_in_reif(d\(literal.decision.index), {\(set)}, \(boolean));")
    }
    literals[literal] = boolean
    return boolean
  }

  private mutating func name(_ view: View) -> (name: String, range: ClosedRange<Int>) {
    if let known = views[view] { return known }
    let column = model[view.column]
    let range = (column.min() ?? 0)...(column.max() ?? 0)
    let name = newInteger(range)
    constraints.append(
      "constraint array_int_element(d\(view.decision.index), \(list(column)), \(name));")
    views[view] = (name, range)
    return (name, range)
  }

  private mutating func name(_ table: TableID, _ row: View, _ column: View) -> String {
    let matrix = model[table]
    let width = matrix.first?.count ?? 0
    let flat = matrix.flatMap { $0 }
    let (r, c) = (name(row).name, name(column).name)
    let index = newInteger(1...max(flat.count, 1))
    constraints.append(
      "constraint int_lin_eq([\(width),1,-1],[\(r),\(c),\(index)],-1);")
    let value = newInteger((flat.min() ?? 0)...(flat.max() ?? 0))
    constraints.append("constraint array_int_element(\(index), \(list(flat)), \(value));")
    return value
  }

  private mutating func integer(_ boolean: String) -> String {
    let name = newInteger(0...1)
    constraints.append("constraint bool2int(\(boolean), \(name));")
    return name
  }

  private mutating func equality(_ a: String, _ b: String) -> String {
    let boolean = newBoolean()
    constraints.append("constraint int_eq_reif(\(a), \(b), \(boolean));")
    return boolean
  }

  private func list(_ values: [Int]) -> String {
    "[" + values.map { "\($0)" }.joined(separator: ",") + "]"
  }

  // MARK: sums

  private mutating func parts(_ terms: [LinearTerm]) -> [(Int, String)] {
    var parts: [(Int, String)] = []
    for term in terms {
      switch term.term {
      case .view(let view): parts.append((term.coefficient, name(view).name))
      case .literal(let literal):
        let boolean = name(literal)
        parts.append((term.coefficient, integer(boolean)))
      case .table(let table, let row, let column):
        parts.append((term.coefficient, name(table, row, column)))
      case .load(let load, let bin):
        for item in model[load].items {
          let inside = equality(name(item.view).name, "\(bin)")
          parts.append((term.coefficient * item.weight, integer(inside)))
        }
      case .ramp(let id):
        let (total, zero) = (sum(model[id].terms).0, newInteger(0...0))
        let moved = newInteger(Self.least...Self.most)
        let positive = newInteger(0...Self.most)
        constraints.append("constraint int_lin_eq([1,-1],[\(total),\(moved)],\(-model[id].constant));")
        constraints.append("constraint int_max(\(moved), \(zero), \(positive));")
        parts.append((term.coefficient, positive))
      }
    }
    return parts
  }

  /// A variable that holds the sum, and what to add to it.
  private mutating func sum(_ terms: [LinearTerm]) -> (String, Int) {
    let parts = parts(terms)
    let total = newInteger(Self.least...Self.most)
    let coefficients = list(parts.map(\.0) + [-1])
    let names = (parts.map(\.1) + [total]).joined(separator: ",")
    constraints.append("constraint int_lin_eq(\(coefficients),[\(names)],0);")
    return (total, 0)
  }

  // MARK: forms

  private mutating func post(_ constraint: Constraint) {
    let guards = constraint.enforcedBy.map { name($0) }.joined(separator: ",")
    for holds in truths(constraint.form) {
      constraints.append("constraint bool_clause([\(holds)],[\(guards)]);")
    }
  }

  /// Booleans, each a comma-separated disjunction, that together say the form.
  private mutating func truths(_ form: Constraint.Form) -> [String] {
    switch form {
    case .clause(let literals):
      return [literals.map { name($0) }.joined(separator: ",")]
    case .linear(let terms, let lower, let upper):
      let (total, _) = sum(terms)
      var bounds: [String] = []
      if let upper {
        let boolean = newBoolean()
        constraints.append("constraint int_le_reif(\(total), \(upper), \(boolean));")
        bounds.append(boolean)
      }
      if let lower {
        let boolean = newBoolean()
        constraints.append("constraint int_le_reif(\(lower), \(total), \(boolean));")
        bounds.append(boolean)
      }
      return bounds
    case .equal(let a, let b): return [equality(name(a).name, name(b).name)]
    case .allDifferent(let views, let except):
      var pairs: [String] = []
      for (index, a) in views.enumerated() {
        for b in views[(index + 1)...] {
          let same = equality(name(a).name, name(b).name)
          let different = newBoolean()
          constraints.append("constraint bool_not(\(same), \(different));")
          pairs.append(except.map { "\(different),\(equality(name(a).name, "\($0)"))" } ?? different)
        }
      }
      return pairs
    case .rows(let views, let rows):
      let alternatives = rows.map { row in
        let matches = zip(views, row).map { equality(name($0).name, "\($1)") }
        let boolean = newBoolean()
        constraints.append(
          "constraint array_bool_and([\(matches.joined(separator: ","))], \(boolean));")
        return boolean
      }
      return [alternatives.joined(separator: ",")]
    case .allowed(let table, let row, let column):
      let value = name(table, row, column)
      let boolean = newBoolean()
      constraints.append("constraint int_ne_reif(\(value), 0, \(boolean));")
      return [boolean]
    }
  }
}
