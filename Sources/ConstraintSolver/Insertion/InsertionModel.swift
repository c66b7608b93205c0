/// A constraint model as a search by insertion reads it: items that are put on candidates one at a time, rows that
/// fill up, and what items ask of each other, in flat storage.
///
/// What the reader did not understand is left out: an answer is a solution only after `ModelChecker` has said so.
/// INVARIANT: immutable after `InsertionReader` has made it. Copies share the storage; the search owns it.
struct InsertionModel: BitwiseCopyable {
  /// Decisions that are put somewhere, an item each.
  var decisions = Buffer<Int>()
  var candidateCount = 0
  /// What every placement costs.
  var constant = 0

  // MARK: candidates

  /// Candidates of one class are alike in all but what is on them.
  var classOf = Buffer<Int32>()
  var classCount = 0
  /// A coarser grouping of candidates, by what most relations ask about (the site): neighbourhoods are made of it.
  var regionOf = Buffer<Int32>()
  var regionCount = 0
  /// Classes that no uniform relation tells apart are one area.
  var areaOf = Buffer<Int32>()
  var areaCount = 0

  // MARK: of each item

  /// Classes that an item may go to, the cheapest first; items that are alike share a list.
  var choiceStart = Buffer<Int32>()
  var choiceEnd = Buffer<Int32>()
  var choiceClass = Buffer<Int32>()
  var choiceCost = Buffer<Int>()
  /// Candidates of all of an item's classes.
  var choiceWidth = Buffer<Int32>()
  var openStart = Buffer<Int32>()
  var opens = Buffer<OpenEntry>()
  var guestStart = Buffer<Int32>()
  var guests = Buffer<Guest>()
  var pairStart = Buffer<PairRange>()
  var pairs = Buffer<PairEntry>()
  var groupStart = Buffer<GroupRange>()
  var groups = Buffer<GroupEntry>()
  /// How much an item takes, in shares of an average bin.
  var size = Buffer<Double>()
  /// Items that ask something of each other, an item in one of them; small ones only are worth freeing whole.
  var componentOf = Buffer<Int32>()
  var componentStart = Buffer<Int32>()
  var componentItems = Buffer<Int32>()

  // MARK: rows

  /// What a row holds, with one more at the end that never fills: where no bin is.
  var upper = Buffer<Int>()
  /// What items, then guests, take.
  var takers = Buffer<Taker>()
  var needs = Buffer<Need>()
  var counts = Buffer<Count>()
  /// The rows of each candidate side by side, a matrix for items and one for each space of guests.
  var laneRows = Buffer<Int32>()
  /// At the bins of loads that counts look at: where their rows begin in `rowRefs`.
  var rowStart = Buffer<Int32>()
  var rowRefs = Buffer<RowRef>()
  /// What the first item of a bin costs, by bin of priced loads.
  var prices = Buffer<Int>()
  var groupValues = 0

  // MARK: columns, tables and lists that entries point into

  var columns = Buffer<Int32>()
  var tables = Buffer<UInt8>()
  /// Candidates of guests by the candidate of their host: starts, then lists.
  var guestLists = Buffer<Int32>()

  /// Decisions of guests, by number of guest.
  var guestDecisions = Buffer<Int>()
  /// Priced booleans that cost nothing where they are true: true unless something speaks against it.
  var cheapWhenTrue = Buffer<Int32>()
  /// More than any item can cost where it is: what an unplaced one counts.
  var penalty = 1

  var itemCount: Int { decisions.count }
  var componentCount: Int { componentStart.count - 1 }

  /// The rows that a placed decision fills, an item's or a guest's.
  struct Taker: BitwiseCopyable {
    /// Where the matrix of its candidates begins in `laneRows`, and the rows of one candidate.
    var matrix: Int32 = 0
    var stride: Int32 = 0
    var needStart: Int32 = 0
    var needEnd: Int32 = 0
    /// Counts that are alike for all candidates of a class come first.
    var countStart: Int32 = 0
    var countSingle: Int32 = 0
    var countEnd: Int32 = 0
  }

  /// What is taken of the row in a lane.
  struct Need: BitwiseCopyable {
    var lane: Int
    var amount: Int
  }

  /// What is taken of loads that only few items share.
  struct Count: BitwiseCopyable {
    /// Where the column begins that names the bin for a candidate.
    var column: Int32
    /// Where the load's bins begin in `rowStart`.
    var load: Int32
    var weight: Int
  }

  struct RowRef: BitwiseCopyable {
    var row: Int32
    var coefficient: Int
  }

  struct OpenEntry: BitwiseCopyable {
    var column: Int32
    /// Where the load's bins begin in `prices`.
    var base: Int32
  }

  /// A decision that stays with its item: a cell of its host, a card of it.
  struct Guest: BitwiseCopyable {
    var decision: Int32
    /// Where its list starts begin in `guestLists`, by candidate of the item.
    var lists: Int32
  }

  enum Relation: UInt8, BitwiseCopyable { case equal, different, table }

  /// Pairs of an item: uniform hard ones, uniform soft ones, other soft ones, other hard ones.
  struct PairRange: BitwiseCopyable {
    var start: Int32
    var soft: Int32
    var single: Int32
    var softEnd: Int32
    var end: Int32
  }

  struct PairEntry: BitwiseCopyable {
    var other: Int32
    var column: Int32
    var otherColumn: Int32
    var relation: Relation
    /// Whether all candidates of a class answer alike.
    var isUniform: Bool
    /// What it costs that the relation does not hold; negative: it must hold.
    var cost: Int
    /// For tables: where it begins, and the steps for a value of mine and of the other's.
    var table: Int32
    var step: Int32
    var otherStep: Int32
  }

  /// Groups of an item, uniform ones first.
  struct GroupRange: BitwiseCopyable {
    var start: Int32
    var single: Int32
    var end: Int32
  }

  struct GroupEntry: BitwiseCopyable {
    var column: Int32
    /// Where the group's values begin among all groups' values.
    var base: Int32
    var isUniform: Bool
    /// The value that does not count, or `Int32.min`.
    var except: Int32
  }

  func deallocate() {
    cheapWhenTrue.deallocate(); classOf.deallocate(); regionOf.deallocate(); areaOf.deallocate()
    choiceStart.deallocate(); choiceEnd.deallocate(); choiceClass.deallocate(); choiceCost.deallocate()
    choiceWidth.deallocate(); openStart.deallocate(); opens.deallocate(); guestStart.deallocate()
    guests.deallocate(); pairStart.deallocate(); pairs.deallocate(); groupStart.deallocate()
    groups.deallocate(); takers.deallocate(); needs.deallocate(); counts.deallocate()
    laneRows.deallocate(); upper.deallocate(); rowStart.deallocate(); rowRefs.deallocate()
    prices.deallocate(); columns.deallocate(); tables.deallocate(); guestLists.deallocate()
    decisions.deallocate(); size.deallocate(); componentOf.deallocate(); componentStart.deallocate()
    componentItems.deallocate(); guestDecisions.deallocate()
  }
}
