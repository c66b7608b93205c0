import ConstraintModel

/// Small random placements as the language states them: instances on hosts, guests in cells of the hosts,
/// rows over several loads, literals that say which hosts are used, and hosts that are often alike.
struct HostingModel {
  private var random: SplitMix
  private(set) var model = ConstraintModel()
  private var origin = 0

  static func make(seed: UInt64, withPreferred: Bool = false) -> ConstraintModel {
    var maker = HostingModel(seed: seed)
    maker.build(withPreferred: withPreferred)
    return maker.model
  }

  private init(seed: UInt64) { random = SplitMix(seed: seed ^ 0xC0DE) }

  private mutating func post(_ form: Constraint.Form, enforcedBy: [Literal] = []) {
    model.post(Constraint(form, enforcedBy: enforcedBy, origin: Origin(origin)))
    if !random.chance(20) { origin += 1 }
  }

  private mutating func build(withPreferred: Bool) {
    let hosts = random.within(2...4)
    let cellsOf = hosts == 4 ? 1 : random.within(1...2)
    let cells = hosts * cellsOf
    let areAlike = random.chance(60)
    let hasUsed = random.chance(80)
    var budget = 4000 / (hasUsed ? 1 << hosts : 1)
    let identity = model.column(Array(0..<hosts))
    let hostOfCell = model.column((0..<cells).map { $0 / cellsOf })
    let site = model.column((0..<hosts).map { _ in areAlike && random.chance(50) ? 0 : random.below(2) })

    var instances: [Decision] = []
    var guests: [(cell: Decision, of: Int)] = []
    for index in 0..<random.within(2...5) where budget >= hosts {
      budget /= hosts
      let preferred = withPreferred && random.chance(40) ? random.below(hosts) : nil
      instances.append(model.addDecision(candidates: hosts, name: "i\(index)", preferred: preferred))
      guard random.chance(60), budget >= cells else { continue }
      budget /= cells
      guests.append((model.addDecision(candidates: cells, name: "g\(index)"), index))
    }
    for (cell, of) in guests {
      let sides = [View(cell, hostOfCell), View(instances[of], identity)]
      post(random.chance(50) ? .equal(sides[0], sides[1]) : .equal(sides[1], sides[0]))
    }

    let yes = model.mask(Bitset(count: 2) { $0 == 1 })
    let count = model.addLoad(
      Load(items: instances.map { .init(View($0, identity), weight: 1) }, binCount: hosts))
    var used: [Literal] = []
    if hasUsed {
      for host in 0..<hosts {
        let literal = Literal(
          model.addDecision(candidates: 2, name: "used\(host)", isAuxiliary: true), in: yes)
        used.append(literal)
        let term = LinearTerm(1, .load(count, bin: Int32(host)))
        post(.linear([term], lower: nil, upper: 0), enforcedBy: [!literal])
        if random.chance(80) { post(.linear([term], lower: 1, upper: nil), enforcedBy: [literal]) }
      }
    }
    for _ in 0..<random.within(1...2) { addResource(instances, guests, hosts, cellsOf, areAlike, used) }
    for _ in 0..<random.below(3) { addRule(instances, identity, site) }

    for _ in 0..<random.within(0...2) {
      var goal = Objective()
      func add(_ coefficient: Int, _ term: Term) {
        goal.terms.append(LinearTerm(coefficient, term))
        goal.origins.append(Origin(0))
      }
      let price = random.within(1...4)
      for literal in used { add(areAlike ? price : random.within(0...4), .literal(literal)) }
      if random.chance(40) {
        let scores = model.column((0..<hosts).map { _ in areAlike ? 1 : random.below(4) })
        for instance in instances where random.chance(70) { add(1, .view(View(instance, scores))) }
      }
      if random.chance(30), let first = guests.first {
        let even = model.mask(Bitset(count: cells) { $0 % 2 == 0 })
        add(random.within(1...3), .literal(Literal(first.cell, in: even)))
      }
      model.objectives.append(goal)
    }
  }

  private mutating func addResource(
    _ instances: [Decision], _ guests: [(cell: Decision, of: Int)], _ hosts: Int, _ cellsOf: Int,
    _ areAlike: Bool, _ used: [Literal]
  ) {
    let identity = model.column(Array(0..<hosts))
    let cellIdentity = model.column(Array(0..<hosts * cellsOf))
    let weights = instances.map { _ in random.within(0...4) }
    let whole = model.addLoad(
      Load(
        items: instances.indices.map { .init(View(instances[$0], identity), weight: weights[$0]) },
        binCount: hosts))
    let inCells = model.addLoad(
      Load(
        items: guests.map { .init(View($0.cell, cellIdentity), weight: max(1, weights[$0.of])) },
        binCount: hosts * cellsOf))
    let split = model.addLoad(
      Load(
        items: instances.indices.filter { $0 % 2 == 0 }
          .map { .init(View(instances[$0], identity), weight: random.within(0...2)) },
        binCount: hosts))
    let room = random.within(4...12)
    let cellRoom = random.within(4...10)
    let factors = [random.within(1...2), random.within(1...2)]
    for host in 0..<hosts {
      let bin = Int32(host)
      let limit = areAlike ? room : random.within(4...12)
      if random.chance(85) {
        post(.linear([LinearTerm(1, .load(whole, bin: bin))], lower: nil, upper: limit))
      }
      for cell in 0..<cellsOf {
        var terms = [
          LinearTerm(factors[0], .load(inCells, bin: Int32(host * cellsOf + cell))),
          LinearTerm(factors[1], .load(split, bin: bin)),
        ]
        if !used.isEmpty && random.chance(15) { terms.append(LinearTerm(-1, .literal(used[host]))) }
        let limit = areAlike ? cellRoom : random.within(4...10)
        let enforcedBy = !used.isEmpty && random.chance(10) ? [used[random.below(hosts)]] : []
        if random.chance(20) {
          post(
            .linear(terms.map { LinearTerm(-$0.coefficient, $0.term) }, lower: -limit, upper: nil),
            enforcedBy: enforcedBy)
        } else {
          post(.linear(terms, lower: random.chance(5) ? 1 : nil, upper: limit), enforcedBy: enforcedBy)
        }
      }
    }
  }

  private mutating func addRule(_ instances: [Decision], _ identity: ColumnID, _ site: ColumnID) {
    let column = random.chance(60) ? identity : site
    var members = instances.filter { _ in random.chance(60) }
    if members.count < 2 { members = Array(instances.prefix(2)) }
    let views = members.map { View($0, column) }
    let mask = model.mask(Bitset(count: model[members[0]].candidateCount) { _ in random.chance(60) })
    let enforcedBy = random.chance(30) ? [Literal(members[0], in: mask)] : []
    switch random.below(4) {
    case 0, 1: post(.allDifferent(views, except: random.chance(20) ? 0 : nil), enforcedBy: enforcedBy)
    case 2: post(.equal(views[0], views[views.count - 1]), enforcedBy: enforcedBy)
    default: post(.clause([Literal(members[0], in: mask, isNegated: random.chance(30))]))
    }
  }
}
