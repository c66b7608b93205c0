import ConstraintModel

/// Small random placements with all that a packing is read from: bins that cost, cells of bins, sites, wishes.
struct PackingModel {
  private var random: SplitMix
  private(set) var model = ConstraintModel()
  private var origin = 0
  /// Auxiliary booleans and when they are true.
  private var derived: [(decision: Decision, isTrue: ([Int]) -> Bool)] = []

  init(seed: UInt64) {
    random = SplitMix(seed: seed ^ 0xBEEF)
    build()
  }

  /// Every solution with its cost: the author's decisions are tried, the auxiliary ones follow.
  func forEachSolution(_ body: (_ values: [Int], _ cost: Int) -> Void) {
    let own = model.decisions.indices.filter { !model.decisions[$0].isAuxiliary }
    var values = [Int](repeating: 0, count: model.decisions.count)
    while true {
      for (decision, isTrue) in derived { values[Int(decision.index)] = isTrue(values) ? 1 : 0 }
      let checker = ModelChecker(model, values: values)
      if model.constraints.allSatisfy(checker.holds) {
        body(values, checker.value(of: model.objectives[0]))
      }
      var place = 0
      while place < own.count {
        values[own[place]] += 1
        if values[own[place]] < model.decisions[own[place]].candidateCount { break }
        values[own[place]] = 0
        place += 1
      }
      if place == own.count { return }
    }
  }

  private mutating func post(_ form: Constraint.Form, enforcedBy: [Literal] = []) {
    model.post(Constraint(form, enforcedBy: enforcedBy, origin: Origin(origin)))
    origin += 1
  }

  private mutating func build() {
    let bins = random.within(2...4)
    let siteOf = (0..<bins).map { _ in random.below(2) }
    let identity = model.column(Array(0..<bins))
    let site = model.column(siteOf)
    let hostOfCell = model.column((0..<2 * bins).map { $0 / 2 })
    let cell = model.column(Array(0..<2 * bins))
    let areAlike = random.chance(60)
    let items = (0..<random.within(2...4)).map { model.addDecision(candidates: bins, name: "i\($0)") }
    var guests: [(cell: Decision, item: Int)] = []
    for item in items.indices where guests.count < 2 && random.chance(40) {
      let guest = model.addDecision(candidates: 2 * bins, name: "g\(item)")
      guests.append((guest, item))
      post(.equal(View(guest, hostOfCell), View(items[item], identity)))
    }
    var goal = Objective()
    func add(_ coefficient: Int, _ term: Term) {
      goal.terms.append(LinearTerm(coefficient, term))
      goal.origins.append(Origin(0))
    }
    let yes = model.mask(Bitset(count: 2) { $0 == 1 })
    let count = model.addLoad(Load(items: items.map { .init(View($0, identity), weight: 1) }, binCount: bins))
    let price = random.within(5...40)
    for bin in 0..<bins where random.chance(90) {
      let decision = model.addDecision(candidates: 2, name: "used\(bin)", isAuxiliary: true)
      let used = Literal(decision, in: yes)
      derived.append((decision, { values in items.contains { values[Int($0.index)] == bin } }))
      let term = LinearTerm(1, .load(count, bin: Int32(bin)))
      post(.linear([term], lower: 1, upper: nil), enforcedBy: [used])
      post(.linear([term], lower: nil, upper: 0), enforcedBy: [!used])
      add(areAlike ? price : random.within(0...40), .literal(used))
    }
    for item in items {
      if random.chance(70) {
        let scores = model.column((0..<bins).map { areAlike ? 3 * siteOf[$0] : random.below(12) })
        add(random.within(1...2), .view(View(item, scores)))
      }
      if random.chance(20) {
        let mask = model.mask(Bitset(count: bins) { _ in random.chance(75) })
        post(.clause([Literal(item, in: mask)]))
      }
    }
    for _ in 0..<random.within(1...2) {
      let weights = items.map { _ in random.within(0...6) }
      let whole = model.addLoad(
        Load(
          items: items.indices.map { .init(View(items[$0], identity), weight: weights[$0]) }, binCount: bins))
      let parts = model.addLoad(
        Load(items: guests.map { .init(View($0.cell, cell), weight: weights[$0.item]) }, binCount: 2 * bins))
      let room = random.within(7...16)
      for bin in 0..<bins {
        let limit = areAlike ? room : random.within(6...16)
        post(.linear([LinearTerm(1, .load(whole, bin: Int32(bin)))], lower: nil, upper: limit))
        for part in 0..<2 {
          let load = Term.load(parts, bin: Int32(2 * bin + part))
          post(.linear([LinearTerm(1, load)], lower: nil, upper: areAlike ? room / 2 : limit / 2))
        }
      }
    }
    for _ in 0..<random.below(4) { addRule(items, identity, site, yes, &goal) }
    goal.constant = random.within(-5...5)
    model.objectives = [goal]
  }

  private mutating func addRule(
    _ items: [Decision], _ identity: ColumnID, _ site: ColumnID, _ yes: MaskID, _ goal: inout Objective
  ) {
    let first = random.below(items.count)
    let second = (first + 1 + random.below(items.count - 1)) % items.count
    let (a, b) = (items[first], items[second])
    let sites = model[site]
    switch random.below(7) {
    case 0: post(.allDifferent([View(a, identity), View(b, identity)], except: nil))
    case 1: post(.allDifferent([View(a, site), View(b, site)], except: nil))
    case 2: post(.equal(View(a, site), View(b, site)))
    case 3: post(.equal(View(a, identity), View(b, identity)))
    case 4:
      let table = model.table([[1, random.below(2)], [random.below(2), 1]])
      if random.chance(50) {
        post(.allowed(table, View(a, site), View(b, site)))
      } else {
        post(.linear([LinearTerm(-2, .table(table, View(a, site), View(b, site)))], lower: nil, upper: -1))
      }
    case 5:
      let load = model.addLoad(Load(items: items.map { .init(View($0, site), weight: 1) }, binCount: 2))
      let limit = max(1, items.count - 1)
      for bin in 0..<2 {
        post(.linear([LinearTerm(1, .load(load, bin: Int32(bin)))], lower: nil, upper: limit))
      }
    default:
      let decision = model.addDecision(candidates: 2, name: "apart", isAuxiliary: true)
      derived.append((decision, { sites[$0[Int(a.index)]] != sites[$0[Int(b.index)]] }))
      let apart = Literal(decision, in: yes)
      post(.allDifferent([View(a, site), View(b, site)], except: nil), enforcedBy: [apart])
      post(.equal(View(a, site), View(b, site)), enforcedBy: [!apart])
      goal.terms.append(LinearTerm(random.within(1...15), .literal(apart)))
      goal.origins.append(Origin(0))
    }
  }
}
