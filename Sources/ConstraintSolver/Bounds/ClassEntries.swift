/// What kinds of items cost in each class, and what shares of its dimensions they take: gathered class by class, then
/// put in the order of kinds, for whoever asks what one kind costs anywhere.
struct ClassEntries {
  static let one = 1 << 15

  struct Entry: BitwiseCopyable {
    var number: Int32
    /// Where its shares begin, one for each dimension of the class.
    var shares: Int32
    /// In parts of a unit.
    var cost: Int
  }

  struct ClassInfo {
    var site: Int
    /// In parts of a unit.
    var opening: Int
    var bins: Int
    /// Where its dimensions begin.
    var first: Int
    var dimensions: Int
  }

  private(set) var classes: [ClassInfo] = []
  private(set) var dimensionCount = 0
  private(set) var shares = Buffer<UInt16>()
  /// Where the entries of each kind begin; one more at the end. Of meaning after `finish`.
  private(set) var start: [Int] = []
  private(set) var entries = Buffer<Entry>()
  private var kinds = Buffer<Int32>()
  private var known: [ShareKey: Int] = [:]

  private struct ShareKey: Hashable {
    var shape: [[Int]]
    var ways: [[Int]]
  }

  func deallocate() { shares.deallocate(); entries.deallocate(); kinds.deallocate() }

  /// - Parameter choices: one for each kind.
  mutating func add(_ made: BinClass, choices: [BinClass.Choice?], bins: Int, scale: Int) {
    let dimensions = Self.dimensions(made, choices)
    // Classes with the same rows may see other items, and so other dimensions.
    let shape = [made.limits] + dimensions
    for (kind, choice) in choices.enumerated() {
      guard let choice else { continue }
      let key = ShareKey(shape: shape, ways: choice.ways)
      let place: Int
      if let there = known[key] {
        place = there
      } else {
        place = shares.count
        known[key] = place
        for rows in dimensions { shares.append(Self.share(rows, choice.ways, made.limits)) }
      }
      entries.append(
        Entry(number: Int32(classes.count), shares: Int32(place), cost: choice.cost * scale))
      kinds.append(Int32(kind))
    }
    classes.append(
      ClassInfo(
        site: made.site, opening: made.opening * scale, bins: bins, first: dimensionCount,
        dimensions: dimensions.count))
    dimensionCount += dimensions.count
  }

  /// Puts entries in the order of kinds, those of a kind in the order of classes.
  mutating func finish(kindCount: Int) {
    known = [:]
    start = Array(repeating: 0, count: kindCount + 1)
    for index in 0..<kinds.count { start[Int(kinds[index]) + 1] += 1 }
    for kind in 0..<kindCount { start[kind + 1] += start[kind] }
    var fill = start
    let sorted = Buffer(repeating: Entry(number: 0, shares: 0, cost: 0), count: entries.count)
    for index in 0..<entries.count {
      let kind = Int(kinds[index])
      sorted[fill[kind]] = entries[index]
      fill[kind] += 1
    }
    entries.deallocate()
    kinds.deallocate()
    kinds = Buffer()
    entries = sorted
  }

  /// The mean over some rows of what is taken of each, in the way that takes least.
  static func share(_ rows: [Int], _ ways: [[Int]], _ limits: [Int]) -> UInt16 {
    var least = Int.max
    for way in ways {
      var sum = 0
      for row in rows { sum += way[row] * one / limits[row] }
      least = min(least, sum / rows.count)
    }
    return UInt16(clamping: min(max(least, 0), one))
  }

  /// Rows one by one; those that are exchanged with each other together.
  static func dimensions(_ made: BinClass, _ choices: [BinClass.Choice?]) -> [[Int]] {
    var rowsOf: [Int: [Int]] = [:]
    for (row, kind) in made.kinds.enumerated() where made.limits[row] > 0 {
      rowsOf[kind, default: []].append(row)
    }
    var dimensions: [[Int]] = []
    for kind in rowsOf.keys.sorted() {
      guard let rows = rowsOf[kind] else { continue }
      let isUsed = choices.contains { choice in
        choice?.ways.contains { way in rows.contains { way[$0] > 0 } } ?? false
      }
      if !isUsed { continue }
      if made.mirror.isEmpty { dimensions += rows.map { [$0] } } else { dimensions.append(rows) }
    }
    return dimensions
  }
}
