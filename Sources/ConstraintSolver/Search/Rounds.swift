import ConstraintModel

/// Rounds of searches side by side: complete search, which ends in the proof; neighbourhoods, insertion or moves, which
/// find better placements sooner; and branch and price, which raises the bound.
///
/// What each begins with is settled before a round, and what it has found is taken in a fixed order after it: the
/// answer is the same whether they run at the same time or one after the other.
extension Minimiser {
  enum Turn {
    case proven
    case stopped
    case tired
  }

  var isOver: Bool {
    kernel.work >= options.workLimit ?? .max || options.shouldStop()
  }

  /// Improves one tier until it is at its bound; false where a limit was met first.
  mutating func minimise(_ tier: Int) -> Bool {
    annealing.start(cost: bestObjectives[tier], clusters: neighbourhoods.count)
    // The smaller the model, the sooner a proof is worth more than a better placement.
    let firstPatience = firstTurn ?? 400_000_000 / (neighbourhoods.count + 1)
    var patience = firstPatience
    if looksForSymmetry {
      switch searchCompletely(tier, until: kernel.work + (firstTurn ?? 200_000)) {
      case .proven: return true
      case .stopped: return false
      case .tired: break
      }
      breakSymmetry()
    }
    while true {
      switch round(tier, patience) {
      case .proven: return true
      case .stopped: return false
      case .tired: break
      }
      patience = neighbourhoods.isEmpty ? patience * 2 : patience + patience / 2
      // What others find is worth knowing before long.
      if hasSideSearch(tier) { patience = min(patience, max(Self.longestTurn, firstPatience)) }
    }
  }

  /// Of complete search, where others search beside it.
  private static var longestTurn: Int { 4_000_000 }

  private func hasSideSearch(_ tier: Int) -> Bool {
    tier == guidedTier && (insertion != nil || moves != nil || pricing?.isIdle == false)
  }

  /// Work of each search in a round, in the order in which one thread does them.
  private struct Shares {
    var complete: Int
    var neighbourhoods = 0
    var pricing = 0
    var improvement = 0

    var kernel: Int { complete + neighbourhoods }
    var sum: Int { kernel + pricing + improvement }

    /// Leaves out what there is no work left for.
    ///
    /// A run that was stopped is repeated by its work alone: so the last come off first, as they did when it stopped.
    mutating func fit(within left: Int) {
      var left = max(0, left)
      func taken(_ share: Int) -> Int {
        let share = min(share, left)
        left -= share
        return share
      }
      complete = taken(complete)
      neighbourhoods = taken(neighbourhoods)
      pricing = taken(pricing)
      improvement = taken(improvement)
    }
  }

  private func shares(_ tier: Int, _ patience: Int) -> Shares {
    var shares = Shares(complete: patience)
    let isGuided = tier == guidedTier
    let isImproving = isGuided && (insertion != nil || moves != nil)
    if isImproving {
      // Where there are too many rows for branch and price, no proof is near, and better placements are all there is.
      let isFar = pricing?.search.isLarge == true
      shares.improvement = patience * (isFar ? 40 : 8)
    }
    if !neighbourhoods.isEmpty, !isImproving || turns % (moves == nil ? 4 : 2) == 0 {
      shares.neighbourhoods = patience * 8
    }
    if isGuided, let pricing, !pricing.isIdle {
      // What cannot prove anything gets less.
      shares.pricing = patience * (pricing.search.isRootDone ? 24 : 8)
    }
    return shares
  }

  private mutating func round(_ tier: Int, _ patience: Int) -> Turn {
    turns += 1
    let start = kernel.work
    var shares = shares(tier, patience)
    let left = (options.workLimit ?? .max) - start
    let isLast = shares.sum >= left
    if isLast { shares.fit(within: left) }
    var jobs: [Lanes.Job] = []
    if shares.pricing > 0, let job = pricingJob(tier, shares, left) { jobs.append(job) }
    if shares.improvement > 0, let job = improvementJob(tier, shares.improvement) { jobs.append(job) }
    let pricedBefore = pricing?.search.work ?? 0
    let improvedBefore = improvingWork
    var turn = Turn.tired
    Lanes(threads: options.threads).run(jobs) {
      turn = searchCompletely(tier, until: start + shares.complete)
      if turn == .tired, shares.neighbourhoods > 0 {
        kernel.watchedLinear = probes[tier].linear
        kernel.blink = 20
        searchNeighbourhoods(tier, until: start + shares.kernel)
        kernel.blink = 0
      }
      return turn != .proven && !options.shouldStop()
    }
    if turn == .proven { return .proven }
    let priced = (pricing?.search.work ?? 0) - pricedBefore
    let improved = improvingWork - improvedBefore
    if shares.improvement > 0 { takeImprovement(tier) }
    if shares.pricing > 0 { takePricing(tier) }
    if isLast || options.shouldStop() {
      // In shares and not as done, so that so much work is given out in the same way when it is all there is.
      if priced + improved > 0 {
        kernel.work =
          start + shares.kernel + (improved > 0 ? shares.pricing : min(priced, shares.pricing)) + improved
      }
      return bestObjectives[tier] <= bounds[tier] ? .proven : .stopped
    }
    kernel.work += priced + improved
    if bestObjectives[tier] <= bounds[tier] { return .proven }
    if isOver { return .stopped }
    if shares.improvement > 0, let order = pace.order(own: improvingWork, all: kernel.work) {
      insertion?.search.follow(order)
      moves?.search.follow(order)
    }
    // So that a run which ends here is not taken for one that its limit has ended before.
    kernel.work += 1
    raiseBound(tier)
    seekPacking(tier)
    return bestObjectives[tier] <= bounds[tier] ? .proven : .tired
  }

  private var improvingWork: Int { moves?.search.work ?? insertion?.search.work ?? 0 }

  // MARK: better placements

  /// Insertion or moves, from the best there is.
  private mutating func improvementJob(_ tier: Int, _ work: Int) -> Lanes.Job? {
    let shouldStop = options.shouldStop
    if let moves {
      if !moves.search.isBest(best) { moves.search.adopt(best) }
      return Lanes.Job { isDropped in moves.run(work: work) { isDropped() || shouldStop() } }
    }
    guard let insertion else { return nil }
    if bestObjectives[tier] < insertion.search.bestObjective { insertion.search.adopt(best) }
    if let engine = pricing?.search, engine.isLarge, engine.isExhausted, !hasBegunByPrices {
      hasBegunByPrices = true
      insertion.search.begin(guidedBy: engine.aggregate)
      pace.note(own: improvingWork, all: kernel.work)
    }
    return Lanes.Job { isDropped in insertion.run(work: work) { isDropped() || shouldStop() } }
  }

  private mutating func takeImprovement(_ tier: Int) {
    guard let values = moves?.improvement(of: model) ?? insertion?.improvement(of: model),
      objectives(of: values).lexicographicallyPrecedes(bestObjectives)
    else { return }
    accept(values)
  }

  // MARK: bounds

  /// Once, when a proof does not come at once: the best lower bound that prices can show.
  mutating func raiseBound(_ tier: Int) {
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

  /// Once, when a proof does not come at once: branch and price, where the model is a packing.
  private mutating func seekPacking(_ tier: Int) {
    guard tier == guidedTier, !hasSoughtPacking, kernel.settle() else { return }
    hasSoughtPacking = true
    guard let packing = PackingReader.read(model, objective: model.objectives[tier]) else { return }
    pricing = SidePricing(packing, upper: bestObjectives[tier], rewards: openingRewards)
  }

  /// - Parameter left: of all work; a dive, which cannot pause, may go on for what nobody else has.
  private mutating func pricingJob(_ tier: Int, _ shares: Shares, _ left: Int) -> Lanes.Job? {
    guard let pricing else { return nil }
    let shouldStop = options.shouldStop
    pricing.search.note(bins: pricing.search.packing.bins(of: best), cost: bestObjectives[tier])
    let most = options.workLimit.map { _ in left - shares.kernel - shares.improvement }
    return Lanes.Job { isDropped in
      pricing.run(work: shares.pricing, most: most) { isDropped() || shouldStop() }
    }
  }

  /// Its bound, and what it proposes where the kernel agrees.
  private mutating func takePricing(_ tier: Int) {
    guard let engine = pricing?.search else { return }
    raise(tier, to: engine.lowerBound)
    while let bins = engine.takeProposal() { _ = place(bins, engine.packing, tier) }
  }

  /// Whether items in these bins make a better solution.
  mutating func place(_ bins: [Int], _ packing: HostPacking, _ tier: Int) -> Bool {
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
}
