/// How annealing goes on: cycles of growing length, each from hot to cold.
///
/// The first only goes downhill from where everything is. In the others bins may be overfull at first, at a price that
/// rises: what is large finds its place while what is small has not made room yet. Before the end of a cycle whatever
/// is still too full is put right, and the rest of the cycle breaks nothing.
struct MoveSchedule {
  enum Stage { case downhill, soft, firm }

  private(set) var stage = Stage.downhill
  /// Where most of what is worse is within reach, and where the least difference is not.
  let hottest: Double
  private let coldest: Double
  /// Whether bins may be overfull at a price.
  var isSoft = false
  private var length: Int
  private var move = 0
  /// Some cycles are hot enough for the largest to change their places, some only for small differences.
  private enum Heat { case medium, high, low }
  private var heat = Heat.medium
  /// The phase from which on nothing was broken.
  private var hardenedAt = 0.0

  /// Parts of a cycle: until when prices rise to a multiple of what they are, and until when on, where something is
  /// still too full.
  private static let soft = 0.55
  private static let latest = 0.8
  private static let strict = 100.0

  /// - Parameter worse: sampled differences of moves that cost more, in ascending order.
  init(worse: [Int], length: Int) {
    hottest = worse.isEmpty ? 1 : max(0.3, Double(worse[worse.count * 3 / 4]) / 3)
    coldest = max(0.1, 0.1 * Double(worse.first ?? 1))
    self.length = length
  }

  mutating func next() {
    length = stage == .downhill ? length * 4 : length * 3 / 2
    if stage != .downhill {
      switch heat {
      case .medium: heat = isSoft ? .high : .low
      case .high: heat = .low
      case .low: heat = .medium
      }
    }
    stage = isSoft && heat != .low ? .soft : .firm
    hardenedAt = 0
    move = 0
  }

  /// Counts moves; true where the cycle has ended.
  mutating func advance(_ count: Int) -> Bool {
    move += count
    return move >= length
  }

  private var phase: Double { Double(move) / Double(length) }

  var isHardening: Bool { stage == .soft && phase >= Self.soft }
  var isLate: Bool { phase >= Self.latest }
  mutating func harden() {
    stage = .firm
    hardenedAt = phase
  }

  var temperature: Double {
    if stage == .downhill { return 0 }
    if heat == .low { return Self.between((hottest * coldest).squareRoot(), coldest, phase) }
    let hottest = heat == .high ? 100 * self.hottest : self.hottest
    if !isSoft { return Self.between(hottest, coldest, phase) }
    let part = min(1, phase / Self.soft)
    if stage == .soft { return Self.between(hottest, self.hottest / 3, part) }
    // From where it was hardened on.
    let rest = (phase - hardenedAt) / (1 - hardenedAt)
    return Self.between(self.hottest / 3, coldest, rest)
  }

  /// What being too full costs, as a multiple of its price.
  func strictness(most: Int) -> Int {
    let most = Double(most)
    if phase < Self.soft { return Int(Self.between(1, min(most, Self.strict), phase / Self.soft)) }
    let rest = (phase - Self.soft) / (Self.latest - Self.soft)
    return Int(Self.between(min(most, Self.strict), most, min(1, rest)))
  }

  /// From `a` to `b`, the ratio in equal steps: by halvings, with a line between them.
  private static func between(_ a: Double, _ b: Double, _ part: Double) -> Double {
    func log(_ x: Double) -> Double { Double(x.exponent) + x.significand - 1 }
    let value = log(a) + (log(b) - log(a)) * part
    let whole = value.rounded(.down)
    return Double(sign: .plus, exponent: Int(whole), significand: 1 + value - whole)
  }
}
