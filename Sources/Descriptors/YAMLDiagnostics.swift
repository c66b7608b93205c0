import Diagnostics
import Yams

/// What the YAML reader has to say, in order of code.
extension Diagnostic {
  /// `cores: [1, 2`.
  static func badYAML(_ source: Source, _ error: YamlError) -> Self {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      var diagnostic = Diagnostic(
        "E0406", problem, at: Label(source.range(line: mark.line, column: mark.column), "this is not YAML"))
      if let context {
        let place = source.range(line: context.mark.line, column: context.mark.column)
        diagnostic.secondary = [Label(place, context.text)]
      }
      return diagnostic
    case .reader(let problem, let offset, _, let yaml):
      let index =
        yaml.index(yaml.startIndex, offsetBy: offset ?? 0, limitedBy: yaml.endIndex) ?? yaml.endIndex
      let bytes = yaml.utf8.distance(from: yaml.startIndex, to: index)
      return Diagnostic(
        "E0406", problem, at: Label(SourceRange(source, bytes, bytes + 1), "this is not YAML"))
    case .duplicatedKeysInMapping(let keys, let context):
      return badYAMLKey(source, context.mark, "the key '\(keys.first ?? "")' is given twice")
    default:
      return Diagnostic(
        "E0406", "the YAML reader gave up: \(error)", at: Label(SourceRange(source, 0, 0), "this file"))
    }
  }

  /// `cores: 8` and `cores: 16` in one map.
  static func badYAMLKey(_ source: Source, _ mark: Mark?, _ message: String) -> Self {
    let place = source.range(line: mark?.line ?? 1, column: mark?.column ?? 1)
    return Diagnostic("E0407", message, at: Label(place, "this key"))
  }

  /// `<<: 5`.
  static func badMerge(_ source: Source, _ node: YAMLNode) -> Self {
    let place = source.range(line: node.line, column: node.column)
    return Diagnostic("E0407", "'<<' merges maps", at: Label(place, "this is no map"))
  }

  /// Aliases of aliases of aliases.
  static func yamlLimit(_ source: Source, _ line: Int, _ column: Int, _ message: String) -> Self {
    Diagnostic("E0408", message, at: Label(source.range(line: line, column: column), "here"))
  }

  /// `? [*a, *b] : 1`, and many aliases.
  static func aliasedKeys(_ source: Source) -> Self {
    Diagnostic(
      "E0408", "keys that are lists or maps, in a file with many aliases, are not read",
      at: Label(SourceRange(source, 0, 0), "this file"))
  }
}

extension Source {
  /// The word at a line and column, both from 1, the column in Unicode scalars.
  func range(line: Int, column: Int) -> SourceRange {
    let start = line >= 1 && line <= lineStarts.count ? lineStarts[line - 1] : bytes.count
    var offset = start
    var left = column - 1
    while offset < bytes.count, bytes[offset] != 0x0A, left > 0 {
      offset += 1
      while offset < bytes.count, bytes[offset] & 0xC0 == 0x80 { offset += 1 }
      left -= 1
    }
    var end = offset
    while end < bytes.count, bytes[end] > 0x20, bytes[end] != UInt8(ascii: ":") { end += 1 }
    return SourceRange(self, offset, max(end, min(offset + 1, bytes.count)))
  }
}
