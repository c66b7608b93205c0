/// Where every item is, what every row holds, and what it all costs; items come and go one at a time.
///
/// The hot part of the search: plain storage behind one owner, no reference counts. Functions that change
/// nothing are `mutating` too where they are not inlined: a borrowed self would be copied whole for each call.
struct InsertionState: ~Copyable {
  /// The model behind a pointer: as a stored value it would be copied whole wherever it is read.
  private let storage: UnsafeMutablePointer<InsertionModel>
  @inline(__always)
  var model: InsertionModel { _read { yield storage.pointee } }
  /// Candidate of each item; -1 where it is not placed.
  let host: Buffer<Int32>
  /// Candidate of each guest; of meaning only where its item is placed.
  let guestAt: Buffer<Int32>
  private(set) var cost: Int
  private(set) var unplaced: Int
  /// Candidates looked at and entries moved: the search's clock.
  var work = 0

  /// What is free of each row.
  let free: Buffer<Int>
  let scale: Buffer<Double>
  /// Items in each bin with a price, and what the next item costs there.
  private let openCount: Buffer<Int32>
  let openingPrice: Buffer<Int>
  let groupUsed: Buffer<Int32>
  /// Items on each candidate, linked.
  let head: Buffer<Int32>
  private let next: Buffer<Int32>
  private let previous: Buffer<Int32>
  /// Candidates by class, those with items first.
  let order: Buffer<Int32>
  let classStart: Buffer<Int32>
  /// Candidates of a class that are lost stand behind this.
  let classEnd: Buffer<Int32>
  private let placeOf: Buffer<Int32>
  let touched: Buffer<Int32>
  /// What classes have room for at most.
  var room: ClassRoom
  /// Where each item was before a change, or -1, and what it costs to be elsewhere.
  let home: Buffer<Int32>
  private(set) var moveCost = 0
  /// What room is worth to the item that is inserted in each class, in 1024ths; counts instead of openings while guided.
  let surcharge: Buffer<Int>
  var isGuided = false
  /// Classes that the item which is inserted may go to, while it is confined to some.
  let isAllowed: Buffer<Bool>
  var confinement = Confinement.anywhere
  /// What relations of the item that is inserted cost in each area, where its stamp is the current one.
  let areaStamp: Buffer<Int32>
  let areaCost: Buffer<Int>
  var stamp: Int32 = 0
  /// Relations of the item that is inserted to items that are placed.
  var asks: Buffer<Ask>
  /// Items without a place, the first `unplaced` of it, and where each item is in it.
  private let waiting: Buffer<Int32>
  private let waitsAt: Buffer<Int32>

  /// A pair relation of which the other side is known.
  struct Ask: BitwiseCopyable {
    var column: Int32
    var relation: InsertionModel.Relation
    var value: Int32
    var table: Int32
    var step: Int32
    var cost: Int
  }

  init(_ model: InsertionModel) {
    storage = .allocate(capacity: 1)
    storage.initialize(to: model)
    let (items, candidates) = (model.itemCount, model.candidateCount)
    host = Buffer(repeating: -1, count: items)
    guestAt = Buffer(repeating: -1, count: model.guests.count)
    free = Buffer(UnsafeBufferPointer(start: model.upper.base, count: model.upper.count))
    openCount = Buffer(repeating: 0, count: model.prices.count)
    openingPrice = Buffer(UnsafeBufferPointer(start: model.prices.base, count: model.prices.count))
    groupUsed = Buffer(repeating: 0, count: model.groupValues)
    head = Buffer(repeating: -1, count: candidates)
    next = Buffer(repeating: -1, count: items)
    previous = Buffer(repeating: -1, count: items)
    var scale = Buffer<Double>(capacity: model.upper.count)
    for row in 0..<model.upper.count { scale.append(255 / Double(max(1, model.upper[row]))) }
    // What is no bin is neither full nor empty.
    if scale.count > 0 { scale[scale.count - 1] = 0 }
    self.scale = scale
    let start = Buffer<Int32>(repeating: 0, count: model.classCount + 1)
    for candidate in 0..<candidates { start[Int(model.classOf[candidate]) + 1] += 1 }
    for number in 0..<model.classCount { start[number + 1] += start[number] }
    classStart = start
    classEnd = Buffer(start.array.dropFirst())
    home = Buffer(repeating: -1, count: items)
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
    room = ClassRoom(model)
    surcharge = Buffer(repeating: 0, count: model.classCount)
    isAllowed = Buffer(repeating: true, count: model.classCount)
    areaStamp = Buffer(repeating: 0, count: model.areaCount)
    areaCost = Buffer(repeating: 0, count: model.areaCount)
    var most = 0
    for item in 0..<items {
      most = max(most, Int(model.pairStart[item].single - model.pairStart[item].start))
    }
    asks = Buffer(capacity: most)
    waiting = Buffer(0..<Int32(items))
    waitsAt = Buffer(0..<Int32(items))
    unplaced = items
    cost = items * model.penalty
  }

  deinit {
    storage.deallocate()
    host.deallocate(); guestAt.deallocate(); free.deallocate(); scale.deallocate(); openCount.deallocate()
    openingPrice.deallocate(); groupUsed.deallocate(); head.deallocate(); next.deallocate()
    previous.deallocate(); order.deallocate(); classStart.deallocate(); classEnd.deallocate()
    placeOf.deallocate(); home.deallocate()
    touched.deallocate(); room.deallocate(); surcharge.deallocate(); isAllowed.deallocate()
    areaStamp.deallocate()
    areaCost.deallocate(); asks.deallocate(); waiting.deallocate(); waitsAt.deallocate()
  }

  // MARK: coming and going

  /// Puts an item where it fits, each guest where it fills most; false, and nothing changed, where a guest finds no
  /// place beside the others.
  ///
  /// - Parameter cost: what the item costs in the class of the candidate.
  /// - Precondition: the item's own rows have room.
  mutating func put(_ item: Int, _ candidate: Int, cost own: Int) -> Bool {
    guard load(item, candidate) else { return false }
    settle(item, candidate, own)
    return true
  }

  /// The same with each guest where it is wanted, as far as it fits there.
  mutating func put(_ item: Int, _ candidate: Int, cost own: Int, guests: (Int) -> Int) -> Bool {
    fill(item, candidate, by: 1)
    let first = Int(model.guestStart[item])
    for number in first..<Int(model.guestStart[item + 1]) {
      let taker = model.takers[model.itemCount + number]
      let wanted = guests(number)
      let canStay =
        wanted >= 0 && isBeside(number, wanted, candidate)
        && hasRoom(taker, wanted, countsFrom: taker.countStart)
      let choice = canStay ? wanted : tightest(number, candidate)
      guard choice >= 0 else {
        for done in first..<number { fill(model.itemCount + done, Int(guestAt[done]), by: -1) }
        fill(item, candidate, by: -1)
        return false
      }
      guestAt[number] = Int32(choice)
      fill(model.itemCount + number, choice, by: 1)
    }
    settle(item, candidate, own)
    return true
  }

  /// Whether a guest's candidate is beside one of its item's.
  private mutating func isBeside(_ number: Int, _ choice: Int, _ candidate: Int) -> Bool {
    let lists = Int(model.guests[number].lists) + candidate
    return (Int(model.guestLists[lists])..<Int(model.guestLists[lists + 1]))
      .contains { Int(model.guestLists[$0]) == choice }
  }

  /// Puts an item back where it was, its guests too.
  mutating func restore(_ item: Int, _ candidate: Int, cost own: Int, guests: Buffer<Int32>, from start: Int)
  {
    fill(item, candidate, by: 1)
    let first = Int(model.guestStart[item])
    for number in first..<Int(model.guestStart[item + 1]) {
      let choice = guests[start + number - first]
      guestAt[number] = choice
      fill(model.itemCount + number, Int(choice), by: 1)
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
    room.isStale[Int(model.classOf[candidate])] = true
    cost += own + relations(item, candidate) + moving(item, candidate) - model.penalty
    for index in Int(model.openStart[item])..<Int(model.openStart[item + 1]) {
      guard let bin = bin(of: model.opens[index], candidate) else { continue }
      if openCount[bin] == 0 {
        cost += model.prices[bin]
        openingPrice[bin] = 0
      }
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
    fill(item, candidate, by: -1)
    for number in Int(model.guestStart[item])..<Int(model.guestStart[item + 1]) {
      fill(model.itemCount + number, Int(guestAt[number]), by: -1)
    }
    if head[candidate] < 0 { leave(candidate) } else { noteRoom(candidate) }
    host[item] = -1
    cost -= own + relations(item, candidate) + moving(item, candidate) - model.penalty
    for index in Int(model.openStart[item])..<Int(model.openStart[item + 1]) {
      guard let bin = bin(of: model.opens[index], candidate) else { continue }
      openCount[bin] -= 1
      if openCount[bin] == 0 {
        cost -= model.prices[bin]
        openingPrice[bin] = model.prices[bin]
      }
    }
    count(item, candidate, by: -1)
    wait(item, at: unplaced)
    unplaced += 1
  }

  /// What it costs that an item is not where it was.
  @inline(__always)
  func moving(_ item: Int, _ candidate: Int) -> Int {
    moveCost == 0 || home[item] < 0 || Int(home[item]) == candidate ? 0 : moveCost
  }

  /// From now on every placed item is at home, and being elsewhere costs that much; 0 is for nothing.
  mutating func settleHomes(moveCost new: Int) {
    for item in 0..<model.itemCount where host[item] >= 0 {
      cost -= moving(item, Int(host[item]))
      home[item] = host[item]
    }
    moveCost = new
  }

  /// Takes a candidate that is empty out of its class for good.
  mutating func lose(_ candidate: Int) {
    let number = Int(model.classOf[candidate])
    guard placeOf[candidate] < classEnd[number] else { return }
    classEnd[number] -= 1
    swap(candidate, with: Int(classEnd[number]))
  }

  func isLost(_ candidate: Int) -> Bool { placeOf[candidate] >= classEnd[Int(model.classOf[candidate])] }

  /// Where the price of a candidate's bin is; nil where that is no bin.
  @inline(__always)
  func bin(of entry: InsertionModel.OpenEntry, _ candidate: Int) -> Int? {
    let bin = model.columns[Int(entry.column) + candidate]
    return bin < 0 ? nil : Int(entry.base + bin)
  }

  private mutating func count(_ item: Int, _ candidate: Int, by change: Int32) {
    let range = model.groupStart[item]
    for index in Int(range.start)..<Int(range.end) {
      let group = model.groups[index]
      let value = model.columns[Int(group.column) + candidate]
      if value != group.except { groupUsed[Int(group.base + value)] += change }
    }
  }

  private mutating func wait(_ item: Int, at place: Int) {
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
    noteRoom(candidate)
  }

  private mutating func leave(_ candidate: Int) {
    let number = Int(model.classOf[candidate])
    touched[number] -= 1
    swap(candidate, with: Int(classStart[number] + touched[number]))
  }

  private mutating func swap(_ candidate: Int, with place: Int) {
    let (other, mine) = (order[place], placeOf[candidate])
    order[place] = Int32(candidate)
    order[Int(mine)] = other
    placeOf[candidate] = Int32(place)
    placeOf[Int(other)] = mine
  }

  // MARK: relations

  /// What an item's relations to the placed ones cost where it is.
  private mutating func relations(_ item: Int, _ candidate: Int) -> Int {
    var sum = 0
    let range = model.pairStart[item]
    for index in Int(range.soft)..<Int(range.softEnd) {
      let pair = model.pairs[index]
      if host[Int(pair.other)] >= 0 && !holds(pair, candidate) { sum += pair.cost }
    }
    return sum
  }

  @inline(__always)
  func holds(_ pair: InsertionModel.PairEntry, _ candidate: Int) -> Bool {
    let mine = model.columns[Int(pair.column) + candidate]
    let others = model.columns[Int(pair.otherColumn) + Int(host[Int(pair.other)])]
    switch pair.relation {
    case .equal: return mine == others
    case .different: return mine != others
    case .table: return model.tables[Int(pair.table + mine * pair.step + others * pair.otherStep)] != 0
    }
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
  mutating func item(on candidate: Int, _ random: inout RandomBits) -> Int {
    var (found, seen) = (-1, 0)
    var item = firstItem(on: candidate)
    while item >= 0 {
      seen += 1
      if random.pick(seen) == 0 { found = item }
      item = itemAfter(item)
    }
    return found
  }

  /// What an item costs in the class of a candidate.
  mutating func ownCost(_ item: Int, _ candidate: Int) -> Int {
    let number = model.classOf[candidate]
    for index in Int(model.choiceStart[item])..<Int(model.choiceEnd[item])
    where model.choiceClass[index] == number { return model.choiceCost[index] }
    preconditionFailure("an item stands where it may not: please report it")
  }
}
