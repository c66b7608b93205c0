import NFVModel
import VIMProtocol

/// A machine as vSphere has to hold it: what a clone or a new machine is asked to be, and what one that is there
/// is compared with.
struct MachineWish: Sendable {
  var name: String
  /// Made of the token; nil for a machine that was adopted, which keeps its own.
  var uuid: NameUUID?
  var mark: Mark
  var cpus: Int
  var coresPerSocket: Int
  var memoryMiB: Int
  /// Megahertz; nil where nothing is reserved.
  var cpuReservation: Int?
  var reservesMemory: Bool
  var latencyIsHigh: Bool
  /// Extra configuration, without the mark's.
  var extra: [(key: String, value: String)]
  /// Nil where the template's own cards stay.
  var cards: [NetworkCard]?

  init(
    _ instance: PlacedInstance, _ shape: MachineShape, as token: EffectToken, megahertz: Int,
    cards: [NetworkCard]?
  ) {
    let uuid = NameUUID(token.text)
    self.uuid = uuid
    name = Mark.machineName(instance.id, uuid)
    mark = Mark(instance.id, token, apart: shape.apartGroup)
    cpus = shape.cpus
    coresPerSocket = Self.coresPerSocket(shape)
    memoryMiB = max(4, (shape.memory + (1 << 20) - 1) >> 20)
    memoryMiB += (4 - memoryMiB % 4) % 4
    let isPinned = shape.cpuPolicy == .dedicated || shape.isRealtime
    // vSphere gives a core to a vCPU alone where its latency sensitivity is high and all of it is reserved.
    latencyIsHigh = isPinned
    cpuReservation = isPinned ? shape.cpus * megahertz : nil
    let hasLargePages = (shape.pageSize ?? 0) >= 1 << 30
    reservesMemory = isPinned || hasLargePages || shape.virtualFunctions > 0
    extra = []
    if let cells = instance.cells, !cells.isEmpty {
      extra.append(("numa.nodeAffinity", cells.map(String.init).joined(separator: ",")))
    }
    if shape.guestCells.count > 1, let each = shape.guestCells.first {
      extra.append(("numa.autosize.once", "FALSE"))
      extra.append(("numa.vcpu.maxPerVirtualNode", String(each)))
      extra.append(("numa.vcpu.min", "1"))
    }
    if hasLargePages { extra.append(("sched.mem.lpage.enable1GPage", "TRUE")) }
    self.cards = cards
  }

  /// One socket, or one for each cell that the guest is to see.
  private static func coresPerSocket(_ shape: MachineShape) -> Int {
    guard shape.guestCells.count > 1, let each = shape.guestCells.first, shape.cpus % each == 0 else {
      return shape.cpus
    }
    return each
  }

  var allExtra: [(key: String, value: String)] { mark.extra + extra }

  /// As a `VirtualMachineConfigSpec` in the order of its schema.
  /// - Parameter removing: cards that the machine or its template has now.
  func specification(
    _ element: String, files: String? = nil, removing: [NetworkCard] = [], withCards: Bool = true,
    disks: [XMLText] = []
  ) -> XMLText {
    XMLText(element) {
      if files != nil { XMLText("name", name) }
      if let uuid { XMLText("instanceUuid", uuid.description) }
      if files != nil { XMLText("guestId", "otherGuest64") }
      XMLText("annotation", mark.annotation)
      if let files { XMLText("files") { XMLText("vmPathName", files) } }
      XMLText("numCPUs", cpus)
      XMLText("numCoresPerSocket", coresPerSocket)
      XMLText("memoryMB", memoryMiB)
      disks
      if withCards {
        removing.map(\.removal)
        (cards ?? []).enumerated().map { $1.addition(key: -100 - $0) }
      }
      XMLText("cpuAllocation") { XMLText("reservation", cpuReservation ?? 0) }
      XMLText("memoryAllocation") { XMLText("reservation", reservesMemory ? memoryMiB : 0) }
      XMLText("latencySensitivity") { XMLText("level", latencyIsHigh ? "high" : "normal") }
      allExtra.map { key, value in
        XMLText("extraConfig", schemaType: "OptionValue") {
          XMLText("key", key)
          XMLText("value", value, schemaType: "xsd:string")
        }
      }
      XMLText("memoryReservationLockedToMax", reservesMemory)
    }
  }

  /// What a machine that is there lacks of it, in words; empty when it is as wished.
  func differences(from machine: MachineState) -> [String] {
    var result: [String] = []
    func compare(_ what: String, _ isSame: Bool) { if !isSame { result.append(what) } }
    compare("cpus", machine.cpus == cpus)
    compare("memory", machine.memoryMiB == memoryMiB)
    compare("cores per socket", machine.coresPerSocket == coresPerSocket)
    compare("cpu reservation", machine.cpuReservation == cpuReservation ?? 0)
    compare("memory reservation", machine.memoryReservation == (reservesMemory ? memoryMiB : 0))
    compare("memory lock", machine.locksMemory == reservesMemory)
    compare("latency sensitivity", machine.latencyIsHigh == latencyIsHigh)
    compare("annotation", machine.annotation == mark.annotation)
    for (key, value) in allExtra { compare(key, machine.extra[key] == value) }
    compare("network cards", hasCards(of: machine))
    return result
  }

  func hasCards(of machine: MachineState) -> Bool {
    guard let cards else { return true }
    return machine.cards.count == cards.count && zip(machine.cards, cards).allSatisfy { $0.serves(as: $1) }
  }
}

/// A machine as it is.
struct MachineState: Sendable {
  let object: ManagedObject
  let name: String
  let host: ManagedObject?
  let isOn: Bool
  let cpus: Int
  let coresPerSocket: Int
  let memoryMiB: Int
  let cpuReservation: Int
  let memoryReservation: Int
  let locksMemory: Bool
  let latencyIsHigh: Bool
  let annotation: String
  let extra: [String: String]
  let cards: [NetworkCard]
  let devices: XMLNode?
  let networks: [ManagedObject]

  var mark: Mark? { Mark(extra: extra) }

  static let paths = [
    "name", "runtime.host", "runtime.powerState", "config.hardware", "config.cpuAllocation",
    "config.memoryAllocation", "config.memoryReservationLockedToMax", "config.latencySensitivity",
    "config.annotation", "config.extraConfig", "network",
  ]

  /// Nil while vSphere is still making it: it has no configuration then.
  init?(_ seen: ObjectProperties) {
    guard let hardware = seen["config.hardware"] else { return nil }
    object = seen.object
    name = unescapedName(seen.text("name") ?? "")
    host = seen.reference("runtime.host")
    isOn = seen.text("runtime.powerState") == "poweredOn"
    cpus = hardware.int("numCPU") ?? 0
    coresPerSocket = hardware.int("numCoresPerSocket") ?? 1
    memoryMiB = hardware.int("memoryMB") ?? 0
    cpuReservation = seen["config.cpuAllocation"]?.int("reservation") ?? 0
    memoryReservation = seen["config.memoryAllocation"]?.int("reservation") ?? 0
    locksMemory = seen.isTrue("config.memoryReservationLockedToMax")
    latencyIsHigh = seen["config.latencySensitivity"]?.text("level") == "high"
    annotation = seen.text("config.annotation") ?? ""
    extra = Dictionary(extraConfig: seen["config.extraConfig"])
    // `hardware.device` holds the devices one after another.
    var list = XMLNode("device")
    list.children = hardware.all("device")
    devices = list
    cards = NetworkCard.cards(in: list).sorted { $0.key < $1.key }
    networks = seen.references("network")
  }
}
