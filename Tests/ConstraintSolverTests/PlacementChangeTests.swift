import ConstraintModel
import Testing

@testable import ConstraintSolver

/// Changes of a placement: what is patched is judged by a fresh reading, what is placed by `ModelChecker`.
@Suite struct PlacementChangeTests {
  private typealias Sample = InsertionTests.Sample

  /// A random change of a model.
  private func change(of model: inout ConstraintModel, _ items: [Decision], _ random: inout RandomBits)
    -> ModelDelta
  {
    var changes = ModelChanges(model)
    let item = items[random.below(items.count)]
    let hosts = model[item].candidateCount
    switch random.below(9) {
    case 0: return changes.another(like: item)
    case 1: return items.count > 4 ? changes.without(item) : ModelDelta()
    case 2, 3:
      let load = random.below(model.loads.count)
      let more = random.below(5) - 2
      return changes.resized(LoadID(load), random.below(model.loads[load].binCount)) { max(1, $0 + more) }
    case 4:
      let column = model.column((0..<hosts).map { _ in random.below(2) == 0 ? 0 : $0 })
      let other = items[random.below(items.count)]
      if other == item { return ModelDelta() }
      return changes.stating(.allDifferent([View(item, column), View(other, column)], except: nil))
    case 5:
      let origins = model.constraints.filter(Self.isRelation).map(\.origin)
      return origins.isEmpty ? ModelDelta() : changes.dropping(origins[random.below(origins.count)])
    case 6:
      let term = random.below(model.objectives[0].terms.count)
      return changes.repriced(term: term, to: model.objectives[0].terms[term].coefficient + random.below(4))
    case 7:
      var delta = ModelDelta()
      let column = model.objectives[0].terms.lazy.compactMap { term -> ColumnID? in
        if case .view(let view) = term.term { view.column } else { nil }
      }.first
      if let column { delta.columns[column] = model[column].map { $0 + random.below(2) } }
      return delta
    default:
      let mask = model.mask(Bitset(count: hosts) { _ in random.below(4) > 0 })
      return changes.stating(.clause([Literal(item, in: mask)]))
    }
  }

  /// Whether a rule may be dropped by itself: what ties a guest to its item may not.
  private static func isRelation(_ constraint: Constraint) -> Bool {
    switch constraint.form {
    case .clause, .allDifferent, .allowed: true
    case .linear(let terms, _, let upper): terms.count == 1 && upper != nil
    case .equal: !constraint.enforcedBy.isEmpty
    case .rows: false
    }
  }

  @Test func `what is patched says the same as what is read anew, change after change`() throws {
    var (patched, anew) = (0, 0)
    for seed in 1...40 as ClosedRange<UInt64> {
      let sample = Sample(seed: seed, items: 8, hosts: 6, guests: 3)
      var reader = try #require(InsertionReader.reader(of: sample.model))
      var random = RandomBits(seed: seed)
      for round in 0..<25 {
        let items = reader.result.decisions.array.map { Decision($0) }
        let delta = change(of: &reader.model, items, &random)
        let wasPatched = reader.patch(delta)
        // A domain may have become empty: then neither says anything.
        guard let fresh = InsertionReader.reader(of: reader.model) else {
          #expect(!wasPatched, "seed \(seed), change \(round)")
          break
        }
        if wasPatched {
          patched += 1
          let (mine, theirs) = (InsertionMeaning(reader.result), InsertionMeaning(fresh.result))
          try #require(mine == theirs, "seed \(seed), change \(round)")
          #expect(
            InsertionMeaning.isFiner(reader.result, than: fresh.result), "seed \(seed), change \(round)")
          fresh.result.deallocate()
        } else {
          anew += 1
          reader.result.deallocate()
          reader = fresh
        }
      }
      reader.result.deallocate()
    }
    #expect(patched > 600)
    #expect(anew * 3 < patched, "\(anew) read anew, \(patched) patched")
  }

  @Test func `a session's placement is one of the changed model, whatever has changed`() throws {
    var (placed, none) = (0, 0)
    for seed in 1...40 as ClosedRange<UInt64> {
      let sample = Sample(seed: seed, items: 8, hosts: 8, guests: 2)
      let nothing: [Int?] = Array(repeating: nil, count: sample.model.decisions.count)
      guard let session = PlacementSession(sample.model, from: nothing) else { continue }
      var random = RandomBits(seed: seed)
      for round in 0..<12 {
        let items = session.model.principalDecisions.filter { session.model[$0].candidateCount == 8 }
        // Masks and columns of the delta are made in the session.
        var model = session.model
        let delta = change(of: &model, items, &random)
        for column in model.columns { _ = session.column(column) }
        for mask in model.masks { _ = session.mask(mask) }
        if round % 4 == 3, session.lose(candidates: [random.below(8)]), let solution = session.solution {
          #expect(ModelChecker(session.model, values: solution.values).violated.isEmpty, "seed \(seed)")
        }
        guard session.change(delta), let solution = session.solution else {
          none += 1
          break
        }
        placed += 1
        let checker = ModelChecker(session.model, values: solution.values)
        #expect(checker.violated.isEmpty, "seed \(seed), change \(round)")
        #expect(checker.value(of: session.model.objectives[0]) == solution.objectives[0], "seed \(seed)")
      }
    }
    #expect(placed > 100, "\(placed) placed, \(none) not")
  }

  @Test func `a delta that nobody feels moves nobody, and a function that leaves moves nobody`() throws {
    var seen = 0
    for seed in 1...20 as ClosedRange<UInt64> {
      let sample = Sample(seed: seed, items: 8, hosts: 8, guests: 2)
      let nothing: [Int?] = Array(repeating: nil, count: sample.model.decisions.count)
      guard let session = PlacementSession(sample.model, from: nothing) else { continue }
      #expect(session.change(ModelDelta()))
      #expect(session.moves == 0)
      let item = try #require(session.model.principalDecisions.first)
      #expect(session.change(ModelChanges(session.model).without(item)), "seed \(seed)")
      #expect(session.moves == 0, "seed \(seed)")
      seen += 1
    }
    #expect(seen > 10)
  }
}
