import ConstraintModel

/// Capacities over several loads at once, `Σ guests in the cell + Σ half of what is split over its host`.
///
/// Rows over the same loads become one load whose bins are the rows: every item is stated once for each row
/// that its bin can be in, with its column renumbered from bins to rows. Nothing is stated item by bin.
struct PendingRow {
  /// Bin of each load of the signature, in its order.
  var bins: [Int]
  /// Literals that add to the row where they are true.
  var extras: [(literal: Literal, weight: Int)]
  var limit: Int
  var enforcement: Lit
}

/// The loads of a row, each with its coefficient, ascending.
struct RowSignature: Hashable {
  struct Part: Hashable {
    var load: Int
    var coefficient: Int
  }
  var parts: [Part]
}

extension Compiler {
  /// Takes `Σ terms <= upper` as a row where every load adds to it. False where it is no row.
  mutating func postRow(_ terms: [LinearTerm], negated: Bool, bound: Int, _ enforcement: Lit) -> Bool {
    var limit = bound
    var parts: [(part: RowSignature.Part, bin: Int)] = []
    var extras: [(literal: Literal, weight: Int)] = []
    for term in terms {
      let coefficient = negated ? -term.coefficient : term.coefficient
      switch term.term {
      case .load(let load, let bin):
        guard coefficient > 0 else { return false }
        guard bin >= 0, Int(bin) < model.loads[Int(load.index)].binCount else { continue }
        parts.append((.init(load: Int(load.index), coefficient: coefficient), Int(bin)))
      case .literal(let literal):
        // -c·[l] is c·[not l] - c.
        if coefficient < 0 { limit -= coefficient }
        extras.append((coefficient < 0 ? !literal : literal, abs(coefficient)))
      case .view, .table, .ramp: return false
      }
    }
    guard !parts.isEmpty else { return false }
    parts.sort {
      ($0.part.load, $0.part.coefficient, $0.bin) < ($1.part.load, $1.part.coefficient, $1.bin)
    }
    let signature = RowSignature(parts: parts.map(\.part))
    let row = PendingRow(bins: parts.map(\.bin), extras: extras, limit: limit, enforcement: enforcement)
    if let known = rowGroups[signature] {
      rows[known].rows.append(row)
    } else {
      rowGroups[signature] = rows.count
      rows.append((signature, [row]))
    }
    return true
  }

  mutating func finishRows() {
    for (signature, group) in rows { finish(signature, group) }
    rows = []
  }

  private mutating func finish(_ signature: RowSignature, _ group: [PendingRow]) {
    var items: [CompiledItem] = []
    var places: [ItemKey: Int] = [:]
    var columns: [[Int]] = []
    var columnIDs: [[Int]: Int] = [:]
    func add(_ decision: Decision, _ column: Int, _ weight: Int) {
      let key = ItemKey(decision: decision.index, column: column)
      if let place = places[key] {
        items[place].weight += weight
        return
      }
      places[key] = items.count
      items.append(CompiledItem(decision: decision, column: columns[column], weight: weight))
    }
    func number(_ column: [Int]) -> Int {
      if let known = columnIDs[column] { return known }
      columns.append(column)
      columnIDs[column] = columns.count - 1
      return columns.count - 1
    }
    for (position, part) in signature.parts.enumerated() {
      let load = model.loads[part.load]
      // A bin may be in several rows: each copy of the load sends it to one of them.
      var rowsOfBin = [[Int]](repeating: [], count: load.binCount)
      for (row, pending) in group.enumerated() { rowsOfBin[pending.bins[position]].append(row) }
      let copies = rowsOfBin.reduce(0) { max($0, $1.count) }
      for copy in 0..<copies {
        var numbers: [ColumnID: Int] = [:]
        for item in load.items where item.weight > 0 {
          let column: Int
          if let known = numbers[item.view.column] {
            column = known
          } else {
            let renumbered = model[item.view.column].map { bin in
              guard bin >= 0, bin < rowsOfBin.count, copy < rowsOfBin[bin].count else { return -1 }
              return rowsOfBin[bin][copy]
            }
            column = number(renumbered)
            numbers[item.view.column] = column
          }
          add(item.view.decision, column, part.coefficient * item.weight)
        }
      }
    }
    for (row, pending) in group.enumerated() {
      for (literal, weight) in pending.extras {
        let mask = model[literal.mask]
        let column = (0..<mask.count).map { mask.contains($0) != literal.isNegated ? row : -1 }
        add(literal.decision, number(column), weight)
      }
    }
    addLoad(
      items: items, binCount: group.count,
      capacities: group.enumerated().map { row, pending in
        PendingCapacity(bin: row, limit: pending.limit, enforcement: pending.enforcement)
      })
  }

  private struct ItemKey: Hashable {
    var decision: Int32
    var column: Int
  }
}
