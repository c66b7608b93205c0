import Diagnostics
import Foundation
import Placet

/// Where cases live, and how a folder of them is read.
enum Cases {
  static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Files of a folder of cases with an ending, as paths from the root, sorted.
  static func files(_ folder: String, _ ending: String) -> [String] {
    let path = "Tests/Conformance/cases/\(folder)"
    let names =
      (try? FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(path).path)) ?? []
    return names.filter { $0.hasSuffix(ending) }.sorted().map { "\(path)/\($0)" }
  }

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  /// A policy of the checkout, named by its path from the root so that messages do not depend on the machine.
  static func policy(_ path: String) throws -> PolicyFile {
    PolicyFile.check(Source(name: root.appendingPathComponent(path).path, text: try text(path)))
  }

  /// Whether goldens are written anew instead of compared (`PLACET_BLESS=1`).
  static let blesses = ProcessInfo.processInfo.environment["PLACET_BLESS"] != nil

  /// Compares with a golden file, or writes it where goldens are blessed.
  static func golden(_ path: String, _ text: String) throws -> String? {
    let url = root.appendingPathComponent(path)
    if blesses {
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: url, atomically: true, encoding: .utf8)
      return nil
    }
    guard let wanted = try? String(contentsOf: url, encoding: .utf8) else {
      return "there is no \(path); run the tests with PLACET_BLESS=1 and read what they write"
    }
    return wanted == text ? nil : "\(path) differs:\n\(text)"
  }
}
