/// What a candidate costs by itself: where the scores of a decision begin in `columnValues`, and which bins
/// would have to be opened for it.
struct Guide: BitwiseCopyable {
  /// Begin of the static scores in `columnValues`, or -1.
  var scores = -1
  var openings = 0
  var openingCount = 0
}

/// A load whose bins cost something when first used: candidate `c` goes to bin `columnValues[column + c]`.
struct Opening: BitwiseCopyable {
  var column: Int
  /// Begin of its bins in `openingBins`, and how many there are.
  var bins: Int
  var binCount: Int
}

/// The literal that becomes true when the bin is used, and what that costs.
struct OpeningBin: BitwiseCopyable {
  var literal: Lit
  var cost: Int
}
