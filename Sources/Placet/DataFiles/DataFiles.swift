package import Diagnostics
import Foundation
package import PlacetVM

/// How a world asks for the files that a policy names: beside that policy, each read once.
package enum DataFiles {
  package static func reader() -> (_ name: String, _ asker: Source) -> WorldInputs.FileAnswer {
    var known: [String: WorldInputs.FileAnswer] = [:]
    return { name, asker in
      let path = resolve(name, beside: asker.name)
      if let answer = known[path] { return answer }
      let answer = read(path, name: name)
      known[path] = answer
      return answer
    }
  }

  private static func read(_ path: String, name: String) -> WorldInputs.FileAnswer {
    guard FileManager.default.fileExists(atPath: path) else { return .missing("there is no file \(path)") }
    switch DataFileReader.load(path: path, name: name) {
    case .success(let file): return .file(file)
    case .failure(let problems): return .broken(problems.diagnostics)
    }
  }

  /// An absolute name stays; others are looked for in the folder of the policy that asks, then, for names that
  /// come from the command line, in the current one.
  private static func resolve(_ name: String, beside asker: String) -> String {
    if name.hasPrefix("/") { return name }
    let folder = (asker as NSString).deletingLastPathComponent
    let beside = folder.isEmpty ? name : folder + "/" + name
    return FileManager.default.fileExists(atPath: beside) || !FileManager.default.fileExists(atPath: name)
      ? beside : name
  }
}
