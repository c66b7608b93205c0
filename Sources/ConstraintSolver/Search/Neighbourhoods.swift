import ConstraintModel

/// Chooses which decisions to reconsider while the rest stays as in the best placement.
///
/// What the model ties together is reconsidered together: the items of a few bins, or decisions that share
/// constraints. The size adapts to what the kernel can exhaust. Deterministic from the seed.
struct Neighbourhoods {
  enum Result {
    case improved
    case exhausted
    case tooLarge
  }

  /// The decisions that are ever frozen; auxiliary ones follow by propagation.
  let decisions: [Int]
  let others: [Int]
  private(set) var conflictLimit = 60

  private let model: ConstraintModel
  /// Decisions that only make sense together.
  private var clusterOf: [Int]
  private var clusters: [[Int]]
  /// Clusters that share a small constraint.
  private var adjacent: [[Int]]
  /// Where decisions are put: for each the load's view column, for loads that most of them are in.
  private var places: [Int: [Int]] = [:]
  private var placeOrder: [(Int, [Int])] = []
  private var inBin: [[Int]] = []
  private var candidates: [[Int32]]
  private let hardness: [Double]
  private let allClusters: [Int]
  private var mark: [Int]
  private var stamp = 0
  private var random: RandomBits
  private var size = 10.0

  var isEmpty: Bool { clusters.count < 4 }
  var count: Int { clusters.count }

  /// - Parameters:
  ///   - candidates: what each decision may take at all.
  ///   - hardness: how hard each decision is to place.
  init(_ model: ConstraintModel, candidates: [[Int32]], hardness: [Double], seed: UInt64) {
    self.model = model
    self.candidates = candidates
    self.hardness = hardness
    random = RandomBits(seed: seed)
    decisions = model.decisions.indices.filter {
      !model.decisions[$0].isAuxiliary && model.decisions[$0].candidateCount > 1
    }
    others = model.decisions.indices.filter { model.decisions[$0].isAuxiliary }

    var parent = Array(model.decisions.indices)
    func root(_ decision: Int) -> Int {
      var decision = decision
      while parent[decision] != decision { decision = parent[decision] }
      return decision
    }
    for constraint in model.constraints where constraint.enforcedBy.isEmpty {
      guard case .equal(let a, let b) = constraint.form else { continue }
      let (x, y) = (root(Int(a.decision.index)), root(Int(b.decision.index)))
      parent[max(x, y)] = min(x, y)
    }
    clusterOf = Array(repeating: -1, count: model.decisions.count)
    clusters = []
    var numberOf: [Int: Int] = [:]
    for decision in decisions {
      let top = root(decision)
      let number = numberOf[top] ?? clusters.count
      if number == clusters.count {
        clusters.append([])
        numberOf[top] = number
      }
      clusters[number].append(decision)
      clusterOf[decision] = number
    }

    var neighbours = [[Int]](repeating: [], count: clusters.count)
    for constraint in model.constraints {
      var joined = Set<Int>()
      for decision in Self.scope(constraint) where clusterOf[decision] >= 0 {
        joined.insert(clusterOf[decision])
      }
      let members = joined.sorted()
      guard members.count > 1, members.count <= 12 else { continue }
      for member in members {
        neighbours[member].append(contentsOf: members.filter { $0 != member })
      }
    }
    allClusters = Array(clusters.indices)
    mark = Array(repeating: 0, count: clusters.count)
    adjacent = neighbours.map { Set($0).sorted() }
    if let widest = model.loads.max(by: { $0.items.count < $1.items.count }) {
      for item in widest.items where places[Int(item.view.decision.index)] == nil {
        places[Int(item.view.decision.index)] = model[item.view.column]
      }
    }
    placeOrder = places.filter { clusterOf[$0.key] >= 0 }.sorted { $0.key < $1.key }
  }

  mutating func note(_ result: Result) {
    switch result {
    case .improved: break
    case .exhausted: size = min(size * 1.03, 60)
    case .tooLarge: size = max(size / 1.08, 4)
    }
  }

  /// Decisions, and whether a decision is among them.
  struct Choice {
    var members: [Int] = []
    fileprivate(set) var clusters: [Int] = []
    fileprivate var isMember: [Bool]
    func contains(_ decision: Int) -> Bool { isMember[decision] }
  }

  /// What stays open over several moves.
  mutating func chooseRegion(around values: [Int]) -> Choice {
    choose(max(2, Int(size) * 6), around: values, among: nil)
  }

  /// The decisions to reconsider in one move.
  mutating func choose(around values: [Int], within region: Choice) -> Choice {
    choose(max(2, Int(size * (0.5 + Double(random.below(100)) / 100))), around: values, among: region)
  }

  /// A rank for the dive: hardest first, or at random.
  mutating func key() -> (Int) -> Double {
    let kind = random.below(4)
    let salt = random.next()
    return { [hardness] decision in
      var bits = RandomBits(seed: salt &+ UInt64(decision))
      let noise = Double(bits.below(1000)) / 1000
      return kind == 0 ? 1 + noise : hardness[decision] * (0.8 + 0.4 * noise)
    }
  }

  private mutating func choose(_ target: Int, around values: [Int], among region: Choice?) -> Choice {
    var chosen: [Int] = []
    func isOpen(_ cluster: Int) -> Bool {
      cluster >= 0 && mark[cluster] != stamp
        && (region.map { $0.isMember[clusters[cluster][0]] } ?? true)
    }
    stamp += 1
    let pool = region?.clusters ?? allClusters
    let seed = pool[random.below(pool.count)]
    chosen.append(seed)
    mark[seed] = stamp
    let kind = random.below(100)
    if kind < 90 && !places.isEmpty {
      fillBins(values)
      // The bin of the seed, then bins that chosen ones could go to, or their neighbours and their bins.
      var next = 0
      var rounds = 0
      while chosen.count < target && rounds < target * 4 {
        rounds += 1
        let cluster = rounds == 1 ? seed : chosen[random.below(chosen.count)]
        if kind >= 45 && next < chosen.count {
          for neighbour in adjacent[chosen[next]] where chosen.count < target && isOpen(neighbour) {
            chosen.append(neighbour)
            mark[neighbour] = stamp
          }
          next += 1
        }
        for decision in clusters[cluster] {
          guard let column = places[decision] else { continue }
          let bin = rounds == 1 ? column[values[decision]] : column[pick(decision)]
          guard bin >= 0, bin < inBin.count else { continue }
          for member in inBin[bin] where chosen.count < target && isOpen(member) {
            chosen.append(member)
            mark[member] = stamp
          }
        }
      }
    }
    var tries = 0
    while chosen.count < min(target, pool.count) && tries < target * 4 {
      tries += 1
      let cluster = pool[random.below(pool.count)]
      if isOpen(cluster) {
        chosen.append(cluster)
        mark[cluster] = stamp
      }
    }
    var choice = Choice(isMember: Array(repeating: false, count: clusterOf.count))
    choice.clusters = chosen
    for cluster in chosen {
      for decision in clusters[cluster] {
        choice.members.append(decision)
        choice.isMember[decision] = true
      }
    }
    return choice
  }

  /// A candidate that the decision may take at all.
  private mutating func pick(_ decision: Int) -> Int {
    let list = candidates[decision]
    return list.isEmpty ? 0 : Int(list[random.below(list.count)])
  }

  private mutating func fillBins(_ values: [Int]) {
    for bin in inBin.indices { inBin[bin].removeAll(keepingCapacity: true) }
    for (decision, column) in placeOrder {
      let bin = column[values[decision]]
      guard bin >= 0 else { continue }
      while inBin.count <= bin { inBin.append([]) }
      inBin[bin].append(clusterOf[decision])
    }
  }

  private static func scope(_ constraint: Constraint) -> [Int] {
    func of(_ views: [View]) -> [Int] { views.map { Int($0.decision.index) } }
    switch constraint.form {
    case .clause(let literals): return literals.map { Int($0.decision.index) }
    case .linear(let terms, _, _):
      return terms.flatMap { term -> [Int] in
        switch term.term {
        case .view(let view): of([view])
        case .literal(let literal): [Int(literal.decision.index)]
        case .table(_, let row, let column): of([row, column])
        case .load, .ramp: []
        }
      }
    case .equal(let a, let b), .allowed(_, let a, let b): return of([a, b])
    case .allDifferent(let views, _), .rows(let views, _): return of(views)
    }
  }
}

/// SplitMix64: a seed gives the same numbers everywhere.
struct RandomBits {
  private var state: UInt64
  init(seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
  mutating func below(_ bound: Int) -> Int { Int(truncatingIfNeeded: next() >> 33) % max(bound, 1) }
}

/// How much worse a move may be: cools from cycle to cycle, and starts again from the best.
struct Annealing {
  private var random: RandomBits
  private var hottest = 1.0
  private var temperature = 1.0
  private var move = 0
  private var cycle = 1500

  init(seed: UInt64) { random = RandomBits(seed: seed ^ 0x5EED) }

  mutating func start(cost: Int, clusters: Int) {
    hottest = max(0.5, 0.3 * Double(abs(cost)) / Double(max(clusters, 1)))
    move = 0
  }

  /// A new cycle begins at this move.
  var isReheating: Bool { move >= cycle }

  mutating func allowance() -> Int {
    if move >= cycle {
      move = 0
      cycle += cycle / 2
    }
    // Geometric from the hottest to a hundredth of it, without a logarithm: halved seven times a cycle.
    let phase = 7 * Double(move) / Double(cycle)
    temperature = hottest
    for _ in 0..<Int(phase) { temperature /= 2 }
    move += 1
    let uniform = Double(random.below(1 << 20) + 1) / Double(1 << 20)
    return Int(temperature * negativeLogarithm(uniform)) - 1
  }

  /// -ln x for 0 < x <= 1, from plain arithmetic so that every platform agrees.
  private func negativeLogarithm(_ x: Double) -> Double {
    var halvings = 0.0
    var x = x
    while x < 0.5 {
      x *= 2
      halvings += 1
    }
    let t = (1 - x) / (1 + x)
    return halvings * 0.6931471805599453 + 2 * (t + t * t * t / 3 + t * t * t * t * t / 5)
  }
}
