import Quantities
import Testing

/// Fractions of 64 bits, judged by arithmetic on pairs of wide integers.
@Suite struct RationalTests {
  /// What a fraction is, said as simply as can be.
  struct Naive: Equatable {
    var numerator: Int128
    var denominator: Int128
    init(_ n: Int128, _ d: Int128) {
      var (a, b) = (n.magnitude, d.magnitude)
      while b != 0 { (a, b) = (b, a % b) }
      let divisor = Int128(max(a, 1))
      let sign: Int128 = d < 0 ? -1 : 1
      (numerator, denominator) = (sign * n / divisor, sign * d / divisor)
    }
    var fits: Bool { Int(exactly: numerator) != nil && Int(exactly: denominator) != nil }
  }

  static let samples: [(Int, Int)] = [
    (0, 1), (1, 1), (-1, 1), (1, 2), (-1, 2), (2, 3), (7, 3), (-7, 3), (10, 4), (1, -3), (1 << 40, 3),
    (Int.max, 1), (Int.min, 1), (Int.max, 2), (1, Int.max), (999_999_937, 1_000_000_007), (-5, 1 << 40),
  ]

  static func agree(_ result: Rational?, _ naive: Naive) -> Bool {
    guard naive.fits else { return result == nil }
    return result.map { Naive(Int128($0.numerator), Int128($0.denominator)) } == naive
  }

  @Test func `arithmetic is exact or says that it does not fit`() throws {
    for (a, b) in Self.samples {
      for (c, d) in Self.samples {
        let x = try #require(Rational(a, over: b))
        let y = try #require(Rational(c, over: d))
        let (n, m) = (Int128(x.numerator), Int128(x.denominator))
        let (p, q) = (Int128(y.numerator), Int128(y.denominator))
        #expect(Self.agree(x.adding(y), Naive(n * q + p * m, m * q)), "\(x) + \(y)")
        #expect(Self.agree(x.multiplied(by: y), Naive(n * p, m * q)), "\(x) * \(y)")
        if p == 0 {
          #expect(x.divided(by: y) == nil)
        } else {
          #expect(Self.agree(x.divided(by: y), Naive(n * q, m * p)), "\(x) / \(y)")
        }
        #expect((x < y) == (n * q < p * m), "\(x) < \(y)")
        #expect((x == y) == (n * q == p * m))
      }
    }
  }

  @Test func `a difference is the sum with the opposite`() throws {
    let third = try #require(Rational(1, over: 3))
    #expect(third.subtracting(Rational(1))?.description == "-2/3")
    #expect(Rational(Int.min).negated() == nil)
  }

  @Test(arguments: [
    ("1.5", "1.5"), ("0.12", "0.12"), ("1_000", "1000"), ("3.10", "3.1"), ("0.000001", "0.000001"),
    ("9223372036854775807", "9223372036854775807"),
  ])
  func `decimals are read as written`(_ text: String, _ written: String) {
    #expect(Rational(decimal: text)?.description == written)
  }

  @Test(arguments: ["", "1e3", "1.2.3", "9223372036854775808", "x", "-1"])
  func `what is no decimal is none`(_ text: String) { #expect(Rational(decimal: text) == nil) }

  @Test func `floor and ceiling go down and up`() throws {
    for (n, d, floor, ceiling) in [(7, 2, 3, 4), (-7, 2, -4, -3), (6, 2, 3, 3), (-1, 3, -1, 0), (0, 5, 0, 0)]
    {
      let x = try #require(Rational(n, over: d))
      #expect(x.floor == floor)
      #expect(x.ceiling == ceiling)
    }
  }
}

/// Dimensions and the units in which amounts are written.
@Suite struct UnitTableTests {
  static let table: UnitTable = {
    var table = UnitTable()
    let data = table.declareBase("data")
    let time = table.declareBase("time")
    table.declare(dimension: "rate", as: data.divided(by: time))
    for (name, dimension, factor) in [
      ("b", data, 1), ("B", data, 8), ("MiB", data, 8 << 20), ("GiB", data, 8 << 30), ("us", time, 1),
      ("s", time, 1_000_000),
    ] {
      table.declare(Unit(name: name, dimension: dimension, factor: Rational(factor)))
    }
    return table
  }()

  @Test func `dimensions cancel`() throws {
    let data = try #require(Self.table.dimensions["data"])
    let rate = try #require(Self.table.dimensions["rate"])
    let time = try #require(Self.table.dimensions["time"])
    #expect(rate.multiplied(by: time) == data)
    #expect(data.divided(by: data).isNone)
    #expect(data.divided(by: rate) == time)
    #expect(Self.table.name(of: time.divided(by: data)) == "time/data")
    #expect(Self.table.name(of: data.multiplied(by: data)) == "data*data")
  }

  @Test func `compound units divide`() throws {
    let unit = try #require(Self.table.unit(written: "GiB/s"))
    #expect(unit.dimension == Self.table.dimensions["rate"])
    #expect(unit.factor == Rational(8 << 30, over: 1_000_000))
    #expect(Self.table.unit(written: "GiB/x") == nil)
    #expect(Self.table.unit(written: "") == nil)
  }

  @Test(arguments: [(8 << 30, "1 GiB"), (8 << 20, "1 MiB"), (12 << 20, "1.5 MiB"), (1, "1 b"), (0, "0 b")])
  func `amounts are written in the unit that says it shortest`(_ bits: Int, _ text: String) throws {
    let data = try #require(Self.table.dimensions["data"])
    #expect(Self.table.text(Rational(bits), of: data) == text)
  }
}
