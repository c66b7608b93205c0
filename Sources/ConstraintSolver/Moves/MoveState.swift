/// Where each item is, and what that adds up to in every node of a net; a move can be taken back.
struct MoveState: ~Copyable {
  let net: MoveNet
  /// The candidate of each item, or -1.
  let at: Buffer<Int32>
  /// How far hard sums lie outside their bounds: each counts by the weight of its row.
  private(set) var violation = 0
  private(set) var work = 0
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
    at = Buffer(repeating: -1, count: net.itemCount)
    violatedAt = Buffer(repeating: -1, count: net.nodes.count)
    for number in 0..<net.nodes.count where net.nodes[number].kind == .hard {
      let penalty = net.nodes[number].penalty
      if penalty > 0 { note(number, from: 0, to: penalty) }
    }
  }

  deinit {
    at.deallocate(); log.deallocate(); moves.deallocate(); violated.deallocate(); violatedAt.deallocate()
    net.deallocate()
  }

  var cost: Int { net.nodes.base[costNode].sum }
  var violatedCount: Int { violated.count }
  func violatedNode(_ index: Int) -> Int { Int(violated[index]) }

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
        let before = node.pointee.penalty
        node.pointee.sum = record.sum
        let after = node.pointee.penalty
        if before != after { note(Int(record.node), from: before, to: after) }
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

  /// Puts an item on a candidate, or (-1) nowhere.
  ///
  /// - Parameter strictly: stop at the first bin that has no room, with the move half made: it has to be taken back. The
  ///   item was nowhere before, so that what it leaves behind is no longer there.
  mutating func move(_ item: Int, to candidate: Int, strictly: Bool = false) {
    let from = Int(at[item])
    if from == candidate { return }
    moves.append(Move(item: Int32(item), from: Int32(from)))
    at[item] = Int32(candidate)
    let (start, end) = (Int(net.entryStart[item]), Int(net.entryStart[item + 1]))
    work &+= end - start
    let columns = net.columns.base
    let floor = violation
    for index in start..<end {
      let entry = net.entries.base + index
      let column = columns + entry.pointee.column
      switch entry.pointee.kind {
      case .bin:
        let old = from >= 0 ? column[from] : -1
        let new = candidate >= 0 ? column[candidate] : -1
        if old == new { continue }
        if old >= 0 { add(Int(entry.pointee.node) &+ old, 0 &- entry.pointee.factor) }
        if new >= 0 { add(Int(entry.pointee.node) &+ new, entry.pointee.factor) }
        if strictly && violation > floor { return }
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
      let before = node.pointee.penalty
      node.pointee.sum = new
      let after = node.pointee.penalty
      if before != after { note(number, from: before, to: after) }
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

  private mutating func note(_ number: Int, from before: Int, to after: Int) {
    violation &+= after &- before
    let place = Int(violatedAt[number])
    if after > 0 && place < 0 {
      violatedAt[number] = Int32(violated.count)
      violated.append(Int32(number))
    } else if after == 0 && place >= 0 {
      let last = violated.removeLast()
      if Int(last) != number {
        violated[place] = last
        violatedAt[Int(last)] = Int32(place)
      }
      violatedAt[number] = -1
    }
  }
}
