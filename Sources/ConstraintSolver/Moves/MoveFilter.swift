/// What a move breaks and costs at least, seen from the room in bins alone: most moves are refused by that, and only
/// the others are made in the net.
///
/// Several loads often share their bins: the amounts of a host. For each bin it keeps, side by side, what each load has
/// left there and what the load costs beyond a limit; both are copies of sums of the net. INVARIANT: a move that it
/// refuses breaks a row or costs more than was allowed; it says nothing of a move that it lets pass.
struct MoveFilter: BitwiseCopyable {
  /// A positive part of one or two loads in a bin that costs.
  struct Ramp: BitwiseCopyable {
    var excess: Int
    var price: Int
    var slot: Int32
    var factor: Int
    var other: Int32
    var otherFactor: Int
  }

  /// What goes directly from an item to the cost.
  struct Toll: BitwiseCopyable {
    var column: Int
    var factor: Int
  }

  /// How many loads share the bins.
  var width = 0
  /// By bin, `blocks` numbers of each load: its room; what it exceeds its limit by, and what that costs a unit; the most
  /// that an item may add, however empty the bin; and what a unit costs that does not fit.
  var bins = Buffer<Int>()
  static let blocks = 5
  var ramps = Buffer<Ramp>()
  var rampStart = Buffer<Int32>()
  /// By item: what it adds to each load; and the same where it is at home, where some of it stays when it leaves.
  var weights = Buffer<Int>()
  var homeWeights = Buffer<Int>()
  var home = Buffer<Int32>()
  /// By item: where its column of bins begins; -1 for items that are in no bin.
  var column = Buffer<Int>()
  var tolls = Buffer<Toll>()
  var tollStart = Buffer<Int32>()
  /// By item: what a move of it can gain beyond what is seen here.
  var hidden = Buffer<Int>()
  /// By node: where its copy is; in `bins`, or from -2 down in `ramps`; -1 for nodes without.
  var copyOf = Buffer<Int32>()
  /// By item: the first entry that flows into rows of the bins; entries before flow into other rows alone.
  var split = Buffer<Int32>()
  /// By node: whether it is reached by the last entries only.
  var isLate = Buffer<Bool>()

  /// Whether bins may be too full at a price.
  var isSoft = false

  static let plenty = Int.max / 4

  func deallocate() {
    bins.deallocate(); ramps.deallocate(); rampStart.deallocate(); weights.deallocate()
    homeWeights.deallocate(); home.deallocate(); column.deallocate(); tolls.deallocate()
    tollStart.deallocate(); hidden.deallocate(); copyOf.deallocate(); split.deallocate()
    isLate.deallocate()
  }

  /// Copies what a node adds up to.
  @inline(__always)
  func copy(_ number: Int, of net: MoveNet) {
    let place = Int(copyOf.base[number])
    if place == -1 { return }
    let node = net.nodes.base + number
    let value = node.pointee.kind == .hard ? node.pointee.upper &- node.pointee.sum : node.pointee.sum
    if place >= 0 { bins.base[place] = value } else { ramps.base[-2 - place].excess = value }
  }

  func copyAll(of net: MoveNet) {
    for number in 0..<net.nodes.count { copy(number, of: net) }
  }

  /// Whether an item may be worth moving.
  @inline(__always)
  func passes(_ item: Int, from: Int, to candidate: Int, allowed: Int, columns: UnsafeMutablePointer<Int>)
    -> Bool
  {
    let start = column.base[item]
    if start < 0 { return true }
    let (old, new) = (columns[start &+ from], columns[start &+ candidate])
    var change = toll(item, from, candidate, columns) &- hidden.base[item]
    if old == new { return change <= allowed }
    let weight = weights.base + item &* width
    let atHome = homeWeights.base + item &* width
    if new >= 0 {
      let bin = bins.base + new &* (Self.blocks &* width)
      let enters = candidate == Int(home.base[item]) ? atHome : weight
      if isSoft {
        if !everFits(bin, enters) { return false }
        change &+= overload(bin) { enters[$0] }
      } else {
        for slot in 0..<width where enters[slot] > bin[slot] && enters[slot] > 0 { return false }
      }
      change &+= cost(new) { weight[$0] }
    }
    if old >= 0 {
      if isSoft {
        let leaves = from == Int(home.base[item]) ? atHome : weight
        change &+= overload(bins.base + old &* (Self.blocks &* width)) { 0 &- leaves[$0] }
      }
      change &+= cost(old) { 0 &- weight[$0] }
    }
    return change <= allowed
  }

  /// Whether two items may be worth an exchange.
  @inline(__always)
  func passes(
    exchanging item: Int, at here: Int, with other: Int, at there: Int, allowed: Int,
    columns: UnsafeMutablePointer<Int>
  ) -> Bool {
    let (start, otherStart) = (column.base[item], column.base[other])
    if start < 0 || otherStart < 0 { return true }
    let (old, new) = (columns[start &+ here], columns[start &+ there])
    // Items that see their candidates differently are left to the net.
    if old != columns[otherStart &+ here] || new != columns[otherStart &+ there] { return true }
    var change = toll(item, here, there, columns) &+ toll(other, there, here, columns)
    change &-= hidden.base[item] &+ hidden.base[other]
    if old == new { return change <= allowed }
    let mine = weights.base + item &* width
    let theirs = weights.base + other &* width
    let mineHome = homeWeights.base + item &* width
    let theirsHome = homeWeights.base + other &* width
    if new >= 0 {
      let bin = bins.base + new &* (Self.blocks &* width)
      let enters = there == Int(home.base[item]) ? mineHome : mine
      let leaves = there == Int(home.base[other]) ? theirsHome : theirs
      if isSoft {
        if !everFits(bin, enters) { return false }
        change &+= overload(bin) { enters[$0] &- leaves[$0] }
      } else {
        for slot in 0..<width {
          let more = enters[slot] &- leaves[slot]
          if more > bin[slot] && more > 0 { return false }
        }
      }
    }
    if old >= 0 {
      let bin = bins.base + old &* (Self.blocks &* width)
      let enters = here == Int(home.base[other]) ? theirsHome : theirs
      let leaves = here == Int(home.base[item]) ? mineHome : mine
      if isSoft {
        if !everFits(bin, enters) { return false }
        change &+= overload(bin) { enters[$0] &- leaves[$0] }
      } else {
        for slot in 0..<width {
          let more = enters[slot] &- leaves[slot]
          if more > bin[slot] && more > 0 { return false }
        }
      }
    }
    if new >= 0 { change &+= cost(new) { mine[$0] &- theirs[$0] } }
    if old >= 0 { change &+= cost(old) { theirs[$0] &- mine[$0] } }
    return change <= allowed
  }

  @inline(__always)
  private func toll(_ item: Int, _ from: Int, _ candidate: Int, _ columns: UnsafeMutablePointer<Int>) -> Int {
    var sum = 0
    var index = Int(tollStart.base[item])
    let end = Int(tollStart.base[item &+ 1])
    while index < end {
      let toll = tolls.base + index
      let column = columns + toll.pointee.column
      sum &+= toll.pointee.factor &* (column[candidate] &- column[from])
      index &+= 1
    }
    return sum
  }

  /// Whether the bin has room for an item when it has nothing else but what cannot leave.
  @inline(__always)
  private func everFits(_ bin: UnsafeMutablePointer<Int>, _ enters: UnsafeMutablePointer<Int>) -> Bool {
    let most = bin + 3 &* width
    for slot in 0..<width where enters[slot] > most[slot] && enters[slot] > 0 { return false }
    return true
  }

  /// What it costs that a bin has more or less that does not fit.
  @inline(__always)
  private func overload(_ room: UnsafeMutablePointer<Int>, change: (Int) -> Int) -> Int {
    let prices = room + 4 &* width
    var sum = 0
    for slot in 0..<width {
      let before = 0 &- room[slot]
      sum &+= prices[slot] &* (max(0, before &+ change(slot)) &- max(0, before))
    }
    return sum
  }

  /// What it costs that the loads of a bin change.
  @inline(__always)
  private func cost(_ number: Int, change: (Int) -> Int) -> Int {
    let excess = bins.base + (number &* Self.blocks &+ 1) &* width
    let price = excess + width
    var sum = 0
    for slot in 0..<width {
      let before = excess[slot]
      sum &+= price[slot] &* (max(0, before &+ change(slot)) &- max(0, before))
    }
    var index = Int(rampStart.base[number])
    let end = Int(rampStart.base[number &+ 1])
    while index < end {
      let ramp = ramps.base + index
      let before = ramp.pointee.excess
      var after = before &+ ramp.pointee.factor &* change(Int(ramp.pointee.slot))
      if ramp.pointee.other >= 0 { after &+= ramp.pointee.otherFactor &* change(Int(ramp.pointee.other)) }
      sum &+= ramp.pointee.price &* (max(0, after) &- max(0, before))
      index &+= 1
    }
    return sum
  }
}
