/// Choosing what enters and leaves after new columns: the primal simplex.
extension Simplex {
  /// From a feasible basis to an optimal one; false where `limit` pivots did not do.
  func optimise(limit: Int = 20_000) -> Bool {
    for _ in 0..<limit {
      guard let column = chooseEntering() else {
        if sincePivotsChecked == 0 { return true }
        check()
        candidates = []
        if chooseEntering() == nil { return true }
        continue
      }
      let reduced = reducedCost(column)
      let count = transform(column)
      // The least ratio with some slack, then the largest pivot among those within it.
      var most = Double.infinity
      for place in 0..<count {
        let position = touched[place]
        let factor = entering[position]
        if factor > 1e-7 {
          most = min(most, (max(0, solution[position]) + 1e-10) / factor)
        } else if factor < -1e-7 && banned[basis[position]] {
          most = 0
        }
      }
      var leaving = -1
      for place in 0..<count {
        let position = touched[place]
        let factor = entering[position]
        let isLimit =
          factor > 1e-7
          ? max(0, solution[position]) / factor <= most : factor < -1e-7 && banned[basis[position]]
        if isLimit && (leaving < 0 || abs(factor) > abs(entering[leaving])) { leaving = position }
      }
      if leaving < 0 {
        clear(count)
        return false
      }
      let step = entering[leaving] > 0 ? max(0, solution[leaving]) / entering[leaving] : 0
      pivot(leaving, column, count, reduced: reduced, step: step)
    }
    return false
  }

  /// The most promising column of a short list, which is made anew when it is used up.
  func chooseEntering() -> Int? {
    for round in 0..<2 {
      var best = -1
      var least = -1e-7
      var kept = 0
      for index in candidates {
        if positions[index] >= 0 || banned[index] { continue }
        let reduced = reducedCost(index)
        if reduced >= -1e-7 { continue }
        candidates[kept] = index
        kept += 1
        let scaled = reduced / Double(1 + starts[index + 1] - starts[index])
        if scaled < least {
          least = scaled
          best = index
        }
      }
      candidates.removeLast(candidates.count - kept)
      work += kept
      if best >= 0 { return best }
      if round == 1 { return nil }
      var order: [(reduced: Double, index: Int)] = []
      for index in 0..<columnCount where positions[index] < 0 && !banned[index] {
        let reduced = reducedCost(index)
        if reduced < -1e-7 { order.append((reduced / Double(1 + starts[index + 1] - starts[index]), index)) }
      }
      work += columnCount
      order.sort { $0.reduced != $1.reduced ? $0.reduced < $1.reduced : $0.index < $1.index }
      candidates = order.prefix(40).map(\.index)
    }
    return nil
  }
}
