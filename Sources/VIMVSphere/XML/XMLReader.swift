/// Why a text is no XML that we read.
struct XMLError: Error, Hashable, CustomStringConvertible {
  let offset: Int
  let message: String

  var description: String { "byte \(offset): \(message)" }
}

/// Reads a whole document of UTF-8 into its root element.
///
/// Namespaces are resolved, since servers choose their prefixes freely. A document type is refused: SOAP forbids
/// it, and entities of its making are how a small answer becomes a large one. BOUND: elements nest at most
/// `deepest` levels, so that no answer overflows the stack.
struct XMLReader {
  static let deepest = 512
  static let schemaInstance = "http://www.w3.org/2001/XMLSchema-instance"

  private let bytes: UnsafeBufferPointer<UInt8>
  private var at = 0
  /// Prefixes that name the schema's instance namespace, innermost last; `false` hides an outer one.
  private var bindings: [(prefix: String, isInstance: Bool)] = []

  private init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  static func read(_ bytes: [UInt8]) throws(XMLError) -> XMLNode {
    let result = bytes.withUnsafeBufferPointer { buffer -> Result<XMLNode, XMLError> in
      var reader = XMLReader(buffer)
      do throws(XMLError) { return .success(try reader.document()) } catch { return .failure(error) }
    }
    return try result.get()
  }

  // MARK: The document

  private mutating func document() throws(XMLError) -> XMLNode {
    if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { at = 3 }
    try skipMisc()
    guard peek == UInt8(ascii: "<") else { throw failure("expected an element") }
    let root = try element(depth: 1)
    try skipMisc()
    guard at == bytes.count else { throw failure("something stands after the document") }
    return root
  }

  /// Blanks, comments and processing instructions between elements.
  private mutating func skipMisc() throws(XMLError) {
    while true {
      skipBlanks()
      if starts("<?") {
        try skip(past: "?>")
      } else if starts("<!--") {
        try skip(past: "-->")
      } else if starts("<!") {
        throw failure("a document type is not taken")
      } else {
        return
      }
    }
  }

  // MARK: Elements

  private mutating func element(depth: Int) throws(XMLError) -> XMLNode {
    guard depth <= Self.deepest else { throw failure("elements nest too deeply") }
    at += 1
    let start = at
    var node = XMLNode("")
    node.name = try localName()
    let qualified = start..<at
    let outer = bindings.count
    let isEmpty = try attributes(of: &node)
    if !isEmpty { try content(of: &node, named: qualified, depth: depth) }
    bindings.removeLast(bindings.count - outer)
    return node
  }

  /// Reads up to the end of a start tag; whether it was an empty element's.
  private mutating func attributes(of node: inout XMLNode) throws(XMLError) -> Bool {
    var typed: [(prefix: String, value: String)] = []
    while true {
      skipBlanks()
      guard at < bytes.count else { throw failure("the document ends within a tag") }
      if bytes[at] == UInt8(ascii: ">") || starts("/>") {
        let isEmpty = bytes[at] != UInt8(ascii: ">")
        at += isEmpty ? 2 : 1
        // A prefix may be bound after it was used in the same tag.
        for (prefix, value) in typed where bindings.last(where: { $0.prefix == prefix })?.isInstance ?? false
        {
          node.schemaType = Self.withoutPrefix(value)
        }
        return isEmpty
      }
      let (prefix, name) = try attributeName()
      let value = try attributeValue()
      if prefix == "xmlns" {
        bindings.append((name, value == Self.schemaInstance))
      } else if name == "type" {
        if prefix.isEmpty { node.type = value } else { typed.append((prefix, value)) }
      }
    }
  }

  private mutating func content(of node: inout XMLNode, named: Range<Int>, depth: Int) throws(XMLError) {
    var text: [UInt8] = []
    while true {
      let start = at
      while at < bytes.count, bytes[at] != UInt8(ascii: "<"), bytes[at] != UInt8(ascii: "&") { at += 1 }
      guard at < bytes.count else { throw failure("the document ends within <\(node.name)>") }
      if bytes[at] == UInt8(ascii: "&") {
        text.append(contentsOf: bytes[start..<at])
        text.append(contentsOf: try reference())
        continue
      }
      if starts("</") {
        let run = start..<at
        at += 2
        let closing = at
        skipName()
        guard bytes[closing..<at].elementsEqual(bytes[named]) else {
          throw failure("</\(string(closing..<at))> closes <\(string(named))>")
        }
        skipBlanks()
        guard peek == UInt8(ascii: ">") else { throw failure("expected '>'") }
        at += 1
        guard node.children.isEmpty else { return }
        // The usual case: one run of plain characters, copied once.
        if text.isEmpty {
          node.text = string(run)
        } else {
          text.append(contentsOf: bytes[run])
          node.text = String(decoding: text, as: UTF8.self)
        }
        return
      }
      text.append(contentsOf: bytes[start..<at])
      if starts("<!--") {
        try skip(past: "-->")
      } else if starts("<![CDATA[") {
        at += 9
        let from = at
        try skip(past: "]]>")
        text.append(contentsOf: bytes[from..<(at - 3)])
      } else if starts("<?") {
        try skip(past: "?>")
      } else if starts("<!") {
        throw failure("a declaration stands within the document")
      } else {
        node.children.append(try element(depth: depth + 1))
      }
    }
  }

  // MARK: Words

  private var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

  private func starts(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard at + count <= bytes.count else { return false }
    let wanted = UnsafeBufferPointer(start: text.utf8Start, count: count)
    return bytes[at..<(at + count)].elementsEqual(wanted)
  }

  private mutating func skip(past text: StaticString) throws(XMLError) {
    while at < bytes.count {
      if starts(text) {
        at += text.utf8CodeUnitCount
        return
      }
      at += 1
    }
    throw failure("the document ends before '\(text)'")
  }

  private mutating func skipBlanks() {
    while at < bytes.count, bytes[at] == 0x20 || (0x09...0x0D).contains(bytes[at]) { at += 1 }
  }

  private mutating func skipName() {
    while at < bytes.count {
      switch bytes[at] {
      case 0x30...0x3A, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x80...0xFF: at += 1
      default: return
      }
    }
  }

  private mutating func localName() throws(XMLError) -> String {
    let start = at
    skipName()
    guard at > start else { throw failure("expected a name") }
    let colon = bytes[start..<at].lastIndex(of: UInt8(ascii: ":"))
    return string((colon.map { $0 + 1 } ?? start)..<at)
  }

  private mutating func attributeName() throws(XMLError) -> (prefix: String, name: String) {
    let start = at
    skipName()
    guard at > start else { throw failure("expected an attribute") }
    guard let colon = bytes[start..<at].firstIndex(of: UInt8(ascii: ":")) else {
      let name = string(start..<at)
      return name == "xmlns" ? ("xmlns", "") : ("", name)
    }
    return (string(start..<colon), string((colon + 1)..<at))
  }

  private mutating func attributeValue() throws(XMLError) -> String {
    skipBlanks()
    guard peek == UInt8(ascii: "=") else { throw failure("expected '='") }
    at += 1
    skipBlanks()
    guard let quote = peek, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
      throw failure("expected a quoted value")
    }
    at += 1
    var text: [UInt8] = []
    while let byte = peek, byte != quote {
      switch byte {
      case UInt8(ascii: "<"): throw failure("'<' stands in an attribute")
      case UInt8(ascii: "&"): text.append(contentsOf: try reference())
      default:
        text.append(byte)
        at += 1
      }
    }
    guard at < bytes.count else { throw failure("the document ends within an attribute") }
    at += 1
    return String(decoding: text, as: UTF8.self)
  }

  /// `&lt;` or `&#x41;`: the characters that it stands for.
  private mutating func reference() throws(XMLError) -> [UInt8] {
    let start = at + 1
    var end = start
    while end < bytes.count, end - start < 10, bytes[end] != UInt8(ascii: ";") { end += 1 }
    guard end < bytes.count, bytes[end] == UInt8(ascii: ";") else { throw failure("expected ';' after '&'") }
    let name = string(start..<end)
    let scalar: Unicode.Scalar? =
      switch name {
      case "lt": "<"
      case "gt": ">"
      case "amp": "&"
      case "quot": "\""
      case "apos": "'"
      case let hex where hex.hasPrefix("#x"): UInt32(hex.dropFirst(2), radix: 16).flatMap(Unicode.Scalar.init)
      case let number where number.hasPrefix("#"):
        UInt32(number.dropFirst()).flatMap(Unicode.Scalar.init)
      default: nil
      }
    guard let scalar else { throw failure("nothing is called '&\(name);'") }
    at = end + 1
    return [UInt8](String(Character(scalar)).utf8)
  }

  private func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  private static func withoutPrefix(_ name: String) -> String {
    name.lastIndex(of: ":").map { String(name[name.index(after: $0)...]) } ?? name
  }

  private func failure(_ message: String) -> XMLError { XMLError(offset: at, message: message) }
}
