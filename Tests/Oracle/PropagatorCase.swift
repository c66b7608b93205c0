import ConstraintModel

@testable import ConstraintSolver

/// A few decisions under one statement, made so that one propagator has all the work.
struct PropagatorCase {
  enum Kind: String, CaseIterable, Sendable {
    case clause, sum, sumOfTables, atMostOne, capacity, lazyCapacity, severalLoads, weightedCounting, demand
    case allDifferent, distinct, equal, channel, element, table
  }

  /// What a propagator promises to find out, beyond that a full assignment which breaks the statement fails.
  enum Promise: String {
    /// Nothing more.
    case checks
    /// Fails as soon as no solution is left.
    case failure
    /// Once all decisions but one are fixed, that one keeps exactly the candidates that solutions have.
    case lastDecision
    /// Every candidate that is kept is that of a solution.
    case domain
    /// Fails where items confined to some bins are more than these bins take together.
    case counting
  }

  var model = ConstraintModel()
  var expansion = Expansion(candidates: .max, pairs: .max, entries: .max)
  let kind: Kind
  private var random: SplitMix
  private var decisions: [Decision] = []

  init(_ kind: Kind, seed: UInt64) {
    self.kind = kind
    random = SplitMix(seed: seed &* 31 &+ UInt64(Kind.allCases.firstIndex(of: kind) ?? 0))
    build()
  }

  var promise: Promise {
    switch kind {
    case .clause, .equal, .element, .table, .capacity, .atMostOne: .domain
    // A sum with both sides is two of them.
    case .sum: .domain
    case .allDifferent, .demand: .failure
    case .distinct, .channel: .lastDecision
    case .weightedCounting: .counting
    case .sumOfTables, .lazyCapacity, .severalLoads: .checks
    }
  }

  /// How many records of its propagator a kernel has.
  func records(_ kernel: borrowing Kernel) -> Int {
    switch kind {
    case .clause, .equal, .element, .table: kernel.arena.count + 1
    case .sum, .sumOfTables: kernel.linears.count
    case .atMostOne, .capacity, .severalLoads: kernel.capacities.count
    case .lazyCapacity: kernel.hasLazyLoads ? kernel.capacities.count : 0
    case .weightedCounting, .allDifferent: kernel.halls.count
    case .demand: kernel.demands.count
    case .distinct: kernel.distincts.count
    case .channel: kernel.channels.count
    }
  }

  private mutating func build() {
    switch kind {
    case .clause:
      addDecisions(2...4, 2...4)
      let literals = decisions.map { literal($0) }
      post(.clause(literals))
    case .sum: buildSum()
    case .sumOfTables: buildSumOfTables()
    case .atMostOne, .capacity, .lazyCapacity, .weightedCounting, .demand: buildLoad()
    case .severalLoads: buildSeveralLoads()
    case .allDifferent, .distinct:
      if kind == .distinct { expansion.candidates = 0 }
      addDecisions(2...4, 2...5)
      let isPlain = random.chance(60)
      let views = decisions.map { isPlain ? identity($0) : view($0, 0...3) }
      let except = random.chance(25) ? random.below(3) : nil
      post(.allDifferent(views, except: except))
    case .equal:
      addDecisions(2...2, 2...5)
      post(.equal(view(decisions[0], 0...3), view(decisions[1], 0...3)))
    case .channel:
      expansion.candidates = 0
      let one = random.within(2...4)
      decisions = [
        model.addDecision(candidates: random.within(2...6), name: "many"),
        model.addDecision(candidates: one, name: "one"),
      ]
      let views = [view(decisions[0], 0...one), identity(decisions[1])]
      post(.equal(views[random.below(2)], views[0]), second: views[1])
    case .element:
      addDecisions(2...2, 2...5)
      let (rows, columns) = (random.within(1...4), random.within(1...4))
      let table = model.table((0..<rows).map { _ in (0..<columns).map { _ in random.below(3) } })
      let (row, column) = (view(decisions[0], 0...rows - 1), view(decisions[1], 0...columns - 1))
      if random.chance(50) {
        post(.allowed(table, row, column))
      } else {
        let value = random.below(3)
        post(.linear([LinearTerm(1, .table(table, row, column))], lower: value, upper: value))
      }
    case .table:
      addDecisions(1...4, 2...4)
      let views = decisions.map { random.chance(60) ? identity($0) : view($0, 0...2) }
      let rows = (0..<random.within(0...7)).map { _ in views.map { _ in random.below(4) } }
      post(.rows(views, rows))
    }
  }

  private mutating func buildSum() {
    addDecisions(2...4, 2...4)
    var terms: [LinearTerm] = []
    for decision in decisions {
      let coefficient = random.pick([-3, -2, -1, 1, 1, 2])
      let term: Term =
        random.chance(40) ? .literal(literal(decision)) : .view(view(decision, -3...4))
      terms.append(LinearTerm(coefficient, term))
      // More than one term of a decision are one column.
      if random.chance(20) { terms.append(LinearTerm(random.pick([-1, 1]), .view(view(decision, 0...2)))) }
    }
    let isUpper = random.chance(50)
    let bound = random.within(-6...6)
    post(.linear(terms, lower: isUpper ? nil : bound, upper: isUpper ? bound : nil))
  }

  private mutating func buildSumOfTables() {
    addDecisions(2...4, 2...4)
    var terms: [LinearTerm] = []
    for place in decisions.indices.dropFirst() {
      let (rows, columns) = (random.within(2...3), random.within(2...3))
      let table = model.table((0..<rows).map { _ in (0..<columns).map { _ in random.below(5) } })
      let term = Term.table(
        table, view(decisions[place - 1], 0...rows - 1), view(decisions[place], 0...columns - 1))
      terms.append(LinearTerm(random.pick([-1, 1, 1, 2]), term))
    }
    terms.append(LinearTerm(1, .view(view(decisions[0], 0...2))))
    let isUpper = random.chance(60)
    post(
      .linear(terms, lower: isUpper ? nil : random.within(0...6), upper: isUpper ? random.within(0...8) : nil)
    )
  }

  private mutating func buildLoad() {
    // A decision of two candidates is a boolean, which no lazy load takes.
    addDecisions(2...4, kind == .lazyCapacity ? 3...4 : 2...4)
    let mayStayOut = random.chance(40)
    if kind == .lazyCapacity { expansion.entries = 0 }
    if kind == .demand { expansion.pairs = 0 }
    let bins = kind == .weightedCounting ? random.within(2...3) : random.within(2...4)
    var items: [Load.Item] = []
    for decision in decisions {
      var values = (0..<model[decision].candidateCount).map { _ in
        random.within((mayStayOut ? -1 : 0)...bins - 1)
      }
      if kind == .lazyCapacity || kind == .demand {
        // One candidate for each bin; numbers beyond the bins are no bins.
        values = Array(0..<model[decision].candidateCount)
        values.shuffle(using: &random)
        if mayStayOut { values[random.below(values.count)] = -1 }
      }
      let weight =
        switch kind {
        case .atMostOne, .demand: 1
        default: random.within(0...5)
        }
      items.append(.init(View(decision, model.column(values)), weight: weight))
    }
    let load = model.addLoad(Load(items: items, binCount: bins))
    // A counting check is over all bins; the promise of a capacity is for one.
    let isWhole = kind == .weightedCounting || kind == .lazyCapacity
    for bin in isWhole ? Array(0..<bins) : [random.below(bins)] {
      let term = LinearTerm(random.chance(20) && kind != .demand ? 2 : 1, .load(load, bin: Int32(bin)))
      let limit = kind == .atMostOne ? term.coefficient : random.within(0...9)
      switch kind {
      case .demand: post(.linear([term], lower: 1, upper: nil))
      default: post(.linear([term], lower: nil, upper: limit))
      }
    }
  }

  private mutating func buildSeveralLoads() {
    addDecisions(2...4, 2...4)
    let loads = (0..<2).map { _ in
      let items = decisions.filter { _ in random.chance(80) }.map {
        Load.Item(view($0, -1...1), weight: random.within(0...4))
      }
      return model.addLoad(Load(items: items, binCount: 2))
    }
    for bin in 0..<random.within(1...2) {
      var terms = loads.map { LinearTerm(random.within(1...2), .load($0, bin: Int32(bin))) }
      if random.chance(40) {
        terms.append(LinearTerm(random.pick([-2, 2]), .literal(literal(random.pick(decisions)))))
      }
      post(.linear(terms, lower: nil, upper: random.within(0...8)))
    }
  }

  private mutating func addDecisions(_ count: ClosedRange<Int>, _ candidates: ClosedRange<Int>) {
    for index in 0..<random.within(count) {
      decisions.append(model.addDecision(candidates: random.within(candidates), name: "d\(index)"))
    }
  }

  private mutating func view(_ decision: Decision, _ range: ClosedRange<Int>) -> View {
    View(decision, model.column((0..<model[decision].candidateCount).map { _ in random.within(range) }))
  }

  private mutating func identity(_ decision: Decision) -> View {
    View(decision, model.column(Array(0..<model[decision].candidateCount)))
  }

  private mutating func literal(_ decision: Decision) -> Literal {
    let bits = Bitset(count: model[decision].candidateCount) { _ in random.chance(50) }
    return Literal(decision, in: model.mask(bits), isNegated: random.chance(40))
  }

  /// Posts, now and then under conditions of decisions of their own.
  private mutating func post(_ form: Constraint.Form, second: View? = nil) {
    var form = form
    if let second, case .equal(let a, let b) = form { form = .equal(a == b ? second : a, b) }
    var enforcedBy: [Literal] = []
    let yes = model.mask(Bitset(count: 2) { $0 == 1 })
    for index in 0..<(random.chance(35) ? random.within(1...2) : 0) {
      let condition = model.addDecision(candidates: 2, name: "condition \(index)")
      enforcedBy.append(Literal(condition, in: yes, isNegated: random.chance(30)))
    }
    model.post(Constraint(form, enforcedBy: enforcedBy, origin: Origin(model.constraints.count)))
  }
}
