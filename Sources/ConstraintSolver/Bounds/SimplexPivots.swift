/// Choosing what enters and leaves: primal after new columns, dual after a branch.
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

  /// After right sides or bans changed: to a feasible basis. False where there seems to be none, or `limit`
  /// pivots did not do.
  func makeFeasible(limit: Int = 20_000) -> Bool {
    recompute()
    // Costs are shifted so that the basis prices out; `optimise` then works with the true ones.
    var shifted: [(Int, Double)] = []
    for index in 0..<columnCount where positions[index] < 0 && !banned[index] {
      let reduced = reducedCost(index)
      if reduced < 0 {
        shifted.append((index, costs[index]))
        costs[index] -= reduced
      }
    }
    defer {
      if !shifted.isEmpty {
        for (index, cost) in shifted { costs[index] = cost }
        recomputeDuals()
      }
    }
    for _ in 0..<limit {
      // Plain pointers: what a class holds is watched at every access.
      let (size, inverse, solution, pivotRow) = (rowCount, inverse.base, solution.base, pivotRow.base)
      let (positions, banned, starts) = (positions.base, banned.base, starts.base)
      let (rows, factors, duals, costs) = (rows.base, factors.base, duals.base, costs.base)
      var leaving = -1
      var worst = 1e-8
      for (position, column) in basis.enumerated() {
        let excess = banned[column] ? abs(solution[position]) : -solution[position]
        if excess > worst {
          worst = excess
          leaving = position
        }
      }
      if leaving < 0 { return true }
      for row in 0..<size { pivotRow[row] = inverse[row * size + leaving] }
      let isAbove = solution[leaving] > 0
      var best = -1
      var bestRatio = Double.infinity
      var bestFactor = 0.0
      for index in 0..<columnCount where positions[index] < 0 && !banned[index] {
        var factor = 0.0
        let (first, last) = (starts[index], starts[index + 1])
        for place in first..<last { factor += pivotRow[Int(rows[place])] * factors[place] }
        if isAbove ? factor <= 1e-7 : factor >= -1e-7 { continue }
        var reduced = costs[index]
        for place in first..<last { reduced -= duals[Int(rows[place])] * factors[place] }
        let ratio = max(0, reduced) / abs(factor)
        if ratio < bestRatio - 1e-9 || (ratio < bestRatio + 1e-9 && abs(factor) > abs(bestFactor)) {
          best = index
          bestRatio = min(ratio, bestRatio)
          bestFactor = factor
        }
      }
      work += columnCount * 2 + rowCount / 4
      if best < 0 { return false }
      let reduced = reducedCost(best)
      let count = transform(best)
      if abs(self.entering[leaving]) < 1e-8 {
        clear(count)
        refactor()
        recompute()
        continue
      }
      pivot(leaving, best, count, reduced: reduced, step: solution[leaving] / self.entering[leaving])
    }
    return false
  }
}
