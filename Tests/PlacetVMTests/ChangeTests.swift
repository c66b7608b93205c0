import Diagnostics
import PlacetSemantics
import Testing

@testable import PlacetVM

/// Worlds of tests: scenarios, facts and the changes of a solve.
@Suite struct ChangeTests {
  static let policy = #"""
    param hour: int = 3
    entity site { }
    entity host { cores: int where cores > 0, site: site, let double = cores * 2 }
    entity vnf { count: int = 1 }
    entity instance in vnf.instances { let night = hour < 6 }
    for each vnf v, n in 0..<v.count { instance "\(n)" { vnf: v } }
    load host from "lab.json"
    let total = sum(h.double for each host h)
    let made = [i for each instance i]
    let nights = [i.night for each instance i]
    scenario small(n: int) {
      host "h[1..2]" { cores: n, site: s }
      site s { }
      vnf a { count: n }
    }

    """#

  /// The world of the first test of the policy, with the changes of its first solve.
  func world(_ test: String) -> (WorldCase, World) {
    let policy = WorldCase(Self.policy + test)
    var additions = WorldAdditions()
    additions.runsLoads = false
    if let first = policy.program.tests.first {
      additions.frame = first.frame
      for step in first.steps {
        if case .solve(let solve) = step {
          additions.changes = solve.changes
          break
        }
        additions.facts.append(step)
      }
    }
    return (policy, policy.built(additions))
  }

  @Test func `a scenario makes a world without loads, and the policy's own loops see it`() {
    let (policy, world) = world(
      #"test "t" { scenario small(3); host extra { cores: 1, site: s }; solve; expect true }"#)

    #expect(policy.value("total", in: world) == "14")
    #expect(policy.value("made", in: world) == "[a[0], a[1], a[2]]")
    #expect(policy.value("nights", in: world) == "[true, true, true]")
  }

  @Test func `a change is there before anything is derived or made from it`() {
    let (policy, world) = world(
      #"test "t" { scenario small(3); solve with { host["h1"].cores = 10; a.count = 1; hour = 9 } }"#)

    #expect(policy.value("total", in: world) == "26")
    #expect(policy.value("made", in: world) == "[a[0]]")
    #expect(policy.value("nights", in: world) == "[false]")
  }

  @Test func `changes stand in loops too, and are checked`() {
    let (policy, world) = world(
      #"test "t" { scenario small(2); solve with { for each host h { h.cores = 7 } } }"#)
    #expect(policy.value("total", in: world) == "28")

    let wrong = WorldCase(
      Self.policy + #"test "t" { scenario small(2); solve with { host["h1"].cores = 0 } }"#)
    var additions = WorldAdditions()
    additions.runsLoads = false
    if let first = wrong.program.tests.first {
      additions.frame = first.frame
      for step in first.steps {
        if case .solve(let solve) = step {
          additions.changes = solve.changes
        } else {
          additions.facts.append(step)
        }
      }
    }
    #expect(wrong.mistakes(additions).map(\.code) == ["E0355"])
  }

  @Test func `a file that is not there is said at the load`() {
    #expect(WorldCase(Self.policy).mistakes().map(\.message) == ["cannot read 'lab.json': no such file"])
  }
}
