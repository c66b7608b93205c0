/// What a bound from classes asks for what an item takes, in parts of a unit.
struct ClassPrices {
  /// For each dimension of each class: of a whole bin's share.
  var room: [Int]
  /// At `clique * classCount + class`: of a member of the clique.
  var spread: [Int]

  /// What opening costs, put on the dimensions of a class alike.
  init(_ table: ClassEntries, cliqueCount: Int) {
    room = Array(repeating: 0, count: table.dimensionCount)
    for made in table.classes {
      for place in made.first..<made.first + made.dimensions { room[place] = made.opening / made.dimensions }
    }
    spread = Array(repeating: 0, count: cliqueCount * table.classes.count)
  }

  init(room: [Int], spread: [Int]) {
    self.room = room
    self.spread = spread
  }

  /// What all prices of each class add up to.
  func totals(_ table: ClassEntries) -> [Int] {
    var totals = table.classes.map { made in
      room[made.first..<made.first + made.dimensions].reduce(0, +)
    }
    let count = totals.count
    for first in stride(from: 0, to: spread.count, by: max(1, count)) {
      for number in 0..<count { totals[number] += spread[first + number] }
    }
    return totals
  }
}
