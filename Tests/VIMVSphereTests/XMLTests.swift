import Foundation
import FoundationXML
import NFVModel
import Testing
import VIMTransport

@testable import VIMVSphere

struct XMLTests {
  @Test func `types are known by their namespace, whatever prefix a server chose`() throws {
    let xml = """
      <?xml version="1.0"?><!-- x --><e:E xmlns:e="urn:e"><v xmlns:XMLSchema-instance="\(XMLReader.schemaInstance)"
       XMLSchema-instance:type="xsd:string" type="plain">a &amp; &#x42;<![CDATA[<c>]]></v>
       <w xmlns:i="urn:other" i:type="no"/></e:E>
      """
    let root = try XMLReader.read([UInt8](xml.utf8))
    #expect(root.name == "E" && root.children.count == 2)
    #expect(root["v"]?.schemaType == "string" && root["v"]?.type == "plain" && root["v"]?.text == "a & B<c>")
    #expect(root["w"]?.schemaType == nil)
  }

  @Test(arguments: [
    "", "x", "<a>", "<a></b>", "<a/><b/>", "<a b></a>", "<a b='<'/>", "<a>&nope;</a>", "<a>&#xD800;</a>",
    "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<a><!ELEMENT></a>", "<a", "</a>", "<a>&amp</a>",
    "<a><![CDATA[</a>",
  ])
  func `what is no document, or more than one, is refused`(text: String) {
    #expect(throws: XMLError.self) { try XMLReader.read([UInt8](text.utf8)) }
  }

  @Test func `no depth overflows the stack, and no cut document traps`() throws {
    let deep = String(repeating: "<a>", count: 100_000)
    #expect(throws: XMLError.self) { try XMLReader.read([UInt8](deep.utf8)) }
    let whole = [UInt8]("<a x='1' i:type=\"b\"><b>&lt;</b><!-- c --><![CDATA[d]]></a>".utf8)
    for end in 0..<whole.count {
      #expect(throws: XMLError.self) { try XMLReader.read(Array(whole[..<end])) }
    }
    #expect(throws: Never.self) { try XMLReader.read(whole) }
  }

  @Test func `what is written is read back`() throws {
    let odd = "<&>\"'\n\t é 😀 \r"
    let node = try XMLReader.read([UInt8](XMLText("a", odd).text.utf8))
    #expect(node.text == odd)
  }

  /// The judge: Foundation's reader, which shares no code with ours, sees the same document.
  @Test(arguments: try Recordings.names())
  func `Foundation reads recorded answers as we do`(name: String) throws {
    for entry in try Recordings.read(name).entries {
      let bytes = [UInt8](entry.answer.utf8)
      let ours = try XMLReader.read(bytes)
      let judge = Judge()
      let parser = XMLParser(data: Data(bytes))
      parser.shouldProcessNamespaces = true
      parser.delegate = judge
      #expect(parser.parse())
      #expect(Self.flat(ours) == judge.lines)
    }
  }

  static func flat(_ node: VIMVSphere.XMLNode) -> [String] {
    [node.name] + (node.children.isEmpty ? ["= \(node.text)"] : node.children.flatMap(flat))
  }

  final class Judge: NSObject, XMLParserDelegate {
    var lines: [String] = []
    private var text = ""
    private var isLeaf = true

    func parser(
      _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
      attributes: [String: String]
    ) {
      lines.append(name)
      (text, isLeaf) = ("", true)
    }
    func parser(_ parser: XMLParser, foundCharacters characters: String) { text += characters }
    func parser(
      _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
    ) {
      if isLeaf { lines.append("= \(text)") }
      isLeaf = false
    }
  }
}

/// What was said between us and the bed, as files: see `RecordedTests`.
enum Recordings {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "recordings")

  static func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path()).filter { $0.hasSuffix(".json") }
      .sorted()
  }

  static func read(_ name: String) throws -> Recording {
    try Recording(try JSONValue.parse([UInt8](Data(contentsOf: folder.appending(path: name)))))
  }
}
