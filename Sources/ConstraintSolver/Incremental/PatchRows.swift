import ConstraintModel

/// Rows and prices of bins that change.
extension InsertionReader {
  private var nowhere: Int32 { Int32(result.upper.count - 1) }

  /// Gives rows that come the place of those that leave: first where only the amount has changed, then where the same
  /// bins have a place that nothing fills. False where there is none.
  mutating func fitRows(_ patch: inout Patch) -> Bool {
    guard !patch.leavingRows.isEmpty || !patch.comingRows.isEmpty else { return true }
    var coming: [[LinearTerm]: [Int]] = [:]
    for row in patch.comingRows { coming[row.terms, default: []].append(row.upper) }
    for row in patch.leavingRows {
      guard let number = findRow(row.terms, upper: row.upper) else {
        // A row that was none is none.
        if isRow(row.terms) { return false }
        continue
      }
      var uppers = coming[row.terms] ?? []
      let upper = uppers.popLast()
      coming[row.terms] = uppers.isEmpty ? nil : uppers
      set(number, row.terms, upper, &patch)
    }
    for row in patch.comingRows {
      guard let uppers = coming[row.terms] else { continue }
      coming[row.terms] = nil
      guard isRow(row.terms) else { continue }
      // A row that is there and has left before is nowhere now.
      for upper in uppers {
        guard let number = findRow(row.terms, upper: .max) else { return false }
        set(number, row.terms, upper, &patch)
      }
    }
    return true
  }

  private func isRow(_ terms: [LinearTerm]) -> Bool {
    terms.allSatisfy {
      guard case .load(let load, let bin) = $0.term else { return false }
      return Int(load.index) < rows.hasRows.count && bin >= 0 && Int(bin) < rows.binCount(Int(load.index))
    }
  }

  /// The row of a sum of bins; one that has left holds `Int.max`.
  private func findRow(_ terms: [LinearTerm], upper: Int) -> Int? {
    guard isRow(terms), let first = terms.first, case .load(let load, let bin) = first.term else {
      return nil
    }
    return rows.refs(Int(load.index), Int(bin)).first { ref in
      rows.upper[ref.row] == upper && Int(rows.widths[ref.row]) == terms.count
        && terms.allSatisfy { term in
          guard case .load(let load, let bin) = term.term else { return false }
          return rows.refs(Int(load.index), Int(bin)).contains {
            $0.row == ref.row && $0.coefficient == term.coefficient
          }
        }
    }?.row
  }

  /// What a row holds from now on; nil where it does not restrict any more.
  private mutating func set(_ row: Int, _ terms: [LinearTerm], _ upper: Int?, _ patch: inout Patch) {
    if rows.upper[row] == upper { return }
    rows.upper[row] = upper ?? .max
    result.upper[Int(rowNumbers[row])] = upper ?? .max / 4
    for term in terms {
      guard case .load(let load, let bin) = term.term else { continue }
      let ordinal = rows.refs(Int(load.index), Int(bin)).firstIndex { $0.row == row } ?? 0
      let first = rows.refs(Int(load.index), Int(bin)).startIndex
      mark(Int(load.index), Int(bin), [ordinal - first, upper ?? .max], &patch)
    }
  }

  /// A bin that costs something when anything is in it, or something else than before.
  mutating func open(
    _ constraint: Constraint, _ terms: [LinearTerm], _ upper: Int, by sign: Int, _ patch: inout Patch
  ) -> Bool {
    guard constraint.enforcedBy.count == 1, terms.count == 1, upper >= 0, upper < terms[0].coefficient,
      let price = price(enforcer: constraint.enforcedBy[0]), isRow(terms),
      case .load(let load, let bin) = terms[0].term
    else { return true }
    let base = openBases[Int(load.index)]
    guard base >= 0 else { return false }
    let place = rows.base[Int(load.index)] + Int(bin)
    rows.opening[place] += sign * price
    result.prices[Int(base + bin)] += sign * price
    mark(Int(load.index), Int(bin), [-1, rows.opening[place]], &patch)
    return true
  }

  /// Remembers that the candidates which name a bin are not what they were.
  private func mark(_ load: Int, _ bin: Int, _ change: [Int], _ patch: inout Patch) {
    // ORDER: keys of one load are taken in the order of their columns.
    for key in roomColumns.filter({ $0.load == load }).sorted(by: { $0.column < $1.column }) {
      let column = model.columns[key.column]
      if column.count == result.candidateCount {
        for (candidate, value) in column.enumerated() where value == bin {
          patch.marks[candidate, default: []] += [load, key.column] + change
        }
      }
      for map in guestLists.keys.sorted(by: { ($0.mine, $0.hosts) < ($1.mine, $1.hosts) })
      where model.columns[map.mine].count == column.count {
        let (mine, hosts) = (model.columns[map.mine], model.columns[map.hosts])
        for (guest, value) in column.enumerated() where value == bin {
          let ordinal = mine[..<guest].count { $0 == mine[guest] }
          for (candidate, host) in hosts.enumerated() where host == mine[guest] {
            patch.marks[candidate, default: []] += [load, key.column, ordinal] + change
          }
        }
      }
    }
  }
}
