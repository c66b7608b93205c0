/// Distance on the sphere in whole metres, the same on every machine: additions, products, quotients and
/// square roots alone, which IEEE 754 rounds everywhere alike; no function of the system's mathematics.
enum GreatCircle {
  /// Mean radius of the Earth (IUGG), metres.
  static let radius = 6_371_008.8

  /// From and to as (latitude, longitude) in degrees; nil where they are none.
  static func metres(from a: (Double, Double), to b: (Double, Double)) -> Int? {
    guard [a.0, b.0].allSatisfy({ $0 >= -90 && $0 <= 90 }),
      [a.1, b.1].allSatisfy({ $0 >= -360 && $0 <= 360 })
    else { return nil }
    let x = sine(degrees: (b.0 - a.0) / 2)
    let y = sine(degrees: (b.1 - a.1) / 2)
    let h = x * x + sine(degrees: 90 - a.0) * sine(degrees: 90 - b.0) * y * y
    let chord = min(1, max(0, h))
    return Int((2 * radius * arcsine(chord.squareRoot())).rounded(.toNearestOrAwayFromZero))
  }

  /// After reduction to at most 45 degrees, by Taylor's series.
  static func sine(degrees: Double) -> Double {
    var angle = degrees.truncatingRemainder(dividingBy: 360)
    if angle < 0 { angle += 360 }
    if angle >= 180 { return -sine(degrees: angle - 180) }
    if angle > 90 { angle = 180 - angle }
    let isCosine = angle > 45
    let x = (isCosine ? 90 - angle : angle) * Double.pi / 180
    let square = x * x
    var term = isCosine ? 1.0 : x
    var sum = term
    var n = isCosine ? 1.0 : 2.0
    while n < 30 {
      term = -term * square / (n * (n + 1))
      sum += term
      n += 2
    }
    return sum
  }

  /// By the series of the arc tangent, after its argument is made small by halving the angle.
  static func arcsine(_ x: Double) -> Double {
    if x >= 1 { return Double.pi / 2 }
    var t = x / ((1 - x) * (1 + x)).squareRoot()
    var factor = 1.0
    while t > 0.1 {
      t = t / (1 + (1 + t * t).squareRoot())
      factor *= 2
    }
    let square = t * t
    var power = t
    var sum = t
    var n = 3.0
    while n < 30 {
      power = -power * square
      sum += power / n
      n += 2
    }
    return factor * sum
  }
}
