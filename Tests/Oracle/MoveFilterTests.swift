import ConstraintModel
import Testing

@testable import ConstraintSolver

/// What refuses moves unseen is judged by making them in the net.
@Suite struct MoveFilterTests {
  static let seeds: ClosedRange<UInt64> = 1...400

  /// Amounts on hosts, some of which stay behind, prices beyond a load, imbalance, tolls and something else.
  static func model(seed: UInt64) -> ConstraintModel {
    var model = ConstraintModel()
    var random = SplitMix(seed: seed ^ 0xF17)
    let hosts = random.within(3...6)
    let identity = model.column(Array(0..<hosts))
    let sites = model.column((0..<hosts).map { $0 / 2 })
    let homes = (0..<random.within(4...12)).map { _ in random.below(hosts) }
    let items = homes.enumerated().map {
      model.addDecision(candidates: hosts, name: "i\($0)", preferred: $1)
    }
    let weights = (0..<3).map { _ in items.map { _ in random.below(6) } }
    let loads = weights.map { own in
      model.addLoad(
        Load(items: zip(items, own).map { .init(View($0, identity), weight: $1) }, binCount: hosts))
    }
    var terms: [LinearTerm] = []
    for host in 0..<hosts {
      for (number, load) in loads.enumerated() {
        var row = [LinearTerm(1, .load(load, bin: Int32(host)))]
        if number == 1 {
          let away = model.mask(Bitset(count: hosts) { $0 != host })
          for (item, home) in homes.enumerated() where home == host {
            row.append(LinearTerm(weights[1][item], .literal(Literal(items[item], in: away))))
          }
        }
        model.post(
          Constraint(
            .linear(row, lower: nil, upper: random.within(seed % 2 == 0 ? 20...40 : 6...25)),
            origin: Origin(0)))
        let sum = Sum([LinearTerm(1, .load(load, bin: Int32(host)))], constant: -random.below(12))
        terms.append(LinearTerm(random.within(1...3), .ramp(model.sum(sum))))
      }
      let balance = Sum(
        [
          LinearTerm(-2, .load(loads[0], bin: Int32(host))), LinearTerm(1, .load(loads[2], bin: Int32(host))),
        ], constant: random.within(-2...9))
      terms.append(LinearTerm(4, .ramp(model.sum(balance))))
    }
    // One in five pairs is apart, and all are counted by site: rows and costs that the filter does not see.
    for item in 1..<items.count where random.chance(20) {
      model.post(
        Constraint(
          .allDifferent([View(items[item - 1], identity), View(items[item], identity)], except: nil),
          origin: Origin(0)))
    }
    let counts = model.addLoad(
      Load(items: items.map { .init(View($0, sites), weight: 1) }, binCount: (hosts + 1) / 2))
    let crowd = Sum([LinearTerm(1, .load(counts, bin: 0))], constant: -2)
    terms.append(LinearTerm(random.within(1...5), .ramp(model.sum(crowd))))
    for item in items where random.chance(60) {
      terms.append(LinearTerm(random.within(-3...3), .view(View(item, identity))))
    }
    model.objectives = [Objective(terms: terms, constant: 0)]
    return model
  }

  /// Whether an item keeps the rows of the filter on a host when everything else is elsewhere.
  static func everFits(_ item: Int, on host: Int, in state: inout MoveState) -> Bool {
    state.begin()
    for other in 0..<state.net.itemCount {
      let count = Int(state.net.candidateCount[other])
      if other == item {
        state.move(item, to: host)
      } else if state.at[other] == host {
        state.move(other, to: (host + 1) % count)
      }
    }
    let width = MoveFilter.blocks * state.filter.width
    let fits = !(0..<state.violatedCount).contains { index in
      let place = Int(state.filter.copyOf[state.violatedNode(index)])
      return place >= 0 && place / width == host
    }
    state.undo()
    return fits
  }

  /// What rows are violated by at their prices, added up anew.
  static func overload(_ state: borrowing MoveState) -> Int {
    let net = state.net
    return (0..<net.nodes.count).filter { net.nodes[$0].kind == .hard }
      .reduce(0) { $0 + net.nodes[$1].price * net.nodes[$1].excess }
  }

  static func unseen(_ state: borrowing MoveState) -> Int {
    let (net, filter) = (state.net, state.filter)
    return (0..<net.nodes.count).filter { net.nodes[$0].kind == .hard && filter.copyOf[$0] < 0 }
      .reduce(0) { $0 + net.nodes[$1].price * net.nodes[$1].excess }
  }

  @Test func `what the filter refuses breaks a row, costs more than was allowed or never fits`() throws {
    var refused = 0
    var taken = 0
    var soft = 0
    for seed in Self.seeds {
      let read = try #require(MoveReader.read(Self.model(seed: seed)))
      var state = MoveState(read.net, costNode: read.costNode)
      var random = SplitMix(seed: seed)
      let (net, count) = (read.net, read.net.itemCount)
      let hasPrices = state.setFirstPrices(unit: 5)
      for item in 0..<count {
        state.begin()
        state.move(item, to: random.below(Int(net.candidateCount[item])))
        state.commit()
      }
      let isSoft = seed % 2 == 0 && state.violatedCount == 0 && hasPrices
      if isSoft {
        state.setSoft(true, everywhere: seed % 4 == 0)
        soft += 1
      }
      for _ in 0..<100 {
        let (item, other) = (random.below(count), random.below(count))
        let (from, there) = (Int(state.at[item]), Int(state.at[other]))
        let to = random.chance(50) ? random.below(Int(net.candidateCount[item])) : there
        let allowed = random.below(40)
        let before = state.cost + state.overload
        let isExchange = to == there && other != item
        if to == from { continue }
        let passes =
          isExchange
          ? state.filter.passes(
            exchanging: item, at: from, with: other, at: there, allowed: allowed + Self.unseen(state),
            columns: net.columns.base)
          : state.filter.passes(
            item, from: from, to: to, allowed: allowed + Self.unseen(state), columns: net.columns.base)
        let everFits =
          !isSoft
          || Self.everFits(item, on: to, in: &state)
            && (!isExchange || Self.everFits(other, on: from, in: &state))
        state.begin()
        state.move(item, to: to)
        if isExchange { state.move(other, to: from) }
        let change = state.cost + state.overload - before
        let isGood = everFits && !(isSoft ? state.isBroken : state.violatedCount > 0) && change <= allowed
        if isGood { #expect(passes, "seed \(seed)") }
        if passes { taken += 1 } else { refused += 1 }
        if random.chance(30) && (!isSoft || !state.isBroken) { state.commit() } else { state.undo() }
        if isSoft && random.chance(10) { state.raisePrices(by: 0.5) }
        #expect(state.overload == Self.overload(state))
        #expect(state.unseenEarly + state.unseenLate == Self.unseen(state))
      }
    }
    #expect(refused > 2_000 && taken > 4_000 && soft > 50, "\(refused) refused, \(taken) taken, \(soft) soft")
  }

  @Test func `moves made in two parts end where whole moves do, and the first part breaks for good`() throws {
    var broken = 0
    for seed in Self.seeds {
      let read = try #require(MoveReader.read(Self.model(seed: seed)))
      var state = MoveState(read.net, costNode: read.costNode)
      var random = SplitMix(seed: seed ^ 0x2)
      for item in 0..<read.net.itemCount {
        state.move(item, to: random.below(Int(read.net.candidateCount[item])))
      }
      for _ in 0..<50 {
        let item = random.below(read.net.itemCount)
        let (from, to) = (Int(state.at[item]), random.below(Int(read.net.candidateCount[item])))
        if from == to { continue }
        let wasKept = state.violatedCount == 0
        state.begin()
        state.beginMoving(item, to: to)
        let isBroken = state.violatedCount > 0
        state.finishMoving(item, from: from)
        if wasKept && isBroken {
          broken += 1
          #expect(state.violatedCount > 0, "seed \(seed)")
        }
        let (cost, violation) = (state.cost, state.violation)
        state.undo()
        state.begin()
        state.move(item, to: to)
        #expect(state.cost == cost && state.violation == violation, "seed \(seed)")
        if random.chance(50) { state.undo() } else { state.commit() }
      }
    }
    #expect(broken > 20, "\(broken)")
  }
}
