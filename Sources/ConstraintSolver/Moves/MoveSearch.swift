import ConstraintModel

/// Starts from where everything is: puts right what is violated with few moves, then looks for cheaper placements that
/// break nothing, by moves of one item and exchanges of two under annealing.
///
/// Deterministic from the seed; its clock is `work`.
struct MoveSearch: ~Copyable {
  var state: MoveState
  var random: RandomBits
  let best: Buffer<Int32>
  var bestCost = Int.max
  var isWhole = false
  /// How many of the model's objectives its cost covers.
  let tiers: Int
  let tabu: Buffer<Int>
  var round = 0
  var suspects = Buffer<Int32>()
  var schedule: MoveSchedule?
  var temperature = 0.0
  /// How many moves of a batch were taken.
  var kept = 0
  /// Whether the best placement is where everything is now, and not copied yet.
  var isBestHere = false

  init(_ net: MoveNet, costNode: Int, tiers: Int, seed: UInt64) {
    state = MoveState(net, costNode: costNode)
    random = RandomBits(seed: seed ^ 0x30E5)
    best = Buffer(repeating: -1, count: net.itemCount)
    tabu = Buffer(repeating: 0, count: net.itemCount)
    self.tiers = tiers
  }

  deinit {
    best.deallocate(); tabu.deallocate(); suspects.deallocate()
  }

  var work: Int { state.work }
  var net: MoveNet {
    @inline(__always) _read { yield state.net }
  }

  /// A search that has found a placement which the whole model takes; nil where it finds none soon, or where the model
  /// says more than a net of sums does.
  static func begun(on model: ConstraintModel, _ options: SolverOptions) -> MoveSearch? {
    guard let read = MoveReader.read(model) else { return nil }
    var search = MoveSearch(read.net, costNode: read.costNode, tiers: read.tiers, seed: options.seed)
    search.construct()
    // Beyond that, learning finds what is wrong sooner.
    let effort = min(options.workLimit ?? .max, search.work + 50_000 + 3000 * read.net.itemCount)
    search.repair(until: effort, shouldStop: options.shouldStop)
    guard search.isWhole, let values = search.solution(of: model) else { return nil }
    let checker = ModelChecker(model, values: values)
    options.progress(
      SolverProgress(
        objectives: model.objectives.map { checker.value(of: $0) }, bound: nil, work: search.work))
    return search
  }

  /// The best placement as values of all decisions, where the whole model takes it.
  mutating func solution(of model: ConstraintModel) -> [Int]? {
    guard isWhole else { return nil }
    settleBest()
    let here = state.at.array
    restoreBest()
    var values = Array(repeating: 0, count: model.decisions.count)
    for (item, decision) in net.decisions.array.enumerated() { values[decision] = Int(best[item]) }
    for boolean in net.booleans.array { values[boolean.decision] = net.nodes[Int(boolean.node)].output }
    for item in 0..<net.itemCount where state.at[item] != here[item] { move(item, to: Int(here[item])) }
    return Completion.complete(values, of: model)
  }

  /// Whether a solution puts everything where the best placement does.
  func isBest(_ values: [Int]) -> Bool {
    for item in 0..<net.itemCount where Int(best[item]) != values[net.decisions[item]] { return false }
    return true
  }

  /// Goes on from a solution that somebody else found.
  mutating func adopt(_ values: [Int]) {
    for item in 0..<net.itemCount {
      let candidate = values[net.decisions[item]]
      if state.at[item] != candidate { move(item, to: candidate) }
    }
    keep()
  }

  // MARK: the first placement

  mutating func construct() {
    for item in 0..<net.itemCount where net.preferred[item] >= 0 { move(item, to: Int(net.preferred[item])) }
    var size = Array(repeating: 0.0, count: net.itemCount)
    for packing in net.packings.array {
      let node = net.nodes[Int(packing.node)]
      guard node.kind == .hard else { continue }
      for index in Int(packing.start)..<Int(packing.end) {
        size[Int(net.packed[index].item)] += Double(net.packed[index].weight) / Double(max(1, node.upper))
      }
    }
    let homeless = (0..<net.itemCount).filter { state.at[$0] < 0 }
      .sorted { size[$0] != size[$1] ? size[$0] > size[$1] : $0 < $1 }
    for item in homeless {
      let candidate = bestCandidate(item, sample: 256)
      move(item, to: candidate)
    }
  }

  mutating func move(_ item: Int, to candidate: Int) {
    state.begin()
    state.move(item, to: candidate)
    state.commit()
  }

  /// The candidate where an item breaks least, then costs least: one of a sample where some break nothing new.
  mutating func bestCandidate(_ item: Int, sample: Int) -> Int {
    let count = Int(net.candidateCount[item])
    let here = Int(state.at[item])
    state.begin()
    state.move(item, to: -1)
    let floor = state.violation
    state.undo()
    var best = -1
    var bestViolation = Int.max
    var bestCost = Int.max
    func consider(_ candidate: Int) {
      guard candidate != here, net.allows(item, candidate) else { return }
      state.begin()
      state.move(item, to: candidate)
      let (violation, cost) = (state.violation, state.cost)
      if violation < bestViolation || violation == bestViolation && cost < bestCost {
        best = candidate
        bestViolation = violation
        bestCost = cost
      }
      state.undo()
    }
    if count > sample {
      let home = Int(net.preferred[item])
      if home >= 0 { consider(home) }
      for _ in 0..<sample { consider(random.below(count)) }
      if bestViolation <= floor { return best }
    }
    let start = random.below(count)
    for offset in 0..<count { consider((start + offset) % count) }
    return best >= 0 ? best : here
  }

  // MARK: what is violated

  /// Puts right what is violated; what was moved on the way but need not have been goes back.
  private mutating func repair(until end: Int, shouldStop: () -> Bool) {
    mend(until: end, shouldStop: shouldStop)
    guard state.violatedCount == 0 else { return }
    goHome()
    keep()
  }

  /// Moves items of violated rows until none is left.
  mutating func mend(until end: Int, shouldStop: () -> Bool) {
    // Rounds in which nobody could leave, which cost no work: then there is nothing that moves can do.
    var idle = 0
    while state.violatedCount > 0 && state.work < end && idle < 100 {
      round += 1
      if round & 15 == 0 && shouldStop() { return }
      let node = state.violatedNode(random.below(state.violatedCount))
      suspects.count = 0
      collect(node, depth: 0)
      // Whose leaving helps most.
      var chosen = -1
      var least = Int.max
      var leastCost = Int.max
      let start = random.below(suspects.count)
      for offset in 0..<min(suspects.count, 200) {
        let item = Int(suspects[(start + offset) % suspects.count])
        if tabu[item] > round || state.at[item] < 0 { continue }
        state.begin()
        state.move(item, to: -1)
        if state.violation < least || state.violation == least && state.cost < leastCost {
          least = state.violation
          leastCost = state.cost
          chosen = item
        }
        state.undo()
      }
      guard chosen >= 0 else {
        idle += 1
        continue
      }
      idle = 0
      let candidate = bestCandidate(chosen, sample: 256)
      if candidate >= 0 && candidate != state.at[chosen] {
        move(chosen, to: candidate)
        tabu[chosen] = round + 3 + random.below(10)
      }
    }
  }

  /// The items that a node's sum comes from.
  mutating func collect(_ number: Int, depth: Int) {
    let node = net.nodes[number]
    if node.packing >= 0 {
      let packing = net.packings[Int(node.packing)]
      let bin = number - Int(packing.node)
      for index in Int(packing.start)..<Int(packing.end) {
        let packed = net.packed[index]
        let at = Int(state.at[Int(packed.item)])
        if at >= 0 && net.columns[packed.column + at] == bin { suspects.append(packed.item) }
      }
      // What is asked for is not there: whoever could come.
      if suspects.count == 0 {
        for index in Int(packing.start)..<Int(packing.end) { suspects.append(net.packed[index].item) }
      }
      return
    }
    for index in Int(net.sourceStart[number])..<Int(net.sourceStart[number + 1]) {
      let source = net.sources[index]
      if source >= 0 {
        suspects.append(source)
      } else if depth < 8 && suspects.count < 4000 {
        collect(Int(-1 - source), depth: depth + 1)
      }
    }
  }

  /// What was moved on the way but need not have been goes back.
  mutating func goHome() {
    for _ in 0..<3 {
      var hasMoved = false
      for item in 0..<net.itemCount {
        let home = net.preferred[item]
        guard home >= 0, state.at[item] != home else { continue }
        let cost = state.cost
        state.begin()
        state.move(item, to: Int(home))
        if state.violation > 0 || state.cost > cost {
          state.undo()
        } else {
          state.commit()
          hasMoved = true
        }
      }
      if !hasMoved { return }
    }
  }

  mutating func keep() {
    best.copy(state.at)
    bestCost = state.cost
    isBestHere = false
    isWhole = true
  }
}
