import Foundation
import NFVModel
import Testing
import VIMPlugin
import VIMProtocol
import VIMTransport

/// The reference plug-in on real containers: `make testbed-podman` starts a podman and says where it is.
@Suite(
  .serialized, .enabled(if: PodmanBed.socket != nil, "PLACET_BED_PODMAN names no socket of a podman"))
struct PodmanLiveTests {
  let bed = PodmanBed()

  @Test
  func `a pinned function runs on its CPU, within its memory, with its address, and leaves nothing behind`()
    async throws
  {
    let vim = try await bed.connect()
    try await vim.probe()
    let part = try await vim.inventory()
    let host = try #require(part.entities.first { $0.id.kind == "host" })
    #expect(host["vim"]?.json == "edge" && (host["cores"]?.json.intValue ?? 0) > 0)

    let wanted = bed.function(
      "vepc.mme[0]", on: host.id.name, memory: 64 << 20,
      ["vnf.cpus": .text("dedicated"), "vnf.mac": .list([.text("02:00:00:00:00:07")])],
      requires: ["pinning", "fixedMAC", "hostTargeting"])
    #expect(try await vim.validate(wanted) == [])
    let token = EffectToken("live-\(UUID().uuidString)")
    let made = try await vim.create(wanted, as: token)
    #expect(try await vim.create(wanted, as: token) == made)
    #expect(try await vim.find(token) == made)
    #expect(
      try await vim.observe([made.handle])
        == [ObservedResource(vim: "edge", handle: made.handle, status: .running, host: host.id.name)])

    let real = try await bed.inspect("containers/\(made.handle)")
    #expect(real["HostConfig"]?["CpusetCpus"]?.stringValue == "0")
    #expect(real["HostConfig"]?["Memory"]?.intValue == 64 << 20)
    #expect(real["Config"]?["Labels"]?["placet.token"]?.stringValue == token.text)
    let networks = real["NetworkSettings"]?["Networks"]?.objectValue ?? [:]
    #expect(networks.count == 1)
    #expect(networks.first?.value["MacAddress"]?.stringValue == "02:00:00:00:00:07")

    #expect(try await vim.stop(made.handle, as: EffectToken("s")).undo == .none)
    #expect(try await vim.observe([made.handle]).map(\.status) == [.stopped])
    #expect(try await vim.start(made.handle, as: EffectToken("r")).undo == .stop(made.handle))
    #expect(try await vim.inventory().entities == part.entities)

    #expect(try await vim.delete(made.handle, spec: wanted, as: EffectToken("d")).undo == .create(wanted))
    #expect(try await vim.delete(made.handle, spec: wanted, as: EffectToken("d")).undo == .none)
    #expect(try await vim.find(token) == nil)
    #expect(try await vim.observe([made.handle]).map(\.status) == [.missing])
    #expect(try await bed.names("networks").filter { $0.hasPrefix("placet-") } == [])
  }

  @Test func `two functions of a link share its network, which goes with the last of them`() async throws {
    let vim = try await bed.connect()
    let host = try #require(try await vim.inventory().entities.first).id.name
    let functions = (0..<2).map { bed.function("vepc.sgw[\($0)]", on: host, memory: 32 << 20, [:]) }
    let made = try await withThrowingTaskGroup(of: EffectOutcome.self) { group in
      for (number, one) in functions.enumerated() {
        group.addTask { try await vim.create(one, as: EffectToken("pair-\(number)")) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(try await bed.names("networks").filter { $0.hasPrefix("placet-") }.count == 1)
    _ = try await vim.delete(made[0].handle, spec: functions[0], as: EffectToken("1"))
    #expect(try await bed.names("networks").filter { $0.hasPrefix("placet-") }.count == 1)
    _ = try await vim.delete(made[1].handle, spec: functions[1], as: EffectToken("2"))
    #expect(try await bed.names("networks").filter { $0.hasPrefix("placet-") } == [])
  }

  @Test func `what does not fit is refused with its reason, and nothing is left of it`() async throws {
    let vim = try await bed.connect()
    let host = try #require(try await vim.inventory().entities.first).id.name
    let large = bed.function("a", on: host, memory: 1 << 50, [:])
    guard
      case .rejected(.noCapacity("memory"), _) = await refusal({
        _ = try await vim.create(large, as: EffectToken("large"))
      })
    else { Issue.record("a machine of a pebibyte?"); return }
    let elsewhere = bed.function("a", on: "mars", memory: 1 << 20, [:])
    guard
      case .rejected(.invalid("host"), _) = await refusal({
        _ = try await vim.create(elsewhere, as: EffectToken("mars"))
      })
    else { Issue.record("this is not mars"); return }
    let unknown = bed.function("a", on: host, memory: 32 << 20, ["vnf.image": .text("localhost/none:1")])
    guard
      case .rejected(.notFound, _) = await refusal({
        _ = try await vim.create(unknown, as: EffectToken("image"))
      })
    else { Issue.record("there is an image that is not there"); return }
    let broken = bed.function("a", on: host, memory: 32 << 20, ["vnf.command": .list([.text("/bin/none")])])
    guard case .rejected = await refusal({ _ = try await vim.create(broken, as: EffectToken("command")) })
    else { Issue.record("a program that is not there runs"); return }
    #expect(try await bed.names("networks").filter { $0.hasPrefix("placet-") } == [])
    #expect(try await vim.find(EffectToken("command")) == nil)
  }

  @Test func `a podman that is not there is unreachable`() async throws {
    let vim = try await bed.connect(socket: "/nonexistent/podman.sock")
    guard case .unavailable(.unreachable, let text, nil) = await refusal({ try await vim.probe() }) else {
      Issue.record("it answers"); return
    }
    #expect(text.contains("vim edge (plug-in podman), probe: podman at /nonexistent/podman.sock"))
  }
}

struct PodmanBed {
  static let socket = ProcessInfo.processInfo.environment["PLACET_BED_PODMAN"]

  private let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "plugins").path

  func connect(socket: String? = nil) async throws -> PluginVIM {
    var environment = ProcessInfo.processInfo.environment
    environment["PLACET_PLUGIN_PATH"] = folder
    environment["PLACET_PLUGIN_PODMAN_SOCKET"] = socket ?? Self.socket
    environment["PLACET_PLUGIN_PODMAN_IMAGE"] = "localhost/placet/function:1"
    return try await PluginVIM.connect("edge", plugin: "podman", environment: environment)
  }

  func function(
    _ id: String, on host: String, memory: Int, _ attributes: [String: AttributeValue],
    requires: [String] = []
  ) -> PlacedInstance {
    let usual: [String: AttributeValue] = ["vnf.cpu": .int(1), "links": .list([.text("vepc.s1")])]
    return PlacedInstance(
      id, vim: "edge", host: host, demand: ["cores": 1, "memory": memory],
      attributes: usual.merging(attributes) { _, new in new },
      requires: requires.map { CapabilityRequirement($0, rule: "needs") })
  }

  /// What podman itself says.
  func inspect(_ path: String) async throws -> JSONValue {
    let host = (Self.socket ?? "").addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    let answer = try await LiveHTTP().send(
      HTTPRequest("GET", "http+unix://\(host)/v4.0.0/libpod/\(path)/json", headers: [("Host", "podman")]))
    #expect(answer.isSuccess)
    return try JSONValue.parse(answer.body)
  }

  func names(_ kind: String) async throws -> [String] {
    try await inspect(kind).arrayValue?.compactMap { $0["name"]?.stringValue } ?? []
  }
}
