import ConstraintModel
import Diagnostics
import Foundation
import PlacetSemantics
import PlacetVM
import Testing

/// Columns, not loops: a large estate costs thousands of operations on masks.
@Suite struct StatingScaleTests {
  static func estate(vnfs: Int, replicas: Int, hosts: Int) -> String {
    """
    enum kind { openstack, vsphere, kubernetes }
    entity site { country: text }
    entity vim { kind: kind, site: site }
    entity rack { vim: vim }
    entity host {
      rack: rack
      cores: int
      memory: int
      let vim = rack.vim
      let site = rack.vim.site
    }
    entity vnf { cpu: int, memory: int, ready: bool, at_home: bool }
    entity instance in vnf.instances { decide host: host }
    for each n in 0..<20 { site "s\\(n)" { country: if n mod 3 == 0 then "SE" else "DE" } }
    for each n in 0..<60 {
      vim "v\\(n)" { site: site["s\\(n mod 20)"]
        kind: if n mod 3 == 0 then openstack else if n mod 3 == 1 then vsphere else kubernetes
      }
    }
    for each n in 0..<\(hosts / 10) { rack "r\\(n)" { vim: vim["v\\(n mod 60)"] } }
    for each n in 0..<\(hosts) {
      host "h\\(n)" { rack: rack["r\\(n div 10)"], cores: 16 + n mod 5 * 8, memory: 64 + n mod 7 * 32 }
    }
    for each n in 0..<\(vnfs) {
      vnf "f\\(n)" { cpu: 1 + n mod 8, memory: 2 + n mod 16, ready: n mod 4 != 0, at_home: n mod 5 == 0 }
    }
    for each vnf v, n in 0..<\(replicas) { instance "\\(n)" { vnf: v } }
    rule legacy {
      for each instance i where not i.vnf.ready {
        forbid i.host.vim.kind == kubernetes
        require i.host.cores >= 2 * i.vnf.cpu
      }
    }
    rule home { for each instance i where i.vnf.at_home { require i.host.site.country == "SE" } }
    rule capacity {
      for each host h {
        require sum(i.vnf.cpu for each instance i where i.host == h) <= h.cores
        require sum(i.vnf.memory for each instance i where i.host == h) <= h.memory
      }
    }
    rule apart { for each vnf v { require all_different(i.host.rack for each i in v.instances) } }
    rule sites { for each vnf v, s in all site { require count(i for each i in v.instances where i.host.site == s) * 2 <= \(replicas) } }
    rule taste { for each instance i { prefer i.host.vim.kind == openstack weight 2 } }
    let used = count(h for each host h where any(i.host == h for each instance i))
    minimize used then preferences
    """
  }

  @Test func `an estate is stated with shared columns and one load for each capacity`() throws {
    let judge = try StatingJudge(Self.estate(vnfs: 20, replicas: 5, hosts: 200))

    // Identity, kinds, sites, racks as classes and as bins, and the indicator columns of masks.
    #expect(judge.stated.model.columns.count < 30)
    #expect(judge.stated.model.masks.count < 40)
    #expect(judge.stated.model.loads.count == 3 + 20)
  }

  @Test(.enabled(if: ProcessInfo.processInfo.environment["PLACET_MEASURE"] != nil))
  func `ten thousand instances over three thousand hosts are stated within a second`() throws {
    let world = try StatingJudge.world(Self.estate(vnfs: 2000, replicas: 5, hosts: 3000))
    let clock = ContinuousClock()
    var stated: StatedModel?
    let elapsed = try clock.measure { stated = try Stater.state(world) }
    print("stated in \(elapsed): \(stated?.model.constraints.count ?? 0) constraints")
    #expect(elapsed < .seconds(1))
  }

  @Test func `what is stated can be stopped as what runs can`() throws {
    let (program, _) = Checker.check(
      main: Source(name: "policy.placet", text: Self.estate(vnfs: 200, replicas: 10, hosts: 20)),
      modules: StatingJudge.module)
    let asked = Stop()
    var inputs = WorldInputs()
    inputs.shouldStop = { asked.answer() }
    let world = World(program: program, inputs: inputs)
    try world.build()
    asked.isPressed = true

    let error = #expect(throws: EvaluationError.self) { _ = try Stater.state(world) }

    #expect(error?.diagnostics.map(\.code) == ["E0512"])
    #expect(asked.answers == 1)
  }

  private final class Stop {
    var isPressed = false
    var answers = 0
    func answer() -> Bool {
      if isPressed { answers += 1 }
      return isPressed
    }
  }
}
