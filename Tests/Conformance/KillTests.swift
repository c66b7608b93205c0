import Foundation
import NFVModel
import Testing
import VIMSimulated

/// The real executable, killed with SIGKILL at one durable boundary after the other and run again.
@Suite(.serialized) struct KillTests {
  @Test func `an apply that is killed again and again does everything once`() async throws {
    let folder = try Executable.folder(with: ["small-lab"])
    defer { try? FileManager.default.removeItem(at: folder) }
    let deaths = try runUntilItEnds("placet apply policy.placet --yes", in: folder)
    #expect(deaths >= 6)
    #expect(try await timesMade(in: folder) == ["web.front[0]": 1, "web.front[1]": 1, "web.store[0]": 1])
    #expect(try await held(in: folder) == ["web.front[0]", "web.front[1]", "web.store[0]"])
    let status = try Executable.shell("placet status policy.placet", in: folder)
    #expect(status.status == 0)
    #expect(status.text.split(separator: "\n").count { $0.contains("running") } == 3)
    let again = try Executable.shell("placet plan policy.placet", in: folder)
    #expect(again.text.hasPrefix("Nothing to do"))
  }

  @Test func `a destroy that is killed again and again leaves nothing`() async throws {
    let folder = try Executable.folder(with: ["small-lab"])
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(try Executable.shell("placet apply policy.placet --yes", in: folder).status == 0)
    let deaths = try runUntilItEnds("placet destroy policy.placet --yes", in: folder)
    #expect(deaths >= 6)
    #expect(try await held(in: folder) == [])
    #expect(try Executable.shell("placet status policy.placet", in: folder).text == "nothing is placed\n")
  }

  /// Kills the first run at its first boundary, the second at its second, …; how many died.
  private func runUntilItEnds(_ line: String, in folder: URL) throws -> Int {
    for boundary in 1...60 {
      let run = try Executable.shell(
        "exec \(line)", in: folder, environment: ["PLACET_KILL_AT": "\(boundary)"])
      if run.status == 0 { return boundary - 1 }
      guard run.status == 128 + 9 else {
        Issue.record("killed at \(boundary), it ended with \(run.status): \(run.text)")
        return boundary
      }
    }
    Issue.record("it never came to an end")
    return 60
  }

  // MARK: What the VIM has

  private func vim(in folder: URL) throws -> SimulatedVIM {
    try SimulatedVIM(
      "lab", hosts: [], storage: .directory(folder.appendingPathComponent(".placet/vims").path))
  }

  private func timesMade(in folder: URL) async throws -> [String: Int] {
    try await vim(in: folder).timesMade()
  }

  private func held(in folder: URL) async throws -> [String] {
    try await vim(in: folder).holdings().map(\.id)
  }
}
