import ConstraintSolver
import Diagnostics
import NFVModel
import Placement
import Testing
import VIMKubernetes
import VIMLibvirt
import VIMOpenStack
import VIMProtocol
import VIMVSphere

@testable import Placet

/// What the library says that VIMs of a kind usually offer, what the back ends declare, and what instances require.
@Suite struct CapabilityTests {
  private func policy(_ text: String) throws -> PolicyFile {
    let policy = PolicyFile.check(Source(name: "policy.placet", text: text))
    #expect(policy.diagnostics == [])
    return policy
  }

  /// What each back end of the build declares, on a host that has all that its kind can have.
  private static let declared: [String: Capabilities] = [
    "openstack": OpenStackVIM.capabilities,
    "vsphere": VSphereVIM.capabilities,
    "kubernetes": KubernetesVIM.capabilities(hasNetworks: false),
    "libvirt": LibvirtVIM.capabilities(cells: 2, pageSizes: [2 << 20, 1 << 30], threads: 2, hasCards: true),
  ]

  /// All that a policy can ask of a VIM, in the words of VIMs.
  private static let askable: Set<String> = [
    "pinning", "threadPolicy(isolate)", "emulatorThreads(isolate)", "numaCells(1)", "numaAsymmetric",
    "hugepages(2097152)", "hugepages(1073741824)", "realtime", "sriov", "passthrough", "fixedMAC",
    "emulatedNIC(virtio)", "emulatedNIC(e1000)", "emulatedNIC(vmxnet3)", "emulatedDisk(virtio)",
    "emulatedDisk(scsi)", "emulatedDisk(sata)", "emulatedDisk(ide)",
  ]

  @Test(arguments: ["openstack", "vsphere", "kubernetes", "libvirt"])
  func `what is usual of a kind is what its back end declares`(_ kind: String) throws {
    let world = try policy(
      """
      import nfv
      layer operator
      site here { country: "SE" }
      vim it { kind: \(kind), site: here }
      """
    ).world(RunInputs())
    let usual = try #require(world.offeredCapabilities["it"])
    #expect(usual.isSubset(of: Self.askable))
    let declared = try #require(Self.declared[kind])
    for text in Self.askable.sorted() {
      let word = try #require(Capability(text), "no VIM knows \(text)")
      #expect(declared.offers(word) == usual.contains(text), "\(kind): \(text)")
    }
  }

  @Test func `what a VNF needs is required of its VIM, in the words of VIMs`() throws {
    let needs = """
      pinned_cpus, isolated_threads, isolated_emulator, one_numa_cell, asymmetric_cells, hugepages(1 GiB), \
      hugepages(2 MiB), sriov(ports: 2, rate: 25 Gbps), fixed_mac, nic_model(e1000), disk_bus(sata), \
      passthrough("gpu"), realtime, no_overcommit, no_live_migration, dedicated_hardware, cpu_flags(["aes"])
      """
    let text = """
      import nfv
      layer vendor
      site here { country: "SE" }
      vim it { kind: openstack, site: here }
      host h { vim: it, cores: 64, memory: 64 GiB }
      service s {
        vnf a { cpu: 4, memory: 1 GiB, needs: [\(needs)] }
        vnf b { cpu: 4, memory: 1 GiB }
        vnf c { cpu: 4, memory: 1 GiB, needs: [nic_model(e1000)] }
      }
      waive capabilities for s.c because "it also runs without"
      """
    let answer = try policy(text).place(RunInputs(), SolverOptions())
    #expect(answer.isPlaced)
    let required = Dictionary(
      uniqueKeysWithValues: answer.assignment.instances.map { ($0.id, $0.requires) })
    #expect(
      required["s.a[0]"]?.map(\.capability) == [
        "pinning", "threadPolicy(isolate)", "emulatorThreads(isolate)", "numaCells(1)", "numaAsymmetric",
        "hugepages(1073741824)", "hugepages(2097152)", "sriov", "fixedMAC", "emulatedNIC(e1000)",
        "emulatedDisk(sata)", "passthrough", "realtime",
      ])
    #expect(required["s.a[0]"]?.allSatisfy { $0.rule == "capabilities" } == true)
    #expect(required["s.b[0]"] == [])
    #expect(required["s.c[0]"] == [])
  }
}
