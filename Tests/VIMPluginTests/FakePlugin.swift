import Foundation
import NFVModel
import Synchronization
import VIMPlugin
import VIMProtocol

/// The plug-in of `plugins/placet-vim-fake`, with a file of its own to remember what it made.
final class FakePlugin: Sendable {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "plugins").path

  /// Python 3 runs it; a machine without it skips the tests, out loud.
  static let isRunnable = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
    FileManager.default.isExecutableFile(atPath: "\($0)/python3")
  }

  /// Gone with this: a process that lives on finds no place to write to.
  private let home = FileManager.default.temporaryDirectory.appending(
    path: "placet-fake-\(UUID().uuidString)")
  private let lines = Mutex<[String]>([])
  private let deadlines = Mutex<[(milliseconds: Int, action: @Sendable () -> Void)]>([])

  init() { try? FileManager.default.createDirectory(at: home, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(at: home) }

  var file: String { home.appending(path: "state.json").path }

  /// What it wrote to its standard error.
  var log: [String] { lines.withLock { $0 } }

  /// Waits until it has written so many lines to its standard error, however long that takes.
  func logged(_ count: Int = 1) async throws {
    while log.count < count { try await Task.sleep(for: .milliseconds(5)) }
  }

  /// The patience with all requests of so many milliseconds ends now: no other clock ticks for them.
  func expire(_ milliseconds: Int) {
    let due = deadlines.withLock { deadlines in
      defer { deadlines.removeAll { $0.milliseconds == milliseconds } }
      return deadlines.filter { $0.milliseconds == milliseconds }
    }
    for deadline in due { deadline.action() }
  }

  /// - Parameter isPatient: whether no deadline comes before `expire`; otherwise they come by the clock.
  func connect(
    mode: String = "", variables: [String: String] = [:], changing: Int = 600_000, handshake: Int = 600_000,
    isPatient: Bool = true
  ) async throws -> PluginVIM {
    var options = PluginVIM.Options()
    (options.reading, options.changing, options.handshake) = (600_000, changing, handshake)
    options.now = { "2026-11-22T14:00:00Z" }
    options.log = { [self] line in lines.withLock { $0.append(line) } }
    if isPatient {
      options.later = { [self] time, action in deadlines.withLock { $0.append((time, action)) } }
    }
    let environment = [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "", "PLACET_PLUGIN_PATH": Self.folder,
      "PLACET_PLUGIN_FAKE_FILE": file, "PLACET_PLUGIN_FAKE_MODE": mode,
      "PLACET_PLUGIN_FAKE_PASSWORD": "pl4nted-secret", "OS_PASSWORD": "another-secret",
      "PLACET_PLUGIN_OTHER_PASSWORD": "a-third-secret",
    ].merging(variables) { _, new in new }
    return try await PluginVIM.connect("edge", plugin: "fake", environment: environment, options: options)
  }

  /// How many resources it holds.
  var held: Int {
    get throws {
      let bytes = try Data(contentsOf: URL(filePath: file))
      return try JSONValue.parse([UInt8](bytes))["made"]?.objectValue?.count ?? 0
    }
  }
}

func instance(_ id: String, requires: [String] = []) -> PlacedInstance {
  PlacedInstance(
    id, vim: "edge", host: "h1", demand: ["cores": 2, "memory": 1 << 30],
    attributes: ["vnf.cpu": .int(2), "vnf.page_size": .text("2 MiB"), "links": .list([.text("vepc.s1")])],
    requires: requires.map { CapabilityRequirement($0, rule: "some_rule") })
}

/// The refusal that a call ends in.
func refusal(_ body: () async throws -> Void) async -> VIMError? {
  do { try await body() } catch { return error as? VIMError }
  return nil
}
