import ConstraintModel

/// Finds good placements fast: cheapest insertion, then ruin and recreate under annealing (Schrimpf et al. 2000).
///
/// Some items are taken away and inserted again in another order; a worse placement is kept with a probability that
/// falls over a cycle, and each cycle is three times as long as the last, up to a pass that ends with what work there is.
/// Items that fit nowhere wait at a penalty.
/// Deterministic from the seed; its clock is `work`.
struct InsertionSearch: ~Copyable {
  var state: InsertionState
  var random: RandomBits
  var bestCost = Int.max
  /// Whether the best placement has everything placed.
  private(set) var isBestWhole = false
  /// What room is worth, while a placement is begun by it.
  var guide: PriceGuide?
  let best: Buffer<Int32>
  let bestGuests: Buffer<Int32>
  let own: Buffer<Int>
  let mark: Buffer<Int32>
  var stamp: Int32 = 0
  /// Candidates of each region: starts, and lists.
  let regionStart: Buffer<Int32>
  let regionList: Buffer<Int32>
  /// Of one move, kept from move to move: the items that are taken away, where they were, and at what cost.
  var chosen = Buffer<Int32>()
  private var chosenAt = Buffer<Int32>()
  private var chosenOwn = Buffer<Int>()
  private var chosenGuests = Buffer<Int32>()
  /// The items that are inserted, with what orders them.
  var queue = Buffer<Queued>()
  /// Items that have moved since the best placement was kept, each once.
  private var moved = Buffer<Int32>()
  private let hasMoved: Buffer<Bool>
  var hottest = 1.0
  /// Whether only what has no place is worked on, and nothing dearer is taken.
  var isMending = false
  /// Items that a change has put somewhere: mending is about them.
  var recent = Buffer<Int32>()
  var move = 0
  var cycle: Int
  /// The one pass to the end of the limit; cycles where there is none.
  private var pass: Cooling?
  /// Ruins and recreations since it began.
  private(set) var moves = 0
  /// Whether the model goes with the search, or is somebody else's.
  var ownsModel = true

  struct Queued: BitwiseCopyable {
    var item: Int32
    var key: Double
  }

  init(_ model: InsertionModel, seed: UInt64) {
    state = InsertionState(model)
    random = RandomBits(seed: seed ^ 0x1257)
    own = Buffer(repeating: 0, count: model.itemCount)
    mark = Buffer(repeating: 0, count: model.itemCount)
    hasMoved = Buffer(repeating: false, count: model.itemCount)
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
    chosenOwn.deallocate(); chosenGuests.deallocate(); queue.deallocate(); moved.deallocate()
    hasMoved.deallocate(); recent.deallocate()
    if ownsModel { state.model.deallocate() }
  }

  var work: Int { state.work }
  var model: InsertionModel {
    @inline(__always) _read { yield state.model }
  }

  /// The best placement's objective, where it is whole.
  var bestObjective: Int { bestCost + model.constant }

  /// What no placement is below: each item at its cheapest.
  var trivialBound: Int {
    (0..<model.itemCount).reduce(model.constant) { $0 + model.choiceCost[Int(model.choiceStart[$1])] }
  }

  // MARK: the first placement

  /// Inserts everything, those that ask most of each other together and the hardest first. What finds no place comes
  /// first the next time, as long as that leaves fewer without one (squeaky wheels: Joslin and Clements 1999).
  mutating func construct() {
    var (order, items) = hardestFirst()
    for round in 1...Self.mostRounds {
      order.sort {
        if $0.blame != $1.blame { return $0.blame > $1.blame }
        return $0.hardness != $1.hardness ? $0.hardness > $1.hardness : $0.number < $1.number
      }
      for entry in order {
        placeTogether(items[entry.number])
      }
      if state.cost < bestCost { keep() }
      if state.unplaced == 0 || round == Self.mostRounds { break }
      for index in order.indices {
        let isBlamed = items[order[index].number].contains { state.host[$0] < 0 }
        order[index].blame = isBlamed ? order[index].blame + 2 : max(0, order[index].blame - 1)
      }
      for item in 0..<model.itemCount where state.host[item] >= 0 { state.take(item, cost: own[item]) }
    }
    if state.cost > bestCost { restoreBest() }
    warm()
  }

  /// Components with their members, the hardest first.
  func hardestFirst() -> (order: [(blame: Int, hardness: Double, number: Int)], items: [[Int]]) {
    let (size, widths) = (model.size, model.choiceWidth)
    func hardness(_ item: Int) -> Double { size[item] / Double(1 + widths[item]) }
    var order: [(blame: Int, hardness: Double, number: Int)] = []
    var items: [[Int]] = []
    for number in 0..<model.componentCount {
      let members = members(number).sorted { a, b in
        if widths[a] != widths[b] { return widths[a] < widths[b] }
        return size[a] != size[b] ? size[a] > size[b] : a < b
      }
      order.append((0, members.map(hardness).max() ?? 0, number))
      items.append(members)
    }
    return (order, items)
  }

  /// Annealing begins at a share of what an item costs.
  mutating func warm() { hottest = max(0.5, 0.4 * meanCost) }

  /// What a placed item costs on average.
  private var meanCost: Double {
    let running = state.cost - state.unplaced * model.penalty
    return Double(abs(running)) / Double(max(1, model.itemCount - state.unplaced))
  }

  private static let mostRounds = 3

  /// Inserts items that ask something of each other. Where one finds no place, because those before it have chosen a site
  /// that has none for it, they are taken away again and it chooses first.
  mutating func placeTogether(_ items: [Int]) {
    var (order, best, fewest) = (items, items, Int.max)
    for attempt in 1...8 {
      for item in order {
        place(item, blink: 0)
        note(item)
      }
      let failed = order.filter { state.host[$0] < 0 }
      if failed.count < fewest { (fewest, best) = (failed.count, order) }
      if failed.isEmpty || items.count == 1 || (attempt == 8 && order == best) { return }
      for item in order where state.host[item] >= 0 { state.take(item, cost: own[item]) }
      if attempt == 2, placeLookingAhead(items) { return }
      order = failed + order.filter { !failed.contains($0) }
    }
    for item in best { place(item, blink: 0) }
  }

  private func members(_ component: Int) -> [Int] {
    (Int(model.componentStart[component])..<Int(model.componentStart[component + 1]))
      .map { Int(model.componentItems[$0]) }
  }

  func choices(_ item: Int) -> Int { Int(model.choiceEnd[item] - model.choiceStart[item]) }

  mutating func place(_ item: Int, blink: Int) {
    if state.isGuided { guide?.fill(state.surcharge, item) }
    if let cost = state.insert(item, blink: blink, &random) { own[item] = cost }
  }

  /// Keeps what is placed now; only items that have moved since the best are looked at.
  mutating func keep() {
    bestCost = state.cost
    isBestWhole = state.unplaced == 0
    for index in 0..<moved.count {
      let item = Int(moved[index])
      hasMoved[item] = false
      best[item] = state.host[item]
      for guest in Int(model.guestStart[item])..<Int(model.guestStart[item + 1]) {
        bestGuests[guest] = state.guestAt[guest]
      }
    }
    moved.count = 0
  }

  /// Remembers that an item may not be where the best placement has it.
  @inline(__always)
  mutating func note(_ item: Int) {
    if hasMoved[item] { return }
    hasMoved[item] = true
    moved.append(Int32(item))
  }

  /// The values of the best placement's decisions, auxiliary booleans as they are cheapest.
  func bestValues(count: Int) -> [Int] {
    var values = Array(repeating: 0, count: count)
    for decision in model.cheapWhenTrue.array { values[Int(decision)] = 1 }
    for (item, decision) in model.decisions.array.enumerated() { values[decision] = Int(best[item]) }
    for (number, decision) in model.guestDecisions.array.enumerated() {
      values[decision] = Int(bestGuests[number])
    }
    return values
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
    while state.work < end && !(untilWhole && isBestWhole) {
      moves += 1
      if moves & 255 == 0 && shouldStop() { break }
      step()
    }
    return bestCost < before
  }

  /// One ruin and its recreation.
  private mutating func step() {
    turn()
    choose()
    state.work += 1
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
    let allowance = isMending ? 0 : allowance()
    order()
    if recreate(within: before + allowance) {
      for index in 0..<queue.count { note(Int(queue[index].item)) }
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

  /// Inserts what is in the queue; false as soon as no placement of the rest can cost that little.
  private mutating func recreate(within limit: Int) -> Bool {
    var gain = 0
    for index in 0..<queue.count { gain += mostGain(Int(queue[index].item)) }
    for index in 0..<queue.count {
      if state.cost - gain > limit { return false }
      let item = Int(queue[index].item)
      gain -= mostGain(item)
      place(item, blink: 20)
    }
    return state.cost <= limit
  }

  /// By how much placing an item lowers the cost at most.
  @inline(__always)
  private func mostGain(_ item: Int) -> Int {
    model.penalty - model.choiceCost[Int(model.choiceStart[item])]
  }

  mutating func restoreBest() {
    for item in 0..<model.itemCount where state.host[item] >= 0 { state.take(item, cost: own[item]) }
    while moved.count > 0 { hasMoved[Int(moved.removeLast())] = false }
    for item in 0..<model.itemCount where best[item] >= 0 {
      own[item] = state.ownCost(item, Int(best[item]))
      state.restore(
        item, Int(best[item]), cost: own[item], guests: bestGuests, from: Int(model.guestStart[item]))
    }
  }

  /// Does what a limit asks for; the way is the same whoever asks.
  mutating func follow(_ order: Pace.Order) {
    switch order {
    case .cool(let end):
      restoreBest()
      cool(until: end)
    case .stretch(let end): pass?.stretch(at: state.work, until: end)
    }
  }

  /// What is left of a pass is hot and cold again, from a placement that has just been begun.
  mutating func coolFromHere() {
    if let end = pass?.end { cool(until: end) }
  }

  /// The more moves there are for an item, the hotter: with few, what is lost in the heat is not made good again.
  private mutating func cool(until end: Int) {
    let share = Double(end - state.work) / Double(model.itemCount) / Self.workAnItem
    hottest = max(0.5, min(0.4, max(0.12, 0.4 * share)) * meanCost)
    pass = Cooling(from: state.work, until: end)
  }

  /// Work for an item that a pass from full heat takes: some ten thousand moves.
  private static let workAnItem = 2_000_000.0

  /// Begins the next cycle where one is over.
  private mutating func turn() {
    if let pass {
      if state.work < pass.end { return }
      // There was more work than it seemed: once more, shorter and less hot.
      restoreBest()
      hottest = max(0.5, hottest / 3)
      self.pass = pass.next(at: state.work)
    } else if move >= cycle {
      move = 0
      cycle *= 3
      restoreBest()
    }
  }

  /// How much worse a placement may be: exponential in a temperature that falls a hundredfold over the cycle.
  private mutating func allowance() -> Int {
    move += 1
    let phase = 6.6 * (pass?.phase(at: state.work) ?? Double(move) / Double(cycle))
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
    let kind = random.pick(4)
    for index in 0..<queue.count {
      let item = Int(queue[index].item)
      let noise = Double(random.pick(1 << 20)) / Double(1 << 20)
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
}
