/// A product of powers of base dimensions: `data/time` is data to the 1, time to the -1.
///
/// Base dimensions are numbered by whoever declares them (`stdlib/units.placet`).
package struct Dimension: Hashable, Sendable {
  package struct Factor: Hashable, Sendable {
    package var base: Int
    package var exponent: Int
  }
  /// Ascending by base, no zero exponent.
  package let factors: [Factor]

  package static let none = Dimension(factors: [])

  private init(factors: [Factor]) { self.factors = factors }

  package init(base: Int) { factors = [Factor(base: base, exponent: 1)] }

  package var isNone: Bool { factors.isEmpty }

  package func multiplied(by other: Dimension, power: Int = 1) -> Dimension {
    var exponents: [Int: Int] = [:]
    for factor in factors { exponents[factor.base, default: 0] += factor.exponent }
    for factor in other.factors { exponents[factor.base, default: 0] += factor.exponent * power }
    return Dimension(
      factors: exponents.filter { $0.value != 0 }.sorted { $0.key < $1.key }
        .map { Factor(base: $0.key, exponent: $0.value) })
  }

  package func divided(by other: Dimension) -> Dimension { multiplied(by: other, power: -1) }
}

/// A unit: so many of the base unit of its dimension.
package struct Unit: Hashable, Sendable {
  package var name: String
  package var dimension: Dimension
  package var factor: Rational
  package init(name: String, dimension: Dimension, factor: Rational) {
    self.name = name
    self.dimension = dimension
    self.factor = factor
  }
}
