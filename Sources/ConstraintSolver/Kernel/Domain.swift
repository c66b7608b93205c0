/// The candidates that a decision still has, and the literals that speak about them.
///
/// Literals for single candidates and for masks are made when first needed. INVARIANT: a literal is made only
/// while the domain neither entails nor excludes it, so that it always enters the trail in order.
struct Domain: BitwiseCopyable {
  // What every change looks at comes first, to share a line of the cache.
  /// The value, or -1.
  var fixed: Int32 = -1
  /// The variable of a boolean decision, whose positive literal is candidate 1; else 0.
  var boolean: Int32 = 0
  /// Number of candidates left; restored on backtracking.
  var size: Int
  /// Where its words begin in `domainWords`, `rootWords` and `namedWords`.
  let words: Int
  /// Whether anything but clauses has to be told of it.
  private(set) var isHeard = false
  let wordCount: Int
  let candidateCount: Int
  /// Where its candidates begin in `valueVariables`.
  let values: Int
  private(set) var slots = Buffer<MaskSlot>()
  /// Told when the decision becomes fixed.
  private(set) var subscribers = Buffer<Subscription>()
  /// Hall checks told of any loss.
  private(set) var watchers = Buffer<Int32>()
  /// The channels that tie it to other decisions.
  private(set) var channels = Buffer<Int32>()

  init(words: Int, wordCount: Int, candidateCount: Int, size: Int, values: Int) {
    self.words = words
    self.wordCount = wordCount
    self.candidateCount = candidateCount
    self.size = size
    self.values = values
  }

  mutating func add(slot: MaskSlot) {
    slots.append(slot)
    isHeard = true
  }

  mutating func subscribe(_ subscription: Subscription) {
    subscribers.append(subscription)
    isHeard = true
  }

  mutating func add(hall: Int) {
    watchers.append(Int32(hall))
    isHeard = true
  }

  mutating func add(channel: Int) {
    channels.append(Int32(channel))
    isHeard = true
  }

  /// From now on some demand may have it for a witness.
  mutating func becomeWitness() { isHeard = true }

  func deallocate() {
    slots.deallocate()
    subscribers.deallocate()
    watchers.deallocate()
    channels.deallocate()
  }
}

/// A literal `decision in mask`.
struct MaskSlot: BitwiseCopyable {
  var variable: Int32
  /// A remaining candidate inside and one outside: while both are there, nothing follows.
  var inside: Int32
  var outside: Int32
  /// Where the mask begins in `maskWords`.
  var words: Int
  /// The next in the list of watches on the same candidate: twice a slot, plus one for its outside watch.
  var nextInside: Int32 = -1
  var nextOutside: Int32 = -1
}
