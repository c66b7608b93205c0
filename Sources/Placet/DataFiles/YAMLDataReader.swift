import Descriptors
import Diagnostics
import PlacetVM

/// YAML by the core schema of YAML 1.2, numbers by the grammar of JSON: `NO`, `yes`, `0x1F`, `007` and
/// `1_000` are text, and a field that wants a number says so. Tags are ignored; a quoted value is text.
struct YAMLDataReader {
  static func read(name: String, bytes: [UInt8]) -> Result<DataNode, DataFileProblems> {
    YAMLNode.compose(name: name, bytes: bytes)
      .map { $0.map(node) ?? DataNode(.null, line: 1) }
      .mapError { DataFileProblems([$0]) }
  }

  private static func node(_ yaml: YAMLNode) -> DataNode {
    let form: DataNode.Form =
      switch yaml.form {
      case .scalar(let text, let plain): plain ? scalar(text) : .text(text)
      case .list(let items): .list(items.map(node))
      case .map(let fields): .object(fields.map { ($0.key, node($0.value)) })
      }
    return DataNode(form, line: yaml.line)
  }

  static func scalar(_ text: String) -> DataNode.Form {
    switch text {
    case "", "~", "null", "Null", "NULL": .null
    case "true", "True", "TRUE": .bool(true)
    case "false", "False", "FALSE": .bool(false)
    default: isNumber(text) ? .number(text) : .text(text)
    }
  }

  /// `-?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)?`
  private static func isNumber(_ text: String) -> Bool {
    var rest = text.utf8[...]
    func digits() -> Int {
      let run = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
      rest = rest[run.endIndex...]
      return run.count
    }
    func take(_ bytes: UInt8...) -> Bool {
      guard let first = rest.first, bytes.contains(first) else { return false }
      rest = rest.dropFirst()
      return true
    }
    _ = take(UInt8(ascii: "-"))
    let leadsWithZero = rest.first == UInt8(ascii: "0")
    let whole = digits()
    if whole == 0 || leadsWithZero && whole > 1 { return false }
    if take(UInt8(ascii: ".")), digits() == 0 { return false }
    if take(UInt8(ascii: "e"), UInt8(ascii: "E")) {
      _ = take(UInt8(ascii: "+"), UInt8(ascii: "-"))
      if digits() == 0 { return false }
    }
    return rest.isEmpty
  }
}
