/// What rows cost that annealing breaks on its way. Prices only rise, each while its own row is violated: what the rows
/// are worth to each other is found by the search, and a row that is in nobody's way stays cheap.
extension MoveState {
  /// Sets what rows cost at first: an item of mean size that does not fit in its bin about as much as moves do, and no
  /// less than what load costs anyhow; other rows a multiple of that. False where a unit of load has no price that
  /// whole numbers can say, or too high a one.
  mutating func setFirstPrices(unit: Int) -> Bool {
    let width = filter.width
    var slots: [Int] = []
    var most = 1
    for slot in 0..<width {
      var sum = 0
      var count = 0
      for item in 0..<net.itemCount {
        let weight = filter.weights[item * width + slot]
        sum += weight
        if weight > 0 { count += 1 }
      }
      var price = 0
      for bin in 0..<filter.bins.count / (MoveFilter.blocks * width) {
        price = max(price, filter.bins[(MoveFilter.blocks * bin + 2) * width + slot])
      }
      let (worth, overflow) = (2 * count).multipliedReportingOverflow(by: unit)
      if sum > 0 && !overflow { price = max(price, worth / sum) }
      slots.append(price)
      let (total, isTooLarge) = price.multipliedReportingOverflow(by: sum)
      let (all, isMore) = most.addingReportingOverflow(total)
      if sum > 0 && price == 0 || isTooLarge || isMore { return false }
      most = all
    }
    // Room for prices to rise in.
    if width == 0 || most > 1 << 48 { return false }
    firstPrices = Buffer(repeating: 0, count: net.nodes.count)
    prices = Buffer(repeating: 0, count: net.nodes.count)
    for number in 0..<net.nodes.count where net.nodes[number].kind == .hard {
      let place = Int(filter.copyOf[number])
      if place >= 0 {
        firstPrices[number] = Double(slots[place % (MoveFilter.blocks * width)])
      } else {
        let row = net.nodes[number]
        let bound = row.upper != .max ? row.upper : row.lower
        firstPrices[number] = max(1, 10 * Double(unit) / max(1, abs(Double(bound))))
      }
    }
    return true
  }

  /// Lets rows of bins, or all rows, be violated at their first prices, or no longer. Nothing is violated when it is
  /// called.
  mutating func setSoft(_ isSoft: Bool, everywhere: Bool = false) {
    filter.isSoft = isSoft
    for number in 0..<net.nodes.count where net.nodes[number].kind == .hard {
      let isPriced = isSoft && (everywhere || filter.copyOf[number] >= 0)
      setPrice(number, to: isPriced ? firstPrices[number] : 0)
    }
  }

  /// Raises the prices of what is violated.
  mutating func raisePrices(by part: Double) {
    for index in 0..<violatedCount {
      let number = violatedNode(index)
      // Beyond that it says no more.
      let price = min(prices[number] * (1 + part), firstPrices[number] * 1_000_000, 1e15)
      setPrice(number, to: price)
    }
  }

  private mutating func setPrice(_ number: Int, to price: Double) {
    let node = net.nodes.base + number
    let whole = Int(price)
    charge(number, (whole &- node.pointee.price) &* node.pointee.excess)
    prices[number] = price
    node.pointee.price = whole
    let place = Int(filter.copyOf[number])
    if place >= 0 { filter.bins[place + 4 * filter.width] = whole }
  }
}
