import Foundation
import NFVModel
import VIMLibvirt
import VIMProtocol

/// Hosts of libvirt's test driver, in this process: what it keeps it keeps word for word, and it checks nothing.
enum TestHost {
  /// Whether the client library is there; a machine without it skips these tests, out loud.
  static let isThere = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib"]
    .contains {
      FileManager.default.fileExists(atPath: "\($0)/libvirt.so.0")
    }

  /// A host of its own: two cells, cores of two threads, a card with four virtual functions, a stranger.
  static func connect(domain: String = stranger) async throws -> LibvirtVIM {
    let file = FileManager.default.temporaryDirectory.appending(path: "placet-node-\(UUID().uuidString).xml")
    try Data(xml(domain).utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    var options = LibvirtVIM.Options()
    options.now = { "2026-11-22T14:00:00Z" }
    return try await LibvirtVIM.connect("lab", uri: "test://\(file.path)", options: options)
  }

  private static func xml(_ domain: String) -> String {
    """
    <node>
      <cpu><mhz>2600</mhz><model>x</model><active>16</active><nodes>2</nodes><sockets>1</sockets>
        <cores>4</cores><threads>2</threads></cpu>
      <memory>33554432</memory>
      \(domain)
      <pool type='dir'><name>images</name><uuid>7b5e1c5a-7c4e-4e66-9f59-0d8d3a6b3c11</uuid>
        <target><path>/images</path></target>
        <volume type='file'><name>mme.qcow2</name><capacity unit='bytes'>2147483648</capacity>
          <target><path>/images/mme.qcow2</path><format type='qcow2'/></target></volume></pool>
      <device><name>pci_0000_3b_00_0</name>
        <capability type='pci'><domain>0</domain><bus>59</bus><slot>0</slot><function>0</function>
          <product id='0x158b'>card</product><vendor id='0x8086'>maker</vendor>
          <capability type='virt_functions' maxCount='8'>
            <address domain='0x0000' bus='0x3b' slot='0x02' function='0x0'/>
            <address domain='0x0000' bus='0x3b' slot='0x02' function='0x1'/>
            <address domain='0x0000' bus='0x3b' slot='0x02' function='0x2'/>
            <address domain='0x0000' bus='0x3b' slot='0x02' function='0x3'/>
          </capability>
          <numa node='1'/></capability></device>
      <device><name>net_ens1f0</name><parent>pci_0000_3b_00_0</parent>
        <capability type='net'><interface>ens1f0</interface><address>3c:fd:fe:00:00:01</address>
          <link speed='25000' state='up'/></capability></device>
    </node>
    """
  }

  /// Somebody else's: two virtual CPUs on one core, 1 GiB of the first cell.
  static let stranger = """
    <domain type='test'><name>theirs</name><uuid>6695eb01-f6a4-8304-79aa-97f2502e193f</uuid>
      <memory unit='GiB'>1</memory><vcpu>2</vcpu>
      <cputune><vcpupin vcpu='0' cpuset='0'/><vcpupin vcpu='1' cpuset='1'/></cputune>
      <numatune><memory mode='strict' nodeset='0'/></numatune>
      <os><type>hvm</type></os></domain>
    """

  /// A machine for a host of the test driver, which is called like this one.
  static func machine(
    _ id: String, on vim: LibvirtVIM, cells: [Int]? = nil, memory: Int = 1 << 30,
    _ attributes: [String: AttributeValue] = [:], requires: [String] = [], mayOverlap: Bool = true
  ) async throws -> PlacedInstance {
    let host = try await vim.inventory().entities.first { $0.id.kind == "host" }?.id.name ?? ""
    return PlacedInstance(
      id, vim: vim.name, host: host, cells: cells, demand: ["memory": memory],
      attributes: ["vnf.cpu": AttributeValue.int(2)].merging(attributes) { _, new in new },
      requires: requires.map { CapabilityRequirement($0, rule: "fast") }, mayOverlap: mayOverlap)
  }
}

func refusal(_ body: () async throws -> Void) async -> VIMError? {
  do { try await body() } catch { return error as? VIMError }
  return nil
}
