import ConstraintModel

/// Finds without search what most mistakes come down to: nothing to choose from, pairs that never fit, more that must
/// differ than there are values, more that must lie in some bins than they hold.
///
/// What it names is a suspicion: the few constraints that it rests on. A kernel that knows nothing else judges it.
struct StaticRefutation {
  private let model: ConstraintModel
  private var domains: [Bitset] = []
  /// Constraints that the domain of each decision rests on, ascending.
  private var reasons: [[Int]] = []
  private var pairs: [[Int]] = []
  private var valuesOf: [Key: Set<Int>] = [:]

  /// Indices of constraints that cannot hold together; nil where nothing is seen.
  static func suspects(in model: ConstraintModel) -> [Int]? {
    var refutation = StaticRefutation(model)
    return refutation.readUnary() ?? refutation.propagatePairs() ?? refutation.findHall()
      ?? refutation.findFull()
  }

  private init(_ model: ConstraintModel) {
    self.model = model
    domains = model.decisions.map { Bitset(count: $0.candidateCount, filled: true) }
    reasons = Array(repeating: [], count: domains.count)
  }

  // MARK: single decisions

  private mutating func readUnary() -> [Int]? {
    for (index, constraint) in model.constraints.enumerated() where constraint.enforcedBy.isEmpty {
      guard case .clause(let literals) = constraint.form else { continue }
      if literals.isEmpty { return [index] }
      guard literals.count == 1 else { continue }
      let decision = Int(literals[0].decision.index)
      let mask = model[literals[0].mask]
      let kept =
        literals[0].isNegated ? domains[decision].subtracting(mask) : domains[decision].intersection(mask)
      if kept == domains[decision] { continue }
      domains[decision] = kept
      reasons[decision].append(index)
      if kept.isEmpty { return reasons[decision] }
    }
    return nil
  }

  // MARK: pairs

  /// Values of a view that are left.
  private mutating func values(_ view: View) -> Set<Int> {
    let key = Key(column: view.column, domain: domains[Int(view.decision.index)])
    if let known = valuesOf[key] { return known }
    let column = model[view.column]
    var result: Set<Int> = []
    for candidate in key.domain.members { result.insert(column[candidate]) }
    valuesOf[key] = result
    return result
  }

  private mutating func keep(_ view: View, _ allowed: Set<Int>, because other: Decision, _ index: Int) -> Bool
  {
    let decision = Int(view.decision.index)
    let column = model[view.column]
    let kept = Bitset(count: column.count) { domains[decision].contains($0) && allowed.contains(column[$0]) }
    if kept == domains[decision] { return false }
    domains[decision] = kept
    reasons[decision] = Self.union(Self.union(reasons[decision], reasons[Int(other.index)]), [index])
    return true
  }

  private static func union(_ a: [Int], _ b: [Int]) -> [Int] { Set(a).union(b).sorted() }

  /// Takes from both sides of each pair what has no partner, until nothing changes.
  private mutating func propagatePairs() -> [Int]? {
    pairs = Array(repeating: [], count: domains.count)
    var queue: [Int] = []
    for (index, constraint) in model.constraints.enumerated() where constraint.enforcedBy.isEmpty {
      guard case (let a, let b)? = pair(constraint) else { continue }
      pairs[Int(a.decision.index)].append(index)
      pairs[Int(b.decision.index)].append(index)
      queue.append(index)
    }
    var isQueued = Set(queue)
    var head = 0
    while head < queue.count {
      let index = queue[head]
      head += 1
      isQueued.remove(index)
      guard case (let a, let b)? = pair(model.constraints[index]) else { continue }
      let (left, right) = (values(a), values(b))
      let (keptLeft, keptRight): (Set<Int>, Set<Int>)
      if case .allowed(let table, _, _) = model.constraints[index].form {
        let matrix = model[table]
        keptLeft = left.filter { x in right.contains { matrix[x][$0] != 0 } }
        keptRight = right.filter { y in left.contains { matrix[$0][y] != 0 } }
      } else {
        keptLeft = left.intersection(right)
        keptRight = keptLeft
      }
      for (view, kept, other) in [(a, keptLeft, b), (b, keptRight, a)] {
        guard keep(view, kept, because: other.decision, index) else { continue }
        if kept.isEmpty { return reasons[Int(view.decision.index)] }
        for next in pairs[Int(view.decision.index)] where next != index && isQueued.insert(next).inserted {
          queue.append(next)
        }
      }
    }
    return nil
  }

  private func pair(_ constraint: Constraint) -> (View, View)? {
    switch constraint.form {
    case .allowed(_, let a, let b) where a.decision != b.decision: (a, b)
    case .equal(let a, let b) where a.decision != b.decision: (a, b)
    default: nil
    }
  }

  // MARK: more than there are values

  /// A view without a partner in a matching, and all that it competes with: they have fewer values than they are.
  private mutating func findHall() -> [Int]? {
    for (index, constraint) in model.constraints.enumerated() where constraint.enforcedBy.isEmpty {
      guard case .allDifferent(let views, let except) = constraint.form else { continue }
      let counted = views.map { view in values(view) }
      // Where each has as many values as there are views, none is left without.
      if counted.allSatisfy({ $0.count >= views.count }) { continue }
      var owner: [Int: Int] = [:]
      for start in views.indices where except.map({ !counted[start].contains($0) }) ?? true {
        var via: [Int: Int] = [:]
        var queue = [start]
        var head = 0
        var free: Int?
        while head < queue.count, free == nil {
          let view = queue[head]
          head += 1
          for value in counted[view].sorted() where via[value] == nil {
            via[value] = view
            guard let other = owner[value] else {
              free = value
              break
            }
            queue.append(other)
          }
        }
        guard var value = free else {
          var suspects = [index]
          for view in queue { suspects = Self.union(suspects, reasons[Int(views[view].decision.index)]) }
          return suspects
        }
        // Along the way back everyone moves to the next value.
        while let view = via[value] {
          let before = owner.first { $0.value == view }?.key
          owner[value] = view
          guard view != start, let before else { break }
          value = before
        }
      }
    }
    return nil
  }

  // MARK: more than fits

  /// Items that can only lie in a few bins, and together take more than these hold.
  private mutating func findFull() -> [Int]? {
    var limits: [Int: [Int: (limit: Int, index: Int)]] = [:]
    for (index, constraint) in model.constraints.enumerated() where constraint.enforcedBy.isEmpty {
      guard case .linear(let terms, _, let upper?) = constraint.form else { continue }
      var loads: [(Int, Int, Int)] = []
      var room = upper
      var isRow = true
      for term in terms where isRow {
        switch term.term {
        case .load(let load, let bin) where term.coefficient > 0:
          loads.append((Int(load.index), Int(bin), term.coefficient))
        case .literal: room -= min(0, term.coefficient)
        default: isRow = false
        }
      }
      guard isRow else { continue }
      for (load, bin, coefficient) in loads {
        let limit = room >= 0 ? room / coefficient : -1
        if limit < limits[load]?[bin]?.limit ?? .max { limits[load, default: [:]][bin] = (limit, index) }
      }
    }
    for load in limits.keys.sorted() {
      if let suspects = full(model.loads[load], limits[load] ?? [:]) { return suspects }
    }
    return nil
  }

  private struct Resident {
    var decision: Int
    var weight: Int
    var bins: Set<Int>
  }

  /// Beyond this many bins a set is no mistake of one rule.
  private static let mostBins = 64

  private mutating func full(_ load: Load, _ limits: [Int: (limit: Int, index: Int)]) -> [Int]? {
    var residents: [Resident] = []
    var known: [Key: Set<Int>?] = [:]
    for item in load.items where item.weight > 0 {
      let decision = Int(item.view.decision.index)
      // What everything is open to says nothing.
      if reasons[decision].isEmpty && domains[decision].count > Self.mostBins { continue }
      let key = Key(column: item.view.column, domain: domains[decision])
      let bins: Set<Int>?
      if let found = known[key] {
        bins = found
      } else {
        let found = values(item.view)
        bins = found.count <= Self.mostBins && found.allSatisfy({ limits[$0] != nil }) ? found : nil
        known[key] = .some(bins)
      }
      if let bins { residents.append(Resident(decision: decision, weight: item.weight, bins: bins)) }
    }
    let sets = Set(residents.map(\.bins)).sorted {
      $0.count != $1.count ? $0.count < $1.count : $0.sorted().lexicographicallyPrecedes($1.sorted())
    }
    for bins in sets.prefix(400) {
      let inside = residents.filter { $0.bins.isSubset(of: bins) }.sorted {
        $0.weight != $1.weight ? $0.weight > $1.weight : $0.decision < $1.decision
      }
      let rows = bins.sorted().compactMap { limits[$0] }
      let room = rows.reduce(0) { $0 + max(0, $1.limit) }
      var sum = 0
      for (place, item) in inside.enumerated() {
        sum += item.weight
        // The largest so far: more than there is room for, or more than the bins take of that size.
        let places = rows.reduce(0) { $0 + max(0, $1.limit) / item.weight }
        guard sum > room || place + 1 > places else { continue }
        var suspects = Set(rows.map(\.index))
        for member in inside[...place] { suspects.formUnion(reasons[member.decision]) }
        return suspects.sorted()
      }
    }
    return nil
  }

  private struct Key: Hashable {
    var column: ColumnID
    var domain: Bitset
  }
}
