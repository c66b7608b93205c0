/// A linear programme that columns are added to: minimise `cost · x` under `rows · x = right`, `x >= 0`.
///
/// Primal and dual simplex over an inverse that is stored densely and changed sparsely: rows whose slack is basic
/// leave it a unit matrix there. Floating point: nobody may take its values for proven.
final class Simplex {
  struct Column {
    var cost: Double
    var rows: [Int32]
    var factors: [Double]
  }

  let rowCount: Int
  var columnCount = 0
  // Columns one after the other.
  var costs = Buffer<Double>()
  var starts = Buffer<Int>()
  var rows = Buffer<Int32>()
  var factors = Buffer<Double>()
  var banned = Buffer<Bool>()
  /// Position in the basis, or -1.
  var positions = Buffer<Int>()
  var right: [Double]
  /// The column of each position.
  var basis: [Int]
  /// Column by column: entry (position, row) at `row * rowCount + position`.
  var inverse: Buffer<Double>
  var solution: Buffer<Double>
  var duals: Buffer<Double>
  var entering: Buffer<Double>
  var touched: Buffer<Int>
  var pivotRow: Buffer<Double>
  var sincePivotsChecked = 0
  var work = 0
  var pivots = 0
  var candidates: [Int] = []
  var kept = Kept()
  var dual = DualRoom()

  static let tolerance = 1e-9

  /// - Parameter start: for each row the column, of one entry in that row, that is basic at first.
  init(right: [Double], start: [Column]) {
    rowCount = right.count
    self.right = right
    basis = []
    inverse = Buffer(repeating: 0, count: rowCount * rowCount)
    solution = Buffer(repeating: 0, count: rowCount)
    duals = Buffer(repeating: 0, count: rowCount)
    entering = Buffer(repeating: 0, count: rowCount)
    touched = Buffer(repeating: 0, count: rowCount)
    pivotRow = Buffer(repeating: 0, count: rowCount)
    starts.append(0)
    for (row, column) in start.enumerated() {
      _ = add(column)
      positions[row] = row
      basis.append(row)
    }
    resetInverse()
    recompute()
  }

  deinit {
    for buffer in [inverse, solution, duals, entering, pivotRow, costs, factors] { buffer.deallocate() }
    for buffer in [touched, starts, positions] { buffer.deallocate() }
    dual.deallocate()
    kept.inverse.deallocate()
    kept.duals.deallocate()
    rows.deallocate()
    banned.deallocate()
  }

  func add(_ column: Column) -> Int {
    costs.append(column.cost)
    for row in column.rows { rows.append(row) }
    for factor in column.factors { factors.append(factor) }
    starts.append(rows.count)
    banned.append(false)
    positions.append(-1)
    columnCount += 1
    return columnCount - 1
  }

  func setBanned(_ index: Int, _ isBanned: Bool) { banned[index] = isBanned }

  func isBasic(_ index: Int) -> Bool { positions[index] >= 0 }
  func cost(_ index: Int) -> Double { costs[index] }
  func isUnit(_ index: Int) -> Bool { starts[index + 1] - starts[index] == 1 }

  func setRight(_ row: Int, _ value: Double) { right[row] = value }

  func value(_ index: Int) -> Double {
    positions[index] >= 0 ? max(0, solution[positions[index]]) : 0
  }

  func dual(_ row: Int) -> Double { duals[row] }

  /// The value of the duals for other right sides: where reduced costs are right, no less than any solution's.
  func dualValue(_ right: [Double]) -> Double {
    var sum = 0.0
    for row in 0..<rowCount { sum += right[row] * duals[row] }
    return sum
  }

  var objective: Double {
    var sum = 0.0
    for position in 0..<rowCount { sum += costs[basis[position]] * solution[position] }
    return sum
  }

  func reducedCost(_ index: Int) -> Double {
    let (rows, factors, duals) = (rows.base, factors.base, duals.base)
    var cost = costs[index]
    for place in starts[index]..<starts[index + 1] { cost -= duals[Int(rows[place])] * factors[place] }
    return cost
  }

  /// Removes columns that are not basic and not kept; tells where the others went (-1 for removed).
  func remove(where isGone: (Int) -> Bool) -> [Int] {
    var places = [Int](repeating: -1, count: columnCount)
    var next = 0
    var end = 0
    for index in 0..<columnCount {
      let (first, last) = (starts[index], starts[index + 1])
      if positions[index] < 0 && isGone(index) { continue }
      places[index] = next
      costs[next] = costs[index]
      banned[next] = banned[index]
      positions[next] = positions[index]
      starts[next] = end
      for place in first..<last {
        rows[end] = rows[place]
        factors[end] = factors[place]
        end += 1
      }
      next += 1
    }
    starts[next] = end
    columnCount = next
    costs.count = next
    banned.count = next
    positions.count = next
    starts.count = next + 1
    rows.count = end
    factors.count = end
    for position in basis.indices { basis[position] = places[basis[position]] }
    candidates = []
    return places
  }

  // MARK: the basis

  func resetInverse() {
    for place in 0..<rowCount * rowCount { inverse[place] = 0 }
  }

  /// Builds the inverse anew: unit columns first, then the others one by one.
  func refactor() {
    resetInverse()
    let old = basis
    var isTaken = [Bool](repeating: false, count: rowCount)
    var rest: [Int] = []
    var places = [Int](repeating: -1, count: rowCount)
    for column in old {
      let row = Int(rows[starts[column]])
      if isUnit(column), !isTaken[row] {
        isTaken[row] = true
        places[row] = column
        inverse[row * rowCount + row] = 1 / factors[starts[column]]
      } else {
        rest.append(column)
      }
    }
    for row in 0..<rowCount where !isTaken[row] { inverse[row * rowCount + row] = 1 }
    for column in rest { positions[column] = -1 }
    // Short columns first: they fill the inverse least.
    rest.sort { (starts[$0 + 1] - starts[$0], $0) < (starts[$1 + 1] - starts[$1], $1) }
    var dropped: [Int] = []
    for column in rest {
      let count = transform(column)
      var row = -1
      for place in 0..<count where !isTaken[touched[place]] {
        if row < 0 || abs(entering[touched[place]]) > abs(entering[row]) { row = touched[place] }
      }
      if row < 0 || abs(entering[row]) < 1e-7 {
        dropped.append(column)
        clear(count)
        continue
      }
      isTaken[row] = true
      places[row] = column
      update(row, count)
      clear(count)
    }
    for row in 0..<rowCount where places[row] < 0 {
      // A dependent column gives way to the row's own first column, which may be anywhere but not in the basis.
      places[row] = row
      let isBasic = places.enumerated().contains { $0.offset != row && $0.element == row }
      if isBasic {
        let spare = (0..<columnCount).first { index in
          isUnit(index) && Int(rows[starts[index]]) == row && !places.contains(index)
        }
        places[row] = spare ?? add(Column(cost: 1e6, rows: [Int32(row)], factors: [1]))
      }
      let count = transform(places[row])
      if abs(entering[row]) > 1e-9 { update(row, count) }
      clear(count)
    }
    for column in dropped { positions[column] = -1 }
    basis = places
    for (position, column) in basis.enumerated() { positions[column] = position }
    work += rowCount * 20
  }

  /// `entering = inverse · column`; gives the number of positions touched.
  func transform(_ index: Int) -> Int {
    let (size, inverse, entering, touched) = (rowCount, inverse.base, entering.base, touched.base)
    let (first, last) = (starts[index], starts[index + 1])
    var count = 0
    for place in first..<last {
      let base = inverse + Int(rows[place]) * size
      let factor = factors[place]
      for position in 0..<size { entering[position] += factor * base[position] }
    }
    for position in 0..<size {
      if abs(entering[position]) > 1e-12 {
        touched[count] = position
        count += 1
      } else {
        entering[position] = 0
      }
    }
    work += (last - first + 1) * size / 8 + count
    return count
  }

  func clear(_ count: Int) { for place in 0..<count { entering[touched[place]] = 0 } }

  /// Changes the inverse for a pivot at this position; `entering` holds the column.
  func update(_ position: Int, _ count: Int) {
    let (size, inverse, entering, touched) = (rowCount, inverse.base, entering.base, touched.base)
    let pivot = 1 / entering[position]
    let isDense = count * 5 > size
    var changed = 0
    for row in 0..<size {
      let base = inverse + row * size
      let own = base[position]
      if own == 0 { continue }
      if abs(own) < 1e-14 {
        base[position] = 0
        continue
      }
      changed += 1
      let factor = own * pivot
      if isDense {
        for other in 0..<size { base[other] -= factor * entering[other] }
      } else {
        for place in 0..<count {
          let other = touched[place]
          base[other] -= factor * entering[other]
        }
      }
      base[position] = factor
    }
    work += size / 4 + changed * (isDense ? size / 2 : count) / 8
  }

  func recompute() {
    if inverse[0] == 0 && pivots == 0 { refactor() }
    for position in 0..<rowCount {
      solution[position] = 0
      duals[position] = 0
    }
    for row in 0..<rowCount where right[row] != 0 {
      let base = inverse.base + row * rowCount
      for position in 0..<rowCount { solution[position] += right[row] * base[position] }
    }
    recomputeDuals()
    work += rowCount * rowCount / 4
  }

  func recomputeDuals() {
    let (size, inverse) = (rowCount, inverse.base)
    for position in 0..<size { pivotRow[position] = costs[basis[position]] }
    let own = pivotRow.base
    for row in 0..<size {
      let base = inverse + row * size
      var sum = 0.0
      for position in 0..<size where own[position] != 0 { sum += own[position] * base[position] }
      duals[row] = sum
    }
    work += size * size / 8
  }

  /// How far `basis · solution` is from the right side.
  func isAccurate() -> Bool {
    var rest = right
    for position in 0..<rowCount {
      let column = basis[position]
      for place in starts[column]..<starts[column + 1] {
        rest[Int(rows[place])] -= factors[place] * solution[position]
      }
    }
    return rest.allSatisfy { abs($0) < 1e-6 }
  }

  func check() {
    sincePivotsChecked = 0
    recompute()
    if !isAccurate() {
      refactor()
      recompute()
    }
  }

  func pivot(_ position: Int, _ column: Int, _ count: Int, reduced: Double, step: Double) {
    let pivotValue = entering[position]
    let rise = reduced / pivotValue
    let (size, inverse) = (rowCount, inverse.base)
    for row in 0..<size {
      let own = inverse[row * size + position]
      if own != 0 { duals[row] += rise * own }
    }
    for place in 0..<count { solution[touched[place]] -= step * entering[touched[place]] }
    solution[position] = step
    update(position, count)
    positions[basis[position]] = -1
    basis[position] = column
    positions[column] = position
    clear(count)
    pivots += 1
    sincePivotsChecked += 1
    if sincePivotsChecked >= 100 { check() }
  }

  // MARK: trying out

  /// Keeps the basis, to come back to it after changes of bans and right sides.
  func save() {
    kept.basis = basis
    if kept.inverse.count == 0 {
      kept.inverse = Buffer(repeating: 0, count: rowCount * rowCount)
      kept.duals = Buffer(repeating: 0, count: rowCount)
    }
    kept.inverse.base.update(from: inverse.base, count: rowCount * rowCount)
    kept.duals.base.update(from: duals.base, count: rowCount)
    work += rowCount * rowCount / 16
  }

  /// Back to the basis kept; what columns and right sides are now is for the caller to set.
  func restore() {
    for column in basis { positions[column] = -1 }
    basis = kept.basis
    for (position, column) in basis.enumerated() { positions[column] = position }
    inverse.base.update(from: kept.inverse.base, count: rowCount * rowCount)
    duals.base.update(from: kept.duals.base, count: rowCount)
    candidates = []
    work += rowCount * rowCount / 16
  }

  struct Kept {
    var basis: [Int] = []
    var inverse = Buffer<Double>()
    var duals = Buffer<Double>()
  }
}
