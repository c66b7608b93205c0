import ConstraintSolver
import Diagnostics
import Foundation
import NFVModel
import Placement
import Testing

@testable import Placet

/// What VIMs say goes before what a file says, and what a VIM is told of a machine.
@Suite struct LiveInventoryTests {
  private let text = """
    import nfv
    import rules.capacity
    import rules.spread
    layer operator
    site here { country: "SE" }
    vim lab { kind: simulated, site: here, endpoint: "simulated:lab" }
    extend host { price: int = 1 }
    service s {
      vnf a { cpu: 4, memory: 1 GiB, count: 3, image: "cirros" }
      vnf b { cpu: 6, memory: 1 GiB, overcommit: 4 }
      vnf c { cpu: 8, memory: 1 GiB, overcommit: 4, count: 2 }
      link l { ends: [a, b] }
      link k { ends: [a, c] }
    }
    use keep_apart(s.a, over: host)
    rule pair { require s.c.instances[0].host != s.c.instances[1].host }
    """

  private func host(_ name: String, _ more: [String: AttributeValue] = [:]) -> Entity {
    let fields: [String: AttributeValue] = [
      "vim": .text("lab"), "cores": .int(8), "memory": .amount("8 GiB"), "firmware": .text("x"),
    ]
    return Entity("host", name, fields.merging(more) { $1 })
  }

  private func inputs(_ policy: PolicyFile, _ entities: [Entity], file: String? = nil) throws -> RunInputs {
    var inputs = RunInputs(inventory: file)
    let endpoints = try policy.endpoints(inputs)
    #expect(endpoints == [Endpoint(vim: "lab", address: "simulated:lab", site: "here")])
    let endpoint = try #require(endpoints.first)
    inputs.live = [
      LiveInventory(endpoint, Inventory.Part(source: "vim lab", date: "", entities: entities))
    ]
    return inputs
  }

  @Test func `links, whom it is kept apart from, and whole cores are told to the VIM`() throws {
    let policy = PolicyFile.check(Source(name: "policy.placet", text: text))
    #expect(policy.diagnostics == [])
    let entities = (1...3).map { host("h\($0)") } + [Entity("gadget", "g", [:]), Entity("zone", "z")]
    let answer = try policy.place(try inputs(policy, entities), SolverOptions())
    #expect(answer.isPlaced)
    let byName = Dictionary(uniqueKeysWithValues: answer.assignment.instances.map { ($0.id, $0) })

    let a = try #require(byName["s.a[1]"])
    #expect(a.attributes["links"] == .list([.text("s.k"), .text("s.l")]))
    #expect(a.attributes["apart"] == .text("s.a"))
    #expect(a.attributes["vnf.image"] == .text("cirros"))
    #expect(a.demand["cores"] == 4)
    let b = try #require(byName["s.b[0]"])
    #expect(b.attributes["apart"] == nil)
    #expect(b.demand["cores"] == nil)
    let c = try #require(byName["s.c[0]"])
    #expect(c.attributes["apart"] == .text("s.c"))
    #expect(c.attributes["links"] == .list([.text("s.k")]))
    #expect(c.demand["cores"] == 2)
  }

  @Test func `a host of the file that the VIM lacks is left out, and what only the file says is kept`() throws
  {
    let folder = NSTemporaryDirectory() + "placet-live-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = folder + "/kept.json"
    try """
    {"placet-inventory": 1, "parts": [{"source": "file", "date": "", "entities": {"host": [
      {"name": "h1", "vim": "lab", "cores": 99, "memory": "1 GiB", "price": 7},
      {"name": "h9", "vim": "lab", "cores": 99, "memory": "999 GiB", "price": 9}]}}]}
    """.write(toFile: path, atomically: true, encoding: .utf8)
    let policy = PolicyFile.check(Source(name: "policy.placet", text: text))
    let inputs = try inputs(policy, (1...3).map { host("h\($0)") }, file: path)

    let found = try policy.placeForPlan(inputs, SolverOptions()).inputs.inventory.entities(of: "host")

    #expect(found.map(\.id.name) == ["h1", "h2", "h3"])
    #expect(found.map { $0["cores"] } == [.int(8), .int(8), .int(8)])
    #expect(found.map { $0["price"] } == [.int(7), .int(1), .int(1)])
  }
}
