/// Items of one kind (see `HostPacking.kindOf`) that are spread from the same others are of one sort: whatever a bound
/// from classes asks of one of them, the others answer alike.
struct ItemSorts {
  /// By item.
  private(set) var sortOf: [Int] = []
  /// By sort.
  private(set) var kindOf: [Int] = []
  /// By sort: the clique of which a bin takes one member at most, or -1.
  private(set) var cliqueOf: [Int] = []
  private(set) var cliqueCount = 0
  /// By sort: the sort of the first item of its bundle, which may be itself; or -1. Items of a bundle share a bin, and
  /// each has a sort of its own.
  private(set) var leaderOf: [Int] = []
  /// By sort of a leader: the sorts of its bundle, itself among them.
  private(set) var bundles: [Int: [Int]] = [:]

  /// Beyond so many pairs of a clique and a class only cliques of several members count.
  private static let mostPairs = 1 << 20

  init(_ packing: HostPacking, classCount: Int) {
    var sizes: [Int: Int] = [:]
    for clique in packing.cliqueOf where clique >= 0 { sizes[clique, default: 0] += 1 }
    // An item by itself is a clique, too: no bin holds it twice, however small the share that it takes.
    let areSinglesIn = packing.itemCount * classCount <= Self.mostPairs
    var cliques: [Int: Int] = [:]
    var sorts: [[Int]: Int] = [:]
    var isBundled = Array(repeating: false, count: packing.itemCount)
    for (item, first) in packing.bundles.enumerated() where item != first {
      isBundled[item] = true
      isBundled[first] = true
    }
    for item in 0..<packing.itemCount {
      var clique = -1
      if packing.cliqueOf[item] >= 0, sizes[packing.cliqueOf[item], default: 0] > 1 {
        clique = cliques[packing.cliqueOf[item]] ?? cliqueCount
        cliques[packing.cliqueOf[item]] = clique
      } else if areSinglesIn {
        clique = cliqueCount
      }
      if clique == cliqueCount { cliqueCount += 1 }
      let key = [packing.kindOf[item], clique, isBundled[item] ? item : -1]
      let sort = sorts[key] ?? kindOf.count
      if sort == kindOf.count {
        sorts[key] = sort
        kindOf.append(packing.kindOf[item])
        cliqueOf.append(clique)
        // The first of a bundle comes first.
        let leader =
          isBundled[item] ? (packing.bundles[item] == item ? sort : sortOf[packing.bundles[item]]) : -1
        leaderOf.append(leader)
        if leader >= 0 { bundles[leader, default: []].append(sort) }
      }
      sortOf.append(sort)
    }
  }

  var count: Int { kindOf.count }
}
