package import NFVModel

/// A placed instance as a VIM has to make it, read from what the policy said of its VNF and VDU: the same reading
/// for every back end, in one place.
///
/// Field names are the standard library's (`nfv`, `epa`): what a VDU says goes before what its VNF says.
package struct MachineShape: Hashable, Sendable {
  package enum CPUPolicy: String, Sendable { case shared, dedicated }
  package enum ThreadPolicy: String, Sendable {
    case any, prefer = "prefer_siblings", isolate, require = "require_siblings"
  }

  /// Virtual CPUs; at least one.
  package var cpus = 1
  /// Bytes.
  package var memory = 0
  /// Bytes; 0 where the policy says nothing.
  package var disk = 0
  package var cpuPolicy = CPUPolicy.shared
  /// How many virtual CPUs share one core where they are shared; at least one.
  package var overcommit = 1
  /// Runs as a container: it says so in its needs.
  package var isContainer = false
  package var threads = ThreadPolicy.any
  /// The hypervisor's own thread has a core of its own.
  package var isolatesEmulator = false
  /// vCPUs of each guest NUMA cell; empty where it does not care. The host's cells are `PlacedInstance.cells`.
  package var guestCells: [Int] = []
  /// Bytes of a page; nil for ordinary pages.
  package var pageSize: Int?
  package var virtualFunctions = 0
  /// How near devices must be: `required`, `socket`, `preferred`, `any`.
  package var devicePolicy = "preferred"
  /// Whole devices by kind.
  package var devices: [String] = []
  package var isRealtime = false
  /// Traits that the host must have, sorted.
  package var traits: [String] = []
  /// The fixed address of its first interface, where the VNF lists one for each of its instances.
  package var mac: String?
  /// `e1000`, `vmxnet3`, `virtio`: where a need names one.
  package var nicModel: String?
  /// `ide`, `scsi`, `sata`, `virtio`: where a need names one.
  package var diskBus: String?
  /// The image's name in the VIM.
  package var image: String?
  /// Virtual links that it is an end of, by whole name (`vepc.s1`), sorted: a network each.
  package var networks: [String] = []
  /// Instances from which it is kept apart at host level share a group of this name; nil for none.
  package var apartGroup: String?

  package init() {}

  package init(_ instance: PlacedInstance) {
    func attribute(_ field: String) -> AttributeValue? {
      instance.attributes["vdu.\(field)"] ?? instance.attributes["vnf.\(field)"]
    }
    func text(_ field: String) -> String? { attribute(field)?.json.stringValue }
    func bytes(_ field: String) -> Int? { text(field).flatMap(byteCount) }
    func texts(_ field: String) -> [String] {
      attribute(field)?.json.arrayValue?.compactMap(\.stringValue) ?? []
    }

    cpus = max(1, attribute("cpu")?.json.intValue ?? 1)
    memory = instance.demand["memory"] ?? bytes("memory") ?? 0
    disk = bytes("disk") ?? 0
    cpuPolicy = text("cpus").flatMap(CPUPolicy.init) ?? .shared
    overcommit = max(1, attribute("overcommit")?.json.intValue ?? 1)
    threads = text("threads").flatMap(ThreadPolicy.init) ?? .any
    isolatesEmulator = text("emulator") == "isolated"
    guestCells = attribute("guest_cells")?.json.arrayValue?.compactMap(\.intValue) ?? []
    pageSize = bytes("page_size")
    virtualFunctions = attribute("vfs")?.json.intValue ?? 0
    devicePolicy = text(virtualFunctions > 0 ? "vf_policy" : "device_policy") ?? "preferred"
    devices = texts("devices")
    isRealtime = attribute("realtime")?.json.boolValue ?? false
    traits = texts("traits").sorted()
    image = text("image")
    networks = instance.attributes["links"]?.json.arrayValue?.compactMap(\.stringValue).sorted() ?? []
    apartGroup = instance.attributes["apart"]?.json.stringValue
    let addresses = texts("mac")
    mac =
      addresses.count == 1 ? addresses[0] : Self.ordinal(instance.id).flatMap { addresses.element(at: $0) }
    for need in texts("needs") {
      nicModel = Self.argument(of: "nic_model", in: need) ?? nicModel
      diskBus = Self.argument(of: "disk_bus", in: need) ?? diskBus
      switch need {
      case "pinned_cpus": cpuPolicy = .dedicated
      case "isolated_threads": threads = .isolate
      case "isolated_emulator": isolatesEmulator = true
      case "realtime": isRealtime = true
      case "containers": isContainer = true
      default: break
      }
    }
  }

  /// `vepc.mme[2]`, `ims.scscf.front-2`: 2.
  private static func ordinal(_ id: String) -> Int? {
    let digits = id.reversed().drop { $0 == "]" }.prefix { $0.isASCII && $0.isNumber }
    return Int(String(digits.reversed()))
  }

  /// `nic_model(model: e1000)` or `nic_model(e1000)`: `e1000`.
  private static func argument(of name: String, in need: String) -> String? {
    guard need.hasPrefix(name + "("), need.hasSuffix(")") else { return nil }
    let inside = need.dropFirst(name.count + 1).dropLast()
    return inside.split(separator: ":").last.map { String($0.drop { $0 == " " }) }
  }
}

extension Array {
  fileprivate func element(at index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
