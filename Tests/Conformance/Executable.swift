import Foundation

/// The executable that was built with the tests.
enum Executable {
  /// Beside the test bundle; `PLACET_EXECUTABLE` names another.
  static let path: String = {
    if let named = ProcessInfo.processInfo.environment["PLACET_EXECUTABLE"] { return named }
    let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") }
    if let folder = bundle.map({ ($0 as NSString).deletingLastPathComponent }),
      FileManager.default.isExecutableFile(atPath: folder + "/placet")
    {
      return folder + "/placet"
    }
    return Cases.root.appendingPathComponent(".build/debug/placet").path
  }()

  struct Run {
    /// Standard output and standard error as they came.
    var text: String
    var status: Int32
  }

  /// Runs a line of the shell in a folder, with `placet` on its path.
  static func shell(_ line: String, in folder: URL, environment extra: [String: String] = [:]) throws -> Run {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", line]
    process.currentDirectoryURL = folder
    var environment = ProcessInfo.processInfo.environment
    for name in ["PLACET_BLESS", "PLACET_KILL_AT", "PLACET_STOP_AT", "NO_COLOR"] { environment[name] = nil }
    let folderOfTool = (path as NSString).deletingLastPathComponent
    environment["PATH"] = folderOfTool + ":" + (environment["PATH"] ?? "/usr/bin:/bin")
    environment["SWIFT_BACKTRACE"] = "enable=no"
    environment["LC_ALL"] = "C"
    environment.merge(extra) { $1 }
    process.environment = environment
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let status =
      process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
    return Run(text: String(decoding: data, as: UTF8.self), status: status)
  }

  /// The same, without holding up the tests beside it, whose services the line may need.
  static func session(_ line: String, in folder: URL, environment extra: [String: String] = [:]) async throws
    -> Run
  {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(with: Result { try shell(line, in: folder, environment: extra) })
      }
    }
  }

  /// A fresh folder with the files of fixtures: `examples/ims`, or a folder beside the transcripts.
  static func folder(with fixtures: [String]) throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("placet-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for fixture in fixtures {
      let place = fixture.hasPrefix("examples/") ? fixture : "Tests/Conformance/cases/cli/fixtures/\(fixture)"
      let source = Cases.root.appendingPathComponent(place)
      for name in try FileManager.default.contentsOfDirectory(atPath: source.path) {
        try FileManager.default.copyItem(
          at: source.appendingPathComponent(name), to: folder.appendingPathComponent(name))
      }
    }
    return folder
  }
}
