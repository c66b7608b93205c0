import CLibvirt
import Glibc

/// libvirt as Swift calls it, on the thread of one call: errors are thrown, texts and lists are freed, handles let go
/// of. Everything here may block.
struct LibvirtSession {
  let api: placet_libvirt
  let connection: UnsafeMutableRawPointer

  typealias Handle = UnsafeMutableRawPointer

  // MARK: The host

  func hostname() throws(LibvirtFailure) -> String {
    try text("virConnectGetHostname", api.virConnectGetHostname(connection))
  }

  /// `9.0.0`.
  func version() throws(LibvirtFailure) -> String {
    var version: CUnsignedLong = 0
    try done("virConnectGetLibVersion", api.virConnectGetLibVersion(connection, &version))
    return "\(version / 1_000_000).\(version / 1000 % 1000).\(version % 1000)"
  }

  func capabilities() throws(LibvirtFailure) -> String {
    try text("virConnectGetCapabilities", api.virConnectGetCapabilities(connection))
  }

  func nodeInfo() throws(LibvirtFailure) -> placet_node_info {
    var info = placet_node_info()
    try done("virNodeGetInfo", api.virNodeGetInfo(connection, &info))
    return info
  }

  /// Free pages of each size (KiB) of one cell.
  func freePages(_ sizes: [Int], cell: Int) throws(LibvirtFailure) -> [Int] {
    var wanted = sizes.map { CUnsignedInt($0) }
    var counts = [CUnsignedLongLong](repeating: 0, count: sizes.count)
    try done(
      "virNodeGetFreePages",
      api.virNodeGetFreePages(connection, CUnsignedInt(sizes.count), &wanted, CInt(cell), 1, &counts, 0))
    return counts.map(Int.init)
  }

  /// Free bytes of one cell.
  func freeMemory(cell: Int) throws(LibvirtFailure) -> Int {
    var free: CUnsignedLongLong = 0
    try done(
      "virNodeGetCellsFreeMemory", api.virNodeGetCellsFreeMemory(connection, &free, CInt(cell), 1))
    return Int(free)
  }

  func nodeDevices() throws(LibvirtFailure) -> [String] {
    // Without flags: the test driver knows none.
    try list("virConnectListAllNodeDevices", { api.virConnectListAllNodeDevices(connection, $0, 0) }) {
      device throws(LibvirtFailure) in
      defer { _ = api.virNodeDeviceFree(device) }
      return try text("virNodeDeviceGetXMLDesc", api.virNodeDeviceGetXMLDesc(device, 0))
    }
  }

  // MARK: Domains

  /// What every domain is and whether it runs. One that goes while they are read is left out.
  func domains() throws(LibvirtFailure) -> [(xml: String, state: DomainState)] {
    try list("virConnectListAllDomains", { api.virConnectListAllDomains(connection, $0, 0) }) {
      domain throws(LibvirtFailure) in
      defer { _ = api.virDomainFree(domain) }
      do throws(LibvirtFailure) { return [(try xml(domain), try state(domain))] } catch {
        if error.code == LibvirtFailure.noDomain { return [] }
        throw error
      }
    }.flatMap { $0 }
  }

  /// Does something with a domain; nil when there is none.
  func domain<T>(_ uuid: String, _ body: (Handle) throws(LibvirtFailure) -> T) throws(LibvirtFailure) -> T? {
    guard let domain = api.virDomainLookupByUUIDString(connection, uuid) else {
      let failure = failure("virDomainLookupByUUIDString")
      // What is no UUID is nobody's.
      if [LibvirtFailure.noDomain, 8].contains(failure.code) { return nil }
      throw failure
    }
    defer { _ = api.virDomainFree(domain) }
    return try body(domain)
  }

  func xml(_ domain: Handle) throws(LibvirtFailure) -> String {
    try text("virDomainGetXMLDesc", api.virDomainGetXMLDesc(domain, 0))
  }

  func state(_ domain: Handle) throws(LibvirtFailure) -> DomainState {
    var state: CInt = 0
    try done("virDomainGetState", api.virDomainGetState(domain, &state, nil, 0))
    return DomainState(rawValue: Int(state)) ?? .none
  }

  /// Whether a domain that stands still has never run since it was defined.
  func hasNeverRun(_ domain: Handle) throws(LibvirtFailure) -> Bool {
    var state: CInt = 0
    var reason: CInt = 0
    try done("virDomainGetState", api.virDomainGetState(domain, &state, &reason, 0))
    return DomainState(rawValue: Int(state)) == .shutoff && reason == 0
  }

  func define(_ xml: String) throws(LibvirtFailure) {
    guard let domain = api.virDomainDefineXML(connection, xml) else { throw failure("virDomainDefineXML") }
    _ = api.virDomainFree(domain)
  }

  func start(_ domain: Handle) throws(LibvirtFailure) {
    try done("virDomainCreate", api.virDomainCreate(domain))
  }

  func destroy(_ domain: Handle) throws(LibvirtFailure) {
    try done("virDomainDestroyFlags", api.virDomainDestroyFlags(domain, 0))
  }

  /// Forgets a domain with all that libvirt keeps of it.
  func undefine(_ domain: Handle) throws(LibvirtFailure) {
    // Saved state, snapshots, firmware variables, checkpoints; older drivers know no flags.
    guard api.virDomainUndefineFlags(domain, 1 | 2 | 4 | 16) < 0 else { return }
    try done("virDomainUndefineFlags", api.virDomainUndefineFlags(domain, 0))
  }

  /// The host CPUs that each virtual CPU may run on, as the hypervisor has them now.
  func pins(_ domain: Handle, virtual: Int, host: Int) throws(LibvirtFailure) -> [Set<Int>] {
    let length = (host + 7) / 8
    var maps = [UInt8](repeating: 0, count: virtual * length)
    let count = api.virDomainGetVcpuPinInfo(domain, CInt(virtual), &maps, CInt(length), 0)
    try done("virDomainGetVcpuPinInfo", count)
    return (0..<Int(count)).map { cpu in
      Set((0..<host).filter { maps[cpu * length + $0 / 8] & (1 << UInt8($0 % 8)) != 0 })
    }
  }

  // MARK: Calls

  func done(_ call: String, _ status: CInt) throws(LibvirtFailure) {
    if status < 0 { throw failure(call) }
  }

  func text(_ call: String, _ text: UnsafeMutablePointer<CChar>?) throws(LibvirtFailure) -> String {
    guard let text else { throw failure(call) }
    defer { free(text) }
    return String(cString: text)
  }

  /// Takes a list of handles, each of which the body lets go of.
  func list<T>(
    _ call: String, _ ask: (UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutableRawPointer?>?>) -> CInt,
    _ body: (Handle) throws(LibvirtFailure) -> T
  ) throws(LibvirtFailure) -> [T] {
    var handles: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
    let count = ask(&handles)
    try done(call, count)
    defer { free(handles) }
    var result: [T] = []
    var trouble: LibvirtFailure?
    for index in 0..<Int(count) {
      guard let handle = handles?[index] else { continue }
      do throws(LibvirtFailure) { result.append(try body(handle)) } catch { trouble = error }
    }
    if let trouble { throw trouble }
    return result
  }

  func failure(_ call: String) -> LibvirtFailure { api.failure(call) }
}

extension placet_libvirt {
  /// What went wrong on this thread.
  func failure(_ call: String) -> LibvirtFailure {
    let message = virGetLastErrorMessage().map { String(cString: $0) } ?? "no reason given"
    let failure = LibvirtFailure(
      call: call, code: Int(virGetLastErrorCode()), domain: Int(virGetLastErrorDomain()), message: message)
    virResetLastError()
    return failure
  }
}

/// A virDomainState.
enum DomainState: Int, Sendable {
  case none, running, blocked, paused, shutdown, shutoff, crashed, suspended
}

extension LibvirtFailure {
  static let noDomain = 42
  static let noNetwork = 43
}
