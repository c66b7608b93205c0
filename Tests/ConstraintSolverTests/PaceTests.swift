import Synchronization
import Testing

@testable import ConstraintSolver

/// When one long pass of annealing begins and ends: as a clock tells it, and the same again without the clock.
@Suite struct PaceTests {
  /// Work of a search and of the run, and the time, at the ends of rounds whose speed changes on the way.
  private static func course(seed: UInt64, limit: Double) -> [(own: Int, all: Int, time: Double)] {
    var random = RandomBits(seed: seed)
    var (own, all, time) = (0, 0, 0.0)
    var speed = Double(100_000 + random.pick(100_000_000))
    var points: [(own: Int, all: Int, time: Double)] = []
    while time < limit {
      if random.pick(10) == 0 { speed *= 0.7 + Double(random.pick(1000)) / 1000 }
      let length = limit * Double(1 + random.pick(20)) / 1000
      time += length
      own += Int(speed * length)
      all += Int(speed * length) + random.pick(1_000_000)
      points.append((own, all, time))
    }
    return points
  }

  private static func text(_ order: Pace.Order?) -> String {
    switch order {
    case .none: ""
    case .cool(let end): "cool until \(end)"
    case .stretch(let end): "stretch until \(end)"
    }
  }

  @Test(arguments: [
    (30_000_000, 0, 30_000_000), (3_745_000_141_445_290, 3745, 141_445_290),
    // Somebody who wants no limit types a round number.
    (10_000_000_000_000, 0, 10_000_000_000_000), (0, 0, 0),
  ])
  func `a number of steps is work, or work with the pace that a run reported`(
    _ steps: Int, _ pace: Int, _ work: Int
  ) {
    var options = SolverOptions()
    options.limit(toSteps: steps)
    #expect(options.pace == pace && options.workLimit == work)
  }

  @Test(arguments: 1...60 as ClosedRange<UInt64>)
  func `its code repeats what a clock has said, and says no more than doubles have`(seed: UInt64) {
    let points = Self.course(seed: seed, limit: 60)
    let now = Mutex(0.0)
    var options = SolverOptions()
    options.elapsed = { now.withLock { $0 / 60 } }
    var pace = Pace(options)
    var orders: [String] = []
    for point in points {
      now.withLock { $0 = point.time }
      let order = pace.order(own: point.own, all: point.all)
      orders.append(Self.text(order))
      switch order {
      case .cool(let end), .stretch(let end): #expect(end > point.own)
      case .none: break
      }
      if case let code = pace.code(for: options), code != 0 {
        var statistics = SolverStatistics()
        (statistics.work, statistics.pace) = (point.all, code)
        #expect(statistics.steps < 1 << 53)
        var repeated = SolverOptions()
        repeated.limit(toSteps: statistics.steps)
        #expect(repeated.workLimit == point.all && repeated.pace == code)
        var again = Pace(repeated)
        let said = points.prefix(orders.count).map { Self.text(again.order(own: $0.own, all: $0.all)) }
        #expect(said == orders)
        #expect(again.code(for: repeated) == code)
      }
    }
    let own = points[points.count - 1].own
    #expect(own < 1 << 20 || orders.contains { $0.hasPrefix("cool") })
  }

  @Test func `a steady search is cold when its limit is near`() {
    for limit in [1_000_000, 60_000_000, 9_000_000_000] {
      var options = SolverOptions(workLimit: limit)
      options.threads = 1
      var pace = Pace(options)
      var (begun, end) = (0, 0)
      for own in stride(from: 0, to: limit, by: limit / 500) {
        switch pace.order(own: own, all: own) {
        case .cool(let until): (begun, end) = (own, until)
        case .stretch(let until): end = until
        case .none: break
        }
      }
      #expect(begun > limit / 17 && begun < limit / 7)
      #expect(end <= limit && end > limit * 9 / 10, "\(end) of \(limit)")
      #expect(pace.code(for: options) == 0)
    }
  }

  @Test func `without a limit there are cycles`() {
    var pace = Pace(SolverOptions())
    for own in stride(from: 0, to: 1 << 40, by: 1 << 30) { #expect(pace.order(own: own, all: own) == nil) }
    #expect(pace.code(for: SolverOptions()) == 1)
  }

  @Test func `a pass that is stretched goes on where it was`() {
    var pass = Cooling(from: 1000, until: 3000)
    #expect(pass.phase(at: 1000) == 0)
    #expect(pass.phase(at: 2000) == 0.5)
    pass.stretch(at: 2000, until: 6000)
    #expect(pass.phase(at: 2000) == 0.5)
    #expect(pass.phase(at: 4000) == 0.75)
    #expect(pass.phase(at: 6000) == 1 && pass.phase(at: 9000) == 1)
    let next = pass.next(at: 6100)
    #expect(next.begin == 6100 && next.end == 6600)
  }
}
