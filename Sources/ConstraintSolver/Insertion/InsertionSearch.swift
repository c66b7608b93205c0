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
  private let best: Buffer<Int32>
  private let bestGuests: Buffer<Int32>
  private let own: Buffer<Int>
  private let mark: Buffer<Int32>
  private var stamp: Int32 = 0
  /// Candidates of each region: starts, and lists.
  private let regionStart: Buffer<Int32>
  private let regionList: Buffer<Int32>
  /// Of one move, kept from move to move: the items that are taken away, where they were, and at what cost.
  private var chosen = Buffer<Int32>()
  private var chosenAt = Buffer<Int32>()
  private var chosenOwn = Buffer<Int>()
  private var chosenGuests = Buffer<Int32>()
  /// The items that are inserted, with what orders them.
  private var queue = Buffer<Queued>()
  private var hottest = 1.0
  private var move = 0
  private var cycle: Int

  private struct Queued: BitwiseCopyable {
    var item: Int32
    var key: Double
  }

  init(_ model: InsertionModel, seed: UInt64) {
    state = InsertionState(model)
    random = RandomBits(seed: seed ^ 0x1257)
    own = Buffer(repeating: 0, count: model.itemCount)
    mark = Buffer(repeating: 0, count: model.itemCount)
    best = Buffer(repeating: -1, count: model.itemCount)
    bestGuests = Buffer(repeating: -1, count: model.guests.count)
    let start = Buffer<Int32>(repeating: 0, count: model.regionCount + 1)
    for candidate in 0..<model.candidateCount { start[Int(model.regionOf[candidate]) + 1] += 1 }
    for number in 0..<model.regionCount { start[number + 1] += start[number] }
    regionStart = start
    regionList = Buffer(
      (0..<Int32(model.candidateCount)).sorted {
        let (a, b) = (model.regionOf[Int($0)], model.regionOf[Int($1)])
        return a != b ? a < b : $0 < $1
      })
    cycle = 40 * model.itemCount + 2000
  }

  deinit {
    own.deallocate(); mark.deallocate(); best.deallocate(); bestGuests.deallocate()
    regionStart.deallocate(); regionList.deallocate(); chosen.deallocate(); chosenAt.deallocate()
    chosenOwn.deallocate(); chosenGuests.deallocate(); queue.deallocate()
    state.model.deallocate()
  }

  var work: Int { state.work }
  private var model: InsertionModel {
    @inline(__always) _read { yield state.model }
  }

  /// The best placement's objective, where it is whole.
  var bestObjective: Int { bestCost + model.constant }

  /// What no placement is below: each item at its cheapest.
  var trivialBound: Int {
    (0..<model.itemCount).reduce(model.constant) { $0 + model.choiceCost[Int(model.choiceStart[$1])] }
  }

  // MARK: the first placement

  /// Inserts everything, those that ask most of each other together and the hardest first.
  mutating func construct() {
    let (size, starts) = (model.size, model.choiceStart)
    func hardness(_ item: Int) -> Double { size[item] / Double(1 + starts[item + 1] - starts[item]) }
    var order: [(hardness: Double, number: Int)] = []
    for number in 0..<model.componentCount {
      order.append((members(number).map(hardness).max() ?? 0, number))
    }
    order.sort { $0.hardness != $1.hardness ? $0.hardness > $1.hardness : $0.number < $1.number }
    for (_, number) in order {
      let items = members(number).sorted { a, b in
        let (x, y) = (starts[a + 1] - starts[a], starts[b + 1] - starts[b])
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

  private func members(_ component: Int) -> [Int] {
    (Int(model.componentStart[component])..<Int(model.componentStart[component + 1]))
      .map { Int(model.componentItems[$0]) }
  }

  private func choices(_ item: Int) -> Int32 { model.choiceStart[item + 1] - model.choiceStart[item] }

  private mutating func place(_ item: Int, blink: Int) {
    if let cost = state.insert(item, blink: blink, &random) { own[item] = cost }
  }

  private mutating func keep() {
    bestCost = state.cost
    isBestWhole = state.unplaced == 0
    best.copy(state.host)
    bestGuests.copy(state.guestAt)
  }

  /// Goes on from a placement that somebody else found.
  mutating func adopt(_ values: [Int]) {
    for item in 0..<model.itemCount { best[item] = Int32(values[model.decisions[item]]) }
    for number in 0..<model.guestDecisions.count {
      bestGuests[number] = Int32(values[model.guestDecisions[number]])
    }
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
    choose()
    if chosen.count == 0 && queue.count == 0 { return }
    let before = state.cost
    chosenAt.count = 0
    chosenOwn.count = 0
    chosenGuests.count = 0
    let isRescue = queue.count > 0
    for index in 0..<chosen.count {
      let item = Int(chosen[index])
      chosenAt.append(state.host[item])
      chosenOwn.append(own[item])
      for number in Int(model.guestStart[item])..<Int(model.guestStart[item + 1]) {
        chosenGuests.append(state.guestAt[number])
      }
      queue.append(Queued(item: Int32(item), key: 0))
    }
    if !isRescue { addUnplaced(6) }
    for index in 0..<chosen.count {
      let item = Int(chosen[index])
      state.take(item, cost: own[item])
    }
    let allowance = allowance()
    order()
    for index in 0..<queue.count { place(Int(queue[index].item), blink: 20) }
    if state.cost <= before + allowance {
      if state.cost < bestCost { keep() }
      return
    }
    for index in 0..<queue.count {
      let item = Int(queue[index].item)
      if state.host[item] >= 0 { state.take(item, cost: own[item]) }
    }
    var guest = 0
    for index in 0..<chosen.count {
      let item = Int(chosen[index])
      own[item] = chosenOwn[index]
      state.restore(item, Int(chosenAt[index]), cost: own[item], guests: chosenGuests, from: guest)
      guest += Int(model.guestStart[item + 1] - model.guestStart[item])
    }
  }

  private mutating func restoreBest() {
    for item in 0..<model.itemCount where state.host[item] >= 0 { state.take(item, cost: own[item]) }
    for item in 0..<model.itemCount where best[item] >= 0 {
      own[item] = state.ownCost(item, Int(best[item]))
      state.restore(
        item, Int(best[item]), cost: own[item], guests: bestGuests, from: Int(model.guestStart[item]))
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

  /// Orders what is inserted, in one of several ways.
  private mutating func order() {
    let kind = random.below(4)
    for index in 0..<queue.count {
      let item = Int(queue[index].item)
      let noise = Double(random.below(1 << 20)) / Double(1 << 20)
      let key =
        switch kind {
        case 0: -model.size[item] * (0.8 + 0.4 * noise)
        case 1: noise
        case 2: Double(choices(item)) * (0.5 + noise)
        default: -model.size[item] * (0.5 + noise)
        }
      // There are few: each goes where it belongs among those before it.
      var place = index
      while place > 0 && queue[place - 1].key > key {
        queue[place] = queue[place - 1]
        place -= 1
      }
      queue[place] = Queued(item: Int32(item), key: key)
    }
  }

  // MARK: what is taken away

  /// Chooses placed items to take away, and puts those without a place that are to be tried with them in the queue.
  private mutating func choose() {
    stamp += 1
    chosen.count = 0
    queue.count = 0
    if state.unplaced > 0 && random.below(100) < 60 {
      return chooseAroundUnplaced(state.waitingItem(random.below(state.unplaced)))
    }
    let seed = placedItem()
    guard seed >= 0 else { return }
    let here = Int(state.host[seed])
    let region = Int(model.regionOf[here])
    switch random.below(100) {
    case ..<45:
      // Hosts of one region.
      add(itemsOn: here)
      var wanted = random.below(4)
      for _ in 0..<3 * wanted where wanted > 0 {
        let other = candidate(ofRegion: region)
        guard other != here, !state.isEmpty(other) else { continue }
        add(itemsOn: other)
        wanted -= 1
      }
    case ..<75:
      // What belongs together, and what stands where it would like to.
      let component = Int(model.componentOf[seed])
      let (start, end) = (Int(model.componentStart[component]), Int(model.componentStart[component + 1]))
      if end - start <= 16 {
        for index in start..<end { add(Int(model.componentItems[index])) }
      } else {
        add(seed)
      }
      for _ in 0..<1 + random.below(3) {
        add(itemsOn: cheapCandidate(Int(model.componentItems[start + random.below(end - start)])))
      }
    case ..<90:
      // Single items of one region.
      add(seed)
      for _ in 0..<2 + random.below(8) {
        let item = state.item(on: candidate(ofRegion: region), &random)
        if item >= 0 { add(item) }
      }
    default:
      for _ in 0..<2 + random.below(10) { add(random.below(model.itemCount)) }
    }
  }

  /// An item that has no place: what belongs to it, and what stands where it could in one region.
  private mutating func chooseAroundUnplaced(_ item: Int) {
    mark[item] = stamp
    queue.append(Queued(item: Int32(item), key: 0))
    let component = Int(model.componentOf[item])
    let (start, end) = (Int(model.componentStart[component]), Int(model.componentStart[component + 1]))
    if end - start <= 16 {
      for index in start..<end {
        let other = Int(model.componentItems[index])
        if mark[other] == stamp { continue }
        if state.host[other] >= 0 { add(other) } else { addUnplaced(item: other) }
      }
    }
    var region: Int32 = -1
    var wanted = 1 + random.below(4)
    for _ in 0..<4 * wanted where wanted > 0 {
      let candidate = anyCandidate(item)
      if region >= 0 && model.regionOf[candidate] != region { continue }
      region = model.regionOf[candidate]
      add(itemsOn: candidate)
      wanted -= 1
    }
  }

  private mutating func add(_ item: Int) {
    guard state.host[item] >= 0, mark[item] != stamp, chosen.count < 40 else { return }
    mark[item] = stamp
    chosen.append(Int32(item))
  }

  private mutating func add(itemsOn candidate: Int) {
    var item = state.firstItem(on: candidate)
    while item >= 0 {
      add(item)
      item = state.itemAfter(item)
    }
  }

  /// Puts some items without a place in the queue, from a random one on.
  private mutating func addUnplaced(_ most: Int) {
    let count = state.unplaced
    let start = random.below(count)
    for offset in 0..<min(most, count) { addUnplaced(item: state.waitingItem((start + offset) % count)) }
  }

  private mutating func addUnplaced(item: Int) {
    mark[item] = stamp
    queue.append(Queued(item: Int32(item), key: 0))
  }

  private mutating func candidate(ofRegion region: Int) -> Int {
    let (start, end) = (Int(regionStart[region]), Int(regionStart[region + 1]))
    return Int(regionList[start + random.below(end - start)])
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
}

extension InsertionSearch {
  /// The best placement as values of all the model's decisions, where it is a solution of all of the model.
  func solution(of model: ConstraintModel) -> [Int]? {
    guard isBestWhole else { return nil }
    var values = Array(repeating: 0, count: model.decisions.count)
    for decision in self.model.cheapWhenTrue.array { values[Int(decision)] = 1 }
    for (item, decision) in self.model.decisions.array.enumerated() { values[decision] = Int(best[item]) }
    for (number, decision) in self.model.guestDecisions.array.enumerated() {
      values[decision] = Int(bestGuests[number])
    }
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
          guard model.decisions[decision].isAuxiliary, model.decisions[decision].candidateCount == 2 else {
            continue
          }
          if flipped.insert(decision).inserted { values[decision] = 1 - values[decision] }
          break
        }
      }
      if flipped.isEmpty { return nil }
    }
    return ModelChecker(model, values: values).violated.isEmpty ? values : nil
  }
}
