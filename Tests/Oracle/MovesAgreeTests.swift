import ConstraintModel
import Testing

@testable import ConstraintSolver

/// Search by moves is judged by the meaning of models: what its net adds up to, and what it ends with.
@Suite struct MovesAgreeTests {
  static let seeds: ClosedRange<UInt64> = 1...3000

  @Test func `after any moves, and after taking some back, a net adds up to what the model says`() throws {
    var judged = 0
    var broken = 0
    for seed in Self.seeds {
      let model = RandomModel.make(seed: seed, withPreferred: true)
      guard !model.decisions.contains(where: \.isAuxiliary), let read = MoveReader.read(model) else {
        continue
      }
      var state = MoveState(read.net, costNode: read.costNode)
      var random = SplitMix(seed: seed)
      func randomMove() -> (Int, Int) {
        let item = random.below(read.net.itemCount)
        return (item, random.below(Int(read.net.candidateCount[item])))
      }
      for item in 0..<read.net.itemCount {
        state.begin()
        state.move(item, to: random.below(Int(read.net.candidateCount[item])))
      }
      for _ in 0..<20 {
        state.begin()
        for _ in 0..<random.within(1...3) {
          let (item, candidate) = randomMove()
          state.move(item, to: random.chance(10) ? -1 : candidate)
        }
        if random.chance(60) || state.at.array.contains(-1) { state.undo() }
        var values = Array(repeating: 0, count: model.decisions.count)
        for item in 0..<read.net.itemCount { values[read.net.decisions[item]] = Int(state.at[item]) }
        let checker = ModelChecker(model, values: values)
        let isInside = (0..<read.net.itemCount).allSatisfy { read.net.allows($0, Int(state.at[$0])) }
        let holds = checker.violated.isEmpty
        #expect(holds == (isInside && state.violatedCount == 0), "seed \(seed)\n\(model.summary)")
        #expect((state.violation == 0) == (state.violatedCount == 0), "seed \(seed)")
        if !holds { broken += 1 }
        judged += 1
        let live = model.objectives.filter { !$0.terms.isEmpty }
        guard live.count == 1, read.tiers == model.objectives.count else { continue }
        #expect(state.cost + live[0].constant == checker.value(of: live[0]), "seed \(seed)\n\(model.summary)")
      }
    }
    #expect(judged > 10_000 && broken > 2_000, "\(judged), \(broken) of them broken")
  }

  @Test func `what moves end with is a solution, and mostly a best one`() {
    var found = 0
    var best = 0
    for seed in Self.seeds {
      let model = RandomModel.make(seed: seed, withPreferred: true)
      guard !model.objectives.isEmpty, let optimum = Enumeration(model: model).optimum(),
        var search = MoveSearch.begun(on: model, SolverOptions())
      else { continue }
      _ = search.improve(until: search.work + 20_000) { false }
      let solution = search.solution(of: model)
      guard let values = solution else {
        Issue.record("seed \(seed): what was found is no solution")
        return
      }
      let checker = ModelChecker(model, values: values)
      #expect(checker.violated.isEmpty, "seed \(seed)")
      let objectives = model.objectives.map { checker.value(of: $0) }
      #expect(!objectives.lexicographicallyPrecedes(optimum), "seed \(seed)")
      found += 1
      if objectives == optimum { best += 1 }
    }
    #expect(found > 150, "\(found)")
    #expect(best * 100 > found * 90, "\(best) of \(found)")
  }

  @Test func `what leaving costs at least is no more than the optimum`() {
    var bounded = 0
    for seed in Self.seeds {
      var model = ConstraintModel()
      var random = SplitMix(seed: seed ^ 0xB0)
      let hosts = random.within(2...3)
      let identity = model.column(Array(0..<hosts))
      var items: [Load.Item] = []
      var terms: [LinearTerm] = []
      for index in 0..<random.within(2...6) {
        let home = random.below(hosts)
        let decision = model.addDecision(candidates: hosts, name: "i\(index)", preferred: home)
        items.append(.init(View(decision, identity), weight: random.below(5)))
        let away = model.mask(Bitset(count: hosts) { $0 != home })
        if random.chance(90) {
          terms.append(LinearTerm(random.within(-1...3), .literal(Literal(decision, in: away))))
        }
      }
      let load = model.addLoad(Load(items: items, binCount: hosts))
      for host in 0..<hosts {
        model.post(
          Constraint(
            .linear([LinearTerm(1, .load(load, bin: Int32(host)))], lower: nil, upper: random.within(1...8)),
            origin: Origin(host)))
      }
      let objective = Objective(terms: terms, constant: random.within(-2...2))
      model.objectives = [objective]
      guard let optimum = Enumeration(model: model).optimum(), let bound = StayBound.bound(model, objective)
      else { continue }
      #expect(bound <= optimum[0], "seed \(seed): \(bound)\n\(model.summary)")
      if bound == optimum[0], bound > 0 { bounded += 1 }
    }
    #expect(bounded > 100, "\(bounded)")
  }

  @Test func `what positive parts cost at least is no more than the optimum, and imbalance is seen whole`() {
    var raised = 0
    for seed in Self.seeds {
      var model = ConstraintModel()
      var random = SplitMix(seed: seed ^ 0x4A)
      let hosts = random.within(2...3)
      let identity = model.column(Array(0..<hosts))
      var loads: [LoadID] = []
      var decisions: [Decision] = []
      for index in 0..<random.within(2...6) {
        decisions.append(model.addDecision(candidates: hosts, name: "i\(index)"))
      }
      for _ in 0..<2 {
        loads.append(
          model.addLoad(
            Load(
              items: decisions.map { .init(View($0, identity), weight: random.below(6)) }, binCount: hosts)))
      }
      var terms: [LinearTerm] = []
      for host in 0..<hosts {
        for load in loads {
          let sum = Sum([LinearTerm(1, .load(load, bin: Int32(host)))], constant: -random.below(6))
          terms.append(LinearTerm(random.within(1...3), .ramp(model.sum(sum))))
        }
        let balance = Sum(
          [
            LinearTerm(-2, .load(loads[0], bin: Int32(host))),
            LinearTerm(1, .load(loads[1], bin: Int32(host))),
          ],
          constant: random.within(-2...9))
        terms.append(LinearTerm(4, .ramp(model.sum(balance))))
      }
      for decision in decisions where random.chance(50) {
        terms.append(LinearTerm(random.within(-2...2), .view(View(decision, identity))))
      }
      let objective = Objective(terms: terms, constant: random.within(-2...2))
      model.objectives = [objective]
      guard let optimum = Enumeration(model: model).optimum(), let bound = RampBound.bound(model, objective)
      else {
        Issue.record("seed \(seed): no bound")
        return
      }
      #expect(bound <= optimum[0], "seed \(seed): \(bound)\n\(model.summary)")
      if bound == optimum[0] { raised += 1 }
    }
    #expect(raised > 100, "\(raised)")
  }
}
