package import Diagnostics
import Foundation
package import PlacetSemantics
import PlacetSyntax
import StandardLibrary

/// A policy that was read and checked, with everything it imports.
package struct PolicyFile: Sendable {
  package let source: Source
  package let program: TypedProgram
  /// All diagnostics of all files, in order.
  package let diagnostics: [Diagnostic]

  package init(source: Source, program: TypedProgram, diagnostics: [Diagnostic]) {
    self.source = source; self.program = program; self.diagnostics = diagnostics
  }

  package var isSound: Bool { !diagnostics.contains { $0.severity == .error } }

  /// Reads and checks a policy; throws where the file itself cannot be read.
  package static func load(path: String) throws(FileProblem) -> PolicyFile {
    check(Source(name: path, bytes: try readBytes(path: path)))
  }

  /// Checks a policy that is in memory; files that it imports are looked for beside its name.
  package static func check(_ source: Source) -> PolicyFile {
    let (program, diagnostics) = Checker.check(
      main: source, moduleNames: StandardLibrary.modules.keys.sorted(), modules: modules(beside: source.name))
    return PolicyFile(source: source, program: program, diagnostics: diagnostics)
  }

  /// The text of a module: of the standard library, else `a/b.placet` beside the policy for `a.b`.
  package static func modules(beside path: String) -> @Sendable (String) -> Source? {
    let folder = (path as NSString).deletingLastPathComponent
    return { name in
      if let text = StandardLibrary.text(ofModule: name) {
        return Source(name: "stdlib/" + name.replacing(".", with: "/") + ".placet", text: text)
      }
      let file = name.replacing(".", with: "/") + ".placet"
      let path = folder.isEmpty ? file : folder + "/" + file
      return (try? readBytes(path: path)).map { Source(name: path, bytes: $0) }
    }
  }

  /// The largest policy that is read.
  private static let sizeLimit = 16 << 20

  package static func readBytes(path: String, limit: Int = sizeLimit) throws(FileProblem) -> [UInt8] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw FileProblem(path: path, message: "there is no such file")
    }
    if isFolder.boolValue { throw FileProblem(path: path, message: "this is a folder, not a file") }
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw FileProblem(path: path, message: "the file may not be read")
    }
    defer { try? handle.close() }
    guard let data = try? handle.read(upToCount: limit + 1) else { return [] }
    guard data.count <= limit else {
      throw FileProblem(path: path, message: "the file has more than \(limit >> 20) MiB")
    }
    return [UInt8](data)
  }
}

/// A file named on the command line that cannot be read or written.
package struct FileProblem: Error, Hashable, Sendable {
  package var path: String
  package var message: String
  package init(path: String, message: String) {
    self.path = path
    self.message = message
  }

  /// As a diagnostic, at the start of a file that has no text.
  package var diagnostic: Diagnostic {
    Diagnostic(
      "E0401", "cannot read \(path): \(message)",
      at: .init(SourceRange(Source(name: path, text: ""), 0, 0), "this one"))
  }
}
