/// Where every item is, what every row holds, and what it all costs; items come and go one at a time.
///
/// The hot part of the search by insertion: plain storage behind one owner, no reference counts.
struct InsertionState: ~Copyable {
  let model: InsertionModel
  /// Candidate of each item; -1 where it is not placed.
  let host: Buffer<Int32>
  /// Candidate of each guest; of meaning only where its item is placed.
  let guestAt: Buffer<Int32>
  private(set) var cost: Int
  private(set) var unplaced: Int
  /// Candidates looked at and entries moved: the search's clock.
  var work = 0

  private let usage: Buffer<Int>
  private let scale: Buffer<Double>
  private let openCount: Buffer<Int32>
  private let groupUsed: Buffer<Int32>
  /// Items on each candidate, linked.
  private let head: Buffer<Int32>
  private let next: Buffer<Int32>
  private let previous: Buffer<Int32>
  /// Candidates by class, those with items first.
  let order: Buffer<Int32>
  let classStart: Buffer<Int32>
  private let placeOf: Buffer<Int32>
  private let touched: Buffer<Int32>
  /// Items without a place, the first `unplaced` of it, and where each item is in it.
  private let waiting: Buffer<Int32>
  private let waitsAt: Buffer<Int32>

  init(_ model: InsertionModel) {
    self.model = model
    let (items, candidates) = (model.itemCount, model.candidateCount)
    host = Buffer(repeating: -1, count: items)
    guestAt = Buffer(repeating: -1, count: model.guests.count)
    usage = Buffer(repeating: 0, count: model.upper.count)
    openCount = Buffer(repeating: 0, count: model.prices.count)
    groupUsed = Buffer(repeating: 0, count: model.groupValues)
    head = Buffer(repeating: -1, count: candidates)
    next = Buffer(repeating: -1, count: items)
    previous = Buffer(repeating: -1, count: items)
    var scale = Buffer<Double>(capacity: model.upper.count)
    for row in 0..<model.upper.count { scale.append(255 / Double(max(1, model.upper[row]))) }
    self.scale = scale
    let start = Buffer<Int32>(repeating: 0, count: model.classCount + 1)
    for candidate in 0..<candidates { start[Int(model.classOf[candidate]) + 1] += 1 }
    for number in 0..<model.classCount { start[number + 1] += start[number] }
    classStart = start
    var fill = start.array
    order = Buffer(repeating: 0, count: candidates)
    placeOf = Buffer(repeating: 0, count: candidates)
    for candidate in 0..<candidates {
      let number = Int(model.classOf[candidate])
      order[Int(fill[number])] = Int32(candidate)
      placeOf[candidate] = fill[number]
      fill[number] += 1
    }
    touched = Buffer(repeating: 0, count: model.classCount)
    waiting = Buffer(0..<Int32(items))
    waitsAt = Buffer(0..<Int32(items))
    unplaced = items
    cost = items * model.penalty
  }

  deinit {
    host.deallocate(); guestAt.deallocate(); usage.deallocate(); scale.deallocate(); openCount.deallocate()
    groupUsed.deallocate(); head.deallocate(); next.deallocate(); previous.deallocate(); order.deallocate()
    classStart.deallocate(); placeOf.deallocate(); touched.deallocate()
    waiting.deallocate(); waitsAt.deallocate()
  }

  // MARK: coming and going

  /// Puts an item where it fits; false, and nothing changed, where it does not.
  ///
  /// - Parameter cost: what the item costs in the class of the candidate.
  @discardableResult
  mutating func put(_ item: Int, _ candidate: Int, cost own: Int) -> Bool {
    guard load(item, candidate) else { return false }
    settle(item, candidate, own)
    return true
  }

  /// Puts an item back where it was, its guests too.
  mutating func restore(_ item: Int, _ candidate: Int, cost own: Int, guests: Buffer<Int32>, from start: Int)
  {
    move(item, candidate, by: 1)
    let first = Int(model.guestStart[item])
    for number in first..<Int(model.guestStart[item + 1]) {
      let choice = guests[start + number - first]
      guestAt[number] = choice
      moveGuest(number, Int(choice), by: 1)
    }
    settle(item, candidate, own)
  }

  private mutating func settle(_ item: Int, _ candidate: Int, _ own: Int) {
    let first = head[candidate]
    next[item] = first
    previous[item] = -1
    if first >= 0 { previous[Int(first)] = Int32(item) } else { touch(candidate) }
    head[candidate] = Int32(item)
    host[item] = Int32(candidate)
    cost += own + relations(item, candidate) - model.penalty
    for index in Int(model.openStart[item])..<Int(model.openStart[item + 1]) {
      guard let bin = bin(of: model.opens[index], candidate) else { continue }
      if openCount[bin] == 0 { cost += model.prices[bin] }
      openCount[bin] += 1
    }
    count(item, candidate, by: 1)
    unplaced -= 1
    wait(item, at: unplaced)
  }

  /// Takes an item away.
  mutating func take(_ item: Int, cost own: Int) {
    let candidate = Int(host[item])
    let (before, after) = (previous[item], next[item])
    if before >= 0 { next[Int(before)] = after } else { head[candidate] = after }
    if after >= 0 { previous[Int(after)] = before }
    if head[candidate] < 0 { leave(candidate) }
    move(item, candidate, by: -1)
    for number in Int(model.guestStart[item])..<Int(model.guestStart[item + 1]) {
      moveGuest(number, Int(guestAt[number]), by: -1)
    }
    host[item] = -1
    cost -= own + relations(item, candidate) - model.penalty
    for index in Int(model.openStart[item])..<Int(model.openStart[item + 1]) {
      guard let bin = bin(of: model.opens[index], candidate) else { continue }
      openCount[bin] -= 1
      if openCount[bin] == 0 { cost -= model.prices[bin] }
    }
    count(item, candidate, by: -1)
    wait(item, at: unplaced)
    unplaced += 1
  }

  /// Where the price of a candidate's bin is; nil where that is no bin.
  @inline(__always)
  private func bin(of entry: InsertionModel.OpenEntry, _ candidate: Int) -> Int? {
    let bin = model.columns[Int(entry.column) + candidate]
    return bin < 0 ? nil : Int(entry.base + bin)
  }

  private func count(_ item: Int, _ candidate: Int, by change: Int32) {
    for index in Int(model.groupStart[item])..<Int(model.groupStart[item + 1]) {
      let group = model.groups[index]
      let value = model.columns[Int(group.column) + candidate]
      if value != group.except { groupUsed[Int(group.base + value)] += change }
    }
  }

  private func wait(_ item: Int, at place: Int) {
    let (other, mine) = (waiting[place], waitsAt[item])
    waiting[place] = Int32(item)
    waiting[Int(mine)] = other
    waitsAt[item] = Int32(place)
    waitsAt[Int(other)] = mine
  }

  private mutating func touch(_ candidate: Int) {
    let number = Int(model.classOf[candidate])
    swap(candidate, with: Int(classStart[number] + touched[number]))
    touched[number] += 1
  }

  private mutating func leave(_ candidate: Int) {
    let number = Int(model.classOf[candidate])
    touched[number] -= 1
    swap(candidate, with: Int(classStart[number] + touched[number]))
  }

  private func swap(_ candidate: Int, with place: Int) {
    let (other, mine) = (order[place], placeOf[candidate])
    order[place] = Int32(candidate)
    order[Int(mine)] = other
    placeOf[candidate] = Int32(place)
    placeOf[Int(other)] = mine
  }

  // MARK: rows

  private mutating func move(_ item: Int, _ candidate: Int, by sign: Int) {
    for index in Int(model.entryStart[item])..<Int(model.entryStart[item + 1]) {
      add(model.entries[index], candidate, sign)
    }
  }

  private mutating func moveGuest(_ number: Int, _ candidate: Int, by sign: Int) {
    let guest = model.guests[number]
    for index in Int(guest.entryStart)..<Int(guest.entryEnd) {
      add(model.guestEntries[index], candidate, sign)
    }
  }

  @inline(__always)
  private mutating func add(_ entry: InsertionModel.LoadEntry, _ candidate: Int, _ sign: Int) {
    let bin = model.columns[Int(entry.column) + candidate]
    guard bin >= 0 else { return }
    let slot = Int(entry.load + bin)
    for ref in Int(model.rowStart[slot])..<Int(model.rowStart[slot + 1]) {
      let row = model.rowRefs[ref]
      usage[Int(row.row)] += sign * row.coefficient * entry.weight
    }
    work += 1
  }

  @inline(__always)
  private func hasRoom(_ entry: InsertionModel.LoadEntry, _ candidate: Int) -> Bool {
    let bin = model.columns[Int(entry.column) + candidate]
    guard bin >= 0 else { return true }
    let slot = Int(entry.load + bin)
    for ref in Int(model.rowStart[slot])..<Int(model.rowStart[slot + 1]) {
      let row = model.rowRefs[ref]
      if usage[Int(row.row)] + row.coefficient * entry.weight > model.upper[Int(row.row)] { return false }
    }
    return true
  }

  /// Takes room for an item and its guests, one after the other; false, and nothing taken, where one does not fit.
  private mutating func load(_ item: Int, _ candidate: Int) -> Bool {
    let (first, last) = (Int(model.entryStart[item]), Int(model.entryStart[item + 1]))
    for index in first..<last {
      guard hasRoom(model.entries[index], candidate) else {
        for done in first..<index { add(model.entries[done], candidate, -1) }
        return false
      }
      add(model.entries[index], candidate, 1)
    }
    let guests = Int(model.guestStart[item])
    for number in guests..<Int(model.guestStart[item + 1]) {
      let choice = tightest(number, candidate)
      guard choice >= 0 else {
        for done in guests..<number { moveGuest(done, Int(guestAt[done]), by: -1) }
        move(item, candidate, by: -1)
        return false
      }
      guestAt[number] = Int32(choice)
      moveGuest(number, choice, by: 1)
    }
    return true
  }

  /// Of a guest's candidates beside a candidate of its item, the one that it fills most; -1 for none.
  private func tightest(_ number: Int, _ candidate: Int) -> Int {
    let guest = model.guests[number]
    let start = Int(model.guestLists[Int(guest.lists) + candidate])
    let end = Int(model.guestLists[Int(guest.lists) + candidate + 1])
    var (best, bestRoom) = (-1, Int.max)
    for place in start..<end {
      let choice = Int(model.guestLists[place])
      var room = 0
      var fits = true
      for index in Int(guest.entryStart)..<Int(guest.entryEnd) {
        let entry = model.guestEntries[index]
        guard hasRoom(entry, choice) else { fits = false; break }
        if index == Int(guest.entryStart) { room = self.room(entry, choice) }
      }
      if fits && room < bestRoom { (best, bestRoom) = (choice, room) }
    }
    return best
  }

  private func room(_ entry: InsertionModel.LoadEntry, _ candidate: Int) -> Int {
    let bin = model.columns[Int(entry.column) + candidate]
    guard bin >= 0 else { return 0 }
    let slot = Int(entry.load + bin)
    guard model.rowStart[slot] < model.rowStart[slot + 1] else { return 0 }
    let row = model.rowRefs[Int(model.rowStart[slot])].row
    return model.upper[Int(row)] - usage[Int(row)]
  }

  // MARK: relations

  /// What an item's relations to the placed ones cost where it is.
  private func relations(_ item: Int, _ candidate: Int) -> Int {
    var sum = 0
    for index in Int(model.pairStart[item])..<Int(model.pairStart[item + 1]) {
      let pair = model.pairs[index]
      guard pair.cost > 0, host[Int(pair.other)] >= 0 else { continue }
      if !holds(pair, candidate) { sum += pair.cost }
    }
    return sum
  }

  @inline(__always)
  private func holds(_ pair: InsertionModel.PairEntry, _ candidate: Int) -> Bool {
    let mine = model.columns[Int(pair.column) + candidate]
    let others = model.columns[Int(pair.otherColumn) + Int(host[Int(pair.other)])]
    switch pair.relation {
    case .equal: return mine == others
    case .different: return mine != others
    case .table: return model.tables[Int(pair.table + mine * pair.step + others * pair.otherStep)] != 0
    }
  }

  // MARK: the cheapest place

  /// Puts an item where it costs least, among equals where it fills most: what it costs in that class; nil where it
  /// fits nowhere.
  ///
  /// - Parameter blink: how often, of 1,024, a place is overlooked.
  mutating func insert(_ item: Int, blink: Int, _ random: inout RandomBits) -> Int? {
    let fixed = fixedCandidate(item)
    if fixed == -2 { return nil }
    var best = (score: Int.max, candidate: -1, own: 0)
    let rows = max(1, Int(model.entryStart[item + 1] - model.entryStart[item]))
    for index in Int(model.choiceStart[item])..<Int(model.choiceStart[item + 1]) {
      let own = model.choiceCost[index]
      if best.candidate >= 0 && own * 1024 >= best.score { break }
      let number = Int(model.choiceClass[index])
      if fixed >= 0 && Int(model.classOf[fixed]) != number { continue }
      let start = Int(classStart[number])
      work += 1
      guard let more = uniformCost(item, Int(order[start])) else { continue }
      let price = own + more
      if best.candidate >= 0 && price * 1024 >= best.score { continue }
      let last = min(Int(classStart[number + 1]) - 1, start + Int(touched[number]))
      for place in start...last {
        let candidate = Int(order[place])
        if fixed >= 0 && candidate != fixed { continue }
        work += 1
        guard let extra = singleCost(item, candidate) else { continue }
        let total = (price + extra) * 1024
        if total >= best.score { continue }
        guard fits(item, candidate) else { continue }
        let score = total + residue(item, candidate) / rows
        if score >= best.score { continue }
        if blink > 0 && random.below(1024) < blink { continue }
        best = (score, candidate, own)
      }
      // A fixed candidate may be among those of its class that nothing is on.
      if fixed >= 0, best.candidate < 0, singleCost(item, fixed) != nil, fits(item, fixed) {
        best = (0, fixed, own)
      }
    }
    return best.candidate >= 0 && put(item, best.candidate, cost: best.own) ? best.own : nil
  }

  /// The one candidate that a relation leaves, -1 where none decides, -2 where two disagree.
  private func fixedCandidate(_ item: Int) -> Int {
    var fixed = -1
    for index in Int(model.pairStart[item])..<Int(model.pairStart[item + 1]) {
      let pair = model.pairs[index]
      guard pair.cost < 0, !pair.isUniform, pair.relation == .equal, pair.column == pair.otherColumn else {
        continue
      }
      let other = Int(host[Int(pair.other)])
      guard other >= 0 else { continue }
      if fixed >= 0 && fixed != other { return -2 }
      fixed = other
    }
    return fixed
  }

  /// What relations cost at any candidate of a class; nil where one forbids it.
  @inline(__always)
  private func uniformCost(_ item: Int, _ candidate: Int) -> Int? {
    var sum = 0
    for index in Int(model.pairStart[item])..<Int(model.pairStart[item + 1]) {
      let pair = model.pairs[index]
      guard pair.isUniform, host[Int(pair.other)] >= 0, !holds(pair, candidate) else { continue }
      if pair.cost < 0 { return nil }
      sum += pair.cost
    }
    for index in Int(model.groupStart[item])..<Int(model.groupStart[item + 1]) {
      let group = model.groups[index]
      guard group.isUniform else { continue }
      let value = model.columns[Int(group.column) + candidate]
      if value != group.except && groupUsed[Int(group.base + value)] > 0 { return nil }
    }
    return sum
  }

  /// What this very candidate adds: openings and relations that tell candidates apart; nil where one forbids it.
  @inline(__always)
  private func singleCost(_ item: Int, _ candidate: Int) -> Int? {
    var sum = 0
    for index in Int(model.openStart[item])..<Int(model.openStart[item + 1]) {
      guard let bin = bin(of: model.opens[index], candidate) else { continue }
      if openCount[bin] == 0 { sum += model.prices[bin] }
    }
    for index in Int(model.groupStart[item])..<Int(model.groupStart[item + 1]) {
      let group = model.groups[index]
      guard !group.isUniform else { continue }
      let value = model.columns[Int(group.column) + candidate]
      if value != group.except && groupUsed[Int(group.base + value)] > 0 { return nil }
    }
    for index in Int(model.pairStart[item])..<Int(model.pairStart[item + 1]) {
      let pair = model.pairs[index]
      guard !pair.isUniform, host[Int(pair.other)] >= 0, !holds(pair, candidate) else { continue }
      if pair.cost < 0 { return nil }
      sum += pair.cost
    }
    return sum
  }

  private mutating func fits(_ item: Int, _ candidate: Int) -> Bool {
    let guests = Int(model.guestStart[item + 1] - model.guestStart[item])
    for index in Int(model.entryStart[item])..<Int(model.entryStart[item + 1]) {
      if !hasRoom(model.entries[index], candidate) { return false }
    }
    if guests == 0 { return true }
    if guests == 1 { return tightest(Int(model.guestStart[item]), candidate) >= 0 }
    // Several guests may want the same room: only taking it tells.
    guard load(item, candidate) else { return false }
    for number in Int(model.guestStart[item])..<Int(model.guestStart[item + 1]) {
      moveGuest(number, Int(guestAt[number]), by: -1)
    }
    move(item, candidate, by: -1)
    return true
  }

  /// How much of each row stays free, of 255 each.
  private func residue(_ item: Int, _ candidate: Int) -> Int {
    var sum = 0.0
    for index in Int(model.entryStart[item])..<Int(model.entryStart[item + 1]) {
      let entry = model.entries[index]
      let bin = model.columns[Int(entry.column) + candidate]
      guard bin >= 0 else { continue }
      let slot = Int(entry.load + bin)
      for ref in Int(model.rowStart[slot])..<Int(model.rowStart[slot + 1]) {
        let row = model.rowRefs[ref]
        let free = model.upper[Int(row.row)] - usage[Int(row.row)] - row.coefficient * entry.weight
        sum += Double(free) * scale[Int(row.row)]
      }
    }
    return Int(sum)
  }

  // MARK: for neighbourhoods

  /// An item without a place, by number below `unplaced`.
  func waitingItem(_ number: Int) -> Int { Int(waiting[number]) }

  func isEmpty(_ candidate: Int) -> Bool { head[candidate] < 0 }

  /// How many candidates of a class have something on them: the first ones in `order`.
  func touchedCount(_ number: Int) -> Int { Int(touched[number]) }

  /// The items on a candidate, one after the other; -1 after the last.
  func firstItem(on candidate: Int) -> Int { Int(head[candidate]) }
  func itemAfter(_ item: Int) -> Int { Int(next[item]) }

  /// A random item on a candidate, or -1.
  func item(on candidate: Int, _ random: inout RandomBits) -> Int {
    var (found, seen) = (-1, 0)
    var item = firstItem(on: candidate)
    while item >= 0 {
      seen += 1
      if random.below(seen) == 0 { found = item }
      item = itemAfter(item)
    }
    return found
  }

  /// What an item costs in the class of a candidate.
  func ownCost(_ item: Int, _ candidate: Int) -> Int {
    let number = model.classOf[candidate]
    for index in Int(model.choiceStart[item])..<Int(model.choiceStart[item + 1])
    where model.choiceClass[index] == number { return model.choiceCost[index] }
    preconditionFailure("an item stands where it may not: please report it")
  }
}
