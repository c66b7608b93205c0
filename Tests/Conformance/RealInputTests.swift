import ConstraintSolver
import Descriptors
import Diagnostics
import Foundation
import NFVModel
import Placet
import Placement
import Testing

/// Real descriptors and generated instances, where the folders that hold them stand beside the checkout.
@Suite struct RealInputTests {
  static let shared = Cases.root.deletingLastPathComponent().appendingPathComponent("shared")
  static let descriptors = shared.appendingPathComponent("data/osm-descriptors")
  static let bench = shared.appendingPathComponent("bench")

  static func isThere(_ folder: URL) -> Bool {
    let isThere = FileManager.default.fileExists(atPath: folder.path)
    if !isThere { print("skipped: there is no \(folder.lastPathComponent) beside the checkout") }
    return isThere
  }

  /// Two hosts with everything that a descriptor may ask for.
  private static func inventory(withCells: Bool) -> String {
    let cell = """
      "cores": 32, "memory": "128 GiB", "pages": {"1 GiB": 64, "2 MiB": 16384}, \
      "nics": [{"name": "p0", "rate": "25 Gbps", "vfs": 16}], "devices": [{"name": "d0", "kind": "nic"}]
      """
    let room =
      withCells
      ? "\"cells\": [{\"name\": \"c0\", \(cell)}, {\"name\": \"c1\", \(cell)}]"
      : "\"cores\": 64, \"memory\": \"256 GiB\""
    let hosts = ["h1", "h2"].map { "{\"name\": \"\($0)\", \"vim\": \"os\", \"disk\": \"2 TB\", \(room)}" }
    return """
      {"placet-inventory": 1, "parts": [{"source": "test", "date": "2026-11-22", "entities": {
        "site": [{"name": "lab", "country": "SE", "at": [59.3, 18.0]}],
        "vim": [{"name": "os", "kind": "openstack", "site": "lab"}],
        "host": [\(hosts.joined(separator: ", "))]}}]}
      """
  }

  @Test func `every descriptor imports to a policy that checks and places, or is refused with its place`()
    throws
  {
    guard Self.isThere(Self.descriptors) else { return }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.descriptors.path).sorted()
    #expect(names.count >= 17)

    for name in names {
      let bytes = [UInt8](try Data(contentsOf: Self.descriptors.appendingPathComponent(name)))
      let (policy, diagnostics) = SOL006Importer.importFiles([(name, bytes)])
      guard let policy else {
        let error = diagnostics.first { $0.severity == .error }
        #expect((error?.primary.range.line ?? 0) > 1, "\(name) is refused without a place")
        continue
      }
      let inventory = folder.appendingPathComponent("inventory.json")
      try Self.inventory(withCells: policy.contains("import epa"))
        .write(to: inventory, atomically: true, encoding: .utf8)
      let file = PolicyFile.check(Source(name: name + ".placet", text: policy))
      #expect(file.diagnostics.filter { $0.severity == .error }.map(\.message) == [], "\(name)")
      let answer = try file.place(
        RunInputs(inventory: inventory.path), SolverOptions(workLimit: 5_000_000))
      #expect(answer.isPlaced, "\(name): \(answer.conflict.map { $0.members.map(\.text) } ?? [])")
    }
  }

  private static func python(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3"] + arguments
    process.currentDirectoryURL = bench
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, output)
  }

  private static func answer(_ instance: String) throws -> PlacementAnswer {
    try Cases.policy("Benchmarks/placement/policy.placet").place(
      RunInputs(parameters: ["instance": instance]), SolverOptions(workLimit: 100_000_000))
  }

  @Test(arguments: [1, 2, 3])
  func `the smallest instances of the family are proved, and the judge agrees`(_ seed: Int) throws {
    guard Self.isThere(Self.bench) else { return }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let instance = folder.appendingPathComponent("instance.json").path
    _ = try Self.python(["gen.py", "XS", "\(seed)", "--out", instance])

    let answer = try Self.answer(instance)
    #expect(answer.status == .optimal)
    let result = folder.appendingPathComponent("result.json")
    try RunDocument.json(answer, seconds: 0).prettyText().write(to: result, atomically: true, encoding: .utf8)
    let judged = try Self.python(["verify.py", instance, result.path])
    #expect(judged.status == 0, "\(judged.output)")
  }

  @Test(arguments: [
    ("pigeon", ["labels", "anti_affinity"]), ("latency", ["residency", "link_latency"]),
    ("spread", ["residency", "at_most_in_a_site"]), ("capacity", ["labels", "cell_capacity"]),
  ])
  func `each planted conflict is told by its rules`(_ kind: String, _ rules: [String]) throws {
    guard Self.isThere(Self.bench) else { return }
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString + ".json")
    defer { try? FileManager.default.removeItem(at: file) }
    _ = try Self.python(["gen.py", "S", "1", "--infeasible", kind, "--out", file.path])

    let answer = try Self.answer(file.path)
    #expect(answer.status == .infeasible)
    #expect(answer.conflict?.rules.sorted() == rules.sorted())
  }
}
