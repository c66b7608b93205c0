import ConstraintModel

/// Loads: items with their bins, and for each bin what may be in it.
extension Compiler {
  mutating func addLoad(
    items: [CompiledItem], binCount: Int, capacities: [PendingCapacity], demanded: [Int] = []
  ) {
    let load = kernel.loads.count
    let firstBin = kernel.bins.count
    let firstItem = kernel.items.count
    var isLimited = [Bool](repeating: false, count: binCount)
    for capacity in capacities {
      if capacity.bin < 0 || capacity.bin >= binCount {
        if capacity.limit < 0 { kernel.addClause([!capacity.enforcement]) }
        continue
      }
      isLimited[capacity.bin] = true
    }
    for bin in demanded { isLimited[bin] = true }
    let items = items.filter { $0.weight > 0 }
    let isLazy = isLazy(items, binCount: binCount)
    if isLazy { kernel.hasLazyLoads = true }
    for _ in 0..<binCount {
      kernel.bins.append(
        BinState(filled: 0, entries: 0, entryCount: 0, firstCapacity: -1, isLazy: isLazy))
    }
    kernel.loads.append(
      LoadState(
        bins: firstBin, binCount: binCount, items: firstItem, itemCount: items.count, isLazy: isLazy))

    var inBin = [[BinEntry]](repeating: [], count: binCount)
    var lastColumn: [Int] = []
    var lastOffset = -1
    var share = [Int32](repeating: 0, count: binCount)
    var told: [(Int, Subscription)] = []
    for (offset, item) in items.enumerated() {
      let decision = Int(item.decision.index)
      let index = firstItem + offset
      let isSame = lastOffset >= 0 && lastColumn == item.column
      let column = isSame ? lastOffset : addColumn(item.column)
      lastColumn = item.column
      lastOffset = column
      kernel.items.append(
        ItemState(decision: Int32(decision), weight: item.weight, column: column, bin: -1))
      if isLazy {
        told.append(
          (decision, Subscription(target: .loadItem, owner: Int32(load), a: Int32(index), b: -1)))
        continue
      }
      var isPlain = true
      let candidates = kernel.candidates(decision).filter { candidate in
        let bin = item.column[Int(candidate)]
        return bin >= 0 && bin < binCount && isLimited[bin]
      }
      for candidate in candidates {
        let bin = item.column[Int(candidate)]
        share[bin] += 1
        if share[bin] > 1 { isPlain = false }
      }
      for candidate in candidates { share[item.column[Int(candidate)]] = 0 }
      let isBoolean = kernel.domains[decision].boolean != 0
      if isPlain && !isBoolean {
        for candidate in candidates {
          inBin[item.column[Int(candidate)]]
            .append(BinEntry(item: Int32(index), handle: -1 - candidate))
        }
        told.append(
          (decision, Subscription(target: .loadItem, owner: Int32(load), a: Int32(index), b: -1)))
        continue
      }
      var members: [Int: [Int]] = [:]
      for candidate in candidates { members[item.column[Int(candidate)], default: []].append(Int(candidate)) }
      for bin in members.keys.sorted() {
        guard let candidates = members[bin] else { continue }
        let literal = kernel.maskLiteral(
          decision, Self.words(item.column.count, candidates))
        inBin[bin].append(BinEntry(item: Int32(index), handle: literal.code))
        if !isBoolean || !isPlain {
          kernel.subscribe(
            literal,
            Subscription(target: .loadItem, owner: Int32(load), a: Int32(index), b: Int32(bin)))
        }
      }
      if isPlain {
        told.append(
          (decision, Subscription(target: .loadItem, owner: Int32(load), a: Int32(index), b: -1)))
      }
    }
    for (decision, subscription) in told {
      kernel.domains.base[decision].subscribe(subscription)
      let fixed = kernel.domains[decision].fixed
      if fixed >= 0 { kernel.tell(subscription, value: Int(fixed)) }
    }
    for bin in 0..<binCount {
      let ordered = inBin[bin].sorted { a, b in
        let (x, y) = (kernel.items[Int(a.item)].weight, kernel.items[Int(b.item)].weight)
        return x != y ? x > y : a.item < b.item
      }
      kernel.bins.base[firstBin + bin].entries = kernel.entries.count
      kernel.bins.base[firstBin + bin].entryCount = ordered.count
      for entry in ordered { kernel.entries.append(entry) }
    }
    for capacity in capacities where capacity.bin >= 0 && capacity.bin < binCount {
      let owner = kernel.capacities.count
      let bin = firstBin + capacity.bin
      kernel.capacities.append(
        Capacity(
          enforcement: capacity.enforcement, bin: bin, limit: capacity.limit, seenEntries: 0,
          next: kernel.bins[bin].firstCapacity))
      kernel.bins.base[bin].firstCapacity = Int32(owner)
      kernel.subscribe(
        capacity.enforcement,
        Subscription(target: .capacityEnforced, owner: Int32(owner), a: 0, b: 0))
      kernel.scheduleCapacity(owner)
    }
    addHall(load, items, capacities)
  }

  /// The counting check of a load; during search only where all weights are one and items are few.
  private mutating func addHall(
    _ load: Int, _ items: [CompiledItem], _ capacities: [PendingCapacity]
  ) {
    guard items.count > 1 else { return }
    let owner = kernel.halls.count
    let isUnit = items.allSatisfy { $0.weight == 1 } && items.count <= 40
    let edges = items.reduce(0) { $0 + kernel.domains[Int($1.decision.index)].size }
    guard isUnit || edges <= 400_000 else { return }
    kernel.halls.append(HallCheck(load: load, isUnit: isUnit))
    guard isUnit else { return }
    kernel.scheduleHall(owner)
    for decision in Set(items.map { Int($0.decision.index) }).sorted() {
      kernel.domains.base[decision].add(hall: owner)
    }
    for enforcement in Set(capacities.map(\.enforcement)).sorted(by: { $0.code < $1.code })
    where enforcement != .yes {
      kernel.subscribe(
        enforcement, Subscription(target: .hall, owner: Int32(owner), a: 0, b: 0))
    }
  }
}
