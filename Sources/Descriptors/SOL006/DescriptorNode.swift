import Diagnostics

/// A node of a descriptor with its place, its path and what became of it: what nobody asked for is found
/// at the end and written down, so that nothing is dropped.
final class DescriptorNode {
  enum Form {
    case scalar(String)
    case list([DescriptorNode])
    case map([(key: String, value: DescriptorNode)])
  }

  /// What became of a leaf.
  enum Use {
    /// Nobody asked for it: by its key it is no matter of placement.
    case untouched
    /// The policy has it as written.
    case stated
    /// The policy says it in other words.
    case reworded
    /// It matters for placement and the policy does not say it.
    case unstated
    /// Nobody knows what it is.
    case unknown
  }

  let source: Source
  /// The key that led here, without its module prefix; of an item of a list, that of the list.
  let key: String
  /// `vdu[web].vm-flavor.vcpu-count`
  let path: String
  let line: Int
  let column: Int
  let form: Form
  var use = Use.untouched

  init(_ yaml: YAMLNode, source: Source, key: String = "", path: String = "") {
    self.source = source
    self.key = key
    self.path = path
    line = yaml.line
    column = yaml.column
    form =
      switch yaml.form {
      case .scalar(let text, _): .scalar(text)
      case .list(let items):
        .list(
          zip(items, Self.labels(of: items)).map {
            DescriptorNode($0, source: source, key: key, path: "\(path)[\($1)]")
          })
      case .map(let fields):
        .map(
          fields.map { field in
            let name = Self.withoutPrefix(field.key)
            let place = path.isEmpty ? name : "\(path).\(name)"
            return (name, DescriptorNode(field.value, source: source, key: name, path: place))
          })
      }
  }

  init(keeping fields: [(key: String, value: DescriptorNode)], of node: DescriptorNode) {
    (source, key, path, line, column) = (node.source, node.key, node.path, node.line, node.column)
    form = .map(fields)
  }

  var range: SourceRange { source.range(line: line, column: column) }

  var text: String? { if case .scalar(let text) = form { text } else { nil } }

  var fields: [(key: String, value: DescriptorNode)] {
    if case .map(let fields) = form { fields } else { [] }
  }

  var items: [DescriptorNode] { if case .list(let items) = form { items } else { [] } }

  subscript(key: String) -> DescriptorNode? { fields.first { $0.key == key }?.value }

  /// What stands there, for messages.
  var found: String {
    switch form {
    case .scalar(""): "nothing"
    case .scalar(let text): "'\(text)'"
    case .list: "a list"
    case .map: "a map"
    }
  }

  /// The leaves below, in order of the file; what holds nothing is a leaf.
  var leaves: [DescriptorNode] {
    switch form {
    case .scalar: [self]
    case .list(let items): items.isEmpty ? [self] : items.flatMap(\.leaves)
    case .map(let fields): fields.isEmpty ? [self] : fields.flatMap(\.value.leaves)
    }
  }

  /// The policy has the leaf as it is written, unless quoting changes it.
  func state() {
    let isPlain =
      text?.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") } ?? false
    use = isPlain ? .stated : .reworded
  }

  /// What repeats the id that the policy has is no news.
  func dropEchoes(of id: String) {
    for key in ["name", "short-name", "description", "product-name"] {
      if let leaf = self[key], leaf.text == id, leaf.use == .untouched { leaf.state() }
    }
  }

  /// The policy says all below in other words, less what it has as written.
  func reword() {
    for leaf in leaves where leaf.use == .untouched { leaf.use = .reworded }
  }

  /// All below matters and the policy does not say it.
  func leaveUnstated() {
    for leaf in leaves where leaf.use != .stated { leaf.use = .unstated }
  }

  // MARK: Paths

  private static let labelKeys = [
    "id", "name", "member-vnf-index", "seq", "vdu-id", "vdu-profile-id", "vdu-id-ref", "id-ref",
    "member-vdu-ref",
  ]

  /// Items are called by their name where they have one each, else by their number.
  private static func labels(of items: [YAMLNode]) -> [String] {
    let names = items.map { item -> String? in
      guard case .map(let fields) = item.form else { return nil }
      for key in labelKeys {
        if case .scalar(let text, _)? = fields.first(where: { withoutPrefix($0.key) == key })?.value.form {
          return text.utf8.allSatisfy { $0 > 0x20 } ? text : nil
        }
      }
      return nil
    }
    let known = names.compactMap { $0 }
    return Set(known).count == items.count ? known : items.indices.map { "\($0)" }
  }

  private static let prefixes: Set<String> = [
    "vnfd", "nsd", "rw-vnfd", "rw-nsd", "vnfd-catalog", "nsd-catalog", "etsi-nfv-vnfd", "etsi-nfv-nsd", "nfv",
    "osm",
  ]

  /// `vnfd:vnfd-catalog` is `vnfd-catalog`.
  static func withoutPrefix(_ key: String) -> String {
    guard let colon = key.firstIndex(of: ":"), prefixes.contains(String(key[..<colon])) else { return key }
    return String(key[key.index(after: colon)...])
  }
}
