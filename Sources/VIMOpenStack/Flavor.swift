import NFVModel
import VIMProtocol

/// Nova's shape of a machine, made of ours. Its id is made of what it says, so that two instances of one shape share
/// one, and making it twice makes one.
struct Flavor: Hashable, Sendable {
  let id: String
  let vcpus: Int
  /// MiB.
  let memory: Int
  /// GiB.
  let disk: Int
  let extraSpecs: [String: String]

  var name: String { "placet-\(id)" }

  /// - Throws: what a shape asks for that no flavor says.
  init(_ shape: MachineShape, project: String) throws(VIMError) {
    vcpus = shape.cpus
    memory = max(1, (shape.memory + (1 << 20) - 1) >> 20)
    disk = max(1, (shape.disk + (1 << 30) - 1) >> 30)
    extraSpecs = try Self.extraSpecs(shape, memory: memory)
    let words = extraSpecs.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    id = nameUUID(([project, "\(vcpus)", "\(memory)", "\(disk)"] + words).joined(separator: "\n"))
  }

  var json: JSONValue {
    [
      "flavor": [
        "id": .string(id), "name": .string(name), "vcpus": .int(vcpus), "ram": .int(memory),
        "disk": .int(disk), "description": .string(Mark.owner),
      ]
    ]
  }

  private static func extraSpecs(_ shape: MachineShape, memory: Int) throws(VIMError) -> [String: String] {
    var specs: [String: String] = [:]
    if shape.cpuPolicy == .dedicated {
      specs["hw:cpu_policy"] = "dedicated"
      switch shape.threads {
      case .any: break
      case .prefer: specs["hw:cpu_thread_policy"] = "prefer"
      case .isolate: specs["hw:cpu_thread_policy"] = "isolate"
      case .require: specs["hw:cpu_thread_policy"] = "require"
      }
      if shape.isolatesEmulator { specs["hw:emulator_threads_policy"] = "isolate" }
    } else if shape.isolatesEmulator || shape.isRealtime || shape.threads != .any {
      throw .rejected(.invalid("cpus"), "thread policies and real time want dedicated CPUs in nova")
    }
    if shape.isRealtime {
      specs["hw:cpu_realtime"] = "yes"
      // Without a core for the emulator, the first vCPU serves it.
      if !shape.isolatesEmulator { specs["hw:cpu_realtime_mask"] = "^0" }
    }
    specs.merge(try cells(shape, memory: memory)) { old, _ in old }
    if let page = shape.pageSize { specs["hw:mem_page_size"] = "\(page >> 10)" }
    for trait in shape.traits { specs["trait:\(trait)"] = "required" }
    let kinds = Dictionary(grouping: shape.devices) { $0 }.sorted { $0.key < $1.key }
    if !kinds.isEmpty {
      specs["pci_passthrough:alias"] = kinds.map { "\($0.key):\($0.value.count)" }.joined(separator: ",")
    }
    if shape.virtualFunctions > 0 || !kinds.isEmpty {
      specs["hw:pci_numa_affinity_policy"] = shape.devicePolicy == "any" ? "legacy" : shape.devicePolicy
    }
    return specs
  }

  private static func cells(_ shape: MachineShape, memory: Int) throws(VIMError) -> [String: String] {
    guard !shape.guestCells.isEmpty else { return [:] }
    guard shape.guestCells.reduce(0, +) == shape.cpus, !shape.guestCells.contains(where: { $0 <= 0 }) else {
      throw .rejected(
        .invalid("guest_cells"), "the guest's cells \(shape.guestCells) do not share out \(shape.cpus) vCPUs")
    }
    var specs = ["hw:numa_nodes": "\(shape.guestCells.count)"]
    guard Set(shape.guestCells).count > 1 else { return specs }
    var (firstCPU, given) = (0, 0)
    for (number, cpus) in shape.guestCells.enumerated() {
      let isLast = number == shape.guestCells.count - 1
      let share = isLast ? memory - given : memory * cpus / shape.cpus
      let last = firstCPU + cpus - 1
      specs["hw:numa_cpus.\(number)"] = cpus == 1 ? "\(firstCPU)" : "\(firstCPU)-\(last)"
      specs["hw:numa_mem.\(number)"] = "\(share)"
      firstCPU += cpus
      given += share
    }
    return specs
  }
}
