package import NFVModel

/// Which promises a VIM kept.
package struct ContractReport: Hashable, Sendable {
  package enum Verdict: Hashable, Sendable {
    case kept
    /// How it was broken.
    case broken(String)
    /// Why it could not be tried.
    case untried(String)
  }

  package struct Row: Hashable, Sendable {
    package let check: ContractCheck
    package let verdict: Verdict
  }

  package let vim: String
  package let kind: String
  package let version: String
  /// One for each check, in their order.
  package let rows: [Row]

  package subscript(_ check: ContractCheck) -> Verdict? { rows.first { $0.check == check }?.verdict }

  package var broken: [ContractCheck] {
    rows.compactMap { if case .broken = $0.verdict { $0.check } else { nil } }
  }

  package var isKept: Bool { broken.isEmpty }

  package var json: JSONValue {
    [
      "placet": 1, "vim": .string(vim), "kind": .string(kind), "version": .string(version),
      "kept": .bool(isKept), "checks": .array(rows.map(\.json)),
    ]
  }

  /// A line a check; what is not kept says why below.
  package var text: String {
    let width = rows.map(\.check.rawValue.count).max() ?? 0
    var lines = ["vim \(vim): \(kind) \(version)"]
    for row in rows {
      let name = row.check.rawValue + String(repeating: " ", count: width - row.check.rawValue.count)
      lines.append("\(row.mark)  \(name)  \(row.check.promise)")
      if let because = row.because { lines.append("\(String(repeating: " ", count: width + 10))\(because)") }
    }
    let untried = rows.count { if case .untried = $0.verdict { true } else { false } }
    lines.append(
      "\(rows.count - untried - broken.count) kept, \(broken.count) broken, \(untried) not tried")
    return lines.joined(separator: "\n") + "\n"
  }
}

extension ContractReport.Row {
  fileprivate var mark: String {
    switch verdict {
    case .kept: "kept  "
    case .broken: "BROKEN"
    case .untried: "-     "
    }
  }

  package var because: String? {
    switch verdict {
    case .kept: nil
    case .broken(let why), .untried(let why): why
    }
  }

  fileprivate var json: JSONValue {
    var fields: [String: JSONValue] = [
      "check": .string(check.rawValue), "promise": .string(check.promise),
    ]
    switch verdict {
    case .kept: fields["verdict"] = "kept"
    case .broken: fields["verdict"] = "broken"
    case .untried: fields["verdict"] = "untried"
    }
    if let because { fields["because"] = .string(because) }
    return .object(fields)
  }
}
