import ConstraintModel

/// The placement family of the benchmarks, read from the generator's flat file and stated as the language
/// states it: a host for each VNF, a cell where it is bound to one, loads for each resource of hosts and cells.
struct PlacementFamily {
  private(set) var model = ConstraintModel()
  private(set) var hosts: [Decision] = []
  private(set) var cells: [Decision?] = []
  private(set) var isSplit: [Bool] = []

  private struct Host {
    var site, kind, price, openCost: Int
    var nodes: [[Int]]
  }
  private struct Function {
    var demand: [Int]
    var cores, numa, preferredKind, penalty: Int
    var candidates: [Int]
  }

  /// - Parameter text: what `gen.py --flat` writes.
  init(flat text: String) {
    var numbers = text.split(whereSeparator: { $0 == " " || $0 == "\n" }).compactMap { Int($0) }[...]
    func next() -> Int { numbers.removeFirst() }
    func next(_ count: Int) -> [Int] { (0..<count).map { _ in next() } }
    let (siteCount, hostCount, functionCount) = (next(), next(), next())
    let (groupCount, linkCount, softCount) = (next(), next(), next())
    let latency = (0..<siteCount).map { _ in next(siteCount) }
    let machines = (0..<hostCount).map { _ in
      let head = next(5)
      return Host(
        site: head[0], kind: head[2], price: head[3], openCost: head[4], nodes: [next(4), next(4)])
    }
    let functions = (0..<functionCount).map { _ in
      let demand = next(4)
      let rest = next(5)
      return Function(
        demand: demand, cores: rest[0], numa: rest[1], preferredKind: rest[2], penalty: rest[3],
        candidates: next(next()))
    }
    let groups = (0..<groupCount).map { _ in (next(), next(), next(next())) }
    let links = (0..<linkCount).map { _ in (next(), next(), next()) }
    let soft = (0..<softCount).map { _ in (next(), next(), next()) }

    var origin = 0
    func newOrigin() -> Origin {
      origin += 1
      return Origin(origin - 1)
    }
    let identity = model.column(Array(0..<hostCount))
    let site = model.column(machines.map(\.site))
    let price = model.column(machines.map(\.price))
    let cellHost = model.column((0..<2 * hostCount).map { $0 / 2 })
    let cellIdentity = model.column(Array(0..<2 * hostCount))
    let firstCell = model.column((0..<hostCount).map { 2 * $0 })
    let secondCell = model.column((0..<hostCount).map { 2 * $0 + 1 })
    let latencies = model.table(latency)
    var goal = Objective()
    func add(_ coefficient: Int, _ term: Term) {
      goal.terms.append(LinearTerm(coefficient, term))
      goal.origins.append(Origin(0))
    }

    for (index, function) in functions.enumerated() {
      let host = model.addDecision(candidates: hostCount, name: "vnf-\(index).host")
      hosts.append(host)
      var mask = Bitset(count: hostCount)
      for candidate in function.candidates { mask.insert(candidate) }
      model.post(
        Constraint(.clause([Literal(host, in: model.mask(mask))]), origin: newOrigin()))
      isSplit.append(function.numa == 2)
      if function.numa == 1 {
        let cell = model.addDecision(candidates: 2 * hostCount, name: "vnf-\(index).cell")
        cells.append(cell)
        model.post(
          Constraint(.equal(View(cell, cellHost), View(host, identity)), origin: newOrigin()))
      } else {
        cells.append(nil)
      }
      add(function.cores, .view(View(host, price)))
      if function.preferredKind >= 0 {
        let kinds = model.mask(
          Bitset(count: hostCount) { machines[$0].kind == function.preferredKind })
        add(function.penalty, .literal(Literal(host, in: kinds, isNegated: true)))
      }
    }

    let siteView = hosts.map { View($0, site) }
    let hostView = hosts.map { View($0, identity) }
    let yes = model.mask(Bitset(count: 2) { $0 == 1 })
    let count = model.addLoad(
      Load(items: hostView.map { .init($0, weight: 1) }, binCount: hostCount))
    for (index, machine) in machines.enumerated() where machine.openCost > 0 {
      let used = model.addDecision(candidates: 2, name: "host-\(index).used", isAuxiliary: true)
      let isUsed = Literal(used, in: yes)
      add(machine.openCost, .literal(isUsed))
      model.post(
        Constraint(
          .linear([LinearTerm(1, .load(count, bin: Int32(index)))], lower: nil, upper: 0),
          enforcedBy: [!isUsed], origin: newOrigin()))
    }
    for resource in 0..<4 {
      let load = model.addLoad(
        Load(
          items: functions.indices.map {
            .init(hostView[$0], weight: functions[$0].demand[resource])
          }, binCount: hostCount))
      for (index, machine) in machines.enumerated() {
        post(load, index, machine.nodes[0][resource] + machine.nodes[1][resource], newOrigin())
      }
      var items: [Load.Item] = []
      for (index, function) in functions.enumerated() {
        if let cell = cells[index] {
          items.append(.init(View(cell, cellIdentity), weight: function.demand[resource]))
        } else if function.numa == 2 {
          items.append(.init(View(hosts[index], firstCell), weight: function.demand[resource] / 2))
          items.append(.init(View(hosts[index], secondCell), weight: function.demand[resource] / 2))
        }
      }
      let cellLoad = model.addLoad(Load(items: items, binCount: 2 * hostCount))
      for (index, machine) in machines.enumerated() {
        for node in 0..<2 {
          post(cellLoad, 2 * index + node, machine.nodes[node][resource], newOrigin())
        }
      }
    }

    for (kind, limit, members) in groups {
      let origin = newOrigin()
      switch kind {
      case 0:
        model.post(Constraint(.allDifferent(members.map { hostView[$0] }, except: nil), origin: origin))
      case 1:
        model.post(Constraint(.allDifferent(members.map { siteView[$0] }, except: nil), origin: origin))
      case 2, 3:
        let view = kind == 2 ? hostView : siteView
        for member in members.dropFirst() {
          model.post(Constraint(.equal(view[members[0]], view[member]), origin: origin))
        }
      default:
        let load = model.addLoad(
          Load(items: members.map { .init(siteView[$0], weight: 1) }, binCount: siteCount))
        for site in 0..<siteCount { post(load, site, limit, origin) }
      }
    }
    for (a, b, limit) in links {
      model.post(
        Constraint(
          .linear([LinearTerm(1, .table(latencies, siteView[a], siteView[b]))], lower: nil, upper: limit),
          origin: newOrigin()))
    }
    for (index, (a, b, penalty)) in soft.enumerated() {
      let together = model.addDecision(candidates: 2, name: "soft-\(index)", isAuxiliary: true)
      let literal = Literal(together, in: yes)
      model.post(
        Constraint(.equal(siteView[a], siteView[b]), enforcedBy: [literal], origin: newOrigin()))
      add(penalty, .literal(!literal))
    }
    model.objectives = [goal]
  }

  private mutating func post(_ load: LoadID, _ bin: Int, _ limit: Int, _ origin: Origin) {
    model.post(
      Constraint(
        .linear([LinearTerm(1, .load(load, bin: Int32(bin)))], lower: nil, upper: limit), origin: origin))
  }

  /// One line `host mode` for each VNF, as the family's own verifier reads it.
  func assignment(_ values: [Int]) -> String {
    hosts.indices.map { index in
      let host = values[Int(hosts[index].index)]
      let mode =
        if let cell = cells[index] { values[Int(cell.index)] % 2 } else { isSplit[index] ? 2 : -1 }
      return "\(host) \(mode)\n"
    }.joined()
  }
}
