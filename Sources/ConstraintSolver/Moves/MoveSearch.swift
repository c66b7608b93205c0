import ConstraintModel

/// Starts from where everything is: puts right what is violated with few moves, then looks for cheaper placements that
/// break nothing, by moves of one item and exchanges of two under annealing.
///
/// Deterministic from the seed; its clock is `work`.
struct MoveSearch: ~Copyable {
  private var state: MoveState
  private var random: RandomBits
  private let best: Buffer<Int32>
  private(set) var bestCost = Int.max
  private(set) var isWhole = false
  /// How many of the model's objectives its cost covers.
  let tiers: Int
  private let tabu: Buffer<Int>
  private var round = 0
  private var suspects = Buffer<Int32>()
  private var temperature = 0.0
  private var hottest = 0.0
  private var move = 0
  private var cycle: Int
  private var isFirstCycle = true

  private init(_ net: MoveNet, costNode: Int, tiers: Int, seed: UInt64) {
    state = MoveState(net, costNode: costNode)
    random = RandomBits(seed: seed ^ 0x30E5)
    best = Buffer(repeating: -1, count: net.itemCount)
    tabu = Buffer(repeating: 0, count: net.itemCount)
    // As cold as it gets, each item has to meet each candidate some times.
    let width = (0..<net.itemCount).reduce(0) { max($0, Int(net.candidateCount[$1])) }
    cycle = 100_000 + 24 * net.itemCount * min(width, 200)
    self.tiers = tiers
  }

  deinit {
    best.deallocate(); tabu.deallocate(); suspects.deallocate()
  }

  var work: Int { state.work }
  private var net: MoveNet {
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
  func solution(of model: ConstraintModel) -> [Int]? {
    guard isWhole else { return nil }
    var values = Array(repeating: 0, count: model.decisions.count)
    for (item, decision) in net.decisions.array.enumerated() { values[decision] = Int(best[item]) }
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

  private mutating func construct() {
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

  private mutating func move(_ item: Int, to candidate: Int) {
    state.begin()
    state.move(item, to: candidate)
  }

  /// The candidate where an item breaks least, then costs least: one of a sample where some break nothing new.
  private mutating func bestCandidate(_ item: Int, sample: Int) -> Int {
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

  /// Moves items of violated rows until none is left.
  private mutating func repair(until end: Int, shouldStop: () -> Bool) {
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
    guard state.violatedCount == 0 else { return }
    goHome()
    keep()
  }

  /// The items that a node's sum comes from.
  private mutating func collect(_ number: Int, depth: Int) {
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
  private mutating func goHome() {
    for _ in 0..<3 {
      var hasMoved = false
      for item in 0..<net.itemCount {
        let home = net.preferred[item]
        guard home >= 0, state.at[item] != home else { continue }
        let cost = state.cost
        state.begin()
        state.move(item, to: Int(home))
        if state.violation > 0 || state.cost > cost { state.undo() } else { hasMoved = true }
      }
      if !hasMoved { return }
    }
  }

  private mutating func keep() {
    best.copy(state.at)
    bestCost = state.cost
    isWhole = true
  }

  // MARK: better ones

  /// Looks for cheaper placements until the clock reads `end` or the cost is at `floor`. True where it found one.
  mutating func improve(until end: Int, floor: Int = .min, shouldStop: () -> Bool) -> Bool {
    let before = bestCost
    if hottest == 0 { warmUp() }
    while state.work < end && bestCost > floor {
      move += 1
      if move & 1023 == 0 {
        if shouldStop() { break }
        cool()
      }
      if move >= (isFirstCycle ? cycle / 4 : cycle) { restart() }
      step()
    }
    return bestCost < before
  }

  private mutating func restart() {
    move = 0
    if isFirstCycle { isFirstCycle = false } else { cycle += cycle / 2 }
    // Half of the cycles go on from where they are.
    if random.below(2) == 0 { restoreBest() }
    cool()
  }

  private mutating func restoreBest() {
    for item in 0..<net.itemCount where state.at[item] != best[item] { move(item, to: Int(best[item])) }
  }

  /// Hot enough for the cheapest fiftieth of what is worse; the first cycle takes nothing that is worse at all.
  private mutating func warmUp() {
    var worse: [Int] = []
    for _ in 0..<2000 {
      let cost = state.cost
      state.begin()
      propose()
      if state.violation == 0 && state.cost > cost { worse.append(state.cost - cost) }
      state.undo()
    }
    worse.sort()
    hottest = worse.isEmpty ? 1 : max(0.3, Double(worse[worse.count / 50]))
    temperature = 0
  }

  private mutating func cool() {
    if isFirstCycle { return }
    // Falls two-thousandfold over a cycle.
    var phase = 11.0 * Double(move) / Double(cycle)
    temperature = hottest
    while phase >= 1 { temperature /= 2; phase -= 1 }
    temperature *= 1 - phase / 2
  }

  /// A move of one item, or an exchange of two.
  private mutating func propose() {
    let item = random.below(net.itemCount)
    let here = Int(state.at[item])
    if random.below(100) < 60 {
      let candidate = random.below(Int(net.candidateCount[item]))
      guard candidate != here, net.allows(item, candidate) else { return }
      state.move(item, to: -1)
      state.move(item, to: candidate, strictly: true)
      return
    }
    let other = random.below(net.itemCount)
    let there = Int(state.at[other])
    guard here != there, net.candidateCount[item] == net.candidateCount[other],
      net.allows(item, there), net.allows(other, here)
    else { return }
    state.move(item, to: there)
    state.move(other, to: here)
  }

  private mutating func step() {
    let before = state.cost
    state.begin()
    propose()
    let change = state.cost &- before
    if state.violation > 0 || (change > 0 && !isTaken(change)) {
      state.undo()
      return
    }
    if state.cost < bestCost { keep() }
  }

  private mutating func isTaken(_ change: Int) -> Bool {
    // -ln of a uniform number, by its halvings and a line between them.
    let bits = random.next()
    let halvings = Double(bits.leadingZeroBitCount)
    let rest = Double((bits << UInt64(min(63, bits.leadingZeroBitCount + 1))) >> 11) / Double(1 << 53)
    return Double(change) <= temperature * 0.6931471805599453 * (halvings + 1 - rest)
  }
}
