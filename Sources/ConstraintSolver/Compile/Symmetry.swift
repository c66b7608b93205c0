import ConstraintModel

/// Candidates that may be exchanged, together with all that hangs on them, without any constraint or objective
/// telling the difference: hosts of one kind with their cells, devices and "is used" literals, or racks of such.
struct Symmetry {
  /// Every decision over these candidates; no other decision names them.
  var decisions: [Int] = []
  /// Classes of exchangeable blocks of candidates, each class with at least two; a block is a host, or a rack.
  var classes: [[[Int]]] = []

  /// How many placements look different and are not, roughly: the sum of logarithms would say no more.
  var worth: Int { classes.reduce(0) { $0 + ($1.count - 1) * $1.count } }

  /// Looks for exchangeable candidates, and gives up after about so much work.
  ///
  /// What is found is exact: an exchange is guessed along the links between decisions, and counts only where
  /// the whole model, written out under it, is the same model. Exchanges of neighbours in a class generate all.
  static func find(_ model: ConstraintModel, effort: Int) -> Symmetry {
    var finder = SymmetryFinder(model)
    return finder.find(effort: effort)
  }
}

private struct SymmetryFinder {
  let model: ConstraintModel
  var encoder: ModelEncoder
  var links: [Link] = []
  /// For each auxiliary decision the constraints that name it.
  var mentions: [Int: [Int]] = [:]
  var plain: [[Int]] = []
  var plainGoals: [[[Int]]] = []
  var auxiliaryByText: [[[Int]]: [Int]] = [:]
  var auxiliaryText: [Int: [[Int]]] = [:]
  var identity: Renaming

  struct Link {
    var from: Int
    var fromColumn: ColumnID
    var to: Int
    var toColumn: ColumnID
  }

  init(_ model: ConstraintModel) {
    self.model = model
    encoder = ModelEncoder(model)
    identity = Renaming(
      candidates: Array(repeating: nil, count: encoder.spaceCount), decisions: Array(model.decisions.indices))
  }

  mutating func find(effort: Int) -> Symmetry {
    collect()
    guard encoder.work < effort else { return Symmetry() }
    for space in 0..<encoder.spaceCount where isBase(space) {
      let decisions = model.decisions.indices.filter { encoder.spaceOf[$0] == space }
      guard decisions.count > 1, decisions.allSatisfy({ !model.decisions[$0].isAuxiliary }),
        let count = decisions.map({ model.decisions[$0].candidateCount }).min(),
        decisions.allSatisfy({ model.decisions[$0].candidateCount == count }), count > 1
      else { continue }
      var best = Symmetry()
      for blocks in partitions(of: space, count) {
        let found = Symmetry(decisions: decisions, classes: classes(of: blocks, in: space, count, effort))
        if found.worth > best.worth { best = found }
      }
      if best.worth > 0 { return best }
    }
    return Symmetry()
  }

  /// Candidate by candidate, and by what columns say is one place.
  private func partitions(of space: Int, _ count: Int) -> [[[Int]]] {
    var columns = Set<ColumnID>()
    func see(_ view: View) {
      if encoder.spaceOf[Int(view.decision.index)] == space { columns.insert(view.column) }
    }
    for load in model.loads { for item in load.items { see(item.view) } }
    for constraint in model.constraints {
      switch constraint.form {
      case .allDifferent(let views, _): for view in views { see(view) }
      case .equal(let a, let b):
        see(a)
        see(b)
      default: continue
      }
    }
    var partitions = [(0..<count).map { [$0] }]
    for column in columns.sorted(by: { $0.index < $1.index }) {
      var blocks: [Int: [Int]] = [:]
      for (candidate, value) in model[column].enumerated() { blocks[value, default: []].append(candidate) }
      if blocks.count < 2 || blocks.count == count { continue }
      partitions.append(blocks.values.sorted { $0[0] < $1[0] })
    }
    return partitions
  }

  /// Each block joins the first class whose last member it can be exchanged with.
  private mutating func classes(
    of blocks: [[Int]], in space: Int, _ count: Int, _ effort: Int
  ) -> [[[Int]]] {
    var classes: [(members: [[Int]], text: [[Int]])] = []
    for block in blocks {
      let text = block.map { summary(of: $0, in: space) }
      var isPlaced = false
      for index in classes.indices where classes[index].text == text {
        guard encoder.work < effort else { break }
        if let last = classes[index].members.last, canExchange(last, block, in: space, count) {
          classes[index].members.append(block)
          isPlaced = true
          break
        }
      }
      if !isPlaced { classes.append(([block], text)) }
    }
    return classes.map(\.members).filter { $0.count > 1 }
  }

  private mutating func collect() {
    for (index, constraint) in model.constraints.enumerated() {
      plain.append(encoder.encode(constraint, identity))
      for decision in Set(Self.literals(constraint).map { Int($0.decision.index) })
      where model.decisions[decision].isAuxiliary { mentions[decision, default: []].append(index) }
      guard case .equal(let a, let b) = constraint.form else { continue }
      let (s, t) = (encoder.spaceOf[Int(a.decision.index)], encoder.spaceOf[Int(b.decision.index)])
      if s == t { continue }
      for link in [
        Link(from: s, fromColumn: a.column, to: t, toColumn: b.column),
        Link(from: t, fromColumn: b.column, to: s, toColumn: a.column),
      ] where !links.contains(where: { $0.from == link.from && $0.to == link.to }) { links.append(link) }
    }
    for objective in model.objectives {
      plainGoals.append(objective.terms.map { encoder.encode($0, identity) })
    }
    for decision in model.decisions.indices where model.decisions[decision].isAuxiliary {
      let text = text(ofAuxiliary: decision, identity)
      auxiliaryText[decision] = text
      auxiliaryByText[text, default: []].append(decision)
    }
  }

  private static func literals(_ constraint: Constraint) -> [Literal] {
    var literals = constraint.enforcedBy
    switch constraint.form {
    case .clause(let own): literals += own
    case .linear(let terms, _, _):
      for term in terms { if case .literal(let literal) = term.term { literals.append(literal) } }
    default: break
    }
    return literals
  }

  /// Not a space whose candidates lie inside those of another one.
  private func isBase(_ space: Int) -> Bool {
    !links.contains { link in
      link.from == space && !isOneToOne(link.fromColumn) && isOneToOne(link.toColumn)
    }
  }

  private func isOneToOne(_ column: ColumnID) -> Bool {
    Set(model[column]).count == model[column].count
  }

  /// Cheap to compare: what exchangeable candidates certainly have in common.
  private func summary(of candidate: Int, in space: Int) -> [Int] {
    var text: [Int] = []
    func add(_ view: View) {
      if encoder.spaceOf[Int(view.decision.index)] == space { text.append(model[view.column][candidate]) }
    }
    for constraint in model.constraints {
      switch constraint.form {
      case .clause(let literals):
        guard literals.count == 1, constraint.enforcedBy.isEmpty,
          encoder.spaceOf[Int(literals[0].decision.index)] == space
        else { continue }
        text.append(model[literals[0].mask].contains(candidate) ? 1 : 0)
      case .allowed(_, let a, let b):
        add(a)
        add(b)
      default: continue
      }
    }
    for objective in model.objectives {
      for term in objective.terms { if case .view(let view) = term.term { add(view) } }
    }
    return text
  }

  /// The constraints and terms about one auxiliary decision, it and its like without their names.
  private mutating func text(ofAuxiliary decision: Int, _ renaming: Renaming) -> [[Int]] {
    var nameless = renaming
    for other in model.decisions.indices where model.decisions[other].isAuxiliary {
      nameless.decisions[other] = -2
    }
    nameless.decisions[decision] = -1
    var text = (mentions[decision] ?? []).map { encoder.encode(model.constraints[$0], nameless) }
    for (tier, objective) in model.objectives.enumerated() {
      for term in objective.terms {
        guard case .literal(let literal) = term.term, Int(literal.decision.index) == decision else {
          continue
        }
        text.append([tier] + encoder.encode(term, nameless))
      }
    }
    return text.sorted { $0.lexicographicallyPrecedes($1) }
  }

  private mutating func canExchange(_ a: [Int], _ b: [Int], in space: Int, _ count: Int) -> Bool {
    guard a.count == b.count else { return false }
    var renaming = identity
    var swap = Array(0..<count)
    for (x, y) in zip(a, b) { swap.swapAt(x, y) }
    renaming.candidates[space] = swap
    encoder.begin()
    guard follow(&renaming, from: space), nobodyPrefers(renaming), rename(&renaming) else { return false }
    return isSame(renaming)
  }

  /// What lies in an exchanged candidate is exchanged with it, first with first and so on.
  private func follow(_ renaming: inout Renaming, from space: Int) -> Bool {
    var queue = [space]
    while let from = queue.popLast() {
      guard let moves = renaming.candidates[from] else { continue }
      for link in links where link.from == from && renaming.candidates[link.to] == nil {
        let values = model[link.fromColumn]
        guard values.count == moves.count else { return false }
        var newValue: [Int: Int] = [:]
        for candidate in moves.indices where moves[candidate] != candidate {
          newValue[values[candidate]] = values[moves[candidate]]
        }
        let targets = model[link.toColumn]
        var lists: [Int: [Int]] = [:]
        for (candidate, value) in targets.enumerated() { lists[value, default: []].append(candidate) }
        var moved = Array(targets.indices)
        for (value, goal) in newValue where value != goal {
          let (old, new) = (lists[value] ?? [], lists[goal] ?? [])
          guard old.count == new.count else { return false }
          for (x, y) in zip(old, new) { moved[x] = y }
        }
        if moved == Array(targets.indices) { continue }
        guard Set(moved).count == moved.count else { return false }
        renaming.candidates[link.to] = moved
        queue.append(link.to)
      }
    }
    return true
  }

  /// Decisions that are renamed have no candidate of their own liking, and as many candidates as are renamed.
  private func nobodyPrefers(_ renaming: Renaming) -> Bool {
    for (decision, info) in model.decisions.enumerated() {
      guard let moves = renaming.candidates[encoder.spaceOf[decision]] else { continue }
      if info.preferred != nil || info.candidateCount != moves.count { return false }
    }
    return true
  }

  /// Finds the new names of auxiliary decisions by what the constraints say about them.
  private mutating func rename(_ renaming: inout Renaming) -> Bool {
    var isTaken = Set<Int>()
    var open: [(Int, [[Int]])] = []
    for decision in model.decisions.indices where model.decisions[decision].isAuxiliary {
      let text = text(ofAuxiliary: decision, renaming)
      if text == auxiliaryText[decision] { isTaken.insert(decision) } else { open.append((decision, text)) }
    }
    var names = renaming.decisions
    for (decision, text) in open {
      guard let other = auxiliaryByText[text]?.first(where: { !isTaken.contains($0) }),
        model.decisions[other].candidateCount == model.decisions[decision].candidateCount,
        model.decisions[other].preferred == nil, model.decisions[decision].preferred == nil
      else { return false }
      isTaken.insert(other)
      names[decision] = other
    }
    renaming.decisions = names
    return true
  }

  private mutating func isSame(_ renaming: Renaming) -> Bool {
    var balance: [[Int]: Int] = [:]
    for (index, constraint) in model.constraints.enumerated() {
      let text = encoder.encode(constraint, renaming)
      if text == plain[index] { continue }
      balance[plain[index], default: 0] += 1
      balance[text, default: 0] -= 1
    }
    guard balance.values.allSatisfy({ $0 == 0 }) else { return false }
    for (tier, objective) in model.objectives.enumerated() {
      balance.removeAll(keepingCapacity: true)
      for (place, term) in objective.terms.enumerated() {
        balance[plainGoals[tier][place], default: 0] += 1
        balance[encoder.encode(term, renaming), default: 0] -= 1
      }
      guard balance.values.allSatisfy({ $0 == 0 }) else { return false }
    }
    return true
  }
}

extension Kernel {
  /// Under the literal, the blocks of each class are first used in order: of placements that differ only by an
  /// exchange one is left. Nil where there is nothing to break. At level 0.
  ///
  /// - Parameter hardness: decisions are looked at hardest first.
  mutating func addPrecedence(_ symmetry: Symmetry, hardness: [Double]) -> Lit? {
    if symmetry.classes.isEmpty { return nil }
    let literal = Lit(variable: makeVariable(.plain))
    let ordered = symmetry.decisions.sorted {
      hardness[$0] != hardness[$1] ? hardness[$0] > hardness[$1] : $0 < $1
    }
    for members in symmetry.classes {
      for place in 1..<members.count {
        for (index, decision) in ordered.enumerated() {
          let later = self.literal(decision, members[place])
          if later == .no { continue }
          let earlier = ordered[..<index].map { self.literal($0, members[place - 1]) }
          addClause([!literal, !later] + earlier)
        }
      }
    }
    return literal
  }

  private mutating func literal(_ decision: Int, _ block: [Int]) -> Lit {
    block.count == 1
      ? valueLiteral(decision, block[0])
      : maskLiteral(decision, Compiler.words(domains[decision].candidateCount, block))
  }
}
