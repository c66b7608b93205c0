/// The linear programme over the patterns and sites found so far.
struct Master {
  enum Content: Hashable {
    /// Slack or artificial, there to make rows meet their right sides.
    case filler
    case pattern(number: Int, items: [Int])
    case sites(component: Int, sites: [Int])
  }

  let bound: SafeBound
  let simplex: Simplex
  private(set) var contents: [Content] = []
  private var known: [Content: Int] = [:]
  private let firstClassRow: Int
  private let firstComponentRow: Int
  private let firstLeastRow: Int
  private let firstMostRow: Int
  /// Group of each row after `firstMostRow`.
  private let cappedGroups: [Int]
  private let groupsOfClass: [[Int]]
  private let cappedRowOf: [Int]
  /// Right sides as they are meant, without the noise that keeps pivots from standing still.
  private var right: [Double] = []

  private var packing: HostPacking { bound.packing }

  /// - Parameter dear: more than any solution of interest costs.
  init(_ bound: SafeBound, dear: Double) {
    self.bound = bound
    let packing = bound.packing
    let classes = packing.classes.count
    firstClassRow = bound.rowCount
    firstComponentRow = firstClassRow + classes
    firstLeastRow = firstComponentRow + packing.components.count
    firstMostRow = firstLeastRow + bound.groups.count
    let cappedGroups = bound.groups.indices.filter { !bound.groups[$0].isSingle }
    self.cappedGroups = cappedGroups
    var cappedRowOf = [Int](repeating: -1, count: bound.groups.count)
    for (place, group) in cappedGroups.enumerated() { cappedRowOf[group] = firstMostRow + place }
    self.cappedRowOf = cappedRowOf
    var groupsOfClass = [[Int]](repeating: [], count: classes)
    for (number, group) in bound.groups.enumerated() {
      for member in group.classes { groupsOfClass[member].append(number) }
    }
    self.groupsOfClass = groupsOfClass
    let rows = firstMostRow + cappedGroups.count

    var isFree = [Bool](repeating: false, count: bound.rowCount)
    for item in 0..<packing.itemCount where packing.componentOf[item] < 0 {
      isFree[bound.rowOf[item * packing.siteCount]] = true
    }
    func filler(_ row: Int, _ factor: Double, _ cost: Double) -> Simplex.Column {
      Simplex.Column(cost: cost, rows: [Int32(row)], factors: [factor])
    }
    var right: [Double] = []
    var start: [Simplex.Column] = []
    var others: [Simplex.Column] = []
    var random = RandomBits(seed: 1)
    for row in 0..<rows {
      let noise = Double(1 + random.below(1000)) * 5e-9
      if row < firstClassRow {
        right.append((isFree[row] ? 1 : 0) - noise)
        let (slack, artificial) = (filler(row, -1, 0), filler(row, 1, dear))
        start.append(isFree[row] ? artificial : slack)
        others.append(isFree[row] ? slack : artificial)
      } else if row < firstComponentRow {
        right.append(Double(packing.bins[row - firstClassRow].count) + noise)
        start.append(filler(row, 1, 0))
      } else if row < firstLeastRow {
        right.append(1)
        start.append(filler(row, 1, dear))
      } else if row < firstMostRow {
        right.append(-noise)
        start.append(filler(row, -1, 0))
        others.append(filler(row, 1, dear))
      } else {
        let size = bound.groups[cappedGroups[row - firstMostRow]].classes.reduce(0) {
          $0 + packing.bins[$1].count
        }
        right.append(Double(size) + noise)
        start.append(filler(row, 1, 0))
      }
    }
    simplex = Simplex(right: right, start: start)
    for column in others { _ = simplex.add(column) }
    contents = Array(repeating: .filler, count: start.count + others.count)
    // A bin may be used and hold nothing, so that limits of groups are never out of reach.
    for number in 0..<classes { _ = addPattern(number, []) }
  }

  /// False where it is there already.
  mutating func addPattern(_ number: Int, _ items: [Int]) -> Bool {
    let content = Content.pattern(number: number, items: items)
    if known[content] != nil { return false }
    let made = packing.classes[number]
    var cost = made.opening
    var rows: [Int32] = []
    for item in items {
      cost += made.choices[item]?.cost ?? 0
      rows.append(Int32(bound.rowOf[item * packing.siteCount + made.site]))
    }
    rows.append(Int32(firstClassRow + number))
    for group in groupsOfClass[number] {
      rows.append(Int32(firstLeastRow + group))
      if cappedRowOf[group] >= 0 { rows.append(Int32(cappedRowOf[group])) }
    }
    add(content, Simplex.Column(cost: Double(cost), rows: rows, factors: rows.map { _ in 1 }))
    return true
  }

  mutating func addSites(_ component: Int, _ sites: [Int]) -> Bool {
    let content = Content.sites(component: component, sites: sites)
    if known[content] != nil { return false }
    var rows: [Int32] = []
    for (position, item) in packing.components[component].items.enumerated() {
      rows.append(Int32(bound.rowOf[item * packing.siteCount + sites[position]]))
    }
    rows.append(Int32(firstComponentRow + component))
    var factors = [Double](repeating: -1, count: rows.count)
    factors[rows.count - 1] = 1
    add(
      content,
      Simplex.Column(
        cost: Double(bound.cost(ofComponent: component, at: sites)), rows: rows, factors: factors))
    return true
  }

  private mutating func add(_ content: Content, _ column: Simplex.Column) {
    known[content] = contents.count
    contents.append(content)
    _ = simplex.add(column)
  }

  /// Bans what is out of scope and sets the limits of groups.
  mutating func enter(_ scope: SafeBound.Scope) {
    for (index, content) in contents.enumerated() { simplex.setBanned(index, !isInScope(content, scope)) }
    for group in bound.groups.indices {
      simplex.setRight(firstLeastRow + group, Double(scope.least[group]) - 1e-7)
      let most = Double(scope.most[group]) + 1e-7
      if bound.groups[group].isSingle {
        simplex.setRight(firstClassRow + bound.groups[group].classes[0], most)
      } else {
        simplex.setRight(cappedRowOf[group], most)
      }
    }
    right = simplex.right.map { $0.rounded() }
  }

  private func isInScope(_ content: Content, _ scope: SafeBound.Scope) -> Bool {
    switch content {
    case .filler: return true
    case .sites(let component, let sites):
      for (position, item) in packing.components[component].items.enumerated()
      where !scope.isAtSite[item * packing.siteCount + sites[position]] { return false }
      return true
    case .pattern(let number, let items):
      let branch = scope.branch
      for item in items {
        if !branch.isAllowed[item * packing.classes.count + number] { return false }
        if branch.closed[item] != branch.closed[items[0]] { return false }
      }
      if items.isEmpty { return true }
      // Bundles are there as a whole.
      for (item, first) in branch.bundles.enumerated() where item != first {
        if items.contains(item) != items.contains(first) { return false }
      }
      for (a, b) in branch.apart where items.contains(a) && items.contains(b) { return false }
      return true
    }
  }

  mutating func solve(limit: Int = 20_000) {
    _ = simplex.optimise(limit: limit)
  }

  var value: Double { simplex.dualValue(right) }

  func multipliers() -> Multipliers {
    func scaled(_ value: Double) -> Int { Int((value * Double(SafeBound.scale)).rounded()) }
    return Multipliers(
      rewards: (0..<bound.rowCount).map { max(0, scaled(simplex.dual($0))) },
      atLeast: bound.groups.indices.map { max(0, scaled(simplex.dual(firstLeastRow + $0))) },
      atMost: bound.groups.indices.map {
        cappedRowOf[$0] >= 0 ? min(0, scaled(simplex.dual(cappedRowOf[$0]))) : 0
      })
  }

  func classDual(_ number: Int) -> Int {
    Int((min(0, simplex.dual(firstClassRow + number)) * Double(SafeBound.scale)).rounded())
  }

  /// The columns in use, and how much of what cannot be met is filled up.
  func used() -> (parts: [(content: Content, value: Double)], artificial: Double) {
    var parts: [(content: Content, value: Double)] = []
    var artificial = 0.0
    for (index, content) in contents.enumerated() {
      let value = simplex.value(index)
      if value < 1e-6 { continue }
      if content == .filler {
        if simplex.cost(index) > 0 { artificial += value }
      } else {
        parts.append((content, value))
      }
    }
    return (parts, artificial)
  }

  /// Drops columns that have been far from useful for long.
  mutating func purge(gap: Double) {
    guard contents.count > 4 * simplex.rowCount + 3000 else { return }
    var costs: [(cost: Double, index: Int)] = []
    for (index, content) in contents.enumerated() where content != .filler && !simplex.isBasic(index) {
      if case .pattern(_, let items) = content, items.isEmpty { continue }
      costs.append((simplex.reducedCost(index), index))
    }
    costs.sort { $0.cost != $1.cost ? $0.cost > $1.cost : $0.index < $1.index }
    var isGone = [Bool](repeating: false, count: contents.count)
    for (cost, index) in costs.prefix(costs.count / 2) where cost > gap * 0.3 { isGone[index] = true }
    let places = simplex.remove { isGone[$0] }
    var kept: [Content] = []
    known.removeAll(keepingCapacity: true)
    for (index, content) in contents.enumerated() where places[index] >= 0 {
      if content != .filler { known[content] = kept.count }
      kept.append(content)
    }
    contents = kept
  }
}
