import ConstraintModel
import Testing

@testable import ConstraintSolver

/// What is refuted without search is judged by enumeration: it has no placement, and a core of it has none either, but has
/// one without any one of its members.
@Suite struct RefutationAgreesTests {
  @Test func `what is refuted without search has no placement, and its cores are minimal`() throws {
    var refuted = 0
    var cores = 0
    for seed in UInt64(1)...6000 {
      let model = seed % 2 == 0 ? HostingModel.make(seed: seed) : RandomModel.make(seed: seed)
      let origins = Set(model.constraints.map(\.origin)).sorted()
      let solver = try Solver(model)
      guard let suspects = StaticRefutation.suspects(in: model) else { continue }
      refuted += 1
      let named = Set(suspects)
      #expect(
        !Enumeration(model: model.keeping(named.contains)).isSatisfiable, "seed \(seed)\n\(model.summary)")
      // What the kernel of the suspects cannot refute is left to search over the whole model.
      // One rank, or what is to go first before what is to be kept.
      let first = Array(origins.prefix(seed % 3 == 0 ? 0 : origins.count / 2))
      let ranked = [first, Array(origins.dropFirst(first.count))].filter { !$0.isEmpty }
      guard let core = solver.quickCore(ranked, Budget(SolverOptions()), always: true) else { continue }
      cores += 1
      func isPlaceable(_ kept: [Origin]) -> Bool {
        Enumeration(model: model.keeping { kept.contains(model.constraints[$0].origin) }).isSatisfiable
      }
      #expect(!isPlaceable(core), "seed \(seed): \(core)\n\(model.summary)")
      for member in core {
        #expect(
          isPlaceable(core.filter { $0 != member }),
          "seed \(seed): \(core) without \(member)\n\(model.summary)")
      }
    }
    #expect(refuted > 500 && cores * 100 > refuted * 85, "\(refuted) refuted, \(cores) with a core")
  }
}
