/// `enforcement → something is in the bin`, for loads too large to name every item of every bin.
///
/// One item that may still enter is kept as witness; nothing is said until there is none.
struct Demand: BitwiseCopyable {
  var enforcement: Lit
  var load: Int
  /// Number of the bin in its load.
  var bin: Int
  /// Index of an item.
  var witness: Int
  /// The next demand whose witness has the same decision.
  var next: Int32 = -1
  var isQueued = false
}

extension Kernel {
  /// Items of the load know their candidates by bin.
  mutating func addDemand(load: Int, bin: Int, enforcement: Lit) {
    let owner = demands.count
    let items = loads[load]
    // Spread, so that no item is the witness of all bins.
    let witness = items.items + bin % items.itemCount
    demands.append(Demand(enforcement: enforcement, load: load, bin: bin, witness: witness))
    while demandHeads.count < domains.count { demandHeads.append(-1) }
    linkWitness(owner)
    subscribe(enforcement, Subscription(target: .demandEnforced, owner: Int32(owner), a: 0, b: 0))
    scheduleDemand(owner)
  }

  @inline(__always)
  mutating func scheduleDemand(_ owner: Int) {
    let demand = demands.base + owner
    if demand.pointee.isQueued || !isTrue(demand.pointee.enforcement) { return }
    demand.pointee.isQueued = true
    demandQueue.append(owner)
  }

  /// Tells the demands whose witness can no longer enter.
  @inline(__always)
  mutating func wakeDemands(_ decision: Int) {
    if decision >= demandHeads.count { return }
    var owner = demandHeads[decision]
    while owner >= 0 {
      let demand = demands.base + Int(owner)
      if !canEnter(demand.pointee.witness, demand.pointee.bin) { scheduleDemand(Int(owner)) }
      owner = demand.pointee.next
    }
  }

  @inline(__always)
  private func canEnter(_ item: Int, _ bin: Int) -> Bool {
    let state = items.base + item
    let candidate = columnValues.base[state.pointee.inverse + bin]
    return candidate >= 0 && contains(Int(state.pointee.decision), candidate)
  }

  private mutating func linkWitness(_ owner: Int) {
    let decision = Int(items[demands[owner].witness].decision)
    demands.base[owner].next = demandHeads[decision]
    demandHeads[decision] = Int32(owner)
    domains.base[decision].becomeWitness()
  }

  private mutating func unlinkWitness(_ owner: Int) {
    let decision = Int(items[demands[owner].witness].decision)
    var place = demandHeads[decision]
    if place == Int32(owner) {
      demandHeads[decision] = demands[owner].next
      return
    }
    while demands[Int(place)].next != Int32(owner) { place = demands[Int(place)].next }
    demands.base[Int(place)].next = demands[owner].next
  }

  mutating func propagateDemand(_ owner: Int) -> Bool {
    let demand = demands[owner]
    guard isTrue(demand.enforcement) else { return true }
    let load = loads[demand.load]
    if bins[load.bins + demand.bin].filled > 0 { return true }
    var item = demand.witness
    for step in 0..<load.itemCount {
      if canEnter(item, demand.bin) {
        if step > 0 {
          unlinkWitness(owner)
          demands.base[owner].witness = item
          linkWitness(owner)
        }
        work &+= step >> 3
        return true
      }
      item += 1
      if item == load.items + load.itemCount { item = load.items }
    }
    work &+= load.itemCount
    let start = explanation.count
    explanation.append(demand.enforcement)
    for item in load.items..<load.items + load.itemCount {
      let candidate = columnValues[items[item].inverse + demand.bin]
      if candidate >= 0 { explainLoss(ofCandidate: candidate, Int(items[item].decision)) }
    }
    takeConflict(from: start)
    if isChecking { checkConflict() }
    return false
  }

  /// Appends why the candidate is lost by now; nothing where it was never there.
  mutating func explainLoss(ofCandidate candidate: Int, _ decision: Int) {
    loadLost(decision) { root, word in
      word == candidate >> 6 ? root & (1 << UInt64(candidate & 63)) : 0
    }
    explainLost(decision, before: trail.count)
  }
}
