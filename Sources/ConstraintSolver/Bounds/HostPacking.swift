/// A placement as packing theory sees it: items go to bins of a few classes, the items of a bin fit in it
/// together, used bins cost something, and what items ask of each other is a matter of the sites of their bins.
///
/// It is a relaxation of the model that it was read from: every solution of the model is one of the packing at no
/// higher cost, and what the reader did not understand is left out. So a lower bound of the packing is one of the
/// model, and a packing is a solution only after the kernel has taken it.
struct HostPacking {
  /// Decision of the model for each item.
  var decisions: [Int] = []
  /// The candidate of every item for each bin.
  var candidateOfBin: [Int] = []
  var siteCount = 0
  var classes: [BinClass] = []
  /// The bins of each class.
  var bins: [[Int]] = []
  /// Items of one kind may go to the same bins, cost the same there and take the same.
  var kindOf: [Int] = []
  /// For each item the items that it shares no bin with, and at which sites.
  var conflicts: [[Conflict]] = []
  /// Items with the same number, which is not negative, exclude each other from a bin.
  var cliqueOf: [Int] = []
  /// Items with the same number are in one bin; the number is the first of them.
  var bundles: [Int] = []
  /// What ties items by their sites; items that no component has are free of such ties.
  var components: [SiteComponent] = []
  /// The component of each item, or -1.
  var componentOf: [Int] = []
  /// What any placement costs besides what classes and components say.
  var constant = 0

  struct Conflict {
    var other: Int
    var sites: UInt64
  }

  var itemCount: Int { decisions.count }

  /// Where a solution of the model puts the items.
  func bins(of values: [Int]) -> [Int] {
    var binOf: [Int: Int] = [:]
    for (bin, candidate) in candidateOfBin.enumerated() where candidate >= 0 { binOf[candidate] = bin }
    return decisions.map { binOf[values[$0]] ?? -1 }
  }
}

/// Bins that are alike in everything that the packing says.
struct BinClass: Hashable {
  var site = 0
  /// What the first item in a bin costs.
  var opening = 0
  var limits: [Int] = []
  /// For each row the row that it is exchanged with, where exchanging all at once changes nothing.
  var mirror: [Int] = []
  /// Rows that say the same of several parts of a bin have the same number.
  var kinds: [Int] = []
  /// For each item what it costs here and takes, or nil.
  var choices: [Choice?] = []

  struct Choice: Hashable {
    var cost = 0
    /// What it takes of each row, one way or another; only undominated ways, none twice.
    var ways: [[Int]] = []
  }
}

/// Items whose sites depend on each other.
struct SiteComponent {
  var items: [Int] = []
  var pairs: [Pair] = []
  var counts: [Count] = []

  /// What two items cost at their sites; `forbidden` where they cannot be there.
  struct Pair {
    static var forbidden: Int { 1 << 40 }
    /// Positions in `items`, the first smaller.
    var a: Int
    var b: Int
    /// At `siteOfA * siteCount + siteOfB`.
    var costs: [Int]
  }

  /// The weights of members at some sites are at most `limit`.
  struct Count {
    var members: [(position: Int, weight: Int, sites: UInt64)]
    var limit: Int
  }
}
