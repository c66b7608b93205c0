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
  private var annealing: Annealing
  /// The same objectives once more, for bounds that may rise again.
  private var probes: [Tier]
  /// Objectives of the known solution that nogoods are checked against.
  private var knownObjectives: [Int] = []

  private let firstTurn: Int?
  /// Of placements that differ by exchanging hosts that are alike, only one; assumed by complete search alone.
  private var symmetry: Lit?
  private var looksForSymmetry: Bool
  private let hardness: [Double]
  /// The objective that guides the choice of candidates: the first that says anything, or -1.
  private let guidedTier: Int
  private var hasPricedBound = false
  /// Columns and branches over the packing in the model, where there is one.
  private var pricing: BranchAndPrice?
  private var hasSoughtPacking = false
  /// Whether insertion has begun anew where the prices of a bound from classes say.
  private var hasBegunByPrices = false
  /// What the bound from openings rewards decisions with: where pricing begins.
  private var openingRewards: [Int: Int] = [:]
  /// The quick way to good placements, where the model is one of items that are inserted.
  private var insertion: InsertionSearch?
  private var turns = 0
  /// The quick way where something runs already, or where costs rise beyond a load.
  private var moves: MoveSearch?

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
    self.insertion = insertion
    self.moves = moves
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

  /// The first step that the known solution refutes, where there is one.
  var wrongStep: String? { kernel.wrongStep }

  private var limits: Kernel.Limits {
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
  private mutating func beginByInsertion() -> Bool {
    guard let values = insertion?.solution(of: model) else { return false }
    kernel.work += insertion?.work ?? 0
    accept(values)
    return true
  }

  /// Takes what moves from where everything runs have found before the kernel was made.
  private mutating func beginByMoves() -> Bool {
    guard let values = moves?.solution(of: model) else { return false }
    kernel.work += moves?.work ?? 0
    accept(values)
    return true
  }

  /// Lets moves improve what is best so far.
  private mutating func improveByMoves(effort: Int) {
    guard let start = moves?.work else { return }
    if !(moves?.isBest(best) ?? true) { moves?.adopt(best) }
    let end = start + min(effort, (options.workLimit ?? .max) - kernel.work)
    let found = moves?.improve(until: end, shouldStop: options.shouldStop) ?? false
    kernel.work += (moves?.work ?? start) - start
    guard found, let values = moves?.solution(of: model),
      objectives(of: values).lexicographicallyPrecedes(bestObjectives)
    else { return }
    accept(values)
  }

  /// Lets insertion improve what is best so far.
  private mutating func improveByInsertion(_ tier: Int, effort: Int) {
    guard let start = insertion?.work else { return }
    if bestObjectives[tier] < insertion?.bestObjective ?? .max { insertion?.adopt(best) }
    if let pricing, pricing.isLarge, pricing.isExhausted, !hasBegunByPrices {
      hasBegunByPrices = true
      insertion?.begin(guidedBy: pricing.aggregate)
    }
    let end = start + min(effort, (options.workLimit ?? .max) - kernel.work)
    let found = insertion?.improve(until: end, shouldStop: options.shouldStop) ?? false
    kernel.work += (insertion?.work ?? start) - start
    guard found, let values = insertion?.solution(of: model),
      objectives(of: values).lexicographicallyPrecedes(bestObjectives)
    else { return }
    accept(values)
  }

  /// Improves one tier until it is at its bound; false where a limit was met first.
  ///
  /// Turns of complete search, which end in the proof, alternate with longer turns of neighbourhoods, which
  /// find better placements sooner.
  private mutating func minimise(_ tier: Int) -> Bool {
    annealing.start(cost: bestObjectives[tier], clusters: neighbourhoods.count)
    // The smaller the model, the sooner a proof is worth more than a better placement.
    var patience = firstTurn ?? 400_000_000 / (neighbourhoods.count + 1)
    if looksForSymmetry {
      switch searchCompletely(tier, work: firstTurn ?? 200_000) {
      case .proven: return true
      case .stopped: return false
      case .tired: break
      }
      breakSymmetry()
    }
    while true {
      let before = kernel.work
      switch searchCompletely(tier, work: patience) {
      case .proven: return true
      case .stopped: return false
      case .tired: break
      }
      if neighbourhoods.isEmpty {
        raiseBound(tier)
        let share = pricing?.isRootDone == true ? 24 : 8
        if priceColumns(tier, work: (kernel.work - before) * share) { return true }
        patience *= 2
        continue
      }
      let share = kernel.work - before
      patience += patience / 2
      turns += 1
      if moves != nil && tier == guidedTier && turns % 2 != 0 {
        improveByMoves(effort: share * 8)
        if isOver { return false }
      } else if insertion != nil && tier == guidedTier && turns % 4 != 0 {
        improveByInsertion(tier, effort: share * 8)
        if isOver { return false }
      } else {
        kernel.watchedLinear = probes[tier].linear
        kernel.blink = 20
        if !searchNeighbourhoods(tier, until: kernel.work + share * 8) { return false }
        kernel.blink = 0
      }
      raiseBound(tier)
      // What cannot prove anything gets less.
      let priced = pricing.map { $0.isRootDone ? 24 : 8 } ?? 8
      if priceColumns(tier, work: share * priced) { return true }
    }
  }

  /// Once, when a proof does not come at once: complete search is told which placements are alike.
  private mutating func breakSymmetry() {
    looksForSymmetry = false
    guard kernel.settle() else { return }
    symmetry = kernel.addPrecedence(Symmetry.find(model, effort: 4_000_000), hardness: hardness)
  }

  /// Once, when a proof does not come at once: the best lower bound that prices can show.
  private mutating func raiseBound(_ tier: Int) {
    guard tier == guidedTier && !hasPricedBound else { return }
    hasPricedBound = true
    // It lists the items of each bin, which is what lazy loads avoid.
    guard !kernel.hasLazyLoads, kernel.settle() else { return }
    let opening = OpeningBound(kernel, lower: kernel.linears[tiers[tier].linear].lower)
    if opening.isEmpty { return }
    let (bound, rewards) = opening.price(upper: bestObjectives[tier], effort: 400_000_000)
    raise(tier, to: bound)
    for (decision, reward) in zip(opening.decisions, rewards) { openingRewards[decision] = reward }
  }

  /// A turn of branch and price; true where it proves that there is nothing better.
  private mutating func priceColumns(_ tier: Int, work: Int) -> Bool {
    guard tier == guidedTier, kernel.settle() else { return false }
    if pricing == nil && !hasSoughtPacking {
      hasSoughtPacking = true
      guard let packing = PackingReader.read(model, objective: model.objectives[tier]) else { return false }
      pricing = BranchAndPrice(
        packing, upper: bestObjectives[tier], rewards: openingRewards,
        shouldStop: options.shouldStop)
    }
    guard let pricing else { return false }
    let packing = pricing.packing
    let turn = min(kernel.work + work, options.workLimit ?? .max)
    var isKnown = false
    while kernel.work < turn, !isOver, !pricing.isDone, !pricing.isExhausted {
      if !isKnown {
        isKnown = true
        let bins = packing.bins(of: best)
        pricing.note(bins: bins, cost: bestObjectives[tier])
      }
      let before = pricing.work
      pricing.run(work: turn - kernel.work, most: options.workLimit.map { $0 - kernel.work })
      kernel.work += pricing.work - before
      raise(tier, to: pricing.lowerBound)
      while let bins = pricing.takeProposal() { if place(bins, packing, tier) { isKnown = false } }
    }
    raise(tier, to: pricing.lowerBound)
    return bestObjectives[tier] <= bounds[tier]
  }

  /// Whether items in these bins make a better solution.
  private mutating func place(_ bins: [Int], _ packing: HostPacking, _ tier: Int) -> Bool {
    guard kernel.settle() else { return false }
    let probe = probes[tier]
    for decision in model.decisions.indices { kernel.saved[decision] = -1 }
    kernel.setUpper(ofLinear: probe.linear, to: bestObjectives[tier] - 1)
    var fixed = [probe.bound]
    for (item, bin) in bins.enumerated() {
      fixed.append(kernel.valueLiteral(packing.decisions[item], packing.candidateOfBin[bin]))
    }
    var isBetter = false
    if kernel.freeze(fixed), kernel.explore(conflictLimit: 1000) == .satisfied {
      accept()
      isBetter = true
    }
    kernel.backtrack(to: 0)
    kernel.setUpper(ofLinear: probe.linear, to: Compiler.unbounded)
    return isBetter
  }

  private enum Turn {
    case proven
    case stopped
    case tired
  }

  private var isOver: Bool {
    kernel.work >= options.workLimit ?? .max || options.shouldStop()
  }

  private mutating func searchCompletely(_ tier: Int, work: Int) -> Turn {
    let last = kernel.work + work
    restorePhases()
    while true {
      kernel.backtrack(to: 0)
      if bestObjectives[tier] <= bounds[tier] { return .proven }
      bound(tier, to: bestObjectives[tier] - 1, forGood: false)
      var limits = limits
      limits.work = min(limits.work, last)
      switch kernel.search(assuming: [tiers[tier].bound] + (symmetry.map { [$0] } ?? []), limits: limits) {
      case .satisfied:
        let before = bestObjectives[tier]
        accept()
        precondition(bestObjectives[tier] < before, "a placement missed its bound: please report it")
        restorePhases()
      case .unsatisfiable, .refuted: return .proven
      case .limit: return isOver ? .stopped : .tired
      }
    }
  }

  /// Simulated annealing whose moves are sub-searches of the kernel. False where a limit was met.
  ///
  /// A region stays open over several moves, so that what lies outside is propagated once for all of them.
  private mutating func searchNeighbourhoods(_ tier: Int, until turn: Int) -> Bool {
    let probe = probes[tier]
    var current = best
    var cost = bestObjectives[tier]
    while kernel.work < turn {
      if isOver { return false }
      // Contradiction is the proof that the complete search is about to repeat.
      guard kernel.settle() else { return true }
      if bestObjectives[tier] <= bounds[tier] { return true }
      if annealing.isReheating {
        current = best
        cost = bestObjectives[tier]
      }
      let region = neighbourhoods.chooseRegion(around: current)
      var outside = [probe.bound]
      for decision in neighbourhoods.decisions {
        if !region.contains(decision) {
          outside.append(kernel.valueLiteral(decision, current[decision]))
        }
      }
      kernel.setUpper(ofLinear: probe.linear, to: Compiler.unbounded)
      guard kernel.freeze(outside) else { continue }
      for _ in 0..<24 where kernel.work < turn {
        let freed = neighbourhoods.choose(around: current, within: region)
        var inside: [Lit] = []
        for decision in region.members where !freed.contains(decision) {
          inside.append(kernel.valueLiteral(decision, current[decision]))
        }
        for decision in freed.members { kernel.saved[decision] = -1 }
        for decision in neighbourhoods.others { kernel.saved[decision] = -1 }
        kernel.order(freed.members, by: neighbourhoods.key())
        let allowance = annealing.allowance()
        kernel.setUpper(ofLinear: probe.linear, to: cost + allowance)
        guard kernel.freeze(inside) else {
          kernel.backtrack(to: 1)
          neighbourhoods.note(.exhausted)
          continue
        }
        switch kernel.explore(conflictLimit: neighbourhoods.conflictLimit) {
        case .satisfied:
          for decision in current.indices { current[decision] = Int(kernel.solution[decision]) }
          cost = kernel.solutionLower
          neighbourhoods.note(.improved)
          if cost < bestObjectives[tier] { accept() }
        case .unsatisfiable: return true
        case .refuted: neighbourhoods.note(.exhausted)
        case .limit: neighbourhoods.note(.tooLarge)
        }
      }
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

  private mutating func accept() { accept(model.decisions.indices.map { Int(kernel.solution[$0]) }) }

  private mutating func accept(_ values: [Int]) {
    best = values
    bestObjectives = objectives(of: best)
    tell()
  }

  /// No solution is better than that in a tier.
  private mutating func raise(_ tier: Int, to bound: Int) {
    if bound <= bounds[tier] { return }
    bounds[tier] = bound
    tell()
  }

  private func tell() {
    if best.isEmpty { return }
    let open = provenTiers < model.objectives.count ? bounds[provenTiers] : .min
    options.progress(
      SolverProgress(
        objectives: Array(bestObjectives.prefix(model.objectives.count)), tier: provenTiers,
        bound: open == .min ? nil : open, work: kernel.work))
  }
}
