import ConstraintModel

/// The rows of each candidate side by side: a matrix for each space of candidates, with a lane for each row that a
/// candidate's bin of a load has.
struct LaneMatrices {
  struct Key: Hashable {
    var load: Int
    var column: Int
  }

  struct Lane {
    var number: Int
    var coefficient: Int
  }

  /// Loads that few share, or that would make a matrix wide, have none.
  private(set) var lanes: [Key: [Lane]] = [:]
  /// By number of candidates: the lanes of each, and where the matrix begins.
  private(set) var width: [Int: Int] = [:]
  private(set) var place: [Int: Int] = [:]
  private let model: ConstraintModel
  private let rows: LoadRows
  private static let widest = 32

  init(_ model: ConstraintModel, _ rows: LoadRows) {
    self.model = model
    self.rows = rows
  }

  /// A lane is worth its memory where at least a sixteenth of a space's decisions use it.
  mutating func chooseLanes(of isTaker: (Int) -> Bool) {
    var users: [Int: Int] = [:]
    for decision in model.decisions.indices where isTaker(decision) {
      users[model.decisions[decision].candidateCount, default: 0] += 1
    }
    for (number, load) in model.loads.enumerated() where rows.hasRows[number] {
      var use: [Int: (count: Int, space: Int)] = [:]
      for item in load.items where item.weight > 0 && isTaker(Int(item.view.decision.index)) {
        let space = model[item.view.decision].candidateCount
        use[Int(item.view.column.index), default: (0, space)].count += 1
      }
      for (column, use) in use.sorted(by: { $0.key < $1.key }) {
        guard use.count * 16 >= users[use.space] ?? 0, let coefficients = coefficients(number) else {
          continue
        }
        let first = width[use.space] ?? 0
        guard first + coefficients.count <= Self.widest else { continue }
        width[use.space] = first + coefficients.count
        lanes[Key(load: number, column: column)] = coefficients.enumerated().map {
          Lane(number: first + $0, coefficient: $1)
        }
      }
    }
  }

  /// The coefficient of each row that bins of a load have, where it is the same for all bins.
  private func coefficients(_ load: Int) -> [Int]? {
    var found: [Int] = []
    for bin in 0..<rows.binCount(load) {
      for (index, ref) in rows.refs(load, bin).enumerated() {
        if index == found.count { found.append(ref.coefficient) }
        if found[index] != ref.coefficient { return nil }
      }
    }
    return found
  }

  /// Writes the matrices, and numbers rows anew, those of one candidate together: the new number of each row.
  ///
  /// - Parameter besides: for each kind of guests how many candidates it has, and which are beside each of the items.
  mutating func flatten(
    besides: [(space: Int, lists: [[Int]])], items: Int, into result: inout InsertionModel
  ) -> [Int32] {
    let nowhere = Int32(rows.upper.count)
    for (space, width) in width.sorted(by: { $0.key < $1.key }) {
      place[space] = result.laneRows.count
      result.laneRows.append(repeating: nowhere, count: space * width)
    }
    // ORDER: each lane has places of its own.
    for (key, lanes) in lanes {
      let column = model.columns[key.column]
      guard let width = width[column.count], let place = place[column.count] else { continue }
      let bins = rows.binCount(key.load)
      for (candidate, bin) in column.enumerated() where bin >= 0 && bin < bins {
        for (lane, ref) in zip(lanes, rows.refs(key.load, bin)) {
          result.laneRows[place + candidate * width + lane.number] = Int32(ref.row)
        }
      }
    }
    var numbers = Array(repeating: Int32(-1), count: rows.upper.count + 1)
    numbers[Int(nowhere)] = nowhere
    var next: Int32 = 0
    func number(_ candidate: Int, of space: Int) {
      guard let width = width[space], let place = place[space] else { return }
      for index in place + candidate * width..<place + (candidate + 1) * width {
        let row = Int(result.laneRows[index])
        if numbers[row] < 0 {
          numbers[row] = next
          next += 1
        }
      }
    }
    for candidate in 0..<items {
      number(candidate, of: items)
      for (space, lists) in besides { for guest in lists[candidate] { number(guest, of: space) } }
    }
    for row in numbers.indices where numbers[row] < 0 {
      numbers[row] = next
      next += 1
    }
    let upper = result.upper.array
    for (row, number) in numbers.enumerated() { result.upper[Int(number)] = upper[row] }
    for index in 0..<result.laneRows.count { result.laneRows[index] = numbers[Int(result.laneRows[index])] }
    for index in 0..<result.rowRefs.count {
      let ref = result.rowRefs[index]
      result.rowRefs[index] = .init(row: numbers[Int(ref.row)], coefficient: ref.coefficient)
    }
    return numbers
  }
}
