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
  private(set) var conflictLimit = 150

  private let model: ConstraintModel
  /// Decisions that only make sense together.
  private var clusterOf: [Int]
  private var clusters: [[Int]]
  /// Clusters that share a small constraint.
  private var adjacent: [[Int]]
  /// Where decisions are put: for each the load's view column, for loads that most of them are in.
  private var places: [Int: [Int]] = [:]
  private var random: RandomBits
  private var size = 10.0

  var isEmpty: Bool { clusters.count < 6 }

  init(_ model: ConstraintModel, seed: UInt64) {
    self.model = model
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
    adjacent = neighbours.map { Set($0).sorted() }
    if let widest = model.loads.max(by: { $0.items.count < $1.items.count }) {
      for item in widest.items where places[Int(item.view.decision.index)] == nil {
        places[Int(item.view.decision.index)] = model[item.view.column]
      }
    }
  }

  mutating func note(_ result: Result) {
    switch result {
    case .improved: break
    case .exhausted: size = min(size * 1.03, 60)
    case .tooLarge: size = max(size / 1.08, 4)
    }
  }

  /// The decisions to reconsider.
  mutating func choose(around values: [Int]) -> Set<Int> {
    var chosen: [Int] = []
    var isChosen = [Bool](repeating: false, count: clusters.count)
    let target = max(2, Int(size))
    func add(_ cluster: Int) {
      if cluster >= 0 && !isChosen[cluster] {
        isChosen[cluster] = true
        chosen.append(cluster)
      }
    }
    let seed = random.below(clusters.count)
    add(seed)
    let kind = random.below(100)
    if kind < 90 && !places.isEmpty {
      var inBin: [Int: [Int]] = [:]
      for (decision, column) in places.sorted(by: { $0.key < $1.key }) {
        inBin[column[values[decision]], default: []].append(clusterOf[decision])
      }
      // The bins of the seed, then bins that chosen ones could go to, or their neighbours and their bins.
      var next = 0
      var rounds = 0
      while chosen.count < target && rounds < 50 {
        rounds += 1
        let cluster = rounds == 1 ? seed : chosen[random.below(chosen.count)]
        if kind >= 45 && next < chosen.count {
          for neighbour in adjacent[chosen[next]] where chosen.count < target { add(neighbour) }
          next += 1
        }
        for decision in clusters[cluster] {
          guard let column = places[decision] else { continue }
          let bin = rounds == 1 ? column[values[decision]] : column[random.below(column.count)]
          for member in inBin[bin] ?? [] where chosen.count < target { add(member) }
        }
      }
    }
    while chosen.count < min(target, clusters.count) { add(random.below(clusters.count)) }
    return Set(chosen.flatMap { clusters[$0] })
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
        case .load: []
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
