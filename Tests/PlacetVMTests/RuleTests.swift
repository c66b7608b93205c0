import Diagnostics
import PlacetSemantics
import Testing

@testable import PlacetVM

@Suite struct RuleTests {
  static let policy = #"""
    entity host { cores: int }
    entity vnf { cpu: int }
    entity instance in vnf.instances { decide host: host, let cpu = vnf.cpu }
    host a { cores: 4 }
    host b { cores: 2 }
    vnf x { cpu: 2, instance "0" { }, instance "1" { } }
    vnf y { cpu: 3, instance "0" { } }
    rule capacity {
      for each host h { require sum(i.cpu for each instance i where i.host == h) <= h.cores }
    }
    rule not_on(v: vnf, h: host) { for each i in v.instances { forbid i.host == h } }
    rule small {
      for each instance i {
        prefer i.host == b weight 3
        if i.host == a { require i.cpu < 3 or refuse "\(i.cpu) is too much for a" }
      }
    }
    use not_on(x, b)

    """#

  func report(_ text: String, _ hosts: [String: String]) throws -> (World, RuleReport) {
    let policy = WorldCase(Self.policy + text)
    let world = policy.built()
    guard policy.program.kinds.count == 3 else { return (world, RuleReport()) }
    let host = KindID(policy.program.kinds.firstIndex { $0.name == "host" } ?? 0)
    let instance = KindID(policy.program.kinds.firstIndex { $0.name == "instance" } ?? 0)
    let field = policy.program[instance].fieldIndex("host") ?? 0
    var decisions = Decisions()
    for each in world.entities(of: instance) {
      if let name = hosts[world.path(of: each)], let found = world.find(host, name) {
        decisions[each, field] = Value(found)
      }
    }
    world.decisions = decisions
    return (world, try world.evaluateRules())
  }

  func story(_ world: World, _ instances: [RuleReport.Instance]) -> [String] {
    instances.map { each in
      let rule = each.rule.map { world.program[$0].name } ?? "-"
      let variables = each.variables.map { "\($0.name)=\(world.heap.describe($0.value, type: $0.type))" }
      return ([rule] + variables + (each.reason.map { ["(\($0))"] } ?? [])).joined(separator: " ")
    }
  }

  @Test func `each rule instance is judged with the decisions known`() throws {
    let (world, report) = try report("", ["x[0]": "a", "x[1]": "b", "y[0]": "a"])

    #expect(
      story(world, report.violations) == [
        "capacity h=a", "small i=y[0] (3 is too much for a)", "not_on v=x h=b i=x[1]",
      ])
    #expect(story(world, report.unmet) == ["small i=x[0]", "small i=y[0]"])
    #expect(report.unmetWeight == Value(6))
    #expect(report.evaluated == 2 + 3 + 2 + 2)
  }

  @Test func `a waiver drops the instances that have the entity or what lies under it`() throws {
    let (world, report) = try report(
      "waive small for y because \"old\"\nwaive not_on for x because \"new\"\nwaive capacity because \"test\"\n",
      ["x[0]": "a", "x[1]": "b", "y[0]": "a"])

    #expect(report.violations.isEmpty)
    #expect(story(world, report.unmet) == ["small i=x[0]"])
    #expect(report.mistakes.isEmpty)
  }

  @Test func `a waiver that matches nothing is a mistake`() throws {
    let (_, report) = try report(
      "waive capacity for y because \"no\"\n", ["x[0]": "a", "x[1]": "a", "y[0]": "b"])

    #expect(report.mistakes.map(\.code) == ["E0509"])
  }

  @Test func `other decisions give other values of what is derived from them`() throws {
    let policy = WorldCase(Self.policy + "let on_a = count(i for each instance i where i.host == a)\n")
    let world = policy.built()
    let instance = KindID(policy.program.kinds.firstIndex { $0.name == "instance" } ?? 0)
    let field = policy.program[instance].fieldIndex("host") ?? 0
    let a = Value(EntityID(kind: 0, index: 0))
    let b = Value(EntityID(kind: 0, index: 1))
    #expect(policy.value("on_a", in: world) == "E0508")

    for (hosts, count) in [([a, a, b], "2"), ([b, b, b], "0")] {
      var decisions = Decisions()
      for (each, host) in zip(world.entities(of: instance), hosts) { decisions[each, field] = host }
      world.decisions = decisions
      #expect(policy.value("on_a", in: world) == count)
    }
  }
}
