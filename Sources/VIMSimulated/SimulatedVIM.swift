package import NFVModel
package import VIMProtocol

/// A deterministic VIM in memory or on disk: the embedded default, and every test's world.
///
/// Enforces what a real one would: known hosts, room on hosts and cells, capabilities, fixed identities,
/// one effect a token. Goes wrong exactly as its fault script says.
package actor SimulatedVIM {
  package enum Storage: Hashable, Sendable {
    case memory
    /// A directory that exists: `<name>.json` and `<name>.json.<number>` in it are the VIM, `<name>.faults.json` its fault script.
    case directory(String)
  }

  package nonisolated let name: String
  nonisolated let description: VIMDescription
  nonisolated let part: Inventory.Part
  let hosts: [String: SimulatedHost]
  let file: LedgerFile?
  let sleep: @Sendable (_ milliseconds: Int) async -> Void
  var faults: FaultScript
  var ledger = Ledger()
  /// How far the file was read.
  private var place = LedgerFile.Place()

  /// - Parameters:
  ///   - hosts: what it can place on; see `SimulatedHost.hosts(in:of:)`.
  ///   - inventory: what `inventory()` answers, word for word.
  ///   - longestLog: bytes of changes beyond which the file is written anew.
  ///   - sleep: how a slow call passes its time.
  package init(
    _ name: String, hosts: [SimulatedHost], inventory: Inventory.Part? = nil, kind: String = "simulated",
    capabilities: Capabilities = .all, storage: Storage = .memory, faults: FaultScript = FaultScript(),
    longestLog: Int = 4 << 20,
    sleep: @escaping @Sendable (_ milliseconds: Int) async -> Void = {
      try? await Task.sleep(for: .milliseconds($0))
    }
  ) throws(VIMError) {
    self.name = name
    self.description = VIMDescription(kind: kind, version: "1", capabilities: capabilities)
    self.part = inventory ?? Inventory.Part(source: "vim \(name)", date: "", entities: [])
    self.hosts = Dictionary(hosts.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    self.sleep = sleep
    guard case .directory(let directory) = storage else {
      self.file = nil
      self.faults = faults
      return
    }
    let file = LedgerFile(snapshot: "\(directory)/\(name).json", longest: longestLog)
    self.file = file
    self.faults = try Self.script(beside: "\(directory)/\(name).faults.json") ?? faults
    try file.catchUp(&ledger, &place)
  }

  private static func script(beside path: String) throws(VIMError) -> FaultScript? {
    guard let bytes = try LedgerFile.bytes(of: path) else { return nil }
    do { return try FaultScript(try JSONValue.parse(bytes)) } catch {
      throw .rejected(.invalid("file"), "\(path): \(error)")
    }
  }

  // MARK: For tests and demonstrations

  /// Replaces the fault script.
  package func setFaults(_ script: FaultScript) { faults = script }

  /// What it holds, in natural order of instance.
  package func holdings() throws(VIMError) -> [PlacedInstance] {
    try reload()
    return ledger.resources.values.map(\.spec).sorted { naturallyPrecedes($0.id, $1.id) }
  }

  /// How often each instance was really made, since the beginning.
  package func timesMade() throws(VIMError) -> [String: Int] {
    try reload()
    return ledger.made
  }

  /// How often each changing verb was asked for, since the beginning.
  package func timesAsked() throws(VIMError) -> [String: Int] {
    try reload()
    return ledger.calls.filter { FaultScript.Verb(rawValue: $0.key) != nil }
  }

  /// Loses, stops, breaks or moves a resource behind everyone's back.
  package func tamper(
    with instance: String, status: ObservedResource.Status = .running, host: String? = nil
  ) throws(VIMError) {
    try change { ledger throws(VIMError) in
      for (handle, resource) in ledger.resources where resource.spec.id == instance {
        guard status != .missing else { ledger.set(handle, nil); continue }
        var changed = resource
        changed.status = status
        if let host { changed.spec.host = host }
        ledger.set(handle, changed)
      }
    }
  }

  // MARK: The ledger

  /// Changes the ledger, and the file with it, or neither.
  func change<T>(_ body: (inout Ledger) throws(VIMError) -> T) throws(VIMError) -> T {
    guard let file else {
      var draft = ledger
      let result = try body(&draft)
      ledger = draft
      return result
    }
    return try file.locked { () throws(VIMError) -> T in
      try reload()
      var draft = ledger
      let result = try body(&draft)
      try file.append(&draft, name: name, &place)
      ledger = draft
      return result
    }
  }

  /// Reads what another process has written.
  func reload() throws(VIMError) {
    guard let file else { return }
    try file.catchUp(&ledger, &place)
  }

  /// What a scripted fault says of itself.
  nonisolated func says(_ verb: FaultScript.Verb) -> String {
    "vim \(name), \(verb.rawValue): as the fault script says"
  }

  /// Counts a call and gives its fault. The count of a verb that the script does not speak of decides
  /// nothing: it reaches the file with the next change.
  func count(_ verb: FaultScript.Verb, _ instance: String?) throws(VIMError) -> FaultScript.Fault? {
    guard faults.faults.contains(where: { $0.verb == verb }) else {
      _ = ledger.count(verb.rawValue, instance)
      return nil
    }
    let (call, own) = try change { ledger throws(VIMError) in ledger.count(verb.rawValue, instance) }
    return faults.fault(of: verb, instance: instance, call: call, callForInstance: own)
  }
}
