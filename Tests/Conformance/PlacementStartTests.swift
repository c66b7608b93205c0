import ConstraintSolver
import Diagnostics
import Placet
import PlacetVM
import Placement
import Testing

/// What one solve leaves for the next.
@Suite struct PlacementStartTests {
  private static func policy(hosts: [String], apps: [String]) -> PolicyFile {
    let text =
      """
      entity host { price: int }
      entity app { decide host: host }
      \(hosts.enumerated().map { "host \"\($1)\" { price: \($0 + 1) }" }.joined(separator: "\n"))
      \(apps.map { "app \"\($0)\" { }" }.joined(separator: "\n"))
      rule apart { require all_different(a.host for each app a) }
      minimize sum(a.host.price for each app a)

      """
    return PolicyFile.check(Source(name: "start.placet", text: text))
  }

  @Test func `a search may begin where things of the same name stand, whatever their numbers are by now`()
    throws
  {
    let first = try Self.policy(hosts: ["h1", "h2", "h3"], apps: ["a", "b"]).problem(RunInputs())
    try first.solve(SolverOptions())
    let names = ["new", "h3", "h1", "h2"]
    let second = try Self.policy(hosts: names, apps: ["c", "b", "a"]).problem(RunInputs())
    let start = try #require(second.standing(in: first))
    for app in ["a", "b"] {
      let before = try #require(first.placing(app))
      let now = try #require(second.placing(app))
      let host = try #require(first.solution?.values[before.decision])
      let number = try #require(start[now.decision])
      #expect(second.candidateNames(of: now)[number] == first.candidateNames(of: before)[host])
    }
    let new = try #require(second.placing("c"))
    #expect(start[new.decision] == nil)
    var options = SolverOptions()
    options.start = start
    try second.solve(options)
    #expect(second.solution?.objectives == [6])
    #expect(second.solution?.bounds == [6])
  }

  @Test func `a world that was made before is stated as one that is made anew`() throws {
    let policy = Self.policy(hosts: ["h1", "h2", "h3"], apps: ["a", "b"])
    let made = try policy.problem(RunInputs(), in: policy.world(RunInputs()))
    let anew = try policy.problem(RunInputs())
    try made.solve(SolverOptions())
    try anew.solve(SolverOptions())
    #expect(made.solution != nil)
    #expect(made.solution == anew.solution)
  }
}
