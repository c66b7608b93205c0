/// Writes the inside of requests: small, ordered, everything escaped.
///
/// vSphere's types are sequences: members stand in the order of its schema, inherited ones first.
struct XMLText: Hashable, Sendable {
  private(set) var text = ""

  init() {}

  init(@XMLText.Sequence _ parts: () -> [XMLText]) { text = parts().map(\.text).joined() }

  /// An element with a text.
  init(_ name: String, _ value: String, schemaType: String? = nil) {
    text = Self.open(name, schemaType) + Self.escaped(value) + "</\(name)>"
  }

  init(_ name: String, _ value: Int) { self.init(name, String(value)) }
  init(_ name: String, _ value: Bool) { self.init(name, value ? "true" : "false") }

  /// A reference to a managed object.
  init(_ name: String, _ object: ManagedObject) {
    text =
      "<\(name) type=\"\(Self.escaped(object.type))\">\(Self.escaped(object.value))</\(name)>"
  }

  /// A reference where the schema says `xsd:anyType`.
  init(any name: String, _ object: ManagedObject) {
    text =
      "<\(name) xsi:type=\"ManagedObjectReference\" type=\"\(Self.escaped(object.type))\">"
      + "\(Self.escaped(object.value))</\(name)>"
  }

  /// An element with others in it.
  init(_ name: String, schemaType: String? = nil, @XMLText.Sequence _ parts: () -> [XMLText]) {
    text = Self.open(name, schemaType) + parts().map(\.text).joined() + "</\(name)>"
  }

  private static func open(_ name: String, _ schemaType: String?) -> String {
    schemaType.map { "<\(name) xsi:type=\"\($0)\">" } ?? "<\(name)>"
  }

  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\r": result += "&#13;"
      case "\n": result += "&#10;"
      case "\t": result += "&#9;"
      // What XML cannot hold at all.
      case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  @resultBuilder
  enum Sequence {
    static func buildExpression(_ part: XMLText) -> [XMLText] { [part] }
    static func buildExpression(_ parts: [XMLText]) -> [XMLText] { parts }
    static func buildBlock(_ parts: [XMLText]...) -> [XMLText] { parts.flatMap { $0 } }
    static func buildOptional(_ parts: [XMLText]?) -> [XMLText] { parts ?? [] }
    static func buildEither(first: [XMLText]) -> [XMLText] { first }
    static func buildEither(second: [XMLText]) -> [XMLText] { second }
    static func buildArray(_ parts: [[XMLText]]) -> [XMLText] { parts.flatMap { $0 } }
  }
}
