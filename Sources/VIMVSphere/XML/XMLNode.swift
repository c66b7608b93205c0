/// One element of an XML document, as far as SOAP needs it: no attribute but two, no mixed content.
struct XMLNode: Hashable, Sendable {
  /// Local name, without its prefix.
  var name: String
  /// What `xsi:type` says, without its prefix, whatever prefix the document gave to the schema's namespace.
  var schemaType: String?
  /// The plain attribute `type`: what kind of managed object a reference is to.
  var type: String?
  /// The characters directly in it; blank where it has children.
  var text = ""
  var children: [XMLNode] = []

  init(_ name: String, text: String = "", children: [XMLNode] = []) {
    self.name = name
    self.text = text
    self.children = children
  }

  /// The first child of a name.
  subscript(_ name: String) -> XMLNode? { children.first { $0.name == name } }

  func all(_ name: String) -> [XMLNode] { children.filter { $0.name == name } }

  /// The text at the end of a path of names: `node.text("summary", "config", "name")`.
  func text(_ path: String...) -> String? {
    var node = self
    for step in path {
      guard let next = node[step] else { return nil }
      node = next
    }
    return node.text
  }

  func int(_ name: String) -> Int? { self[name].flatMap { Int($0.text) } }

  func bool(_ name: String) -> Bool? {
    switch self[name]?.text {
    case "true", "1": true
    case "false", "0": false
    default: nil
    }
  }
}
