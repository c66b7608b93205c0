import ConstraintModel

/// Finds good placements fast: cheapest insertion, then ruin and recreate under annealing (Schrimpf et al. 2000).
///
/// Some items are taken away and inserted again in another order; a worse placement is kept with a probability that
/// falls over a cycle, and each cycle is longer than the last. Items that fit nowhere wait at a penalty.
/// Deterministic from the seed; its clock is `work`.
struct InsertionSearch: ~Copyable {
  private var state: InsertionState
  private var random: RandomBits
  private(set) var bestCost = Int.max
  /// Whether the best placement has everything placed.
  private(set) var isBestWhole = false
  private var best: [Int32] = []
  private var bestGuests: [Int32] = []
  private let own: Buffer<Int>
  private let mark: Buffer<Int32>
  private var stamp: Int32 = 0
  private let regions: [[Int32]]
  private var hottest = 1.0
  private var move = 0
  private var cycle: Int

  init(_ model: InsertionModel, seed: UInt64) {
    state = InsertionState(model)
    random = RandomBits(seed: seed ^ 0x1257)
    own = Buffer(repeating: 0, count: model.itemCount)
    mark = Buffer(repeating: 0, count: model.itemCount)
    var regions: [[Int32]] = Array(repeating: [], count: model.regionCount)
    for candidate in 0..<model.candidateCount {
      regions[Int(model.regionOf[candidate])].append(Int32(candidate))
    }
    self.regions = regions
    cycle = 40 * model.itemCount + 2000
  }

  deinit {
    own.deallocate()
    mark.deallocate()
    state.model.deallocate()
  }

  var work: Int { state.work }
  private var model: InsertionModel { state.model }

  /// What no placement is below: each item at its cheapest.
  var trivialBound: Int {
    (0..<model.itemCount).reduce(model.constant) { $0 + model.choiceCost[Int(model.choiceStart[$1])] }
  }

  // MARK: the first placement

  /// Inserts everything, those that ask most of each other together and the hardest first.
  mutating func construct() {
    let size = model.size
    func hardness(_ item: Int) -> Double {
      size[item] / Double(1 + model.choiceStart[item + 1] - model.choiceStart[item])
    }
    var order: [(hardness: Double, number: Int)] = []
    for number in model.components.indices {
      order.append((model.components[number].map(hardness).max() ?? 0, number))
    }
    order.sort { $0.hardness != $1.hardness ? $0.hardness > $1.hardness : $0.number < $1.number }
    for (_, number) in order {
      let items = model.components[number].sorted { a, b in
        let (x, y) = (choices(a), choices(b))
        if x != y { return x < y }
        return size[a] != size[b] ? size[a] > size[b] : a < b
      }
      for item in items { place(item, blink: 0) }
    }
    let placed = max(1, model.itemCount - state.unplaced)
    let running = state.cost - state.unplaced * model.penalty
    hottest = max(0.5, 0.4 * Double(abs(running)) / Double(placed))
    keep()
  }

  private func choices(_ item: Int) -> Int32 { model.choiceStart[item + 1] - model.choiceStart[item] }

  private mutating func place(_ item: Int, blink: Int) {
    if state.insert(item, blink: blink, &random) {
      own[item] = state.ownCost(item, Int(state.host[item]))
    }
  }

  private mutating func keep() {
    bestCost = state.cost
    isBestWhole = state.unplaced == 0
    best = state.host.array
    bestGuests = state.guestAt.array
  }

  /// Goes on from a placement that somebody else found.
  mutating func adopt(_ values: [Int]) {
    best = model.decisions.map { Int32(values[$0]) }
    bestGuests = model.guestDecisions.map { Int32(values[$0]) }
    restoreBest()
    bestCost = state.cost
    isBestWhole = true
  }

  // MARK: better ones

  /// Improves until the clock reads `end`, or it is told to stop. True where the best is better than before.
  mutating func improve(until end: Int, untilWhole: Bool = false, shouldStop: () -> Bool) -> Bool {
    let before = bestCost
    var moves = 0
    while state.work < end && !(untilWhole && isBestWhole) {
      moves += 1
      if moves & 255 == 0 && shouldStop() { break }
      step()
    }
    return bestCost < before
  }

  /// One ruin and its recreation.
  private mutating func step() {
    if move >= cycle {
      move = 0
      cycle += cycle / 2
      restoreBest()
    }
    let (removed, lost) = choose()
    if removed.isEmpty && lost.isEmpty { return }
    let before = state.cost
    var old: [Int32] = []
    var oldGuests: [Int32] = []
    for item in removed {
      old.append(state.host[item])
      for number in Int(model.guestStart[item])..<Int(model.guestStart[item + 1]) {
        oldGuests.append(state.guestAt[number])
      }
    }
    for item in removed { state.take(item, cost: own[item]) }
    var waiting = removed + lost
    if lost.isEmpty, state.unplaced > removed.count { waiting += unplaced(6) }
    let allowance = allowance()
    order(&waiting)
    for item in waiting { place(item, blink: 20) }
    if state.cost <= before + allowance {
      if state.cost < bestCost { keep() }
      return
    }
    for item in waiting where state.host[item] >= 0 { state.take(item, cost: own[item]) }
    var guest = 0
    for (index, item) in removed.enumerated() {
      let count = Int(model.guestStart[item + 1] - model.guestStart[item])
      own[item] = state.ownCost(item, Int(old[index]))
      state.restore(item, Int(old[index]), cost: own[item], guests: oldGuests[guest..<guest + count])
      guest += count
    }
  }

  private mutating func restoreBest() {
    for item in 0..<model.itemCount where state.host[item] >= 0 { state.take(item, cost: own[item]) }
    for item in 0..<model.itemCount where best[item] >= 0 {
      let (first, last) = (Int(model.guestStart[item]), Int(model.guestStart[item + 1]))
      own[item] = state.ownCost(item, Int(best[item]))
      state.restore(item, Int(best[item]), cost: own[item], guests: bestGuests[first..<last])
    }
  }

  /// How much worse a placement may be: exponential in a temperature that falls a hundredfold over the cycle.
  private mutating func allowance() -> Int {
    move += 1
    let phase = 6.6 * Double(move) / Double(cycle)
    var temperature = hottest
    for _ in 0..<Int(phase) { temperature /= 2 }
    temperature *= 1 - 0.5 * (phase - Double(Int(phase)))
    // -ln of a uniform number, by its halvings and a line between them.
    let bits = random.next()
    let halvings = Double(bits.leadingZeroBitCount)
    let rest = Double((bits << UInt64(min(63, bits.leadingZeroBitCount + 1))) >> 11) / Double(1 << 53)
    return Int(temperature * 0.6931471805599453 * (halvings + 1 - rest))
  }

  private mutating func order(_ items: inout [Int]) {
    let kind = random.below(4)
    var keys: [(Double, Int)] = []
    keys.reserveCapacity(items.count)
    for item in items {
      let noise = Double(random.below(1 << 20)) / Double(1 << 20)
      let key =
        switch kind {
        case 0: -model.size[item] * (0.8 + 0.4 * noise)
        case 1: noise
        case 2: Double(choices(item)) * (0.5 + noise)
        default: -model.size[item] * (0.5 + noise)
        }
      keys.append((key, item))
    }
    keys.sort { $0.0 != $1.0 ? $0.0 < $1.0 : $0.1 < $1.1 }
    for (index, key) in keys.enumerated() { items[index] = key.1 }
  }

  // MARK: what is taken away

  /// Placed items to take away, and others that are to be inserted with them.
  private mutating func choose() -> (removed: [Int], lost: [Int]) {
    stamp += 1
    var chosen: [Int] = []
    if state.unplaced > 0 && random.below(100) < 60, let lost = unplaced(1).first {
      return aroundUnplaced(lost)
    }
    let seed = placedItem()
    guard seed >= 0 else { return (chosen, []) }
    let here = Int(state.host[seed])
    let region = Int(model.regionOf[here])
    switch random.below(100) {
    case ..<45:
      // Hosts of one region.
      add(itemsOn: here, &chosen)
      var wanted = random.below(4)
      for _ in 0..<3 * wanted where wanted > 0 {
        let other = Int(regions[region][random.below(regions[region].count)])
        guard other != here, !state.isEmpty(other) else { continue }
        add(itemsOn: other, &chosen)
        wanted -= 1
      }
    case ..<75:
      // What belongs together, and what stands where it would like to.
      let component = model.components[model.componentOf[seed]]
      if component.count <= 16 { for item in component { add(item, &chosen) } } else { add(seed, &chosen) }
      for _ in 0..<1 + random.below(3) {
        let item = component[random.below(component.count)]
        add(itemsOn: cheapCandidate(item), &chosen)
      }
    case ..<90:
      // Single items of one region.
      add(seed, &chosen)
      for _ in 0..<2 + random.below(8) {
        let other = Int(regions[region][random.below(regions[region].count)])
        var items: [Int] = []
        state.forEachItem(on: other) { items.append($0) }
        if !items.isEmpty { add(items[random.below(items.count)], &chosen) }
      }
    default:
      for _ in 0..<2 + random.below(10) { add(random.below(model.itemCount), &chosen) }
    }
    return (chosen, [])
  }

  /// An item that has no place: what belongs to it, and what stands where it could in one region.
  private mutating func aroundUnplaced(_ item: Int) -> (removed: [Int], lost: [Int]) {
    var (chosen, lost): ([Int], [Int]) = ([], [item])
    mark[item] = stamp
    let component = model.components[model.componentOf[item]]
    if component.count <= 16 {
      for other in component where mark[other] != stamp {
        if state.host[other] >= 0 { add(other, &chosen) } else { mark[other] = stamp; lost.append(other) }
      }
    }
    var region: Int32 = -1
    var wanted = 1 + random.below(4)
    for _ in 0..<4 * wanted where wanted > 0 {
      let candidate = anyCandidate(item)
      if region >= 0 && model.regionOf[candidate] != region { continue }
      region = model.regionOf[candidate]
      add(itemsOn: candidate, &chosen)
      wanted -= 1
    }
    return (chosen, lost)
  }

  private func add(_ item: Int, _ chosen: inout [Int]) {
    guard state.host[item] >= 0, mark[item] != stamp, chosen.count < 40 else { return }
    mark[item] = stamp
    chosen.append(item)
  }

  private func add(itemsOn candidate: Int, _ chosen: inout [Int]) {
    var items: [Int] = []
    state.forEachItem(on: candidate) { items.append($0) }
    for item in items { add(item, &chosen) }
  }

  /// A candidate of an item, cheap ones rather.
  private mutating func cheapCandidate(_ item: Int) -> Int {
    let count = Int(choices(item))
    let uniform = Double(random.below(1 << 20)) / Double(1 << 20)
    let index = Int(model.choiceStart[item]) + Int(Double(count) * uniform * uniform * uniform)
    return candidate(ofClass: Int(model.choiceClass[index]))
  }

  private mutating func anyCandidate(_ item: Int) -> Int {
    let index = Int(model.choiceStart[item]) + random.below(Int(choices(item)))
    return candidate(ofClass: Int(model.choiceClass[index]))
  }

  /// One of a class that has something on it, if there is one.
  private mutating func candidate(ofClass number: Int) -> Int {
    let (start, end) = (Int(state.classStart[number]), Int(state.classStart[number + 1]))
    let used = state.touchedCount(number)
    return Int(state.order[start + random.below(used > 0 ? used : end - start)])
  }

  private mutating func placedItem() -> Int {
    for _ in 0..<20 {
      let item = random.below(model.itemCount)
      if state.host[item] >= 0 { return item }
    }
    return -1
  }

  /// Some items without a place, from a random one on, that are not chosen yet.
  private mutating func unplaced(_ most: Int) -> [Int] {
    var found: [Int] = []
    let start = random.below(model.itemCount)
    for offset in 0..<model.itemCount where found.count < most {
      let item = (start + offset) % model.itemCount
      if state.host[item] < 0 && mark[item] != stamp { found.append(item) }
    }
    return found
  }
}

extension InsertionSearch {
  /// The best placement as values of all the model's decisions, where it is a solution of all of the model.
  func solution(of model: ConstraintModel) -> [Int]? {
    guard isBestWhole else { return nil }
    var values = Array(repeating: 0, count: model.decisions.count)
    for (item, decision) in self.model.decisions.enumerated() { values[decision] = Int(best[item]) }
    for (number, decision) in self.model.guestDecisions.enumerated() { values[decision] = Int(bestGuests[number]) }
    return Completion.complete(values, of: model)
  }
}

/// Auxiliary booleans follow from the decisions that they are about.
enum Completion {
  /// The values with auxiliary booleans set so that all constraints hold; nil where that cannot be seen.
  static func complete(_ values: [Int], of model: ConstraintModel) -> [Int]? {
    var values = values
    // A boolean may speak of another: each round settles one more level.
    for _ in 0..<4 {
      let checker = ModelChecker(model, values: values)
      let violated = checker.violated
      if violated.isEmpty { return values }
      var flipped = Set<Int>()
      for index in violated {
        for literal in model.constraints[index].enforcedBy {
          let decision = Int(literal.decision.index)
          guard model.decisions[decision].isAuxiliary, model.decisions[decision].candidateCount == 2 else { continue }
          if flipped.insert(decision).inserted { values[decision] = 1 - values[decision] }
          break
        }
      }
      if flipped.isEmpty { return nil }
    }
    return ModelChecker(model, values: values).violated.isEmpty ? values : nil
  }
}
