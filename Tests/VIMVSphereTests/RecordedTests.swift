import Foundation
import NFVModel
import Testing
import VIMProtocol
import VIMTransport

@testable import VIMVSphere

/// The whole life of two machines, as the bed answered it once: `PLACET_RECORD=1` with the bed up records anew.
struct RecordedTests {
  static let isRecording = Bed.isUp && Bed.environment["PLACET_RECORD"] != nil

  /// Everything that a plan asks of a VIM, in one order.
  static func life(of vim: VSphereVIM) async throws -> [String] {
    var lines: [String] = []
    let (router, plain) = (Sample.router(), Sample.plain())
    try await vim.probe()
    lines.append("\(try await vim.validate(router))")
    let made = try await vim.create(router, as: EffectToken("recorded-1"))
    let other = try await vim.create(plain, as: EffectToken("recorded-2"))
    lines.append("\(try await vim.find(EffectToken("recorded-1")) == made)")
    let seen = try await vim.observe([made.handle, other.handle])
    lines.append("\(seen.map { "\($0.status) on \($0.host ?? "?")" })")
    let moved = Sample.plain(on: "DC0_C0_H2")
    _ = try await vim.migrate(other.handle, from: plain, to: moved, as: EffectToken("recorded-3"))
    lines.append("\(try await vim.observe([other.handle]).map { $0.host ?? "?" })")
    _ = try await vim.delete(other.handle, spec: moved, as: EffectToken("recorded-4"))
    _ = try await vim.delete(made.handle, spec: router, as: EffectToken("recorded-5"))
    lines.append("\(try await vim.observe([made.handle]).map(\.status))")
    return lines
  }

  static let expected = [
    "[]", "true", "[\"running on DC0_C0_H1\", \"running on DC0_C0_H1\"]", "[\"DC0_C0_H2\"]",
    "[NFVModel.ObservedResource.Status.missing]",
  ]

  static func replayed(_ http: any HTTPExchange) throws -> VSphereVIM {
    try VSphereVIM(
      "bed", at: "https://127.0.0.1:18990/sdk", user: "placet", password: Secret("••••"), over: http,
      now: { "2026-11-22T14:00:00Z" }, sleep: { _ in })
  }

  @Test(.enabled(if: isRecording, "PLACET_RECORD is not set"))
  func `record the life of two machines`() async throws {
    let recorder = RecordingHTTP(
      over: try LiveHTTP(tls: Bed.tls), secrets: [Secret(Bed.environment["VSPHERE_PASSWORD"] ?? "bed-only")])
    #expect(try await Self.life(of: Bed.vim(over: recorder)) == Self.expected)
    let file = Recordings.folder.appending(path: "life.json")
    try Data(recorder.recording.json.prettyText().utf8).write(to: file)

    let second = RecordingHTTP(
      over: try LiveHTTP(tls: Bed.tls), secrets: [Secret(Bed.environment["VSPHERE_PASSWORD"] ?? "bed-only")])
    _ = try await Bed.vim(over: second).inventory()
    try Data(second.recording.json.prettyText().utf8).write(
      to: Recordings.folder.appending(path: "inventory.json"))
  }

  @Test func `two machines live as they did when it was recorded`() async throws {
    let replay = ReplayingHTTP(try Recordings.read("life.json"))
    #expect(try await Self.life(of: Self.replayed(replay)) == Self.expected)
    #expect(replay.remaining.isEmpty, "everything that was said then is said now")
  }
}
