import Foundation
import StandardLibrary
import Testing

@Suite struct TreeTests {
  @Test func `every target imports only what its layer allows`() throws {
    let (status, output) = try Repository.run(".ci/check-layers")
    #expect(status == 0, "\(output)")
  }

  @Test func `the embedded library is the text of stdlib`() throws {
    let files = Repository.files(under: "stdlib", ending: ".placet")
    for file in files {
      let name = String(file.dropFirst("stdlib/".count).dropLast(".placet".count)).replacing("/", with: ".")
      #expect(
        StandardLibrary.modules[name] == (try Repository.text(file)),
        "run .ci/embed-stdlib: \(file)")
    }
    #expect(StandardLibrary.modules.count == files.count)
  }

  @Test func `the embedded pages are the text of docs and no page is without code`() throws {
    let files = Repository.files(under: "docs/diagnostics", ending: ".md")
    for file in files {
      let code = String(file.dropFirst("docs/diagnostics/".count).dropLast(".md".count))
      #expect(
        StandardLibrary.diagnosticPages[code] == (try Repository.text(file)), "run .ci/embed-stdlib: \(file)")
    }
    #expect(StandardLibrary.diagnosticPages.count == files.count)
  }

  @Test func `every diagnostic code in the sources has a page`() throws {
    var missing: Set<String> = []
    for file in Repository.files(under: "Sources", ending: ".swift") where !file.hasSuffix("Embedded.swift") {
      for match in try Repository.text(file).matches(of: /"([EPVW]0\d{3})"/) {
        let code = String(match.1)
        if StandardLibrary.diagnosticPages[code] == nil { missing.insert(code) }
      }
    }
    #expect(missing.sorted() == [], "each needs docs/diagnostics/<code>.md, then .ci/embed-stdlib")
  }

  @Test func `no path of a machine stands in a tracked file`() throws {
    let marks = ["/" + "work/", "/" + "root/", "/" + "home/"]
    for folder in ["Sources", "Tests", "stdlib", "examples", "docs", "Benchmarks", "grammar", ".ci"] {
      for file in Repository.files(under: folder, ending: "") {
        guard let text = try? Repository.text(file) else { continue }
        for mark in marks { #expect(!text.contains(mark), "\(file) holds \(mark)") }
      }
    }
  }
}
