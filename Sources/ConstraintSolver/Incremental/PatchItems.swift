import ConstraintModel

/// Items and their guests that come and go.
extension InsertionReader {
  /// Takes items away with their guests, and numbers the others anew.
  mutating func remove(_ retired: Set<Decision>, _ patch: inout Patch) -> Bool {
    let leaves = (0..<result.itemCount).map { retired.contains(Decision(result.decisions[$0])) }
    for decision in retired {
      // ORDER: each is looked at by itself.
      if let guest = guestOf[Int(decision.index)], !leaves[guest.item] { return false }
    }
    guard leaves.contains(true) else { return true }
    patch.changesRelations = true
    var numbers = Array(repeating: -1, count: leaves.count)
    var (kept, keptGuests) = (0, 0)
    let takers = result.takers
    result.takers = Buffer(capacity: takers.count)
    var guestTakers: [InsertionModel.Taker] = []
    var (firstOpen, firstGuest) = (Int(result.openStart[0]), Int(result.guestStart[0]))
    var opened = 0
    for item in leaves.indices {
      let (opens, guests) = (
        firstOpen..<Int(result.openStart[item + 1]), firstGuest..<Int(result.guestStart[item + 1])
      )
      (firstOpen, firstGuest) = (opens.upperBound, guests.upperBound)
      if leaves[item] {
        guard guests.allSatisfy({ retired.contains(Decision(result.guestDecisions[$0])) }) else {
          takers.deallocate()
          return false
        }
        continue
      }
      numbers[item] = kept
      result.decisions[kept] = result.decisions[item]
      result.size[kept] = result.size[item]
      listOf[kept] = listOf[item]
      domainOf[kept] = domainOf[item]
      pairsOf.swapAt(kept, item)
      groupsOf.swapAt(kept, item)
      result.takers.append(takers[item])
      for open in opens {
        result.opens[opened] = result.opens[open]
        opened += 1
      }
      for guest in guests {
        result.guests[keptGuests] = result.guests[guest]
        result.guestDecisions[keptGuests] = result.guestDecisions[guest]
        guestTakers.append(takers[leaves.count + guest])
        keptGuests += 1
      }
      kept += 1
      result.openStart[kept] = Int32(opened)
      result.guestStart[kept] = Int32(keptGuests)
    }
    takers.deallocate()
    for taker in guestTakers { result.takers.append(taker) }
    let gone = leaves.count - kept
    result.decisions.count = kept
    result.size.count = kept
    result.opens.count = opened
    result.openStart.count = kept + 1
    result.guests.count = keptGuests
    result.guestDecisions.count = keptGuests
    result.guestStart.count = kept + 1
    listOf.removeLast(gone)
    domainOf.removeLast(gone)
    pairsOf.removeLast(gone)
    groupsOf.removeLast(gone)
    renumber(numbers, retired)
    return true
  }

  private mutating func renumber(_ numbers: [Int], _ retired: Set<Decision>) {
    for decision in retired {
      itemOf[Int(decision.index)] = nil
      guestOf[Int(decision.index)] = nil
    }
    for item in 0..<result.itemCount { itemOf[result.decisions[item]] = item }
    for decision in result.guestDecisions.array {
      if let guest = guestOf[decision] { guestOf[decision]?.item = numbers[guest.item] }
    }
    for item in pairsOf.indices {
      for index in pairsOf[item].indices {
        pairsOf[item][index].other = Int32(numbers[Int(pairsOf[item][index].other)])
      }
    }
    for index in related.indices {
      for place in related[index].indices { related[index][place] = numbers[related[index][place]] }
    }
  }

  /// Takes in new decisions: items at the end, their guests with them.
  mutating func add(_ delta: ModelDelta, _ patch: inout Patch) -> Bool {
    let new = (patch.firstNew..<model.decisions.count).filter { !model.decisions[$0].isAuxiliary }
    if new.isEmpty { return true }
    patch.changesRelations = true
    var hostOf: [Int: (host: Int, map: GuestMap)] = [:]
    for constraint in delta.constraints where constraint.enforcedBy.isEmpty {
      guard case .equal(let a, let b) = constraint.form else { continue }
      for (host, guest) in [(a, b), (b, a)] {
        let map = GuestMap(mine: Int(guest.column.index), hosts: Int(host.column.index))
        guard Int(guest.decision.index) >= patch.firstNew, ties(map) else { continue }
        guard hostOf[Int(guest.decision.index)] == nil, guestLists[map] != nil else { return false }
        hostOf[Int(guest.decision.index)] = (Int(host.decision.index), map)
      }
    }
    let items = new.filter { hostOf[$0] == nil }
    let (oldItems, oldGuests) = (result.itemCount, result.guests.count)
    for decision in items {
      guard model.decisions[decision].candidateCount == result.candidateCount else { return false }
      let item = result.itemCount
      itemOf[decision] = item
      patch.touched.insert(decision)
      result.decisions.append(decision)
      result.size.append(0)
      listOf.append(-1)
      domainOf.append(-1)
      pairsOf.append([])
      groupsOf.append([])
      for guest in new {
        guard let (host, map) = hostOf[guest], host == decision, let lists = guestLists[map] else { continue }
        guestOf[guest] = (item, map)
        result.guests.append(.init(decision: Int32(guest), lists: lists))
        result.guestDecisions.append(guest)
      }
      result.guestStart.append(Int32(result.guests.count))
      result.openStart.append(Int32(result.opens.count))
    }
    // A guest of an item that was there before would stand among the guests of others.
    guard items.count + result.guests.count - oldGuests == new.count else { return false }
    addTakers(items: oldItems, guests: oldGuests)
    return true
  }

  /// Takers for what is new from these numbers on; they take nothing yet.
  private mutating func addTakers(items: Int, guests: Int) {
    let old = result.takers
    result.takers = Buffer(capacity: result.itemCount + result.guests.count)
    func taker(_ decision: Int) -> InsertionModel.Taker {
      let width = model.decisions[decision].candidateCount
      var taker = InsertionModel.Taker()
      taker.matrix = Int32(matrixPlace[width] ?? 0)
      taker.stride = Int32(matrixWidth[width] ?? 0)
      return taker
    }
    for item in 0..<result.itemCount {
      result.takers.append(item < items ? old[item] : taker(result.decisions[item]))
    }
    for guest in 0..<result.guests.count {
      result.takers.append(guest < guests ? old[items + guest] : taker(result.guestDecisions[guest]))
    }
    old.deallocate()
  }

  /// Lets what is new join its loads.
  mutating func join(_ delta: ModelDelta) -> Bool {
    var needs: [Int: [InsertionModel.Need]] = [:]
    var counts: [Int: [(count: InsertionModel.Count, isSingle: Bool)]] = [:]
    var opens: [Int: [InsertionModel.OpenEntry]] = [:]
    for (id, items) in delta.joining.sorted(by: { $0.key.index < $1.key.index }) {
      let load = Int(id.index)
      guard load < rows.hasRows.count else { return false }
      guard rows.hasRows[load] || rows.hasPrices[load] else { continue }
      for joining in items where joining.weight > 0 {
        let decision = Int(joining.view.decision.index)
        let column = joining.view.column
        let owner: Int
        let taker: Int
        if let item = itemOf[decision] {
          (owner, taker) = (item, item)
        } else if let item = guestOf[decision]?.item {
          let first = Int(result.guestStart[item])
          let guest = (first..<Int(result.guestStart[item + 1])).first {
            result.guestDecisions[$0] == decision
          }
          (owner, taker) = (item, result.itemCount + (guest ?? first))
        } else {
          continue
        }
        let key = LaneMatrices.Key(load: load, column: Int(column.index))
        guard decision >= model.decisions.count - delta.newDecisions.count, roomColumns.contains(key) else {
          return false
        }
        let base = self.column(column, bins: model.loads[load].binCount)
        if rows.hasRows[load] {
          if let lanes = lanes[key] {
            needs[taker, default: []] += lanes.map {
              .init(lane: $0.number, amount: $0.coefficient * joining.weight)
            }
          } else {
            guard countBases[load] >= 0 else { return false }
            let isSingle = isSingle(column)
            counts[taker, default: []].append(
              (.init(column: base, load: countBases[load], weight: joining.weight), isSingle))
            if taker < result.itemCount, !isSingle { uniformUse[Int(column.index), default: 0] += 1 }
          }
          if rows.mean[load] > 0 { result.size[owner] += Double(joining.weight) / rows.mean[load] }
        }
        if openBases[load] >= 0, taker < result.itemCount {
          opens[taker, default: []].append(.init(column: base, base: openBases[load]))
        }
      }
    }
    append(needs, counts)
    // New items are the last ones: what they open stands at the end.
    for item in opens.keys.sorted() {
      for entry in opens[item] ?? [] { result.opens.append(entry) }
      for later in item + 1...result.itemCount { result.openStart[later] = Int32(result.opens.count) }
    }
    return true
  }

  private mutating func append(
    _ needs: [Int: [InsertionModel.Need]],
    _ counts: [Int: [(count: InsertionModel.Count, isSingle: Bool)]]
  ) {
    for number in Set(needs.keys).union(counts.keys).sorted() {
      var taker = result.takers[number]
      taker.needStart = Int32(result.needs.count)
      for need in (needs[number] ?? []).sorted(by: { $0.lane < $1.lane }) { result.needs.append(need) }
      taker.needEnd = Int32(result.needs.count)
      taker.countStart = Int32(result.counts.count)
      let counts = counts[number] ?? []
      for entry in counts where !entry.isSingle { result.counts.append(entry.count) }
      taker.countSingle = Int32(result.counts.count)
      for entry in counts where entry.isSingle { result.counts.append(entry.count) }
      taker.countEnd = Int32(result.counts.count)
      result.takers[number] = taker
    }
  }
}
