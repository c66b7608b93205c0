/// Where each item is, and what that adds up to in every node of a net; a move can be taken back.
struct MoveState: ~Copyable {
  let net: MoveNet
  var filter: MoveFilter
  /// The candidate of each item, or -1.
  let at: Buffer<Int32>
  /// How far hard sums lie outside their bounds: each counts by the weight of its row.
  private(set) var violation = 0
  private(set) var work = 0
  /// What rows that may be broken on the way are violated by, at their prices; and the part of it that the filter does
  /// not see: of rows that the first part of a move settles, and of others.
  private(set) var overload = 0
  private(set) var unseenEarly = 0
  private(set) var unseenLate = 0
  private var softCount = 0
  /// By row: what a unit that it is violated by costs at first, and now.
  var firstPrices = Buffer<Double>()
  var prices = Buffer<Double>()
  private let costNode: Int
  private var log = Buffer<Record>()
  private var moves = Buffer<Move>()
  private var violated = Buffer<Int32>()
  private let violatedAt: Buffer<Int32>

  private struct Record: BitwiseCopyable {
    var node: Int32
    var sum: Int
  }

  private struct Move: BitwiseCopyable {
    var item: Int32
    var from: Int32
  }

  init(_ net: MoveNet, costNode: Int) {
    self.net = net
    self.costNode = costNode
    filter = MoveFilterReader.read(net, costNode: costNode)
    at = Buffer(repeating: -1, count: net.itemCount)
    violatedAt = Buffer(repeating: -1, count: net.nodes.count)
    for number in 0..<net.nodes.count where net.nodes[number].kind == .hard {
      let penalty = net.nodes[number].penalty
      if penalty > 0 { note(number, from: 0, to: penalty) }
    }
  }

  deinit {
    at.deallocate(); log.deallocate(); moves.deallocate(); violated.deallocate(); violatedAt.deallocate()
    firstPrices.deallocate(); prices.deallocate()
    net.deallocate(); filter.deallocate()
  }

  var cost: Int { net.nodes.base[costNode].sum }
  var violatedCount: Int { violated.count }
  func violatedNode(_ index: Int) -> Int { Int(violated[index]) }
  /// Whether a row is violated that has no price.
  var isBroken: Bool { violated.count > softCount }

  /// From here on moves can be taken back.
  mutating func begin() {
    // So that the clock goes on where a trial touches no sum.
    work &+= 1
    log.count = 0
    moves.count = 0
  }

  /// Takes back all moves since `begin`.
  mutating func undo() {
    var index = log.count - 1
    while index >= 0 {
      let record = log[index]
      let node = net.nodes.base + Int(record.node)
      if node.pointee.kind == .hard {
        setRow(Int(record.node), to: record.sum)
      } else {
        node.pointee.sum = record.sum
      }
      index -= 1
    }
    log.count = 0
    index = moves.count - 1
    while index >= 0 {
      at[Int(moves[index].item)] = moves[index].from
      index -= 1
    }
    moves.count = 0
  }

  /// Keeps what was moved since `begin`.
  mutating func commit() {
    for index in 0..<log.count { filter.copy(Int(log.base[index].node), of: net) }
    log.count = 0
    moves.count = 0
  }

  var hasMoved: Bool { moves.count > 0 }

  /// Where everything was at `begin`.
  func withPlacesBefore(_ body: (Buffer<Int32>) -> Void) {
    for index in 0..<moves.count { swapBack(index) }
    body(at)
    for index in 0..<moves.count { swapBack(index) }
  }

  private func swapBack(_ index: Int) {
    let item = Int(moves.base[index].item)
    let now = at.base[item]
    at.base[item] = moves.base[index].from
    moves.base[index].from = now
  }

  /// Counts work that was done outside.
  mutating func spend(_ more: Int) { work &+= more }

  /// Puts an item on a candidate, or (-1) nowhere.
  mutating func move(_ item: Int, to candidate: Int) {
    let from = Int(at[item])
    if from == candidate { return }
    beginMoving(item, to: candidate)
    finishMoving(item, from: from)
  }

  /// The part of a move that changes no row of the filter's bins. Where a row is violated by now, the other part puts
  /// nothing right.
  mutating func beginMoving(_ item: Int, to candidate: Int) {
    let from = Int(at[item])
    moves.append(Move(item: Int32(item), from: Int32(from)))
    at[item] = Int32(candidate)
    change(item, from, candidate, Int(net.entryStart[item])..<Int(filter.split[item]))
  }

  /// The other part of the move.
  mutating func finishMoving(_ item: Int, from: Int) {
    change(item, from, Int(at[item]), Int(filter.split[item])..<Int(net.entryStart[item + 1]))
  }

  private mutating func change(_ item: Int, _ from: Int, _ candidate: Int, _ range: Range<Int>) {
    work &+= range.count
    let columns = net.columns.base
    for index in range {
      let entry = net.entries.base + index
      let column = columns + entry.pointee.column
      switch entry.pointee.kind {
      case .bin:
        let old = from >= 0 ? column[from] : -1
        let new = candidate >= 0 ? column[candidate] : -1
        if old == new { continue }
        if old >= 0 { add(Int(entry.pointee.node) &+ old, 0 &- entry.pointee.factor) }
        if new >= 0 { add(Int(entry.pointee.node) &+ new, entry.pointee.factor) }
      case .value:
        let old = from >= 0 ? column[from] : 0
        let new = candidate >= 0 ? column[candidate] : 0
        if old != new { add(Int(entry.pointee.node), entry.pointee.factor &* (new &- old)) }
      case .table:
        let other = Int(at[Int(entry.pointee.other)])
        if other < 0 { continue }
        let row =
          net.tables.base + entry.pointee.table
          + columns[entry.pointee.otherColumn + other] &* Int(entry.pointee.otherStep)
        let step = Int(entry.pointee.step)
        let old = from >= 0 ? row[column[from] &* step] : 0
        let new = candidate >= 0 ? row[column[candidate] &* step] : 0
        if old != new { add(Int(entry.pointee.node), entry.pointee.factor &* (new &- old)) }
      case .differs:
        let other = Int(at[Int(entry.pointee.other)])
        if other < 0 { continue }
        let theirs = columns[entry.pointee.otherColumn + other]
        let old = from >= 0 && column[from] != theirs ? 1 : 0
        let new = candidate >= 0 && column[candidate] != theirs ? 1 : 0
        if old != new { add(Int(entry.pointee.node), entry.pointee.factor &* (new &- old)) }
      }
    }
  }

  private mutating func add(_ number: Int, _ change: Int) {
    let node = net.nodes.base + number
    let old = node.pointee.sum
    let new = old &+ change
    log.append(Record(node: Int32(truncatingIfNeeded: number), sum: old))
    var flow = change
    switch node.pointee.kind {
    case .sum: node.pointee.sum = new
    case .cost:
      node.pointee.sum = new
      return
    case .hard:
      setRow(number, to: new)
      return
    case .ramp, .truth:
      let before = node.pointee.output
      node.pointee.sum = new
      flow = node.pointee.output &- before
      if flow == 0 { return }
    }
    var index = Int(node.pointee.start)
    let end = Int(node.pointee.end)
    work &+= end - index
    while index < end {
      let edge = net.edges.base[index]
      add(Int(edge.node), edge.coefficient &* flow)
      index += 1
    }
  }

  @inline(__always)
  private mutating func setRow(_ number: Int, to sum: Int) {
    let node = net.nodes.base + number
    let before = node.pointee.excess
    let penalty = before == 0 ? 0 : node.pointee.penalty
    node.pointee.sum = sum
    let after = node.pointee.excess
    if before != after {
      charge(number, node.pointee.price &* (after &- before))
      note(number, from: penalty, to: node.pointee.penalty)
    }
  }

  /// Counts what a row costs more.
  @inline(__always)
  mutating func charge(_ number: Int, _ more: Int) {
    overload &+= more
    if filter.copyOf.base[number] >= 0 { return }
    if filter.isLate.base[number] { unseenLate &+= more } else { unseenEarly &+= more }
  }

  private mutating func note(_ number: Int, from before: Int, to after: Int) {
    violation &+= after &- before
    let place = Int(violatedAt[number])
    if after > 0 && place < 0 {
      violatedAt[number] = Int32(violated.count)
      if net.nodes[number].price > 0 { softCount += 1 }
      violated.append(Int32(number))
    } else if after == 0 && place >= 0 {
      if net.nodes[number].price > 0 { softCount -= 1 }
      let last = violated.removeLast()
      if Int(last) != number {
        violated[place] = last
        violatedAt[Int(last)] = Int32(place)
      }
      violatedAt[number] = -1
    }
  }
}
