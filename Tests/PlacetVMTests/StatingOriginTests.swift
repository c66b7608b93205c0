import ConstraintModel
import Diagnostics
import PlacetSemantics
import PlacetVM
import Quantities
import Testing

/// What a stated model can say of itself, what can be added to it, and what cannot be stated.
@Suite struct StatingOriginTests {
  static let estate = """
    entity site { near: bool = true }
    entity host { site: site, cores: int, spare: int = 1, memory: data = 0 B, price: int? = none }
    entity job { cpu: int, memory: data = 1 GiB
      decide host: host
    }
    site one { }
    site two { near: false }
    host a { site: one, cores: 4, memory: 48 GiB, price: 2 }
    host b { site: two, cores: 2, memory: 16 GiB }
    job x { cpu: 2, memory: 40 GiB }
    job y { cpu: 1, memory: 12 GiB }

    """

  @Test func `a capacity knows the field of the entity that limits it`() throws {
    let judge = try StatingJudge(
      Self.estate + """
        rule room { for each host h {
          require sum(j.memory for each job j where j.host == h) <= h.memory - h.spare * 1 GiB
        } }
        """)
    try judge.agree()

    let origins = judge.stated.model.constraints.map(\.origin)
    let sides = origins.compactMap { judge.stated.knownSide(of: $0, in: judge.world) }

    #expect(origins.count == 2)
    let side = try #require(sides.first)
    #expect(side.comparison == .lessOrEqual && side.isRight)
    #expect(side.known.text == "h.memory - h.spare * 1 GiB")
    #expect(
      judge.world.heap.describe(
        Value(bits: side.value.numerator, aux: side.value.denominator), type: side.type) == "47 GiB")
    #expect(side.fields.map { judge.world.path(of: $0.entity) } == ["a", "a"])
    #expect(
      side.fields.map { judge.world.program.kinds[Int($0.entity.kind)].fields[$0.field].name } == [
        "memory", "spare",
      ])
  }

  @Test func `a refusal keeps its reason and its instance`() throws {
    let judge = try StatingJudge(
      Self.estate + """
        rule paid { for each job j { require (j.host.price ?? refuse "\\(j.host.name) has no price") <= 2 } }
        """)
    try judge.agree()

    let refused = judge.stated.model.constraints.compactMap { judge.stated[$0.origin].refusal?.reason }

    #expect(refused == ["b has no price", "b has no price"])
    let instances = judge.stated.model.constraints.compactMap { judge.stated.instance(of: $0.origin) }
    #expect(instances.flatMap(\.entities).map { judge.world.path(of: $0) } == ["x", "y"])
  }

  @Test func `a decided condition around a statement is its guard`() throws {
    let judge = try StatingJudge(
      Self.estate
        + "rule guarded { for each job j where j.host.site.near { forbid j.host.cores > 3 and j.cpu > 1 } }")
    try judge.agree()

    let info = try #require(judge.stated.model.constraints.first.map { judge.stated[$0.origin] })

    #expect(info.guards.map(\.text) == ["j.host.site.near"])
    #expect(info.constraint?.range.text == "forbid j.host.cores > 3 and j.cpu > 1")
    #expect(judge.stated.model.constraints.count == 1)
  }

  @Test func `claims and pins are added to a copy`() throws {
    let world = try StatingJudge.world(
      Self.estate
        + "rule apart { require all_different(j.host for each job j) }\nlet claim = any(j.cpu == 1 and j.host == a for each job j)"
    )
    let stater = Stater(world: world)
    try stater.stateRules()
    let before = stater.result.model.constraints.count
    let claim = try #require(world.program.globals.last)
    guard case .derived(let body) = claim.form else { return }

    let assumed = try stater.assuming(body.expression, holds: true, frame: [])
    let denied = try stater.assuming(body.expression, holds: false, frame: [])
    let pinned = stater.pinning([
      Decisions.Key(assumed.decisions[0].entity, assumed.decisions[0].field): assumed.decisions[0].candidates[
        0]
    ])

    func solutions(_ stated: StatedModel) -> [[Int]] {
      let search = AuxiliarySearch(stated)
      return [[0, 0], [0, 1], [1, 0], [1, 1]].filter { search.extend($0) != nil }
    }
    #expect(solutions(assumed) == [[1, 0]])
    #expect(solutions(denied) == [[0, 1]])
    #expect(solutions(pinned) == [[0, 1]])
    #expect(solutions(stater.result) == [[0, 1], [1, 0]])
    #expect(stater.result.model.constraints.count == before)
    let added = try #require(assumed.model.constraints.last.map { assumed[$0.origin].subject })
    #expect(added == .assumption("any(j.cpu == 1 and j.host == a for each job j)"))
    world.decisions = pinned.decisions(of: [0, 1])
    #expect(try world.evaluateRules().holds)
  }

  @Test func `an objective is worth what its expression says, in whole numbers as small as they can be`()
    throws
  {
    let judge = try StatingJudge(
      Self.estate + """
        let waste = sum(j.host.memory / 3 for each job j) + 1 GiB
        maximize waste then count(j for each job j where j.host == a)
        """)
    try judge.agree()

    let tier = try #require(judge.stated.model.objectives.first)
    let most = tier.terms.compactMap { term -> Int? in
      guard case .view(let view) = term.term else { return nil }
      return judge.stated.model[view.column].map { abs($0 * term.coefficient) }.max()
    }
    #expect(most == [3, 3])
  }

  @Test(arguments: [
    ("require gap(x.host, y.host) * z.host.cores <= 4", "E0331"),
    ("require x.host.cores / y.host.cores <= 2", "E0332"),
    ("require far(x.host.site.near, y.host.site.near, z.host.site.near)", "E0330"),
    ("require [x.host.cores, y.host.cores, z.host.cores].sorted.first == 2", "E0330"),
  ])
  func `what cannot be stated is an error that names the decisions`(_ body: String, _ code: String) throws {
    let world = try StatingJudge.world(
      Self.estate + """
        job z { cpu: 1 }
        fun gap(a: host, b: host): int = if a == b then 1 else 2
        fun far(a: bool, b: bool, c: bool): bool = [a, b, c].to_set.count > 1
        rule wrong { \(body) }
        """)
    do {
      _ = try Stater.state(world)
      Issue.record("it was stated")
    } catch {
      let diagnostic = try #require(error.diagnostics.first)
      #expect(diagnostic.code == code)
      #expect(diagnostic.message.contains("y.host"))
    }
  }
}
