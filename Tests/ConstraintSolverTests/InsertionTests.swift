import ConstraintModel
import Testing

@testable import ConstraintSolver

/// Search by insertion, judged by `ModelChecker` and by enumeration.
@Suite struct InsertionTests {
  /// A random model of the shape that insertion reads: items over hosts, some with a cell of their host.
  struct Sample {
    var model = ConstraintModel()
    /// Auxiliary booleans, the value of each that costs, and what must hold where they have the other value.
    var booleans: [(decision: Int, dear: Int, constraint: Int)] = []

    init(seed: UInt64, items: Int, hosts: Int, guests: Int) {
      var random = RandomBits(seed: seed &* 7919)
      func number(_ range: ClosedRange<Int>) -> Int { range.lowerBound + random.below(range.count) }
      var origin = 0
      var model = ConstraintModel()
      func post(_ form: Constraint.Form, _ enforcedBy: [Literal] = []) {
        model.post(Constraint(form, enforcedBy: enforcedBy, origin: Origin(origin)))
        origin += 1
      }
      let identity = model.column(Array(0..<hosts))
      let site = model.column((0..<hosts).map { $0 % 2 })
      let price = model.column((0..<hosts).map { _ in number(0...6) })
      let cellHost = model.column((0..<2 * hosts).map { $0 / 2 })
      let cells = model.column(Array(0..<2 * hosts))
      let yes = model.mask(Bitset(count: 2) { $0 == 1 })
      var goal = Objective(constant: number(0...9))
      func add(_ coefficient: Int, _ term: Term) {
        goal.terms.append(LinearTerm(coefficient, term))
        goal.origins.append(Origin(0))
      }
      func capacity(_ load: LoadID, bins: Int, _ range: ClosedRange<Int>) {
        for bin in 0..<bins {
          let term = LinearTerm(1, .load(load, bin: Int32(bin)))
          post(.linear([term], lower: nil, upper: number(range)))
        }
      }

      let decisions = (0..<items).map { model.addDecision(candidates: hosts, name: "item \($0)") }
      let guestOf = (0..<guests).map { model.addDecision(candidates: 2 * hosts, name: "guest \($0)") }
      let views = decisions.map { View($0, identity) }
      for (index, guest) in guestOf.enumerated() { post(.equal(View(guest, cellHost), views[index])) }
      for decision in decisions {
        add(number(1...3), .view(View(decision, price)))
        if number(0...2) == 0 {
          let mask = model.mask(Bitset(count: hosts) { _ in number(0...3) > 0 })
          post(.clause([Literal(decision, in: mask)]))
        }
        if number(0...2) == 0 {
          let mask = model.mask(Bitset(count: hosts) { _ in number(0...1) > 0 })
          add(number(1...4), .literal(Literal(decision, in: mask, isNegated: true)))
        }
      }
      for _ in 0..<2 {
        let load = model.addLoad(Load(items: views.map { .init($0, weight: number(1...4)) }, binCount: hosts))
        capacity(load, bins: hosts, 3...9)
        let inside = model.addLoad(
          Load(items: guestOf.map { .init(View($0, cells), weight: number(1...3)) }, binCount: 2 * hosts))
        capacity(inside, bins: 2 * hosts, 1...5)
      }
      let count = model.addLoad(Load(items: views.map { .init($0, weight: 1) }, binCount: hosts))
      for host in 0..<hosts where number(0...2) > 0 {
        let used = model.addDecision(candidates: 2, name: "used \(host)", isAuxiliary: true)
        add(number(1...7), .literal(Literal(used, in: yes)))
        booleans.append((Int(used.index), 1, origin))
        post(
          .linear([LinearTerm(1, .load(count, bin: Int32(host)))], lower: nil, upper: 0),
          [Literal(used, in: yes, isNegated: true)])
      }
      let first = number(0...items - 3)
      if number(0...1) == 0 {
        post(.allDifferent(Array(views[first..<first + 3]), except: number(0...1) == 0 ? nil : 1))
      }
      if number(0...1) == 0 {
        post(.allDifferent([View(decisions[0], site), View(decisions[2], site)], except: nil))
      }
      let near = model.table([[1, number(0...1)], [number(0...1), 1]])
      if number(0...1) == 0 { post(.allowed(near, View(decisions[1], site), View(decisions[2], site))) }
      let far = model.table([[1, 5], [5, 2]])
      if number(0...1) == 0 {
        let term = LinearTerm(2, .table(far, View(decisions[0], site), View(decisions[3], site)))
        post(.linear([term], lower: nil, upper: number(2...6)))
      }
      for pair in 0..<2 {
        let (a, b) = (pair, pair + 1 + number(0...1))
        let together = model.addDecision(candidates: 2, name: "pair \(pair)", isAuxiliary: true)
        let literal = Literal(together, in: yes)
        add(number(1...6), .literal(!literal))
        booleans.append((Int(together.index), 0, origin))
        post(.equal(View(decisions[a], site), View(decisions[b], site)), [literal])
      }
      model.objectives = [goal]
      self.model = model
    }

    /// The least cost of all placements, each tried; nil where there is none.
    var optimum: Int? {
      let principal = model.principalDecisions.map { Int($0.index) }
      var values = Array(repeating: 0, count: model.decisions.count)
      var best: Int?
      func visit(_ depth: Int) {
        if depth < principal.count {
          for candidate in 0..<model.decisions[principal[depth]].candidateCount {
            values[principal[depth]] = candidate
            visit(depth + 1)
          }
          return
        }
        for boolean in booleans { values[boolean.decision] = 1 - boolean.dear }
        let broken = Set(ModelChecker(model, values: values).violated)
        for boolean in booleans where broken.contains(boolean.constraint) {
          values[boolean.decision] = boolean.dear
        }
        let checker = ModelChecker(model, values: values)
        guard broken.isSubset(of: booleans.map(\.constraint)), checker.violated.isEmpty else { return }
        best = min(best ?? .max, checker.value(of: model.objectives[0]))
      }
      visit(0)
      return best
    }
  }

  @Test func `every placement that insertion returns is a solution, at the cost that it says`() throws {
    var found = 0
    for seed in 1...60 as ClosedRange<UInt64> {
      let sample = Sample(seed: seed, items: 8, hosts: 6, guests: 3)
      let read = try #require(InsertionReader.read(sample.model))
      var search = InsertionSearch(read, seed: seed)
      search.construct()
      for end in [0, 20_000, 60_000] {
        _ = search.improve(until: end, shouldStop: { false })
        guard search.isBestWhole else { continue }
        let placement = search.solution(of: sample.model)
        let values = try #require(placement, "seed \(seed)")
        let checker = ModelChecker(sample.model, values: values)
        #expect(checker.violated.isEmpty, "seed \(seed)")
        let cost = checker.value(of: sample.model.objectives[0])
        let (told, bound) = (search.bestCost + read.constant, search.trivialBound)
        #expect(cost == told, "seed \(seed)")
        #expect(cost >= bound, "seed \(seed)")
        found += 1
      }
    }
    #expect(found > 90)
  }

  @Test func `insertion is never below the least cost of all placements, and reaches it on most models`()
    throws
  {
    var (feasible, reached) = (0, 0)
    for seed in 100...139 as ClosedRange<UInt64> {
      let sample = Sample(seed: seed, items: 4, hosts: 4, guests: 1)
      let search = InsertionSearch.begun(on: sample.model, SolverOptions(workLimit: 200_000))
      guard let optimum = sample.optimum else {
        let hasFound = search != nil
        #expect(!hasFound, "seed \(seed)")
        continue
      }
      feasible += 1
      guard var search else { continue }
      _ = search.improve(until: search.work + 100_000, shouldStop: { false })
      let placement = search.solution(of: sample.model)
      let values = try #require(placement)
      let cost = ModelChecker(sample.model, values: values).value(of: sample.model.objectives[0])
      #expect(cost >= optimum, "seed \(seed)")
      if cost == optimum { reached += 1 }
    }
    #expect(feasible >= 20)
    #expect(reached * 10 >= feasible * 9, "\(reached) of \(feasible)")
  }

  @Test func `what is put and taken again, or put back, costs what it did before`() throws {
    for seed in 1...30 as ClosedRange<UInt64> {
      let sample = Sample(seed: seed, items: 8, hosts: 6, guests: 3)
      let read = try #require(InsertionReader.read(sample.model))
      defer { read.deallocate() }
      var state = InsertionState(read)
      var random = RandomBits(seed: seed)
      let empty = state.cost
      var costs: [(item: Int, cost: Int)] = []
      for item in 0..<read.itemCount {
        let before = state.cost
        guard state.insert(item, blink: 0, &random) != nil else {
          let now = state.cost
          #expect(now == before, "seed \(seed)")
          continue
        }
        costs.append((item, before))
      }
      let full = state.cost
      for (item, _) in costs {
        let host = Int(state.host[item])
        let own = state.ownCost(item, host)
        let numbers = Int(read.guestStart[item])..<Int(read.guestStart[item + 1])
        let guests = Buffer(numbers.map { state.guestAt[$0] })
        defer { guests.deallocate() }
        state.take(item, cost: own)
        state.restore(item, host, cost: own, guests: guests, from: 0)
        let (now, after) = (state.cost, numbers.map { state.guestAt[$0] })
        #expect(now == full, "seed \(seed)")
        #expect(after == guests.array)
      }
      for (item, before) in costs.reversed() {
        state.take(item, cost: state.ownCost(item, Int(state.host[item])))
        let now = state.cost
        #expect(now == before, "seed \(seed)")
      }
      let (cost, unplaced) = (state.cost, state.unplaced)
      #expect(cost == empty)
      #expect(unplaced == read.itemCount)
    }
  }

  @Test func `the same seed finds the same placement after the same work`() throws {
    func answer(_ sample: Sample) throws -> ([Int]?, Int, Int) {
      var search = InsertionSearch(try #require(InsertionReader.read(sample.model)), seed: 5)
      search.construct()
      _ = search.improve(until: 40_000, shouldStop: { false })
      return (search.solution(of: sample.model), search.bestCost, search.work)
    }
    for seed in 1...10 as ClosedRange<UInt64> {
      let sample = Sample(seed: seed, items: 8, hosts: 6, guests: 3)
      let (first, second) = (try answer(sample), try answer(sample))
      #expect(first == second)
    }
  }

  @Test func `a model that says more than insertion reads is left to others`() throws {
    // Bins of different columns over decisions of different size.
    var mixed = ConstraintModel()
    _ = mixed.addDecision(candidates: 3, name: "a")
    _ = mixed.addDecision(candidates: 4, name: "b")
    mixed.objectives = [Objective()]
    let first = InsertionReader.read(mixed) == nil
    #expect(first)

    // A goal over a table: its price is not one of single items.
    var sample = Sample(seed: 3, items: 5, hosts: 4, guests: 0).model
    let table = sample.table([[0, 9], [9, 0]])
    let site = sample.column([0, 1, 0, 1])
    let decisions = sample.principalDecisions
    var goal = sample.objectives[0]
    goal.terms.append(LinearTerm(1, .table(table, View(decisions[0], site), View(decisions[1], site))))
    goal.origins.append(Origin(0))
    sample.objectives = [goal]
    #expect(InsertionReader.read(sample) == nil)
  }

  @Test func `a constraint that insertion does not read is not broken by what it returns`() throws {
    for seed in 1...40 as ClosedRange<UInt64> {
      var model = Sample(seed: seed, items: 5, hosts: 4, guests: 1).model
      let site = model.column([0, 1, 0, 1])
      let decisions = model.principalDecisions.prefix(3)
      let rows = [[0, 0, 1], [1, 0, 0], [1, 1, 1]]
      model.post(Constraint(.rows(decisions.map { View($0, site) }, rows), origin: Origin(900)))
      guard let search = InsertionSearch.begun(on: model, SolverOptions(workLimit: 20_000)),
        let values = search.solution(of: model)
      else { continue }
      #expect(ModelChecker(model, values: values).violated.isEmpty, "seed \(seed)")
    }
  }

  @Test func `an item in a bin that a load does not have takes no room`() throws {
    var model = ConstraintModel()
    let column = model.column([-1, 0, 7])
    let price = model.column([3, 1, 2])
    let items = (0..<3).map { model.addDecision(candidates: 3, name: "item \($0)") }
    let load = model.addLoad(Load(items: items.map { .init(View($0, column), weight: 1) }, binCount: 1))
    let term = LinearTerm(1, .load(load, bin: 0))
    model.post(Constraint(.linear([term], lower: nil, upper: 1), origin: Origin(0)))
    let used = model.addDecision(candidates: 2, name: "used", isAuxiliary: true)
    let yes = model.mask(Bitset(count: 2) { $0 == 1 })
    model.post(
      Constraint(
        .linear([term], lower: nil, upper: 0), enforcedBy: [Literal(used, in: yes, isNegated: true)],
        origin: Origin(1)))
    let terms =
      items.map { LinearTerm(1, .view(View($0, price))) } + [LinearTerm(5, .literal(Literal(used, in: yes)))]
    model.objectives = [Objective(terms: terms, origins: terms.map { _ in Origin(0) })]

    let cost = InsertionSearch.begun(on: model, SolverOptions())?.bestCost

    #expect(cost == 6, "all three stand on the last candidate, which the load does not count")
  }

  @Test func `auxiliary booleans are set as the constraints that they enforce ask, level by level`() throws {
    var model = ConstraintModel()
    let item = model.addDecision(candidates: 2, name: "item")
    let identity = model.column([0, 1])
    let yes = model.mask(Bitset(count: 2) { $0 == 1 })
    let inner = Literal(model.addDecision(candidates: 2, name: "inner", isAuxiliary: true), in: yes)
    let outer = Literal(model.addDecision(candidates: 2, name: "outer", isAuxiliary: true), in: yes)
    let term = LinearTerm(1, .view(View(item, identity)))
    model.post(Constraint(.linear([term], lower: nil, upper: 0), enforcedBy: [!inner], origin: Origin(0)))
    model.post(Constraint(.clause([!inner]), enforcedBy: [!outer], origin: Origin(1)))

    #expect(Completion.complete([0, 0, 0], of: model) == [0, 0, 0])
    #expect(Completion.complete([1, 0, 0], of: model) == [1, 1, 1])

    model.post(Constraint(.linear([term], lower: nil, upper: 0), origin: Origin(2)))
    #expect(Completion.complete([1, 0, 0], of: model) == nil, "no boolean can mend that")
  }
}
