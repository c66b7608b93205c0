import NFVModel
import Testing
import VIMProtocol
import VIMTransport

@testable import VIMVSphere

struct InventoryTests {
  @Test func `the recorded vCenter is an inventory of the standard library's kinds`() async throws {
    let replay = ReplayingHTTP(try Recordings.read("inventory.json"))
    let part = try await RecordedTests.replayed(replay).inventory()
    #expect(part.source == "vim bed" && part.date == "2026-11-22T14:00:00Z")
    let kinds = Dictionary(grouping: part.entities, by: \.id.kind).mapValues(\.count)
    // Seven hosts, one of them in maintenance.
    #expect(kinds == ["host": 6, "cell": 12, "nic": 12, "zone": 2])
    let host = try #require(part.entity("host", "DC0_C0_H0"))
    #expect(host["memory"] == .amount("190 GiB"), "the hypervisor has 2 GiB")
    #expect(part.entity("cell", "DC0_C0_H0.c0")?.parent == EntityReference(kind: "host", name: "DC0_C0_H0"))
    // It is read back from the file that it is written to.
    let whole = Inventory(parts: [part])
    #expect(try Inventory(whole.json).hostCapacities.count == 6)
  }

  static func host(_ name: String, _ more: [(String, String)] = []) -> ObjectProperties? {
    let usual = [
      ("name", name), ("runtime.connectionState", "connected"), ("runtime.powerState", "poweredOn"),
      ("summary.hardware.cpuMhz", "2000"), ("summary.hardware.numCpuCores", "20"),
      ("summary.hardware.memorySize", "\(64 << 30)"), ("summary.quickStats.overallMemoryUsage", "0"),
    ]
    let xml = FakeVCenter.object("HostSystem", "host-\(name)", usual + more)
      .replacing("<objects>", with: "<objects xmlns:xsi=\"\(XMLReader.schemaInstance)\">")
    return (try? XMLReader.read([UInt8](xml.utf8))).flatMap { ObjectProperties($0) }
  }

  static func machine(_ name: String, _ properties: [(String, String)]) throws -> MachineReading {
    let xml = FakeVCenter.object("VirtualMachine", name, [("runtime.powerState", "poweredOn")] + properties)
    return MachineReading(try #require(ObjectProperties(try XMLReader.read([UInt8](xml.utf8)))))
  }

  @Test func `what others reserve or use is taken off, whichever is more`() throws {
    let host = try #require(Self.host("h").flatMap { HostReading($0) })
    let others = [
      try Self.machine(
        "reserved",
        [("summary.config.cpuReservation", "4001"), ("summary.config.memoryReservation", "1024")]),
      try Self.machine(
        "busy",
        [("summary.quickStats.overallCpuUsage", "2000"), ("summary.quickStats.hostMemoryUsage", "2048")]),
      try Self.machine(
        "pinned", [("summary.config.numCpu", "4"), ("config.latencySensitivity", "<level>high</level>")]),
      try Self.machine(
        "off", [("runtime.powerState", "poweredOff"), ("summary.config.cpuReservation", "40000")]),
    ]
    let free = FreeAmounts(host, all: others, others: others)
    #expect(free.cores == 20 - 3 - 1 - 4)
    #expect(free.memoryBytes == 61 << 30)
    #expect(FreeAmounts(host, all: others, others: []).cores == 20, "ours take nothing off")
  }

  @Test func `what a host does not show is absent, not zero`() throws {
    let bare = try #require(Self.host("bare"))
    let reading = try #require(HostReading(bare))
    #expect(reading.cells.isEmpty && reading.cards.isEmpty && reading.traits.isEmpty)
    #expect(HostReading(try #require(Self.host("x", [("summary.hardware.memorySize", "")]))) == nil)
    let card =
      "<HostPciPassthruInfo xsi:type=\"HostSriovInfo\"><id>0000:01:00.0</id><sriovActive>true</sriovActive>"
      + "<numVirtualFunction>4</numVirtualFunction></HostPciPassthruInfo>"
    let numa = "<numaNode><typeId>0</typeId></numaNode><numaNode><typeId>1</typeId></numaNode>"
    let seen = try #require(
      Self.host("two", [("config.pciPassthruInfo", card), ("hardware.numaInfo", numa)]))
    #expect(HostReading(seen)?.cards.map(\.cell) == [nil], "which of two cells it is near is not shown")
  }

  @Test func `hosts that take nothing now are not offered`() throws {
    for field in [
      ("runtime.connectionState", "notResponding"), ("runtime.inMaintenanceMode", "true"),
      ("runtime.powerState", "standBy"),
    ] {
      let host = try #require(Self.host("h", [field]).flatMap { HostReading($0) })
      #expect(!host.isOffered)
    }
    #expect(try #require(Self.host("h").flatMap { HostReading($0) }).isOffered)
  }
}
