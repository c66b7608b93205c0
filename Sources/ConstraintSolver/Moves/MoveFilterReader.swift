/// Finds in a net the loads that share their bins, the rows that limit them and the positive parts that price them.
///
/// The shape is that of amounts on hosts: a bin has a limit, perhaps with something that stays behind when an item leaves
/// its home, a price beyond a load, and prices of imbalance between two loads. What has another shape is left to the net.
struct MoveFilterReader {
  private let net: MoveNet
  private let costNode: Int
  private var filter = MoveFilter()
  /// The loads that share their bins, by slot, and the number of bins.
  private var packings: [Int] = []
  private var binCount = 0
  /// By node: its slot and bin, where it is a bin.
  private var slotOf: [Int]
  private var binOf: [Int]
  /// Nodes whose whole effect on the cost the filter sees.
  private var isSeen: [Bool]
  /// By node, of a unit that it changes by: what the cost gains at most, a part for each unit and a part at once.
  private var gain: [(each: Double, once: Double)]
  private var gainOfPacking: [Int: (each: Double, once: Double)] = [:]

  static func read(_ net: MoveNet, costNode: Int) -> MoveFilter {
    var reader = MoveFilterReader(net, costNode: costNode)
    reader.findLoads()
    reader.makeItems()
    reader.findRows()
    reader.findRamps()
    reader.findTolls()
    reader.filter.copyAll(of: net)
    return reader.filter
  }

  private init(_ net: MoveNet, costNode: Int) {
    self.net = net
    self.costNode = costNode
    slotOf = Array(repeating: -1, count: net.nodes.count)
    binOf = Array(repeating: -1, count: net.nodes.count)
    isSeen = Array(repeating: false, count: net.nodes.count)
    gain = Array(repeating: (-1, 0), count: net.nodes.count)
  }

  // MARK: loads and items

  private func bins(of packing: Int) -> Int {
    var number = Int(net.packings[packing].node)
    let first = number
    while number < net.nodes.count && Int(net.nodes[number].packing) == packing { number += 1 }
    return number - first
  }

  /// The largest load, and those whose items see the same bins.
  private mutating func findLoads() {
    filter.column = Buffer(repeating: -1, count: net.itemCount)
    let sizes = net.packings.array.map { Int($0.end - $0.start) }
    guard let largest = sizes.indices.max(by: { sizes[$0] < sizes[$1] }), sizes[largest] > 0 else { return }
    binCount = bins(of: largest)
    for packing in [largest] + sizes.indices.filter({ $0 != largest }) where bins(of: packing) == binCount {
      let own = net.packings[packing]
      let range = Int(own.start)..<Int(own.end)
      guard sizes[packing] * 2 >= sizes[largest],
        range.allSatisfy({
          let known = filter.column[Int(net.packed[$0].item)]
          return known < 0 || known == net.packed[$0].column
        })
      else { continue }
      for index in range { filter.column[Int(net.packed[index].item)] = net.packed[index].column }
      for bin in 0..<binCount {
        slotOf[Int(own.node) + bin] = packings.count
        binOf[Int(own.node) + bin] = bin
      }
      packings.append(packing)
    }
    filter.width = packings.count
  }

  private mutating func makeItems() {
    let width = filter.width
    filter.weights = Buffer(repeating: 0, count: net.itemCount * width)
    filter.home = Buffer(repeating: -1, count: net.itemCount)
    filter.bins = Buffer(repeating: 0, count: binCount * width * MoveFilter.blocks)
    filter.copyOf = Buffer(repeating: -1, count: net.nodes.count)
    filter.isLate = Buffer(repeating: false, count: net.nodes.count)
    for bin in 0..<binCount {
      for slot in 0..<width {
        filter.bins[place(slot, bin) + 3 * width] = MoveFilter.plenty
        filter.bins[place(slot, bin)] = MoveFilter.plenty
      }
    }
    for (slot, packing) in packings.enumerated() {
      let own = net.packings[packing]
      for index in Int(own.start)..<Int(own.end) {
        filter.weights[Int(net.packed[index].item) * width + slot] += net.packed[index].weight
      }
    }
    filter.homeWeights = Buffer(filter.weights.array)
  }

  /// Where the room of a load in a bin is.
  private func place(_ slot: Int, _ bin: Int) -> Int { bin * filter.width * MoveFilter.blocks + slot }

  private func entries(_ item: Int) -> Range<Int> {
    Int(net.entryStart[item])..<Int(net.entryStart[item + 1])
  }

  private func sources(_ number: Int) -> [Int] {
    (Int(net.sourceStart[number])..<Int(net.sourceStart[number + 1])).map { Int(net.sources[$0]) }
  }

  // MARK: rows

  private struct Stay {
    var item: Int
    var home: Int
    var amount: Int
    /// What the row has of it where it is elsewhere.
    var away: Int
  }

  private mutating func findRows() {
    for number in 0..<net.nodes.count where net.nodes[number].kind == .hard {
      let row = net.nodes[number]
      guard row.lower == .min, row.upper < MoveFilter.plenty else { continue }
      var bin = number
      var items: Set<Int> = []
      if slotOf[number] < 0 {
        let from = sources(number)
        let nodes = from.filter { $0 < 0 }.map { -1 - $0 }
        items = Set(from.filter { $0 >= 0 })
        guard nodes.count == 1, slotOf[nodes[0]] >= 0, factor(from: nodes[0], to: number) == 1 else {
          continue
        }
        bin = nodes[0]
      }
      let place = place(slotOf[bin], binOf[bin])
      guard filter.bins[place] == MoveFilter.plenty, let stays = stays(items, number, in: binOf[bin]) else {
        continue
      }
      // Of a row that is read with all items nowhere: what cannot leave is there in any case.
      filter.bins[place + 3 * filter.width] = stays.reduce(row.upper - row.sum) { $0 - $1.away }
      for stay in stays {
        filter.home[stay.item] = Int32(stay.home)
        filter.homeWeights[stay.item * filter.width + slotOf[bin]] -= stay.amount
      }
      filter.bins[place] = row.upper - row.sum
      filter.copyOf[number] = Int32(place)
    }
  }

  private func factor(from source: Int, to target: Int) -> Int {
    let node = net.nodes[source]
    return (Int(node.start)..<Int(node.end)).reduce(0) {
      $0 + (Int(net.edges[$1].node) == target ? net.edges[$1].coefficient : 0)
    }
  }

  /// What each of these items leaves in a row when it is not at home in its bin; nil where that is not what they do.
  private func stays(_ items: Set<Int>, _ row: Int, in bin: Int) -> [Stay]? {
    var stays: [Stay] = []
    for item in items.sorted() {
      let own = entries(item).filter { Int(net.entries[$0].node) == row }
      guard own.count == 1, filter.column[item] >= 0, net.entries[own[0]].kind == .value else { return nil }
      let entry = net.entries[own[0]]
      let count = Int(net.candidateCount[item])
      let values = (0..<count).map { net.columns[entry.column + $0] * entry.factor }
      // The row was read with all items nowhere, where the column counts as 0.
      let homes = values.indices.filter { values[$0] != values[($0 + 1) % count] }
      guard count > 2, homes.count == 2, homes[1] == homes[0] + 1 || homes == [0, count - 1] else {
        return nil
      }
      let home = homes == [0, count - 1] ? 0 : homes[1]
      let away = values[(home + 1) % count]
      guard net.columns[filter.column[item] + home] == bin,
        filter.home[item] < 0 || Int(filter.home[item]) == home
      else { return nil }
      stays.append(Stay(item: item, home: home, amount: away - values[home], away: away))
    }
    return stays
  }

  // MARK: costs

  private mutating func findRamps() {
    let width = filter.width
    var ofBin: [[(MoveFilter.Ramp, Int)]] = Array(repeating: [], count: binCount)
    for number in 0..<net.nodes.count where net.nodes[number].kind == .ramp {
      let ramp = net.nodes[number]
      let from = sources(number).map { -1 - $0 }
      let targets = Int(ramp.start)..<Int(ramp.end)
      guard from.allSatisfy({ $0 >= 0 && slotOf[$0] >= 0 && binOf[$0] == binOf[from[0]] }),
        !from.isEmpty, from.count <= 2, Set(from).count == from.count,
        targets.allSatisfy({ Int(net.edges[$0].node) == costNode })
      else { continue }
      isSeen[number] = true
      let price = targets.reduce(0) { $0 + net.edges[$1].coefficient }
      let bin = binOf[from[0]]
      let place = place(slotOf[from[0]], bin) + width
      let first = factor(from: from[0], to: number)
      if from.count == 1, first == 1, filter.bins[place + width] == 0 {
        filter.bins[place + width] = price
        filter.copyOf[number] = Int32(place)
      } else {
        let second = from.count == 2 ? factor(from: from[1], to: number) : 0
        ofBin[bin].append(
          (
            MoveFilter.Ramp(
              excess: 0, price: price, slot: Int32(slotOf[from[0]]), factor: first,
              other: from.count == 2 ? Int32(slotOf[from[1]]) : -1, otherFactor: second), number
          ))
      }
    }
    for own in ofBin {
      filter.rampStart.append(Int32(filter.ramps.count))
      for (ramp, number) in own {
        filter.copyOf[number] = Int32(-2 - filter.ramps.count)
        filter.ramps.append(ramp)
      }
    }
    filter.rampStart.append(Int32(filter.ramps.count))
  }

  /// What goes directly to the cost, what may be gained elsewhere, and which entries come last.
  private mutating func findTolls() {
    let isLast = entriesOfBins()
    for item in 0..<net.itemCount {
      filter.tollStart.append(Int32(filter.tolls.count))
      var most = 0.0
      for index in entries(item) {
        let entry = net.entries[index]
        let node = Int(entry.node)
        if entry.kind == .value, node == costNode {
          filter.tolls.append(MoveFilter.Toll(column: entry.column, factor: entry.factor))
        } else {
          most += hidden(entry, item)
        }
      }
      filter.hidden.append(most < Double(MoveFilter.plenty / 16) ? Int(most) : MoveFilter.plenty / 16)
      filter.split.append(Int32(isLast.map { $0[item] } ?? Int(net.entryStart[item + 1])))
    }
    filter.tollStart.append(Int32(filter.tolls.count))
  }

  /// What the cost gains at most by what an entry changes.
  private mutating func hidden(_ entry: MoveNet.Entry, _ item: Int) -> Double {
    let count = Int(net.candidateCount[item])
    switch entry.kind {
    case .bin:
      let (each, once) = gain(ofPacking: Int(net.nodes[Int(entry.node)].packing))
      return 2 * (each * Double(abs(entry.factor)) + once)
    case .value:
      let values = (0..<count).map { net.columns[entry.column + $0] }
      let span = Double(((values.max() ?? 0) - (values.min() ?? 0)) * abs(entry.factor))
      let (each, once) = gain(Int(entry.node))
      return each * span + once
    case .differs:
      let (each, once) = gain(Int(entry.node))
      return each * Double(abs(entry.factor)) + once
    case .table:
      let (each, once) = gain(Int(entry.node))
      return each == 0 && once == 0 ? 0 : Double(MoveFilter.plenty)
    }
  }

  private mutating func gain(ofPacking packing: Int) -> (each: Double, once: Double) {
    if let known = gainOfPacking[packing] { return known }
    var most = (each: 0.0, once: 0.0)
    let first = Int(net.packings[packing].node)
    for number in first..<first + bins(of: packing) {
      let (each, once) = gain(number)
      most = (max(most.each, each), max(most.once, once))
    }
    gainOfPacking[packing] = most
    return most
  }

  private mutating func gain(_ number: Int) -> (each: Double, once: Double) {
    if gain[number].each >= 0 { return gain[number] }
    var sum = (each: 0.0, once: 0.0)
    let node = net.nodes[number]
    if number == costNode {
      sum.each = 1
    } else if !isSeen[number] && node.kind != .hard {
      for index in Int(node.start)..<Int(node.end) {
        let edge = net.edges[index]
        let next = gain(Int(edge.node))
        let factor = Double(abs(edge.coefficient))
        if node.kind == .truth {
          sum.once += factor * next.each + next.once
        } else {
          sum.each += factor * next.each
          sum.once += next.once
        }
      }
    }
    gain[number] = sum
    return sum
  }

  /// Sorts each item's entries so that those come last which may change rows of the bins; nil where two items may share
  /// such an entry, so that none can wait.
  ///
  /// Rows are of the bins where anything connects them but the cost.
  private mutating func entriesOfBins() -> [Int]? {
    var parent = Array(0..<net.nodes.count)
    func root(_ number: Int) -> Int {
      var number = number
      while parent[number] != number {
        parent[number] = parent[parent[number]]
        number = parent[number]
      }
      return number
    }
    for number in 0..<net.nodes.count where number != costNode {
      let node = net.nodes[number]
      for index in Int(node.start)..<Int(node.end) where Int(net.edges[index].node) != costNode {
        parent[root(number)] = root(Int(net.edges[index].node))
      }
    }
    var isOfBins = Array(repeating: false, count: net.nodes.count)
    for number in 0..<net.nodes.count where slotOf[number] >= 0 { isOfBins[root(number)] = true }
    func isLate(_ entry: MoveNet.Entry) -> Bool {
      Int(entry.node) == costNode || isOfBins[root(Int(entry.node))]
    }
    for packing in net.packings.array.indices {
      let first = Int(net.packings[packing].node)
      let isLate = isOfBins[root(first)]
      guard (first..<first + bins(of: packing)).allSatisfy({ isOfBins[root($0)] == isLate }) else {
        return nil
      }
    }
    for item in 0..<net.itemCount {
      for index in entries(item) {
        let entry = net.entries[index]
        if isLate(entry) && (entry.kind == .table || entry.kind == .differs) { return nil }
      }
    }
    for number in 0..<net.nodes.count { filter.isLate[number] = isOfBins[root(number)] }
    return (0..<net.itemCount).map { item in
      let own = entries(item).map { net.entries[$0] }
      let early = own.filter { !isLate($0) }
      for (offset, entry) in (early + own.filter(isLate)).enumerated() {
        net.entries[Int(net.entryStart[item]) + offset] = entry
      }
      return Int(net.entryStart[item]) + early.count
    }
  }
}
