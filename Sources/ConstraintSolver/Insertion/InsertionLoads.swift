import ConstraintModel

/// Guests, and the rows that items and guests fill.
extension InsertionReader {
  /// Guests of each item, and where they may be for each candidate of it.
  mutating func flattenGuests() {
    var guestsOf: [[Int]] = Array(repeating: [], count: result.itemCount)
    for (decision, guest) in guestOf.sorted(by: { $0.key < $1.key }) { guestsOf[guest.item].append(decision) }
    var lists: [GuestMap: Int32] = [:]
    defer { guestLists = lists }
    for item in 0..<result.itemCount {
      result.guestStart.append(Int32(result.guests.count))
      for guest in guestsOf[item] {
        guard let map = guestOf[guest]?.map else { continue }
        let list = lists[map] ?? guestList(map)
        lists[map] = list
        result.guests.append(InsertionModel.Guest(decision: Int32(guest), lists: list))
        result.guestDecisions.append(guest)
      }
    }
    result.guestStart.append(Int32(result.guests.count))
  }

  /// Candidates of a guest for each candidate of its item.
  private mutating func guestList(_ map: GuestMap) -> Int32 {
    let base = result.guestLists.count
    let byValue = guests(of: map)
    var start = base + byValue.count + 1
    for guests in byValue {
      result.guestLists.append(Int32(start))
      start += guests.count
    }
    result.guestLists.append(Int32(start))
    for guests in byValue { for guest in guests { result.guestLists.append(Int32(guest)) } }
    return Int32(base)
  }

  /// The candidates of a guest beside each candidate of its item.
  func guests(of map: GuestMap) -> [[Int]] {
    var byValue: [Int: [Int]] = [:]
    for (candidate, value) in model.columns[map.mine].enumerated() {
      byValue[value, default: []].append(candidate)
    }
    return model.columns[map.hosts].map { byValue[$0] ?? [] }
  }

  /// The rows that items and guests fill. Loads that many share have a lane: the row of a candidate is looked up at
  /// one place, and the rows of one candidate are side by side in memory.
  mutating func flattenTakers(_ rows: LoadRows) {
    var matrices = LaneMatrices(model, rows)
    var takerOf = Array(repeating: -1, count: model.decisions.count)
    for (item, decision) in result.decisions.array.enumerated() { takerOf[decision] = item }
    var owners = Array(repeating: 0, count: result.guests.count)
    for item in 0..<result.itemCount {
      for guest in Int(result.guestStart[item])..<Int(result.guestStart[item + 1]) {
        takerOf[result.guestDecisions[guest]] = result.itemCount + guest
        owners[guest] = item
      }
    }
    func taker(_ decision: Int) -> Int? { takerOf[decision] < 0 ? nil : takerOf[decision] }
    matrices.chooseLanes { taker($0) != nil }
    result.upper = Buffer(rows.upper + [.max / 4])

    var needs: [[InsertionModel.Need]] = Array(repeating: [], count: result.itemCount + result.guests.count)
    var counts: [[(count: InsertionModel.Count, isSingle: Bool)]] = Array(repeating: [], count: needs.count)
    var opens: [[InsertionModel.OpenEntry]] = Array(repeating: [], count: result.itemCount)
    var size = Array(repeating: 0.0, count: result.itemCount)
    countBases = Array(repeating: -1, count: model.loads.count)
    openBases = countBases
    for (number, load) in model.loads.enumerated() where rows.hasRows[number] || rows.hasPrices[number] {
      var countBase: Int32 = -1
      var openBase: Int32 = -1
      defer { (countBases[number], openBases[number]) = (countBase, openBase) }
      if rows.hasPrices[number] {
        openBase = Int32(result.prices.count)
        for bin in 0..<load.binCount { result.prices.append(rows.opening[rows.base[number] + bin]) }
      }
      var seen = SeenColumn()
      for item in load.items where item.weight > 0 {
        let decision = Int(item.view.decision.index)
        guard let taker = taker(decision) else { continue }
        if seen.column != item.view.column {
          seen = SeenColumn(column: item.view.column)
          seen.base = column(item.view.column, bins: load.binCount)
          seen.lanes = matrices.lanes[LaneMatrices.Key(load: number, column: Int(item.view.column.index))]
          seen.isSingle = isSingle(item.view.column)
        }
        if rows.hasRows[number] {
          if let lanes = seen.lanes {
            for lane in lanes {
              needs[taker].append(.init(lane: lane.number, amount: lane.coefficient * item.weight))
            }
          } else {
            if countBase < 0 { countBase = flattenCount(number, rows) }
            let count = InsertionModel.Count(column: seen.base, load: countBase, weight: item.weight)
            counts[taker].append((count, seen.isSingle))
            if taker < result.itemCount, !seen.isSingle {
              uniformUse[Int(item.view.column.index), default: 0] += 1
            }
          }
          let owner = taker < result.itemCount ? taker : owners[taker - result.itemCount]
          if rows.mean[number] > 0 { size[owner] += Double(item.weight) / rows.mean[number] }
        }
        if openBase >= 0, taker < result.itemCount {
          opens[taker].append(InsertionModel.OpenEntry(column: seen.base, base: openBase))
        }
      }
    }
    result.size = Buffer(size)
    let maps = Set(guestOf.values.map(\.map)).sorted { ($0.mine, $0.hosts) < ($1.mine, $1.hosts) }
    lanes = matrices.lanes
    rowNumbers = matrices.flatten(
      besides: maps.map { (model.columns[$0.mine].count, guests(of: $0)) }, items: result.candidateCount,
      into: &result)
    (matrixPlace, matrixWidth) = (matrices.place, matrices.width)
    for number in needs.indices {
      let decision =
        number < result.itemCount
        ? result.decisions[number] : result.guestDecisions[number - result.itemCount]
      var taker = InsertionModel.Taker()
      let width = model.decisions[decision].candidateCount
      taker.matrix = Int32(matrices.place[width] ?? 0)
      taker.stride = Int32(matrices.width[width] ?? 0)
      taker.needStart = Int32(result.needs.count)
      for need in needs[number].sorted(by: { $0.lane < $1.lane }) { result.needs.append(need) }
      taker.needEnd = Int32(result.needs.count)
      taker.countStart = Int32(result.counts.count)
      for entry in counts[number] where !entry.isSingle { result.counts.append(entry.count) }
      taker.countSingle = Int32(result.counts.count)
      for entry in counts[number] where entry.isSingle { result.counts.append(entry.count) }
      taker.countEnd = Int32(result.counts.count)
      result.takers.append(taker)
    }
    for item in 0..<result.itemCount {
      result.openStart.append(Int32(result.opens.count))
      for entry in opens[item] { result.opens.append(entry) }
    }
    result.openStart.append(Int32(result.opens.count))
  }

  /// What is known of the column that the last item of a load was seen through: most have the same.
  private struct SeenColumn {
    var column: ColumnID?
    var base: Int32 = 0
    var lanes: [LaneMatrices.Lane]?
    var isSingle = false
  }

  mutating func flattenCount(_ load: Int, _ rows: LoadRows) -> Int32 {
    let base = Int32(result.rowStart.count)
    for bin in 0..<rows.binCount(load) {
      result.rowStart.append(Int32(result.rowRefs.count))
      for ref in rows.refs(load, bin) {
        result.rowRefs.append(.init(row: Int32(ref.row), coefficient: ref.coefficient))
      }
    }
    result.rowStart.append(Int32(result.rowRefs.count))
    return base
  }
}
