/// Suffix knapsacks: what the rest of the items can be worth in the room that is left.
extension PatternPricer {
  func makeTables(_ layout: Layout, _ number: Int) {
    tableSizes.removeAll(keepingCapacity: true)
    tableWeights.count = 0
    tables.count = 0
    tableStart.count = 0
    tableCount = 0
    if count == 0 { return }
    addSurrogate(layout, number)
    let most = layout.whole.prefix(4)
    var weights = [Int](repeating: 0, count: count)
    let first = Array(most)
    for mask in [1, 2, 4, 8, 3, 5, 9, 6, 10, 12, 15] where mask >> first.count == 0 {
      let members = first.indices.filter { mask >> $0 & 1 == 1 }.map { first[$0] }
      var size = Self.grid
      if members.count == 1 && limits[members[0]] <= 2 * Self.grid { size = limits[members[0]] }
      let share = 1 / Double(members.count)
      var isUsed = false
      for index in 0..<count {
        if members.count == 1 {
          let least = least(index, members[0])
          weights[index] = size == limits[members[0]] ? least : least * size / limits[members[0]]
        } else {
          var sum = 0.0
          for row in members { sum += Double(least(index, row)) / Double(limits[row]) }
          weights[index] = max(0, Int(sum * Double(size) * share - 1e-7))
        }
        if weights[index] > 0 { isUsed = true }
      }
      if isUsed { addTable(weights, size) }
    }
    if tableCount == 0 { addTable([Int](repeating: 0, count: count), 0) }
  }

  func least(_ index: Int, _ row: Int) -> Int {
    var least = Int.max
    for way in entries[index].ways { least = min(least, way[row]) }
    return least
  }

  func addTable(_ weights: [Int], _ size: Int) {
    let start = tables.count
    tableStart.append(start)
    tableSizes.append(size)
    for weight in weights { tableWeights.append(weight) }
    tableCount += 1
    let width = size + 1
    tables.append(repeating: 0, count: (count + 1) * width)
    let base = tables.base + start
    for index in (0..<count).reversed() {
      let value = max(0, values[index])
      let weight = weights[index]
      let own = base + index * width
      let rest = base + (index + 1) * width
      let after = base + next[index] * width
      if weight > size || value == 0 {
        for room in 0..<width { own[room] = rest[room] }
        continue
      }
      for room in 0..<weight { own[room] = rest[room] }
      for room in weight..<width {
        let with = after[room - weight] + value
        own[room] = with > rest[room] ? with : rest[room]
      }
    }
    steps += count * width / 8
  }

  /// One knapsack whose weight is a positive combination of all rows and of what dual feasible functions say
  /// of parts; the combination is improved call by call.
  func addSurrogate(_ layout: Layout, _ number: Int) {
    if count < 4 { return }
    var dimensions: [[Double]] = []
    for row in layout.whole {
      dimensions.append((0..<count).map { Double(least($0, row)) / Double(limits[row]) })
    }
    for places in layout.parts {
      if mirror.isEmpty {
        for row in places {
          dimensions.append(
            (0..<count).map { limits[row] > 0 ? Double(least($0, row)) / Double(limits[row]) : 0 })
        }
      }
      for k in 1...3 {
        let isPossible = places.allSatisfy { limits[$0] > 0 }
        dimensions.append(
          (0..<count).map { index in
            guard isPossible else { return 0 }
            var least = Double.infinity
            for way in entries[index].ways {
              var sum = 0.0
              for row in places {
                let scaled = (k + 1) * way[row]
                sum +=
                  scaled % limits[row] == 0
                  ? Double(way[row]) / Double(limits[row]) : Double(scaled / limits[row]) / Double(k)
              }
              least = min(least, sum)
            }
            return least / Double(places.count)
          })
      }
    }
    if surrogates[number].count != dimensions.count {
      surrogates[number] = Array(repeating: 0.3, count: dimensions.count)
    }
    var factors = surrogates[number]
    var weights = [Double](repeating: 0, count: count)
    var ratios: [(ratio: Double, index: Int)] = []
    func bound(_ factors: [Double]) -> Double {
      var size = 0.0
      for factor in factors { size += factor }
      if size <= 0 { return .infinity }
      for index in 0..<count { weights[index] = 0 }
      for (dimension, factor) in factors.enumerated() where factor > 0 {
        for index in 0..<count { weights[index] += factor * dimensions[dimension][index] }
      }
      var sum = 0.0
      ratios.removeAll(keepingCapacity: true)
      for index in 0..<count where values[index] > 0 {
        if weights[index] <= 1e-12 {
          sum += Double(values[index])
        } else {
          ratios.append((Double(values[index]) / weights[index], index))
        }
      }
      ratios.sort { $0.ratio != $1.ratio ? $0.ratio > $1.ratio : $0.index < $1.index }
      for (ratio, index) in ratios {
        if weights[index] <= size {
          size -= weights[index]
          sum += Double(values[index])
        } else {
          sum += ratio * size
          break
        }
      }
      return sum
    }
    var lowest = bound(factors)
    for _ in 0..<2 {
      var isBetter = false
      for dimension in factors.indices {
        var old = factors[dimension]
        for change in [0, 0.6, 1.6] {
          factors[dimension] = change == 0 ? 0 : old > 0 ? old * change : 0.05 * change
          let value = bound(factors)
          if value < lowest - 1e-6 {
            lowest = value
            old = factors[dimension]
            isBetter = true
          }
        }
        factors[dimension] = old
      }
      if !isBetter { break }
    }
    steps += dimensions.count * count * 20
    surrogates[number] = factors
    let size = factors.reduce(0, +)
    if size <= 0 { return }
    addTable(
      (0..<count).map { index in
        var sum = 0.0
        for (dimension, factor) in factors.enumerated() { sum += factor * dimensions[dimension][index] }
        return max(0, Int(sum * Double(Self.fineGrid) / size - 1e-6))
      }, Self.fineGrid)
  }
}
