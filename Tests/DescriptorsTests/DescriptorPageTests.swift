import Diagnostics
import StandardLibrary
import Testing

/// The pages of the importer's diagnostics: each wrong example gives its code, no right one does.
@Suite struct DescriptorPageTests {
  static let pages = StandardLibrary.diagnosticPages.filter { $0.value.contains("```sol006 ") }

  @Test func `every code of the importer has examples`() {
    let codes = (0...7).map { "E046\($0)" } + ["W0460", "W0461", "W0462"]
    #expect(Self.pages.keys.sorted() == codes)
  }

  @Test(arguments: pages.keys.sorted())
  func `a wrong example gives its code, a right one nothing`(_ code: String) throws {
    let page = try #require(Self.pages[code])
    let wrong = try #require(Self.block("sol006 wrong", in: page))
    let right = try #require(Self.block("sol006 right", in: page))

    #expect(Import(("example.yaml", wrong)).diagnostics.map(\.code).contains(code))
    #expect(Import(("example.yaml", right)).places == [])
  }

  private static func block(_ kind: String, in page: String) -> String? {
    guard let start = page.firstRange(of: "```\(kind)\n") else { return nil }
    let rest = page[start.upperBound...]
    return rest.firstRange(of: "\n```").map { String(rest[..<$0.lowerBound]) }
  }
}
