import ConstraintSolver
package import Diagnostics
package import Execution
package import NFVModel
package import Placement
import Planning

/// What reality breaks: rules, in the author's lines, and resources that are not what was made.
package struct DriftReport: Sendable {
  package let breaches: [RuleBreach]
  /// Gone, broken or standing still.
  package let lost: [ResourceStatus]
  /// Elsewhere than recorded, whether that breaks a rule or not.
  package let moved: [ResourceStatus]
  /// Instances that the policy wants and nobody has made: work for a plan, and no drift.
  package let unmade: [String]
  private let count: Int

  package init(rows: [ResourceStatus], breaches: [RuleBreach], unmade: [String] = []) {
    self.breaches = breaches
    self.unmade = unmade
    lost = rows.filter { [.missing, .failed, .stopped].contains($0.observed?.status) }
    moved = rows.filter { row in row.observed?.host.map { $0 != row.resource.spec.host } ?? false }
    count = rows.count
  }

  /// What moved and breaks no rule is no drift.
  package var isDrift: Bool { !breaches.isEmpty || !lost.isEmpty }

  package var diagnostics: [Diagnostic] { breaches.map(\.diagnostic) }

  /// A sentence for each resource that is not as it was made, and how it all stands.
  package var lines: [String] {
    var lines = lost.map { row in
      let spec = row.resource.spec
      let what =
        switch row.observed?.status {
        case .missing: "vim \(spec.vim) no longer has it"
        case .failed: "vim \(spec.vim) says that it has failed"
        default: "it stands still"
        }
      return "\(spec.id) on \(spec.host): \(what)"
    }
    lines += moved.map { row in
      let breaks = breaches.contains {
        $0.resources.contains(row.resource.spec.id)
          || $0.diagnostic.primary.text.contains(row.resource.spec.id)
      }
      let note = breaks ? "" : ", which breaks no rule"
      return
        "\(row.resource.spec.id) was placed on \(row.resource.spec.host) and is on \(row.observed?.host ?? "")\(note)"
    }
    if !unmade.isEmpty {
      let names = unmade.prefix(6).joined(separator: ", ")
      let more = unmade.count > 6 ? " and \(unmade.count - 6) more" : ""
      lines.append(
        "not made yet: \(names)\(more); `placet plan` has \(unmade.count == 1 ? "it" : "them") to do")
    }
    let rules = Set(breaches.map(\.rule)).count
    lines.append(
      isDrift
        ? "drift: \(amount(rules, "rule")) broken, \(amount(lost.count, "resource")) lost; `placet plan` shows what would repair it"
        : "no drift: \(amount(count, "resource")) \(count == 1 ? "keeps" : "keep") every rule")
    return lines
  }

  private func amount(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  package var json: JSONValue {
    [
      "placet": 1, "drift": .bool(isDrift), "rules": .array(breaches.map(Self.json)),
      "lost": .array(lost.map(Self.json)), "moved": .array(moved.map(Self.json)),
      "unmade": .strings(unmade),
    ]
  }

  private static func json(_ breach: RuleBreach) -> JSONValue {
    let range = breach.diagnostic.primary.range
    return [
      "rule": .string(breach.rule), "file": .string(range.source.name),
      "line": .int(range.line),
      "resources": .strings(breach.resources), "text": .string(breach.diagnostic.primary.text),
    ]
  }

  private static func json(_ row: ResourceStatus) -> JSONValue {
    let spec = row.resource.spec
    var fields: [String: JSONValue] = [
      "instance": .string(spec.id), "vim": .string(spec.vim), "handle": .string(row.resource.handle.text),
      "host": .string(spec.host), "state": .string(row.observed?.status.rawValue ?? "unknown"),
    ]
    if let host = row.observed?.host { fields["observed_host"] = .string(host) }
    return .object(fields)
  }
}
