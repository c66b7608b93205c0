import Foundation

/// The few things the prompt does with files: names to complete, a policy to save.
package enum LocalFiles {
  /// Entries of the folder of an unfinished path whose names begin as its last part does; folders end in `/`.
  package static func names(completing path: String) -> [String] {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let start = parts.last ?? ""
    let folder = parts.dropLast().joined(separator: "/")
    let place = path.hasPrefix("/") && folder.isEmpty ? "/" : folder.isEmpty ? "." : folder
    let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
    return names.filter { $0.hasPrefix(start) && (!$0.hasPrefix(".") || start.hasPrefix(".")) }.sorted().map {
      var isFolder: ObjCBool = false
      _ = FileManager.default.fileExists(atPath: place + "/" + $0, isDirectory: &isFolder)
      return isFolder.boolValue ? $0 + "/" : $0
    }
  }

  package static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// - Throws: why it was not written, as a person reads it.
  package static func write(_ text: String, to path: String) throws(FileProblem) {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw FileProblem(path: path, message: error.localizedDescription)
    }
  }
}
