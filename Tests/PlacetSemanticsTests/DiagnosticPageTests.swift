import Diagnostics
import Foundation
import Testing

/// Every code has a page; its wrong example gives that code and no other, its right one nothing.
@Suite struct DiagnosticPageTests {
  struct Page {
    var code: String
    var wrong: String
    var right: String
    var modules: [String: String]
  }

  static let directory = PolicyCase.repository.appending(path: "docs/diagnostics")

  /// The codes that the catalogue of the checker names.
  static let codes: [String] = {
    let sources = PolicyCase.repository.appending(path: "Sources/PlacetSemantics")
    let text = ["Catalogue.swift", "CataloguePhases.swift"].compactMap {
      try? String(contentsOf: sources.appending(path: $0), encoding: .utf8)
    }.joined()
    let found = text.matches(of: /"([EW]0[23][0-9][0-9])"/).map { String($0.1) }
    return Array(Set(found)).sorted()
  }()

  static func page(_ code: String) -> Page? {
    guard let text = try? String(contentsOf: directory.appending(path: "\(code).md"), encoding: .utf8) else {
      return nil
    }
    var page = Page(code: code, wrong: "", right: "", modules: [:])
    for match in text.matches(of: /```placet ([a-z0-9_. ]+)\n((?:.|\n)*?)\n```/) {
      let words = match.1.split(separator: " ")
      switch words.first {
      case "wrong": page.wrong = String(match.2)
      case "right": page.right = String(match.2)
      case "module": page.modules[String(words[1])] = String(match.2)
      default: continue
      }
    }
    return text.hasPrefix("# \(code): ") ? page : nil
  }

  @Test func `the catalogue is found`() { #expect(Self.codes.count > 40) }

  @Test(arguments: codes)
  func `a page's examples say what the page says`(_ code: String) throws {
    let page = try #require(Self.page(code), "no page for \(code)")

    let wrong = PolicyCase(page.wrong, modules: page.modules)
    let right = PolicyCase(page.right)

    let told = wrong.diagnostics.map { "\($0.code) \($0.message)" }
    #expect(wrong.diagnostics.contains { $0.code == code }, "\(told)")
    #expect(wrong.diagnostics.allSatisfy { $0.code == code }, "\(told)")
    #expect(right.diagnostics.isEmpty, "\(right.diagnostics.map { "\($0.code) \($0.message)" })")
  }
}
