import Foundation
import NFVModel
import Testing
import VIMContract
import VIMProtocol
import VIMTransport

@testable import VIMVSphere

/// Against the simulated vCenter that is up. One after another: they share its clusters.
@Suite(.serialized, .enabled(if: Bed.isUp, "PLACET_BED_VSPHERE names no vCenter: run make testbed-vsphere"))
struct LiveTests {
  /// Fresh with each run, so that a bed can serve many.
  let run = UInt64.random(in: .min ... .max)

  func token(_ name: String) -> EffectToken { EffectToken("\(run)-\(name)") }

  @Test func `it lets in whom it knows, and nobody else`() async throws {
    try await Bed.vim().probe()
    let stranger = try VSphereVIM(
      "bed", at: try #require(Bed.address), user: "placet", password: Secret("wrong-secret"),
      over: try LiveHTTP(tls: Bed.tls))
    do {
      try await stranger.probe()
      Issue.record("a wrong password opened it")
    } catch {
      guard case .rejected(.unauthorised, let text) = error else { Issue.record("\(error)"); return }
      #expect(text.contains("vim bed, Login") && !text.contains("wrong-secret"))
    }
  }

  @Test func `a certificate that nobody vouches for is not taken`() async throws {
    let careful = try VSphereVIM(
      "bed", at: try #require(Bed.address), user: "u", password: Secret("p"), over: try LiveHTTP())
    do {
      try await careful.probe()
      Issue.record("it trusted a stranger")
    } catch {
      guard case .rejected(.unauthorised, _) = error else { Issue.record("\(error)"); return }
    }
  }

  @Test func `hosts are shown with their cells, cards and traits, less what others take`() async throws {
    let part = try await Bed.vim().inventory()
    let host = try #require(part.entity("host", "DC0_C0_H1"))
    #expect(host["vim"] == .reference(kind: "vim", name: "bed"))
    #expect(host["zone"] == .reference(kind: "zone", name: "DC0_C0"))
    #expect(host["traits"]?.json.arrayValue?.contains("HW_CPU_X86_AVX512F") == true)
    let cell = try #require(part.entity("cell", "DC0_C0_H1.c1"))
    #expect(cell["cores"] == .int(16) && cell["socket"] == .int(1) && cell["threads_per_core"] == .int(2))
    let nic = try #require(part.entity("nic", "DC0_C0_H1.c1.vmnic1"))
    #expect(nic["rate"] == .amount("25000 Mbps") && nic["vfs"] == .int(8))
    #expect(part.entity("host", "DC0_C1_H2") == nil, "a host in maintenance is not offered")
    #expect(part.entity("zone", "DC0_C0") != nil)
    let cores = part.entities.filter { $0.id.kind == "host" }.compactMap { $0["cores"]?.json.intValue }
    #expect(cores.contains(30), "two cores of one host are reserved for somebody else")
  }

  @Test func `a data plane function is made once, as asked, where asked, and leaves nothing behind`()
    async throws
  {
    let vim = try Bed.vim()
    let before = try await snapshot(vim)
    let (one, two) = (Sample.router(), Sample.router("vepc.pgw[1]", on: "DC0_C0_H2"))
    #expect(try await vim.validate(one) == [])
    #expect(try await vim.find(token("one")) == nil)
    let made = try await vim.create(one, as: token("one"))
    #expect(made.missing.isEmpty && made.undo == .delete(made.handle))
    #expect(try await vim.create(one, as: token("one")) == made)
    #expect(try await vim.find(token("one")) == made)
    let other = try await vim.create(two, as: token("two"))

    let seen = try await vim.observe([other.handle, made.handle, ResourceHandle("vm-0")])
    #expect(seen.map(\.status) == [.running, .running, .missing])
    #expect(seen.map(\.host) == ["DC0_C0_H2", "DC0_C0_H1", nil])

    let machine = try #require(try await vim.state(of: ManagedObject("VirtualMachine", made.handle.text)))
    #expect(machine.cpus == 8 && machine.memoryMiB == 16 << 10 && machine.coresPerSocket == 8)
    #expect(machine.latencyIsHigh && machine.cpuReservation == 8 * 2400)
    #expect(machine.memoryReservation == 16 << 10 && machine.locksMemory)
    #expect(machine.extra["numa.nodeAffinity"] == "1")
    #expect(machine.extra["sched.mem.lpage.enable1GPage"] == "TRUE")
    #expect(machine.cards.map(\.model) == [.sriov, .vmxnet3])
    #expect(machine.cards.first?.address == "02:16:3e:00:00:01")
    #expect(machine.cards.first?.physicalFunction == "0000:af:00.0", "the card of cell 1")
    #expect(machine.mark?.instance == one.id)

    let host = try #require(try await vim.directory.host(one.host))
    let rules = try await rules(vim, host.compute.object)
    let pin = try #require(rules.rule(ClusterRules.pin(machine.name)))
    #expect(rules.group(pin.machineGroup ?? "")?.members == [machine.object])
    #expect(rules.group(pin.hostGroup ?? "")?.members == [host.object])
    #expect(rules.rule(ClusterRules.apart("vepc.pgw"))?.machines.count == 2)
    #expect(rules.overrides[machine.object] == false)

    // VMware's own client sees the same.
    if let client = Bed.environment["PLACET_BED_VSPHERE_CLIENT"] {
      let verified = JSONCursor(try Self.verify(with: client))
      let found = try verified.field("machines").list().first {
        $0.value["name"]?.stringValue == machine.name
      }
      let pgw = try #require(found)
      #expect(pgw.value["host"]?.stringValue == "DC0_C0_H1" && pgw.value["cpus"]?.intValue == 8)
      #expect(pgw.value["latency"]?.stringValue == "high" && pgw.value["nodeAffinity"]?.stringValue == "1")
      #expect(pgw.value["uuid"]?.stringValue == NameUUID(token("one").text).description)
      let names = try verified.field("rules").field("DC0_C0").texts()
      #expect(names.contains(ClusterRules.pin(machine.name)) && names.contains("placet-apart-vepc.pgw"))
      #expect(try verified.field("networks").texts() == ["placet-vepc.s5", "placet-vepc.sgi"])
    }

    // What we made ourselves is free for us; the virtual function of another would not be.
    let part = try await vim.inventory()
    #expect(part.entity("host", "DC0_C0_H1")?["cores"] == before.cores["DC0_C0_H1"])
    #expect(part.entity("nic", "DC0_C0_H1.c1.vmnic1")?["vfs"] == .int(8))

    #expect(try await vim.delete(made.handle, spec: one, as: token("gone")).undo == .create(one))
    #expect(try await vim.delete(made.handle, spec: one, as: token("again")).undo == .none)
    _ = try await vim.delete(other.handle, spec: two, as: token("gone too"))
    #expect(try await vim.find(token("one")) == nil)
    let after = try await snapshot(vim)
    #expect(after.names == before.names, "machines, networks, rules and groups")
  }

  @Test func `an old function gets its card, its bus and its address`() async throws {
    let vim = try Bed.vim()
    let made = try await vim.create(Sample.legacy(), as: token("old"))
    let machine = try #require(try await vim.state(of: ManagedObject("VirtualMachine", made.handle.text)))
    #expect(machine.cards.map(\.model) == [.e1000])
    #expect(machine.cards.map(\.address) == ["00:50:56:00:00:07"])
    #expect(Disks.buses(of: machine.devices) == ["ide"])
    #expect(!machine.latencyIsHigh && machine.cpuReservation == 0)
    _ = try await vim.delete(made.handle, spec: Sample.legacy(), as: token("old gone"))
  }

  @Test func `a function without a template gets a machine with a blank disk`() async throws {
    let vim = try Bed.vim()
    var spec = Sample.plain()
    spec.attributes["vdu.image"] = nil
    spec.attributes["vdu.disk"] = .text("10 GiB")
    let made = try await vim.create(spec, as: token("blank"))
    let machine = try #require(try await vim.state(of: ManagedObject("VirtualMachine", made.handle.text)))
    #expect(Disks.buses(of: machine.devices) == ["scsi"])
    _ = try await vim.delete(made.handle, spec: spec, as: token("blank gone"))
  }

  @Test(arguments: ["sata", "scsi", "ide"])
  func `a blank disk hangs on the bus that was asked for, and no network card is made unasked`(_ bus: String)
    async throws
  {
    let vim = try Bed.vim()
    var spec = Sample.plain("vepc.\(bus)[0]")
    spec.attributes["vdu.image"] = nil
    spec.attributes["vdu.disk"] = .text("10 GiB")
    spec.attributes["vnf.needs"] = .list([.text("disk_bus(\(bus))")])
    spec.requires = [CapabilityRequirement("emulatedDisk(\(bus))", rule: "old_system")]
    #expect(try await vim.validate(spec) == [])
    let made = try await vim.create(spec, as: token(bus))
    let machine = try #require(try await vim.state(of: ManagedObject("VirtualMachine", made.handle.text)))
    #expect(Disks.buses(of: machine.devices) == [bus] && machine.cards.isEmpty)
    _ = try await vim.delete(made.handle, spec: spec, as: token("\(bus) gone"))
  }

  @Test func `what runs is moved, changed, stopped and started`() async throws {
    let vim = try Bed.vim()
    let old = Sample.plain()
    let made = try await vim.create(old, as: token("mover"))
    let new = Sample.plain(on: "DC0_C1_H0")
    let moved = try await vim.migrate(made.handle, from: old, to: new, as: token("move"))
    #expect(moved.undo == .restore(made.handle, to: old) && moved.handle == made.handle)
    #expect(try await vim.observe([made.handle]).first?.host == "DC0_C1_H0")
    let names = try await snapshot(vim).names
    #expect(names.filter { $0.hasPrefix("DC0_C0 placet-") }.isEmpty, "its rules moved with it")

    var larger = new
    larger.attributes["vnf.cpu"] = .int(4)
    larger.demand["memory"] = 8 << 30
    _ = try await vim.resize(made.handle, from: new, to: larger, as: token("grow"))
    let machine = try #require(try await vim.state(of: ManagedObject("VirtualMachine", made.handle.text)))
    #expect(machine.cpus == 4 && machine.memoryMiB == 8 << 10 && machine.isOn)

    #expect(try await vim.stop(made.handle, as: token("stop")).undo == .none)
    #expect(try await vim.stop(made.handle, as: token("stop again")).undo == .none)
    #expect(try await vim.observe([made.handle]).first?.status == .stopped)
    #expect(try await vim.start(made.handle, as: token("start")).undo == .stop(made.handle))
    #expect(try await vim.start(made.handle, as: token("start again")).undo == .none)
    _ = try await vim.delete(made.handle, spec: larger, as: token("moved gone"))
  }

  @Test func `a pinned function moves with its cells and virtual functions`() async throws {
    let vim = try Bed.vim()
    let old = Sample.router()
    let made = try await vim.create(old, as: token("pinned"))
    var new = Sample.router(on: "DC0_C0_H0")
    new.cells = [0]
    _ = try await vim.migrate(made.handle, from: old, to: new, as: token("pinned move"))
    let machine = try #require(try await vim.state(of: ManagedObject("VirtualMachine", made.handle.text)))
    #expect(machine.isOn && machine.extra["numa.nodeAffinity"] == "0")
    #expect(machine.cards.first?.physicalFunction == "0000:3b:00.0")
    _ = try await vim.delete(made.handle, spec: new, as: token("pinned gone"))
  }

  @Test func `what others made is seen, and not taken for ours`() async throws {
    let vim = try Bed.vim()
    let made = try await vim.create(Sample.plain(), as: token("mine"))
    let strangers = try await vim.strangers(besides: [made.handle])
    #expect(!strangers.isEmpty && !strangers.map(\.handle).contains(made.handle))
    var other = Sample.plain("vepc.hss[0]")
    do {
      _ = try await vim.delete(made.handle, spec: other, as: token("theft"))
      Issue.record("it removed another's machine")
    } catch {
      guard case .rejected(.conflict, _) = error else { Issue.record("\(error)"); return }
    }
    other.id = "vepc.mme[0]"
    _ = try await vim.delete(made.handle, spec: other, as: token("mine gone"))
  }

  @Test func `what a host cannot hold is told before it is tried`() async throws {
    let vim = try Bed.vim()
    var large = Sample.router()
    large.attributes["vnf.cpu"] = .int(64)
    large.attributes["vnf.guest_cells"] = .list([.int(64)])
    large.demand["memory"] = 1 << 40
    large.attributes["vnf.vfs"] = .int(99)
    let complaints = try await vim.validate(large)
    #expect(complaints.contains { $0.contains("cores free, vepc.pgw[0] needs 64") })
    #expect(complaints.contains { $0.contains("MiB of memory free") })
    #expect(complaints.contains { $0.contains("virtual functions free") })
    #expect(try await vim.validate(Sample.plain(on: "nowhere")) == ["vim bed: no host is called nowhere"])
    #expect(try await vim.validate(Sample.plain(on: "DC0_C1_H2")).count == 1, "in maintenance")
    var unknown = Sample.plain()
    unknown.attributes["vdu.image"] = .text("no-such")
    #expect(try await vim.validate(unknown).count == 1)
  }

  @Test func `it keeps the contract of every back end`() async throws {
    var options = Contract.Options(nonce: "\(run)")
    options.image = "router"
    options.hosts = ["DC0_C0_H0", "DC0_C0_H1"]
    options.reopen = { try Bed.vim() }
    let report = await Contract(try Bed.vim(), options).run()
    #expect(report.isKept, Comment(rawValue: report.text))
    // Trouble on the way is tried on the recorded and the made-up vCenter, and nothing else is left untried.
    let untried = Set(
      report.rows.filter { if case .untried = $0.verdict { true } else { false } }.map(\.check))
    let troubles: Set<ContractCheck> = [
      .lostAnswer, .garbledAnswer, .lostRequest, .later, .quota, .noCapacity, .partial, .expired, .garbage,
      .slow,
    ]
    #expect(untried == troubles, Comment(rawValue: report.text))
  }

  @Test func `many are made side by side, and removed`() async throws {
    let vim = try Bed.vim()
    let before = try await snapshot(vim).names
    let run = run
    let made = try await withThrowingTaskGroup(of: (PlacedInstance, EffectOutcome).self) { group in
      for number in 0..<24 {
        group.addTask {
          var spec = Sample.plain("load.f[\(number)]", on: "DC0_C0_H\(number % 3)")
          spec.attributes["apart"] = .text("load.f\(number / 3)")
          spec.attributes["links"] = .list([.text("load.l")])
          return (spec, try await vim.create(spec, as: EffectToken("\(run)-load-\(number)")))
        }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    let seen = try await vim.observe(made.map(\.1.handle))
    #expect(seen.allSatisfy { $0.status == .running })
    #expect(zip(seen, made).allSatisfy { $0.host == $1.0.host })
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (spec, outcome) in made {
        group.addTask {
          _ = try await vim.delete(outcome.handle, spec: spec, as: EffectToken("\(run)-\(spec.id)"))
        }
      }
      try await group.waitForAll()
    }
    #expect(try await snapshot(vim).names == before)
  }

  // MARK: Looking around

  /// What `.ci/testbeds/vsphere.d/verify.py` prints.
  static func verify(with python: String) throws -> JSONValue {
    let script = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../.ci/testbeds/vsphere.d/verify.py").standardized
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = URL(filePath: python)
    process.arguments = [script.path()]
    process.standardOutput = pipe
    try process.run()
    let text = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return try JSONValue.parse([UInt8](text))
  }

  struct Snapshot {
    var names: Set<String>
    var cores: [String: AttributeValue]
  }

  /// All that we could have left behind, by name.
  func snapshot(_ vim: VSphereVIM) async throws -> Snapshot {
    var names: Set<String> = []
    for seen in try await vim.session.retrieve([
      ("VirtualMachine", ["name"]), ("Network", ["name"]), ("DistributedVirtualPortgroup", ["name"]),
    ]) {
      names.insert("\(seen.object.type) \(seen.text("name") ?? "")")
    }
    for host in try await vim.directory.fresh().hosts.values where host.compute.isCluster {
      let rules = try await rules(vim, host.compute.object)
      for name in rules.rules.map(\.name) + rules.groups.map(\.name) + rules.overrides.keys.map(\.value) {
        names.insert("\(host.compute.name) \(name)")
      }
    }
    var cores: [String: AttributeValue] = [:]
    for entity in try await vim.inventory().entities where entity.id.kind == "host" {
      cores[entity.id.name] = entity["cores"]
    }
    return Snapshot(names: names, cores: cores)
  }

  func rules(_ vim: VSphereVIM, _ cluster: ManagedObject) async throws -> ClusterRules {
    ClusterRules(try await vim.session.retrieve(cluster, ClusterRules.paths)?["configurationEx"])
  }
}
