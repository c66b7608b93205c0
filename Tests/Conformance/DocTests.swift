import Diagnostics
import Foundation
import Placet
import PlacetTesting
import Testing

/// Every ```placet block of the language reference is run: it checks without a word and its tests pass.
///
/// `placet continues` is read behind the block before it; `placet wrong E0203` gives that code, and no other.
@Suite struct DocTests {
  struct Block {
    var line: Int
    var words: [String]
    var text: String
  }

  static let pages: [String] = {
    let folder = Cases.root.appendingPathComponent("docs/language")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { $0.hasSuffix(".md") }.sorted()
  }()

  @Test func `the reference is found`() { #expect(Self.pages.count >= 11) }

  @Test(arguments: pages)
  func `every block does what the page says`(_ page: String) throws {
    let blocks = Self.blocks(of: try Cases.text("docs/language/\(page)"))
    #expect(!blocks.isEmpty || ["command-line.md", "inventory-file.md", "repl.md"].contains(page))
    var before = ""
    for block in blocks {
      let continues = block.words.contains("continues")
      let text = continues ? before + "\n" + block.text : block.text
      let policy = PolicyFile.check(Source(name: "\(page):\(block.line)", text: text))
      let told = policy.diagnostics.map(\.code)
      if block.words.contains("wrong") {
        let wanted = block.words.filter { $0.first == "E" || $0.first == "W" }
        #expect(told == wanted || Self.stating(policy) == wanted, "\(page):\(block.line) \(told)")
        continue
      }
      before = text
      let messages = policy.diagnostics.map { "\($0.code) \($0.message) at \($0.primary.range.text)" }
      #expect(messages == [], "\(page):\(block.line)")
      guard told.isEmpty else { continue }
      for result in TestRunner().run(policy) {
        #expect(
          result.verdict == .passed,
          "\(page):\(block.line) \(result.title): \(result.failures.map { [$0.diagnostic.message] + $0.diagnostic.notes })"
        )
      }
      guard !text.contains("param ") else { continue }
      #expect(Self.stating(policy) == [], "\(page):\(block.line)")
    }
  }

  private static func stating(_ policy: PolicyFile) -> [String] {
    guard policy.isSound else { return [] }
    do {
      _ = try policy.problem(RunInputs())
      return []
    } catch {
      return error.diagnostics.map(\.code)
    }
  }

  private static func blocks(of page: String) -> [Block] {
    var blocks: [Block] = []
    var open: Block?
    for (index, line) in page.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if let block = open {
        if line == "```" {
          blocks.append(block)
          open = nil
        } else {
          open?.text += line + "\n"
        }
      } else if line == "```placet" || line.hasPrefix("```placet ") {
        open = Block(
          line: index + 2, words: line.dropFirst(3).split(separator: " ").map(String.init), text: "")
      }
    }
    return blocks
  }
}
