/// What room is worth to each item in each class, by the prices of a bound from classes.
struct PriceGuide {
  private let bound: AggregateBound
  /// The sort of each item, and the classes of the search that each class of the bound is.
  private let sortOf: [Int]
  private let classesOf: [[Int]]
  private let prices: ClassPrices

  /// Nil where the bound does not speak of all items.
  init?(_ bound: AggregateBound, _ model: InsertionModel) {
    var sorts: [Int: Int] = [:]
    for (item, decision) in bound.decisions.enumerated() { sorts[decision] = bound.sorts.sortOf[item] }
    var sortOf: [Int] = []
    for item in 0..<model.itemCount {
      guard let sort = sorts[model.decisions[item]] else { return nil }
      sortOf.append(sort)
    }
    var classesOf: [[Int]] = Array(repeating: [], count: bound.table.classes.count)
    var isKnown = Array(repeating: false, count: model.classCount)
    for candidate in 0..<model.candidateCount where !isKnown[Int(model.classOf[candidate])] {
      guard candidate < bound.classOfCandidate.count, bound.classOfCandidate[candidate] >= 0 else { continue }
      isKnown[Int(model.classOf[candidate])] = true
      classesOf[Int(bound.classOfCandidate[candidate])].append(Int(model.classOf[candidate]))
    }
    guard let prices = bound.bestPrices else { return nil }
    self.bound = bound
    self.sortOf = sortOf
    self.classesOf = classesOf
    self.prices = prices
  }

  /// What an item pays for room and for spreading in each class of the search, in 1024ths of a unit.
  func fill(_ surcharge: Buffer<Int>, _ item: Int) {
    bound.forEachEntry(sortOf[item], at: prices) { _, number, paid in
      for own in classesOf[number] { surcharge[own] = paid * 1024 / bound.scale }
    }
  }
}

extension InsertionSearch {
  /// Begins anew where the prices of a bound say: every item pays for its share of a bin, not the first one for all of
  /// it. What that opens a little too much, annealing closes. The best placement so far stays the best.
  mutating func begin(guidedBy bound: AggregateBound) {
    guard let guide = PriceGuide(bound, model) else { return }
    self.guide = guide
    let before = bestCost
    for item in 0..<model.itemCount where state.host[item] >= 0 { state.take(item, cost: own[item]) }
    let (order, items) = hardestFirst()
    state.isGuided = true
    for entry in order.sorted(by: {
      $0.hardness != $1.hardness ? $0.hardness > $1.hardness : $0.number < $1.number
    }) {
      placeTogether(items[entry.number])
    }
    state.isGuided = false
    self.guide = nil
    if state.cost < before { keep() }
    move = 0
    cycle = 40 * model.itemCount + 2000
    hottest = max(0.5, 0.3 * hottest)
    coolFromHere()
  }
}
