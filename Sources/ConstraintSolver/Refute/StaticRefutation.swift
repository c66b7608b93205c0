import ConstraintModel

/// Finds without search what most mistakes come down to: nothing to choose from, pairs that never fit, more that must
/// differ than there are values, more that must lie in some bins than they hold.
///
/// What it names is a suspicion: the few constraints that it rests on. A kernel that knows nothing else judges it.
struct StaticRefutation {
  let model: ConstraintModel
  /// Indices of the constraints that are looked at.
  let active: [Int]
  var interned: InternedDomains
  /// What each decision is left with, by the number of the set.
  private(set) var domains: [Int] = []
  /// Why: the last event of each decision, -1 where nothing was taken from it.
  private var last: [Int] = []
  private var events: [Event] = []

  /// Something was taken from a decision: by a constraint, because of what was left of it and of the other one then.
  private struct Event {
    var constraint: Int
    var before: Int
    var other: Int
  }

  /// Indices of constraints that cannot hold together; nil where nothing is seen.
  ///
  /// - Parameter isDropped: origins that are left out.
  static func suspects(in model: ConstraintModel, without isDropped: (Origin) -> Bool = { _ in false })
    -> [Int]?
  {
    var refutation = StaticRefutation(model, without: isDropped)
    return refutation.readUnary() ?? refutation.propagatePairs() ?? refutation.findHall()
      ?? refutation.findFull()
  }

  private init(_ model: ConstraintModel, without isDropped: (Origin) -> Bool) {
    self.model = model
    active = model.constraints.indices.filter {
      model.constraints[$0].enforcedBy.isEmpty && !isDropped(model.constraints[$0].origin)
    }
    interned = InternedDomains(model)
    var whole: [Int: Int] = [:]
    for info in model.decisions {
      let count = info.candidateCount
      let number = whole[count] ?? interned.number(Bitset(count: count, filled: true))
      whole[count] = number
      domains.append(number)
    }
    last = Array(repeating: -1, count: domains.count)
  }

  func isRestricted(_ decision: Decision) -> Bool { last[Int(decision.index)] >= 0 }

  mutating func values(_ view: View) -> [Int] {
    interned.values(view.column, of: domains[Int(view.decision.index)])
  }

  /// Constraints that what is left of these decisions rests on, and some more; ascending.
  func reasons(_ decisions: some Sequence<Decision>, and more: [Int] = []) -> [Int] {
    var found = Set(more)
    var seen: Set<Int> = []
    var open = decisions.map { last[Int($0.index)] }
    while let event = open.popLast() {
      guard event >= 0, seen.insert(event).inserted else { continue }
      found.insert(events[event].constraint)
      open.append(events[event].before)
      open.append(events[event].other)
    }
    return found.sorted()
  }

  /// True where something was taken.
  private mutating func restrict(_ decision: Decision, to domain: Int, by constraint: Int, with other: Int)
    -> Bool
  {
    let index = Int(decision.index)
    if domains[index] == domain { return false }
    domains[index] = domain
    events.append(Event(constraint: constraint, before: last[index], other: other))
    last[index] = events.count - 1
    return true
  }

  // MARK: single decisions

  private mutating func readUnary() -> [Int]? {
    for index in active {
      guard case .clause(let literals) = model.constraints[index].form else { continue }
      guard let literal = literals.first else { return [index] }
      guard literals.count == 1 else { continue }
      let kept = interned.keeping(literal, in: domains[Int(literal.decision.index)])
      guard restrict(literal.decision, to: kept, by: index, with: -1) else { continue }
      if interned.sets[kept].isEmpty { return reasons([literal.decision]) }
    }
    return nil
  }

  // MARK: pairs

  /// Two views through one table (nil: they are to be equal), with what their decisions are left with.
  private struct Pair: Hashable {
    var table: TableID?
    var first: ColumnID
    var second: ColumnID
    var left: Int
    var right: Int
  }

  /// Takes from both sides of each pair what has no partner, until nothing changes.
  private mutating func propagatePairs() -> [Int]? {
    var constraintsOf: [[Int]] = Array(repeating: [], count: domains.count)
    var queue: [Int] = []
    for index in active {
      guard case (let a, let b)? = pair(index) else { continue }
      constraintsOf[Int(a.decision.index)].append(index)
      constraintsOf[Int(b.decision.index)].append(index)
      queue.append(index)
    }
    var isQueued = Array(repeating: false, count: model.constraints.count)
    for index in queue { isQueued[index] = true }
    var known: [Pair: (left: Int, right: Int)] = [:]
    var head = 0
    while head < queue.count {
      let index = queue[head]
      head += 1
      isQueued[index] = false
      guard case (let a, let b)? = pair(index) else { continue }
      let (first, second) = (Int(a.decision.index), Int(b.decision.index))
      let key = Pair(
        table: table(index), first: a.column, second: b.column, left: domains[first], right: domains[second])
      let kept = known[key] ?? supported(key)
      known[key] = kept
      let (lastLeft, lastRight) = (last[first], last[second])
      for (view, domain, other) in [(a, kept.left, lastRight), (b, kept.right, lastLeft)] {
        guard restrict(view.decision, to: domain, by: index, with: other) else { continue }
        if interned.sets[domain].isEmpty { return reasons([view.decision]) }
        for next in constraintsOf[Int(view.decision.index)] where next != index && !isQueued[next] {
          isQueued[next] = true
          queue.append(next)
        }
      }
    }
    return nil
  }

  private func pair(_ index: Int) -> (View, View)? {
    switch model.constraints[index].form {
    case .allowed(_, let a, let b) where a.decision != b.decision: (a, b)
    case .equal(let a, let b) where a.decision != b.decision: (a, b)
    default: nil
    }
  }

  private func table(_ index: Int) -> TableID? {
    if case .allowed(let table, _, _) = model.constraints[index].form { table } else { nil }
  }

  /// The candidates of both sides that have a partner.
  private mutating func supported(_ pair: Pair) -> (left: Int, right: Int) {
    let left = interned.values(pair.first, of: pair.left)
    let right = interned.values(pair.second, of: pair.right)
    let (keptLeft, keptRight): ([Int], [Int])
    if let table = pair.table {
      let matrix = model[table]
      keptLeft = left.filter { x in right.contains { matrix[x][$0] != 0 } }
      keptRight = right.filter { y in left.contains { matrix[$0][y] != 0 } }
    } else {
      let others = Set(right)
      keptLeft = left.filter(others.contains)
      keptRight = keptLeft
    }
    return (
      keptLeft.count == left.count
        ? pair.left : interned.keeping(keptLeft, of: pair.first, in: pair.left),
      keptRight.count == right.count
        ? pair.right : interned.keeping(keptRight, of: pair.second, in: pair.right)
    )
  }

  // MARK: more than there are values

  /// A view without a partner in a matching, and all that it competes with: they have fewer values than they are.
  private mutating func findHall() -> [Int]? {
    for index in active {
      guard case .allDifferent(let views, let except) = model.constraints[index].form else { continue }
      let counted = views.map { values($0) }
      // Where each has as many values as there are views, none is left without.
      if counted.allSatisfy({ $0.count >= views.count }) { continue }
      var owner: [Int: Int] = [:]
      var owned: [Int: Int] = [:]
      for start in views.indices where except.map({ !counted[start].contains($0) }) ?? true {
        var via: [Int: Int] = [:]
        var queue = [start]
        var head = 0
        var free: Int?
        while head < queue.count, free == nil {
          let view = queue[head]
          head += 1
          for value in counted[view] where via[value] == nil {
            via[value] = view
            guard let other = owner[value] else {
              free = value
              break
            }
            queue.append(other)
          }
        }
        guard var value = free else {
          return reasons(queue.map { views[$0].decision }, and: [index])
        }
        // Along the way back everyone moves to the next value.
        while let view = via[value] {
          let before = owned[view]
          owner[value] = view
          owned[view] = value
          guard view != start, let before else { break }
          value = before
        }
      }
    }
    return nil
  }
}
