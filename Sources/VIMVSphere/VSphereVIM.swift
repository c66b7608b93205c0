import Glibc
package import VIMProtocol
package import VIMTransport

/// A vCenter as a VIM: its inventory over SOAP, machines cloned or made on the host that the plan names, and its
/// own scheduler (DRS) told to leave them there.
package struct VSphereVIM: Sendable {
  package let name: String
  let session: SOAPSession
  let patience: TaskPatience
  let now: @Sendable () -> String
  let directory: DirectoryCache
  let clusters = ClusterQueue()
  let networks = NetworkLeases()
  let followed = TasksFollowed()

  /// - Parameters:
  ///   - address: as a VIM's address says: `vcenter.example.com`, `https://vcenter.example.com/sdk`.
  ///   - http: who carries the calls; see `LiveHTTP` for whom it trusts.
  ///   - taskTimeout: milliseconds until a task's outcome counts as unknown.
  ///   - now: the date of an inventory, as UTC text.
  ///   - sleep: how the time between two looks at a task passes.
  package init(
    _ name: String, at address: String, user: String, password: Secret, over http: any HTTPExchange,
    taskTimeout: Int = 15 * 60_000, now: @escaping @Sendable () -> String = VSphereVIM.clock,
    sleep: @escaping @Sendable (_ milliseconds: Int) async throws -> Void = {
      try await Task.sleep(for: .milliseconds($0))
    }
  ) throws(VIMError) {
    self.name = name
    session = SOAPSession(
      vim: name, endpoint: try Self.endpoint(address, of: name), user: user, password: password, http: http)
    patience = TaskPatience(most: taskTimeout, sleep: sleep)
    self.now = now
    directory = DirectoryCache(session)
  }

  /// Over the network, with the user of the environment.
  /// - Parameter environment: holds `VSPHERE_USER` and `VSPHERE_PASSWORD`.
  /// - Throws: `unauthorised` where one of them is missing.
  package static func live(
    _ name: String, at address: String, environment: [String: String], tls: TLSOptions = TLSOptions()
  ) throws(VIMError) -> VSphereVIM {
    guard let user = environment["VSPHERE_USER"], !user.isEmpty,
      let password = environment["VSPHERE_PASSWORD"]
    else {
      throw .rejected(
        .unauthorised, "vim \(name): VSPHERE_USER and VSPHERE_PASSWORD say who logs in, and are not set")
    }
    let http: LiveHTTP
    do throws(TransportError) { http = try LiveHTTP(tls: tls, secrets: [Secret(password)]) } catch {
      throw VIMError(error, of: name, call: "TLS", isSafe: true)
    }
    return try VSphereVIM(name, at: address, user: user, password: Secret(password), over: http)
  }

  /// Ends the session at the server. Without it the server ends it after its idle time.
  package func close() async { await session.close() }

  /// `https` and `/sdk` unless the address says otherwise. Plain HTTP goes to this machine alone: a password
  /// would travel readable.
  static func endpoint(_ address: String, of vim: String) throws(VIMError) -> String {
    let hasScheme = address.hasPrefix("https://") || address.hasPrefix("http://")
    let whole = hasScheme ? address : "https://\(address)"
    guard let start = whole.firstRange(of: "://") else {
      throw .rejected(.invalid("address"), "vim \(vim): '\(address)' is no address of a vCenter")
    }
    let rest = whole[start.upperBound...]
    let authority = rest.prefix { $0 != "/" }
    guard !authority.isEmpty, !authority.contains("@"), !rest.contains(" ") else {
      throw .rejected(
        .invalid("address"), "vim \(vim): the address of a vCenter is a host and a port, and holds no user")
    }
    let isHere = ["127.0.0.1", "localhost", "[::1]"].contains { host in
      authority == host || authority.hasPrefix("\(host):")
    }
    guard whole.hasPrefix("https://") || isHere else {
      throw .rejected(.invalid("address"), "vim \(vim): a vCenter is asked over https")
    }
    let path = rest.dropFirst(authority.count)
    return path.isEmpty || path == "/" ? "\(whole[..<start.upperBound])\(authority)/sdk" : whole
  }

  /// Now, as UTC text: `2026-11-22T14:00:00Z`.
  package static func clock() -> String {
    var seconds = time(nil)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
      + "T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
  }
}

extension VSphereVIM: DescribingVIM {
  package func describe() -> VIMDescription {
    VIMDescription(kind: "vsphere", version: "vim25", capabilities: Self.capabilities)
  }

  /// What the code honours, each with a test that shows it on the wire.
  package static let capabilities = Capabilities([
    .pinning, .threadPolicy(.isolate), .numaCells(8), .hugepages(1 << 30), .sriov,
    .deviceNUMA(.required), .deviceNUMA(.preferred), .deviceNUMA(.socket), .deviceNUMA(.legacy), .realtime,
    .affinity(.host), .hostTargeting, .liveMigration, .emulatedNIC(.e1000), .emulatedNIC(.vmxnet3),
    .emulatedDisk(.ide), .emulatedDisk(.sata), .emulatedDisk(.scsi), .fixedMAC, .capacityVisible,
  ])
}

/// Hosts by name, read once and again when a name is not known.
actor DirectoryCache {
  private let session: SOAPSession
  private var kept: Directory?
  private var templates: [String: ManagedObject] = [:]

  init(_ session: SOAPSession) { self.session = session }

  func directory() async throws(VIMError) -> Directory {
    if let kept { return kept }
    return try await fresh()
  }

  func fresh() async throws(VIMError) -> Directory {
    let directory = Directory(try await session.retrieve(Directory.wanted))
    kept = directory
    return directory
  }

  func host(_ name: String) async throws(VIMError) -> Directory.Host? {
    if let host = kept?.hosts[name] { return host }
    return try await fresh().hosts[name]
  }

  /// The template of a name; of several the first by reference.
  func template(_ name: String) async throws(VIMError) -> ManagedObject? {
    if let found = templates[name] { return found }
    let machines = try await session.retrieve([
      ("VirtualMachine", ["name", "summary.config.template"])
    ])
    templates = [:]
    for machine in machines.sorted(by: { $0.object.value > $1.object.value })
    where machine.isTrue("summary.config.template") {
      if let name = machine.text("name") { templates[unescapedName(name)] = machine.object }
    }
    return templates[name]
  }

  func forgetTemplate(_ name: String) { templates[name] = nil }
}
