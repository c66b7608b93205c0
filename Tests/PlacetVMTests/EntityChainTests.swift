import PlacetSemantics
import Testing

@testable import PlacetVM

/// Loops over the entities that have one value of a decided field say what loops over all of them say.
@Suite struct EntityChainTests {
  /// Each pair of globals says the same, the first in words that a chain is followed for, the second in others.
  static let policy = #"""
    entity host { cores: int }
    entity vnf { cpu: int, bit: int, decide host: host }
    for each n in 0..<4 { host "h\(n)" { cores: n } }
    let bits = [1, 2, 4, 8, 16, 32, 64, 128, 256]
    for each n in 0..<9 { vnf "v\(n)" { cpu: n, bit: bits[n] } }
    let on = [sum(v.bit for each vnf v where v.host == h) for each host h]
    let on_too = [sum(v.bit for each vnf v where not (v.host != h)) for each host h]
    let odd = [sum(v.bit for each vnf v where h == v.host and v.cpu mod 2 == 1) for each host h]
    let odd_too = [sum(v.bit for each vnf v where v.cpu mod 2 == 1 and not (v.host != h)) for each host h]
    let used = [any(v.host == h for each vnf v) for each host h]
    let used_too = [count(v for each vnf v where not (v.host != h)) > 0 for each host h]
    let beside = [sum(w.bit * g.cores for each vnf w where w.host == v.host, host g where g == w.host) for each vnf v]
    let beside_too = [
      sum(w.bit * g.cores for each vnf w, host g where not (w.host != v.host) and not (g != w.host)) for each vnf v
    ]
    let twice = [
      sum(a.bit * b.cpu for each vnf a where a.host == h, vnf b where b.host == a.host) for each host h
    ]
    let twice_too = [
      sum(a.bit * b.cpu for each vnf a, vnf b where not (a.host != h) and not (b.host != h)) for each host h
    ]

    """#
  static let pairs = ["on", "odd", "used", "beside", "twice"]

  @Test func `whatever is chosen, a chain leaves out nobody and takes in nobody else`() throws {
    let policy = WorldCase(Self.policy)
    let world = policy.built()
    let kinds = world.program.kinds
    let host = KindID(try #require(kinds.firstIndex { $0.name == "host" }))
    let vnf = KindID(try #require(kinds.firstIndex { $0.name == "vnf" }))
    let field = try #require(world.program[vnf].fieldIndex("host"))
    let hosts = world.entities(of: host)
    var state: UInt64 = 7
    for round in 0..<40 {
      var decisions = Decisions()
      for each in world.entities(of: vnf) {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        // In some rounds all are on one host, or none is on some.
        decisions[each, field] = Value(hosts[round < 4 ? round : Int(state >> 40) % (1 + round % 4)])
      }
      world.decisions = decisions
      for name in Self.pairs {
        let value = policy.value(name, in: world)
        #expect(value.hasPrefix("["), "round \(round): \(name) is \(value)")
        #expect(value == policy.value(name + "_too", in: world), "round \(round): \(name)")
      }
    }
  }

  @Test func `where something is not chosen yet, evaluation stops as it does without chains`() throws {
    let policy = WorldCase(Self.policy)
    let world = policy.built()
    let vnf = KindID(try #require(world.program.kinds.firstIndex { $0.name == "vnf" }))
    let host = KindID(try #require(world.program.kinds.firstIndex { $0.name == "host" }))
    let field = try #require(world.program[vnf].fieldIndex("host"))
    var decisions = Decisions()
    for each in world.entities(of: vnf).dropLast() {
      decisions[each, field] = Value(world.entities(of: host)[1])
    }
    world.decisions = decisions
    for name in ["on", "on_too"] {
      world.lastUndecided = nil
      #expect(!policy.value(name, in: world).hasPrefix("["))
      #expect(world.lastUndecided?.entity == world.entities(of: vnf).last, "\(name)")
    }
  }
}
