package import NFVModel
package import Placement

/// What `placet why` says of one instance.
package enum WhyText {
  package static func lines(_ report: WhyReport) -> [String] {
    var lines: [String] = []
    if let host = report.host {
      let others = report.alternatives.isEmpty && report.untried == 0
      lines.append("\(report.instance) is on \(host)\(others ? ", the only place there is" : "")")
    }
    for alternative in report.alternatives {
      lines.append("  \(names(alternative.hosts)): \(summary(alternative.obstacle))")
      if case .forbidden(let conflict) = alternative.obstacle {
        lines += conflict.members.map { "    \($0.rule): \($0.text)" }
      }
    }
    if report.untried > 0 { lines.append("  \(report.untried) more hosts were not tried; ask with --not") }
    return lines
  }

  private static func names(_ hosts: [String]) -> String {
    hosts.count <= 4
      ? hosts.joined(separator: ", ")
      : hosts.prefix(3).joined(separator: ", ") + " and \(hosts.count - 3) more"
  }

  private static func summary(_ obstacle: WhyReport.Alternative.Obstacle) -> String {
    switch obstacle {
    case .forbidden: "forbidden"
    case .costlier(let lines): "possible, at \(lines.joined(separator: ", "))"
    case .asGood: "as good; the tie was broken"
    case .undecided: "the limit was met before an answer"
    }
  }

  package static func json(_ report: WhyReport) -> JSONValue {
    [
      "placet": 1, "instance": .string(report.instance),
      "host": report.host.map(JSONValue.string) ?? .null, "untried": .int(report.untried),
      "alternatives": .array(
        report.alternatives.map { alternative in
          var fields: [String: JSONValue] = ["hosts": .strings(alternative.hosts)]
          switch alternative.obstacle {
          case .forbidden(let conflict): fields["forbidden"] = .array(conflict.members.map(RunDocument.json))
          case .costlier(let lines): fields["costlier"] = .strings(lines)
          case .asGood: fields["as_good"] = .bool(true)
          case .undecided: fields["undecided"] = .bool(true)
          }
          return .object(fields)
        }),
    ]
  }
}
