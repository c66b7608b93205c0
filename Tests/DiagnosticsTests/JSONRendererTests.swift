import Diagnostics
import Foundation
import Testing

@Suite struct JSONRendererTests {
  @Test func `a diagnostic is one object with sorted keys`() {
    let source = Source(name: "a \"b\".placet", text: "let é = 1\nx")
    var diagnostic = Diagnostic("E0203", "expected\ndata", at: .init(SourceRange(source, 4, 6), "é"))
    diagnostic.secondary = [.init(SourceRange(source, 11, 12), "x")]
    diagnostic.notes = ["n\u{1}"]
    diagnostic.fixes = [.init(SourceRange(source, 4, 6), replacement: "e", title: "use 'e'")]

    #expect(
      JSONRenderer().render([diagnostic])
        == #"{"diagnostics":[{"code":"E0203","column":5,"endColumn":6,"endLine":1,"file":"a \"b\".placet","#
        + #""fixes":[{"column":5,"endColumn":6,"endLine":1,"file":"a \"b\".placet","line":1,"replacement":"e","title":"use 'e'"}],"#
        + #""label":"é","labels":[{"column":1,"endColumn":2,"endLine":2,"file":"a \"b\".placet","line":2,"text":"x"}],"#
        + #""line":1,"message":"expected\ndata","notes":["n\u0001"],"severity":"error"}],"placet":1}"# + "\n")
    #expect(JSONRenderer().render([]) == "{\"diagnostics\":[],\"placet\":1}\n")
  }

  @Test func `another reader reads every text back`() throws {
    for text in ["", "\"\\/", "\u{0}\u{1F}\u{7F}\t\r\n", "日本 é 😀 \u{2028}"] {
      let read = try JSONSerialization.jsonObject(with: Data(jsonText(text).utf8), options: .fragmentsAllowed)
      #expect(read as? String == text)
    }
  }
}
