import Foundation
import NFVModel
import Testing
import VIMProtocol
import VIMSimulated

@Suite struct SimulatedVIMTests {
  private let hosts = [
    SimulatedHost("h1", capacity: ["cores": 8], cells: [["cores": 4], ["cores": 4]]), SimulatedHost("h2"),
  ]

  private func vim(_ faults: FaultScript = FaultScript(), capabilities: Capabilities = .all) throws
    -> SimulatedVIM
  {
    try SimulatedVIM("sto", hosts: hosts, capabilities: capabilities, faults: faults, sleep: { _ in })
  }

  @Test func `one token is one effect`() async throws {
    let vim = try vim()

    let first = try await vim.create(placed("a", "h1"), as: "t")
    let again = try await vim.create(placed("a", "h1"), as: "t")

    #expect(first == again)
    #expect(try await vim.timesMade() == ["a": 1])
    #expect(try await vim.find("t") == first)
    #expect(try await vim.find("u") == nil)
  }

  @Test func `refuses what has no room, host or cell, and takes it when there is some again`() async throws {
    let vim = try vim()
    let first = try await vim.create(placed("a", "h1", cores: 5), as: "1")

    await #expect(throws: VIMError.rejected(.noCapacity("cores"), "h1 has 3 cores free, b needs 4")) {
      try await vim.create(placed("b", "h1", cores: 4), as: "2")
    }
    _ = try await vim.delete(first.handle, spec: placed("a", "h1", cores: 5), as: "3")
    var pinned = placed("b", "h1", cores: 3)
    pinned.cells = [0]
    _ = try await vim.create(pinned, as: "4")
    pinned.id = "c"
    await #expect(throws: VIMError.rejected(.noCapacity("cores"), "cell 0 of h1 has 1 cores free, c needs 3"))
    {
      try await vim.create(pinned, as: "5")
    }
  }

  @Test func `refuses unknown hosts, missing capabilities and a second one of what may not run twice`()
    async throws
  {
    let vim = try vim(capabilities: Capabilities([.pinning, .numaCells(2)]))
    var fast = placed("fast", "h1")
    fast.requires = [
      CapabilityRequirement("numaCells(2)", rule: "r"), CapabilityRequirement("realtime", rule: "rt"),
    ]

    await #expect(throws: VIMError.rejected(.invalid("host"), "sto has no host h9")) {
      try await vim.create(placed("a", "h9"), as: "1")
    }
    #expect(try await vim.validate(fast) == ["sto does not offer realtime, which rule rt asks for"])
    await #expect(throws: VIMError.rejected(.unsupported, "sto does not offer realtime")) {
      try await vim.create(fast, as: "2")
    }
    _ = try await vim.create(placed("mac", "h1", overlap: false), as: "3")
    await #expect(throws: VIMError.self) {
      try await vim.create(placed("mac", "h2", overlap: false), as: "4")
    }
  }

  @Test func `on disk it is the same after a restart, and another process sees the changes`() async throws {
    let directory = NSTemporaryDirectory() + "placet-vim-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let one = try SimulatedVIM("sto", hosts: hosts, storage: .directory(directory))
    let other = try SimulatedVIM("sto", hosts: hosts, storage: .directory(directory))

    let made = try await one.create(placed("a", "h1"), as: "t")
    #expect(try await other.find("t") == made)
    _ = try await other.create(placed("b", "h2"), as: "u")

    #expect(try await one.holdings().map(\.id) == ["a", "b"])
    let later = try SimulatedVIM("sto", hosts: hosts, storage: .directory(directory))
    #expect(try await later.holdings().map(\.id) == ["a", "b"])
    try "{".write(toFile: directory + "/sto.json", atomically: true, encoding: .utf8)
    #expect(throws: VIMError.self) { try SimulatedVIM("sto", hosts: hosts, storage: .directory(directory)) }
  }

  @Test func `many changes cost a line each, and a log that has grown long is taken in`() async throws {
    let directory = NSTemporaryDirectory() + "placet-vim-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    func files() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: directory).filter { !$0.hasSuffix(".lock") }
        .sorted()
    }
    func size(_ name: String) throws -> Int {
      try #require(FileManager.default.contents(atPath: directory + "/" + name)).count
    }
    func open() throws -> SimulatedVIM {
      try SimulatedVIM("sto", hosts: hosts, storage: .directory(directory), longestLog: 20_000)
    }
    let (one, other) = (try open(), try open())
    _ = try await one.create(placed("a", "h2"), as: "a")
    let snapshot = try size("sto.json")
    for number in 0..<20 {
      _ = try await one.create(placed("b\(number)", "h2"), as: EffectToken("b\(number)"))
    }
    #expect(try size("sto.json") == snapshot)
    #expect(try files() == ["sto.json", "sto.json.1"])
    #expect(try size("sto.json.1") < 20 * 500)

    for number in 0..<60 {
      let vim = number.isMultiple(of: 2) ? one : other
      _ = try await vim.create(placed("c\(number)", "h2"), as: EffectToken("c\(number)"))
    }
    #expect(try files().count == 2)
    #expect(try files().last != "sto.json.1")
    let wanted = try await one.holdings().map(\.id)
    #expect(wanted.count == 81)
    #expect(try await other.holdings().map(\.id) == wanted)
    #expect(try await open().holdings().map(\.id) == wanted)
  }

  @Test func `a line that was cut short counts for nothing, and the next change takes its place`()
    async throws
  {
    let directory = NSTemporaryDirectory() + "placet-vim-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    func open() throws -> SimulatedVIM {
      try SimulatedVIM("sto", hosts: hosts, storage: .directory(directory))
    }
    _ = try await open().create(placed("a", "h2"), as: "a")
    _ = try await open().create(placed("b", "h2"), as: "b")
    let log = directory + "/sto.json.1"
    let whole = try #require(FileManager.default.contents(atPath: log))
    for cut in 1..<whole.count {
      try whole.prefix(whole.count - cut).write(to: URL(fileURLWithPath: log))
      #expect(try await open().holdings().map(\.id) == ["a"], "\(cut) bytes short")
    }
    _ = try await open().create(placed("c", "h2"), as: "c")
    #expect(try await open().holdings().map(\.id) == ["a", "c"])
    #expect(try await open().find("b") == nil)
    // A log that a snapshot has taken in, left by someone killed in between, is not read again.
    try whole.write(to: URL(fileURLWithPath: directory + "/sto.json.0"))
    #expect(try await open().holdings().map(\.id) == ["a", "c"])
  }

  @Test func `goes wrong exactly as its script says`() async throws {
    let script = try FaultScript(
      try JSONValue.parse(
        """
        {"placet-faults": 1, "short": {"h1": {"cores": 7}}, "faults": [
          {"verb": "create", "call": 1, "fault": "rejected", "reason": "quota"},
          {"verb": "create", "call": 2, "fault": "unavailable", "retryAfter": 250},
          {"verb": "create", "call": 3, "fault": "unknownAfterEffect"},
          {"verb": "create", "call": 4, "fault": "unknownBeforeEffect"},
          {"verb": "create", "call": 5, "fault": "partial", "missing": ["port 2"]},
          {"verb": "create", "call": 6, "fault": "slow", "milliseconds": 5},
          {"verb": "create", "call": 7, "fault": "lose"}]}
        """))
    let vim = try vim(script)
    func create(_ token: EffectToken) async -> Result<EffectOutcome, VIMError> {
      do { return .success(try await vim.create(placed(token.text, "h2"), as: token)) } catch {
        return .failure(error)
      }
    }
    let script_ = "vim sto, create: as the fault script says"

    #expect(await create("1") == .failure(.rejected(.quota, script_)))
    #expect(await create("2") == .failure(.unavailable(.unreachable, script_, retryAfter: 250)))
    #expect(await create("3") == .failure(.unknownOutcome(script_)))
    #expect(try await vim.find("3") != nil)
    #expect(await create("4") == .failure(.unknownOutcome(script_)))
    #expect(try await vim.find("4") == nil)
    #expect(try await create("5").get().missing == ["port 2"])
    #expect(try await create("6").get().isPartial == false)
    let lost = try await create("7").get().handle
    #expect(try await vim.observe([lost]).first?.status == .missing)
    await #expect(throws: VIMError.rejected(.noCapacity("cores"), "h1 has 1 cores free, b needs 2")) {
      try await vim.create(placed("b", "h1"), as: "8")
    }
  }

  @Test func `reads what its hosts have from an inventory, cells summed, bytes from amounts`() {
    let inventory = Inventory(parts: [
      .init(
        source: "file", date: "",
        entities: [
          Entity(
            "host", "h1",
            ["vim": .reference(kind: "vim", name: "sto"), "memory": .amount("1.5 GiB"), "vfs": .int(8)]),
          Entity("host", "h2", ["vim": .text("fra")]),
          Entity("cell", "h1.c0", in: EntityReference(kind: "host", name: "h1"), ["cores": .int(20)]),
          Entity("cell", "h1.c1", in: EntityReference(kind: "host", name: "h1"), ["cores": .int(24)]),
        ])
    ])

    #expect(
      SimulatedHost.hosts(in: inventory, of: "sto") == [
        SimulatedHost(
          "h1", capacity: ["memory": 1_610_612_736, "vfs": 8, "cores": 44],
          cells: [["cores": 20], ["cores": 24]])
      ])
  }

  @Test func `every capability and reason is read back as it is written`() {
    for claim in Capabilities.all.claims { #expect(Capability(claim.description) == claim) }
    for text in ["", "pinning()", "hugepages(x)", "hugepages(-1)", "numaCells(02)", "affinity(moon)"] {
      #expect(Capability(text) == nil)
    }
    let reasons: [VIMError.Reason] = [
      .quota, .noCapacity("a (b)"), .invalid("host"), .unauthorised, .unsupported, .conflict, .notFound,
      .unreachable,
    ]
    for reason in reasons { #expect(VIMError.Reason(reason.description) == reason) }
  }
}
