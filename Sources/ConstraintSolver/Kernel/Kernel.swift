/// A lazy-clause-generation kernel: propositional literals over finite domains, clauses, chains of weighted
/// literals, capacities of bins, and conflict analysis that learns a clause from each failure.
///
/// All state is plain data behind raw buffers that the kernel owns; propagators are records in tables and
/// dispatch is by index. What is posted must be posted at level 0.
struct Kernel: ~Copyable {
  // Per literal code.
  var value: Buffer<Int8>
  var watches: Buffer<Buffer<Watcher>>
  var subscribers: Buffer<Buffer<Subscription>>
  // Per variable.
  var variables: Buffer<VariableState>

  // Decisions.
  var domains = Buffer<Domain>()
  var domainWords = Buffer<UInt64>()
  /// Candidates left at level 0.
  var rootWords = Buffer<UInt64>()
  /// Candidates that have a literal.
  var namedWords = Buffer<UInt64>()
  var valueVariables = Buffer<Int32>()
  /// For each candidate the first mask slot that watches it, or -1.
  var witnessHeads = Buffer<Int32>()
  /// Where a mask of a decision may have its slot already, by a hash of both.
  var slotIndex: [Int: Int] = [:]
  var maskWords = Buffer<UInt64>()
  var columnValues = Buffer<Int>()

  // Clauses, as `header` says.
  var arena = Buffer<Int32>()
  var originals = Buffer<Int32>()
  var learnts = Buffer<Int32>()

  // Propagators.
  var linears = Buffer<Linear>()
  var chains = Buffer<Chain>()
  var ramps = Buffer<Ramp>()
  var steps = Buffer<Step>()
  var loads = Buffer<LoadState>()
  var items = Buffer<ItemState>()
  var bins = Buffer<BinState>()
  var entries = Buffer<BinEntry>()
  var capacities = Buffer<Capacity>()
  var hasLazyLoads = false
  var halls = Buffer<HallCheck>()
  var demands = Buffer<Demand>()
  /// For each decision the first demand that it is a witness of, or -1.
  var demandHeads = Buffer<Int32>()
  var channels = Buffer<Channel>()
  var distincts = Buffer<Distinct>()
  var distinctViews = Buffer<DistinctView>()
  var demandQueue = Queue()
  var channelQueue = Queue()
  var distinctQueue = Queue()
  var linearQueue = Queue()
  var capacityQueue = Queue()
  var hallQueue = Queue()

  // Trail.
  var trail = Buffer<Lit>()
  var head = 0
  var levels = Buffer<LevelMark>()
  var undo = Buffer<Undo>()
  var bodies = Buffer<Int32>()

  // Conflict analysis. `conflict` holds true literals that cannot be true together.
  var conflict = Buffer<Lit>()
  var learnt = Buffer<Lit>()
  var scratch = Buffer<Lit>()
  /// A stack of explanations under way.
  var explanation = Buffer<Lit>()
  var cleared = Buffer<Int32>()
  var failed = Buffer<Lit>()
  var lostWords = Buffer<UInt64>()
  /// A mask that a literal is asked for.
  var maskScratch = Buffer<UInt64>()
  var levelStamps = Buffer<Int>()
  var stamp = 0

  // Search.
  var activity = Buffer<Double>()
  var heap = Buffer<Int32>()
  var heapIndex = Buffer<Int32>()
  var bump = 1.0
  var saved = Buffer<Int32>()
  var guides = Buffer<Guide>()
  var openings = Buffer<Opening>()
  var openingBins = Buffer<OpeningBin>()
  var solution = Buffer<Int32>()
  /// The sum of this linear is kept with each solution.
  var watchedLinear = -1
  var solutionLower = 0
  var maxLearnts = 300
  /// Learnt above level 0, to hold anywhere.
  var units = Buffer<Lit>()
  var temporaryBinaries = Buffer<Lit>()
  /// Of a thousand candidates, how many the choice of a candidate overlooks.
  var blink = 0
  var random = RandomBits(seed: 1)

  var isContradictory = false
  #if DEBUG
    /// Checks every propagation, conflict and learnt clause against the known solution in `known`.
    var isChecking = false
  #else
    /// Nothing is checked in a release.
    var isChecking: Bool {
      get { false }
      set {}
    }
  #endif
  var known = Buffer<Int32>()
  /// The first step that the known solution refutes, in words: a bug of ours.
  var wrongStep: String?

  var work = 0
  var conflicts = 0
  var decisionCount = 0
  var propagations = 0
  var restarts = 0
  var learntCount = 0

  init() {
    value = Buffer(capacity: 1024)
    watches = Buffer(capacity: 1024)
    subscribers = Buffer(capacity: 1024)
    variables = Buffer(capacity: 512)
    bodies.append(0)
    _ = makeVariable(.plain, truth: 1)
    levelStamps.append(0)
    _ = enqueue(Lit.yes, .none)
    head = 1
  }

  deinit {
    for index in 0..<watches.count {
      watches[index].deallocate()
      subscribers[index].deallocate()
    }
    for index in 0..<domains.count { domains[index].deallocate() }
    value.deallocate()
    watches.deallocate()
    subscribers.deallocate()
    variables.deallocate()
    domains.deallocate()
    domainWords.deallocate()
    rootWords.deallocate()
    namedWords.deallocate()
    valueVariables.deallocate()
    witnessHeads.deallocate()
    maskWords.deallocate()
    columnValues.deallocate()
    arena.deallocate()
    originals.deallocate()
    learnts.deallocate()
    linears.deallocate()
    chains.deallocate()
    ramps.deallocate()
    steps.deallocate()
    loads.deallocate()
    items.deallocate()
    bins.deallocate()
    entries.deallocate()
    capacities.deallocate()
    halls.deallocate()
    demands.deallocate()
    demandHeads.deallocate()
    channels.deallocate()
    distincts.deallocate()
    distinctViews.deallocate()
    demandQueue.deallocate()
    channelQueue.deallocate()
    distinctQueue.deallocate()
    linearQueue.deallocate()
    capacityQueue.deallocate()
    hallQueue.deallocate()
    trail.deallocate()
    levels.deallocate()
    undo.deallocate()
    bodies.deallocate()
    conflict.deallocate()
    learnt.deallocate()
    scratch.deallocate()
    explanation.deallocate()
    cleared.deallocate()
    failed.deallocate()
    lostWords.deallocate()
    maskScratch.deallocate()
    levelStamps.deallocate()
    activity.deallocate()
    heap.deallocate()
    heapIndex.deallocate()
    saved.deallocate()
    guides.deallocate()
    openings.deallocate()
    openingBins.deallocate()
    solution.deallocate()
    known.deallocate()
    units.deallocate()
    temporaryBinaries.deallocate()
  }

  var currentLevel: Int { levels.count }

  @inline(__always) func isTrue(_ literal: Lit) -> Bool { value[literal.index] > 0 }
  @inline(__always) func isFalse(_ literal: Lit) -> Bool { value[literal.index] < 0 }
  @inline(__always) func isOpen(_ literal: Lit) -> Bool { value[literal.index] == 0 }

  /// - Parameter truth: its value under the known solution, -1 where none is known.
  mutating func makeVariable(_ meaning: Meaning, truth known: Int8 = -1) -> Int {
    let variable = variables.count
    value.append(0)
    value.append(0)
    watches.append(Buffer())
    watches.append(Buffer())
    subscribers.append(Buffer())
    subscribers.append(Buffer())
    variables.append(VariableState(meaning: meaning, truth: known))
    return variable
  }

  /// Makes a literal true. False means that it was false already; `conflict` then says why both cannot be.
  @inline(__always)
  mutating func enqueue(_ literal: Lit, _ why: Reason) -> Bool {
    let current = value[literal.index]
    if current > 0 { return true }
    if current < 0 {
      clash(literal, why)
      return false
    }
    assign(literal, why)
    return true
  }

  /// Makes an open literal true.
  @inline(__always)
  mutating func assign(_ literal: Lit, _ why: Reason) {
    let variable = literal.variable
    value[literal.index] = 1
    value[(!literal).index] = -1
    variables.base[variable].level = Int32(truncatingIfNeeded: levels.count)
    variables.base[variable].position = Int32(truncatingIfNeeded: trail.count)
    variables.base[variable].reason = why
    trail.append(literal)
  }

  @inline(never)
  private mutating func clash(_ literal: Lit, _ why: Reason) {
    let start = explanation.count
    explain(literal, why, before: trail.count)
    takeConflict(from: start)
    conflict.append(!literal)
  }

  /// The explanations from `start` on are the conflict.
  mutating func takeConflict(from start: Int) {
    conflict.count = 0
    for index in start..<explanation.count { conflict.append(explanation[index]) }
    explanation.count = start
  }

  mutating func pushLevel() {
    levels.append(
      LevelMark(trail: trail.count, undo: undo.count, bodies: bodies.count, assumption: 0))
    if levelStamps.count <= levels.count { levelStamps.append(0) }
  }

  /// Remembers a word that is about to change, for backtracking.
  @inline(__always)
  mutating func save(_ pointer: UnsafeMutablePointer<Int>) {
    if levels.count > 0 { undo.append(Undo(pointer: pointer, old: pointer.pointee)) }
  }

  mutating func backtrack(to target: Int) {
    guard levels.count > target else { return }
    let mark = levels[target]
    var index = trail.count - 1
    while index >= mark.trail {
      let literal = trail[index]
      value[literal.index] = 0
      value[(!literal).index] = 0
      let meaning = variables[literal.variable].meaning
      if meaning.decision >= 0 { reopen(Int(meaning.decision), literal, meaning) }
      index -= 1
    }
    trail.count = mark.trail
    head = mark.trail
    index = undo.count - 1
    while index >= mark.undo {
      let record = undo[index]
      record.pointer.pointee = record.old
      index -= 1
    }
    undo.count = mark.undo
    bodies.count = mark.bodies
    levels.count = target
    clearQueues()
  }

  @inline(__always)
  private mutating func reopen(_ decision: Int, _ literal: Lit, _ meaning: Meaning) {
    let domain = domains.base + decision
    guard domain.pointee.fixed >= 0 else { return }
    let isItsValue =
      domain.pointee.boolean != 0 || (!literal.isNegated && meaning.what == domain.pointee.fixed)
    guard isItsValue else { return }
    saved[decision] = domain.pointee.fixed
    domain.pointee.fixed = -1
    if domain.pointee.boolean != 0 {
      domain.pointee.size = 2
      domainWords.base[domain.pointee.words] = 3
    }
    if heapIndex[decision] < 0 { heapInsert(decision) }
  }

  mutating func clearQueues() {
    while let index = linearQueue.next() { linears.base[index].isQueued = false }
    while let index = capacityQueue.next() { capacities.base[index].isQueued = false }
    while let index = hallQueue.next() { halls.base[index].isQueued = false }
    while let index = demandQueue.next() { demands.base[index].isQueued = false }
    while let index = channelQueue.next() { channels.base[index].isQueued = false }
    while let index = distinctQueue.next() { distincts.base[index].isQueued = false }
  }
}

struct LevelMark: BitwiseCopyable {
  var trail: Int
  var undo: Int
  var bodies: Int
  /// How many assumptions were taken when the level was opened.
  var assumption: Int
}

struct Undo: BitwiseCopyable {
  var pointer: UnsafeMutablePointer<Int>
  var old: Int
}

/// First in, first out, of indices.
struct Queue: BitwiseCopyable {
  private var storage = Buffer<Int32>()
  private var front = 0

  @inline(__always) mutating func append(_ index: Int) {
    storage.append(Int32(truncatingIfNeeded: index))
  }
  @inline(__always) mutating func next() -> Int? {
    if front == storage.count {
      front = 0
      storage.count = 0
      return nil
    }
    front += 1
    return Int(storage[front - 1])
  }
  func deallocate() { storage.deallocate() }
}
