package import Diagnostics
package import PlacetVM

/// Why a data file is no data: each with file, line and column, in order of the file.
package struct DataFileProblems: Error, Hashable, Sendable {
  package let diagnostics: [Diagnostic]

  package init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }
}

/// Reads what `load … from "file"` names: JSON, YAML or CSV, chosen by the extension of the name.
///
/// Numbers keep the digits as written, objects the order of the file; a key given twice is an error.
package struct DataFileReader: Sendable {
  /// Files beyond this many bytes are refused (E0403).
  package static let sizeLimit = 256 << 20

  enum Format {
    case json, yaml, csv
  }

  /// The data in bytes that were read from `path`; `path` is what messages show.
  package static func read(path: String, bytes: [UInt8]) -> Result<DataFile, DataFileProblems> {
    guard let format = format(of: path) else { return .failure(DataFileProblems([.unknownFormat(path)])) }
    guard bytes.count <= sizeLimit else {
      return .failure(DataFileProblems([.tooLarge(path, size: bytes.count, limit: sizeLimit)]))
    }
    let root: Result<DataNode, DataFileProblems> =
      switch format {
      case .json: JSONDataReader.read(name: path, bytes: bytes)
      case .yaml: YAMLDataReader.read(name: path, bytes: bytes)
      case .csv: CSVDataReader.read(name: path, bytes: bytes)
      }
    return root.map { DataFile(name: path, root: $0, source: Source(name: path, bytes: bytes)) }
  }

  /// The data in a file on disk; `name` is what messages show, where it is not the path.
  package static func load(path: String, name: String? = nil) -> Result<DataFile, DataFileProblems> {
    let name = name ?? path
    guard format(of: name) != nil else { return .failure(DataFileProblems([.unknownFormat(name)])) }
    return FileBytes.read(path: path, name: name, limit: sizeLimit)
      .mapError { DataFileProblems([$0]) }
      .flatMap { read(path: name, bytes: $0) }
  }

  private static func format(of path: String) -> Format? {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: ".") else { return nil }
    switch name[name.index(after: dot)...].lowercased() {
    case "json": return .json
    case "yaml", "yml": return .yaml
    case "csv": return .csv
    default: return nil
    }
  }
}
