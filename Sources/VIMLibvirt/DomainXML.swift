import NFVModel
import VIMProtocol

/// Everything that was decided of a domain, and its XML.
struct DomainPlan: Sendable {
  let uuid: String
  let name: String
  let shape: MachineShape
  /// The host's cells, in the order of the guest's.
  let cells: [Int]?
  let pinning: Pinning
  let functions: [PCIAddress]
  /// Name and UUID of each network.
  let networks: [(name: String, uuid: String)]
  let boot: Boot
  /// A folder of the host for the serial console's output.
  let console: String?
  let token: String
  let instance: String
  let host: NodeTopology

  enum Boot: Hashable, Sendable {
    /// A kernel and an initial file system, files of the host.
    case direct(kernel: String, initrd: String, commandLine: String)
    /// A volume of its own.
    case volume(path: String)
    case network
  }

  var mark: DomainRecord.Mark {
    DomainRecord.Mark(
      token: token, instance: instance, reserved: pinning.reserved, networks: networks.map(\.uuid),
      volumes: volumes)
  }

  private var volumes: [String] { if case .volume(let path) = boot { [path] } else { [] } }

  var xml: String {
    """
    <domain type='\(escapedXML(host.domainType))'>
      <name>\(escapedXML(name))</name>
      <uuid>\(uuid)</uuid>
      <metadata>\(mark.xml)</metadata>
      <memory unit='KiB'>\(kibibytes)</memory>
      \(backing)
      <vcpu placement='static'\(floating)>\(shape.cpus)</vcpu>
      \(tuning)
      \(numa)
      \(system)
      <features><acpi/></features>
      \(guestCells)
      <on_poweroff>destroy</on_poweroff>
      <devices>
        \(devices.joined(separator: "\n    "))
      </devices>
    </domain>
    """
  }

  private var kibibytes: Int { (shape.memory + 1023) / 1024 }

  private var floating: String {
    pinning.floating.isEmpty ? "" : " cpuset='\(cpuText(pinning.floating))'"
  }

  private var backing: String {
    guard let size = shape.pageSize, size > 65_536 else { return "" }
    return "<memoryBacking><hugepages><page size='\(size / 1024)' unit='KiB'/></hugepages></memoryBacking>"
  }

  private var tuning: String {
    if pinning.cpus.isEmpty { return "" }
    let pins = pinning.cpus.enumerated().map { "<vcpupin vcpu='\($0)' cpuset='\($1)'/>" }
    return "<cputune>\(pins.joined())<emulatorpin cpuset='\(cpuText(pinning.emulator))'/></cputune>"
  }

  private var numa: String {
    guard let cells, !cells.isEmpty else { return "" }
    let nodes =
      shape.guestCells.count == cells.count
      ? zip(cells.indices, cells).map { "<memnode cellid='\($0)' mode='strict' nodeset='\($1)'/>" } : []
    return "<numatune><memory mode='strict' nodeset='\(cpuText(Set(cells)))'/>\(nodes.joined())</numatune>"
  }

  /// The cells that the guest sees; the memory in the proportion of its CPUs, in whole pages.
  private var guestCells: String {
    guard !shape.guestCells.isEmpty else { return "" }
    let page = max(1, (shape.pageSize ?? 0) / 1024)
    var (first, left) = (0, kibibytes)
    var rows: [String] = []
    for (number, cpus) in shape.guestCells.enumerated() {
      let isLast = number == shape.guestCells.count - 1
      let share = isLast ? left : kibibytes * cpus / max(1, shape.cpus) / page * page
      rows.append(
        "<cell id='\(number)' cpus='\(cpuText(Set(first..<first + cpus)))' memory='\(share)' unit='KiB'/>")
      (first, left) = (first + cpus, left - share)
    }
    return "<cpu><numa>\(rows.joined())</numa></cpu>"
  }

  private var system: String {
    let machine = host.machine.map { " machine='\($0)'" } ?? ""
    let type = "<type arch='\(escapedXML(host.architecture))'\(machine)>hvm</type>"
    switch boot {
    case .direct(let kernel, let initrd, let line):
      return "<os>\(type)<kernel>\(escapedXML(kernel))</kernel><initrd>\(escapedXML(initrd))</initrd>"
        + "<cmdline>\(escapedXML(line))</cmdline></os>"
    case .volume: return "<os>\(type)<boot dev='hd'/></os>"
    case .network: return "<os>\(type)<boot dev='network'/></os>"
    }
  }

  private var devices: [String] {
    var rows: [String] = []
    if case .volume(let path) = boot {
      let bus = shape.diskBus ?? "virtio"
      let letter = ["ide": "hda", "scsi": "sda", "sata": "sda"][bus] ?? "vda"
      rows.append(
        "<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='\(escapedXML(path))'/>"
          + "<target dev='\(letter)' bus='\(escapedXML(bus))'/></disk>")
    }
    for (number, network) in networks.enumerated() {
      let mac = number == 0 ? shape.mac.map { "<mac address='\(escapedXML($0))'/>" } ?? "" : ""
      rows.append(
        "<interface type='network'>\(mac)<source network='\(escapedXML(network.name))'/>"
          + "<model type='\(escapedXML(shape.nicModel ?? "virtio"))'/></interface>")
    }
    for function in functions {
      rows.append(
        "<hostdev mode='subsystem' type='pci' managed='yes'><source>\(function.xml)</source></hostdev>")
    }
    if let console {
      rows.append(
        "<serial type='file'><source path='\(escapedXML(console))/\(escapedXML(name)).console'/></serial>")
    } else {
      rows.append("<serial type='pty'/>")
    }
    return rows
  }
}

extension DomainPlan.Boot {
  /// What an image's name says: `direct:KERNEL,INITRD[,COMMAND LINE]` names files of the host; anything else a volume,
  /// which is made (a layer of its own over the image) before.
  static func direct(_ image: String) -> DomainPlan.Boot? {
    guard image.hasPrefix("direct:") else { return nil }
    let parts = image.dropFirst("direct:".count).split(separator: ",", maxSplits: 2).map(String.init)
    guard parts.count >= 2, parts[0].hasPrefix("/"), parts[1].hasPrefix("/") else { return nil }
    return .direct(
      kernel: parts[0], initrd: parts[1],
      commandLine: parts.count == 3 ? parts[2] : "console=ttyS0 quiet panic=-1")
  }
}

/// The name of a resource of ours: readable, and not another's.
func resourceName(_ text: String, uuid: String) -> String {
  var plain = ""
  for scalar in text.unicodeScalars.prefix(60) {
    let isPlain =
      ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
    if isPlain { plain.unicodeScalars.append(scalar) } else if plain.last != "-" { plain.append("-") }
  }
  while plain.hasSuffix("-") { plain.removeLast() }
  return "placet-\(plain)-\(uuid.prefix(8))"
}
