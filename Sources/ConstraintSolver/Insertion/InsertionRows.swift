/// What rows hold: room for items and their guests is looked for, taken and given back.
extension InsertionState {
  /// Takes, or gives back, what an item or a guest needs at a candidate.
  @inline(__always)
  mutating func fill(_ number: Int, _ candidate: Int, by sign: Int) {
    let taker = model.takers[number]
    let rows = Int(taker.matrix) + candidate * Int(taker.stride)
    for index in Int(taker.needStart)..<Int(taker.needEnd) {
      let need = model.needs[index]
      free[Int(model.laneRows[rows + need.lane])] -= sign * need.amount
    }
    for index in Int(taker.countStart)..<Int(taker.countEnd) {
      let count = model.counts[index]
      let bin = model.columns[Int(count.column) + candidate]
      guard bin >= 0 else { continue }
      let slot = Int(count.load + bin)
      for ref in Int(model.rowStart[slot])..<Int(model.rowStart[slot + 1]) {
        let row = model.rowRefs[ref]
        free[Int(row.row)] -= sign * row.coefficient * count.weight
      }
    }
    work += 1 + Int(taker.needEnd - taker.needStart) / 4
  }

  /// Whether there is room for an item or a guest, its counts from a number on among what is looked at.
  @inline(__always)
  func hasRoom(_ taker: InsertionModel.Taker, _ candidate: Int, countsFrom first: Int32) -> Bool {
    let rows = Int(taker.matrix) + candidate * Int(taker.stride)
    for index in Int(taker.needStart)..<Int(taker.needEnd) {
      let need = model.needs[index]
      if free[Int(model.laneRows[rows + need.lane])] < need.amount { return false }
    }
    for index in Int(first)..<Int(taker.countEnd) where !hasRoom(model.counts[index], candidate) {
      return false
    }
    return true
  }

  @inline(__always)
  func hasRoom(_ count: InsertionModel.Count, _ candidate: Int) -> Bool {
    let bin = model.columns[Int(count.column) + candidate]
    guard bin >= 0 else { return true }
    let slot = Int(count.load + bin)
    for ref in Int(model.rowStart[slot])..<Int(model.rowStart[slot + 1]) {
      let row = model.rowRefs[ref]
      if free[Int(row.row)] < row.coefficient * count.weight { return false }
    }
    return true
  }

  /// Takes room for an item, which has it, and for its guests, one after the other; false, and nothing taken, where
  /// one of them does not fit.
  mutating func load(_ item: Int, _ candidate: Int) -> Bool {
    fill(item, candidate, by: 1)
    let guests = Int(model.guestStart[item])
    for number in guests..<Int(model.guestStart[item + 1]) {
      let choice = tightest(number, candidate)
      guard choice >= 0 else {
        for done in guests..<number { fill(model.itemCount + done, Int(guestAt[done]), by: -1) }
        fill(item, candidate, by: -1)
        return false
      }
      guestAt[number] = Int32(choice)
      fill(model.itemCount + number, choice, by: 1)
    }
    return true
  }

  /// Of a guest's candidates beside a candidate of its item, the one that it fills most; -1 for none.
  mutating func tightest(_ number: Int, _ candidate: Int) -> Int {
    let guest = model.guests[number]
    let taker = model.takers[model.itemCount + number]
    let start = Int(model.guestLists[Int(guest.lists) + candidate])
    let end = Int(model.guestLists[Int(guest.lists) + candidate + 1])
    var (best, bestRoom) = (-1, Int.max)
    for place in start..<end {
      let choice = Int(model.guestLists[place])
      guard hasRoom(taker, choice, countsFrom: taker.countStart) else { continue }
      var room = 0
      if taker.needStart < taker.needEnd {
        let lane = model.needs[Int(taker.needStart)].lane
        room = free[Int(model.laneRows[Int(taker.matrix) + choice * Int(taker.stride) + lane])]
      }
      if room < bestRoom { (best, bestRoom) = (choice, room) }
    }
    return best
  }

  /// Whether all guests of an item that has room fit beside each other.
  mutating func guestsFit(_ item: Int, _ candidate: Int) -> Bool {
    let (first, last) = (Int(model.guestStart[item]), Int(model.guestStart[item + 1]))
    if first == last { return true }
    if first + 1 == last { return tightest(first, candidate) >= 0 }
    // Several guests may want the same room: only taking it tells.
    guard load(item, candidate) else { return false }
    for number in first..<last { fill(model.itemCount + number, Int(guestAt[number]), by: -1) }
    fill(item, candidate, by: -1)
    return true
  }
}
