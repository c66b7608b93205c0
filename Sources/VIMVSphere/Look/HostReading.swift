import NFVModel

/// One host as vSphere shows it, before anything is taken off.
struct HostReading: Sendable {
  struct Cell: Sendable {
    let number: Int
    let cores: Int
    let threads: Int
    let memoryBytes: Int
    /// PCI addresses of the devices next to it; empty where the version does not tell.
    let devices: Set<String>
  }

  /// A network card that gives virtual functions.
  struct Card: Sendable {
    /// Its PCI address: `0000:3b:00.0`.
    let address: String
    /// `vmnic4`, or the address where no name is shown.
    let name: String
    let megabits: Int?
    let functions: Int
    /// The cell that it is next to; nil where the host has several and does not say which.
    let cell: Int?
  }

  let object: ManagedObject
  let name: String
  let parent: ManagedObject?
  /// Connected, on, and not in maintenance.
  let isOffered: Bool
  let megahertz: Int
  let cores: Int
  let memoryBytes: Int
  let usedMiB: Int
  let packages: Int
  let cells: [Cell]
  let cards: [Card]
  let traits: [String]
  let datastores: [ManagedObject]

  static let paths = [
    "name", "parent", "runtime.connectionState", "runtime.inMaintenanceMode", "runtime.powerState",
    "summary.hardware.cpuMhz", "summary.hardware.numCpuCores", "summary.hardware.numCpuPkgs",
    "summary.hardware.memorySize", "summary.quickStats.overallMemoryUsage", "hardware.numaInfo",
    "hardware.cpuInfo.numCpuThreads", "config.pciPassthruInfo", "config.network.pnic",
    "config.featureCapability", "datastore",
  ]

  init?(_ seen: ObjectProperties) {
    guard let name = seen.text("name"), let cores = seen.int("summary.hardware.numCpuCores"),
      let memory = seen.int("summary.hardware.memorySize")
    else { return nil }
    object = seen.object
    self.name = name
    parent = seen.reference("parent")
    isOffered =
      seen.text("runtime.connectionState") == "connected" && !seen.isTrue("runtime.inMaintenanceMode")
      && (seen.text("runtime.powerState") ?? "poweredOn") != "standBy"
    megahertz = seen.int("summary.hardware.cpuMhz") ?? 0
    self.cores = cores
    memoryBytes = memory
    usedMiB = seen.int("summary.quickStats.overallMemoryUsage") ?? 0
    packages = max(1, seen.int("summary.hardware.numCpuPkgs") ?? 1)
    let threads = max(1, (seen.int("hardware.cpuInfo.numCpuThreads") ?? cores) / max(1, cores))
    cells = Self.cells(seen["hardware.numaInfo"], cores: cores, threads: threads)
    cards = Self.cards(seen["config.pciPassthruInfo"], seen["config.network.pnic"], cells)
    traits = Self.traits(seen["config.featureCapability"])
    datastores = seen.references("datastore")
  }

  private static func cells(_ info: XMLNode?, cores: Int, threads: Int) -> [Cell] {
    let nodes = (info?.all("numaNode") ?? []).sorted { ($0.int("typeId") ?? 0) < ($1.int("typeId") ?? 0) }
    return nodes.enumerated().map { number, node in
      Cell(
        number: number, cores: node.all("cpuID").count / threads, threads: threads,
        memoryBytes: node.int("memoryRangeLength") ?? 0, devices: Set(node.all("pciId").map(\.text)))
    }
  }

  private static func cards(_ passthrough: XMLNode?, _ network: XMLNode?, _ cells: [Cell]) -> [Card] {
    var ports: [String: XMLNode] = [:]
    for port in network?.children ?? [] { if let address = port["pci"]?.text { ports[address] = port } }
    let active = (passthrough?.children ?? []).filter {
      $0.schemaType == "HostSriovInfo" && $0.bool("sriovActive") ?? $0.bool("sriovEnabled") ?? false
    }
    return active.compactMap { info in
      guard let address = info["id"]?.text else { return nil }
      let near = cells.first { $0.devices.contains(address) }?.number
      return Card(
        address: address, name: ports[address]?["device"]?.text ?? address,
        megabits: ports[address]?["linkSpeed"]?.int("speedMb"),
        functions: info.int("numVirtualFunction") ?? 0, cell: near ?? (cells.count == 1 ? 0 : nil))
    }
    .sorted { naturallyPrecedes($0.name, $1.name) }
  }

  /// `cpuid.AVX512F`, present: `HW_CPU_X86_AVX512F`, the name that other VIMs have for it.
  private static func traits(_ capabilities: XMLNode?) -> [String] {
    (capabilities?.children ?? []).compactMap { feature in
      guard let key = feature["key"]?.text, key.hasPrefix("cpuid."), feature["value"]?.text == "1" else {
        return nil
      }
      let name = key.dropFirst(6)
      return "HW_CPU_X86_" + (otherNames[String(name)] ?? name.uppercased())
    }
    .sorted()
  }

  /// Features that vSphere calls otherwise than the list of standard traits does.
  private static let otherNames = ["AES": "AESNI", "CMPXCHG16B": "CX16"]

  /// Sockets share cells evenly; firmware that cuts a socket in several numbers them in order.
  func socket(of cell: Int) -> Int { cells.isEmpty ? 0 : cell * min(packages, cells.count) / cells.count }
}
