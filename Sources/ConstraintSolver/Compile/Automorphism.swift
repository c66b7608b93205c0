import ConstraintModel

/// A renaming of candidates and of auxiliary decisions, and the exact test whether it leaves a model as it is.
///
/// Decisions over the same candidates, which are those that share columns or masks, are renamed alike.
struct Renaming {
  /// For each space the new number of each candidate; nil where nothing moves.
  var candidates: [[Int]?]
  /// The new index of each decision.
  var decisions: [Int]
}

/// Writes constraints as plain numbers under a renaming, so that equal meaning becomes equal text.
struct ModelEncoder {
  let model: ConstraintModel
  let spaceOf: [Int]
  let spaceCount: Int
  /// Numbers written so far: the cost of all tests.
  private(set) var work = 0
  private var maskNumbers: [Bitset: Int] = [:]
  private var columnNumbers: [[Int]: Int] = [:]
  private var binMasks: [BinKey: (mask: Bitset, number: Int)] = [:]
  private var renamedMasks: [RenamedKey: Int] = [:]

  private struct BinKey: Hashable {
    var column: ColumnID
    var bin: Int
  }
  private struct RenamedKey: Hashable {
    var space: Int
    var mask: Int
  }

  init(_ model: ConstraintModel) {
    self.model = model
    var parent = Array(model.decisions.indices)
    func root(_ decision: Int) -> Int {
      var decision = decision
      while parent[decision] != decision {
        parent[decision] = parent[parent[decision]]
        decision = parent[decision]
      }
      return decision
    }
    var byColumn: [ColumnID: Int] = [:]
    var byMask: [MaskID: Int] = [:]
    func join(_ a: Int, _ b: Int) {
      let (x, y) = (root(a), root(b))
      parent[max(x, y)] = min(x, y)
    }
    func see(_ view: View) {
      let decision = Int(view.decision.index)
      if let other = byColumn[view.column] { join(other, decision) } else { byColumn[view.column] = decision }
    }
    func see(_ literal: Literal) {
      let decision = Int(literal.decision.index)
      if let other = byMask[literal.mask] { join(other, decision) } else { byMask[literal.mask] = decision }
    }
    func see(_ terms: [LinearTerm]) {
      for term in terms {
        switch term.term {
        case .view(let view): see(view)
        case .literal(let literal): see(literal)
        case .table(_, let a, let b):
          see(a)
          see(b)
        case .load: continue
        case .ramp(let sum): see(model[sum].terms)
        }
      }
    }
    for load in model.loads { for item in load.items { see(item.view) } }
    for constraint in model.constraints {
      for literal in constraint.enforcedBy { see(literal) }
      switch constraint.form {
      case .clause(let literals): for literal in literals { see(literal) }
      case .linear(let terms, _, _): see(terms)
      case .equal(let a, let b), .allowed(_, let a, let b):
        see(a)
        see(b)
      case .allDifferent(let views, _), .rows(let views, _): for view in views { see(view) }
      }
    }
    for objective in model.objectives { see(objective.terms) }
    var numbers: [Int: Int] = [:]
    var spaces: [Int] = []
    for decision in model.decisions.indices {
      let top = root(decision)
      let number = numbers[top] ?? numbers.count
      numbers[top] = number
      spaces.append(number)
    }
    spaceOf = spaces
    spaceCount = numbers.count
  }

  /// Renamed masks are those of one renaming.
  mutating func begin() { renamedMasks.removeAll(keepingCapacity: true) }

  private mutating func number(_ mask: Bitset) -> Int {
    if let known = maskNumbers[mask] { return known }
    maskNumbers[mask] = maskNumbers.count
    return maskNumbers.count - 1
  }

  private mutating func number(_ column: [Int]) -> Int {
    if let known = columnNumbers[column] { return known }
    columnNumbers[column] = columnNumbers.count
    return columnNumbers.count - 1
  }

  private mutating func renamed(_ mask: Bitset, _ decision: Int, _ renaming: Renaming) -> Int {
    guard let candidates = renaming.candidates[spaceOf[decision]] else { return number(mask) }
    let plain = number(mask)
    let key = RenamedKey(space: spaceOf[decision], mask: plain)
    if let known = renamedMasks[key] { return known }
    var moved = Bitset(count: mask.count)
    for member in mask.members { moved.insert(candidates[member]) }
    let made = number(moved)
    renamedMasks[key] = made
    return made
  }

  private func renamedColumn(_ view: View, _ renaming: Renaming) -> [Int] {
    let column = model[view.column]
    guard let candidates = renaming.candidates[spaceOf[Int(view.decision.index)]] else { return column }
    var moved = column
    for (candidate, value) in column.enumerated() { moved[candidates[candidate]] = value }
    return moved
  }

  private mutating func encode(_ literal: Literal, _ renaming: Renaming) -> [Int] {
    let decision = Int(literal.decision.index)
    let mask = literal.isNegated ? model[literal.mask].complement : model[literal.mask]
    return [renaming.decisions[decision], renamed(mask, decision, renaming)]
  }

  private mutating func encode(_ view: View, _ renaming: Renaming) -> [Int] {
    [renaming.decisions[Int(view.decision.index)], number(renamedColumn(view, renaming))]
  }

  mutating func encode(_ term: LinearTerm, _ renaming: Renaming) -> [Int] {
    var text = [term.coefficient]
    switch term.term {
    case .view(let view): text += [0] + encode(view, renaming)
    case .literal(let literal): text += [1] + encode(literal, renaming)
    case .table(let table, let a, let b):
      text += [2, Int(table.index)] + encode(a, renaming) + encode(b, renaming)
    case .ramp(let sum):
      text += [4, model[sum].constant] + Self.sorted(model[sum].terms.map { encode($0, renaming) })
    case .load(let load, let bin):
      text.append(3)
      var items: [[Int]] = []
      for item in model[load].items where item.weight > 0 {
        let key = BinKey(column: item.view.column, bin: Int(bin))
        let mask: Bitset
        if let known = binMasks[key] {
          mask = known.mask
        } else {
          let column = model[item.view.column]
          mask = Bitset(count: column.count) { column[$0] == Int(bin) }
          binMasks[key] = (mask, number(mask))
        }
        if mask.isEmpty { continue }
        let decision = Int(item.view.decision.index)
        items.append([renaming.decisions[decision], item.weight, renamed(mask, decision, renaming)])
      }
      text += Self.sorted(items)
    }
    work += text.count
    return text
  }

  /// Values that only have to be alike or not are numbered by first appearance.
  private mutating func encodeAlike(_ views: [View], except: Int?, _ renaming: Renaming) -> [Int] {
    let ordered = views.map { (renaming.decisions[Int($0.decision.index)], renamedColumn($0, renaming)) }
      .sorted { $0.0 != $1.0 ? $0.0 < $1.0 : $0.1.lexicographicallyPrecedes($1.1) }
    var numbers: [Int: Int] = [:]
    var text: [Int] = []
    for (decision, column) in ordered {
      text.append(decision)
      var relabelled: [Int] = []
      for value in column {
        if value == except {
          relabelled.append(-1)
          continue
        }
        let number = numbers[value] ?? numbers.count
        numbers[value] = number
        relabelled.append(number)
      }
      text.append(number(relabelled))
      work += relabelled.count
    }
    return text
  }

  mutating func encode(_ constraint: Constraint, _ renaming: Renaming) -> [Int] {
    var text = [constraint.enforcedBy.count]
    text += Self.sorted(constraint.enforcedBy.map { encode($0, renaming) })
    switch constraint.form {
    case .clause(let literals):
      text += [0] + Self.sorted(literals.map { encode($0, renaming) })
    case .linear(let terms, let lower, let upper):
      text += [1, lower ?? .min, upper ?? .max] + Self.sorted(terms.map { encode($0, renaming) })
    case .equal(let a, let b): text += [2] + encodeAlike([a, b], except: nil, renaming)
    case .allDifferent(let views, let except):
      text += [3, except == nil ? 0 : 1] + encodeAlike(views, except: except, renaming)
    case .rows(let views, let rows):
      text += [4] + views.flatMap { encode($0, renaming) } + [views.count] + rows.joined()
    case .allowed(let table, let a, let b):
      text += [5, Int(table.index)] + encode(a, renaming) + encode(b, renaming)
    }
    work += text.count
    return text
  }

  private static func sorted(_ parts: [[Int]]) -> [Int] {
    var text: [Int] = []
    for part in parts.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      text.append(part.count)
      text += part
    }
    return text
  }
}
