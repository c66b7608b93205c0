import ConstraintModel

/// Lexicographic minimisation: find, ask for better, and prove that there is none.
struct Minimiser: ~Copyable {
  enum Result {
    case optimal(Solution)
    case feasible(Solution)
    case unsatisfiable
    case unknown
  }

  let model: ConstraintModel
  let options: SolverOptions
  var kernel: Kernel
  var tiers: [Tier]
  var best: [Int] = []
  var bestObjectives: [Int] = []
  var bounds: [Int]
  var provenTiers = 0
  var neighbourhoods: Neighbourhoods
  var annealing: Annealing
  /// The same objectives once more, for bounds that may rise again.
  var probes: [Tier]
  /// Objectives of the known solution that nogoods are checked against.
  var knownObjectives: [Int] = []

  let firstTurn: Int?
  /// Of placements that differ by exchanging hosts that are alike, only one; assumed by complete search alone.
  var symmetry: Lit?
  var looksForSymmetry: Bool
  let hardness: [Double]
  /// The objective that guides the choice of candidates: the first that says anything, or -1.
  let guidedTier: Int
  var hasPricedBound = false
  /// Columns and branches over the packing in the model, where there is one.
  var pricing: SidePricing?
  var hasSoughtPacking = false
  /// Whether insertion has begun anew where the prices of a bound from classes say.
  var hasBegunByPrices = false
  /// What the bound from openings rewards decisions with: where pricing begins.
  var openingRewards: [Int: Int] = [:]
  /// The quick way to good placements, where the model is one of items that are inserted.
  let insertion: SideInsertion?
  var turns = 0
  /// The quick way where something runs already, or where costs rise beyond a load.
  let moves: SideMoves?
  /// When insertion or moves are to be cold.
  var pace: Pace

  /// - Parameters:
  ///   - known: a solution that every nogood is checked against.
  ///   - firstTurn: the work of the first turn of complete search, where tests want it short.
  ///   - insertion: a search that has found a placement of the model already.
  init(
    _ model: ConstraintModel, constraints: [Constraint], options: SolverOptions, known: [Int]? = nil,
    firstTurn: Int? = nil, expansion: Expansion = Expansion(), insertion: consuming InsertionSearch? = nil,
    moves: consuming MoveSearch? = nil
  ) {
    self.model = model
    self.firstTurn = firstTurn
    self.options = options
    pace = Pace(options)
    var compiler = Compiler(
      model, constraints: constraints, retractable: [], known: known, expansion: expansion)
    tiers = model.objectives.map { compiler.addTier($0) }
    if model.decisions.contains(where: { $0.preferred != nil }) {
      tiers.append(compiler.addPreferredTier())
    }
    probes = model.objectives.map { compiler.addTier($0) }
    if tiers.count > probes.count { probes.append(compiler.addPreferredTier()) }
    guidedTier = model.objectives.firstIndex { !$0.terms.isEmpty } ?? -1
    if guidedTier >= 0 { compiler.addGuides(model.objectives[guidedTier]) }
    compiler.addInitialOrder()
    bounds = Array(repeating: Int.min, count: tiers.count)
    annealing = Annealing(seed: options.seed)
    let hardness = compiler.hardness()
    self.hardness = hardness
    // Small models end in a proof, which would try all placements that differ by an exchange alone.
    looksForSymmetry = model.constraints.count <= 2000
    kernel = compiler.finish()
    var candidates: [[Int32]] = []
    for decision in model.decisions.indices { candidates.append(kernel.candidates(decision)) }
    neighbourhoods = Neighbourhoods(
      model, candidates: candidates, hardness: hardness, seed: options.seed)
    self.insertion =
      switch consume insertion {
      case .some(let search): SideInsertion(search)
      case .none: nil
      }
    self.moves =
      switch consume moves {
      case .some(let search): SideMoves(search)
      case .none: nil
      }
    if let known { knownObjectives = objectives(of: known) }
  }

  var statistics: SolverStatistics {
    var statistics = SolverStatistics()
    statistics.decisions = kernel.decisionCount
    statistics.conflicts = kernel.conflicts
    statistics.propagations = kernel.propagations
    statistics.restarts = kernel.restarts
    statistics.learnt = kernel.learntCount
    statistics.work = kernel.work
    if moves != nil || insertion != nil { statistics.pace = pace.code(for: options) }
    return statistics
  }

  /// The first step that the known solution refutes, where there is one.
  var wrongStep: String? { kernel.wrongStep }

  var limits: Kernel.Limits {
    var limits = Kernel.Limits()
    limits.work = options.workLimit ?? .max
    limits.shouldStop = options.shouldStop
    return limits
  }

  mutating func run() -> Result {
    if !beginByMoves() && !beginByInsertion() {
      var first = limits
      first.countsFirst = true
      switch kernel.search(assuming: [], limits: first) {
      case .unsatisfiable, .refuted: return .unsatisfiable
      case .limit: return .unknown
      case .satisfied: accept()
      }
    }
    kernel.backtrack(to: 0)
    for tier in tiers.indices { bounds[tier] = kernel.linears[tiers[tier].linear].lower }
    for tier in model.objectives.indices {
      let objective = model.objectives[tier]
      guard let bound = StayBound.bound(model, objective) ?? RampBound.bound(model, objective) else {
        continue
      }
      bounds[tier] = max(bounds[tier], bound)
    }
    for tier in tiers.indices {
      if !minimise(tier) { break }
      provenTiers = tier + 1
      kernel.backtrack(to: 0)
      bounds[tier] = bestObjectives[tier]
      bound(tier, to: bestObjectives[tier], forGood: true)
    }
    let solution = Solution(
      values: best, objectives: Array(bestObjectives.prefix(model.objectives.count)),
      bounds: Array(bounds.prefix(model.objectives.count)))
    return provenTiers >= model.objectives.count ? .optimal(solution) : .feasible(solution)
  }

  /// Takes what insertion has found before the kernel was made.
  mutating func beginByInsertion() -> Bool {
    guard let values = insertion?.search.solution(of: model) else { return false }
    kernel.work += insertion?.search.work ?? 0
    accept(values)
    return true
  }

  /// Takes what moves from where everything runs have found before the kernel was made.
  mutating func beginByMoves() -> Bool {
    guard let values = moves?.search.solution(of: model) else { return false }
    kernel.work += moves?.search.work ?? 0
    accept(values)
    return true
  }

  /// All tiers' values, the implicit one included.
  func objectives(of values: [Int]) -> [Int] {
    let checker = ModelChecker(model, values: values)
    var objectives = model.objectives.map { checker.value(of: $0) }
    if tiers.count > objectives.count {
      var moves = 0
      for (decision, info) in model.decisions.enumerated() {
        if let preferred = info.preferred, preferred != values[decision] { moves += 1 }
      }
      objectives.append(moves)
    }
    return objectives
  }

  /// Whether the known solution satisfies the bound decides what may be learnt from it.
  mutating func bound(_ tier: Int, to upper: Int, forGood: Bool) {
    let (linear, literal) = (tiers[tier].linear, tiers[tier].bound)
    kernel.setUpper(ofLinear: linear, to: upper)
    if forGood {
      kernel.linears.base[linear].enforcement = .yes
      kernel.scheduleLinear(linear)
    }
    guard kernel.isChecking else { return }
    let isWithin = knownObjectives[tier] <= upper
    kernel.variables.base[literal.variable].truth = isWithin ? 1 : 0
    if forGood && !isWithin { kernel.isChecking = false }
  }

  func restorePhases() {
    for decision in best.indices { kernel.saved[decision] = Int32(best[decision]) }
  }

  mutating func accept() { accept(model.decisions.indices.map { Int(kernel.solution[$0]) }) }

  mutating func accept(_ values: [Int]) {
    best = values
    bestObjectives = objectives(of: best)
    tell()
  }

  /// No solution is better than that in a tier.
  mutating func raise(_ tier: Int, to bound: Int) {
    if bound <= bounds[tier] { return }
    bounds[tier] = bound
    tell()
  }

  func tell() {
    if best.isEmpty { return }
    let open = provenTiers < model.objectives.count ? bounds[provenTiers] : .min
    options.progress(
      SolverProgress(
        objectives: Array(bestObjectives.prefix(model.objectives.count)), tier: provenTiers,
        bound: open == .min ? nil : open, work: kernel.work))
  }
}
