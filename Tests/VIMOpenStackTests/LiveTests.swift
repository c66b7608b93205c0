import Foundation
import NFVModel
import Testing
import VIMProtocol
import VIMTransport

@testable import VIMOpenStack

/// Against a real cloud: `PLACET_BED_OPENSTACK` is its name in `clouds.yaml`; `make testbed-openstack` sets it.
private let bed = ProcessInfo.processInfo.environment["PLACET_BED_OPENSTACK"]

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
}
