import ConstraintModel
import Testing

@testable import ConstraintSolver

/// What is near a conflict, and changes that begin with what it is about: judged by the whole model.
@Suite struct NearbyTests {
  @Test func `the least of a sum is the same in what is near as in the whole`() throws {
    var compared = 0
    for seed in 1...80 as ClosedRange<UInt64> {
      var random = RandomBits(seed: seed)
      let model = InsertionTests.Sample(seed: seed, items: 6, hosts: 6, guests: 2).model
      let origins = Array(Set(model.constraints.map(\.origin))).sorted()
      let chosen = Set((0..<3).map { _ in origins[random.below(origins.count)] })
      let isDefinition = { (origin: Origin) in origin.index % 3 == 0 }
      let near = model.with(constraints: model.constraints(around: chosen, isDefinition: isDefinition))
      #expect(near.constraints.count <= model.constraints.count)
      for removed in [[], [chosen.sorted()[0]]] {
        let whole = model.keepingConstraints { !removed.contains($0.origin) }
        let part = near.keepingConstraints { !removed.contains($0.origin) }
        let one = whole.least([], around: chosen, isDefinition: isDefinition, SolverOptions())
        let other = part.least([], around: chosen, isDefinition: isDefinition, SolverOptions())
        #expect(one?.0 == other?.0 && one?.1 == other?.1, "seed \(seed)")
        if one != nil { compared += 1 }
      }
    }
    #expect(compared >= 60, "\(compared)")
  }

  @Test func `an amount that comes and goes as a delta leaves placements of the model with it`() throws {
    var (placed, patched) = (0, 0)
    for seed in 1...60 as ClosedRange<UInt64> {
      var random = RandomBits(seed: seed)
      let model = InsertionTests.Sample(seed: seed, items: 8, hosts: 8, guests: 2).model
      let rows = model.constraints.indices.filter {
        if case .linear(_, nil, .some) = model.constraints[$0].form {
          model.constraints[$0].enforcedBy.isEmpty
        } else {
          false
        }
      }
      guard let row = rows.dropFirst(random.below(rows.count)).first,
        case .linear(let terms, _, _) = model.constraints[row].form
      else { continue }
      let origin = model.constraints[row].origin
      let slack = Constraint(.linear(terms, lower: nil, upper: 1_000), origin: origin)
      let others = model.constraints.filter { $0.origin != origin }
      guard
        let session = PlacementSession(
          model.with(constraints: others + [slack]), SolverOptions(workLimit: 400_000))
      else { continue }
      var delta = ModelDelta()
      delta.removed = [origin]
      delta.constraints = model.constraints.filter { $0.origin == origin }
      let item = model.principalDecisions[0]
      let place = try #require(session.solution).values[Int(item.index)]
      if session.change(delta, beginningWith: [item: place]) {
        let solution = try #require(session.solution)
        #expect(ModelChecker(model, values: solution.values).violated.isEmpty, "seed \(seed)")
        placed += 1
      }
      if session.wasPatched { patched += 1 }
      delta.constraints = [slack]
      #expect(session.change(delta), "seed \(seed)")
    }
    #expect(placed >= 20 && patched >= 20, "\(placed), \(patched)")
  }
}
