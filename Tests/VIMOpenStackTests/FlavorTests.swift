import NFVModel
import Testing
import VIMProtocol

@testable import VIMOpenStack

struct FlavorTests {
  private func flavor(_ attributes: [String: AttributeValue], memory: Int = 4 << 30) throws(VIMError)
    -> Flavor
  {
    try Flavor(
      MachineShape(
        PlacedInstance("s.v[0]", vim: "sto", host: "h", demand: ["memory": memory], attributes: attributes)),
      project: "p1")
  }

  /// Each capability that is declared and lies in a flavor, as it goes over the wire.
  @Test(
    arguments: [
      (["vnf.cpus": .text("dedicated")], ["hw:cpu_policy": "dedicated"]),
      (
        ["vnf.cpus": .text("dedicated"), "vnf.threads": .text("isolate"), "vnf.emulator": .text("isolated")],
        [
          "hw:cpu_policy": "dedicated", "hw:cpu_thread_policy": "isolate",
          "hw:emulator_threads_policy": "isolate",
        ]
      ),
      (
        ["vnf.cpus": .text("dedicated"), "vnf.threads": .text("require_siblings")],
        ["hw:cpu_policy": "dedicated", "hw:cpu_thread_policy": "require"]
      ),
      (
        ["vnf.cpus": .text("dedicated"), "vnf.threads": .text("prefer_siblings")],
        ["hw:cpu_policy": "dedicated", "hw:cpu_thread_policy": "prefer"]
      ),
      (
        ["vnf.cpus": .text("dedicated"), "vnf.realtime": .bool(true)],
        ["hw:cpu_policy": "dedicated", "hw:cpu_realtime": "yes", "hw:cpu_realtime_mask": "^0"]
      ),
      (["vnf.guest_cells": .list([.int(4), .int(4)])], ["hw:numa_nodes": "2"]),
      (
        ["vnf.guest_cells": .list([.int(6), .int(1), .int(1)])],
        [
          "hw:numa_nodes": "3", "hw:numa_cpus.0": "0-5", "hw:numa_cpus.1": "6", "hw:numa_cpus.2": "7",
          "hw:numa_mem.0": "3072", "hw:numa_mem.1": "512", "hw:numa_mem.2": "512",
        ]
      ),
      (["vnf.page_size": .text("1 GiB")], ["hw:mem_page_size": "1048576"]),
      (["vnf.page_size": .text("2 MiB")], ["hw:mem_page_size": "2048"]),
      (
        ["vnf.vfs": .int(2), "vnf.vf_policy": .text("required")], ["hw:pci_numa_affinity_policy": "required"]
      ),
      (["vnf.vfs": .int(2), "vnf.vf_policy": .text("socket")], ["hw:pci_numa_affinity_policy": "socket"]),
      (["vnf.vfs": .int(2), "vnf.vf_policy": .text("any")], ["hw:pci_numa_affinity_policy": "legacy"]),
      (
        ["vnf.devices": .list([.text("accel"), .text("gps"), .text("accel")])],
        ["pci_passthrough:alias": "accel:2,gps:1", "hw:pci_numa_affinity_policy": "preferred"]
      ),
      (["vnf.traits": .list([.text("CUSTOM_EDGE")])], ["trait:CUSTOM_EDGE": "required"]),
    ] as [([String: AttributeValue], [String: String])])
  func `a shape is said in nova's extra specs`(
    _ attributes: [String: AttributeValue], _ expected: [String: String]
  ) throws {
    #expect(try flavor(attributes.merging(["vnf.cpu": .int(8)]) { $1 }).extraSpecs == expected)
  }

  @Test func `one shape is one flavor, amounts are rounded up`() throws {
    let one = try flavor(["vnf.cpu": .int(2), "vnf.disk": .text("1.5 GiB")], memory: 1)
    #expect((one.vcpus, one.memory, one.disk) == (2, 1, 2))
    #expect(try flavor(["vnf.cpu": .int(2), "vnf.disk": .text("1.25 GiB")], memory: 1 << 20).id == one.id)
    #expect(try flavor(["vnf.cpu": .int(3), "vnf.disk": .text("1.5 GiB")], memory: 1).id != one.id)
  }

  @Test func `cells that do not add up, and quiet threads on shared CPUs, are refused`() {
    #expect(throws: VIMError.self) { try flavor(["vnf.cpu": .int(8), "vnf.guest_cells": .list([.int(4)])]) }
    #expect(throws: VIMError.self) { try flavor(["vnf.cpu": .int(8), "vnf.threads": .text("isolate")]) }
  }
}
