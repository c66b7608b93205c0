import NFVModel
import VIMProtocol

/// Checks that make nothing.
extension Workbench {
  func describe() throws {
    let description = vim.describe()
    try expect(!vim.name.isEmpty, "it has no name")
    try expect(!description.kind.isEmpty, "it says no kind")
    try expect(!description.version.isEmpty, "it says no version")
    for claim in description.capabilities.claims {
      try expect(Capability(claim.description) == claim, "'\(claim)' is the name of no capability")
    }
  }

  func inventory() async throws {
    let part = try await patiently { try await vim.inventory() }
    before = part
    if let able = vim as? any AdoptingVIM {
      // A back end in another process says what it can do when it is asked.
      do {
        strangersBefore = Set(try await patiently { try await able.strangers(besides: []) }.map(\.handle))
      } catch VIMError.rejected(.unsupported, _) {}
    }
    try expect(part.source == "vim \(vim.name)", "its source is '\(part.source)', not 'vim \(vim.name)'")
    try expect(isDate(part.date), "'\(part.date)' is no date such as 2026-11-22T14:00:00Z")
    try expect(part.entities.contains { $0.id.kind == "host" }, "it has no host")
    let ids = Set(part.entities.map(\.id))
    try expect(ids.count == part.entities.count, "two of its entities have one name")
    for entity in part.entities {
      if entity.id.kind == "host" {
        let owner = entity["vim"]?.json.stringValue
        try expect(owner == vim.name, "\(entity.id) says that its vim is \(owner ?? "none")")
      }
      // Where sites are is the policy's to say; a VIM may name the one that it was told.
      if let parent = entity.parent, parent.kind != "site" {
        try expect(ids.contains(parent), "\(entity.id) lies in \(parent), which is not there")
      }
      try expect(
        !["cell", "nic", "device"].contains(entity.id.kind) || entity.parent != nil,
        "\(entity.id) lies in nothing")
      for field in ["memory", "disk"] {
        guard let text = entity[field]?.json else { continue }
        try expect(
          text.stringValue.flatMap(byteCount) != nil,
          "\(field) of \(entity.id) is \(text.kindName) that is no amount with a unit")
      }
      if let cores = entity["cores"]?.json {
        try expect((cores.intValue ?? -1) >= 0, "cores of \(entity.id) is no count")
      }
    }
    let again = try await patiently { try await vim.inventory() }
    try expect(again.entities.map(\.id) == part.entities.map(\.id), "asked twice, it names other entities")
  }

  /// `2026-11-22T14:00:00Z`, with a fraction or without.
  private func isDate(_ text: String) -> Bool {
    let pattern = Array("dddd-dd-ddTdd:dd:dd".utf8)
    let bytes = Array(text.utf8)
    guard bytes.count > pattern.count, bytes.last == UInt8(ascii: "Z") else { return false }
    for (byte, wanted) in zip(bytes, pattern) {
      let isDigit = (0x30...0x39).contains(byte)
      if wanted == UInt8(ascii: "d") ? !isDigit : byte != wanted { return false }
    }
    return bytes[pattern.count..<(bytes.count - 1)].allSatisfy { $0 == 0x2E || (0x30...0x39).contains($0) }
  }

  func unknownToken() async throws {
    let found = try await patiently { try await vim.find(newToken()) }
    try expect(found == nil, "it finds \(found.map(\.handle.text) ?? "")")
  }

  func missingHandle() async throws {
    let handles = [
      ResourceHandle("contract-\(options.nonce)-none"), ResourceHandle("contract-\(options.nonce)-nothing"),
    ]
    let seen = try await patiently { try await vim.observe(handles) }
    try expect(seen.map(\.handle) == handles, "asked about two, it speaks of \(seen.map(\.handle.text))")
    for one in seen {
      try expect(one.status == .missing, "\(one.handle) was never made, and is \(one.status.rawValue)")
      try expect(one.vim == vim.name, "it says that \(one.handle) is of vim \(one.vim)")
    }
  }

  /// One capability that nobody has, and one of each that this VIM does not declare.
  func undeclared() async throws {
    let capabilities = vim.describe().capabilities
    let plain = try sample("plain")
    let complaints = try await patiently { try await vim.validate(plain) }
    try expect(
      complaints.isEmpty, "it would not take the smallest instance: \(complaints.joined(separator: "; "))")
    let missing = Capabilities.all.claims.filter { !capabilities.offers($0) }.map(\.description).sorted()
    for word in ["contract"] + missing {
      var spec = plain
      spec.requires = [CapabilityRequirement(word, rule: "contract")]
      let complaints = try await patiently { try await vim.validate(spec) }
      try expect(
        !complaints.isEmpty, "it does not declare \(word), and would take an instance that requires it")
    }
  }

  /// Before the act or in it, and with nothing left of it.
  private func expectRefusal(_ spec: PlacedInstance, _ what: String) async throws {
    let complaints: [String]
    do { complaints = try await patiently { try await vim.validate(spec) } } catch VIMError.rejected {
      return
    }
    if !complaints.isEmpty { return }
    let token = newToken()
    do {
      let outcome = try await make(spec, as: token)
      guard try await settled(outcome.handle).status == .failed else { throw Breach("it took \(what)") }
    } catch VIMError.rejected {
      try await expectNothing(of: token, "after it refused \(what)")
    }
  }

  func unknownHost() async throws {
    guard vim.describe().capabilities.offers(.hostTargeting) else {
      throw Untried("it does not let the caller name the host")
    }
    try await expectRefusal(
      try sample("lost", host: "contract-\(options.nonce)-nowhere"), "a host that it does not have")
  }

  func tooMuch() async throws {
    guard vim.describe().capabilities.offers(.capacityVisible) else {
      throw Untried("it does not show its capacity")
    }
    var spec = try sample("huge")
    spec.demand = ["memory": 1 << 50, "cores": 1 << 20]
    spec.attributes["vnf.cpu"] = .int(1 << 20)
    spec.attributes["vnf.memory"] = .amount("\(1 << 20) GiB")
    try await expectRefusal(spec, "a million CPUs and a pebibyte on one host")
  }

  /// What was there before is there, and nothing else.
  func nothingLeft() async throws {
    guard let before else { throw Untried("there is no inventory to compare with") }
    try await expectNoNewcomers("at the end")
    let after = try await patiently { try await vim.inventory() }
    let old = Dictionary(before.entities.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let new = Dictionary(after.entities.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    let changed = Set(old.keys).union(new.keys).sorted().compactMap { difference(of: $0, old[$0], new[$0]) }
    try expect(
      changed.isEmpty, "the inventory is not what it was: \(changed.prefix(3).joined(separator: ", "))")
  }

  /// In what an entity is not what it was; nil where it is the same.
  private func difference(of id: EntityReference, _ old: Entity?, _ new: Entity?) -> String? {
    guard let old else { return "\(id) has come" }
    guard let new else { return "\(id) has gone" }
    if old.parent != new.parent { return "\(id) lies elsewhere" }
    let fields = Set(old.attributes.keys).union(new.attributes.keys).sorted()
    guard let field = fields.first(where: { !isSame($0, old[$0], new[$0]) }) else { return nil }
    func text(_ value: AttributeValue?) -> String { value?.json.canonicalText ?? "absent" }
    return "\(field) of \(id) was \(text(old[field])) and is \(text(new[field]))"
  }

  /// The room on a disk is never still, for what it holds grows without us: a hundredth of it is let pass.
  private func isSame(_ field: String, _ old: AttributeValue?, _ new: AttributeValue?) -> Bool {
    if old == new { return true }
    guard field == "disk", let before = old?.json.stringValue.flatMap(byteCount),
      let after = new?.json.stringValue.flatMap(byteCount)
    else { return false }
    return abs(before - after) <= before / 100
  }
}
