/// Index of a decision: a variable that takes exactly one of `candidateCount` candidates, numbered from 0.
///
/// A boolean is a decision with two candidates: 0 is false, 1 is true. An optional decision has one candidate
/// more, which stands for none; the model does not know which.
package struct Decision: Hashable, Sendable, Comparable {
  package var index: Int32
  package init(_ index: Int) { self.index = Int32(index) }
  package static func < (a: Decision, b: Decision) -> Bool { a.index < b.index }
}

/// Index of a column: one integer for each candidate of a decision. Columns are shared between decisions with
/// equal candidates, so 10,000 instances over 3,000 hosts need a handful of them.
package struct ColumnID: Hashable, Sendable {
  package var index: Int32
  package init(_ index: Int) { self.index = Int32(index) }
}

/// Index of a mask: one bit for each candidate of a decision, shared like columns.
package struct MaskID: Hashable, Sendable {
  package var index: Int32
  package init(_ index: Int) { self.index = Int32(index) }
}

/// Index of a matrix of integers.
package struct TableID: Hashable, Sendable {
  package var index: Int32
  package init(_ index: Int) { self.index = Int32(index) }
}

/// Index of a load: what falls into each of a row of bins.
package struct LoadID: Hashable, Sendable {
  package var index: Int32
  package init(_ index: Int) { self.index = Int32(index) }
}

/// Index of a sum of which only the positive part counts.
package struct SumID: Hashable, Sendable {
  package var index: Int32
  package init(_ index: Int) { self.index = Int32(index) }
}

/// Where a constraint came from, opaque here: one for each rule instance and statement. It is what cores are
/// made of; whoever built the model knows what it means.
package struct Origin: Hashable, Sendable, Comparable {
  package var index: Int32
  package init(_ index: Int) { self.index = Int32(index) }
  package static func < (a: Origin, b: Origin) -> Bool { a.index < b.index }
}

/// A set of candidate numbers below `count`, 64 to a word.
package struct Bitset: Hashable, Sendable {
  package private(set) var count: Int
  package private(set) var words: [UInt64]

  package init(count: Int, filled: Bool = false) {
    self.count = count
    self.words = Array(repeating: filled ? ~0 : 0, count: (count + 63) / 64)
    if filled, count % 64 != 0, !words.isEmpty {
      words[words.count - 1] = (1 << UInt64(count % 64)) - 1
    }
  }

  package init(count: Int, where isMember: (Int) -> Bool) {
    self.init(count: count)
    for candidate in 0..<count where isMember(candidate) { insert(candidate) }
  }

  package func contains(_ candidate: Int) -> Bool {
    words[candidate >> 6] & (1 << UInt64(candidate & 63)) != 0
  }
  package mutating func insert(_ candidate: Int) {
    words[candidate >> 6] |= 1 << UInt64(candidate & 63)
  }
  package mutating func remove(_ candidate: Int) {
    words[candidate >> 6] &= ~(1 << UInt64(candidate & 63))
  }
  package var isEmpty: Bool { words.allSatisfy { $0 == 0 } }
  package var memberCount: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  package func intersection(_ other: Bitset) -> Bitset { combined(other) { $0 & $1 } }
  package func union(_ other: Bitset) -> Bitset { combined(other) { $0 | $1 } }
  package func subtracting(_ other: Bitset) -> Bitset { combined(other) { $0 & ~$1 } }
  package var complement: Bitset { Bitset(count: count, filled: true).subtracting(self) }

  private func combined(_ other: Bitset, _ operation: (UInt64, UInt64) -> UInt64) -> Bitset {
    precondition(count == other.count, "bitsets over different candidates")
    var result = self
    for word in words.indices { result.words[word] = operation(words[word], other.words[word]) }
    return result
  }

  /// Members in ascending order.
  package var members: [Int] {
    var result: [Int] = []
    result.reserveCapacity(memberCount)
    for (index, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        result.append(index << 6 + rest.trailingZeroBitCount)
        rest &= rest - 1
      }
    }
    return result
  }
}
