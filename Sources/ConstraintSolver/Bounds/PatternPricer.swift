/// What of the packing a branch leaves.
struct Branch {
  /// At `item * classCount + class`.
  var isAllowed: [Bool]
  var bundles: [Int]
  /// Pairs that are in no bin together.
  var apart: [(Int, Int)] = []
  /// Items with the same number, which is not negative, make up the whole of a bin.
  var closed: [Int]
}

/// The best set of items for a bin of a class, by depth-first search under tables of suffix knapsacks.
///
/// BOUND: values are integers and sums of them are exact; weights in tables are rounded down, with a margin far
/// above what floating point may be off, so that a table never promises less than what fits.
final class PatternPricer {
  let packing: HostPacking
  var steps = 0

  /// What is fixed for a class: its items and what they take.
  struct Layout {
    var rows = 0
    var items: [Int] = []
    var whole: [Int] = []
    var parts: [[Int]] = []
  }
  let layouts: [Layout]
  var surrogates: [[Double]]
  static let grid = 160
  static let fineGrid = 300

  struct Entry {
    var value: Int
    var members: [Int]
    var ways: [[Int]]
    var clique: Int
    var rank: Double
    var first: Int
  }
  var entries: [Entry] = []
  var limits: [Int] = []
  var mirror: [Int] = []

  // What the search reads: plain memory.
  var count = 0
  var rows = 0
  var tableCount = 0
  var words = 0
  var values = Buffer<Int>()
  var next = Buffer<Int>()
  var wayStart = Buffer<Int>()
  var ways = Buffer<Int>()
  var clash = Buffer<UInt64>()
  var blocked = Buffer<UInt64>()
  var tableWeights = Buffer<Int>()
  var tableSizes: [Int] = []
  var tables = Buffer<Int>()
  var tableStart = Buffer<Int>()
  var room = Buffer<Int>()
  var tableRoom = Buffer<Int>()
  var chosen = Buffer<Int>()
  var layout = Buffer<Int>()
  var depth = 0
  var best = 0
  var skipped = -1
  var stopAt = Int.max
  var stepLimit = 0
  var isCut = false
  var found: [(value: Int, entries: [Int])] = []

  init(_ packing: HostPacking) {
    self.packing = packing
    layouts = packing.classes.map { made in
      var layout = Layout(rows: made.limits.count)
      layout.items = made.choices.indices.filter { made.choices[$0] != nil }
      for kind in Set(made.kinds).sorted() {
        let places = made.kinds.indices.filter { made.kinds[$0] == kind }
        if places.count == 1 {
          let isUsed = layout.items.contains { item in
            made.choices[item]?.ways.contains { $0[places[0]] > 0 } ?? false
          }
          if isUsed && made.limits[places[0]] > 0 { layout.whole.append(places[0]) }
        } else {
          layout.parts.append(places)
        }
      }
      return layout
    }
    surrogates = packing.classes.map { _ in [] }
  }

  deinit {
    for buffer in [
      values, next, wayStart, ways, tableWeights, tables, tableStart, room, tableRoom, chosen, layout,
    ] {
      buffer.deallocate()
    }
    clash.deallocate()
    blocked.deallocate()
  }

  struct Answer {
    /// No set of items is worth more, where this is more than the floor asked for.
    var best: Int
    var patterns: [[Int]]
  }

  /// - Parameters:
  ///   - worth: of each item at the site of the class, in its cost's scale; costs are taken off here.
  ///   - floor: sets that are worth no more are of no interest.
  ///   - record: sets worth more than this are given back, the last ones found.
  func price(
    _ number: Int, worth: (Int) -> Int, scale: Int, branch: Branch, floor: Int, record: Int, limit: Int
  ) -> Answer {
    prepare(number, worth: worth, scale: scale, branch: branch, onlyGains: true)
    guard count > 0 else { return Answer(best: floor, patterns: []) }
    best = floor
    stepLimit = limit
    start()
    search(0, 0)
    var patterns: [[Int]] = []
    for entry in found.reversed() where entry.value > record && patterns.count < 4 {
      patterns.append(entry.entries.flatMap { entries[$0].members }.sorted())
    }
    if isCut {
      var ceiling = Int.max
      for table in 0..<tableCount { ceiling = min(ceiling, tables[tableStart[table] + tableSizes[table]]) }
      return Answer(best: max(best, ceiling), patterns: patterns)
    }
    return Answer(best: best, patterns: patterns)
  }

  /// For each item of a class whether it may be in a set worth at least what it needs.
  func reachable(
    _ number: Int, worth: (Int) -> Int, scale: Int, branch: Branch, need: (Int) -> Int, limit: Int,
    keep: (Int) -> Void
  ) {
    prepare(number, worth: worth, scale: scale, branch: branch, onlyGains: false)
    for forced in 0..<count {
      let wanted = entries[forced].members.map(need).min() ?? 0
      best = wanted - 1
      stepLimit = limit
      start()
      skipped = forced
      stopAt = wanted
      var isReached = entries[forced].value >= wanted
      for way in wayStart[forced]..<wayStart[forced + 1] where !isReached {
        guard fits(way) else { continue }
        take(forced, way)
        search(0, entries[forced].value)
        drop(forced, way)
        if best >= wanted || isCut { isReached = true }
      }
      if isReached { for member in entries[forced].members { keep(member) } }
    }
    skipped = -1
    stopAt = .max
  }

  // MARK: preparation

  func prepare(
    _ number: Int, worth: (Int) -> Int, scale: Int, branch: Branch, onlyGains: Bool
  ) {
    let made = packing.classes[number]
    let layout = layouts[number]
    let classes = packing.classes.count
    limits = made.limits
    mirror = made.mirror
    rows = layout.rows
    collect(made, layout.items, worth, scale, branch, number, classes, onlyGains)
    order()
    count = entries.count
    fill(made)
    clashes(made.site, branch)
    makeTables(layout, number)
  }

  func collect(
    _ made: BinClass, _ items: [Int], _ worth: (Int) -> Int, _ scale: Int, _ branch: Branch, _ number: Int,
    _ classes: Int, _ onlyGains: Bool
  ) {
    entries.removeAll(keepingCapacity: true)
    var bundled: [Int: [Int]] = [:]
    var sizes: [Int: Int] = [:]
    for item in branch.bundles.indices where branch.bundles[item] != item {
      bundled[branch.bundles[item], default: [branch.bundles[item]]].append(item)
    }
    for (first, members) in bundled { sizes[first] = members.count }
    for item in items where branch.bundles[item] == item {
      guard let members = bundled[item] else {
        guard branch.isAllowed[item * classes + number], let choice = made.choices[item] else { continue }
        let value = worth(item) - choice.cost * scale
        if onlyGains && value <= 0 { continue }
        entries.append(
          Entry(
            value: value, members: [item], ways: choice.ways, clique: packing.cliqueOf[item], rank: 0,
            first: item))
        continue
      }
      var value = 0
      var ways = [[Int](repeating: 0, count: rows)]
      var isPossible = !branch.apart.contains { members.contains($0.0) && members.contains($0.1) }
      for member in members where isPossible {
        let isClash = packing.conflicts[member].contains {
          $0.sites & (1 << UInt64(made.site)) != 0 && members.contains($0.other)
        }
        if isClash { isPossible = false }
      }
      for member in members where isPossible {
        guard branch.isAllowed[member * classes + number], let choice = made.choices[member] else {
          isPossible = false
          break
        }
        value += worth(member) - choice.cost * scale
        ways = ways.flatMap { way in choice.ways.map { more in zip(way, more).map { $0 + $1 } } }
          .filter { way in zip(way, made.limits).allSatisfy { $0 <= $1 } }
      }
      guard isPossible, !ways.isEmpty, !(onlyGains && value <= 0) else { continue }
      entries.append(Entry(value: value, members: members, ways: ways, clique: -1, rank: 0, first: item))
    }
    for index in entries.indices {
      var share = 1e-3
      for row in 0..<rows where made.limits[row] > 0 {
        var least = Int.max
        for way in entries[index].ways { least = min(least, way[row]) }
        share += Double(least) / Double(made.limits[row])
      }
      entries[index].rank = Double(max(entries[index].value, 1)) / share
    }
  }

  /// By value for what is taken; those that exclude each other lie side by side.
  func order() {
    var ranks: [Int: Double] = [:]
    for entry in entries where entry.clique >= 0 {
      ranks[entry.clique] = max(ranks[entry.clique] ?? 0, entry.rank)
    }
    func rank(_ entry: Entry) -> Double { entry.clique >= 0 ? ranks[entry.clique] ?? 0 : entry.rank }
    let keys = entries.map(rank)
    let order = entries.indices.sorted { a, b in
      if keys[a] != keys[b] { return keys[a] > keys[b] }
      if entries[a].clique != entries[b].clique { return entries[a].clique < entries[b].clique }
      if entries[a].rank != entries[b].rank { return entries[a].rank > entries[b].rank }
      return entries[a].first < entries[b].first
    }
    entries = order.map { entries[$0] }
  }

  func fill(_ made: BinClass) {
    values.count = 0
    next.count = 0
    wayStart.count = 0
    ways.count = 0
    next.append(repeating: 0, count: count)
    var total = 0
    for index in 0..<count {
      values.append(entries[index].value)
      wayStart.append(total)
      total += entries[index].ways.count
      for way in entries[index].ways { for weight in way { ways.append(weight) } }
    }
    wayStart.append(total)
    for index in (0..<count).reversed() {
      let isSame =
        index + 1 < count && entries[index].clique >= 0
        && entries[index + 1].clique == entries[index].clique
      next[index] = isSame ? next[index + 1] : index + 1
    }
  }

  func clashes(_ site: Int, _ branch: Branch) {
    words = (count + 63) / 64
    clash.count = 0
    clash.append(repeating: 0, count: count * words)
    var place = [Int](repeating: -1, count: packing.itemCount)
    for (index, entry) in entries.enumerated() { for member in entry.members { place[member] = index } }
    func set(_ a: Int, _ b: Int) {
      clash[a * words + b >> 6] |= 1 << UInt64(b & 63)
      clash[b * words + a >> 6] |= 1 << UInt64(a & 63)
    }
    for (index, entry) in entries.enumerated() {
      for member in entry.members {
        for conflict in packing.conflicts[member] where conflict.sites & (1 << UInt64(site)) != 0 {
          let other = place[conflict.other]
          if other >= 0 { set(index, other) }
        }
      }
    }
    for (a, b) in branch.apart where place[a] >= 0 && place[b] >= 0 { set(place[a], place[b]) }
    for a in 0..<count {
      let own = branch.closed[entries[a].first]
      if own < 0 { continue }
      for b in 0..<count where branch.closed[entries[b].first] != own { set(a, b) }
    }
    blocked.count = 0
    blocked.append(repeating: 0, count: words * (count + 2))
  }
}
