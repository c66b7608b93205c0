import ConstraintModel
import Testing

@testable import ConstraintSolver

/// Enumeration and the solver agree on random small models: status, lexicographic optimum, cores, repairs.
@Suite struct EnumerationAgreesTests {
  static let firstSeed: UInt64 = 1
  static let count: UInt64 = 3000

  @Test func `status and lexicographic optimum are those of enumeration`() throws {
    for seed in Self.firstSeed..<Self.firstSeed + Self.count {
      let model = RandomModel.make(seed: seed)
      guard Self.disagrees(model) else { continue }
      let small = model.shrunk(while: Self.disagrees)
      Issue.record("seed \(seed):\n\(small.summary)\n\(Self.answers(small))")
      return
    }
  }

  @Test func `among the optimal placements the fewest decisions leave their preferred candidate`() throws {
    for seed in Self.firstSeed..<Self.firstSeed + Self.count {
      let model = RandomModel.make(seed: seed, withPreferred: true)
      guard case .optimal(let solution) = try Solver(model).solve().0 else { continue }
      let moves = model.movedDecisions(solution.values)
      let fewest = Enumeration(model: model).fewestMoves(at: solution.objectives)
      #expect(moves == fewest, "seed \(seed)")
      if moves != fewest { return }
    }
  }

  @Test(.enabled(if: Kernel.canCheck, "a release build checks nothing"))
  func `no propagation, explanation or learnt clause rules out a known solution`() throws {
    for seed in Self.firstSeed..<Self.firstSeed + Self.count {
      let model = RandomModel.make(seed: seed)
      var solutions: [[Int]] = []
      Enumeration(model: model).forEachSolution { _, values in
        solutions.append(values)
        return true
      }
      // The search does not depend on the known solution, so many of them are a check by enumeration.
      let stride = max(1, solutions.count / 8)
      for known in solutions.enumerated().filter({ $0.offset % stride == 0 }).map(\.element) {
        var minimiser = Minimiser(
          model, constraints: model.constraints, options: SolverOptions(), known: known, firstTurn: 60)
        _ = minimiser.run()
        let wrong = minimiser.wrongStep
        #expect(wrong == nil, "seed \(seed): \(wrong ?? "") against \(known)\n\(model.summary)")
        if wrong != nil { return }
      }
    }
  }

  @Test(.enabled(if: Kernel.canCheck, "a release build checks nothing"))
  func `a wrong step is told when it is made, and a wrong solution is no judge`() throws {
    var told = 0
    for seed in Self.firstSeed..<Self.firstSeed + 200 {
      let model = RandomModel.make(seed: seed)
      guard let first = Enumeration(model: model).firstSolution else { continue }
      let compiler = Compiler(model, constraints: model.constraints, retractable: [], known: first)
      var kernel = compiler.finish()
      let open = first.indices.filter { kernel.domains[$0].fixed < 0 }
      guard open.count > 1 else { continue }
      // A clause that nothing in the model says: not this solution.
      let denial = open.map { !kernel.valueLiteral($0, first[$0]) }
      kernel.addClause(denial)
      for decision in open { kernel.saved[decision] = Int32(first[decision]) }
      _ = kernel.search(assuming: [], limits: Kernel.Limits())
      if kernel.wrongStep != nil { told += 1 }
      #expect(try Solver(model).wrongStep(against: first) == nil, "seed \(seed)")
      if let broken = Enumeration(model: model.keeping { _ in false }).firstSolution,
        !ModelChecker(model, values: broken).violated.isEmpty
      {
        #expect(try Solver(model).wrongStep(against: broken)?.hasPrefix("this is no solution") == true)
      }
    }
    #expect(told > 40, "\(told)")
  }

  @Test func `a member of a lower rank is in a core only where the ranks above need it`() throws {
    var withLower = 0
    for seed in Self.firstSeed..<Self.firstSeed + Self.count / 2 {
      let model = RandomModel.make(seed: seed)
      let origins = Set(model.constraints.map(\.origin)).sorted()
      let ranks = (0..<3).map { rank in origins.filter { Int($0.index) % 3 == rank } }
      guard case .core(let core) = try Solver(model).minimalCore(ranked: ranks) else { continue }
      func isSatisfiable(_ kept: Set<Origin>) -> Bool {
        let part = model.keeping { kept.contains(model.constraints[$0].origin) }
        return Enumeration(model: part).isSatisfiable
      }
      var agrees = !isSatisfiable(Set(core))
      var above = Set(origins)
      for rank in ranks {
        above.subtract(rank)
        let settled = Set(core).subtracting(above)
        // With all that ranks above, what was kept so far is enough, and no member too many.
        if isSatisfiable(above.union(settled)) { agrees = false }
        for member in settled where !isSatisfiable(above.union(settled).subtracting([member])) {
          agrees = false
        }
      }
      if core.contains(where: { $0.index % 3 == 0 }) && core.count > 1 { withLower += 1 }
      #expect(agrees, "seed \(seed): \(core)\n\(model.summary)")
      if !agrees { return }
    }
    #expect(withLower > 20, "\(withLower)")
  }

  @Test func `a core is unsatisfiable and every member is needed`() throws {
    for seed in Self.firstSeed..<Self.firstSeed + Self.count {
      let model = RandomModel.make(seed: seed)
      let origins = Set(model.constraints.map(\.origin)).sorted()
      // Every third origin is hard.
      let retractable = origins.filter { ($0.index + Int32(seed % 3)) % 3 != 0 }
      let outcome = try Solver(model).minimalCore(retractable: retractable)
      let hard = Set(origins).subtracting(retractable)
      func isSatisfiable(_ kept: Set<Origin>) -> Bool {
        let part = model.keeping { kept.contains(model.constraints[$0].origin) }
        return Enumeration(model: part).isSatisfiable
      }
      var agrees: Bool
      switch outcome {
      case .unknown: agrees = false
      case .satisfiable: agrees = isSatisfiable(Set(origins))
      case .core(let core):
        agrees = !isSatisfiable(hard.union(core))
        for member in core where agrees {
          agrees = isSatisfiable(hard.union(core).subtracting([member]))
        }
      }
      #expect(agrees, "seed \(seed): \(outcome)\n\(model.summary)")
      if !agrees { return }
    }
  }

  @Test func `repairs are minimal and the smallest come first`() throws {
    for seed in Self.firstSeed..<Self.firstSeed + Self.count / 3 {
      let model = RandomModel.make(seed: seed)
      let origins = Set(model.constraints.map(\.origin)).sorted()
      guard !Enumeration(model: model).isSatisfiable else { continue }
      let found = try Solver(model).relaxations(retractable: origins, count: 100)
      var expected: [[Origin]] = []
      let subsets = (0..<(1 << origins.count)).sorted {
        ($0.nonzeroBitCount, $0) < ($1.nonzeroBitCount, $1)
      }
      for subset in subsets {
        let removed = origins.indices.filter { subset >> $0 & 1 == 1 }.map { origins[$0] }
        if expected.contains(where: { Set($0).isSubset(of: removed) }) { continue }
        let part = model.keeping { !removed.contains(model.constraints[$0].origin) }
        if Enumeration(model: part).isSatisfiable { expected.append(removed) }
      }
      #expect(Set(found) == Set(expected), "seed \(seed): \(found) \(expected)\n\(model.summary)")
      #expect(found.map(\.count) == found.map(\.count).sorted(), "seed \(seed)")
      if Set(found) != Set(expected) { return }
    }
  }

  @Test func `neighbourhoods and complete turns together reach the optimum of enumeration`() throws {
    for seed in Self.firstSeed..<Self.firstSeed + Self.count {
      let model = RandomModel.make(seed: seed, withPreferred: seed % 2 == 0)
      var minimiser = Minimiser(
        model, constraints: model.constraints, options: SolverOptions(seed: seed), firstTurn: 20)
      let expected = Enumeration(model: model).optimum()
      var found: [Int]?
      if case .optimal(let solution) = minimiser.run() { found = solution.objectives }
      #expect(found == expected, "seed \(seed)")
      if found != expected { return }
    }
  }

  @Test func `the same model gets the same answer`() throws {
    for seed in Self.firstSeed..<Self.firstSeed + 300 {
      let model = RandomModel.make(seed: seed)
      let first = try Solver(model).solve()
      let second = try Solver(model).solve()
      #expect("\(first)" == "\(second)", "seed \(seed)")
    }
  }

  static func disagrees(_ model: ConstraintModel) -> Bool {
    let expected = Enumeration(model: model).optimum()
    guard let outcome = try? Solver(model).solve().0 else { return true }
    switch outcome {
    case .optimal(let solution):
      return solution.objectives != expected || solution.bounds != expected
        || !ModelChecker(model, values: solution.values).violated.isEmpty
    case .unsatisfiable(let core):
      let part = model.keeping { core.contains(model.constraints[$0].origin) }
      return expected != nil || Enumeration(model: part).isSatisfiable
    case .feasible, .unknown: return true
    }
  }

  static func answers(_ model: ConstraintModel) -> String {
    let outcome = try? Solver(model).solve().0
    return "enumeration \(String(describing: Enumeration(model: model).optimum())), solver "
      + String(describing: outcome)
  }
}
