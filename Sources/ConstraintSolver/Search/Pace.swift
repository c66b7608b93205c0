/// How long annealing is to last: seen when a small share of the limit has passed, and corrected twice on the way.
///
/// A search anneals in cycles of growing length for as long as nobody knows how long it will run. Where there is a limit,
/// what is left of it is one pass from hot to cold, which is worth far more than cycles. A limit of work tells by itself
/// how much of it has passed. A limit of time does not, and what is seen of it is written down in a `code`: with the same
/// code, work and seed a run goes the same way, whatever the clock says then.
struct Pace {
  enum Order: Equatable {
    /// Begin one pass from hot to cold, which is cold at this work of the search.
    case cool(until: Int)
    /// The pass that goes on is to be cold at this work.
    case stretch(until: Int)
  }

  /// What is reported: `cycles`, or from `first` on when the pass began, its end and the corrections.
  private(set) var code: Int
  private let isGiven: Bool
  private let workLimit: Int?
  private let elapsed: (@Sendable () -> Double)?
  private var isSettled = false
  /// How many corrections there have been; -1 before the pass.
  private var corrected = -1
  /// Work of the search when its speed was last looked at, and what share of the limit had passed then.
  private var mark = (own: 0, share: 0.0)
  private var pass = Cooling(from: 0, until: 1)

  /// The share of a limit that is spent on cycles: what is shown early comes from them.
  private static let begin = 1.0 / 16

  // A code stays below 2^13: with the work above 10^12 it is a number that doubles have exactly, too.
  private static let cycles = 1
  private static let first = 2
  /// A pass begins where the work has one more binary digit than before, and has so many at least.
  private static let digits = 16..<32
  /// Its end, in halves of a doubling of the work at which it began, and one more.
  private static let ends = 16
  /// Where it is corrected, and what is left of it then, in 1024ths of what it was to be.
  private static let corrections: [(phase: Double, factors: [Int])] = [
    (0.375, [512, 717, 860, 1024, 1229, 1475, 1770, 2124]), (0.75, [666, 1024, 1279, 1600]),
  ]

  init(_ options: SolverOptions) {
    isGiven = options.pace != 0
    workLimit = options.workLimit
    elapsed = options.elapsed
    code = isGiven ? options.pace : Self.cycles
    if isGiven ? code < Self.first : workLimit == nil && elapsed == nil { isSettled = true }
    mark.share = share(0)
  }

  /// What a run reports. One that its limit of work has ended is repeated by that limit.
  func code(for options: SolverOptions) -> Int {
    !isGiven && elapsed == nil && workLimit != nil && !options.shouldStop() ? 0 : code
  }

  private func share(_ all: Int) -> Double {
    max(elapsed?() ?? 0, workLimit.map { Double(all) / Double(max(1, $0)) } ?? 0)
  }

  /// The search begins anew, or what ran beside it has ended: its speed is what it is from here on.
  mutating func note(own: Int, all: Int) { mark = (own, share(all)) }

  /// What is to be done now, if anything.
  ///
  /// - Parameters:
  ///   - own: work of the search, at a point that the work of the run decides alone.
  ///   - all: of the run.
  mutating func order(own: Int, all: Int) -> Order? {
    if isSettled { return nil }
    return corrected < 0 ? begin(own, all) : correct(own, all)
  }

  private mutating func begin(_ own: Int, _ all: Int) -> Order? {
    guard own.digits > mark.own.digits, Self.digits.contains(own.digits) else { return nil }
    let size = own.digits - Self.digits.lowerBound
    var number = 0
    if isGiven {
      let parts = (code - Self.first) >> 5
      if size < parts / Self.ends { return nil }
      number = parts % Self.ends
    } else {
      guard share(all) >= Self.begin || own.digits == Self.digits.last else {
        note(own: own, all: all)
        return nil
      }
      let left = left(own, all)
      number = (0..<Self.ends).last { Double(Self.length($0, of: own)) <= left } ?? 0
      code = Self.first + (size * Self.ends + number) << 5
      note(own: own, all: all)
    }
    corrected = 0
    pass = Cooling(from: own, until: own + Self.length(number, of: own))
    return .cool(until: pass.end)
  }

  private mutating func correct(_ own: Int, _ all: Int) -> Order? {
    let (phase, factors) = Self.corrections[corrected]
    guard pass.phase(at: own) >= phase else { return nil }
    let shift = corrected == 0 ? 2 : 0
    corrected += 1
    isSettled = corrected == Self.corrections.count
    let ahead = max(1024, pass.end - own) >> 10
    var number = (code - Self.first) >> shift % factors.count
    if !isGiven {
      let left = left(own, all)
      number = factors.indices.last { Double(ahead * factors[$0]) <= left } ?? 0
      code += number << shift
      note(own: own, all: all)
    }
    pass.stretch(at: own, until: own + ahead * factors[number])
    return .stretch(until: pass.end)
  }

  /// Work that the search will get, at its speed of late.
  private func left(_ own: Int, _ all: Int) -> Double {
    let share = share(all)
    guard share < 1, share > mark.share else { return 0 }
    return Double(own - mark.own) * (1 - share) / (share - mark.share)
  }

  private static func length(_ number: Int, of own: Int) -> Int {
    let halves = (own >> 10 + 1) * (number & 1 == 0 ? 1448 : 2048)
    return halves << (number >> 1) - own
  }
}

extension Int {
  /// How many it has in binary.
  fileprivate var digits: Int { bitWidth - leadingZeroBitCount }
}
