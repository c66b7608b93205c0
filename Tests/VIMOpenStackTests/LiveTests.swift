import Foundation
import NFVModel
import Testing
import VIMProtocol
import VIMTransport

@testable import VIMOpenStack

/// Against a real cloud: `PLACET_BED_OPENSTACK` is its name in `clouds.yaml`; `make testbed-openstack` sets it.
let bed = ProcessInfo.processInfo.environment["PLACET_BED_OPENSTACK"]

@Suite(.enabled(if: bed != nil, "no OpenStack: PLACET_BED_OPENSTACK is not set"), .serialized)
struct LiveTests {
  private func vim(_ recorder: ((any HTTPExchange) -> any HTTPExchange)? = nil) throws -> OpenStackVIM {
    let cloud = try CloudFiles.standard.cloud(bed ?? "")
    let live = try LiveHTTP(tls: cloud.tls)
    return OpenStackVIM("bed", cloud: cloud, exchange: recorder?(live) ?? live)
  }

  private func token() -> EffectToken { EffectToken("live-\(UUID().uuidString)") }

  /// A host of the bed that has dedicated CPUs, pages and virtual functions free.
  private func hosts(_ vim: OpenStackVIM) async throws -> [String] {
    try await vim.inventory().entities.filter { $0.id.kind == "host" }.map(\.id.name)
  }

  private func nothingIsLeft(of vim: OpenStackVIM) async throws {
    let ours = { (list: [JSONValue]) in
      list.compactMap { $0["name"]?.stringValue }.filter { $0.hasPrefix("placet-") && $0 != "placet-test" }
    }
    #expect(try await vim.ownServers().isEmpty)
    #expect(ours(try await vim.session.readAll(.network, "/ports", "ports")) == [])
    #expect(ours(try await vim.session.readAll(.network, "/subnets", "subnets")) == [])
    #expect(ours(try await vim.session.readAll(.network, "/networks", "networks")) == [])
    #expect(ours(try await vim.session.readAll(.compute, "/flavors/detail?is_public=none", "flavors")) == [])
    #expect(ours(try await vim.session.readAll(.compute, "/os-server-groups", "server_groups")) == [])
  }

  @Test func `its hosts are found with what they have`() async throws {
    let vim = try vim()
    try await vim.probe()
    let part = try await vim.inventory()
    #expect(part.source == "vim bed")
    let hosts = part.entities.filter { $0.id.kind == "host" }
    #expect(hosts.count >= 4)
    for host in hosts {
      #expect(host["vim"] == .reference(kind: "vim", name: "bed"))
      #expect((host["cores"]?.json.intValue ?? 0) > 0)
      #expect((host["memory"]?.json.stringValue).flatMap(byteCount) != nil)
      #expect(host["cells"] == nil && host["pages"] == nil)
    }
  }

  @Test func `an ordinary machine is made once a token, seen, and leaves nothing`() async throws {
    let vim = try vim()
    let host = try await hosts(vim)[0]
    let before = try await vim.inventory().entities
    let instance = PlacedInstance(
      "svc.web[0]", vim: "bed", host: host, demand: ["memory": 1 << 30],
      attributes: ["vnf.cpu": .int(2), "vnf.disk": .text("2 GiB"), "links": .list([.text("svc.lan")])])
    let token = token()
    #expect(try await vim.find(token) == nil)
    let made = try await vim.create(instance, as: token)
    #expect(!made.isPartial && made.undo == .delete(made.handle))
    #expect(try await vim.create(instance, as: token).handle == made.handle)
    #expect(try await vim.find(token)?.handle == made.handle)
    let seen = try await vim.observe([made.handle, ResourceHandle("no-such-server")])
    #expect(seen.map(\.status) == [.running, .missing] && seen[0].host == host)
    #expect(try await vim.strangers(besides: [made.handle]).isEmpty)
    // What Placet made counts as free.
    #expect(try await vim.inventory().entities == before)

    let stopped = try await vim.stop(made.handle, as: self.token())
    #expect(try await vim.observe([stopped.handle])[0].status == .stopped)
    let started = try await vim.start(made.handle, as: self.token())
    #expect(started.undo == .stop(made.handle))

    let gone = try await vim.delete(made.handle, spec: instance, as: self.token())
    #expect(gone.undo == .create(instance))
    #expect(try await vim.delete(made.handle, spec: instance, as: self.token()).undo == UndoRecord.none)
    #expect(try await vim.observe([made.handle])[0].status == .missing)
    try await nothingIsLeft(of: vim)
  }

  /// A data plane function: dedicated cores with quiet siblings, a cell, 1 GiB pages, a virtual function near it, a
  /// device, a trait, a fixed address.
  private func dataPlane(_ id: String, on host: String, cpus: Int = 4) -> PlacedInstance {
    PlacedInstance(
      id, vim: "bed", host: host, demand: ["memory": 4 << 30],
      attributes: [
        "vnf.cpu": .int(cpus), "vnf.cpus": .text("dedicated"), "vnf.threads": .text("prefer_siblings"),
        "vnf.guest_cells": .list([.int(cpus)]), "vnf.page_size": .text("1 GiB"), "vnf.vfs": .int(1),
        "vnf.vf_policy": .text("required"), "vnf.mac": .list([.text("00:16:3e:00:00:01")]),
        "vnf.traits": .list([.text("HW_CPU_X86_AVX512F")]), "vdu.image": .text("placet-test"),
        "links": .list([.text("svc.s1"), .text("svc.mgmt")]), "apart": .text("svc.gw"),
        "vnf.needs": .list([.text("nic_model(e1000)"), .text("disk_bus(ide)")]),
      ],
      requires: [
        CapabilityRequirement("pinning", rule: "r"),
        CapabilityRequirement("hugepages(1073741824)", rule: "r"),
      ])
  }

  @Test func `a data plane machine has its cores, cell, pages and ports as the plan says`() async throws {
    let vim = try vim()
    let fast = try await vim.inventory().entities.filter {
      $0.id.kind == "host"
        && $0["traits"]?.json.arrayValue?.contains("HW_CPU_X86_AVX512F") == true
    }.map(\.id.name)
    try #require(fast.count >= 2)
    var instance = dataPlane("svc.gw[0]", on: fast[0])
    instance.attributes["vnf.emulator"] = .text("isolated")
    instance.attributes["vnf.devices"] = .list([.text("accel")])
    let made = try await vim.create(instance, as: token())
    #expect(!made.isPartial)
    let server = try #require(try await vim.server(made.handle.text))
    #expect(server.host == fast[0] && server.extraSpecs["hw:emulator_threads_policy"] == "isolate")
    let topology = ServerTopology(try await vim.session.read(.compute, "/servers/\(server.id)/topology"))
    #expect(topology.cells.count == 1 && topology.cells[0].pins.count == 4)
    #expect(topology.cells[0].pageSize == 1 << 20 && topology.cells[0].host != nil)
    let ports = try await vim.session.readAll(.network, "/ports?device_id=\(server.id)", "ports")
    let direct = try #require(ports.first { $0["binding:vnic_type"]?.stringValue == "direct" })
    #expect(ports.count == 2 && direct["mac_address"]?.stringValue == "00:16:3e:00:00:01")

    // A second of the group may not be beside it, even where the plan says so.
    await #expect(throws: VIMError.self) {
      var beside = self.dataPlane("svc.gw[1]", on: fast[0])
      beside.attributes["vnf.mac"] = nil
      return try await vim.create(beside, as: self.token())
    }
    var other = dataPlane("svc.gw[1]", on: fast[1])
    other.attributes["vnf.mac"] = nil
    let second = try await vim.create(other, as: token())
    #expect(try await vim.observe([made.handle, second.handle]).map(\.host) == [fast[0], fast[1]])
    _ = try await vim.delete(made.handle, spec: instance, as: token())
    _ = try await vim.delete(second.handle, spec: other, as: token())
    try await nothingIsLeft(of: vim)
  }

  @Test func `a machine that does not fit is refused in nova's words, and nothing is left`() async throws {
    let vim = try vim()
    let host = try await hosts(vim)[0]
    let huge = PlacedInstance(
      "svc.huge[0]", vim: "bed", host: host, demand: ["memory": 900 << 30],
      attributes: ["vnf.cpu": .int(2), "links": .list([.text("svc.lan")])])
    do {
      _ = try await vim.create(huge, as: token())
      Issue.record("it was made")
    } catch {
      guard case .rejected(.noCapacity, let text) = error else { Issue.record("\(error)"); return }
      #expect(text.hasPrefix("vim bed, POST /servers: No valid host was found."))
      #expect(!text.contains("Traceback") && !text.contains("\n"))
    }
    do {
      _ = try await vim.create(PlacedInstance("svc.x[0]", vim: "bed", host: "no-such-host"), as: token())
      Issue.record("it was made")
    } catch {
      guard case .rejected(.invalid("host"), _) = error else { Issue.record("\(error)"); return }
    }
    var bad = PlacedInstance("svc.y[0]", vim: "bed", host: host)
    bad.attributes["vnf.traits"] = .list([.text("CUSTOM_NO_SUCH_TRAIT")])
    await #expect(throws: VIMError.self) { try await vim.create(bad, as: self.token()) }
    try await nothingIsLeft(of: vim)
  }

  @Test func `it moves live, moves cold, and grows where it is`() async throws {
    let vim = try vim()
    let hosts = try await hosts(vim)
    let here = PlacedInstance(
      "svc.app[0]", vim: "bed", host: hosts[0], demand: ["memory": 1 << 30], attributes: ["vnf.cpu": .int(1)])
    let made = try await vim.create(here, as: token())
    var there = here
    there.host = hosts[1]
    let moved = try await vim.migrate(made.handle, from: here, to: there, as: token())
    #expect(moved.undo == .restore(made.handle, to: here))
    #expect(
      try await vim.observe([made.handle])[0]
        == ObservedResource(
          vim: "bed", handle: made.handle, status: .running, host: hosts[1]))
    // Asking again changes nothing.
    _ = try await vim.migrate(made.handle, from: here, to: there, as: token())

    var grown = there
    grown.attributes["vnf.cpu"] = .int(2)
    grown.demand["memory"] = 2 << 30
    _ = try await vim.resize(made.handle, from: there, to: grown, as: token())
    #expect(try await vim.observe([made.handle])[0].host == hosts[1])
    let server = try #require(try await vim.server(made.handle.text))
    #expect(
      server.flavorName == (try Flavor(MachineShape(grown), project: try await vim.session.project)).name)

    _ = try await vim.stop(made.handle, as: token())
    _ = try await vim.migrate(made.handle, from: grown, to: there.at(hosts[0], like: grown), as: token())
    #expect(try await vim.observe([made.handle])[0].host == hosts[0])
    _ = try await vim.delete(made.handle, spec: grown, as: token())
    try await nothingIsLeft(of: vim)
  }

  @Test func `a pinned machine moves live, and cold where it has a device of its host`() async throws {
    let vim = try vim()
    let fast = try await vim.inventory().entities.filter {
      $0.id.kind == "host"
        && $0["traits"]?.json.arrayValue?.contains("HW_CPU_X86_AVX512F") == true
    }.map(\.id.name)
    try #require(fast.count >= 2)
    for virtualFunctions in [0, 1] {
      var here = dataPlane("svc.up[\(virtualFunctions)]", on: fast[0])
      here.attributes["vnf.vfs"] = .int(virtualFunctions)
      // The bed's Neutron has no agent that could activate a second binding of a port, as live migration asks.
      if virtualFunctions == 0 { here.attributes["links"] = nil }
      var there = here
      there.host = fast[1]
      let made = try await vim.create(here, as: token())
      _ = try await vim.migrate(made.handle, from: here, to: there, as: token())
      #expect(
        try await vim.observe([made.handle])[0]
          == ObservedResource(
            vim: "bed", handle: made.handle, status: .running, host: fast[1]))
      let topology = ServerTopology(
        try await vim.session.read(.compute, "/servers/\(made.handle)/topology"))
      #expect(topology.cells.first?.pins.count == 4)
      _ = try await vim.delete(made.handle, spec: there, as: token())
    }
    try await nothingIsLeft(of: vim)
  }

  @Test func `a wrong password and a cloud that is not there are told apart`() async throws {
    var cloud = try CloudFiles.standard.cloud(bed ?? "")
    cloud.credential = .password(
      user: OpenStackCloud.Named(name: "admin"), password: Secret("planted-secret"),
      project: OpenStackCloud.Named(name: "admin"))
    let wrong = OpenStackVIM("bed", cloud: cloud, exchange: try LiveHTTP())
    do { try await wrong.probe(); Issue.record("it was let in") } catch {
      guard case .rejected(.unauthorised, let text) = error else { Issue.record("\(error)"); return }
      #expect(text.hasPrefix("vim bed, POST /v3/auth/tokens: ") && !text.contains("planted-secret"))
    }
    cloud.identity = "http://127.0.0.1:1/v3"
    let nowhere = OpenStackVIM("bed", cloud: cloud, exchange: try LiveHTTP())
    do { try await nowhere.probe(); Issue.record("it answered") } catch {
      guard case .unavailable(.unreachable, _, _) = error else { Issue.record("\(error)"); return }
    }
  }
}

extension PlacedInstance {
  fileprivate func at(_ host: String, like other: PlacedInstance) -> PlacedInstance {
    var moved = other
    moved.host = host
    return moved
  }
}
