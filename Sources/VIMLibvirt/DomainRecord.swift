/// A domain as its XML tells it: what it takes of the host, and whether it is ours.
struct DomainRecord: Sendable {
  let uuid: String
  let name: String
  let state: DomainState
  let virtualCPUs: Int
  /// Bytes.
  let memory: Int
  /// Bytes of a page, where it is backed by large ones.
  let pageSize: Int?
  /// The host CPUs of each virtual one that is pinned.
  let pins: [Int: Set<Int>]
  /// CPUs that its emulator has for itself or floats on.
  let emulatorPins: Set<Int>
  /// Cells that its memory is strictly bound to.
  let memoryCells: [Int]
  /// PCI addresses of the devices that it was given.
  let devices: Set<PCIAddress>
  /// Names of the networks that it is on.
  let networks: [String]
  let mark: Mark?

  /// What we wrote into it.
  struct Mark: Hashable, Sendable {
    static let namespace = "urn:placet:libvirt:1"
    let token: String
    let instance: String
    /// CPUs that nobody else may be pinned to: its own, and idle siblings of theirs.
    let reserved: Set<Int>
    /// UUIDs of our networks that it is on.
    let networks: [String]
    /// Volumes that were made for it.
    let volumes: [String]
  }

  var isOurs: Bool { mark != nil }

  /// CPUs that nobody else may be pinned to.
  var takenCPUs: Set<Int> {
    if let mark { return mark.reserved }
    // Somebody else's: what it is pinned to one by one. Wide masks float.
    return pins.values.filter { $0.count == 1 }.reduce(into: []) { $0.formUnion($1) }
  }

  /// Virtual CPUs that no pin holds to one CPU.
  var floatingCPUs: Int { virtualCPUs - pins.values.count { $0.count == 1 } }

  init?(_ xml: String, state: DomainState) {
    guard let node = XMLNode.parse(xml), let uuid = node.first("uuid")?.text else { return nil }
    self.uuid = uuid
    self.state = state
    name = node.first("name")?.text ?? ""
    virtualCPUs = node.first("vcpu")?.number ?? 1
    memory = node.first("memory")?.bytes ?? 0
    let page = node.first("memoryBacking", "hugepages", "page")
    pageSize = page?["size"].flatMap { Int($0) }.flatMap { XMLNode.bytes($0, page?["unit"]) }
    var pins: [Int: Set<Int>] = [:]
    for pin in node.all("cputune", "vcpupin") {
      guard let cpu = pin["vcpu"].flatMap({ Int($0) }) else { continue }
      pins[cpu] = cpuSet(pin["cpuset"] ?? "")
    }
    self.pins = pins
    emulatorPins = cpuSet(node.first("cputune", "emulatorpin")?["cpuset"] ?? "")
    memoryCells = cpuSet(node.first("numatune", "memory")?["nodeset"] ?? "").sorted()
    devices = Set(
      (node.all("devices", "hostdev") + node.all("devices", "interface").filter { $0["type"] == "hostdev" })
        .compactMap { $0.first("source", "address").flatMap(PCIAddress.init) })
    networks = node.all("devices", "interface", "source").compactMap { $0["network"] }
    mark = node.first("metadata").flatMap(Mark.init)
  }
}

extension DomainRecord.Mark {
  fileprivate init?(_ metadata: XMLNode) {
    let own = metadata.children.first { node in
      node.attributes.contains { $0.key.hasPrefix("xmlns") && $0.value == Self.namespace }
    }
    guard let own, own["owner"] == "placet", let token = own["token"] else { return nil }
    let prefix = own.name.split(separator: ":").dropLast().first.map { "\($0):" } ?? ""
    self.token = token
    instance = own["instance"] ?? ""
    reserved = cpuSet(own["reserved"] ?? "")
    networks = own.all("\(prefix)network").compactMap { $0["uuid"] }
    volumes = own.all("\(prefix)volume").compactMap { $0["path"] }
  }

  /// As it stands in a domain's metadata.
  var xml: String {
    let parts =
      networks.map { "<placet:network uuid='\($0)'/>" }
      + volumes.map { "<placet:volume path='\(escapedXML($0))'/>" }
    return """
      <placet:instance xmlns:placet='\(Self.namespace)' owner='placet' token='\(escapedXML(token))' \
      instance='\(escapedXML(instance))' reserved='\(cpuText(reserved))'>\(parts.joined())</placet:instance>
      """
  }
}

/// A device's place on the host's bus.
struct PCIAddress: Hashable, Sendable, Comparable {
  let domain: Int
  let bus: Int
  let slot: Int
  let function: Int

  init?(_ node: XMLNode) {
    func number(_ key: String) -> Int? {
      guard let text = node[key] else { return nil }
      return text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
    }
    guard let bus = number("bus"), let slot = number("slot"), let function = number("function") else {
      return nil
    }
    (domain, self.bus, self.slot, self.function) = (number("domain") ?? 0, bus, slot, function)
  }

  private var order: [Int] { [domain, bus, slot, function] }

  static func < (a: Self, b: Self) -> Bool { a.order.lexicographicallyPrecedes(b.order) }

  /// As an `address` element.
  var xml: String {
    func hex(_ number: Int) -> String { "0x" + String(number, radix: 16) }
    return
      "<address domain='\(hex(domain))' bus='\(hex(bus))' slot='\(hex(slot))' function='\(hex(function))'/>"
  }

  /// `0000:3b:00.1`.
  var text: String {
    func padded(_ number: Int, _ width: Int) -> String {
      let digits = String(number, radix: 16)
      return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
    return "\(padded(domain, 4)):\(padded(bus, 2)):\(padded(slot, 2)).\(function)"
  }
}

/// A network card that offers virtual functions.
struct PhysicalFunction: Hashable, Sendable {
  let name: String
  let address: PCIAddress
  /// The NUMA cell, where the host tells.
  let cell: Int?
  let functions: [PCIAddress]
  /// Mbit/s of its link, where the host tells.
  let rate: Int?

  /// Reads them from the descriptions of all devices of a host.
  static func all(in devices: [String]) -> [PhysicalFunction] {
    let nodes = devices.compactMap(XMLNode.parse)
    var rates: [String: Int] = [:]
    for node in nodes {
      guard let card = node.all("capability").first(where: { $0["type"] == "net" }),
        let speed = card.first("link")?["speed"].flatMap({ Int($0) }), let parent = node.first("parent")?.text
      else { continue }
      rates[parent] = speed
    }
    return nodes.compactMap { node in
      guard let card = node.all("capability").first(where: { $0["type"] == "pci" }),
        let offered = card.all("capability").first(where: { $0["type"] == "virt_functions" })
      else { return nil }
      func number(_ key: String) -> Int? { card.first(key)?.number }
      guard let bus = number("bus"), let slot = number("slot"), let function = number("function"),
        let name = node.first("name")?.text
      else { return nil }
      let address = PCIAddress(domain: number("domain") ?? 0, bus: bus, slot: slot, function: function)
      let cell = card.first("numa")?["node"].flatMap { Int($0) }.flatMap { $0 < 0 ? nil : $0 }
      return PhysicalFunction(
        name: name, address: address, cell: cell,
        functions: offered.all("address").compactMap(PCIAddress.init).sorted(), rate: rates[name])
    }.sorted { $0.address < $1.address }
  }
}

extension PCIAddress {
  init(domain: Int, bus: Int, slot: Int, function: Int) {
    (self.domain, self.bus, self.slot, self.function) = (domain, bus, slot, function)
  }
}
