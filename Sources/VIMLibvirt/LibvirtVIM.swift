import Glibc
package import VIMProtocol

/// One host behind libvirt: QEMU guests with their CPUs, cells, pages and devices pinned down, or the test driver's.
package struct LibvirtVIM: DescribingVIM {
  package struct Options: Sendable {
    /// Milliseconds for a call that changes nothing.
    package var reading = 60_000
    /// Milliseconds for a call that changes something.
    package var changing = 300_000
    /// The present, as UTC text.
    package var now: @Sendable () -> String = { utcNow() }
    /// How often CPUs are chosen anew because somebody else has chosen the same ones.
    package var choices = 8
    /// Told between choosing and defining, on a thread that may block: a test's moment for a rival.
    package var whenChosen: @Sendable () -> Void = {}

    package init() {}
  }

  package let name: String
  let connection: LibvirtConnection
  let options: Options
  /// The host as libvirt calls it.
  let host: String
  let description: VIMDescription
  /// Choosing and defining happen one at a time, so that no two of this connection are given one CPU.
  let placing = PlacingLock()

  /// Connects to a host and learns what it is.
  /// - Parameters:
  ///   - name: the VIM's name in policies.
  ///   - uri: libvirt's: `qemu:///system`, `qemu+ssh://host/system`, `test:///default`.
  package static func connect(_ name: String, uri: String, options: Options = Options())
    async throws(VIMError) -> LibvirtVIM
  {
    let connection = try LibvirtConnection(name, uri: uri)
    let (host, description) = try await connection.run(
      "connect to \(uri)", isChanging: false, within: options.reading
    ) { session throws(VIMError) in
      try connection.translating("connect to \(uri)", isChanging: false) { () throws(LibvirtFailure) in
        let state = try HostState(session)
        return (
          try session.hostname(),
          VIMDescription(
            kind: "libvirt", version: try session.version(),
            capabilities: Self.capabilities(
              cells: state.topology.cells.count, pageSizes: Array(state.topology.pageSizes),
              threads: state.topology.threadsPerCore, hasCards: !state.cards.isEmpty))
        )
      }
    }
    return LibvirtVIM(
      name: name, connection: connection, options: options, host: host, description: description)
  }

  package func describe() -> VIMDescription { description }

  /// What this host does. Instances are kept apart because each is made on the host that was named, and stays.
  package static func capabilities(
    cells: Int, pageSizes: [Int], threads: Int, hasCards: Bool
  ) -> Capabilities {
    var claims: Set<Capability> = [
      .pinning, .threadPolicy(.prefer), .threadPolicy(.isolate), .emulatorThreads(.share),
      .emulatorThreads(.isolate), .numaCells(max(1, cells)), .numaAsymmetric,
      .affinity(.host),
      .hostTargeting, .fixedMAC, .capacityVisible,
    ]
    claims.formUnion(pageSizes.map { .hugepages($0) })
    claims.formUnion(Capability.NIC.allCases.map { .emulatedNIC($0) })
    claims.formUnion(Capability.Disk.allCases.map { .emulatedDisk($0) })
    if threads > 1 { claims.insert(.threadPolicy(.require)) }
    if hasCards {
      claims.formUnion([.sriov, .deviceNUMA(.required), .deviceNUMA(.preferred), .deviceNUMA(.socket)])
    }
    return Capabilities(claims)
  }

  /// Runs a body that blocks, and gives its failures their meaning.
  func run<T: Sendable>(
    _ verb: String, isChanging: Bool = false,
    _ body: @escaping @Sendable (LibvirtSession) throws(LibvirtFailure) -> T
  ) async throws(VIMError) -> T {
    try await work(verb, isChanging: isChanging) { work throws(VIMError) in
      try work.ask { () throws(LibvirtFailure) in try body(work.session) }
    }
  }

  /// Runs a body that blocks and has refusals of its own.
  func work<T: Sendable>(
    _ verb: String, isChanging: Bool, _ body: @escaping @Sendable (LibvirtWork) throws(VIMError) -> T
  ) async throws(VIMError) -> T {
    let connection = connection
    return try await connection.run(
      verb, isChanging: isChanging, within: isChanging ? options.changing : options.reading
    ) { session throws(VIMError) in
      try body(LibvirtWork(session: session, connection: connection, verb: verb, isChanging: isChanging))
    }
  }
}

/// A call under way: what it asks of libvirt, and how its failures are told.
struct LibvirtWork {
  let session: LibvirtSession
  let connection: LibvirtConnection
  let verb: String
  let isChanging: Bool

  func ask<T>(_ body: () throws(LibvirtFailure) -> T) throws(VIMError) -> T {
    try connection.translating(verb, isChanging: isChanging, body)
  }

  func rejected(_ reason: VIMError.Reason, _ text: String) -> VIMError {
    .rejected(reason, "vim \(connection.vim), \(verb): \(text)")
  }
}

/// `2026-11-22T14:00:00Z`.
private func utcNow() -> String {
  var now = time(nil)
  var parts = tm()
  gmtime_r(&now, &parts)
  func padded(_ number: CInt) -> String { number < 10 ? "0\(number)" : "\(number)" }
  return "\(parts.tm_year + 1900)-\(padded(parts.tm_mon + 1))-\(padded(parts.tm_mday))"
    + "T\(padded(parts.tm_hour)):\(padded(parts.tm_min)):\(padded(parts.tm_sec))Z"
}
