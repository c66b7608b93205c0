/// Diagnostics for machines: a versioned document whose keys are sorted.
///
/// `{"diagnostics":[{"code":…,"column":…,"endColumn":…,"endLine":…,"file":…,"fixes":[…],"label":…,
/// "labels":[…],"line":…,"message":…,"notes":[…],"severity":…}],"placet":1}`; lines and columns count from 1,
/// columns in Unicode scalars, ends are exclusive.
package struct JSONRenderer: Sendable {
  package static let version = 1

  package init() {}

  /// The whole document, with a newline at its end.
  package func render(_ diagnostics: [Diagnostic]) -> String {
    "{\"diagnostics\":\(renderArray(diagnostics)),\"placet\":\(Self.version)}\n"
  }

  /// The array alone, to stand in a document of another command.
  package func renderArray(_ diagnostics: [Diagnostic]) -> String {
    "[" + diagnostics.map(object).joined(separator: ",") + "]"
  }

  private func object(_ diagnostic: Diagnostic) -> String {
    var fields = place(diagnostic.primary.range)
    fields["code"] = jsonText(diagnostic.code)
    fields["severity"] = jsonText(diagnostic.severity.rawValue)
    fields["message"] = jsonText(diagnostic.message)
    fields["label"] = jsonText(diagnostic.primary.text)
    fields["labels"] = array(
      diagnostic.secondary.map {
        object(place($0.range).merging(["text": jsonText($0.text)]) { $1 })
      })
    fields["notes"] = array(diagnostic.notes.map(jsonText))
    fields["fixes"] = array(
      diagnostic.fixes.map {
        let change = ["replacement": jsonText($0.replacement), "title": jsonText($0.title)]
        return object(place($0.range).merging(change) { $1 })
      })
    return object(fields)
  }

  private func place(_ range: SourceRange) -> [String: String] {
    let start = range.source.position(of: range.start)
    let end = range.source.position(of: max(range.start, range.end))
    return [
      "file": jsonText(range.source.name), "line": String(start.line), "column": String(start.column),
      "endLine": String(end.line), "endColumn": String(end.column),
    ]
  }

  private func array(_ elements: [String]) -> String { "[" + elements.joined(separator: ",") + "]" }

  private func object(_ fields: [String: String]) -> String {
    let sorted = fields.sorted { $0.key < $1.key }
    return "{" + sorted.map { "\(jsonText($0.key)):\($0.value)" }.joined(separator: ",") + "}"
  }
}

/// A text as a JSON string, quotes and all (RFC 8259).
package func jsonText(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "\r": result += "\\r"
    case "\t": result += "\\t"
    case _ where scalar.value < 0x20 || scalar.value == 0x7F:
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
