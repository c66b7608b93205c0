import Foundation
import FoundationXML

/// An element of a document that libvirt wrote: small, read whole, names as written.
final class XMLNode {
  let name: String
  let attributes: [String: String]
  fileprivate(set) var children: [XMLNode] = []
  fileprivate(set) var text = ""

  fileprivate init(_ name: String, _ attributes: [String: String]) {
    self.name = name
    self.attributes = attributes
  }

  /// The root element; nil for what is no XML.
  static func parse(_ text: String) -> XMLNode? {
    let reader = Reader()
    let parser = XMLParser(data: Data(text.utf8))
    parser.shouldResolveExternalEntities = false
    parser.delegate = reader
    return parser.parse() && reader.isClosed ? reader.root : nil
  }

  subscript(_ attribute: String) -> String? { attributes[attribute] }

  /// The elements at the end of a path of names.
  func all(_ path: String...) -> [XMLNode] {
    path.reduce([self]) { nodes, name in nodes.flatMap { $0.children.filter { $0.name == name } } }
  }

  func first(_ path: String...) -> XMLNode? {
    path.reduce(self as XMLNode?) { node, name in node?.children.first { $0.name == name } }
  }

  /// The number that it holds.
  var number: Int? { Int(text.trimmingCharacters(in: .whitespacesAndNewlines)) }

  /// The bytes that it holds: a number with a `unit` of libvirt's, KiB where none is said.
  var bytes: Int? { number.flatMap { Self.bytes($0, self["unit"]) } }

  static func bytes(_ count: Int, _ unit: String?) -> Int? {
    let factors = [
      "b": 1, "bytes": 1, "KB": 1000, "k": 1 << 10, "KiB": 1 << 10, "MB": 1_000_000, "M": 1 << 20,
      "MiB": 1 << 20, "GB": 1_000_000_000, "G": 1 << 30, "GiB": 1 << 30, "T": 1 << 40, "TiB": 1 << 40,
    ]
    guard let factor = factors[unit ?? "KiB"] else { return nil }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: factor)
    return overflow ? nil : bytes
  }

  private final class Reader: NSObject, XMLParserDelegate {
    var root: XMLNode?
    private var open: [XMLNode] = []
    /// The parser below takes the end of the text for the end of all elements.
    var isClosed: Bool { open.isEmpty }

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      let node = XMLNode(name, attributes)
      open.last?.children.append(node)
      if root == nil { root = node }
      open.append(node)
    }

    func parser(
      _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) {
      open.removeLast()
    }

    func parser(_ parser: XMLParser, foundCharacters text: String) { open.last?.text += text }
  }
}

/// A text as XML takes it, in attributes and between tags.
func escapedXML(_ text: String) -> String {
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": result += "&amp;"
    case "<": result += "&lt;"
    case ">": result += "&gt;"
    case "\"": result += "&quot;"
    case "'": result += "&apos;"
    case "\t", "\n", "\r": result += "&#\(scalar.value);"
    case _ where scalar.value < 0x20 || (0xFFFE...0xFFFF).contains(scalar.value): result += "\u{FFFD}"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result
}

/// `0-2,5`: 0, 1, 2, 5; `^1` takes away.
func cpuSet(_ text: String) -> Set<Int> {
  var set: Set<Int> = []
  for part in text.split(separator: ",") {
    let word = part.trimmingCharacters(in: .whitespaces)
    if word.hasPrefix("^") {
      if let cpu = Int(word.dropFirst()) { set.remove(cpu) }
      continue
    }
    let ends = word.split(separator: "-").compactMap { Int($0) }
    if let first = ends.first, let last = ends.last, first <= last, last < 65_536 {
      set.formUnion(first...last)
    }
  }
  return set
}

/// 0, 1, 2, 5: `0-2,5`.
func cpuText(_ set: some Collection<Int>) -> String {
  var runs: [ClosedRange<Int>] = []
  for cpu in set.sorted() {
    if let last = runs.last, last.upperBound + 1 == cpu {
      runs[runs.count - 1] = last.lowerBound...cpu
    } else {
      runs.append(cpu...cpu)
    }
  }
  return runs.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
    .joined(separator: ",")
}
