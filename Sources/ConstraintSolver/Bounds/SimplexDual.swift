/// The dual simplex, for what a branch changes: right sides and bans.
///
/// Steepest edge (Forrest and Goldfarb 1992) with weights computed anew from the dense inverse, Harris's ratio test,
/// and costs that are raised a little by chance: without those thousands of pivots stand still, since most duals tie.
extension Simplex {
  /// What the dual simplex works with, kept so that nothing is allocated in a pivot.
  struct DualRoom {
    /// Columns that are not banned, row by row.
    var starts = Buffer<Int>()
    var columns = Buffer<Int32>()
    var factors = Buffer<Double>()
    var reduced = Buffer<Double>()
    var alphas = Buffer<Double>()
    var isTouched = Buffer<Bool>()
    var touched = Buffer<Int32>()
    var weights = Buffer<Double>()
    var steep = Buffer<Double>()
    var places = Buffer<Int>()

    func deallocate() {
      for buffer in [factors, reduced, alphas, weights, steep] { buffer.deallocate() }
      for buffer in [columns, touched] { buffer.deallocate() }
      starts.deallocate()
      places.deallocate()
      isTouched.deallocate()
    }
  }

  /// To a feasible basis. False where there seems to be none, or `limit` pivots did not do.
  func makeFeasible(limit: Int = 4_000) -> Bool {
    recompute()
    let ownCosts = Array(UnsafeBufferPointer(start: costs.base, count: columnCount))
    defer {
      for index in ownCosts.indices { costs[index] = ownCosts[index] }
      recomputeDuals()
    }
    beginDual()
    var left = limit
    var repairs = 0
    while left > 0 {
      let leaving = chooseLeaving()
      if leaving < 0 {
        if sincePivotsChecked == 0 || limit < 1000 { return true }
        check()
        beginDual()
        if chooseLeaving() < 0 { return true }
        continue
      }
      left -= 1
      let isAbove = solution[leaving] > 0
      priceRow(leaving)
      let entering = chooseByRatio(isAbove: isAbove)
      if entering < 0 {
        clearRow()
        if repairs == 3 || limit < 1000 { return false }
        repairs += 1
        refactor()
        recompute()
        beginDual()
        continue
      }
      let count = transform(entering)
      let own = self.entering[leaving]
      if abs(own) < 1e-8 || abs(own - dual.alphas[entering]) > 1e-5 * (1 + abs(own)) {
        clear(count)
        clearRow()
        if repairs == 3 || limit < 1000 { return false }
        repairs += 1
        refactor()
        recompute()
        beginDual()
        continue
      }
      let step = dual.reduced[entering] / own
      let out = basis[leaving]
      changeReduced(step)
      dual.reduced[out] = -step
      dual.reduced[entering] = 0
      changeWeights(leaving, count)
      let checked = sincePivotsChecked
      pivot(leaving, entering, count, reduced: step * own, step: solution[leaving] / own)
      if sincePivotsChecked <= checked { beginDual() }
    }
    return false
  }

  /// Rows of what may enter, reduced costs that are not negative, and the weights of the basis.
  private func beginDual() {
    let size = rowCount
    dual.starts.count = 0
    dual.starts.append(repeating: 0, count: size + 2)
    var total = 0
    for index in 0..<columnCount where !banned[index] {
      for place in starts[index]..<starts[index + 1] { dual.starts[Int(rows[place]) + 2] += 1 }
      total += starts[index + 1] - starts[index]
    }
    for row in 0..<size { dual.starts[row + 2] += dual.starts[row + 1] }
    dual.columns.count = 0
    dual.factors.count = 0
    dual.columns.append(repeating: 0, count: total)
    dual.factors.append(repeating: 0, count: total)
    for index in 0..<columnCount where !banned[index] {
      for place in starts[index]..<starts[index + 1] {
        let row = Int(rows[place])
        let target = dual.starts[row + 1]
        dual.starts[row + 1] = target + 1
        dual.columns[target] = Int32(index)
        dual.factors[target] = factors[place]
      }
    }
    dual.reduced.count = 0
    dual.alphas.count = 0
    dual.isTouched.count = 0
    dual.touched.count = 0
    dual.reduced.append(repeating: 0, count: columnCount)
    dual.alphas.append(repeating: 0, count: columnCount)
    dual.isTouched.append(repeating: false, count: columnCount)
    var random = RandomBits(seed: UInt64(pivots))
    for index in 0..<columnCount where positions[index] < 0 && !banned[index] {
      let noise = 1e-6 * Double(1 + random.below(1000)) / 100
      let reduced = reducedCost(index)
      // From the second time on the noise is there already.
      let wanted = reduced < 0 ? noise : reduced < 1e-5 ? reduced + noise : reduced
      costs[index] += wanted - reduced
      dual.reduced[index] = wanted
    }
    dual.weights.count = 0
    dual.steep.count = 0
    dual.places.count = 0
    dual.weights.append(repeating: 0, count: size)
    dual.steep.append(repeating: 0, count: size)
    dual.places.append(repeating: 0, count: size)
    let weights = dual.weights.base
    for row in 0..<size {
      let base = inverse.base + row * size
      for position in 0..<size { weights[position] += base[position] * base[position] }
    }
    work += size * size / 8 + total / 2
  }

  private func chooseLeaving() -> Int {
    let (solution, weights, banned) = (solution.base, dual.weights.base, banned.base)
    var leaving = -1
    var most = 0.0
    for (position, column) in basis.enumerated() {
      let excess = banned[column] ? abs(solution[position]) : -solution[position]
      if excess > 1e-8 && excess * excess > most * weights[position] {
        most = excess * excess / weights[position]
        leaving = position
      }
    }
    return leaving
  }

  /// The row of the tableau, where it is not zero.
  private func priceRow(_ leaving: Int) {
    let (size, inverse, pivotRow) = (rowCount, inverse.base, pivotRow.base)
    let (starts, columns, factors) = (dual.starts.base, dual.columns.base, dual.factors.base)
    let (alphas, isTouched) = (dual.alphas.base, dual.isTouched.base)
    var effort = size
    for row in 0..<size {
      let own = inverse[row * size + leaving]
      pivotRow[row] = own
      if abs(own) < 1e-13 { continue }
      effort += starts[row + 1] - starts[row]
      for place in starts[row]..<starts[row + 1] {
        let column = Int(columns[place])
        alphas[column] += own * factors[place]
        if !isTouched[column] {
          isTouched[column] = true
          dual.touched.append(Int32(column))
        }
      }
    }
    work += effort / 3
  }

  private func clearRow() {
    for place in 0..<dual.touched.count {
      let column = Int(dual.touched[place])
      dual.alphas[column] = 0
      dual.isTouched[column] = false
    }
    dual.touched.count = 0
  }

  private func chooseByRatio(isAbove: Bool) -> Int {
    let (alphas, reduced, positions) = (dual.alphas.base, dual.reduced.base, positions.base)
    let (touched, count) = (dual.touched.base, dual.touched.count)
    let sign = isAbove ? 1.0 : -1.0
    var most = Double.infinity
    for place in 0..<count {
      let column = Int(touched[place])
      let alpha = sign * alphas[column]
      if alpha <= 1e-7 || positions[column] >= 0 { continue }
      let ratio = (max(0, reduced[column]) + 1e-7) / alpha
      if ratio < most { most = ratio }
    }
    var best = -1
    var largest = 0.0
    for place in 0..<count {
      let column = Int(touched[place])
      let alpha = sign * alphas[column]
      if alpha <= 1e-7 || positions[column] >= 0 { continue }
      if max(0, reduced[column]) <= most * alpha && alpha > largest {
        largest = alpha
        best = column
      }
    }
    if best >= 0 && reduced[best] < 0 {
      costs[best] -= reduced[best]
      reduced[best] = 0
    }
    return best
  }

  private func changeReduced(_ step: Double) {
    let (alphas, reduced, isTouched) = (dual.alphas.base, dual.reduced.base, dual.isTouched.base)
    for place in 0..<dual.touched.count {
      let column = Int(dual.touched[place])
      reduced[column] -= step * alphas[column]
      alphas[column] = 0
      isTouched[column] = false
    }
    dual.touched.count = 0
  }

  /// Before the pivot: `entering` holds the column, `pivotRow` the row of the inverse.
  private func changeWeights(_ leaving: Int, _ count: Int) {
    let (size, inverse, weights, steep) = (rowCount, inverse.base, dual.weights.base, dual.steep.base)
    let (pivotRow, entering) = (pivotRow.base, entering.base)
    for position in 0..<size { steep[position] = 0 }
    var used = 0
    for row in 0..<size {
      let own = pivotRow[row]
      if abs(own) < 1e-13 { continue }
      used += 1
      let base = inverse + row * size
      for position in 0..<size { steep[position] += own * base[position] }
    }
    let pivot = entering[leaving]
    let weight = weights[leaving]
    for place in 0..<count {
      let position = touched[place]
      if position == leaving { continue }
      let share = entering[position] / pivot
      weights[position] = max(weights[position] - share * (2 * steep[position] - share * weight), 1e-4)
    }
    weights[leaving] = max(weight / (pivot * pivot), 1e-4)
    work += size / 4 + used * size / 16
  }

  /// A basis of single columns, from which the primal simplex can begin. False where there is none.
  func restart() -> Bool {
    var places = [Int](repeating: -1, count: rowCount)
    for index in 0..<columnCount where isUnit(index) && !banned[index] {
      let row = Int(rows[starts[index]])
      let isRight = right[row] * factors[starts[index]] >= 0
      if isRight && (places[row] < 0 || costs[index] < costs[places[row]]) { places[row] = index }
    }
    if places.contains(-1) { return false }
    for column in basis { positions[column] = -1 }
    basis = places
    for (position, column) in basis.enumerated() { positions[column] = position }
    candidates = []
    refactor()
    recompute()
    return true
  }
}
