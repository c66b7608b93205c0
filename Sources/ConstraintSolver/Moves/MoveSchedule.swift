/// How annealing goes on: cycles of growing length, each from hot to cold; and one long pass where a limit is known.
///
/// The first only goes downhill from where everything is. Then hot cycles, in which the largest change their places, take
/// turns with cool ones from the best placement, for the smallest differences. Where load has a price, a hot cycle is
/// `soft`: rows may be violated, at prices that rise, until little moves any more; `squeeze` keeps it warm until nothing
/// is violated; from there on everything holds. So what is large finds its place while what is small has not made room.
struct MoveSchedule {
  enum Stage { case downhill, soft, squeeze, firm }

  private(set) var stage = Stage.downhill
  /// A third of most of what is worse.
  let usual: Double
  /// Where the least difference is not within reach.
  private let coldest: Double
  /// Whether rows may be violated at a price.
  var isSoft = false
  private var isCool = true
  /// Whether that goes for all rows in this cycle, and not for bins alone: by turns, since what loosens one model lets
  /// another one wander.
  private(set) var isSoftEverywhere = true
  private var length: Int
  /// How far the stage is, and from where to where it cools.
  private var part = 0.0
  private var from = 0.0
  private var to = 0.0
  /// The part of what was tried that was taken of late.
  private var taken = 0.1
  /// What prices are to rise by since they did.
  private var due = 0.0
  /// The one pass to the end of the limit; cycles where there is none.
  private var pass: Cooling?
  /// How far it was when it became firm.
  private var firmSince: Double?
  /// What the last soft cycles came to, both of the same length.
  private var outcomes = (bins: Int.max, everywhere: Int.max)

  /// Multiples of the usual heat: hot enough for the largest, and so cold that little but downhill is left.
  private static let hot = 25.0
  private static let cold = 0.002
  /// Of one long pass: the heat at which it ends to be soft, the shares for being soft and for a squeeze, and what prices
  /// grow by in these.
  private static let tepid = 0.1
  private static let (softShare, squeezeShare) = (0.9, 0.05)
  private static let (slowGrowth, squeezing) = (12.0, 6.0)
  /// What of what is tried is taken where it is too hot, or too cold, for anything to settle: there it cools faster.
  private static let wild = 0.2
  private static let still = 0.0025
  /// What prices grow by in a soft stage, where a row is violated all along: some ten thousandfold.
  private static let growth = 17.0

  /// - Parameter worse: sampled differences of moves that cost more, in ascending order.
  init(worse: [Int], length: Int) {
    usual = worse.isEmpty ? 1 : max(0.3, Double(worse[worse.count * 3 / 4]) / 3)
    coldest = max(0.1, 0.1 * Double(worse.first ?? 1))
    self.length = length
  }

  /// From here on one pass from hot to cold. Where there has been one already, what is large stays where it is.
  mutating func cool(_ pass: Cooling) {
    let isFirst = self.pass == nil
    self.pass = pass
    if isSoft && isFirst {
      isSoftEverywhere = outcomes.everywhere < outcomes.bins
      begin(.soft, from: Self.hot * usual, to: Self.tepid * usual)
    } else {
      begin(.firm, from: isFirst ? usual : Self.tepid * usual, to: coldest)
    }
  }

  mutating func stretch(at work: Int, until end: Int) { pass?.stretch(at: work, until: end) }

  /// Begins the next cycle.
  ///
  /// - Parameter cost: what the one that is over has come to.
  mutating func next(at work: Int, after cost: Int) {
    if isSoft && !isCool && stage == .firm {
      if isSoftEverywhere { outcomes.everywhere = cost } else { outcomes.bins = cost }
    }
    if let pass { return cool(pass.next(at: work)) }
    if stage == .downhill { length *= 2 }
    isCool.toggle()
    // Bins alone and all rows take turns at the same length, since what loosens one model lets another one wander.
    if !isCool && !isSoft { length = length * 3 / 2 }
    if !isCool && isSoft && isSoftEverywhere { length *= 2 }
    if isCool {
      begin(.firm, from: (usual * coldest).squareRoot(), to: coldest)
    } else if isSoft {
      isSoftEverywhere.toggle()
      begin(.soft, from: Self.hot * usual, to: Self.cold * usual)
    } else {
      begin(.firm, from: usual, to: coldest)
    }
  }

  private mutating func begin(_ stage: Stage, from: Double, to: Double) {
    self.stage = stage
    self.from = from
    self.to = to
    part = 0
    due = 0
    taken = 0.1
    firmSince = nil
  }

  /// Counts moves, and those that were taken; true where the cycle has ended.
  mutating func advance(_ count: Int, taken kept: Int, at work: Int) -> Bool {
    taken += (Double(kept) / Double(count) - taken) / 1024
    if let pass { return advance(along: pass.phase(at: work)) }
    let share = Double(count) / Double(length)
    switch stage {
    case .downhill: part += share
    case .soft:
      let step = taken > Self.wild || taken < Self.still ? 4 * share : share
      part += step
      due += Self.growth * step
    case .squeeze:
      part += 5 * share
      due += 0.001
    case .firm: part += isSoft ? (isCool ? 4 : 10) * share : share
    }
    return part >= 1 && (stage == .firm || stage == .downhill)
  }

  /// - Parameter share: of one long pass.
  private mutating func advance(along share: Double) -> Bool {
    let before = part
    switch stage {
    case .soft:
      part = share / Self.softShare
      due += Self.slowGrowth * (part - before)
    case .squeeze:
      part = (share - Self.softShare) / Self.squeezeShare
      due += Self.squeezing * (part - before)
    case .firm, .downhill:
      let since = firmSince ?? share
      firmSince = since
      part = (share - since) / max(0.001, 1 - since)
    }
    return share >= 1 && stage == .firm
  }

  /// Whether a soft stage has nothing more to move.
  var isSoftOver: Bool {
    stage == .soft && (part >= 1 || pass == nil && taken < Self.still && temperature < usual)
  }
  /// Whether nothing more is to be hoped for from a squeeze.
  var isSqueezeOver: Bool { stage == .squeeze && part >= 1 }

  mutating func squeeze() {
    let heat = temperature
    begin(.squeeze, from: heat, to: heat)
  }

  mutating func harden() {
    begin(.firm, from: temperature, to: min(Self.cold * usual, temperature))
  }

  /// What part prices of violated rows are to rise by now; nil where it is too little to say.
  mutating func rise() -> Double? {
    guard stage == .soft || stage == .squeeze, due >= 0.001 else { return nil }
    defer { due = 0 }
    return due
  }

  var temperature: Double { stage == .downhill ? 0 : Self.between(from, to, min(1, part)) }

  /// From `a` to `b`, the ratio in equal steps: by halvings, with a line between them.
  private static func between(_ a: Double, _ b: Double, _ part: Double) -> Double {
    func log(_ x: Double) -> Double { Double(x.exponent) + x.significand - 1 }
    let value = log(a) + (log(b) - log(a)) * part
    let whole = value.rounded(.down)
    return Double(sign: .plus, exponent: Int(whole), significand: 1 + value - whole)
  }
}
