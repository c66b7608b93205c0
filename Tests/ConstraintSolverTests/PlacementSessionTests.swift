import ConstraintModel
import Testing

@testable import ConstraintSolver

/// A session's placements are judged by `ModelChecker`, and by enumeration where it finds none.
@Suite struct PlacementSessionTests {
  private typealias Sample = InsertionTests.Sample

  private func placed(_ model: ConstraintModel) -> [Int]? {
    let search = InsertionSearch.begun(on: model, SolverOptions(workLimit: 400_000))
    guard let search else { return nil }
    return search.solution(of: model)
  }

  @Test func `where nothing has changed nothing moves`() throws {
    var seen = 0
    for seed in 1...12 as ClosedRange<UInt64> {
      let model = Sample(seed: seed, items: 8, hosts: 6, guests: 3).model
      guard let values = placed(model) else { continue }
      let session = try #require(PlacementSession(model, from: values), "seed \(seed)")
      let principal = model.principalDecisions.map { Int($0.index) }
      #expect(principal.map { session.solution?.values[$0] } == principal.map { values[$0] }, "seed \(seed)")
      #expect(session.moves == 0)
      seen += 1
    }
    #expect(seen >= 6)
  }

  @Test
  func `after the loss of hosts what is placed is a solution without them, and nothing is lost for nothing`()
    throws
  {
    var (mended, refused) = (0, 0)
    for seed in 200...219 as ClosedRange<UInt64> {
      var sample = Sample(seed: seed, items: 4, hosts: 5, guests: 1)
      guard let values = placed(sample.model), let session = PlacementSession(sample.model, from: values)
      else {
        continue
      }
      let items = sample.model.principalDecisions.prefix(4).map { Int($0.index) }
      for lost in [[values[items[0]]], [values[items[1]], (values[items[1]] + 1) % 5]] {
        let isPlaced = session.lose(candidates: lost)
        sample.model = session.model
        let optimum = sample.optimum
        guard isPlaced else {
          if optimum != nil { refused += 1 }
          break
        }
        let solution = try #require(session.solution)
        #expect(ModelChecker(session.model, values: solution.values).violated.isEmpty, "seed \(seed)")
        #expect(items.allSatisfy { !lost.contains(solution.values[$0]) }, "seed \(seed)")
        let least = try #require(optimum, "seed \(seed)")
        #expect(solution.objectives[0] >= least, "seed \(seed)")
        mended += 1
      }
    }
    #expect(mended >= 8)
    #expect(refused * 10 <= mended, "\(refused) of \(mended)")
  }

  @Test
  func `a rule that changes moves what it speaks of, and an item that is new is placed beside the rest`()
    throws
  {
    var (changed, others) = (0, 0)
    for seed in 300...314 as ClosedRange<UInt64> {
      let model = Sample(seed: seed, items: 8, hosts: 8, guests: 2).model
      guard let values = placed(model), let session = PlacementSession(model, from: values) else { continue }
      var stricter = model
      let first = model.principalDecisions[0]
      let mask = stricter.mask(Bitset(count: 8) { $0 != values[Int(first.index)] })
      stricter.post(Constraint(.clause([Literal(first, in: mask)]), origin: Origin(900)))
      if session.change(to: stricter, was: { $0 }) {
        let solution = try #require(session.solution)
        #expect(ModelChecker(stricter, values: solution.values).violated.isEmpty, "seed \(seed)")
        #expect(solution.values[Int(first.index)] != values[Int(first.index)])
        changed += 1
        others += session.moves - 1
      }

      var start: [Int?] = values
      start[Int(first.index)] = nil
      let joined = try #require(PlacementSession(model, from: start), "seed \(seed)")
      let solution = try #require(joined.solution)
      #expect(ModelChecker(model, values: solution.values).violated.isEmpty, "seed \(seed)")
    }
    #expect(changed >= 8)
    #expect(others <= 4 * changed, "\(others) others moved in \(changed) changes")
  }
}
