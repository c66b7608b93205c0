/// How prices of spreading move: of a clique, whose members share no bin, a class takes no more than one for each bin in use.
///
/// As those of room do (`AggregateAscent`). There is one for each clique and class, of which few are ever
/// positive: only those are gone through.
struct SpreadAscent {
  private let classCount: Int
  /// In parts of a unit, at `clique * classCount + class`, as all of these.
  private var point: [Float]
  private var usage: [Float]
  private var sum: [Float]
  private var mean: [Float]
  /// Cliques with a price or a use, by class.
  private var active: [[Int32]]
  private var isActive: [Bool]

  init(cliqueCount: Int, classCount: Int) {
    self.classCount = classCount
    let count = cliqueCount * classCount
    point = Array(repeating: 0, count: count)
    usage = point
    sum = point
    mean = point
    active = Array(repeating: [], count: classCount)
    isActive = Array(repeating: false, count: count)
  }

  /// A member went to the class.
  mutating func use(_ clique: Int, _ number: Int) {
    let place = clique * classCount + number
    usage[place] += 1
    if isActive[place] { return }
    isActive[place] = true
    active[number].append(Int32(clique))
  }

  /// Raises prices by what was used; gives what they add up to.
  mutating func raise(_ number: Int, rate: Double) -> Double {
    var total = 0.0
    for clique in active[number] {
      let place = Int(clique) * classCount + number
      point[place] = min(point[place] + Float(rate) * usage[place], Float(AggregateAscent.dearest))
      usage[place] = 0
      total += Double(point[place])
    }
    return total
  }

  func positiveCount(_ number: Int) -> Int {
    active[number].count { point[Int($0) * classCount + number] > 0 }
  }

  /// Takes so much off each price that is positive; gives what was taken.
  mutating func lower(_ number: Int, by less: Double) -> Double {
    var taken = 0.0
    for clique in active[number] {
      let place = Int(clique) * classCount + number
      let next = max(0, point[place] - Float(less))
      taken += Double(point[place] - next)
      point[place] = next
    }
    return taken
  }

  /// Prices are what the step has made of them; what has none is forgotten until it is used again.
  mutating func endStep(_ number: Int, into prices: inout [Int]) {
    var kept = 0
    for index in active[number].indices {
      let clique = active[number][index]
      let place = Int(clique) * classCount + number
      sum[place] += point[place]
      prices[place] = Int(point[place])
      if point[place] > 0 {
        active[number][kept] = clique
        kept += 1
      } else {
        isActive[place] = false
      }
    }
    active[number].removeLast(active[number].count - kept)
  }

  /// - Parameter steps: how many there were in the round.
  mutating func endRound(steps: Int) {
    let share = 1 / Float(max(1, steps))
    for place in mean.indices {
      mean[place] += 0.3 * (sum[place] * share - mean[place])
      sum[place] = 0
    }
  }

  /// The mean of some rounds, as prices.
  func candidate() -> [Int] { mean.map { Int($0) } }
}
