import Foundation
import NFVModel
import Testing
import VIMProtocol

@testable import VIMLibvirt

@Suite(.enabled(if: TestHost.isThere, "libvirt.so.0 is not there"))
struct LibvirtVIMTests {
  @Test func `a host tells its cells, cores, memory and cards, less what others have`() async throws {
    let vim = try await TestHost.connect()
    try await vim.probe()
    let part = try await vim.inventory()
    #expect(part.source == "vim lab" && part.date == "2026-11-22T14:00:00Z")
    let host = try #require(part.entities.first { $0.id.kind == "host" })
    #expect(host["vim"]?.json == "lab" && host["cores"]?.json == 7)
    #expect(host["memory"]?.json == "31744 MiB")
    let cells = part.entities.filter { $0.id.kind == "cell" }
    #expect(cells.map { $0["cores"]?.json } == [3, 4])
    #expect(cells.map { $0["memory"]?.json } == ["15360 MiB", "16384 MiB"])
    #expect(cells.map { $0["threads_per_core"]?.json } == [2, 2])
    let card = try #require(part.entities.first { $0.id.kind == "nic" })
    #expect(card.parent == cells[1].id && card["rate"]?.json == "25000 Mbps" && card["vfs"]?.json == 4)
    let description = vim.describe()
    for offered in [
      "pinning", "numaCells(2)", "hugepages(2097152)", "threadPolicy(require)", "sriov", "fixedMAC",
    ] {
      #expect(Capability(offered).map { description.capabilities.offers($0) } == true, "\(offered)")
    }
    for hidden in ["liveMigration", "realtime", "numaCells(3)", "passthrough"] {
      #expect(Capability(hidden).map { description.capabilities.offers($0) } == false, "\(hidden)")
    }
  }

  @Test func `a pinned machine gets free CPUs of its cell, one to one, and all of it is in its XML`()
    async throws
  {
    let vim = try await TestHost.connect()
    let before = try await vim.inventory()
    let wanted = try await TestHost.machine(
      "vepc.pgw[0]", on: vim, cells: [1], memory: 2 << 30,
      [
        "vnf.cpu": .int(3), "vnf.cpus": .text("dedicated"), "vnf.guest_cells": .list([.int(3)]),
        "vnf.page_size": .text("2 MiB"), "vnf.vfs": .int(2), "vnf.vf_policy": .text("required"),
        "vnf.emulator": .text("isolated"), "vnf.mac": .list([.text("02:00:00:00:00:07")]),
        "vnf.needs": .list([.text("nic_model(e1000)"), .text("disk_bus(ide)")]),
        "vnf.image": .text("images/mme.qcow2"), "links": .list([.text("vepc.sgi")]),
      ], requires: ["pinning", "hugepages(2097152)", "sriov", "emulatedNIC(e1000)"])
    #expect(try await vim.validate(wanted) == [])
    let made = try await vim.create(wanted, as: EffectToken("t1"))
    #expect(made.handle.text == uuid5("t1") && made.undo == .delete(made.handle))
    #expect(
      try await vim.observe([made.handle])
        == [ObservedResource(vim: "lab", handle: made.handle, status: .running, host: wanted.host)])
    let xml = try #require(try await vim.xml(of: made.handle))
    for part in [
      "<vcpupin vcpu='0' cpuset='8'/>", "<vcpupin vcpu='1' cpuset='9'/>", "<vcpupin vcpu='2' cpuset='10'/>",
      "<emulatorpin cpuset='12'/>", "<memory mode='strict' nodeset='1'/>",
      "<memnode cellid='0' mode='strict' nodeset='1'/>", "<page size='2048' unit='KiB'/>",
      "<cell id='0' cpus='0-2' memory='2097152' unit='KiB'", "<mac address='02:00:00:00:00:07'/>",
      "<model type='e1000'/>", "bus='ide'/>",
      "<address domain='0x0000' bus='0x3b' slot='0x02' function='0x0'/>",
      "<address domain='0x0000' bus='0x3b' slot='0x02' function='0x1'/>", "owner=\"placet\"", "token=\"t1\"",
    ] {
      let other = part.replacingOccurrences(of: "'", with: "\"")
      #expect(xml.contains(part) || xml.contains(other), "\(part) in \(xml)")
    }
    // What is ours counts as free; the volume and the network are there, and go with it.
    #expect(try await vim.inventory().entities == before.entities)
    #expect(try await vim.networkNames().count == 1)
    #expect(try await vim.delete(made.handle, spec: wanted, as: EffectToken("t2")).undo == .create(wanted))
    #expect(try await vim.delete(made.handle, spec: wanted, as: EffectToken("t2")).undo == .none)
    #expect(try await vim.networkNames() == [])
    let again = try await vim.create(wanted, as: EffectToken("t3"))
    _ = try await vim.delete(again.handle, spec: wanted, as: EffectToken("t4"))
  }

  @Test func `asked twice with one token it makes one, found by that token, whoever asks`() async throws {
    let vim = try await TestHost.connect()
    let wanted = try await TestHost.machine("a", on: vim)
    let token = EffectToken("twice")
    #expect(try await vim.find(token) == nil)
    let outcomes = try await withThrowingTaskGroup(of: EffectOutcome.self) { group in
      for _ in 0..<8 { group.addTask { try await vim.create(wanted, as: token) } }
      return try await group.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(outcomes.count == 1)
    #expect(try await vim.find(token) == outcomes.first)
    let handle = try #require(outcomes.first).handle
    #expect(try await vim.stop(handle, as: EffectToken("s")).undo == .none)
    #expect(try await vim.observe([handle]).map(\.status) == [.stopped])
    #expect(try await vim.find(token) == outcomes.first)
    #expect(try await vim.start(handle, as: EffectToken("r")).undo == .stop(handle))
    #expect(try await vim.start(handle, as: EffectToken("r")).undo == .none)
    #expect(try await vim.strangers(besides: []).count == 2)
    let strangers = try await vim.strangers(besides: [handle])
    #expect(strangers.map(\.handle.text) == ["6695eb01-f6a4-8304-79aa-97f2502e193f"])
    let theirs = await refusal {
      _ = try await vim.delete(strangers[0].handle, spec: wanted, as: EffectToken("d"))
    }
    guard case .rejected(.conflict, _) = theirs else { Issue.record("\(String(describing: theirs))"); return }
  }

  @Test func `what was defined and never started is not found, and completed when asked again`() async throws
  {
    let vim = try await TestHost.connect()
    let wanted = try await TestHost.machine("a", on: vim)
    let token = EffectToken("half")
    let made = try await vim.create(wanted, as: token)
    let xml = try #require(try await vim.xml(of: made.handle))
    _ = try await vim.delete(made.handle, spec: wanted, as: EffectToken("d"))
    try await vim.run("define") { session throws(LibvirtFailure) in try session.define(xml) }
    #expect(try await vim.find(token) == nil)
    #expect(try await vim.create(wanted, as: token) == made)
    #expect(try await vim.observe([made.handle]).map(\.status) == [.running])
  }

  @Test func `no two machines are given one CPU or one virtual function, and what does not fit is refused`()
    async throws
  {
    let vim = try await TestHost.connect()
    let pinned: [String: AttributeValue] = [
      "vnf.cpu": .int(2), "vnf.cpus": .text("dedicated"), "vnf.threads": .text("require_siblings"),
      "vnf.vfs": .int(1), "vnf.vf_policy": .text("required"),
    ]
    let wanted = try await (0..<4).asyncMap {
      try await TestHost.machine("n\($0)", on: vim, cells: [1], pinned)
    }
    let made = try await withThrowingTaskGroup(of: EffectOutcome.self) { group in
      for one in wanted { group.addTask { try await vim.create(one, as: EffectToken(one.id)) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    let records = try await vim.run("look") { session throws(LibvirtFailure) in
      try session.domains().compactMap { DomainRecord($0.xml, state: $0.state) }.filter(\.isOurs)
    }
    #expect(Set(records.flatMap { $0.pins.values.joined() }) == Set(8..<16))
    #expect(Set(records.flatMap(\.devices)).count == 4)
    let fifth = try await TestHost.machine("n4", on: vim, cells: [1], pinned)
    let full = await refusal { _ = try await vim.create(fifth, as: EffectToken("n4")) }
    #expect(
      full
        == .rejected(
          .noCapacity("cores"),
          "vim lab, create: cell 1 has 0 CPUs free for its own use of them, 2 are needed"))
    // The cell next door has cores, but no card.
    let far = try await TestHost.machine("n5", on: vim, cells: [0], pinned)
    guard
      case .rejected(.noCapacity("vfs"), _) = await refusal({
        _ = try await vim.create(far, as: EffectToken("n5"))
      })
    else { Issue.record("a function from the other cell"); return }
    _ = try await vim.delete(made[0].handle, spec: wanted[0], as: EffectToken("d"))
    _ = try await vim.create(fifth, as: EffectToken("n4"))
  }

  @Test func `what this host cannot do is refused, and nothing is left of it`() async throws {
    let vim = try await TestHost.connect()
    var away = try await TestHost.machine("a", on: vim)
    away.host = "mars"
    let wrong: [(VIMError.Reason, PlacedInstance)] = [
      (.invalid("host"), away), (.invalid("cells"), try await TestHost.machine("a", on: vim, cells: [7])),
      (.invalid("memory"), try await TestHost.machine("a", on: vim, memory: 0)),
      (.noCapacity("memory"), try await TestHost.machine("a", on: vim, memory: 1 << 40)),
      (.invalid("page_size"), try await TestHost.machine("a", on: vim, ["vnf.page_size": .text("32 MiB")])),
      (
        .invalid("guest_cells"),
        try await TestHost.machine("a", on: vim, ["vnf.guest_cells": .list([.int(9)])])
      ),
      (.unsupported, try await TestHost.machine("a", on: vim, ["vnf.devices": .list([.text("fpga")])])),
      (.unsupported, try await TestHost.machine("a", on: vim, requires: ["liveMigration"])),
      (.notFound, try await TestHost.machine("a", on: vim, ["vnf.image": .text("images/none.qcow2")])),
      (.invalid("image"), try await TestHost.machine("a", on: vim, ["vnf.image": .text("direct:kernel")])),
    ]
    for (reason, instance) in wrong {
      let error = await refusal { _ = try await vim.create(instance, as: EffectToken("x")) }
      guard case .rejected(let found, let text) = error else { Issue.record("\(reason)"); continue }
      #expect(found == reason && text.hasPrefix("vim lab, create"), "\(text)")
    }
    #expect(try await vim.networkNames() == [])
    #expect(try await vim.observe([ResourceHandle(uuid5("x"))]).map(\.status) == [.missing])
    let alone = try await TestHost.machine("b", on: vim, mayOverlap: false)
    _ = try await vim.create(alone, as: EffectToken("one"))
    guard
      case .rejected(.conflict, _) = await refusal({ _ = try await vim.create(alone, as: EffectToken("two")) }
      )
    else { Issue.record("two side by side"); return }
  }

  @Test func `a machine is resized in place, and its undo brings it back`() async throws {
    let vim = try await TestHost.connect()
    let small = try await TestHost.machine("a", on: vim, cells: [0], ["vnf.cpus": .text("dedicated")])
    var large = small
    large.attributes["vnf.cpu"] = .int(4)
    large.demand["memory"] = 4 << 30
    let made = try await vim.create(small, as: EffectToken("t"))
    let resized = try await vim.resize(made.handle, from: small, to: large, as: EffectToken("r"))
    #expect(resized == EffectOutcome(made.handle, undo: .restore(made.handle, to: small)))
    let xml = try #require(try await vim.xml(of: made.handle))
    #expect(
      xml.contains("<memory unit='KiB'>4194304</memory>") && xml.contains("<vcpupin vcpu='3' cpuset='5'/>"))
    #expect(try await vim.observe([made.handle]).map(\.status) == [.running])
    #expect(try await vim.find(EffectToken("t")) == made)
    large.attributes["vnf.cpu"] = .int(9)
    guard
      case .rejected(.noCapacity("cores"), _) = await refusal({
        _ = try await vim.resize(made.handle, from: small, to: large, as: EffectToken("r2"))
      })
    else { Issue.record("nine CPUs of a cell of eight"); return }
    #expect(try await vim.xml(of: made.handle) == xml)
  }

  @Test func `a host that is not there, and one that nobody speaks to, are told apart`() async throws {
    let nowhere = await refusal {
      _ = try await LibvirtVIM.connect("lab", uri: "qemu+unix:///system?socket=/nonexistent/libvirt-sock")
    }
    guard case .unavailable(.unreachable, let text, nil) = nowhere else {
      Issue.record("\(String(describing: nowhere))"); return
    }
    #expect(
      text.hasPrefix(
        "vim lab, connect to qemu+unix:///system?socket=/nonexistent/libvirt-sock, virConnectOpen"))
    let odd = await refusal { _ = try await LibvirtVIM.connect("lab", uri: "nothing://") }
    #expect(odd != nil)
  }
}

extension LibvirtVIM {
  func xml(of handle: ResourceHandle) async throws -> String? {
    try await run("look") { session throws(LibvirtFailure) in
      try session.domain(handle.text) { domain throws(LibvirtFailure) in try session.xml(domain) }
    }
  }

  func networkNames() async throws -> [String] {
    try await run("look") { session throws(LibvirtFailure) in try session.networks() }
      .compactMap { XMLNode.parse($0)?.first("name")?.text }.filter { $0.hasPrefix("placet-") }
  }
}

extension Sequence {
  func asyncMap<T>(_ body: (Element) async throws -> T) async rethrows -> [T] {
    var result: [T] = []
    for element in self { result.append(try await body(element)) }
    return result
  }
}
