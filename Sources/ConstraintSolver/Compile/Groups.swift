import ConstraintModel

/// The values of a view, ascending, each with the literal that the view has it.
struct Groups {
  var values: [Int] = []
  var literals: [Lit] = []

  subscript(value: Int) -> Lit? {
    var (low, high) = (0, values.count)
    while low < high {
      let middle = (low + high) / 2
      if values[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low < values.count && values[low] == value ? literals[low] : nil
  }
}

extension Compiler {
  /// For each value that the view can have, the literal that it has it.
  mutating func groups(_ view: View) -> Groups {
    let key = GroupKey(decision: view.decision.index, column: view.column.index)
    if let known = groupCache[key] { return known }
    let decision = Int(view.decision.index)
    let made = groups(decision, model[view.column])
    groupCache[key] = made
    return made
  }

  mutating func groups(_ decision: Int, _ column: [Int]) -> Groups {
    var candidates: [Int32] = kernel.candidates(decision)
    var isRising = true
    for place in candidates.indices.dropFirst()
    where column[Int(candidates[place - 1])] > column[Int(candidates[place])] {
      isRising = false
      break
    }
    if !isRising {
      candidates.sort {
        let (x, y) = (column[Int($0)], column[Int($1)])
        return x != y ? x < y : $0 < $1
      }
    }
    var made = Groups()
    var words = [UInt64](repeating: 0, count: (column.count + 63) / 64)
    var start = 0
    while start < candidates.count {
      let value = column[Int(candidates[start])]
      var end = start + 1
      while end < candidates.count && column[Int(candidates[end])] == value { end += 1 }
      let literal: Lit
      if end == start + 1 && candidates.count > 1 {
        literal = kernel.valueLiteral(decision, Int(candidates[start]))
      } else {
        for place in start..<end { words[Int(candidates[place]) >> 6] |= 1 << UInt64(candidates[place] & 63) }
        literal = kernel.maskLiteral(decision, words)
        for place in start..<end { words[Int(candidates[place]) >> 6] = 0 }
      }
      made.values.append(value)
      made.literals.append(literal)
      start = end
    }
    return made
  }
}
