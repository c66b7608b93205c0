/// Which items a move takes away: neighbours by region, by what belongs together, and by who waits for a place.
extension InsertionSearch {
  /// Chooses placed items to take away, and puts those without a place that are to be tried with them in the queue.
  mutating func choose() {
    stamp += 1
    chosen.count = 0
    queue.count = 0
    if state.unplaced > 0 && (isMending || random.pick(100) < 60) {
      return chooseAroundUnplaced(state.waitingItem(random.pick(state.unplaced)))
    }
    let seed = recent.count > 0 ? Int(recent[random.pick(recent.count)]) : placedItem()
    guard seed >= 0 else { return }
    let here = Int(state.host[seed])
    let region = Int(model.regionOf[here])
    switch random.pick(100) {
    case ..<45:
      // Hosts of one region.
      add(itemsOn: here)
      var wanted = random.pick(4)
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
      for _ in 0..<1 + random.pick(3) {
        add(itemsOn: cheapCandidate(Int(model.componentItems[start + random.pick(end - start)])))
      }
    case ..<90:
      // Single items of one region.
      add(seed)
      for _ in 0..<2 + random.pick(8) {
        let item = state.item(on: candidate(ofRegion: region), &random)
        if item >= 0 { add(item) }
      }
    default:
      if isMending { add(seed) }
      for _ in 0..<2 + random.pick(10) { add(random.pick(model.itemCount)) }
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
    var wanted = 1 + random.pick(4)
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
  mutating func addUnplaced(_ most: Int) {
    let count = state.unplaced
    let start = random.pick(count)
    for offset in 0..<min(most, count) { addUnplaced(item: state.waitingItem((start + offset) % count)) }
  }

  private mutating func addUnplaced(item: Int) {
    mark[item] = stamp
    queue.append(Queued(item: Int32(item), key: 0))
  }

  private mutating func candidate(ofRegion region: Int) -> Int {
    let (start, end) = (Int(regionStart[region]), Int(regionStart[region + 1]))
    return Int(regionList[start + random.pick(end - start)])
  }

  /// A candidate of an item, cheap ones rather.
  private mutating func cheapCandidate(_ item: Int) -> Int {
    let count = choices(item)
    let uniform = Double(random.pick(1 << 20)) / Double(1 << 20)
    let index = Int(model.choiceStart[item]) + Int(Double(count) * uniform * uniform * uniform)
    return candidate(ofClass: Int(model.choiceClass[index]))
  }

  private mutating func anyCandidate(_ item: Int) -> Int {
    let index = Int(model.choiceStart[item]) + random.pick(choices(item))
    return candidate(ofClass: Int(model.choiceClass[index]))
  }

  /// One of a class that has something on it, if there is one.
  private mutating func candidate(ofClass number: Int) -> Int {
    let (start, end) = (Int(state.classStart[number]), Int(state.classEnd[number]))
    let used = state.touchedCount(number)
    return Int(state.order[start + random.pick(used > 0 ? used : end - start)])
  }

  private mutating func placedItem() -> Int {
    for _ in 0..<20 {
      let item = random.pick(model.itemCount)
      if state.host[item] >= 0 { return item }
    }
    return -1
  }
}
