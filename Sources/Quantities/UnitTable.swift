/// The dimensions and units that are declared, and how amounts are read and written with them.
package struct UnitTable: Sendable {
  /// Names of base dimensions, by number.
  package private(set) var bases: [String] = []
  package private(set) var dimensions: [String: Dimension] = [:]
  package private(set) var units: [String: Unit] = [:]
  /// In order of declaration.
  package private(set) var unitNames: [String] = []
  package private(set) var dimensionNames: [String] = []

  package init() {}

  package mutating func declareBase(_ name: String) -> Dimension {
    let dimension = Dimension(base: bases.count)
    bases.append(name)
    dimensions[name] = dimension
    dimensionNames.append(name)
    return dimension
  }

  package mutating func declare(dimension name: String, as dimension: Dimension) {
    dimensions[name] = dimension
    dimensionNames.append(name)
  }

  package mutating func declare(_ unit: Unit) {
    units[unit.name] = unit
    unitNames.append(unit.name)
  }

  /// `GiB`, `EUR/h`, `us/km`: the first unit divided by the others; nil names an unknown one or overflow.
  package func unit(written text: some StringProtocol) -> Unit? {
    var result: Unit?
    for part in text.split(separator: "/", omittingEmptySubsequences: false) {
      guard let unit = units[String(part)] else { return nil }
      guard let soFar = result else {
        result = unit
        continue
      }
      guard let factor = soFar.factor.divided(by: unit.factor) else { return nil }
      result = Unit(
        name: String(text), dimension: soFar.dimension.divided(by: unit.dimension), factor: factor)
    }
    return result
  }

  /// The name of a dimension as an author would write it: a declared one (`rate`), else a quotient of bases.
  package func name(of dimension: Dimension) -> String {
    if dimension.isNone { return "a ratio" }
    for name in dimensionNames where dimensions[name] == dimension { return name }
    func product(_ sign: Int) -> [String] {
      dimension.factors.filter { $0.exponent.signum() == sign }.flatMap {
        Array(repeating: bases[$0.base], count: abs($0.exponent))
      }
    }
    let above = product(1)
    return ([above.isEmpty ? "1" : above.joined(separator: "*")] + product(-1))
      .joined(separator: "/")
  }

  /// An amount in base units, in the largest declared unit that leaves a number of at least 1 without
  /// fraction; else the unit with the shortest number. `68719476736 B` is `64 GiB`.
  package func text(_ amount: Rational, of dimension: Dimension) -> String {
    if dimension.isNone { return amount.description }
    var best: (text: String, score: (Int, Int))?
    for unit in candidates(for: dimension) {
      guard let number = amount.divided(by: unit.factor) else { continue }
      let digits = number.description
      let isProper = number.isInteger || !digits.contains("/")
      let isSmall = abs(number.numerator) < number.denominator && !number.isZero
      let score = ((isProper ? 0 : 2) + (isSmall ? 1 : 0), digits.utf8.count)
      if best.map({ score < $0.score }) ?? true { best = ("\(digits) \(unit.name)", score) }
    }
    return best?.text ?? "\(amount) \(name(of: dimension))"
  }

  private func candidates(for dimension: Dimension) -> [Unit] {
    let declared = unitNames.compactMap { units[$0] }.filter { $0.dimension == dimension }
    if !declared.isEmpty { return declared }
    var quotients: [Unit] = []
    for above in unitNames.compactMap({ units[$0] }) {
      for below in unitNames.compactMap({ units[$0] })
      where above.dimension.divided(by: below.dimension) == dimension {
        if let factor = above.factor.divided(by: below.factor) {
          quotients.append(
            Unit(name: "\(above.name)/\(below.name)", dimension: dimension, factor: factor))
        }
      }
    }
    return quotients
  }
}
