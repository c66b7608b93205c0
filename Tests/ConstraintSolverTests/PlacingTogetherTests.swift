import ConstraintModel
import Testing

@testable import ConstraintSolver

/// What belongs together over several sites: judged by trying all sites of each.
@Suite struct PlacingTogetherTests {
  /// Items in a tree of relations over sites, each site with two hosts that have room for everybody.
  private struct Tree {
    var model = ConstraintModel()
    var domains: [Bitset] = []
    var parents: [Int] = []
    var tables: [[[Int]]] = []
    let sites: Int

    init(seed: UInt64, items: Int, sites: Int) {
      self.sites = sites
      var random = RandomBits(seed: seed &* 104_729)
      let site = model.column((0..<2 * sites).map { $0 / 2 })
      let price = model.column((0..<2 * sites).map { _ in random.below(20) })
      var goal = Objective()
      for number in 0..<items {
        let decision = model.addDecision(candidates: 2 * sites, name: "item \(number)")
        let own = Bitset(count: sites) { _ in random.below(5) < 3 }
        domains.append(own)
        let mask = model.mask(Bitset(count: 2 * sites) { own.contains($0 / 2) })
        model.post(Constraint(.clause([Literal(decision, in: mask)]), origin: Origin(number)))
        goal.terms.append(LinearTerm(1, .view(View(decision, price))))
        goal.origins.append(Origin(0))
        parents.append(number == 0 ? -1 : random.below(number))
        let near = (0..<sites).map { _ in (0..<sites).map { _ in random.below(5) < 2 ? 1 : 0 } }
        tables.append(near)
        if number > 0 {
          model.post(
            Constraint(
              .allowed(
                model.table(near), View(Decision(parents[number]), site), View(decision, site)),
              origin: Origin(items + number)))
        }
      }
      model.objectives = [goal]
    }

    /// Whether there is a choice of sites that keeps everything, from the leaves up.
    var hasPlacement: Bool {
      var left = domains
      for number in domains.indices.reversed() where number > 0 {
        let (own, parent) = (left[number], parents[number])
        left[parent] = Bitset(count: sites) { site in
          left[parent].contains(site) && own.members.contains { tables[number][site][$0] == 1 }
        }
      }
      return !left[0].isEmpty
    }
  }

  @Test func `where all sites have room everybody finds a place if anybody could`() throws {
    var (placed, impossible) = (0, 0)
    for seed in 1...120 as ClosedRange<UInt64> {
      let tree = Tree(seed: seed, items: 7, sites: 4)
      guard let read = InsertionReader.read(tree.model) else {
        #expect(!tree.hasPlacement, "seed \(seed)")
        continue
      }
      var search = InsertionSearch(read, seed: seed)
      search.construct()
      let found = search.solution(of: tree.model)
      guard tree.hasPlacement else {
        #expect(found == nil, "seed \(seed)")
        impossible += 1
        continue
      }
      let values = try #require(found, "seed \(seed)")
      #expect(ModelChecker(tree.model, values: values).violated.isEmpty, "seed \(seed)")
      placed += 1
    }
    #expect(placed >= 20 && impossible >= 10, "\(placed), \(impossible)")
  }

  @Test func `what looks ahead leaves nothing behind where it fails`() {
    var failed = 0
    for seed in 1...100 as ClosedRange<UInt64> {
      let tree = Tree(seed: seed, items: 7, sites: 4)
      guard let read = InsertionReader.read(tree.model) else { continue }
      var search = InsertionSearch(read, seed: seed)
      let cost = search.state.cost
      let isPlaced = search.placeLookingAhead(Array(0..<7))
      #expect(isPlaced == tree.hasPlacement, "seed \(seed)")
      if isPlaced { continue }
      let (left, waiting) = (search.state.cost, search.state.unplaced)
      #expect(left == cost && waiting == 7, "seed \(seed)")
      failed += 1
    }
    #expect(failed >= 10, "\(failed)")
  }
}
