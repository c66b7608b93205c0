/// What is put where, with the sum of each bin kept as items arrive.
struct LoadState: BitwiseCopyable {
  /// Its bins begin here in `bins`.
  var bins: Int
  var binCount: Int
  var items: Int
  var itemCount: Int
  /// No entries: items are looked at when they are placed.
  var isLazy = false
}

struct ItemState: BitwiseCopyable {
  var decision: Int32
  var weight: Int
  /// Where the column of its view begins in `columnValues`.
  var column: Int
  /// The bin it is in, or -1; restored on backtracking.
  var bin: Int
  /// Where in `columnValues` the candidate for each bin begins, or -1 where nobody asks.
  var inverse = -1
  /// The next item in the same bin of a lazy load, or -1; restored on backtracking.
  var next = -1
}

struct BinState: BitwiseCopyable {
  /// Sum of the weights of the items in it; restored on backtracking.
  var filled: Int
  /// The items that could ever be in it, heaviest first.
  var entries: Int
  var entryCount: Int
  var firstCapacity: Int32
  var isLazy = false
  /// Of a lazy load, the item that entered last, or -1; restored on backtracking.
  var head = -1
}

struct BinEntry: BitwiseCopyable {
  var item: Int32
  /// Code of the literal `item in bin`, or -1 - candidate where that is made when needed.
  var handle: Int32
}

/// `enforcement → filled[bin] <= limit`.
///
/// One rule: an item heavier than what is left may not enter. The explanation is the heaviest items inside.
struct Capacity: BitwiseCopyable {
  var enforcement: Lit
  var bin: Int
  var limit: Int
  /// Entries before this one are inside or excluded already; restored on backtracking.
  var seenEntries: Int
  var next: Int32
  var isQueued = false
}

extension Kernel {
  @inline(__always)
  mutating func scheduleCapacity(_ owner: Int) {
    let capacity = capacities.base + owner
    if capacity.pointee.isQueued || isFalse(capacity.pointee.enforcement) { return }
    capacity.pointee.isQueued = true
    capacityQueue.append(owner)
  }

  mutating func putItem(load: Int, item: Int, bin: Int) {
    let load = loads.base + load
    let state = items.base + item
    guard bin >= 0, bin < load.pointee.binCount, state.pointee.bin < 0 else { return }
    let target = bins.base + load.pointee.bins + bin
    if levels.count > 0 {
      save(&state.pointee.bin)
      save(&target.pointee.filled)
    }
    if load.pointee.isLazy {
      save(&state.pointee.next)
      save(&target.pointee.head)
      state.pointee.next = target.pointee.head
      target.pointee.head = item
    }
    state.pointee.bin = bin
    target.pointee.filled &+= state.pointee.weight
    var capacity = target.pointee.firstCapacity
    while capacity >= 0 {
      scheduleCapacity(Int(capacity))
      capacity = capacities.base[Int(capacity)].next
    }
  }

  @inline(__always)
  private func isExcluded(_ entry: BinEntry, _ item: ItemState) -> Bool {
    entry.handle >= 0
      ? isFalse(Lit(code: entry.handle))
      : !contains(Int(item.decision), Int(-1 - entry.handle))
  }

  @inline(__always)
  private mutating func literal(_ entry: BinEntry, _ item: ItemState) -> Lit {
    entry.handle >= 0
      ? Lit(code: entry.handle) : valueLiteral(Int(item.decision), Int(-1 - entry.handle))
  }

  mutating func propagateCapacity(_ owner: Int) -> Bool {
    let capacity = capacities.base + owner
    let enforcement = capacity.pointee.enforcement
    if isFalse(enforcement) { return true }
    let bin = bins.base + capacity.pointee.bin
    if bin.pointee.isLazy { return propagateLazyCapacity(capacity.pointee, bin.pointee) }
    let slack = capacity.pointee.limit - bin.pointee.filled
    if slack < 0 {
      let body = explainFilled(bin.pointee, moreThan: capacity.pointee.limit)
      if isTrue(enforcement) {
        addToBody(enforcement)
        endBody(body)
        return failWithBody(body)
      }
      endBody(body)
      if isChecking { checkBody(body, implies: !enforcement) }
      return enqueue(!enforcement, .body(body))
    }
    guard isTrue(enforcement) else { return true }

    var index = capacity.pointee.seenEntries
    let count = bin.pointee.entryCount
    let list = entries.base + bin.pointee.entries
    if index >= count || items.base[Int(list[index].item)].weight <= slack { return true }
    scratch.count = 0
    var lightest = Int.max
    while index < count {
      let entry = list[index]
      let item = items.base + Int(entry.item)
      if item.pointee.weight <= slack { break }
      index &+= 1
      let isInside = entry.handle >= 0 ? isTrue(Lit(code: entry.handle)) : isFixed(item.pointee, entry)
      if isInside || isExcluded(entry, item.pointee) { continue }
      scratch.append(literal(entry, item.pointee))
      lightest = item.pointee.weight
    }
    work &+= 1 + (index - capacity.pointee.seenEntries) >> 3
    if levels.count > 0 {
      save(&capacity.pointee.seenEntries)
    }
    capacity.pointee.seenEntries = index
    if scratch.count == 0 { return true }
    let body = explainFilled(bin.pointee, moreThan: capacity.pointee.limit - lightest)
    addToBody(enforcement)
    endBody(body)
    for place in 0..<scratch.count {
      let literal = !scratch[place]
      if isChecking { checkBody(body, implies: literal) }
      if !enqueue(literal, .body(body)) { return false }
    }
    return true
  }

  @inline(__always)
  private func isFixed(_ item: ItemState, _ entry: BinEntry) -> Bool {
    domains.base[Int(item.decision)].fixed == -1 - entry.handle
  }

  /// Opens a body: items inside the bin that together weigh more than `limit`, heaviest first.
  private mutating func explainFilled(_ bin: BinState, moreThan limit: Int) -> Int {
    let body = beginBody()
    var sum = 0
    if sum > limit { return body }
    for index in 0..<bin.entryCount {
      let entry = entries[bin.entries + index]
      let item = items[Int(entry.item)]
      let isInside = entry.handle >= 0 ? isTrue(Lit(code: entry.handle)) : isFixed(item, entry)
      // An item whose event has not been told yet is not in the sum, and not needed.
      guard isInside, item.bin >= 0 else { continue }
      addToBody(literal(entry, item))
      sum += item.weight
      if sum > limit { break }
    }
    return body
  }
}
