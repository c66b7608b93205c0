import Diagnostics
import Placet
import StandardLibrary
import Testing

/// The pages of the data readers' diagnostics: each wrong example gives its code, no right one does.
@Suite struct DataFilePageTests {
  static let kinds = ["json", "yaml", "csv"]
  static let pages = StandardLibrary.diagnosticPages.filter { page in
    kinds.contains { page.value.contains("```\($0) wrong") }
  }

  @Test func `what can be shown in a few lines is shown`() {
    #expect(Self.pages.keys.sorted() == ["E0405", "E0406", "E0407", "E0409", "E0410", "E0411"])
  }

  @Test(arguments: pages.keys.sorted())
  func `a wrong example gives its code, a right one is read`(_ code: String) throws {
    let page = try #require(Self.pages[code])
    let kind = try #require(Self.kinds.first { page.contains("```\($0) wrong") })
    let wrong = try #require(Self.block("\(kind) wrong", in: page))
    let right = try #require(Self.block("\(kind) right", in: page))

    #expect(Self.codes(kind, wrong) == [code])
    #expect(Self.codes(kind, right) == [])
  }

  private static func codes(_ kind: String, _ text: String) -> [String] {
    switch DataFileReader.read(path: "example.\(kind)", bytes: Array(text.utf8)) {
    case .success: []
    case .failure(let problems): problems.diagnostics.map(\.code)
    }
  }

  private static func block(_ kind: String, in page: String) -> String? {
    guard let start = page.firstRange(of: "```\(kind)\n") else { return nil }
    let rest = page[start.upperBound...]
    return rest.firstRange(of: "\n```").map { String(rest[..<$0.lowerBound]) }
  }
}
