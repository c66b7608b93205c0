import Testing

@testable import ConstraintSolver

/// The kernel on clauses alone, over searches that forget clauses many times on their way.
struct ClauseTests {
  @Test func `eight pigeons have no place in seven holes, and have in eight`() {
    let refuted = ClauseSearch.run(variables: 56, clauses: pigeons(8, holes: 7), conflicts: 200_000)
    #expect(refuted.verdict == .unsatisfiable)
    #expect(refuted.conflicts > 1000, "long enough to forget clauses")
    let clauses = pigeons(8, holes: 8)
    let placed = ClauseSearch.run(variables: 64, clauses: clauses, conflicts: 200_000)
    #expect(placed.verdict == .satisfiable)
    #expect(clauses.allSatisfy { holds($0, placed.values) })
  }

  @Test(arguments: 1...6) func `what has a solution is never refuted`(seed: Int) {
    var random = RandomBits(seed: UInt64(seed))
    let variables = 160
    let hidden = (0..<variables).map { _ in random.below(2) == 1 }
    var clauses: [[Int]] = []
    while clauses.count < variables * 43 / 10 {
      let clause = (0..<3).map { _ in (1 + random.below(variables)) * (random.below(2) == 1 ? 1 : -1) }
      if Set(clause.map { abs($0) }).count == 3, holds(clause, hidden) { clauses.append(clause) }
    }
    let report = ClauseSearch.run(variables: variables, clauses: clauses, conflicts: 200_000)
    #expect(report.verdict == .satisfiable)
    #expect(clauses.allSatisfy { holds($0, report.values) })
  }

  private func holds(_ clause: [Int], _ values: [Bool]) -> Bool {
    clause.contains { values[abs($0) - 1] == ($0 > 0) }
  }

  private func pigeons(_ count: Int, holes: Int) -> [[Int]] {
    func isIn(_ pigeon: Int, _ hole: Int) -> Int { pigeon * holes + hole + 1 }
    var clauses = (0..<count).map { pigeon in (0..<holes).map { isIn(pigeon, $0) } }
    for hole in 0..<holes {
      for pigeon in 0..<count {
        for other in 0..<pigeon { clauses.append([-isIn(pigeon, hole), -isIn(other, hole)]) }
      }
    }
    return clauses
  }
}
