import VIMProtocol

/// What a virtual machine takes of its host, for the sum of what others use.
struct MachineReading: Sendable {
  let object: ManagedObject
  let host: ManagedObject?
  let isOn: Bool
  let isTemplate: Bool
  let uuid: String
  let hasOurAnnotation: Bool
  let cpus: Int
  let hasDedicatedCores: Bool
  /// Megahertz and MiB: the larger of what is reserved and what is used.
  let cpuMegahertz: Int
  let memoryMiB: Int
  /// MiB of the host's memory that it has now.
  let consumedMiB: Int
  let datastores: [ManagedObject]
  let committedBytes: Int

  static let paths = [
    "runtime.host", "runtime.powerState", "summary.config.template", "summary.config.instanceUuid",
    "config.annotation", "summary.config.numCpu", "summary.config.memorySizeMB", "config.latencySensitivity",
    "summary.config.cpuReservation", "summary.config.memoryReservation", "summary.quickStats.overallCpuUsage",
    "summary.quickStats.hostMemoryUsage", "summary.storage.committed", "datastore",
  ]

  init(_ seen: ObjectProperties) {
    object = seen.object
    host = seen.reference("runtime.host")
    isOn = seen.text("runtime.powerState") == "poweredOn"
    isTemplate = seen.isTrue("summary.config.template")
    uuid = seen.text("summary.config.instanceUuid") ?? ""
    hasOurAnnotation = Mark.isOurs(annotation: seen.text("config.annotation") ?? "")
    cpus = seen.int("summary.config.numCpu") ?? 0
    hasDedicatedCores = seen["config.latencySensitivity"]?.text("level") == "high"
    cpuMegahertz = max(
      seen.int("summary.config.cpuReservation") ?? 0, seen.int("summary.quickStats.overallCpuUsage") ?? 0)
    consumedMiB = seen.int("summary.quickStats.hostMemoryUsage") ?? 0
    memoryMiB = max(seen.int("summary.config.memoryReservation") ?? 0, consumedMiB)
    datastores = seen.references("datastore")
    committedBytes = seen.int("summary.storage.committed") ?? 0
  }

  /// Cores that it takes of its host: dedicated ones whole, others by the megahertz.
  func cores(at megahertz: Int) -> Int {
    if hasDedicatedCores { return cpus }
    return megahertz > 0 ? (cpuMegahertz + megahertz - 1) / megahertz : 0
  }
}

extension Dictionary<String, String> {
  /// The `extraConfig` of a machine; the last of several with one key.
  init(extraConfig node: XMLNode?) {
    self.init()
    for option in node?.children ?? [] {
      if let key = option["key"]?.text { self[key] = option["value"]?.text ?? "" }
    }
  }
}
