import ConstraintModel

/// What an operation is applied to.
enum PointwiseOperand: Hashable {
  case known(Value)
  /// A column of the first (0) or second (1) decision.
  case column(axis: Int8, MappingID)
  case grid(GridID)
}

struct PointwiseKey: Hashable {
  var operation: Int32
  var operands: [PointwiseOperand]
}

/// The result over the one or two decisions of the operands, whatever these decisions are.
enum PointwiseResult {
  case known(Value, refusal: Refused?)
  case mapping(MappingID, refusals: [(class: MaskID, refusal: Refused)])
  case grid(GridID, refusals: [(cells: GridID, refusal: Refused)])
}

/// Why an operation has no value for some operands.
struct Refused: Hashable {
  var error: EvaluationError
}

/// An operation on known values, done once for each class of operands and remembered: whoever asks the same of
/// another decision with the same candidates is given the same column.
extension ModelBuilder {
  /// At most this many pairs of classes are tabulated.
  static let gridLimit = 1 << 16

  /// How many times an operation would be evaluated; nil where there are more than two decisions.
  func cost(_ operands: [Value]) -> Int? {
    guard let axes = axes(operands) else { return nil }
    var sizes = [1, 1]
    for operand in operands where operand.isDecided {
      switch operand.reading {
      case .column(let decision, let mapping):
        let axis = decision == axes.first ? 0 : 1
        sizes[axis] = max(sizes[axis], mappings[Int(mapping.index)].values.count)
      case .stated(let index):
        guard case .grid(_, _, let grid) = stated[index] else { return nil }
        let known = grids[Int(grid.index)]
        sizes[0] = max(sizes[0], mappings[Int(known.rows.index)].values.count)
        sizes[1] = max(sizes[1], known.columnCount)
      case .formula: return nil
      }
    }
    return sizes[0] * sizes[1]
  }

  /// The one or two decisions of columns and grids, in order; nil where there are more, or other operands.
  func axes(_ operands: [Value]) -> [Decision]? {
    var axes: [Decision] = []
    for operand in operands where operand.isDecided {
      switch operand.reading {
      case .column(let decision, _):
        if !axes.contains(decision) { axes.append(decision) }
      case .stated(let index):
        guard case .grid(let first, let second, _) = stated[index] else { return nil }
        if !axes.contains(first) { axes.append(first) }
        if !axes.contains(second) { axes.append(second) }
      case .formula: return nil
      }
    }
    return axes.count <= 2 ? axes.sorted() : nil
  }

  /// Applies an operation. Nothing is evaluated where an operand is void, unless the operation is lazy: then
  /// it looks for itself. The caller has found `axes`; results are canonical.
  func apply(
    _ operation: Int32, _ operands: [Value], axes: [Decision], isLazy: Bool,
    evaluate: (_ arguments: inout [Value]) throws(EvaluationError) -> Value
  ) throws(EvaluationError) -> PointwiseResult {
    let key = PointwiseKey(
      operation: operation,
      operands: operands.map { operand in
        guard operand.isDecided else { return .known(operand) }
        switch operand.reading {
        case .column(let decision, let mapping):
          return .column(axis: decision == axes[0] ? 0 : 1, mapping)
        case .stated(let index):
          guard case .grid(_, _, let grid) = stated[index] else {
            preconditionFailure("only columns and grids are operands")
          }
          return .grid(grid)
        case .formula: preconditionFailure("only columns and grids are operands")
        }
      })
    if let known = pointwise[key] { return known }
    let result: PointwiseResult
    if axes.count == 1 {
      result = try applyToColumns(key.operands, isLazy: isLazy, evaluate: evaluate)
    } else {
      result = try applyToPairs(key.operands, isLazy: isLazy, evaluate: evaluate)
    }
    pointwise[key] = result
    return result
  }

  private func evaluated(
    _ arguments: inout [Value], isLazy: Bool,
    _ evaluate: (_ arguments: inout [Value]) throws(EvaluationError) -> Value
  ) throws(EvaluationError) -> (Value, Refused?) {
    if !isLazy, arguments.contains(where: \.isVoid) { return (.void, nil) }
    do {
      return (try evaluate(&arguments), nil)
    } catch {
      if case .limit = error { throw error }
      return (.void, Refused(error: error))
    }
  }

  private func applyToColumns(
    _ operands: [PointwiseOperand], isLazy: Bool,
    evaluate: (_ arguments: inout [Value]) throws(EvaluationError) -> Value
  ) throws(EvaluationError) -> PointwiseResult {
    var parts: [MappingID] = []
    for case .column(_, let mapping) in operands { parts.append(mapping) }
    let (partition, classes) = refined(parts)
    var results: [Value] = []
    results.reserveCapacity(classes.count)
    var refusals: [(class: MaskID, refusal: Refused)] = []
    for (number, members) in classes.enumerated() {
      var part = 0
      var arguments = operands.map { operand in
        guard case .column(_, let mapping) = operand else {
          guard case .known(let value) = operand else { preconditionFailure("grids have two axes") }
          return value
        }
        part += 1
        return mappings[Int(mapping.index)].values[Int(members[part - 1])]
      }
      let (value, refusal) = try evaluated(&arguments, isLazy: isLazy, evaluate)
      results.append(value)
      if let refusal { refusals.append((mask(partition, class: Int32(number)), refusal)) }
    }
    if refusals.isEmpty, let first = results.first, !first.isVoid, results.allSatisfy({ $0 == first }) {
      return .known(first, refusal: nil)
    }
    if refusals.isEmpty, operands.count == 1, results == mappings[Int(parts[0].index)].values {
      return .mapping(parts[0], refusals: [])
    }
    return .mapping(mapped(partition, to: results), refusals: refusals)
  }

  private func applyToPairs(
    _ operands: [PointwiseOperand], isLazy: Bool,
    evaluate: (_ arguments: inout [Value]) throws(EvaluationError) -> Value
  ) throws(EvaluationError) -> PointwiseResult {
    var parts: [[MappingID]] = [[], []]
    var slots: [(row: Int?, column: Int?)] = []
    for operand in operands {
      switch operand {
      case .known: slots.append((nil, nil))
      case .column(let axis, let mapping):
        parts[Int(axis)].append(mapping)
        slots.append(axis == 0 ? (parts[0].count - 1, nil) : (nil, parts[1].count - 1))
      case .grid(let grid):
        parts[0].append(grids[Int(grid.index)].rows)
        parts[1].append(grids[Int(grid.index)].columns)
        slots.append((parts[0].count - 1, parts[1].count - 1))
      }
    }
    let (rows, rowClasses) = refined(parts[0])
    let (columns, columnClasses) = refined(parts[1])
    var cells: [Value] = []
    cells.reserveCapacity(rowClasses.count * columnClasses.count)
    var refused: [Refused: [Int]] = [:]
    var order: [Refused] = []
    for row in rowClasses {
      for column in columnClasses {
        var arguments: [Value] = []
        arguments.reserveCapacity(operands.count)
        for (operand, slot) in zip(operands, slots) {
          switch operand {
          case .known(let value): arguments.append(value)
          case .column(_, let mapping):
            let number = slot.row.map { row[$0] } ?? slot.column.map { column[$0] } ?? 0
            arguments.append(mappings[Int(mapping.index)].values[Int(number)])
          case .grid(let id):
            let grid = grids[Int(id.index)]
            let (r, c) = (row[slot.row ?? 0], column[slot.column ?? 0])
            arguments.append(grid.cells[Int(r) * grid.columnCount + Int(c)])
          }
        }
        let (value, refusal) = try evaluated(&arguments, isLazy: isLazy, evaluate)
        if let refusal {
          if refused[refusal] == nil { order.append(refusal) }
          refused[refusal, default: []].append(cells.count)
        }
        cells.append(value)
      }
    }
    if order.isEmpty, let first = cells.first, !first.isVoid, cells.allSatisfy({ $0 == first }) {
      return .known(first, refusal: nil)
    }
    func makeGrid(_ cells: [Value]) -> GridID {
      grids.append(
        Grid(rows: rows, columns: columns, columnCount: columnClasses.count, cells: cells))
      return GridID(grids.count - 1)
    }
    let refusals = order.map { refusal in
      var marks = Array(repeating: Value(false), count: cells.count)
      for cell in refused[refusal, default: []] { marks[cell] = Value(true) }
      return (cells: makeGrid(marks), refusal: refusal)
    }
    return .grid(makeGrid(cells), refusals: refusals)
  }
}
