import Diagnostics
package import NFVModel

/// Results for programs: a versioned JSON document, or JUnit XML as build servers read it.
package enum TestDocument {
  package static func json(_ results: [TestResult]) -> JSONValue {
    [
      "placet": 1,
      "tests": .array(
        results.map { result in
          [
            "policy": .string(result.policy), "title": .string(result.title),
            "verdict": .string(result.verdict.rawValue), "expectations": .int(result.expectations),
            "failures": .array(result.failures.map(json)),
            "notes": .array(result.notes.map(json)),
          ]
        }),
    ]
  }

  private static func json(_ failure: TestFailure) -> JSONValue {
    guard !failure.differences.isEmpty, case .object(var members) = json(failure.diagnostic) else {
      return json(failure.diagnostic)
    }
    members["differences"] = .array(
      failure.differences.map { each in
        [
          "path": .string(each.path), "expected": each.expected.map { .string($0) } ?? .null,
          "found": each.found.map { .string($0) } ?? .null,
        ]
      })
    return .object(members)
  }

  private static func json(_ diagnostic: Diagnostic) -> JSONValue {
    [
      "code": .string(diagnostic.code), "message": .string(diagnostic.message),
      "file": .string(diagnostic.primary.range.source.name), "line": .int(diagnostic.primary.range.line),
      "notes": .strings(diagnostic.notes),
    ]
  }

  package static func junit(_ results: [TestResult]) -> String {
    var lines = ["<?xml version=\"1.0\" encoding=\"UTF-8\"?>"]
    let failures = results.count { $0.verdict != .passed }
    lines.append("<testsuites tests=\"\(results.count)\" failures=\"\(failures)\">")
    for (policy, tests) in grouped(results) {
      let failed = tests.count { $0.verdict != .passed }
      lines.append(
        "  <testsuite name=\"\(escaped(policy))\" tests=\"\(tests.count)\" failures=\"\(failed)\">")
      for test in tests { lines += junit(test) }
      lines.append("  </testsuite>")
    }
    return (lines + ["</testsuites>"]).joined(separator: "\n") + "\n"
  }

  private static func grouped(_ results: [TestResult]) -> [(String, [TestResult])] {
    var order: [String] = []
    var groups: [String: [TestResult]] = [:]
    for result in results {
      if groups[result.policy] == nil { order.append(result.policy) }
      groups[result.policy, default: []].append(result)
    }
    return order.map { ($0, groups[$0] ?? []) }
  }

  private static func junit(_ test: TestResult) -> [String] {
    let milliseconds = Int((test.seconds * 1000).rounded())
    let fraction = String(1000 + milliseconds % 1000).dropFirst()
    let head =
      "    <testcase classname=\"\(escaped(test.policy))\" name=\"\(escaped(test.title))\" "
      + "time=\"\(milliseconds / 1000).\(fraction)\""
    guard !test.failures.isEmpty else { return [head + "/>"] }
    let text = test.failures.map(\.diagnostic).map { failure in
      (["\(failure.primary.range.source.name):\(failure.primary.range.line): \(failure.message)"]
        + failure.notes)
        .joined(separator: "\n")
    }
    return [
      head + ">",
      "      <failure message=\"\(escaped(test.failures[0].diagnostic.message))\">\(escaped(text.joined(separator: "\n")))</failure>",
      "    </testcase>",
    ]
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case "\u{0}"..."\u{1F}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
