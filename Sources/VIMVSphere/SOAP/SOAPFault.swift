import VIMProtocol

/// What vSphere says when it does not do a thing: the fault's type, its words, and the field that it names.
struct SOAPFault: Hashable, Sendable {
  /// `InvalidLogin`, `DuplicateName`, `InsufficientMemoryResourcesFault`; empty where there is no detail.
  let name: String
  let message: String
  /// `spec.memoryMB`, for the faults that name one.
  let property: String?

  /// From the body of a SOAP envelope.
  init?(body: XMLNode) {
    guard let fault = body["Fault"] else { return nil }
    let detail = fault["detail"]?.children.first
    let element = detail.map { $0.name.hasSuffix("Fault") ? String($0.name.dropLast(5)) : $0.name }
    self.init(
      name: detail?.schemaType ?? element ?? "", message: fault.text("faultstring") ?? "", detail: detail)
  }

  /// From the `error` of a task.
  init(taskError: XMLNode) {
    let fault = taskError["fault"]
    self.init(
      name: fault?.schemaType ?? "", message: taskError.text("localizedMessage") ?? "", detail: fault)
  }

  private init(name: String, message: String, detail: XMLNode?) {
    self.name = name
    self.message = message
    property = detail?.text("invalidProperty") ?? detail?.text("property")
  }

  var isNotAuthenticated: Bool { name == "NotAuthenticated" }
  /// The object is not there (any more): for a removal that is success.
  var isGone: Bool { name == "ManagedObjectNotFound" || name == "NotFound" }
  /// Something has the name already: ours from before, or another's.
  var isTaken: Bool { name == "DuplicateName" || name == "AlreadyExists" }

  /// Its own words, or its name where it says nothing more than that (`*types.InvalidArgument`).
  private var words: String {
    let said = message.isEmpty || message.hasSuffix(".\(name)") ? name : "\(message) (\(name))"
    return property.map { "\(said): \($0)" } ?? said
  }

  func error(of vim: String, call: String) -> VIMError {
    let text = "vim \(vim), \(call): \(words)"
    switch name {
    case "InvalidLogin", "NoPermission", "SecurityError", "NotAuthenticated", "InvalidLocale",
      "RestrictedVersion", "NoClientCertificate", "PasswordExpired":
      return .rejected(.unauthorised, text)
    case "ManagedObjectNotFound", "NotFound", "FileNotFound", "NoHost": return .rejected(.notFound, text)
    case "DuplicateName", "AlreadyExists", "FileAlreadyExists", "ResourceInUse", "InvalidPowerState",
      "InvalidState", "InvalidVmState", "VmConfigIncompatibleForRecordReplay", "MacAddressInUse",
      "DvsFault", "InvalidHostState":
      return .rejected(.conflict, text)
    case "NotSupported", "NotImplemented", "MethodNotFound", "MethodDisabled", "DeviceNotSupported",
      "NoCompatibleHost", "VirtualHardwareVersionNotSupported", "PassthroughNotSupported",
      "MigrationFeatureNotSupported":
      return .rejected(.unsupported, text)
    case "NotEnoughLicenses", "LicenseExpired", "InvalidLicense", "QuotaExceeded":
      return .rejected(.quota, text)
    case "HostNotConnected", "HostNotReachable", "HostCommunication", "HostConnectFault", "Timedout",
      "TaskInProgress", "ConcurrentAccess", "VAppTaskInProgress", "RequestCanceled", "TooManyTasks",
      "NetworkDisruptedAndConfigRolledBack":
      return .unavailable(.unreachable, text, retryAfter: nil)
    default:
      if let short = shortage { return .rejected(.noCapacity(short), text) }
      return .rejected(.invalid(property ?? "request"), text)
    }
  }

  /// What there is too little of, in the words of `PlacedInstance.demand`.
  private var shortage: String? {
    switch name {
    case "NoDiskSpace", "InsufficientDisks", "DatastoreNotWritableOnHost": return "storage"
    case "TooManyDevices", "NoAvailableIp", "InsufficientNetworkResourcePoolCapacity": return "devices"
    case "NotEnoughCpus", "NotEnoughLogicalCpus", "TooManyHosts": return "cores"
    default: break
    }
    guard name.hasPrefix("Insufficient") else { return nil }
    if name.contains("Memory") { return "memory" }
    if name.contains("Cpu") { return "cores" }
    if name.contains("Storage") { return "storage" }
    return "host"
  }
}
