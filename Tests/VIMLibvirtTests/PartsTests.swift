import NFVModel
import Testing
import VIMProtocol

@testable import VIMLibvirt

struct PartsTests {
  @Test func `sets of CPUs are read and written as libvirt does`() {
    #expect(cpuSet("0-3,^2,7") == [0, 1, 3, 7] && cpuSet("") == [])
    #expect(cpuText([7, 0, 1, 3]) == "0-1,3,7" && cpuText([Int]()) == "")
  }

  @Test func `text in XML stays text`() {
    let node = XMLNode.parse("<a b='\(escapedXML("<'&\">\n"))'>\(escapedXML("]]><c/>"))</a>")
    #expect(node?["b"] == "<'&\">\n" && node?.text == "]]><c/>" && node?.children.isEmpty == true)
    #expect(XMLNode.parse("<a><b></a>") == nil)
  }

  /// Two cells of two cores with two threads each: 0 and 4 are one core, and so on.
  private let node = XMLNode.parse(
    """
    <capabilities><host><cpu><arch>x86_64</arch><feature name='sse'/></cpu><topology><cells>
      <cell id='0'><memory unit='GiB'>8</memory><cpus>
        <cpu id='0' socket_id='0' siblings='0,4'/><cpu id='1' socket_id='0' siblings='1,5'/>
        <cpu id='4' socket_id='0' siblings='0,4'/><cpu id='5' socket_id='0' siblings='1,5'/></cpus></cell>
      <cell id='1'><memory unit='GiB'>8</memory><cpus>
        <cpu id='2' socket_id='1' siblings='2,6'/><cpu id='3' socket_id='1' siblings='3,7'/>
        <cpu id='6' socket_id='1' siblings='2,6'/><cpu id='7' socket_id='1' siblings='3,7'/></cpus></cell>
    </cells></topology></host>
    <guest><os_type>hvm</os_type><arch name='x86_64'><machine>pc</machine><domain type='qemu'/>
      <domain type='kvm'/></arch></guest></capabilities>
    """
  ).flatMap { NodeTopology(capabilities: $0, cpus: 8, cells: 2, threads: 2, memory: 16 << 30) }

  private func pin(
    _ cpus: Int, _ threads: MachineShape.ThreadPolicy, cells: [Int]?, taken: Set<Int> = [], guest: [Int] = [],
    emulator: Bool = false
  ) throws -> Pinning {
    var shape = MachineShape()
    (shape.cpus, shape.cpuPolicy, shape.threads) = (cpus, .dedicated, threads)
    (shape.guestCells, shape.isolatesEmulator) = (guest, emulator)
    return try Pinning(shape, cells: cells, on: try #require(node), taken: taken)
  }

  @Test func `CPUs are chosen by the policy on threads, always the lowest that fit`() throws {
    #expect(try pin(2, .any, cells: [0]).cpus == [0, 4])
    #expect(try pin(2, .any, cells: [0], taken: [4]).cpus == [0, 1])
    #expect(try pin(2, .prefer, cells: [0], taken: [4]).cpus == [1, 5])
    #expect(try pin(2, .require, cells: [0], taken: [4]).cpus == [1, 5])
    let isolated = try pin(2, .isolate, cells: [1])
    #expect(isolated.cpus == [2, 3] && isolated.reserved == [2, 3, 6, 7])
    #expect(throws: Pinning.Shortage(cell: 0, wanted: 2, free: 1)) {
      try pin(2, .isolate, cells: [0], taken: [4])
    }
    let across = try pin(4, .any, cells: [1, 0], guest: [3, 1])
    #expect(across.cpus == [2, 6, 3, 0] && across.emulator == [0, 2, 3, 6])
    let alone = try pin(2, .any, cells: [0], emulator: true)
    #expect(alone.emulator == [1] && alone.reserved == [0, 1, 4, 5])
    #expect(try pin(2, .any, cells: nil, taken: Set(0...5)).cpus == [6, 7].sorted { $0 < $1 })
  }

  @Test func `KVM is used where the processor helps, not where a device node is`() throws {
    #expect(try #require(node).domainType == "qemu")
    let helped = XMLNode.parse(
      """
      <capabilities><host><cpu><arch>x86_64</arch><feature name='vmx'/></cpu></host><guest><os_type>hvm</os_type>
        <arch name='x86_64'><domain type='qemu'/><domain type='kvm'/></arch></guest></capabilities>
      """
    ).flatMap { NodeTopology(capabilities: $0, cpus: 2, cells: 1, threads: 1, memory: 1 << 30) }
    #expect(helped?.domainType == "kvm" && helped?.cells.first?.cores == [[0], [1]])
  }
}
