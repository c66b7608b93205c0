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
  private let packing: HostPacking
  private(set) var steps = 0

  /// What is fixed for a class: its items and what they take.
  private struct Layout {
    var rows = 0
    var items: [Int] = []
    var whole: [Int] = []
    var parts: [[Int]] = []
  }
  private let layouts: [Layout]
  private var surrogates: [[Double]]
  private static let grid = 160
  private static let fineGrid = 300

  private struct Entry {
    var value: Int
    var members: [Int]
    var ways: [[Int]]
    var clique: Int
    var rank: Double
    var first: Int
  }
  private var entries: [Entry] = []
  private var limits: [Int] = []
  private var mirror: [Int] = []

  // What the search reads: plain memory.
  private var count = 0
  private var rows = 0
  private var tableCount = 0
  private var words = 0
  private var values = Buffer<Int>()
  private var next = Buffer<Int>()
  private var wayStart = Buffer<Int>()
  private var ways = Buffer<Int>()
  private var clash = Buffer<UInt64>()
  private var blocked = Buffer<UInt64>()
  private var tableWeights = Buffer<Int>()
  private var tableSizes: [Int] = []
  private var tables = Buffer<Int>()
  private var tableStart = Buffer<Int>()
  private var room = Buffer<Int>()
  private var tableRoom = Buffer<Int>()
  private var chosen = Buffer<Int>()
  private var layout = Buffer<Int>()
  private var depth = 0
  private var best = 0
  private var skipped = -1
  private var stopAt = Int.max
  private var stepLimit = 0
  private var isCut = false
  private var found: [(value: Int, entries: [Int])] = []

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

  private func prepare(
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

  private func collect(
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
  private func order() {
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

  private func fill(_ made: BinClass) {
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

  private func clashes(_ site: Int, _ branch: Branch) {
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

  // MARK: tables

  private func makeTables(_ layout: Layout, _ number: Int) {
    tableSizes.removeAll(keepingCapacity: true)
    tableWeights.count = 0
    tables.count = 0
    tableStart.count = 0
    tableCount = 0
    if count == 0 { return }
    addSurrogate(layout, number)
    let most = layout.whole.prefix(4)
    var weights = [Int](repeating: 0, count: count)
    let first = Array(most)
    for mask in [1, 2, 4, 8, 3, 5, 9, 6, 10, 12, 15] where mask >> first.count == 0 {
      let members = first.indices.filter { mask >> $0 & 1 == 1 }.map { first[$0] }
      var size = Self.grid
      if members.count == 1 && limits[members[0]] <= 2 * Self.grid { size = limits[members[0]] }
      let share = 1 / Double(members.count)
      var isUsed = false
      for index in 0..<count {
        if members.count == 1 {
          let least = least(index, members[0])
          weights[index] = size == limits[members[0]] ? least : least * size / limits[members[0]]
        } else {
          var sum = 0.0
          for row in members { sum += Double(least(index, row)) / Double(limits[row]) }
          weights[index] = max(0, Int(sum * Double(size) * share - 1e-7))
        }
        if weights[index] > 0 { isUsed = true }
      }
      if isUsed { addTable(weights, size) }
    }
    if tableCount == 0 { addTable([Int](repeating: 0, count: count), 0) }
  }

  private func least(_ index: Int, _ row: Int) -> Int {
    var least = Int.max
    for way in entries[index].ways { least = min(least, way[row]) }
    return least
  }

  private func addTable(_ weights: [Int], _ size: Int) {
    let start = tables.count
    tableStart.append(start)
    tableSizes.append(size)
    for weight in weights { tableWeights.append(weight) }
    tableCount += 1
    let width = size + 1
    tables.append(repeating: 0, count: (count + 1) * width)
    let base = tables.base + start
    for index in (0..<count).reversed() {
      let value = max(0, values[index])
      let weight = weights[index]
      let own = base + index * width
      let rest = base + (index + 1) * width
      let after = base + next[index] * width
      if weight > size || value == 0 {
        for room in 0..<width { own[room] = rest[room] }
        continue
      }
      for room in 0..<weight { own[room] = rest[room] }
      for room in weight..<width {
        let with = after[room - weight] + value
        own[room] = with > rest[room] ? with : rest[room]
      }
    }
    steps += count * width / 8
  }

  /// One knapsack whose weight is a positive combination of all rows and of what dual feasible functions say
  /// of parts; the combination is improved call by call.
  private func addSurrogate(_ layout: Layout, _ number: Int) {
    if count < 4 { return }
    var dimensions: [[Double]] = []
    for row in layout.whole {
      dimensions.append((0..<count).map { Double(least($0, row)) / Double(limits[row]) })
    }
    for places in layout.parts {
      if mirror.isEmpty {
        for row in places {
          dimensions.append(
            (0..<count).map { limits[row] > 0 ? Double(least($0, row)) / Double(limits[row]) : 0 })
        }
      }
      for k in 1...3 {
        let isPossible = places.allSatisfy { limits[$0] > 0 }
        dimensions.append(
          (0..<count).map { index in
            guard isPossible else { return 0 }
            var least = Double.infinity
            for way in entries[index].ways {
              var sum = 0.0
              for row in places {
                let scaled = (k + 1) * way[row]
                sum +=
                  scaled % limits[row] == 0
                  ? Double(way[row]) / Double(limits[row]) : Double(scaled / limits[row]) / Double(k)
              }
              least = min(least, sum)
            }
            return least / Double(places.count)
          })
      }
    }
    if surrogates[number].count != dimensions.count {
      surrogates[number] = Array(repeating: 0.3, count: dimensions.count)
    }
    var factors = surrogates[number]
    var weights = [Double](repeating: 0, count: count)
    var ratios: [(ratio: Double, index: Int)] = []
    func bound(_ factors: [Double]) -> Double {
      var size = 0.0
      for factor in factors { size += factor }
      if size <= 0 { return .infinity }
      for index in 0..<count { weights[index] = 0 }
      for (dimension, factor) in factors.enumerated() where factor > 0 {
        for index in 0..<count { weights[index] += factor * dimensions[dimension][index] }
      }
      var sum = 0.0
      ratios.removeAll(keepingCapacity: true)
      for index in 0..<count where values[index] > 0 {
        if weights[index] <= 1e-12 {
          sum += Double(values[index])
        } else {
          ratios.append((Double(values[index]) / weights[index], index))
        }
      }
      ratios.sort { $0.ratio != $1.ratio ? $0.ratio > $1.ratio : $0.index < $1.index }
      for (ratio, index) in ratios {
        if weights[index] <= size {
          size -= weights[index]
          sum += Double(values[index])
        } else {
          sum += ratio * size
          break
        }
      }
      return sum
    }
    var lowest = bound(factors)
    for _ in 0..<2 {
      var isBetter = false
      for dimension in factors.indices {
        var old = factors[dimension]
        for change in [0, 0.6, 1.6] {
          factors[dimension] = change == 0 ? 0 : old > 0 ? old * change : 0.05 * change
          let value = bound(factors)
          if value < lowest - 1e-6 {
            lowest = value
            old = factors[dimension]
            isBetter = true
          }
        }
        factors[dimension] = old
      }
      if !isBetter { break }
    }
    steps += dimensions.count * count * 20
    surrogates[number] = factors
    let size = factors.reduce(0, +)
    if size <= 0 { return }
    addTable(
      (0..<count).map { index in
        var sum = 0.0
        for (dimension, factor) in factors.enumerated() { sum += factor * dimensions[dimension][index] }
        return max(0, Int(sum * Double(Self.fineGrid) / size - 1e-6))
      }, Self.fineGrid)
  }

  // MARK: search

  private func start() {
    room.count = 0
    for limit in limits { room.append(limit) }
    tableRoom.count = 0
    for size in tableSizes { tableRoom.append(size) }
    chosen.count = 0
    chosen.append(repeating: 0, count: count + 1)
    depth = 0
    for word in 0..<words { blocked[word] = 0 }
    found.removeAll(keepingCapacity: true)
    isCut = false
    skipped = -1
    stopAt = .max
  }

  private func fits(_ way: Int) -> Bool {
    let weights = ways.base + way * rows
    for row in 0..<rows where weights[row] > room[row] { return false }
    return true
  }

  private func take(_ index: Int, _ way: Int) {
    let weights = ways.base + way * rows
    for row in 0..<rows { room[row] -= weights[row] }
    for table in 0..<tableCount { tableRoom[table] -= tableWeights[table * count + index] }
    let own = blocked.base + depth * words
    let clashing = clash.base + index * words
    for word in 0..<words { own[words + word] = own[word] | clashing[word] }
    chosen[depth] = index
    depth += 1
  }

  private func drop(_ index: Int, _ way: Int) {
    let weights = ways.base + way * rows
    for row in 0..<rows { room[row] += weights[row] }
    for table in 0..<tableCount { tableRoom[table] += tableWeights[table * count + index] }
    depth -= 1
  }

  /// What the search reads, as plain pointers: what a class holds is watched at every access.
  private struct View {
    var count: Int
    var rows: Int
    var tables: Int
    var words: Int
    var values: UnsafeMutablePointer<Int>
    var next: UnsafeMutablePointer<Int>
    var wayStart: UnsafeMutablePointer<Int>
    var ways: UnsafeMutablePointer<Int>
    var room: UnsafeMutablePointer<Int>
    var clash: UnsafeMutablePointer<UInt64>
    var blocked: UnsafeMutablePointer<UInt64>
    var chosen: UnsafeMutablePointer<Int>
    var tableValues: UnsafeMutablePointer<Int>
    var tableWeights: UnsafeMutablePointer<Int>
    var tableRoom: UnsafeMutablePointer<Int>
    /// Begin and width of each table, then the mirror of each row.
    var layout: UnsafeMutablePointer<Int>
    var hasMirror: Bool
    var skipped: Int
    var stopAt: Int
  }

  private struct Progress {
    var best: Int
    var steps = 0
    var left: Int
    var depth = 0
    var isCut = false
  }

  private func search(_ from: Int, _ value: Int) {
    layout.count = 0
    for table in 0..<tableCount {
      layout.append(tableStart[table])
      layout.append(tableSizes[table] + 1)
    }
    for row in mirror { layout.append(row) }
    let view = View(
      count: count, rows: rows, tables: tableCount, words: words, values: values.base, next: next.base,
      wayStart: wayStart.base, ways: ways.base, room: room.base, clash: clash.base, blocked: blocked.base,
      chosen: chosen.base, tableValues: tables.base, tableWeights: tableWeights.base,
      tableRoom: tableRoom.base, layout: layout.base, hasMirror: !mirror.isEmpty, skipped: skipped,
      stopAt: stopAt)
    var progress = Progress(best: best, left: stepLimit, depth: depth)
    Self.search(view, &progress, &found, from, value)
    best = progress.best
    stepLimit = progress.left
    steps += progress.steps
    isCut = progress.isCut
  }

  private static func fits(_ view: View, _ way: Int) -> Bool {
    let weights = view.ways + way * view.rows
    for row in 0..<view.rows where weights[row] > view.room[row] { return false }
    return true
  }

  /// Whether what is left is the same when parts are exchanged.
  private static func isEven(_ view: View) -> Bool {
    guard view.hasMirror else { return false }
    let mirror = view.layout + 2 * view.tables
    for row in 0..<view.rows where view.room[row] != view.room[mirror[row]] { return false }
    return true
  }

  private static func isMirrored(_ view: View, _ a: Int, _ b: Int) -> Bool {
    let mirror = view.layout + 2 * view.tables
    for row in 0..<view.rows
    where view.ways[a * view.rows + row] != view.ways[b * view.rows + mirror[row]] { return false }
    return true
  }

  private static func search(
    _ view: View, _ progress: inout Progress, _ found: inout [(value: Int, entries: [Int])], _ from: Int,
    _ value: Int
  ) {
    progress.steps += 1
    progress.left -= 1
    if progress.left < 0 {
      progress.isCut = true
      return
    }
    if value > progress.best {
      progress.best = value
      found.append((value, (0..<progress.depth).map { view.chosen[$0] }))
      if value >= view.stopAt {
        progress.isCut = true
        return
      }
    }
    let own = view.blocked + progress.depth * view.words
    var index = from
    while index < view.count {
      for table in 0..<view.tables {
        let left = max(0, view.tableRoom[table])
        let place = view.layout[2 * table] + index * view.layout[2 * table + 1] + left
        if value + view.tableValues[place] <= progress.best { return }
      }
      if index != view.skipped && view.values[index] > 0
        && own[index >> 6] & (1 << UInt64(index & 63)) == 0
      {
        let even = isEven(view)
        let (first, last) = (view.wayStart[index], view.wayStart[index + 1])
        for way in first..<last where fits(view, way) {
          if even && way > first
            && (first..<way).contains(where: { fits(view, $0) && isMirrored(view, $0, way) })
          {
            continue
          }
          let weights = view.ways + way * view.rows
          for row in 0..<view.rows { view.room[row] -= weights[row] }
          for table in 0..<view.tables {
            view.tableRoom[table] -= view.tableWeights[table * view.count + index]
          }
          let clashing = view.clash + index * view.words
          for word in 0..<view.words { own[view.words + word] = own[word] | clashing[word] }
          view.chosen[progress.depth] = index
          progress.depth += 1
          search(view, &progress, &found, view.next[index], value + view.values[index])
          progress.depth -= 1
          for row in 0..<view.rows { view.room[row] += weights[row] }
          for table in 0..<view.tables {
            view.tableRoom[table] += view.tableWeights[table * view.count + index]
          }
          if progress.isCut { return }
        }
      }
      index += 1
    }
  }
}
