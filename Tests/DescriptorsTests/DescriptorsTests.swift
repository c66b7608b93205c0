import Descriptors
import Diagnostics
import Testing

@Test func `show`() throws {
  for group in [[Samples.border, Samples.gateway], [Samples.naming, Samples.resolver]] {
    let result = SOL006Importer.importFiles(group.enumerated().map { ("f\($0).yaml", Array($1.utf8)) })
    print(result.policy ?? "REFUSED")
    for d in result.diagnostics { print(d.code, d.primary.range.line, d.message) }
  }
}
