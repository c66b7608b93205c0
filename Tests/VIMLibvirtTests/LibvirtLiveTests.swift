import Foundation
import NFVModel
import Testing
import VIMProtocol

@testable import VIMLibvirt

/// Real guests of a real QEMU: `make testbed-libvirt` starts a daemon and says where it is, and what boots.
@Suite(
  .serialized,
  .enabled(
    if: LibvirtBed.uri != nil && LibvirtBed.image != nil,
    "PLACET_BED_LIBVIRT names no libvirt, or PLACET_BED_LIBVIRT_IMAGE nothing that boots"))
struct LibvirtLiveTests {
  @Test func `a pinned guest boots on its CPU, its pages and its cell, and leaves nothing but its log`()
    async throws
  {
    let vim = try await LibvirtBed.connect()
    let before = try await vim.inventory()
    let wanted = try await LibvirtBed.guest(
      "vepc.mme[0]", on: vim, cells: [0],
      [
        "vnf.cpu": .int(1), "vnf.cpus": .text("dedicated"), "vnf.page_size": .text("2 MiB"),
        "vnf.guest_cells": .list([.int(1)]), "vnf.mac": .list([.text("52:54:00:00:00:07")]),
        "links": .list([.text("vepc.s1")]),
      ], requires: ["pinning", "hugepages(2097152)", "numaCells(1)", "fixedMAC"])
    #expect(try await vim.validate(wanted) == [])
    let token = EffectToken("live-\(UUID().uuidString)")
    let made = try await vim.create(wanted, as: token)
    #expect(try await vim.create(wanted, as: token) == made)
    #expect(try await vim.find(token) == made)
    let record = try #require(try await LibvirtBed.record(made.handle, on: vim))
    #expect(record.status == .running && record.pins == [0: [0]] && record.memoryCells == [0])
    // What is ours counts as free, its pages too.
    #expect(try await vim.inventory().entities == before.entities)
    if let threads = LibvirtBed.affinities(of: record.name) {
      #expect(threads.filter { $0.name.hasPrefix("CPU 0/") }.map(\.cpus) == ["0"])
    }
    let log = try await LibvirtBed.booted(record.name)
    #expect(log.contains("BOOTED cpus=1"), "\(log.suffix(500))")

    #expect(try await vim.stop(made.handle, as: EffectToken("s")).undo == .none)
    #expect(try await vim.observe([made.handle]).map(\.status) == [.stopped])
    #expect(try await vim.start(made.handle, as: EffectToken("r")).undo == .stop(made.handle))
    #expect(try await vim.observe([made.handle]).map(\.status) == [.running])
    #expect(try await vim.delete(made.handle, spec: wanted, as: EffectToken("d")).undo == .create(wanted))
    #expect(try await vim.delete(made.handle, spec: wanted, as: EffectToken("d")).undo == .none)
    #expect(try await vim.observe([made.handle]).map(\.status) == [.missing])
    #expect(try await vim.networkNames() == [])
    #expect(try await vim.inventory().entities == before.entities)
  }

  @Test func `two guests of one link each get a CPU, a third finds none, and a resized one comes up again`()
    async throws
  {
    let vim = try await LibvirtBed.connect()
    let cores =
      (try await vim.inventory().entities.first { $0.id.kind == "host" })?["cores"]?.json.intValue ?? 0
    try #require(cores >= 2)
    let pinned: [String: AttributeValue] = [
      "vnf.cpu": .int(1), "vnf.cpus": .text("dedicated"), "links": .list([.text("vepc.s2")]),
    ]
    let guests = try await (0..<cores).asyncMap {
      try await LibvirtBed.guest("n\($0)", on: vim, cells: [0], pinned)
    }
    let made = try await withThrowingTaskGroup(of: (PlacedInstance, EffectOutcome).self) { group in
      for one in guests {
        group.addTask { (one, try await vim.create(one, as: EffectToken("pair-\(one.id)"))) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(try await vim.networkNames().count == 1)
    let more = try await LibvirtBed.guest("n9", on: vim, cells: [0], pinned)
    guard
      case .rejected(.noCapacity("cores"), _) = await refusal({
        _ = try await vim.create(more, as: EffectToken("pair-n9"))
      })
    else { Issue.record("a CPU twice"); return }
    var larger = made[0].0
    larger.demand["memory"] = 256 << 20
    let resized = try await vim.resize(made[0].1.handle, from: made[0].0, to: larger, as: EffectToken("r"))
    #expect(resized.undo == .restore(made[0].1.handle, to: made[0].0))
    #expect(try await LibvirtBed.record(made[0].1.handle, on: vim)?.memory == 256 << 20)
    #expect(try await vim.observe(made.map(\.1.handle)).allSatisfy { $0.status == .running })
    for (instance, outcome) in made {
      _ = try await vim.delete(outcome.handle, spec: instance, as: EffectToken("d"))
    }
    #expect(try await vim.networkNames() == [])
  }

  @Test func `what the hypervisor refuses is refused, and nothing is left of it`() async throws {
    let vim = try await LibvirtBed.connect()
    let large = try await LibvirtBed.guest(
      "big", on: vim, cells: [0], memory: 8 << 30, ["vnf.page_size": .text("2 MiB")])
    let error = await refusal { _ = try await vim.create(large, as: EffectToken("big")) }
    guard case .rejected(.noCapacity("memory"), let text) = error else {
      Issue.record("\(String(describing: error))"); return
    }
    #expect(text.hasPrefix("vim lab, create, virDomainCreate: "))
    #expect(try await vim.observe([ResourceHandle(uuid5("big"))]).map(\.status) == [.missing])
    let image = try await LibvirtBed.guest(
      "none", on: vim, cells: nil, ["vnf.image": .text("direct:/nonexistent/vmlinuz,/nonexistent/initrd")])
    guard case .rejected = await refusal({ _ = try await vim.create(image, as: EffectToken("none")) }) else {
      Issue.record("a kernel that is not there boots"); return
    }
    #expect(try await vim.observe([ResourceHandle(uuid5("none"))]).map(\.status) == [.missing])
    #expect(try await vim.networkNames() == [])
  }
}

enum LibvirtBed {
  private static let environment = ProcessInfo.processInfo.environment
  static let uri = environment["PLACET_BED_LIBVIRT"]
  /// `direct:KERNEL,INITRD`: something that says BOOTED on its console.
  static let image = environment["PLACET_BED_LIBVIRT_IMAGE"]
  private static let console = environment["PLACET_BED_LIBVIRT_CONSOLES"] ?? "/tmp"

  static func connect() async throws -> LibvirtVIM {
    try await LibvirtVIM.connect("lab", uri: uri ?? "")
  }

  static func guest(
    _ id: String, on vim: LibvirtVIM, cells: [Int]?, memory: Int = 192 << 20,
    _ attributes: [String: AttributeValue], requires: [String] = []
  ) async throws -> PlacedInstance {
    let usual: [String: AttributeValue] = ["vnf.image": .text(image ?? ""), "vnf.console": .text(console)]
    return try await TestHost.machine(
      id, on: vim, cells: cells, memory: memory, usual.merging(attributes) { _, new in new },
      requires: requires)
  }

  static func record(_ handle: ResourceHandle, on vim: LibvirtVIM) async throws -> DomainRecord? {
    try await vim.xml(of: handle).flatMap { DomainRecord($0, state: .running) }
  }

  /// The guest's console, once it says that it is up.
  static func booted(_ name: String) async throws -> String {
    for _ in 0..<6000 {
      let log = (try? String(contentsOf: URL(filePath: "\(console)/\(name).console"), encoding: .utf8)) ?? ""
      if log.contains("BOOTED") { return log }
      try await Task.sleep(for: .milliseconds(100))
    }
    return (try? String(contentsOf: URL(filePath: "\(console)/\(name).console"), encoding: .utf8))
      ?? "no console"
  }

  /// The CPUs that the kernel lets each thread of a guest run on; nil where we may not look.
  static func affinities(of name: String) -> [(name: String, cpus: String)]? {
    guard let pid = try? String(contentsOf: URL(filePath: "/run/libvirt/qemu/\(name).pid"), encoding: .utf8),
      let tasks = try? FileManager.default.contentsOfDirectory(
        atPath: "/proc/\(pid.trimmingCharacters(in: .whitespacesAndNewlines))/task")
    else { return nil }
    return tasks.compactMap { task in
      let folder = "/proc/\(task)"
      guard let status = try? String(contentsOf: URL(filePath: "\(folder)/status"), encoding: .utf8) else {
        return nil
      }
      func field(_ key: String) -> String {
        status.split(separator: "\n").first { $0.hasPrefix("\(key):") }?
          .split(separator: "\t").last.map(String.init) ?? ""
      }
      return (field("Name"), field("Cpus_allowed_list"))
    }
  }
}
