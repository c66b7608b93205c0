import ConstraintModel

/// What two decisions add up to together.
extension MoveReader {
  /// Adds 1 where the views differ.
  mutating func addPair(_ a: View, _ b: View, to target: Int) {
    guard let x = itemOf[Int(a.decision.index)], let y = itemOf[Int(b.decision.index)] else {
      isReadable = false
      return
    }
    let (mine, theirs) = (column(a.column), column(b.column))
    if x == y {
      let start = net.columns.count
      for (p, q) in zip(model[a.column], model[b.column]) { net.columns.append(p != q ? 1 : 0) }
      addEntry(x, MoveNet.Entry(kind: .value, column: start, node: Int32(target), factor: 1))
      return
    }
    for (item, own, other, column) in [(x, mine, y, theirs), (y, theirs, x, mine)] {
      addEntry(
        item,
        MoveNet.Entry(
          kind: .differs, column: own, node: Int32(target), factor: 1, other: Int32(other),
          otherColumn: column))
    }
  }

  mutating func addTable(
    _ rows: [[Int]], key: Int, _ a: View, _ b: View, to target: Int, _ factor: Int
  ) {
    guard let x = itemOf[Int(a.decision.index)], let y = itemOf[Int(b.decision.index)] else {
      isReadable = false
      return
    }
    if x == y {
      let start = net.columns.count
      for (p, q) in zip(model[a.column], model[b.column]) { net.columns.append(rows[p][q]) }
      addEntry(x, MoveNet.Entry(kind: .value, column: start, node: Int32(target), factor: factor))
      return
    }
    let place: (start: Int, width: Int)
    if let known = tableStart[key] {
      place = known
    } else {
      place = (net.tables.count, rows.first?.count ?? 0)
      for row in rows { for value in row { net.tables.append(value) } }
      tableStart[key] = place
    }
    let (mine, theirs) = (column(a.column), column(b.column))
    addEntry(
      x,
      MoveNet.Entry(
        kind: .table, column: mine, node: Int32(target), factor: factor, other: Int32(y),
        otherColumn: theirs, table: place.start, step: place.width, otherStep: 1))
    addEntry(
      y,
      MoveNet.Entry(
        kind: .table, column: theirs, node: Int32(target), factor: factor, other: Int32(x),
        otherColumn: mine, table: place.start, step: 1, otherStep: place.width))
  }
}
