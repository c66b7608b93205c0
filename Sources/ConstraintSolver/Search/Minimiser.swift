import ConstraintModel

/// Lexicographic minimisation: find, ask for better, and prove that there is none.
struct Minimiser: ~Copyable {
  enum Result {
    case optimal(Solution)
    case feasible(Solution)
    case unsatisfiable
    case unknown
  }

  private let model: ConstraintModel
  private let options: SolverOptions
  private var kernel: Kernel
  private var tiers: [Tier]
  private var best: [Int] = []
  private var bestObjectives: [Int] = []
  private var bounds: [Int]
  private var provenTiers = 0
  private var neighbourhoods: Neighbourhoods
  /// Objectives of the known solution that nogoods are checked against.
  private var knownObjectives: [Int] = []

  init(_ model: ConstraintModel, constraints: [Constraint], options: SolverOptions, known: [Int]? = nil) {
    self.model = model
    self.options = options
    var compiler = Compiler(model, constraints: constraints, retractable: [], known: known)
    tiers = model.objectives.map { compiler.addTier($0) }
    if model.decisions.contains(where: { $0.preferred != nil }) {
      tiers.append(compiler.addPreferredTier())
    }
    if let guiding = model.objectives.first(where: { !$0.terms.isEmpty }) {
      compiler.addGuides(guiding)
    }
    compiler.addInitialOrder()
    bounds = Array(repeating: Int.min, count: tiers.count)
    neighbourhoods = Neighbourhoods(model, seed: options.seed)
    kernel = compiler.finish()
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
    return statistics
  }

  /// The nogood that the known solution refutes, where there is one.
  var wrongNogood: [Int32]? { kernel.wrongNogood }

  private var limits: Kernel.Limits {
    var limits = Kernel.Limits()
    limits.work = options.workLimit ?? .max
    limits.shouldStop = options.shouldStop
    return limits
  }

  mutating func run() -> Result {
    switch kernel.search(assuming: [], limits: limits) {
    case .unsatisfiable, .refuted: return .unsatisfiable
    case .limit: return .unknown
    case .satisfied: accept()
    }
    kernel.backtrack(to: 0)
    for tier in tiers.indices { bounds[tier] = kernel.linears[tiers[tier].linear].lower }
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

  /// Improves one tier until it is at its bound; false where a limit was met first.
  ///
  /// Turns of complete search, which end in the proof, alternate with longer turns of neighbourhoods, which
  /// find better placements sooner.
  private mutating func minimise(_ tier: Int) -> Bool {
    var patience = 1000
    while true {
      let before = kernel.work
      switch searchCompletely(tier, conflicts: patience) {
      case .proven: return true
      case .stopped: return false
      case .tired: break
      }
      guard !neighbourhoods.isEmpty else {
        patience *= 2
        continue
      }
      patience += patience / 2
      let turn = kernel.work + (kernel.work - before) * 6
      if !searchNeighbourhoods(tier, until: turn) { return false }
    }
  }

  private enum Turn {
    case proven
    case stopped
    case tired
  }

  private var isOver: Bool {
    kernel.work >= options.workLimit ?? .max || options.shouldStop()
  }

  private mutating func searchCompletely(_ tier: Int, conflicts: Int) -> Turn {
    let last = kernel.conflicts + conflicts
    restorePhases()
    while true {
      kernel.backtrack(to: 0)
      if bestObjectives[tier] <= bounds[tier] { return .proven }
      bound(tier, to: bestObjectives[tier] - 1, forGood: false)
      var limits = limits
      limits.conflicts = max(1, last - kernel.conflicts)
      switch kernel.search(assuming: [tiers[tier].bound], limits: limits) {
      case .satisfied:
        accept()
        restorePhases()
      case .unsatisfiable, .refuted: return .proven
      case .limit: return isOver ? .stopped : .tired
      }
    }
  }

  /// False where a limit was met.
  private mutating func searchNeighbourhoods(_ tier: Int, until turn: Int) -> Bool {
    while kernel.work < turn {
      kernel.backtrack(to: 0)
      if bestObjectives[tier] <= bounds[tier] { return true }
      bound(tier, to: bestObjectives[tier] - 1, forGood: false)
      let freed = neighbourhoods.choose(around: best)
      var frozen = [tiers[tier].bound]
      for decision in neighbourhoods.decisions {
        if freed.contains(decision) {
          kernel.saved[decision] = -1
        } else {
          kernel.saved[decision] = Int32(best[decision])
          frozen.append(kernel.valueLiteral(decision, best[decision]))
        }
      }
      for decision in neighbourhoods.others { kernel.saved[decision] = Int32(best[decision]) }
      var limits = limits
      limits.conflicts = neighbourhoods.conflictLimit
      switch kernel.search(assuming: frozen, isBulk: true, limits: limits) {
      case .satisfied:
        accept()
        neighbourhoods.note(.improved)
      case .unsatisfiable: return true
      case .refuted: neighbourhoods.note(.exhausted)
      case .limit:
        if isOver { return false }
        neighbourhoods.note(.tooLarge)
      }
      if isOver { return false }
    }
    return true
  }

  /// All tiers' values, the implicit one included.
  private func objectives(of values: [Int]) -> [Int] {
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
  private mutating func bound(_ tier: Int, to upper: Int, forGood: Bool) {
    let (linear, literal) = (tiers[tier].linear, tiers[tier].bound)
    kernel.setUpper(ofLinear: linear, to: upper)
    if forGood {
      kernel.linears.base[linear].enforcement = .yes
      kernel.scheduleLinear(linear)
    }
    guard kernel.isChecking else { return }
    let isWithin = knownObjectives[tier] <= upper
    kernel.truth[literal.variable] = isWithin ? 1 : 0
    if forGood && !isWithin { kernel.isChecking = false }
  }

  private func restorePhases() {
    for decision in best.indices { kernel.saved[decision] = Int32(best[decision]) }
  }

  private mutating func accept() {
    best = model.decisions.indices.map { Int(kernel.solution[$0]) }
    bestObjectives = objectives(of: best)
    let open = provenTiers < model.objectives.count ? bounds[provenTiers] : nil
    options.progress(
      SolverProgress(
        objectives: Array(bestObjectives.prefix(model.objectives.count)),
        bound: open == .min ? nil : open, work: kernel.work))
  }
}
