extension InsertionState {
  /// Puts an item where it costs least, among equals where it fills most: what it costs in that class; nil where it
  /// fits nowhere.
  ///
  /// - Parameter blink: how often, of 1,024, a place is overlooked.
  mutating func insert(_ item: Int, blink: Int, _ random: inout RandomBits) -> Int? {
    // The clock must go on whatever comes of it.
    work += 1
    let fixed = fixedCandidate(item)
    if fixed == -2 { return nil }
    prepareAsks(item)
    let taker = model.takers[item]
    let needs = Double(max(1, taker.needEnd - taker.needStart))
    var (bestScore, bestCandidate, bestOwn) = (Int.max, -1, 0)
    for index in Int(model.choiceStart[item])..<Int(model.choiceEnd[item]) {
      let own = model.choiceCost[index]
      if bestCandidate >= 0 && own * 1024 >= bestScore { break }
      let number = Int(model.choiceClass[index])
      if fixed >= 0 && Int(model.classOf[fixed]) != number { continue }
      if confinement != .anywhere && !isAllowed[number] { continue }
      let start = Int(classStart[number])
      work += 1
      let more = costInArea(Int(model.areaOf[number]), item, taker, Int(order[start]))
      if more < 0 { continue }
      let price = (own + more) * 1024 + (isGuided ? surcharge[number] : 0)
      if bestCandidate >= 0 && price >= bestScore { continue }
      if fixed >= 0 {
        // It may be among those of its class that nothing is on.
        if let extra = singleCost(item, fixed), hasRoom(taker, fixed, countsFrom: taker.countSingle),
          guestsFit(item, fixed)
        {
          (bestScore, bestCandidate, bestOwn) = (price + extra * 1024, fixed, own)
        }
        break
      }
      let used = start + Int(touched[number])
      let end = min(Int(classEnd[number]), used + 1)
      let isFull = confinement == .emptyOfAllowed || isTooFull(number, item, taker)
      var hasMissed = true
      for place in (isFull ? used : start)..<end {
        let candidate = Int(order[place])
        work += 1
        guard hasRoom(taker, candidate, countsFrom: taker.countSingle) else { continue }
        guard let extra = singleCost(item, candidate) else {
          hasMissed = false
          continue
        }
        let total = price + extra * 1024
        let score = total >= bestScore ? total : total + Int(residue(taker, candidate) / needs)
        if score >= bestScore {
          hasMissed = false
          continue
        }
        guard guestsFit(item, candidate) else { continue }
        if place < used { hasMissed = false }
        if blink > 0 && random.pick(1024) < blink { continue }
        (bestScore, bestCandidate, bestOwn) = (score, candidate, own)
      }
      if hasMissed && !isFull && room.isStale[number] { measureRoom(ofClass: number) }
    }
    return bestCandidate >= 0 && put(item, bestCandidate, cost: bestOwn) ? bestOwn : nil
  }

  /// Puts an item on a given candidate, its guests where they are wanted if that can be; false where it may not stand
  /// there beside what is placed.
  ///
  /// - Parameter guest: for the number of a guest, the candidate that is wanted, or -1.
  mutating func insert(_ item: Int, at candidate: Int, guests: (Int) -> Int) -> Bool {
    guard !isLost(candidate) else { return false }
    let number = model.classOf[candidate]
    guard
      let index = (Int(model.choiceStart[item])..<Int(model.choiceEnd[item]))
        .first(where: { model.choiceClass[$0] == number })
    else { return false }
    prepareAsks(item)
    let taker = model.takers[item]
    guard uniformCost(item, taker, candidate) >= 0, singleCost(item, candidate) != nil,
      hasRoom(taker, candidate, countsFrom: taker.countSingle)
    else { return false }
    return put(item, candidate, cost: model.choiceCost[index], guests: guests)
  }

  /// The one candidate that a relation leaves, -1 where none decides, -2 where two disagree.
  private mutating func fixedCandidate(_ item: Int) -> Int {
    var fixed = -1
    let range = model.pairStart[item]
    for index in Int(range.softEnd)..<Int(range.end) {
      let pair = model.pairs[index]
      guard pair.relation == .equal, pair.column == pair.otherColumn else { continue }
      let other = Int(host[Int(pair.other)])
      guard other >= 0 else { continue }
      if fixed >= 0 && fixed != other { return -2 }
      fixed = other
    }
    return fixed
  }

  // MARK: relations, area by area

  /// Looks up, once for all areas, where the items stand that the item asks something of.
  @inline(__always)
  private mutating func prepareAsks(_ item: Int) {
    stamp &+= 1
    asks.count = 0
    let range = model.pairStart[item]
    for index in Int(range.start)..<Int(range.single) {
      let pair = model.pairs[index]
      let other = Int(host[Int(pair.other)])
      guard other >= 0 else { continue }
      let value = model.columns[Int(pair.otherColumn) + other]
      asks.append(
        Ask(
          column: pair.column, relation: pair.relation, value: value,
          table: pair.table + value * pair.otherStep, step: pair.step, cost: pair.cost))
    }
  }

  /// What uniform relations cost in an area, of which a candidate is given; negative where one forbids it.
  @inline(__always)
  private mutating func costInArea(_ area: Int, _ item: Int, _ taker: InsertionModel.Taker, _ candidate: Int)
    -> Int
  {
    if areaStamp[area] == stamp { return areaCost[area] }
    let cost = uniformCost(item, taker, candidate)
    areaStamp[area] = stamp
    areaCost[area] = cost
    return cost
  }

  private mutating func uniformCost(_ item: Int, _ taker: InsertionModel.Taker, _ candidate: Int) -> Int {
    var sum = 0
    for index in 0..<asks.count {
      let ask = asks[index]
      let mine = model.columns[Int(ask.column) + candidate]
      let holds =
        switch ask.relation {
        case .equal: mine == ask.value
        case .different: mine != ask.value
        case .table: model.tables[Int(ask.table + mine * ask.step)] != 0
        }
      if holds { continue }
      if ask.cost < 0 { return -1 }
      sum += ask.cost
    }
    let range = model.groupStart[item]
    for index in Int(range.start)..<Int(range.single) where isTaken(model.groups[index], candidate) {
      return -1
    }
    for index in Int(taker.countStart)..<Int(taker.countSingle)
    where !hasRoom(model.counts[index], candidate) { return -1 }
    return sum
  }

  @inline(__always)
  private func isTaken(_ group: InsertionModel.GroupEntry, _ candidate: Int) -> Bool {
    let value = model.columns[Int(group.column) + candidate]
    return value != group.except && groupUsed[Int(group.base + value)] > 0
  }

  /// What this very candidate adds: openings and relations that tell candidates apart; nil where one forbids it.
  @inline(__always)
  private func singleCost(_ item: Int, _ candidate: Int) -> Int? {
    var sum = 0
    if !isGuided {
      for index in Int(model.openStart[item])..<Int(model.openStart[item + 1]) {
        guard let bin = bin(of: model.opens[index], candidate) else { continue }
        sum += openingPrice[bin]
      }
    }
    sum += moving(item, candidate)
    let groups = model.groupStart[item]
    for index in Int(groups.single)..<Int(groups.end) where isTaken(model.groups[index], candidate) {
      return nil
    }
    let range = model.pairStart[item]
    for index in Int(range.single)..<Int(range.end) {
      let pair = model.pairs[index]
      guard host[Int(pair.other)] >= 0, !holds(pair, candidate) else { continue }
      if pair.cost < 0 { return nil }
      sum += pair.cost
    }
    return sum
  }

  // MARK: room

  /// How much of each row stays free, of 255 each.
  @inline(__always)
  private func residue(_ taker: InsertionModel.Taker, _ candidate: Int) -> Double {
    var sum = 0.0
    let rows = Int(taker.matrix) + candidate * Int(taker.stride)
    for index in Int(taker.needStart)..<Int(taker.needEnd) {
      let need = model.needs[index]
      let row = Int(model.laneRows[rows + need.lane])
      sum += Double(free[row] - need.amount) * scale[row]
    }
    return sum
  }
}

extension RandomBits {
  /// A number below a bound, without a division.
  @inline(__always)
  mutating func pick(_ bound: Int) -> Int {
    Int(truncatingIfNeeded: ((next() >> 32) &* UInt64(truncatingIfNeeded: max(bound, 1))) >> 32)
  }
}
