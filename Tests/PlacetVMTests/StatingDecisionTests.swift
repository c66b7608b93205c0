import ConstraintModel
import PlacetSemantics
import PlacetVM
import Quantities
import Testing

/// Decisions of other shapes: optional, of booleans and numbers, with candidates that others narrow, and
/// decisions read through decisions.
@Suite struct StatingDecisionTests {
  @Test(arguments: [
    // Optional decisions
    ("none", "for each twin t { require (t.wave == none) == (t.worker == none) }"),
    ("default of none", "for each twin t { require (t.wave ?? 9) >= 2 }"),
    ("narrowing", "for each twin t { require t.wave != none implies t.worker != none and t.wave <= 2 }"),
    ("chain", "for each twin t { require (t.worker?.cores ?? 7) >= 3 }"),
    (
      "a load of optional places",
      "for each worker k { require sum(t.cores for each twin t where t.worker == k) <= k.cores }"
    ),
    (
      "a load under another decision",
      """
      for each worker k, w in 1..2 {
        require sum(t.cores for each twin t where t.worker == k and (t.wave ?? 9) <= w) <= 2
      }
      """
    ),
    (
      "match on an optional",
      "for each twin t { match t.wave { none => require t.worker == none \n 1 => forbid t.worker == none \n _ => {} } }"
    ),
    ("count of none", "require count(t for each twin t where t.wave == none) <= 1"),
    ("waves apart", "require all_different(t.wave for each twin t)"),
    // Decisions through decisions
    ("an open worker", "for each twin t where t.worker != none { require t.worker.open }"),
    ("a closed worker", "forbid any(t.worker != none and t.worker.open for each twin t)"),
    ("a place through another", "for each twin t where t.worker != none { require t.worker.place == east }"),
    (
      "one place",
      "for each twin t, u in all twin where t.worker != none and u.worker != none { require t.worker.place == u.worker.place }"
    ),
    ("a number through another", "require sum(t.worker?.place?.size ?? 0 for each twin t) <= 3"),
    (
      "a field of the other kind",
      "for each twin t { require (t.worker?.place?.name ?? \"east\") != \"west\" }"
    ),
    (
      "a load through another",
      "for each place p { require count(k for each worker k where k.place == p) <= 1 }"
    ),
    ("a refusal through another", "for each twin t where t.worker != none { require t.worker.grade >= 2 }"),
    (
      "a refusal that does not matter",
      "for each twin t { forbid t.wave == 1 and (t.worker?.grade ?? 9) == 4 }"
    ),
    // Booleans
    ("a flag", "for each worker k { require k.open implies any(t.worker == k for each twin t) }"),
    (
      "flags alike",
      "require all_equal(k.open for each worker k) and count(k for each worker k where k.open) != 0"
    ),
    ("flags compared", "for each worker k { require k.open == (k.place == east) }"),
    // Derived fields and globals
    ("derived", "for each worker k { require k.used <= k.cores - 1 }"),
    ("derived from derived", "for each worker k where k.busy { require k.open }"),
    ("global", "require open_workers <= 1 and open_workers * 2 >= open_workers"),
    ("a product with a flag", "require sum((if k.open then 2 else 0) * k.place.size for each worker k) <= 4"),
    ("guarded choice", "require (if open_workers == 1 then k1.place.size else k2.place.size + 1) <= 2"),
    ("guarded sum", "require sum(if k.open then k.place.size else 3 for each worker k) <= 4"),
    ("choice of places", "require (if open_workers == 1 then k1.place else k2.place) == east"),
    ("list of decisions", "require k1.mates.all(t => t.wave == none or t.wave == 1) and k1.mates.count == 2"),
    ("greatest over conditions", "require (max(t.wave ?? 0 for each twin t where t.worker == k1) ?? 0) <= 1"),
    ("energy", "for each w in 1..1 { require busy_in(w + 1) + 1 <= busy_in(w) }"),
    ("preferences under guards", "for each twin t where t.worker != none { prefer t.worker.open weight 2 }"),
    ("use", "for each twin t { require calm(t, 1) }"),
  ])
  func `says of every choice what the machine says`(_ rule: (name: String, body: String)) throws {
    let judge = try StatingJudge(Self.text(rule.body))

    let outcome = try judge.agree(rule.name)

    #expect(outcome.assignments == 3 * 3 * 3 * 3 * 2 * 2 * 2 * 2)
    #expect(outcome.admissible < outcome.assignments || rule.body.contains("prefer"))
  }

  static func text(_ rule: String) -> String {
    """
    entity place { size: int }
    place east { size: 1 }
    place west { size: 3 }
    entity worker {
      cores: int
      decide place: place
      decide open: bool
      let used = sum(t.cores for each twin t where t.worker == this)
      let busy = used > 0
      let mates = [t for each twin t]
      let grade = if open then cores else refuse "closed"
    }
    worker k1 { cores: 2 }
    worker k2 { cores: 4 }
    entity twin {
      cores: int
      decide wave: int? in 1..2
      decide worker: worker?
    }
    twin t1 { cores: 2 }
    twin t2 { cores: 1 }
    let open_workers = count(k for each worker k where k.open)
    fun busy_in(w: int): int = sum(if (t.wave ?? 0) >= w then t.cores else 0 for each twin t)
    fun calm(t: twin, w: int): bool = t.worker == none or (t.wave ?? 0) >= w
    rule judged { \(rule) }
    let total = sum(t.worker?.cores ?? 1 for each twin t) + open_workers
    minimize preferences then total
    """
  }

  @Test(arguments: [
    "decide host: host where host.cores >= need",
    "decide host: host where host.cores >= need and host.zone == zone",
    "decide host: host where zone == \"b\" or host.zone == zone",
    "decide host: host where (host.label ?? refuse \"no label\") != zone",
    "decide host: host in [h for each host h where h.cores > 2]",
    "decide host: host? where host.cores >= need",
    "decide host: host where count(o for each host o where o.cores > host.cores) < need",
  ])
  func `candidates are those that the machine admits`(_ decision: String) throws {
    let judge = try StatingJudge(
      """
      entity host { cores: int, zone: text, label: text? = none }
      host a { cores: 1, zone: "a", label: "a" }
      host b { cores: 3, zone: "b" }
      host c { cores: 5, zone: "b", label: "c" }
      entity job { need: int, zone: text
        \(decision)
      }
      job j1 { need: 2, zone: "b" }
      job j2 { need: 1, zone: "a" }
      """)

    let outcome = try judge.agree()

    #expect(outcome.admissible < outcome.assignments)
    #expect(judge.stated.model.constraints.isEmpty)
  }

  @Test(arguments: [
    "decide cell: cell where cell.host == host",
    "decide cell: cell? where cell.host == host",
    "decide cell: cell where cell.host == host and cell.size > 1",
    "decide cell: cell in host.cells",
    "decide cell: cell where cell.size >= host.cores - 2",
    "decide cell: cell where cell.size > 1 and (cell.host == host or host.cores == 5)",
  ])
  func `candidates that another decision narrows are a constraint between them`(_ decision: String) throws {
    let judge = try StatingJudge(
      """
      entity host { cores: int }
      entity cell in host.cells { size: int }
      host a { cores: 3 
        cell a0 { size: 1 }
        cell a1 { size: 2 }
      }
      host b { cores: 5
        cell b0 { size: 3 }
      }
      entity job {
        decide host: host
        \(decision)
      }
      job j1 { }
      job j2 { }
      rule apart { require j1.host != j2.host or j1.host == b }
      rule capacity { for each host h { require count(j for each job j where j.cell\(decision.contains("cell?") ? "?" : "").host == h) <= 1 } }
      """)

    let outcome = try judge.agree()

    #expect(outcome.admissible > 0 && outcome.admissible < outcome.assignments)
  }

  @Test func `waived instances are dropped and listed`() throws {
    let judge = try StatingJudge(
      """
      layer operator
      entity host { ok: bool }
      host a { ok: true }
      host b { ok: false }
      entity group { }
      entity job in group.jobs { decide host: host }
      group g1 { 
        job j1 { }
        job j2 { }
      }
      group g2 {
        job j3 { }
      }
      rule good { for each group g, j in g.jobs { require j.host.ok } }
      rule same { for each job j { require j.host == a } }
      waive good for g2 because "far away"
      waive good for g1.jobs[0] because "special"
      waive same because "not now"
      """)

    let outcome = try judge.agree()

    #expect(outcome.admissible == 4)
    #expect(judge.stated.waived.count == 3)
    #expect(judge.stated.model.constraints.count == 1)
    let origin = judge.stated.model.constraints[0].origin
    let instance = try #require(judge.stated.instance(of: origin))
    #expect(instance.variables.map(\.name) == ["g", "j"])
    #expect(instance.entities.map { judge.world.path(of: $0) } == ["g1", "g1.j2"])
  }
}
