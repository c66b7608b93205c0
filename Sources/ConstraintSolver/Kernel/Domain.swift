/// The candidates that a decision still has, and the literals that speak about them.
///
/// Literals for single candidates and for masks are made when first needed. INVARIANT: a literal is made only
/// while the domain neither entails nor excludes it, so that it always enters the trail in order.
struct Domain: BitwiseCopyable {
  /// Where its words begin in `domainWords`, `rootWords` and `namedWords`.
  var words: Int
  var wordCount: Int
  var candidateCount: Int
  /// Number of candidates left; restored on backtracking.
  var size: Int
  /// The value, or -1.
  var fixed: Int32
  /// The variable of a boolean decision, whose positive literal is candidate 1; else 0.
  var boolean: Int32
  /// Where its candidates begin in `valueVariables`.
  var values: Int
  var slots: Buffer<MaskSlot>
  /// Told when the decision becomes fixed.
  var subscribers: Buffer<Subscription>
  /// Hall checks told of any loss.
  var watchers: Buffer<Int32>
  /// The channels that tie it to other decisions.
  var channels: Buffer<Int32>
  /// Whether anything but clauses has to be told of it.
  var isHeard: Bool { slots.count + subscribers.count + watchers.count + channels.count > 0 || isWitness }
  /// Whether it ever was a witness of a demand.
  var isWitness = false
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
