import Foundation
import NFVModel
import Testing
import VIMProtocol
import VIMTransport

@testable import VIMOpenStack

/// What a real cloud said, said again where there is none. To record anew, with the bed up:
///
///     PLACET_RECORD=Tests/VIMOpenStackTests/recordings PLACET_BED_OPENSTACK=bed swift test --filter RecordedTests
struct RecordedTests {
  /// A life: found, made, made again, seen, moved, removed, gone.
  private static func life(of vim: OpenStackVIM) async throws {
    try await vim.probe()
    let part = try await vim.inventory()
    let hosts = part.entities.filter { $0.id.kind == "host" }
    #expect(hosts.map(\.id.name) == ["cmp00", "cmp01", "cmp02", "cmp03"])
    #expect(hosts[0]["cores"] == .int(32) && hosts[0]["memory"] == .amount("131072 MiB"))
    let gateway = PlacedInstance(
      "rec.gw[0]", vim: "bed", host: "cmp02", demand: ["memory": 2 << 30],
      attributes: [
        "vnf.cpu": .int(2), "vnf.cpus": .text("dedicated"), "vnf.guest_cells": .list([.int(2)]),
        "vnf.page_size": .text("1 GiB"), "vnf.vfs": .int(1), "vnf.mac": .list([.text("00:16:3e:00:00:09")]),
        "links": .list([.text("rec.s1")]), "apart": .text("rec.gw"),
      ])
    let token = EffectToken("recorded-gw")
    #expect(try await vim.find(token) == nil)
    let made = try await vim.create(gateway, as: token)
    #expect(!made.isPartial)
    #expect(try await vim.create(gateway, as: token) == made)
    #expect(
      try await vim.observe([made.handle])[0]
        == ObservedResource(
          vim: "bed", handle: made.handle, status: .running, host: "cmp02"))
    var huge = gateway
    huge.id = "rec.huge[0]"
    huge.demand["memory"] = 900 << 30
    huge.attributes["vnf.mac"] = nil
    do {
      _ = try await vim.create(huge, as: EffectToken("recorded-huge"))
      Issue.record("it was made")
    } catch {
      guard case .rejected(.noCapacity, _) = error else { Issue.record("\(error)"); return }
    }
    _ = try await vim.delete(made.handle, spec: gateway, as: EffectToken("recorded-delete"))
    #expect(try await vim.observe([made.handle])[0].status == .missing)
  }

  /// Gives the token that a recording does not hold.
  private struct LettingIn: HTTPExchange {
    let next: any HTTPExchange
    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
      var answer = try await next.send(request)
      if request.url.hasSuffix("/auth/tokens") { answer.headers["x-subject-token"] = "replayed" }
      return answer
    }
  }

  private static let file = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "recordings/life.json")

  @Test func `a recorded life is lived again, call by call`() async throws {
    let environment = ProcessInfo.processInfo.environment
    if let folder = environment["PLACET_RECORD"] {
      let cloud = try CloudFiles.standard.cloud(environment["PLACET_BED_OPENSTACK"] ?? "bed")
      let recorder = RecordingHTTP(over: try LiveHTTP(tls: cloud.tls), secrets: cloud.secrets)
      try await Self.life(of: OpenStackVIM("bed", cloud: cloud, exchange: recorder))
      try recorder.recording.json.prettyText(inline: 100_000)
        .write(toFile: "\(folder)/life.json", atomically: true, encoding: .utf8)
      return
    }
    let recording = try Recording(try JSONValue.parse([UInt8](try Data(contentsOf: Self.file))))
    let identity = try #require(recording.entries.first { $0.url.hasSuffix("/auth/tokens") })
    var cloud = OpenStackCloud(
      name: "bed", identity: String(identity.url.dropLast("/auth/tokens".count)),
      credential: .password(
        user: OpenStackCloud.Named(name: "admin", domainID: "default"), password: Secret("••••"),
        project: OpenStackCloud.Named(name: "admin", domainID: "default")))
    cloud.region = "RegionOne"
    cloud.image = "placet-test"
    cloud.physicalNetwork = "physnet1"
    let replay = ReplayingHTTP(recording)
    let time = FakeCloud.Time()
    try await Self.life(
      of: OpenStackVIM("bed", cloud: cloud, exchange: LettingIn(next: replay), clock: time.clock))
    #expect(replay.remaining.map { "\($0.method) \($0.url)" } == [])
  }

  @Test func `a recording holds no secret`() throws {
    let text = try String(contentsOf: Self.file, encoding: .utf8)
    // A Fernet token begins so.
    #expect(
      !text.contains("gAAAA") && !text.contains("placet-bed-secret")
        && !text.lowercased().contains("x-auth-token"))
    #expect(text.contains(#"\"password\":\"••••\""#))
  }
}
