import NFVModel
import Testing
import VIMProtocol

/// One order of words for what every VIM says.
@Suite struct VIMErrorTests {
  private func named(_ text: String, as error: (String) -> VIMError = { .rejected(.quota, $0) }) -> String {
    "\(error(text).naming(vim: "sto", call: "create"))"
  }

  @Test func `who was asked for what comes first, then what happened, then in whose words`() {
    #expect(
      named("vim sto, POST /servers: no core is left") == "vim sto, POST /servers: quota: no core is left")
    #expect(
      named("vim sto, GET /x: cut off") { .unavailable(.unreachable, $0, retryAfter: nil) }
        == "vim sto, GET /x: unreachable: cut off")
    #expect(
      named("vim sto, create: no answer in 700 ms") { .unknownOutcome($0) }
        == "vim sto, create: no answer came back: no answer in 700 ms")
  }

  @Test func `a text that names no call gets one, and one that names nobody gets both`() {
    let wanted = "vim sto, create: quota: "
    #expect(named("vim sto: it is full") == wanted + "it is full")
    #expect(named("vim sto does not offer sriov") == wanted + "it does not offer sriov")
    #expect(named("sto has no host h9") == wanted + "it has no host h9")
    #expect(named("as the fault script says") == wanted + "as the fault script says")
    #expect(named("vim stockholm: no") == wanted + "vim stockholm: no")
    #expect(named("vim sto (plug-in x): no") == "vim sto (plug-in x), create: quota: no")
    #expect(named("vim sto (plug-in x), find: no") == "vim sto (plug-in x), find: quota: no")
  }

  @Test func `naming changes neither the class nor the reason nor the pause`() {
    let later = VIMError.unavailable(.conflict, "busy", retryAfter: 1200).naming(vim: "a", call: "b")
    #expect(later == .unavailable(.conflict, "vim a, b: busy", retryAfter: 1200))
    #expect(later.naming(vim: "a", call: "c") == later)
  }
}

/// What no inventory can be.
@Suite struct ContradictionTests {
  private func part(_ entities: Entity...) -> Inventory.Part {
    Inventory.Part(source: "vim sto", date: "", entities: entities)
  }
  private let host = Entity("host", "h1", ["cores": .int(16), "memory": .amount("64 GiB")])
  private let inside = EntityReference(kind: "host", name: "h1")

  @Test func `what can be is not complained about`() {
    let cells = (0...1).map {
      Entity("cell", "h1.c\($0)", in: inside, ["cores": .int(8), "memory": .amount("32768 MiB")])
    }
    let zone = Entity("zone", "lab.z1", in: EntityReference(kind: "site", name: "lab"))
    #expect(part(host, cells[0], cells[1], zone).contradictions() == [])
    // What is hidden contradicts nothing.
    #expect(part(Entity("host", "h1"), cells[0]).contradictions() == [])
  }

  @Test func `twice, nowhere, more than all, less than nothing`() {
    #expect(part(host, host).contradictions() == ["host h1 is there twice"])
    #expect(part(Entity("cell", "c0")).contradictions() == ["cell c0 is in no host"])
    #expect(
      part(Entity("cell", "h1.c0", in: inside)).contradictions()
        == ["cell h1.c0 is in host h1, which is not there"])
    #expect(
      part(host, Entity("cell", "h1.c0", in: inside, ["cores": .int(17)])).contradictions()
        == ["cell h1.c0 has 17 cores free, and all of host h1 has 16"])
    #expect(
      part(host, Entity("cell", "h1.c0", in: inside, ["memory": .amount("65 GiB")])).contradictions()
        == ["cell h1.c0 has 65 GiB of memory free, and all of host h1 has 64 GiB"])
    #expect(
      part(Entity("host", "h1", ["memory": .amount("-1 GiB")])).contradictions()
        == ["host h1 has -1 GiB of memory free"])
  }

  @Test func `a handful is told, however many there are`() {
    let lost = (0..<9).map { Entity("cell", "c\($0)") }
    let part = Inventory.Part(source: "vim sto", date: "", entities: lost)
    #expect(part.contradictions(atMost: 2).count == 2)
  }
}
