import ConstraintSolver
import Diagnostics
import NFVModel
import Placet
import Placement
import Planning
import Testing

/// What runs stays where it runs, as far as the rules and the objective have no opinion.
@Suite struct RecordTests {
  static func policy(hosts: [String], more: String = "") -> PolicyFile {
    let text = """
      import nfv
      import rules.capacity
      layer operator
      site here { country: "SE" }
      vim lab { kind: openstack, site: here }
      for each n in \(hosts) { host "\\(n)" { vim: lab, cores: 16, memory: 64 GiB } }
      service web { vnf front { cpu: 4, memory: 8 GiB, count: 3 } }
      \(more)
      """
    return PolicyFile.check(Source(name: "records.placet", text: text))
  }

  static let recorded = RecordedState(
    resources: zip(0..., ["h5", "h3", "h6"]).map { number, host in
      RecordedResource(
        PlacedInstance("web.front[\(number)]", vim: "lab", host: host), handle: .init("lab-\(number)"))
    })

  private func hosts(_ policy: PolicyFile, seed: UInt64 = 1) throws -> [String] {
    #expect(policy.diagnostics.map(\.message) == [])
    let answer = try policy.place(RunInputs(recorded: Self.recorded), SolverOptions(seed: seed))
    return answer.assignment.instances.map(\.host)
  }

  @Test(arguments: 1...5)
  func `ties keep instances where they are, whatever the seed`(_ seed: Int) throws {
    let policy = Self.policy(hosts: ["h1", "h2", "h3", "h4", "h5", "h6"])
    #expect(try hosts(policy, seed: UInt64(seed)) == ["h5", "h3", "h6"])
  }

  @Test func `without records the same policy goes elsewhere`() throws {
    let policy = Self.policy(hosts: ["h1", "h2", "h3", "h4", "h5", "h6"])
    let answer = try policy.place(RunInputs(), SolverOptions())
    #expect(answer.assignment.instances.map(\.host) != ["h5", "h3", "h6"])
  }

  @Test func `when a host is gone, its instances alone move`() throws {
    let found = try hosts(Self.policy(hosts: ["h1", "h2", "h4", "h5", "h6"]))
    #expect(found[0] == "h5" && found[2] == "h6")
    #expect(found[1] != "h3")
  }

  @Test func `what the objective wants is worth a move`() throws {
    let used = "let used = count(h for each host h where any(i.host == h for each instance i))\nminimize used"
    #expect(Set(try hosts(Self.policy(hosts: ["h1", "h3", "h5", "h6"], more: used))).count == 1)
  }

  @Test func `a policy reads in was where the records say that an instance runs`() throws {
    let calm = "rule calm { for each instance i { require i.was != none implies i.host == i.was } }"
    #expect(try hosts(Self.policy(hosts: ["h1", "h3", "h5", "h6"], more: calm)) == ["h5", "h3", "h6"])
    let lost = try hosts(Self.policy(hosts: ["h1", "h5", "h6"], more: calm))
    #expect(lost[0] == "h5" && lost[2] == "h6")
  }
}
