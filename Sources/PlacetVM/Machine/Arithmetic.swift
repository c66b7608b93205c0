import Quantities

/// Arithmetic on values: whole numbers take the short way. A value of none is an overflow.
enum Arithmetic {
  @inline(__always)
  static func add(_ a: Value, _ b: Value) -> Value {
    if a.aux == 1, b.aux == 1 {
      let (sum, overflow) = a.bits.addingReportingOverflow(b.bits)
      return overflow ? .none : Value(sum)
    }
    return addSlow(a, b)
  }

  @inline(__always)
  static func subtract(_ a: Value, _ b: Value) -> Value {
    if a.aux == 1, b.aux == 1 {
      let (difference, overflow) = a.bits.subtractingReportingOverflow(b.bits)
      return overflow ? .none : Value(difference)
    }
    return subtractSlow(a, b)
  }

  @inline(__always)
  static func multiply(_ a: Value, _ b: Value) -> Value {
    if a.aux == 1, b.aux == 1 {
      let (product, overflow) = a.bits.multipliedReportingOverflow(by: b.bits)
      return overflow ? .none : Value(product)
    }
    return multiplySlow(a, b)
  }

  @inline(never)
  private static func addSlow(_ a: Value, _ b: Value) -> Value {
    a.rational.adding(b.rational).map { Value($0) } ?? .none
  }

  @inline(never)
  private static func subtractSlow(_ a: Value, _ b: Value) -> Value {
    a.rational.subtracting(b.rational).map { Value($0) } ?? .none
  }

  @inline(never)
  private static func multiplySlow(_ a: Value, _ b: Value) -> Value {
    a.rational.multiplied(by: b.rational).map { Value($0) } ?? .none
  }

  @inline(never)
  static func divide(_ a: Value, _ b: Value) -> Value {
    a.rational.divided(by: b.rational).map { Value($0) } ?? .none
  }

  @inline(never)
  static func floorDivide(_ a: Value, _ b: Value) -> Value {
    guard let quotient = a.rational.divided(by: b.rational) else { return .none }
    return Value(quotient.floor)
  }

  /// `a - b * floor(a / b)`.
  @inline(never)
  static func modulo(_ a: Value, _ b: Value) -> Value {
    guard let quotient = a.rational.divided(by: b.rational),
      let whole = b.rational.multiplied(by: Rational(quotient.floor)),
      let rest = a.rational.subtracting(whole)
    else { return .none }
    return Value(rest)
  }

  /// nil on overflow; b is not 0.
  @inline(__always)
  static func floorDivide(_ a: Int, _ b: Int) -> Int? {
    let (quotient, overflow) = a.dividedReportingOverflow(by: b)
    if overflow { return nil }
    return (a ^ b) < 0 && quotient &* b != a ? quotient &- 1 : quotient
  }

  /// With the sign of b, which is not 0.
  @inline(__always)
  static func modulo(_ a: Int, _ b: Int) -> Int {
    if b == -1 { return 0 }
    let rest = a % b
    return rest != 0 && (rest ^ b) < 0 ? rest &+ b : rest
  }

  @inline(__always)
  static func less(_ a: Value, _ b: Value) -> Bool {
    a.aux == b.aux ? a.bits < b.bits : lessSlow(a, b)
  }

  @inline(never)
  private static func lessSlow(_ a: Value, _ b: Value) -> Bool { a.rational < b.rational }

  /// kind: 0 int, 1 quantity, 2 float.
  @inline(__always)
  static func less(_ a: Value, _ b: Value, kind: UInt8) -> Bool {
    kind == 0 ? a.bits < b.bits : kind == 1 ? less(a, b) : a.float < b.float
  }

  /// `range` points to its header.
  static func isIn(_ value: Value, range: UnsafeMutablePointer<Value>, kind: UInt8) -> Bool {
    if less(value, range[1], kind: kind) { return false }
    return range[3].bool ? !less(range[2], value, kind: kind) : less(value, range[2], kind: kind)
  }
}
