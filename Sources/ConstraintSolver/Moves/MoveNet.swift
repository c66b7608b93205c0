/// A model as a net of sums that moves are judged on: what a decision's candidate adds flows from sum to sum until it
/// ends in violations and in cost.
///
/// A node adds up what it is given; what it gives on is the sum itself, its positive part, or whether it lies within
/// bounds. The net has no circles. INVARIANT: immutable after `MoveReader` has made it, but for sums; the search owns it.
struct MoveNet: BitwiseCopyable {
  enum Kind: UInt8, BitwiseCopyable {
    /// Gives its sum.
    case sum
    /// Gives what its sum exceeds 0 by.
    case ramp
    /// Gives 1 where `lower <= sum <= upper`, else 0.
    case truth
    /// What it lies outside its bounds by is violated.
    case hard
    /// Its sum is the cost.
    case cost
  }

  struct Node: BitwiseCopyable {
    var sum = 0
    var lower = Int.min
    var upper = Int.max
    var kind: Kind
    var start: Int32 = 0
    var end: Int32 = 0
    /// Of bins: what fills them, else -1.
    var packing: Int32 = -1
    /// Of rows that annealing may break on its way: what a unit beyond the bound costs then; 0 for others.
    var price = 0
    /// Brings what a row is violated by to its share of the bound.
    var share = 1.0

    /// How bad it is that the row is violated: that it is, and by how much of its bound.
    @inline(__always) var penalty: Int {
      let excess = excess
      if excess == 0 { return 0 }
      let scaled = min(Double(excess) * share, 1_000_000)
      return 65_536 &+ Int(scaled)
    }

    /// What it gives on.
    @inline(__always) var output: Int {
      switch kind {
      case .sum: sum
      case .ramp: max(0, sum)
      case .truth: lower <= sum && sum <= upper ? 1 : 0
      case .hard, .cost: 0
      }
    }

    /// What it lies outside its bounds by.
    @inline(__always) var excess: Int { sum > upper ? sum &- upper : sum < lower ? lower &- sum : 0 }
  }

  struct Edge: BitwiseCopyable {
    var node: Int32
    var coefficient: Int
  }

  /// What a decision gives directly.
  enum EntryKind: UInt8, BitwiseCopyable { case bin, value, table, differs }

  struct Entry: BitwiseCopyable {
    var kind: EntryKind
    /// Where the column begins in `columns`.
    var column: Int
    /// The node, for bins that of bin 0.
    var node: Int32
    /// The weight of an item, or the factor of a value.
    var factor: Int
    /// Of pairs: the other decision, its column, and the table.
    var other: Int32 = -1
    var otherColumn = 0
    var table = 0
    var step = 0
    var otherStep = 0
  }

  struct Boolean: BitwiseCopyable {
    var decision: Int
    var node: Int32
  }

  /// What fills a row of bins.
  struct Packing: BitwiseCopyable {
    var node: Int32
    var start: Int32
    var end: Int32
  }

  struct Packed: BitwiseCopyable {
    var item: Int32
    var weight: Int
    var column: Int
  }

  var packings = Buffer<Packing>()
  var packed = Buffer<Packed>()
  /// What flows into a node: a decision (not negative), or a node (`-1 - node`).
  var sources = Buffer<Int32>()
  var sourceStart = Buffer<Int32>()
  var nodes = Buffer<Node>()
  var edges = Buffer<Edge>()
  /// Auxiliary booleans, and the node that is 1 where each is true.
  var booleans = Buffer<Boolean>()
  /// Principal decisions, by number of item.
  var decisions = Buffer<Int>()
  var candidateCount = Buffer<Int32>()
  var preferred = Buffer<Int32>()
  /// Candidates that an item may take: where its mask begins in `maskWords`.
  var domain = Buffer<Int>()
  var maskWords = Buffer<UInt64>()
  var entryStart = Buffer<Int32>()
  var entries = Buffer<Entry>()
  var columns = Buffer<Int>()
  var tables = Buffer<Int>()
  var itemCount: Int { decisions.count }

  @inline(__always)
  func allows(_ item: Int, _ candidate: Int) -> Bool {
    maskWords.base[domain.base[item] + candidate >> 6] & (1 << UInt64(candidate & 63)) != 0
  }

  func deallocate() {
    sources.deallocate(); sourceStart.deallocate(); nodes.deallocate(); edges.deallocate()
    decisions.deallocate(); candidateCount.deallocate(); preferred.deallocate(); domain.deallocate()
    maskWords.deallocate(); entryStart.deallocate(); entries.deallocate(); columns.deallocate()
    tables.deallocate(); packings.deallocate(); packed.deallocate(); booleans.deallocate()
  }
}
