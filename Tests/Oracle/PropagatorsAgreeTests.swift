import ConstraintModel
import Testing

@testable import ConstraintSolver

/// Each propagator alone against enumeration: narrowing, explanation, failure, and how much it finds out.
@Suite struct PropagatorsAgreeTests {
  static let seeds: ClosedRange<UInt64> = 1...1200

  @Test(arguments: PropagatorCase.Kind.allCases)
  func `a propagator narrows, explains and fails as trying everything does`(_ kind: PropagatorCase.Kind) {
    var (narrowings, failures, kept, used) = (0, 0, 0, 0)
    for seed in Self.seeds {
      let made = PropagatorCase(kind, seed: seed)
      let kernel = Compiler(
        made.model, constraints: made.model.constraints, retractable: [], expansion: made.expansion
      ).finish()
      if made.records(kernel) > 0 { used += 1 }
      var judge = PropagatorJudge(made.model, made.expansion, made.promise)
      if judge.walk(seed: seed, steps: 12) != nil {
        Issue.record("\(Self.smallest(made, seed: seed))")
        return
      }
      narrowings += judge.narrowings
      failures += judge.failures
      kept += judge.promisesKept
    }
    #expect(used > Self.seeds.count / 2, "the propagator is there in \(used) cases")
    #expect(narrowings > Self.seeds.count / 2, "\(narrowings) narrowings")
    #expect(failures > 10, "\(failures) failures")
    if PropagatorCase(kind, seed: 1).promise != .checks {
      #expect(kept > Self.seeds.count / 2, "\(kept) promises kept")
    }
  }

  @Test(arguments: [false, true])
  func `propagators together narrow, explain and fail as trying everything does`(_ isLazy: Bool) {
    // Each solution is compiled once: models with very many are left to other tests.
    let limit = 200
    let expansion = isLazy ? HostingAgreesTests.lazily : Expansion()
    for seed: UInt64 in 1...900 {
      let model = seed % 3 == 0 ? HostingModel.make(seed: seed) : RandomModel.make(seed: seed)
      func mistake(_ model: ConstraintModel) -> String? {
        var judge = PropagatorJudge(model, expansion, .checks)
        return judge.walk(seed: seed, steps: 10)
      }
      if Enumeration(model: model).solutionCount > limit { continue }
      guard mistake(model) != nil else { continue }
      let small = model.shrunk { mistake($0) != nil }
      Issue.record("seed \(seed): \(mistake(small) ?? "")\n\(small.summary)")
      return
    }
  }

  @Test func `the judge notices a promise that is not kept, and narrowing that has no ground`() {
    var broken = 0
    var groundless = 0
    for seed in Self.seeds.prefix(200) {
      // Sums of tables do not find out everything.
      let tables = PropagatorCase(.sumOfTables, seed: seed)
      var judge = PropagatorJudge(tables.model, tables.expansion, .domain)
      if judge.walk(seed: seed, steps: 12) != nil { broken += 1 }
      // A judge that knows of no statement finds every narrowing wrong.
      let capacity = PropagatorCase(.capacity, seed: seed)
      judge = PropagatorJudge(capacity.model.keeping { _ in false }, capacity.expansion, .checks)
      judge.propagated = capacity.model
      if judge.walk(seed: seed, steps: 12) != nil { groundless += 1 }
    }
    #expect(broken > 10, "\(broken)")
    #expect(groundless > 60, "\(groundless)")
  }

  /// The case with the fewest constraints, the fewest parts and the shortest walk that still goes wrong.
  static func smallest(_ made: PropagatorCase, seed: UInt64) -> String {
    func mistake(_ model: ConstraintModel, steps: Int = 12) -> String? {
      var judge = PropagatorJudge(model, made.expansion, made.promise)
      return judge.walk(seed: seed, steps: steps)
    }
    var model = made.model.shrunk { mistake($0) != nil }
    var isSmaller = true
    while isSmaller {
      isSmaller = false
      for smaller in model.withoutOnePart where mistake(smaller) != nil {
        model = smaller
        isSmaller = true
        break
      }
    }
    let steps = (0...12).first { mistake(model, steps: $0) != nil } ?? 12
    return "\(made.kind.rawValue) seed \(seed), \(steps) steps: \(mistake(model, steps: steps) ?? "")\n"
      + model.summary
  }
}

extension ConstraintModel {
  /// The models that lack one condition, literal, term, view or row of one constraint.
  var withoutOnePart: [ConstraintModel] {
    var result: [ConstraintModel] = []
    for (index, constraint) in constraints.enumerated() {
      var forms: [Constraint] = constraint.enforcedBy.indices.map {
        var other = constraint
        other.enforcedBy.remove(at: $0)
        return other
      }
      func add(_ form: Constraint.Form) {
        forms.append(Constraint(form, enforcedBy: constraint.enforcedBy, origin: constraint.origin))
      }
      func without<T>(_ list: [T], _ place: Int) -> [T] {
        list.enumerated().filter { $0.offset != place }.map(\.element)
      }
      switch constraint.form {
      case .clause(let literals): for place in literals.indices { add(.clause(without(literals, place))) }
      case .linear(let terms, let lower, let upper) where terms.count > 1:
        for place in terms.indices { add(.linear(without(terms, place), lower: lower, upper: upper)) }
      case .allDifferent(let views, let except) where views.count > 2:
        for place in views.indices { add(.allDifferent(without(views, place), except: except)) }
      case .rows(let views, let rows): for place in rows.indices { add(.rows(views, without(rows, place))) }
      default: break
      }
      for form in forms {
        var other = keeping { $0 != index }
        other.post(form)
        result.append(other)
      }
    }
    return result
  }
}
