import NFVModel
import Testing
import VIMProtocol
import VIMTransport

@testable import VIMOpenStack

struct CreateTests {
  private let token = EffectToken("run-1-create")
  private let web = PlacedInstance(
    "svc.web[0]", vim: "sto", host: "h1", demand: ["memory": 1 << 30],
    attributes: [
      "vnf.cpu": .int(2), "links": .list([.text("svc.lan")]), "vnf.mac": .list([.text("00:16:3e:00:00:01")]),
    ])

  private func refusal(_ body: () async throws(VIMError) -> some Any) async -> VIMError? {
    do throws(VIMError) { _ = try await body() } catch { return error }
    Issue.record("it went well")
    return nil
  }

  @Test func `the mark goes out with the server, in the call that makes it`() async throws {
    let nova = FakeNova()
    let made = try await nova.vim.create(web, as: token)
    let body = try #require(nova.fake.calls("POST", "/v2.1/servers").first?.json["server"])
    #expect(body["tags"] == ["placet", .string(Mark.token(token))])
    #expect(
      body["metadata"] == [
        "placet": "1", "placet.instance": "svc.web[0]", "placet.token": "run-1-create", "placet.host": "h1",
      ])
    #expect(body["host"] == "h1" && body["imageRef"] == "img1")
    let port = try #require(nova.fake.calls("POST", "/v2.0/ports").first?.json["port"])
    #expect(port["mac_address"] == "00:16:3e:00:00:01" && port["name"] == .string(Mark.port(token, 0)))
    let network = try #require(nova.fake.calls("POST", "/v2.0/networks").first?.json["network"])
    #expect(network["name"] == "placet-svc.lan" && network["provider:physical_network"] == "physnet1")

    _ = try await nova.vim.delete(made.handle, spec: web, as: EffectToken("d"))
    #expect(nova.holdings == [])
  }

  @Test func `a lost answer is in doubt, is found, and is not made twice`() async throws {
    let nova = FakeNova()
    nova.fake.on { request throws(TransportError) in
      guard request.method == "POST", FakeCloud.path(request) == "/v2.1/servers" else { return nil }
      nova.edit { world in _ = world.add(server: request.json["server"] ?? .null) }
      throw .interrupted("no answer in 60000 ms")
    }
    let vim = nova.vim
    let lost = await refusal { () throws(VIMError) in try await vim.create(self.web, as: self.token) }
    guard case .unknownOutcome? = lost else { Issue.record("\(String(describing: lost))"); return }
    let found = try #require(try await vim.find(token))
    #expect(found.handle.text == nova.servers[0]["id"]?.stringValue && !found.isPartial)
    #expect(try await vim.create(web, as: token) == found)
    #expect(nova.fake.calls("POST", "/v2.1/servers").count == 1)
  }

  @Test func `an asking that never arrived is found to be nothing, and is made once`() async throws {
    let nova = FakeNova()
    nova.fake.on { request throws(TransportError) in
      guard request.method == "POST", FakeCloud.path(request) == "/v2.1/servers",
        nova.fake.calls("POST", "/v2.1/servers").count == 1
      else { return nil }
      throw .interrupted("closed")
    }
    let vim = nova.vim
    _ = await refusal { () throws(VIMError) in try await vim.create(self.web, as: self.token) }
    #expect(try await vim.find(token) == nil)
    _ = try await vim.create(web, as: token)
    // The port of the first asking is used again.
    #expect(nova.servers.count == 1 && nova.fake.calls("POST", "/v2.0/ports").count == 1)
  }

  @Test func `of two servers for one token the first stays`() async throws {
    let nova = FakeNova()
    let vim = nova.vim
    let first = try await vim.create(web, as: token)
    let asked = try #require(nova.fake.calls("POST", "/v2.1/servers").first?.json["server"])
    nova.edit { world in _ = world.add(server: asked) }
    #expect(nova.servers.count == 2)
    #expect(try await vim.find(token)?.handle == first.handle)
    #expect(nova.servers.map { $0["id"]?.stringValue } == [first.handle.text])
  }

  @Test func `a server that lands elsewhere is removed, and refused by name`() async throws {
    let nova = FakeNova()
    nova.edit { $0.quirks = ["OS-EXT-SRV-ATTR:host": "h2"] }
    let vim = nova.vim
    let error = await refusal { () throws(VIMError) in try await vim.create(self.web, as: self.token) }
    #expect(
      error == .rejected(.conflict, "vim sto, POST /servers: nova put svc.web[0] on h2, and the plan says h1")
    )
    #expect(nova.holdings == [])
  }

  @Test func `a failed server is removed, and refused in nova's words`() async throws {
    for (words, expected) in [
      ("No valid host was found. There are not enough hosts available.", VIMError.Reason.noCapacity("h1")),
      ("Build of instance s1 aborted: Failed to allocate the network(s), not rescheduling.", .conflict),
    ] {
      let nova = FakeNova()
      nova.edit {
        $0.quirks = [
          "status": "ERROR", "OS-EXT-SRV-ATTR:host": .null,
          "fault": ["code": 500, "message": .string(words), "details": "Traceback (most recent call last):"],
        ]
      }
      let vim = nova.vim
      let error = await refusal { () throws(VIMError) in try await vim.create(self.web, as: self.token) }
      switch error {
      case .rejected(let reason, let text)?, .unavailable(let reason, let text, _)?:
        #expect(reason == expected && text == "vim sto, POST /servers: \(words)")
      default: Issue.record("\(String(describing: error))")
      }
      #expect(nova.holdings == [])
    }
  }

  @Test func `other cells than planned are told as made in part, missing pins are refused`() async throws {
    var pinned = web
    pinned.cells = [1]
    pinned.attributes["vnf.cpus"] = .text("dedicated")
    pinned.attributes["vnf.guest_cells"] = .list([.int(2)])
    let nova = FakeNova()
    nova.edit { $0.topology = ["nodes": [["host_node": 0, "cpu_pinning": ["0": 4, "1": 6]]]] }
    #expect(try await nova.vim.create(pinned, as: token).missing == ["cell 1 of h1, nova chose 0"])

    let loose = FakeNova()
    loose.edit { $0.topology = ["nodes": [["host_node": 1, "cpu_pinning": [:]]]] }
    let vim = loose.vim
    let error = await refusal { () throws(VIMError) in try await vim.create(pinned, as: self.token) }
    #expect(
      error
        == .rejected(
          .conflict, "vim sto, POST /servers: nova did not pin svc.web[0] to CPUs of its own"))
    #expect(loose.holdings == [])
  }

  @Test func `a refused quota leaves nothing behind`() async throws {
    let nova = FakeNova()
    nova.fake.on(
      "POST", "/v2.1/servers", 403,
      [
        "forbidden": [
          "code": 403, "message": "Quota exceeded for instances: Requested 1, but already used 5 of 5",
        ]
      ])
    let vim = nova.vim
    let error = await refusal { () throws(VIMError) in try await vim.create(self.web, as: self.token) }
    guard case .rejected(.quota, _)? = error else { Issue.record("\(String(describing: error))"); return }
    #expect(nova.holdings == [])
  }

  @Test func `a flavor that somebody removed is made again`() async throws {
    let nova = FakeNova()
    let vim = nova.vim
    let first = try await vim.create(web, as: token)
    nova.edit { $0.flavors = [:] }
    var other = web
    other.id = "svc.web[1]"
    let second = try await vim.create(other, as: EffectToken("run-1-second"))
    #expect(nova.servers.count == 2)
    // What they share stays until the last of them goes.
    _ = try await vim.delete(first.handle, spec: web, as: EffectToken("d1"))
    #expect(nova.holdings.contains("networks"))
    _ = try await vim.delete(second.handle, spec: other, as: EffectToken("d2"))
    #expect(nova.holdings == [])
  }

  @Test func `many at once make what they share once`() async throws {
    let nova = FakeNova()
    let vim = nova.vim
    let all = (0..<40).map { number in
      var one = web
      one.id = "svc.web[\(number)]"
      one.attributes["vnf.mac"] = nil
      return one
    }
    let made = try await inParallel(all) { one throws(VIMError) in
      try await vim.create(one, as: EffectToken(one.id))
    }
    #expect(nova.servers.count == 40 && Set(made.map(\.handle)).count == 40)
    #expect(nova.fake.calls("POST", "/v2.0/networks").count == 1)
    #expect(nova.fake.calls("POST", "/v2.1/flavors").count == 1)
    _ = try await inParallel(Array(zip(made, all))) { pair throws(VIMError) in
      try await vim.delete(pair.0.handle, spec: pair.1, as: EffectToken("d \(pair.1.id)"))
    }
    #expect(nova.holdings == [])
  }

  @Test func `what is needed and not declared, and an image that does not have it, are refused`() async throws
  {
    let nova = FakeNova()
    let vim = nova.vim
    var fixed = web
    fixed.requires = [CapabilityRequirement("fixedPCI", rule: "legacy")]
    let undeclared = await refusal { () throws(VIMError) in try await vim.create(fixed, as: self.token) }
    #expect(
      undeclared == .rejected(.unsupported, "vim sto does not offer fixedPCI, which rule legacy asks for"))
    var bus = web
    bus.attributes["vnf.needs"] = .list([.text("nic_model(e1000)"), .text("disk_bus(ide)")])
    let image = await refusal { () throws(VIMError) in try await vim.create(bus, as: self.token) }
    guard case .rejected(.invalid("image"), let text)? = image else {
      Issue.record("\(String(describing: image))"); return
    }
    #expect(text.contains("svc.web[0] needs hw_disk_bus=ide"))
    bus.attributes["vnf.needs"] = .list([.text("nic_model(e1000)")])
    _ = try await vim.create(bus, as: token)
  }
}
