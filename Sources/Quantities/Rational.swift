/// An exact fraction of 64-bit integers in lowest terms, with a positive denominator.
///
/// Every operation that could leave 64 bits returns nil; the caller knows the line to blame.
package struct Rational: Hashable, Sendable {
  package let numerator: Int
  package let denominator: Int

  package init(_ value: Int) {
    numerator = value
    denominator = 1
  }

  /// Reduces; nil for a zero denominator or a result beyond 64 bits.
  package init?(_ numerator: Int, over denominator: Int) {
    self.init(wide: Int128(numerator), over: Int128(denominator))
  }

  /// For values that are in lowest terms already.
  package init(reduced numerator: Int, over denominator: Int) {
    self.numerator = numerator
    self.denominator = denominator
  }

  private init?(wide numerator: Int128, over denominator: Int128) {
    guard denominator != 0 else { return nil }
    let divisor = Self.greatestCommonDivisor(numerator.magnitude, denominator.magnitude)
    let sign: Int128 = denominator < 0 ? -1 : 1
    guard let n = Int(exactly: sign * numerator / Int128(divisor)),
      let d = Int(exactly: sign * denominator / Int128(divisor))
    else { return nil }
    self.numerator = n
    self.denominator = d
  }

  /// `"1.5"`, `"0.12"`, `"1_000"`: a decimal number as written; nil where it is none or too long.
  package init?(decimal text: some StringProtocol) {
    var numerator: Int128 = 0
    var denominator: Int128 = 1
    var seenPoint = false
    var seenDigit = false
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "_"): continue
      case UInt8(ascii: ".") where !seenPoint: seenPoint = true
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        seenDigit = true
        numerator = numerator * 10 + Int128(byte - UInt8(ascii: "0"))
        if seenPoint { denominator *= 10 }
        guard numerator < 1 << 96, denominator < 1 << 96 else { return nil }
      default: return nil
      }
    }
    guard seenDigit else { return nil }
    self.init(wide: numerator, over: denominator)
  }

  private static func greatestCommonDivisor(_ a: UInt128, _ b: UInt128) -> UInt128 {
    if let small = UInt64(exactly: a), let other = UInt64(exactly: b) {
      var (x, y) = (small, other)
      while y != 0 { (x, y) = (y, x % y) }
      return UInt128(max(x, 1))
    }
    var (x, y) = (a, b)
    while y != 0 { (x, y) = (y, x % y) }
    return max(x, 1)
  }

  package func adding(_ other: Rational) -> Rational? {
    if denominator == 1, other.denominator == 1 {
      let (sum, overflow) = numerator.addingReportingOverflow(other.numerator)
      return overflow ? nil : Rational(sum)
    }
    return Rational(
      wide: Int128(numerator) * Int128(other.denominator)
        + Int128(other.numerator) * Int128(denominator),
      over: Int128(denominator) * Int128(other.denominator))
  }

  package func negated() -> Rational? {
    numerator == .min ? nil : Rational(reduced: -numerator, over: denominator)
  }

  package func subtracting(_ other: Rational) -> Rational? {
    other.negated().flatMap(adding)
  }

  package func multiplied(by other: Rational) -> Rational? {
    if denominator == 1, other.denominator == 1 {
      let (product, overflow) = numerator.multipliedReportingOverflow(by: other.numerator)
      return overflow ? nil : Rational(product)
    }
    return Rational(
      wide: Int128(numerator) * Int128(other.numerator),
      over: Int128(denominator) * Int128(other.denominator))
  }

  /// nil also where `other` is zero.
  package func divided(by other: Rational) -> Rational? {
    Rational(
      wide: Int128(numerator) * Int128(other.denominator),
      over: Int128(denominator) * Int128(other.numerator))
  }

  package var floor: Int {
    let quotient = numerator / denominator
    return numerator % denominator < 0 ? quotient - 1 : quotient
  }
  package var ceiling: Int {
    let quotient = numerator / denominator
    return numerator % denominator > 0 ? quotient + 1 : quotient
  }
  package var isInteger: Bool { denominator == 1 }
  package var isZero: Bool { numerator == 0 }
}

extension Rational: Comparable {
  package static func < (a: Rational, b: Rational) -> Bool {
    a.denominator == b.denominator
      ? a.numerator < b.numerator
      : Int128(a.numerator) * Int128(b.denominator) < Int128(b.numerator) * Int128(a.denominator)
  }
}

extension Rational: CustomStringConvertible {
  /// `3`, `2.5`, `1/3`: a decimal where it ends, else a fraction.
  package var description: String {
    if denominator == 1 { return String(numerator) }
    var rest = denominator
    var twos = 0
    var fives = 0
    while rest % 2 == 0 { (rest, twos) = (rest / 2, twos + 1) }
    while rest % 5 == 0 { (rest, fives) = (rest / 5, fives + 1) }
    let places = max(twos, fives)
    guard rest == 1, places <= 12 else { return "\(numerator)/\(denominator)" }
    var power: Int128 = 1
    for _ in 0..<places { power *= 10 }
    let scaled = Int128(numerator) * power / Int128(denominator)
    let digits = String(scaled.magnitude)
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    return (scaled < 0 ? "-" : "") + padded.dropLast(places) + "." + padded.suffix(places)
  }
}
