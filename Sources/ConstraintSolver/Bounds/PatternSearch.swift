/// Depth-first search for the best set of items.
extension PatternPricer {
  func start() {
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

  func fits(_ way: Int) -> Bool {
    let weights = ways.base + way * rows
    for row in 0..<rows where weights[row] > room[row] { return false }
    return true
  }

  func take(_ index: Int, _ way: Int) {
    let weights = ways.base + way * rows
    for row in 0..<rows { room[row] -= weights[row] }
    for table in 0..<tableCount { tableRoom[table] -= tableWeights[table * count + index] }
    let own = blocked.base + depth * words
    let clashing = clash.base + index * words
    for word in 0..<words { own[words + word] = own[word] | clashing[word] }
    chosen[depth] = index
    depth += 1
  }

  func drop(_ index: Int, _ way: Int) {
    let weights = ways.base + way * rows
    for row in 0..<rows { room[row] += weights[row] }
    for table in 0..<tableCount { tableRoom[table] += tableWeights[table * count + index] }
    depth -= 1
  }

  /// What the search reads, as plain pointers: what a class holds is watched at every access.
  struct View {
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

  struct Progress {
    var best: Int
    var steps = 0
    var left: Int
    var depth = 0
    var isCut = false
  }

  func search(_ from: Int, _ value: Int) {
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

  static func fits(_ view: View, _ way: Int) -> Bool {
    let weights = view.ways + way * view.rows
    for row in 0..<view.rows where weights[row] > view.room[row] { return false }
    return true
  }

  /// Whether what is left is the same when parts are exchanged.
  static func isEven(_ view: View) -> Bool {
    guard view.hasMirror else { return false }
    let mirror = view.layout + 2 * view.tables
    for row in 0..<view.rows where view.room[row] != view.room[mirror[row]] { return false }
    return true
  }

  static func isMirrored(_ view: View, _ a: Int, _ b: Int) -> Bool {
    let mirror = view.layout + 2 * view.tables
    for row in 0..<view.rows
    where view.ways[a * view.rows + row] != view.ways[b * view.rows + mirror[row]] { return false }
    return true
  }

  static func search(
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
