import ConstraintSolver
import Diagnostics
import Foundation
import Placet
import StandardLibrary
import Testing

/// The pages that `placet explain` shows, run both ways: a wrong example gives its code and no other, a right one
/// gives nothing, whether the checker says it or the making, stating and solving of the policy's world.
@Suite struct PageTests {
  /// Pages of the checker that come with modules of their own are run by the tests of the checker.
  static let pages = StandardLibrary.diagnosticPages.filter {
    $0.value.contains("```placet wrong\n") && !$0.value.contains("```placet module")
  }.keys.sorted()

  @Test func `there are many pages with examples`() { #expect(Self.pages.count > 80) }

  @Test func `every page begins with its code and a title`() {
    for (code, page) in StandardLibrary.diagnosticPages {
      #expect(page.hasPrefix("# \(code): "), "\(code)")
      #expect(!page.contains("```placet wrong") || page.contains("```placet right"), "\(code)")
    }
  }

  @Test(arguments: pages)
  func `a wrong example gives its code and no other, a right one nothing`(_ code: String) throws {
    let page = try #require(StandardLibrary.diagnosticPages[code])
    let wrong = try #require(Self.block("wrong", of: page))
    let right = try #require(Self.block("right", of: page))

    let told = Self.diagnostics(of: wrong)

    #expect(Set(told.map(\.code)) == [code], "\(told.map { "\($0.code) \($0.message)" })")
    #expect(Self.diagnostics(of: right).map(\.message) == [])
  }

  private static func block(_ kind: String, of page: String) -> String? {
    guard let start = page.firstRange(of: "```placet \(kind)\n") else { return nil }
    let rest = page[start.upperBound...]
    return rest.firstRange(of: "\n```").map { String(rest[..<$0.lowerBound]) }
  }

  /// What checking says; where that is nothing, what placing it says.
  private static func diagnostics(of text: String) -> [Diagnostic] {
    let policy = PolicyFile.check(Source(name: "policy.placet", text: text))
    guard policy.diagnostics.isEmpty else { return policy.diagnostics }
    do {
      _ = try policy.place(RunInputs(), SolverOptions(workLimit: 1_000_000))
      return []
    } catch {
      return error.diagnostics
    }
  }
}
