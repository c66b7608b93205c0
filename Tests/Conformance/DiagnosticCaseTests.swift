import Diagnostics
import Foundation
import Placet
import Testing

/// Policies under `cases/diagnostics` carry `//~ E0203` on each line where a diagnostic is expected, and no other is
/// given. The whole rendered message is golden beside it.
@Suite struct DiagnosticCaseTests {
  @Test(arguments: Cases.files("diagnostics", ".placet"))
  func `says what is expected, where it is expected, and nothing more`(_ path: String) throws {
    let text = try Cases.text(path)
    let policy = PolicyFile.check(Source(name: String(path.split(separator: "/").last ?? ""), text: text))
    var expected: [String] = []
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard let mark = line.range(of: "//~") else { continue }
      let codes = line[mark.upperBound...].split(separator: " ").prefix { $0.first == "E" || $0.first == "W" }
      expected += codes.map { "\(index + 1) \($0)" }
    }
    let found = policy.diagnostics.map { "\($0.primary.range.line) \($0.code)" }
    #expect(found.sorted() == expected.sorted())
    let rendered = TerminalRenderer(usesColour: false).render(policy.diagnostics)
    let difference = try Cases.golden(path.replacing(".placet", with: ".txt"), rendered)
    #expect(difference == nil, "\(difference ?? "")")
  }
}
